"""The client for code without an event loop: a thin blocking face over the very same client.

That client is entered on the I/O thread, and lives there. What may wait is one of its coroutines,
run there while the calling thread waits for the outcome. Receiving, and sending while there is
room, need no other thread: `longwire.link.blocking`, `Outbox.offer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
import warnings
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Self, TypeVar

from longwire.client import settings
from longwire.client.client import checked
from longwire.client.events import Message
from longwire.client.isolation import LeaseEnded, acquire
from longwire.link.blocking import Blocking, Receiving
from longwire.link.closing import write_close
from longwire.observe import logbook

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from concurrent.futures import Future
    from types import TracebackType

    from longwire.client.client import Client as AsyncClient
    from longwire.client.events import Event
    from longwire.client.isolation import IoThread
    from longwire.core.causes import Interruption
    from longwire.link.base import Data, Sendable
    from longwire.observe.alerts import Alert
    from longwire.observe.stats import Stats

P = ParamSpec("P")
T = TypeVar("T")

FUNCTIONS_THREAD: Final = "longwire-functions"
"""The name of the thread of a client's functions."""


class Client:
    """Receives from a WebSocket for the long haul, in blocking calls. Made by `connect`.

    It is used as a context manager. Entering it starts it and does not wait for a link: `wait_live`
    does. Every method may be called from any thread, by any number of them at once. Messages that
    several threads receive are in order for none of them, each goes to one.

    A signal (Ctrl-C) interrupts every call in the main thread at once, and loses no message: the
    next `recv` has it. A signal handler should raise, or set a flag, and call nothing of the
    client: Python runs it in the middle of whatever the client is doing.

    The functions given to `connect` run in a thread of the client's own, one after the other, plain
    ones as well as coroutine functions; blocking there holds up the next of them, but no link.
    Predicates (``is_reply``, ``is_ack``, ``is_refusal``, ``matches``, ``key``, ``retryable``) run
    on longwire's I/O thread and must be quick.

    A client that was started belongs to its process. In a forked child it raises LongwireError
    whatever is asked of it, besides `close`, which leaves the parent's alone. One that is never
    closed closes itself when it is collected as garbage, with a ResourceWarning, and ends with the
    interpreter.
    """

    def __init__(self, client: AsyncClient) -> None:
        client._how = "with longwire.sync.connect(...) as client"
        self._client = client
        self._where = str(client._settings.addresses[0])
        self._io: IoThread | None = None
        self._functions: IoThread | None = None
        self._blocking: Blocking | None = None

    # -- life ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        if self._io is not None:
            raise RuntimeError(f"a client can be entered once; make another: `{self._client._how}`")
        if _in_a_loop():
            warnings.warn(
                "longwire.sync blocks, and an event loop runs in this thread: none of its tasks "
                "runs meanwhile; use longwire.connect, or a thread of its own",
                RuntimeWarning,
                stacklevel=2,
            )
        self._io = acquire()
        try:
            outcome(self._io.submit(self._begin(self._io)))
        except BaseException:
            self._begin_end()
            raise
        return self

    async def _begin(self, io: IoThread) -> None:
        """Start, on the I/O thread: no signal interrupts it there."""
        options = self._client._settings
        if options.has_functions:
            self._functions = acquire(grace=0, name=FUNCTIONS_THREAD)
        self._client._start(self._functions)
        inbox = self._client._engine.inbox
        if options.sequence is not None:
            self._blocking = Blocking(inbox, _runner(self._functions or io))
        elif options.inbox.when_full != "wait":
            self._blocking = Blocking(inbox, _runner(io))
        else:
            self._blocking = Blocking(inbox)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the link in good order and end the client. Safe to repeat.

        It takes no longer than ``close_timeout``, and leaves no task, thread, socket or timer.
        Every thread that waits in a call is told. Messages that were received stay available to
        `recv`. Called by one of the client's own functions it begins the end, and does not wait.

        A signal that raises here ends the waiting and the link at once.

        Args:
            code: The close code to send.
            reason: Up to 123 bytes of text for the peer.

        Raises:
            ValueError: the code must not be sent, or the reason is too long.
        """
        write_close(code, reason)
        if self._io is None:
            # For the words: it was not started.
            _ = self._client._engine
        ending = self._begin_end(code, reason)
        if ending is not None and not self._in_own_thread():
            outcome(ending)

    def _begin_end(self, code: int = 1000, reason: str = "") -> Future[None] | None:
        """Begin the end; None if it has been reached, or is the parent process's."""
        if self._io is None:
            return None
        try:
            return self._io.submit(self._end(self._io, code, reason))
        except LeaseEnded:
            return None

    async def _end(self, io: IoThread, code: int, reason: str) -> None:
        """On the I/O thread. Cancelled, it takes no more time for politeness."""
        limit = self._client._settings.link.close_timeout
        deadline = asyncio.get_running_loop().time() + limit
        try:
            if self._blocking is not None:
                await self._client.close(code, reason)
        finally:
            functions = self._functions
            if self._blocking is not None:
                # Behind what is being loaded.
                _runner(functions or io)(self._blocking.alone)
            if functions is not None:
                try:
                    async with asyncio.timeout_at(deadline):
                        await functions.aclose()
                except TimeoutError:
                    logbook.write("function-stuck", limit, url=self._where)
            _ = io.finish()

    def _in_own_thread(self) -> bool:
        own = {lease.ident for lease in (self._io, self._functions) if lease is not None}
        return threading.get_ident() in own

    def __del__(self) -> None:
        if self._io is not None and not self._io.released:
            warnings.warn(
                f"a client was not closed: {self._where}; use it as `{self._client._how}:`",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )
            self._begin_end()

    def _call(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine of the client on the I/O thread, and wait for its outcome."""
        engine = self._client._engine
        if self._io is None or threading.get_ident() == self._io.ident:
            raise RuntimeError("a predicate, which runs on the I/O thread, cannot wait for it")
        try:
            return outcome(self._io.submit(make()))
        except (LeaseEnded, CancelledError):
            # It was closed by another thread, or with the interpreter.
            engine.check()
            raise

    # -- receiving ----------------------------------------------------------------------------

    def _receiving(self, **how: Any) -> Receiving:
        _ = self._client._engine
        assert self._blocking is not None  # noqa: S101 - for type checkers: it has been started
        return Receiving(self._blocking, self, **how)

    def recv(self, timeout: float | None = None) -> Data:
        """The next message, over however many links it takes.

        Args:
            timeout: Seconds to wait; 0: take what is there; None: as long as it takes.

        Raises:
            TimeoutError: nothing came in time.
            ClientClosed: the client was closed, and everything received has been handed over.
            GaveUp: the client stopped trying; ``interruption`` says why.
            ConnectError: the very first connection failed in a way that no retry mends.
            SubscriptionRefused: the peer refused a subscription on the very first link.
            InboxFull: the inbox is full and its policy is ``"fail"``.
        """
        # Not a call, behind which a signal could raise when the message has just been taken.
        for message in self._receiving(iterating=False, timeout=timeout):
            return message  # type: ignore[no-any-return]  # compiled, and without types
        raise AssertionError("one step ends with a message or raises")

    def __iter__(self) -> Iterator[Data]:
        """Messages, over all links.

        Ends only when the client was closed, or with ``retry=None`` after a normal close; every
        other end raises, as `recv` does.
        """
        return self._receiving()

    def batches(self) -> Iterator[list[Data]]:
        """Everything received since the last batch, at least one message each: the fastest way.

        A batch holds no more than the ``inbox`` may. It ends as iteration does.

        Raises:
            GaveUp, ConnectError, SubscriptionRefused, InboxFull: the client ended otherwise, see
                `recv`; everything received has been handed over.
            RuntimeError: the client has not been entered.
        """
        return self._receiving(batch=True)

    def events(self) -> Iterator[Event]:
        """Messages, interruptions, recoveries and gaps, in the order in which they happened.

        Each is a `Message`, an `Interrupted`, a `Recovered` or a `Gap`. It ends as iteration does.

        Raises:
            GaveUp, ConnectError, SubscriptionRefused, InboxFull: as `batches`.
            RuntimeError: the client has not been entered.
        """
        return self._receiving(wrap=Message)

    # -- sending ------------------------------------------------------------------------------

    def send(self, data: Sendable) -> None:
        """Send a message on the link of the moment; see `Outbox` for what happens without one.

        What it accepted is written in order, and on the next link if this one ends before. It
        waits only where the outbox has no room, or its policy asks for a link. A signal that
        raises meanwhile may come before or behind the message's acceptance.

        Args:
            data: ``str`` goes as text, ``bytes`` (or ``bytearray``, ``memoryview``) as binary.

        Raises:
            NotConnected, OutboxFull: by the outbox's policy.
            ClientClosed, GaveUp: the client has ended.
            TypeError: it is neither text nor bytes.
            MessageTooBig: it is over ``max_message_bytes``.
        """
        outbox = self._client._engine.outbox
        message = checked(data, self._client._settings.link.max_message_bytes)
        if not outbox.offer(message):
            self._call(lambda: self._client.send(message))

    def ping(self, payload: bytes | str | None = None) -> float:
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
        return self._call(lambda: self._client.ping(payload))

    # -- watching -----------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """Where it is in its life, as in the lifecycle diagram: ``"live"``, ``"waiting"``.

        In a forked child an inherited client is ``"closed"``: it lives on in the parent.
        """
        return self._client.state

    @property
    def interruptions(self) -> list[Interruption]:
        """The recent interruptions, oldest first; the last one may be pending."""
        return self._client.interruptions

    @property
    def alerts(self) -> list[Alert]:
        """Recent warnings, oldest first: an inbox near its limit, a quiet feed."""
        return self._client.alerts

    def stats(self) -> Stats:
        """A snapshot of all counters and clocks."""
        return self._client.stats()

    def wait_live(self, timeout: float | None = None) -> None:
        """Wait until messages can arrive.

        That is when a link is open and the first data after its subscriptions has come; without
        subscriptions, when a link is open.

        Args:
            timeout: Seconds to wait; None: as long as it takes.

        Raises:
            TimeoutError: it was not live in time.
            LongwireError: the client ended first; its error.
        """
        self._call(lambda: self._client.wait_live(timeout))


def outcome(future: Future[T]) -> T:
    """What a future brings. A signal that raises while it is waited for cancels it."""
    bell = threading.Lock()
    bell.acquire()
    future.add_done_callback(lambda _: bell.release())
    try:
        bell.acquire()
        return future.result()
    except BaseException:
        # Nothing happens to one that is done.
        future.cancel()
        raise


def _runner(lease: IoThread) -> Callable[[Callable[[], None]], None]:
    """Runs functions soon in the thread of a lease."""

    def run(function: Callable[[], None]) -> None:
        # A loop that is closed has ended with the interpreter.
        with contextlib.suppress(RuntimeError):
            lease.loop.call_soon_threadsafe(function)

    return run


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


_MEANING: Final = """A client in blocking calls that keeps receiving; use it with ``with``.

    Options, checks and errors are those of `longwire.connect`, but ``isolate=False`` is refused
    with a ValueError: there is no loop to put the links on; so is ``stream=True``. For "the user's
    loop" read "a thread of the client's own", see `Client`.
"""


def _blocking(make: Callable[P, AsyncClient]) -> Callable[P, Client]:
    @functools.wraps(make)
    def connect(*args: P.args, **kwargs: P.kwargs) -> Client:
        client = make(*args, **kwargs)
        if not client._settings.isolate:
            raise ValueError(
                "isolate=False puts the links on the event loop that enters the client, and a "
                "blocking client has none: leave it out"
            )
        if client._settings.link.stream:
            raise ValueError(
                "stream=True hands messages over while they come, which takes an event loop: use "
                "longwire.connect, or leave it out"
            )
        return Client(client)

    _, _, options = (make.__doc__ or "").partition("Args:\n")
    connect.__doc__ = f"{_MEANING}\n    Args:\n{options}"
    return connect


connect = _blocking(settings.connect)
