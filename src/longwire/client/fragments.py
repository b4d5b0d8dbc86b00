"""Sending a message in fragments on a client's link: the fragments come on the user's loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.link.encoder import too_big_to_send
from longwire.link.fragments import payload_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.client.carriage import Carriage
    from longwire.client.outbox import Outbox
    from longwire.errors import LinkClosed
    from longwire.link.base import Sendable
    from longwire.link.fragments import Fragmented


class FragmentedMessage:
    """One message on its way out in fragments; see `longwire.link.fragments.Outgoing`.

    Its turn comes in the outbox, as that of any message; then it has the link to itself. It stays
    with this link: when that ends, so does the message.

    Args:
        outbox: Where it stands in line.
        carriage: Carries each fragment to the link.
        limit: The most bytes of one fragment.
    """

    def __init__(self, outbox: Outbox, carriage: Carriage, *, limit: int) -> None:
        self._outbox = outbox
        self._carriage = carriage
        self._limit = limit
        self._message: Fragmented | None = None
        self._tell: Callable[[LinkClosed], None] | None = None

    async def write(self, data: Sendable) -> None:
        """Send a fragment; the first waits for its turn, and each while the peer reads too slowly.

        Raises:
            NotConnected: there is no link and the policy is ``"fail"``.
            LinkClosed: the link ended in the middle of the message.
            LongwireError: the client has ended; its error.
            TypeError, MessageTooBig: it cannot be sent.
        """
        text, payload = payload_of(data)
        if len(payload) > self._limit:
            raise too_big_to_send(len(payload), self._limit)
        if self._message is None:
            message = self._message = await self._outbox.turn()
            if self._tell is not None:
                self._carriage.call_soon(lambda: message.watch(self._lose))
        await self._carriage.call(self._message.write(data if text else payload))

    async def finish(self) -> None:
        """There are no more."""
        if self._message is not None:
            await self._carriage.call(self._outbox.finish(self._message))

    def give_up(self, error: BaseException) -> None:
        """It will not be finished."""
        message = self._message
        if message is not None:
            self._carriage.call_soon(lambda: message.give_up(error))

    def watch(self, tell: Callable[[LinkClosed], None]) -> None:
        """Have ``tell`` called when the link ends, once the message has one."""
        self._tell = tell

    def unwatch(self) -> None:
        """Nobody wants to know any more."""
        self._tell = None
        if self._message is not None:
            self._carriage.call_soon(self._message.unwatch)

    def _lose(self, error: LinkClosed) -> None:
        """On the links' loop."""
        self._carriage.call_user(lambda: self._lost(error))

    def _lost(self, error: LinkClosed) -> None:
        if self._tell is not None:
            self._tell(error)
