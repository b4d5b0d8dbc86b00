"""The client: what the user holds. It outlives links."""

from __future__ import annotations

import asyncio
import os
import weakref
from typing import TYPE_CHECKING, Any, Final, Self

from longwire.client.carriage import Carriage
from longwire.client.events import Message
from longwire.client.fragments import FragmentedMessage
from longwire.client.isolation import LeaseEnded
from longwire.client.snapshot import snapshot
from longwire.client.supervisor import Supervisor
from longwire.core.lifecycle import State
from longwire.core.overflow import size_of
from longwire.errors import LongwireError
from longwire.link.encoder import too_big_to_send
from longwire.link.fragments import send_all
from longwire.link.stream import streams_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from types import TracebackType

    from longwire.client.events import Event
    from longwire.client.isolation import IoThread
    from longwire.client.settings import Settings
    from longwire.core.causes import Interruption
    from longwire.link.base import Data, Sendable
    from longwire.link.fragments import FragmentSource
    from longwire.link.stream import Stream
    from longwire.observe.alerts import Alert
    from longwire.observe.stats import Stats

_STARTED: Final[weakref.WeakSet[Client]] = weakref.WeakSet()
"""The clients of this process that were entered."""


def _disown() -> None:
    """This process was just forked: whatever was started is its parent's."""
    for client in _STARTED:
        client._inherited = True  # noqa: SLF001 - the same module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)


def _foreign(where: str, how: str) -> LongwireError:
    error = LongwireError(
        "this client belongs to the process that forked this one",
        where=where,
        hint=f"make one of your own here: `{how}`; or fork before you make any",
    )
    error.blame = "local"
    return error


