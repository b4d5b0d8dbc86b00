"""What `longwire.connect` was asked for, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.client.arguments import (
    check_bounds,
    check_groups,
    check_tls,
    checked_offer,
    url_list,
)
from longwire.client.client import Client
from longwire.client.subscriptions import Subscribe, normalized
from longwire.core.liveness import Heartbeat
from longwire.core.overflow import Inbox, Outbox
from longwire.core.retry import Retry
from longwire.link.address import parse_address
from longwire.link.options import LinkOptions

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from longwire.core.causes import Interruption
    from longwire.core.sequence import Sequence as SequenceOptions
    from longwire.link.address import Address
    from longwire.link.dial import HeadersSource
    from longwire.link.handshake import Compression


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a client needs to know; made by `connect`."""

    urls: tuple[str, ...]
    addresses: tuple[Address, ...]
    subscribe: Subscribe | None
    retry: Retry | None
    link: LinkOptions
    inbox: Inbox
    outbox: Outbox
    sequence: SequenceOptions | None
    isolate: bool
    tls: ssl.SSLContext | bool | None
    headers: HeadersSource
    origin: str | None
    subprotocols: tuple[str, ...]
    compression: Compression
    open_timeout: float
    on_interruption: Callable[[Interruption], object] | None

    @property
    def heartbeat(self) -> Heartbeat | None:
        """The heartbeat of every link."""
        return self.link.heartbeat

    @property
    def has_functions(self) -> bool:
        """Whether functions of the user's are called where the user's code runs."""
        given = callable(self.headers) or callable(self.subscribe) or self.on_interruption
        return bool(given) or self.sequence is not None

    @property
    def silence(self) -> float:
        """`Heartbeat.silence` in seconds; 0 where nobody listens for it."""
        return 0.0 if self.heartbeat is None else self.heartbeat.silence or 0.0


def connect(
    url_or_urls: str | Sequence[str],
    *,
    # what to ask for
    subscribe: Subscribe | None = None,
    headers: HeadersSource = None,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    compression: Compression = "deflate",
    tls: ssl.SSLContext | bool | None = None,
    # how to stay alive
    retry: Retry | None = Retry(),  # noqa: B008 - frozen; the default shows in the signature
    heartbeat: Heartbeat | float | None = Heartbeat(),  # noqa: B008 - the same
    sequence: SequenceOptions | None = None,
    isolate: bool = True,
    # bounds
    inbox: Inbox | int = Inbox(),  # noqa: B008 - the same
    outbox: Outbox | int = Outbox(),  # noqa: B008 - the same
    max_message_bytes: int = 16 * 2**20,
    open_timeout: float = 10.0,
    close_timeout: float = 5.0,
    # who is told
    on_interruption: Callable[[Interruption], object] | None = None,
) -> Client:
    """A client that keeps receiving from a WebSocket; use it with ``async with``.

    Args:
        url_or_urls: ``ws://`` or ``wss://``. Of several, the next is taken after each failure.
        subscribe: Messages (or `Subscription`) to send on every new link before anything counts as
            live, or a function, plain or async, that gives them and is asked at each attempt.
        headers: Fields for the opening request: a mapping, pairs, or a function, plain or async,
            that gives them and is asked at each attempt, for fresh tokens.
        origin: The ``Origin`` field; None: none, as fits a program that is no browser.
        subprotocols: Offered, in order of preference.
        compression: ``"deflate"`` offers permessage-deflate; None: nothing.
        tls: A context for ``wss``; None or True: the system's certificate store. False: never
            TLS, so that neither a ``wss`` address nor a redirect to one is followed.
        retry: When to try again; None: never, the first end is the last.
        heartbeat: How a dead peer is found. A number is `Heartbeat.every`; None: it is not.
        sequence: How messages are numbered, to find and fill gaps; None: they are not checked.
        isolate: Run the links on longwire's own I/O thread, so that blocking code cannot stop
            them. False: on the loop that enters the client, for the lowest latency.
        inbox: Bounds of what waits for `Client.recv`, and what happens when it is full. A number
            is `Inbox.messages`.
        outbox: Bounds of what waits to be sent, and what happens without a link. A number is
            `Outbox.messages`.
        max_message_bytes: The largest message accepted or sent. 16 MiB.
        open_timeout: Seconds for one opening: name, TCP, TLS, HTTP and redirects together. 10.
        close_timeout: Seconds the close handshake may take. 5.
        on_interruption: Called on the user's loop when an interruption is noticed, when something
            else is found to keep the client from coming back (`Interruption.obstacle`), and when it
            has its outcome.

    Raises:
        AddressError: a URL is unusable.
        TypeError, ValueError: an option is.
    """
    urls = url_list(url_or_urls)
    addresses = tuple(parse_address(url) for url in urls)
    check_groups(
        retry=retry,
        sequence=sequence,
        subscribe=subscribe,
        on_interruption=on_interruption,
        isolate=isolate,
    )
    check_bounds(
        open_timeout=open_timeout,
        close_timeout=close_timeout,
        max_message_bytes=max_message_bytes,
    )
    check_tls(tls, addresses)
    headers = checked_offer(
        headers, origin=origin, subprotocols=subprotocols, compression=compression
    )
    if subscribe is not None and not callable(subscribe):
        subscribe = normalized(subscribe)
    inbox, outbox = Inbox.of(inbox), Outbox.of(outbox)
    if inbox.when_full == "conflate" and sequence is not None and sequence.stream is None:
        raise ValueError(
            "Sequence.stream is missing: when_full='conflate' changes the order of messages with "
            "different keys, so each key must be a stream of its own"
        )
    return Client(
        Settings(
            urls=urls,
            addresses=addresses,
            subscribe=subscribe,
            retry=retry,
            link=LinkOptions(
                max_message_bytes=max_message_bytes,
                inbox_messages=inbox.messages,
                inbox_bytes=inbox.bytes,
                close_timeout=close_timeout,
                heartbeat=Heartbeat.of(heartbeat),
            ),
            inbox=inbox,
            outbox=outbox,
            sequence=sequence,
            isolate=isolate,
            tls=tls,
            headers=headers,
            origin=origin,
            subprotocols=tuple(subprotocols),
            compression=compression,
            open_timeout=open_timeout,
            on_interruption=on_interruption,
        )
    )
