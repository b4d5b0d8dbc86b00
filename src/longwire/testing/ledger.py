"""Keeps the books of a client that receives from a feed: what came, what is missing, and why."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Self

from longwire.client.events import Interrupted, Message, Recovered
from longwire.core.sequence import Gap
from longwire.testing.changes import PATIENCE, Changes
from longwire.testing.feed import NumberedFeed, number_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from longwire.client.client import Client
    from longwire.core.causes import Interruption, Obstacle, Verdict
    from longwire.errors import Blame
    from longwire.testing.rawlink import RawLink

    Event = Message | Interrupted | Recovered | Gap


def check_cause(
    found: Interruption | Obstacle | Verdict, cause: str, *, blame: Blame, because: str
) -> None:
    """The cause named is this one, and is named for this reason.

    Args:
        found: What was judged.
        cause: The id; ``"unknown"`` where nothing is proved.
        blame: Who is to blame.
        because: A piece of one of the reasons. ``unknown`` has reasons, too: all that is known.

    Raises:
        AssertionError: it is another cause, somebody else is blamed, or the reason is not given.
    """
    said = f"{found.cause.id} (blame: {found.cause.blame}), because: {' '.join(found.reasons)}"
    assert (found.cause.id, found.cause.blame) == (cause, blame), f"not {cause} ({blame}): {said}"
    assert any(because in reason for reason in found.reasons), f"no word of {because!r}: {said}"


class Ledger:
    """Enters a client and reads all its events until the block is left.

    ``async with Ledger(longwire.connect(feed.url)) as ledger:``

    Args:
        client: What `connect` returned, not yet entered.
        number: Gives a message's number, None where it has none.

    Attributes:
        client: The client.
        events: All events in order.
        numbers: The numbers of the messages handed over, in order.
        unnumbered: The messages without a number, in order.
        gaps: The gaps told.
        interrupted, recovered: The interruptions, as they stood when those events came.
        told: The interruptions that `tell` was given, as they stood then.
        error: What ended the iteration, None if nothing did or the client was closed.
    """

    def __init__(
        self,
        client: AbstractAsyncContextManager[Client],
        number: Callable[[str | bytes], int | None] = number_of,
    ) -> None:
        self._entering = client
        self._number = number
        self._changes = Changes()
        self._reader: asyncio.Task[None] | None = None
        self.client: Client
        self.events: list[Event] = []
        self.numbers: list[int] = []
        self.unnumbered: list[str | bytes] = []
        self.gaps: list[Gap] = []
        self.interrupted: list[Interruption] = []
        self.recovered: list[Interruption] = []
        self.told: list[Interruption] = []
        self.error: Exception | None = None
        self.finished = False

    async def __aenter__(self) -> Self:
        self.client = await self._entering.__aenter__()
        self._reader = asyncio.create_task(self._read(), name="ledger")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._entering.__aexit__(kind, error, trace)
        finally:
            assert self._reader is not None
            _, pending = await asyncio.wait([self._reader], timeout=PATIENCE)
            for task in pending:
                task.cancel()
            assert not pending, "the iteration did not end with the client"

    async def _read(self) -> None:
        try:
            async for event in self.client.events():
                self._note(event)
                self._changes.notify()
        except Exception as error:  # noqa: BLE001 - it is kept, and looked at by the test
            self.error = error
        finally:
            self.finished = True
            self._changes.notify()

    def _note(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case Message(data=data):
                number = self._number(data)
                if number is None:
                    self.unnumbered.append(data)
                else:
                    self.numbers.append(number)
            case Interrupted(interruption=interruption):
                self.interrupted.append(interruption)
            case Recovered(interruption=interruption):
                self.recovered.append(interruption)
            case Gap():
                self.gaps.append(event)

    def tell(self, interruption: Interruption) -> None:
        """For ``on_interruption``: `until` looks again, and ``told`` has one more."""
        self.told.append(interruption)
        self._changes.notify()

    # --- waiting ------------------------------------------------------------------------------

    async def until(
        self, condition: Callable[[], bool], what: str, timeout: float | None = PATIENCE
    ) -> None:
        """Wait until a condition holds; it is looked at after every event. Raises TimeoutError."""
        await self._changes.until(lambda: condition() or self.finished, what=what, timeout=timeout)
        if not condition():
            raise AssertionError(f"the iteration ended before {what}") from self.error

    async def reached(self, number: int, timeout: float | None = PATIENCE) -> None:
        """Wait until ``number``, or a later one, was handed over or told as lost."""
        await self.until(lambda: self._last() >= number, f"number {number}", timeout)

    async def ended(self, timeout: float | None = PATIENCE) -> Exception | None:
        """Wait for the end of the iteration and return what ended it."""
        await self._changes.until(lambda: self.finished, what="the end", timeout=timeout)
        return self.error

    def _last(self) -> int:
        told = (gap.last for gap in self.gaps if gap.last is not None)
        return max(itertools.chain(self.numbers[-1:], told), default=-1)

    # --- checking -----------------------------------------------------------------------------

    def check_order(self) -> None:
        """No number twice, none before a smaller one. Raises AssertionError."""
        for before, after in itertools.pairwise(self.numbers):
            assert before < after, f"{after} was handed over after {before}"

    def check_link(self, link: RawLink, at_least: int | None = None) -> None:
        """What was handed over of a link is what was sent on it, but for a tail.

        Args:
            link: The feed's end.
            at_least: How many must have come; None: all that were sent.

        Raises:
            AssertionError: something is missing.
        """
        got = set(self.numbers)
        arrived = [number for number in link.sent if number in got]
        expected = link.sent[: max(len(arrived), len(link.sent) if at_least is None else at_least)]
        lost = [number for number in expected if number not in got]
        assert not lost, f"sent on link {link.index} and lost: {lost}"

    def check(self, feed: NumberedFeed) -> None:
        """In order, nothing twice, nothing lost of what any link sent. Raises AssertionError."""
        self.check_order()
        for link in feed.links:
            self.check_link(link)

    def check_sum(self, first: int | None = None, last: int | None = None) -> None:
        """Handed over and told as lost make up ``first`` to ``last``, each exactly once.

        Args:
            first: None: the first number handed over.
            last: None: the last number that was handed over or told as lost.

        Raises:
            AssertionError: the sum is not right.
        """
        first = self.numbers[0] if first is None else first
        last = self._last() if last is None else last
        told = [
            number
            for gap in self.gaps
            if gap.first is not None and gap.last is not None
            for number in range(gap.first, gap.last + 1)
        ]
        everything = sorted(self.numbers + told)
        assert everything == list(range(first, last + 1)), (
            f"{len(self.numbers)} received + {len(told)} known to be lost "
            f"!= {last - first + 1} sent"
        )
