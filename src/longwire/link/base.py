"""What a link guarantees, and the record of its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from longwire.core.causes.evidence import End, Kernel
from longwire.errors import Blame
from longwire.link.headers import Headers
from longwire.link.secured import TLSInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from longwire.link.fragments import FragmentSource
    from longwire.link.stream import Stream


Data = str | bytes
"""A message: text is ``str``, binary is ``bytes``."""

Sendable = Data | bytearray | memoryview
"""What may be given to ``send``; the last two go as binary."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The opening request of a link, as the server got it or as the client sent it."""

    path: str
    """Path and query, as on the request line."""
    headers: Headers
    peer: str = ""
    """The other end's address, ``host:port``; ``unix`` for a Unix socket."""
    subprotocol: str | None = None
    """The subprotocol that both sides agreed on."""
    tls: TLSInfo | None = None
    """How the connection is encrypted, and the certificate that the other end has shown; None: it
    is not."""

    def __repr__(self) -> str:
        """Without the query: it may hold a token, and representations end up in logs."""
        path, query, _ = self.path.partition("?")
        return f"Request({path + (query and '?…')!r}, peer={self.peer!r})"


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """Why and how a link ended. A link makes exactly one.

    Times are seconds of the monotonic clock.
    """

    end: End
    by: Blame
    """Who acted first: ``local``, ``peer`` or ``network``; ``unknown`` where it cannot be told, as
    of a reset, which the peer may have sent or something in between."""
    received_code: int | None = None
    """The peer's close code; None if no close frame came, 1005 if it came empty."""
    received_reason: str = ""
    sent_code: int | None = None
    sent_reason: str = ""
    error: Exception | None = None
    """The exception that ended it, if one did. A foreign one is the ``__cause__`` of ours; what a
    function of the user's raised stays what it is."""
    opened: float
    ended: float
    bytes_received: int = 0
    bytes_sent: int = 0
    messages_received: int = 0
    messages_dropped: int = 0
    """Those of them that had no place any more in a full inbox when the link ended."""
    messages_sent: int = 0
    last_byte: float
    """When the last byte came; where the peer closed it, the last one before its close frame."""
    last_pong: float | None = None
    last_data: float | None = None
    rtt: float | None = None
    ping_unanswered_since: float | None = None
    paused_since: float | None = None
    """When reading was paused by a full inbox, if it was when the link ended."""
    last_pause: tuple[float, float] | None = None
    """The latest pause that was over by then: its beginning and its end."""
    write_buffered: int = 0
    partial_frame: bool = False
    compressed: bool = False
    kernel: Kernel | None = None

    def __str__(self) -> str:
        """In a few words; `repr` has everything."""
        words = [f"{self.end}, by {self.by}"]
        for who, code, reason in (
            ("received", self.received_code, self.received_reason),
            ("sent", self.sent_code, self.sent_reason),
        ):
            if code is not None:
                words.append(f"{who} {code}{f' {reason!a}' if reason else ''}")
        if self.error is not None:
            words.append(f"{type(self.error).__name__}: {self.error}")
        return ", ".join(words)

    @property
    def normal(self) -> bool:
        """Whether both sides ended it in good order with 1000 or 1001."""
        return self.end in {"close-received", "close-sent"} and (
            self.received_code in {1000, 1001} or self.sent_code in {1000, 1001}
        )


class Link(Protocol):
    """One WebSocket connection, either side. It is born live and ends once, with a `Closure`."""

    @property
    def request(self) -> Request:
        """What was asked for when it was opened."""

    @property
    def closure(self) -> Closure | None:
        """None while it lives."""

    def recv(self, timeout: float | None = None) -> Awaitable[Data]:
        """The next message. Cancelling loses nothing.

        Raises:
            TimeoutError: nothing came within ``timeout`` seconds.
            LinkClosed: it has ended and every message received has been handed over.
        """

    def batches(self) -> AsyncIterator[list[Data]]:
        """All that was received since the last batch, one message at least.

        It ends as iteration does: quietly after 1000 or 1001.

        Raises:
            LinkClosed: it has ended otherwise, and everything received has been handed over.
        """

    def __aiter__(self) -> AsyncIterator[Data]:
        """Messages until the end: quietly after 1000 or 1001, else `LinkClosed` is raised."""

    def recv_stream(self) -> Stream:
        """The next message while it comes: an asynchronous iterator over its pieces.

        Only with ``LinkOptions(stream=True)``, which takes the place of `recv`, iteration and
        `batches`. A piece is a fragment, or 64 KiB of a larger one. What is left of a message is
        passed over when the next one is asked for. Cancelling loses nothing.

        Raises:
            LinkClosed: by its steps: the link has ended, in the middle of the message or before it.
            RuntimeError: streaming is off.
        """

    def streams(self) -> AsyncIterator[Stream]:
        """Message after message, each as `recv_stream` gives it, when its first piece has come.

        It ends as iteration does: quietly after 1000 or 1001.
        """

    async def send(self, data: Sendable) -> None:
        """Send one message; waits while the peer reads too slowly.

        Raises:
            LinkClosed: the link has ended or is closing.
            MessageTooBig, TypeError: it cannot be sent as it is.
        """

    async def send_fragments(self, fragments: FragmentSource) -> None:
        """Send one message whose parts come one by one, of any number and size in all.

        Each is a fragment, sent as soon as it is there; waits while the peer reads too slowly.
        Control frames go between them, other messages wait for the end. An iterable that gives
        nothing sends nothing.

        If the iterable fails, or this is cancelled, when a part of the message has been sent, the
        link is ended with 1011: what the peer has cannot be taken back. Before that nothing
        happens. A generator is closed then. An asynchronous iterable that waits when the link ends
        is cancelled.

        Args:
            fragments: An iterable or asynchronous iterable, all of ``str`` or all of bytes. Each is
                encoded whole, and at most ``max_message_bytes`` long.

        Raises:
            LinkClosed: the link has ended or is closing.
            MessageTooBig, TypeError: a fragment cannot be sent as it is.
        """

    async def ping(self, payload: bytes | str | None = None) -> float:
        """Round-trip time of a ping in seconds. It waits as long as the link lives.

        A pong answers its ping and every earlier one; a pong that answers none is ignored
        (RFC 6455, 5.5.3).

        Args:
            payload: Up to 125 bytes for the peer to send back, text as UTF-8; None: random ones.

        Raises:
            LinkClosed: the link ended before the pong came.
            TypeError: the payload is neither bytes nor text.
            ValueError: it has more than 125 bytes, or another ping with the same one waits for its
                pong.
        """

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End it in good order; never takes longer than the close time limit. Safe to repeat.

        Args:
            code: The close code to send; the first call's counts.
            reason: Up to 123 bytes of text for the peer.

        Raises:
            ValueError: the code must not be sent, or the reason is too long.
        """

    def abort(self) -> None:
        """End it at once, without a close handshake."""

    async def wait_closed(self) -> Closure:
        """Wait for the end, however it comes: none of them is an error here.

        Returns:
            Why and how it ended.
        """
