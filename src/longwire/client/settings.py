"""What `longwire.connect` was asked for, checked and frozen."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.client.client import Client
from longwire.client.subscriptions import Subscribe, normalized
from longwire.core.liveness import Heartbeat
from longwire.core.overflow import Inbox, Outbox
from longwire.core.retry import Retry
from longwire.core.sequence import Sequence as SequenceOptions
from longwire.link.address import parse_address
from longwire.link.options import LinkOptions

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from longwire.core.causes import Interruption
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
        tls: A context for ``wss``; None: the system's certificate store.
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
        on_interruption: Called on the user's loop when an interruption is noticed, and again when
            it has its outcome.

    Raises:
        AddressError: a URL is unusable.
        TypeError, ValueError: an option is.
    """
    urls = (url_or_urls,) if isinstance(url_or_urls, str) else tuple(url_or_urls)
    if not urls:
        raise ValueError("connect needs at least one URL")
    if subscribe is not None and not callable(subscribe):
        subscribe = normalized(subscribe)
    _check_types(retry, sequence, subprotocols, on_interruption)
    for name, seconds in (("open_timeout", open_timeout), ("close_timeout", close_timeout)):
        if not 0 < seconds < math.inf:
            raise ValueError(f"{name}={seconds} must be over 0 seconds, and finite")
    if not max_message_bytes >= 1:
        raise ValueError(f"max_message_bytes={max_message_bytes} must be 1 or more")
    inbox, outbox = Inbox.of(inbox), Outbox.of(outbox)
    return Client(
        Settings(
            urls=urls,
            addresses=tuple(parse_address(url) for url in urls),
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


def _check_types(
    retry: object, sequence: object, subprotocols: object, on_interruption: object
) -> None:
    """What would else be found out on another thread, when the first link is lost."""
    if not isinstance(retry, Retry | None):
        raise TypeError(f"retry must be Retry options or None, not {retry!r}")
    if not isinstance(sequence, SequenceOptions | None):
        raise TypeError(f"sequence must be Sequence options or None, not {sequence!r}")
    if isinstance(subprotocols, str):
        raise TypeError("subprotocols= takes a list of names; put the one name into a list")
    if on_interruption is not None and not callable(on_interruption):
        raise TypeError(f"on_interruption must be a function or None, not {on_interruption!r}")
    if inspect.iscoroutinefunction(on_interruption):
        raise TypeError("on_interruption= takes a plain function; start a task in it if you must")
