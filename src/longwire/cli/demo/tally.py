"""What the client has told: the sum of its messages and gaps, and its interruptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.cli.demo.feed import number_of
from longwire.client.events import Message, Recovered
from longwire.core.sequence import Gap
from longwire.errors import ClientClosed, LongwireError
from longwire.testing.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.client.client import Client
    from longwire.client.events import Event
    from longwire.core.causes import Interruption


class Tally:
    """Takes all events of a client.

    Args:
        tell: Called with each event that is no message.
    """

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._changes = Changes()
        self._error: LongwireError | None = None
        self.received = 0
        self.lost = 0
        """Numbers known to be missing."""
        self.last = 0
        """The last number that was received."""
        self.recovered: list[Interruption] = []

    async def read(self, client: Client) -> None:
        """Take events until the client ends."""
        try:
            async for event in client.events():
                self._note(event)
                self._changes.notify()
        except ClientClosed:
            return
        except LongwireError as error:
            self._error = error
            self._changes.notify()

    def _note(self, event: Event) -> None:
        match event:
            case Message(data=data):
                number = number_of(data)
                if number is not None:
                    self.received += 1
                    self.last = number
                return
            case Recovered(interruption=interruption):
                self.recovered.append(interruption)
            case Gap(count=count):
                self.lost += count or 0
        self._tell(event)

    async def until(self, condition: Callable[[], bool], *, what: str, within: float) -> None:
        """Wait until a condition holds; it is looked at after every event.

        Raises:
            TimeoutError: it did not come to hold in time.
            LongwireError: the client ended; its error.
        """
        await self._changes.until(
            lambda: self._error is not None or condition(), what=what, timeout=within
        )
        if self._error is not None:
            raise self._error