class Client:
    """Receives from a WebSocket for the long haul. Made by `longwire.connect`.

    It is used as an asynchronous context manager. Entering it starts it and does not wait for a
    link: `wait_live` does. Messages are received on the loop it was entered on, by any number of
    tasks; any number of tasks may send.

    A client that was started belongs to its process. In a forked child it raises LongwireError
    whatever is asked of it, besides `close`, which leaves the parent's alone.
    """

    _how = "async with longwire.connect(...) as client"
    """How it is used, for errors."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._supervisor: Supervisor | None = None
        self._carriage: Carriage | None = None
        self._inherited = False

    # -- life ---------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._supervisor is not None:
            raise RuntimeError(f"a client can be entered once; make another: `{self._how}`")
        self._start()
        return self

    def _start(self, functions: IoThread | None = None) -> None:
        """Start it on the running loop, and the user's functions there or in another thread."""
        loop = asyncio.get_running_loop()
        self._carriage = Carriage(loop, isolated=self._settings.isolate, functions=functions)
        self._supervisor = Supervisor(self._settings, self._carriage)
        self._carriage.start(self._supervisor.run)
        _STARTED.add(self)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link in good order and end the client. Safe to repeat.

        It takes no longer than ``close_timeout``, and leaves no task, thread, socket or timer.
        Messages that were received stay available to `recv`.

        Args:
            code: The close code to send.
            reason: Up to 123 bytes of text for the peer.

        Raises:
            ValueError: the code must not be sent, or the reason is too long.
        """
        if self._inherited:
            # It is the parent's, who goes on with it.
            return
        supervisor, carriage = self._started()
        supervisor.close(code, reason)
        try:
            if supervisor.vetting is not None:
                supervisor.vetting.refuse()
                await carriage.beside_functions(
                    supervisor.vetting.stop(), self._settings.link.close_timeout
                )
            await carriage.finished()
        except asyncio.CancelledError:
            # No time for politeness any more, but nothing may be left behind either.
            supervisor.abort()
            if not supervisor.owns(asyncio.current_task()):
                await carriage.finished()
            raise

    def _started(self) -> tuple[Supervisor, Carriage]:
        if self._supervisor is None or self._carriage is None:
            raise RuntimeError(f"the client has not been started; use it as `{self._how}:`")
        if self._inherited:
            raise _foreign(self._supervisor.where, self._how)
        return self._supervisor, self._carriage

    @property
    def _engine(self) -> Supervisor:
        # For each message sent or asked for: `_started` finds the words where it has not.
        supervisor = self._supervisor
        if supervisor is None or self._inherited:
            supervisor, _ = self._started()
        return supervisor

    # -- receiving ----------------------------------------------------------------------------

    def recv(self, timeout: float | None = None) -> Awaitable[Data]:
        """The next message, over however many links it takes. Cancelling loses nothing.

        Args:
            timeout: Seconds to wait; None: as long as it takes.

        Raises:
            TimeoutError: nothing came in time.
            ClientClosed: the client was closed, and everything received has been handed over.
            GaveUp: the client stopped trying; ``interruption`` says why.
            ConnectError: the very first connection failed in a way that no retry mends.
            SubscriptionRefused: the peer refused a subscription on the very first link.
            InboxFull: the inbox is full and its policy is ``"fail"``.
        """
        if timeout is None:
            return self._engine.inbox.receive()
        return self._engine.inbox.receive_within(timeout)

    def __aiter__(self) -> AsyncIterator[Data]:
        """Messages, over all links.

        Ends only when the client was closed, or with ``retry=None`` after a normal close; every
        other end raises, as `recv` does.
        """
        return self._engine.inbox.messages()

    def batches(self) -> AsyncIterator[list[Data]]:
        """Everything received since the last batch, at least one message each: the fastest way.

        A batch holds no more than the ``inbox`` may. It ends as iteration does: quietly when the
        client was closed, or with ``retry=None`` after a normal close.

        Raises:
            GaveUp, ConnectError, SubscriptionRefused, InboxFull: the client ended otherwise, see
                `recv`; everything received has been handed over.
            RuntimeError: the client has not been entered.
        """
        return self._engine.inbox.batches()

    def events(self) -> AsyncIterator[Event]:
        """Messages, interruptions, recoveries and gaps, in the order in which they happened.

        Each is a `Message`, an `Interrupted`, a `Recovered` or a `Gap`. It ends as iteration does.

        Raises:
            GaveUp, ConnectError, SubscriptionRefused, InboxFull: as `batches`.
            RuntimeError: the client has not been entered.
        """
        return Events(self._engine.inbox.messages(marks=True))

    def recv_stream(self) -> Stream:
        """The next message while it comes: an asynchronous iterator over its pieces.

        Only with ``connect(..., stream=True)``, which takes the place of `recv`, iteration,
        `batches` and `events`. A piece is a fragment, or 64 KiB of a larger one; a message may have
        any size. What is left of one is passed over when the next one is asked for. Cancelling
        loses nothing.

        Raises:
            LinkClosed: by its steps: the link ended in the middle of the message. The next message
                is that of the next link.
            ClientClosed, GaveUp, ConnectError, SubscriptionRefused: by its steps: as `recv`.
            RuntimeError: streaming is off, or the client has not been entered.
        """
        return streams_of(self._engine.inbox).stream()

    def streams(self) -> AsyncIterator[Stream]:
        """Message after message, each as `recv_stream` gives it, when its first piece has come.

        It ends as iteration does.
        """
        return streams_of(self._engine.inbox)

    # -- sending ------------------------------------------------------------------------------

    async def send(self, data: Sendable) -> None:
        """Send a message on the link of the moment; see `Outbox` for what happens without one.

        What it accepted is written in order, and on the next link if this one ends before. A
        message that was handed to the operating system when the link broke may be lost: only the
        peer can know. Cancelling while it waits sends nothing.

        Args:
            data: ``str`` goes as text, ``bytes`` (or ``bytearray``, ``memoryview``) as binary.

        Raises:
            NotConnected, OutboxFull: by the outbox's policy.
            ClientClosed, GaveUp: the client has ended.
            TypeError: it is neither text nor bytes.
            MessageTooBig: it is over ``max_message_bytes``.
        """
        engine = self._engine
        if engine.outbox.put_at_once(data):
            return
        message = checked(data, self._settings.link.max_message_bytes)
        try:
            await engine.outbox.put(message)
        except LongwireError:
            pause = engine.chronicle.spin.asked()
            if pause:
                await asyncio.sleep(pause)
            raise

    async def send_fragments(self, fragments: FragmentSource) -> None:
        """Send one message whose parts come one by one, of any number and size in all.

        The first is sent when it is the message's turn in the outbox; without a link it waits for
        the next, unless the policy is ``"fail"``. From then on the message stays with its link: if
        that ends in the middle, this raises, and nothing is sent again. Otherwise as
        `Link.send_fragments`: each part is a fragment, other messages wait for the end, and if
        the iterable fails in the middle, or this is cancelled, the link is ended with 1011, and the
        client goes on with a new one.

        Args:
            fragments: An iterable or asynchronous iterable, all of ``str`` or all of bytes. Each is
                encoded whole, and at most ``max_message_bytes`` long. It runs on the user's loop.

        Raises:
            NotConnected: there is no link, by the outbox's policy.
            LinkClosed: the link ended in the middle of the message.
            ClientClosed, GaveUp: the client has ended.
            MessageTooBig, TypeError: a fragment cannot be sent as it is.
        """
        supervisor, carriage = self._started()
        message = FragmentedMessage(
            supervisor.outbox, carriage, limit=self._settings.link.max_message_bytes
        )
        try:
            await send_all(fragments, message)
        except LeaseEnded:
            # It ended between two fragments.
            supervisor.check()
            raise

    async def ping(self, payload: bytes | str | None = None) -> float:
        """Round-trip time of a ping on the present link, in seconds.

        Args:
            payload: Up to 125 bytes for the peer to send back, text as UTF-8; None: random ones.

        Raises:
            NotConnected: there is no link.
            LinkClosed: the link ended before the pong came.
            ClientClosed, GaveUp: the client has ended.
            TypeError, ValueError: the payload cannot be sent, or another ping with the same one
                waits for its pong.
        """
        supervisor, carriage = self._started()
        supervisor.check()
        try:
            return await carriage.call(supervisor.ping(payload))
        except LeaseEnded:
            # It ended between the question and the call.
            supervisor.check()
            raise

    # -- watching -----------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """Where it is in its life, as in the lifecycle diagram: ``"live"``, ``"waiting"``.

        In a forked child an inherited client is ``"closed"``: it lives on in the parent.
        """
        if self._inherited:
            return State.CLOSED.value
        return "idle" if self._supervisor is None else self._supervisor.state.value

    @property
    def interruptions(self) -> list[Interruption]:
        """The recent interruptions, oldest first; the last one may be pending."""
        return [] if self._supervisor is None else list(self._supervisor.chronicle.interruptions)

    @property
    def alerts(self) -> list[Alert]:
        """Recent warnings, oldest first: a blocked loop, an inbox near its limit, a quiet feed."""
        return [] if self._supervisor is None else list(self._supervisor.chronicle.alerts)

    def stats(self) -> Stats:
        """A snapshot of all counters and clocks."""
        return snapshot(self._engine)

    async def wait_live(self, timeout: float | None = None) -> None:
        """Wait until messages can arrive.

        That is when a link is open and the first data after its subscriptions has come; without
        subscriptions, when a link is open.

        Args:
            timeout: Seconds to wait; None: as long as it takes.

        Raises:
            TimeoutError: it was not live in time.
            LongwireError: the client ended first; its error.
        """
        async with asyncio.timeout(timeout):
            await self._engine.waiters.wait()


class Events:
    """An asynchronous iterator over everything that happens to a client."""

    def __init__(self, items: AsyncIterator[Any]) -> None:
        self._items = items

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event. Cancelling loses nothing."""
        item = await anext(self._items)
        if isinstance(item, str | bytes):
            return Message(item)
        event: Event = item
        return event


def checked(data: object, limit: int) -> Data:
    """A message that can be sent, or the error that says why not."""
    if isinstance(data, bytearray | memoryview):
        data = bytes(data)
    if not isinstance(data, str | bytes):
        raise TypeError(f"a message is str or bytes, not {type(data).__name__}")
    size = size_of(data)
    if size > limit:
        raise too_big_to_send(size, limit)
    return data
