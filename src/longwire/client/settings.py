"""What `longwire.connect` was asked for, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from longwire.client.arguments import (
    check_bounds,
    check_groups,
    check_one_socket,
    check_stream,
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
from longwire.link.client_opening import USER_AGENT
from longwire.link.options import LinkOptions
from longwire.link.route import Route, SocketSource
from longwire.link.tcp import Tcp

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable, Sequence

    from longwire.core.causes import Interruption
    from longwire.core.compression import Compression
    from longwire.core.sequence import Sequence as SequenceOptions
    from longwire.link.address import Address
    from longwire.link.dial import HeadersSource
    from longwire.link.proxy import Proxy
    from longwire.link.tls import TLS, TLSOption


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
    tls: TLSOption
    route: Route
    headers: HeadersSource
    origin: str | None
    subprotocols: tuple[str, ...]
    compression: Compression
    user_agent: str | None
    open_timeout: float
    on_interruption: Callable[[Interruption], object] | None

    @property
    def heartbeat(self) -> Heartbeat | None:
        """The heartbeat of every link."""
        return self.link.heartbeat

    @property
    def has_functions(self) -> bool:
        """Whether functions of the user's are called where the user's code runs."""
        given = (self.headers, self.subscribe, self.route.sock, self.on_interruption)
        return any(map(callable, given)) or self.sequence is not None

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
    user_agent: str | None = USER_AGENT,
    # which way to take
    tls: TLS | ssl.SSLContext | bool | None = None,
    proxy: str | Proxy | Literal[True] | None = True,
    unix: str | os.PathLike[str] | None = None,
    sock: SocketSource | None = None,
    tcp: Tcp = Tcp(),  # noqa: B008 - frozen; the default shows in the signature
    # how to stay alive
    retry: Retry | None = Retry(),  # noqa: B008 - frozen; the default shows in the signature
    heartbeat: Heartbeat | float | None = Heartbeat(),  # noqa: B008 - the same
    sequence: SequenceOptions | None = None,
    isolate: bool = True,
    # bounds
    inbox: Inbox | int = Inbox(),  # noqa: B008 - the same
    outbox: Outbox | int = Outbox(),  # noqa: B008 - the same
    max_message_bytes: int = 16 * 2**20,
    stream: bool = False,
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
        compression: ``"deflate"`` offers permessage-deflate, `Deflate` on other terms than its
            defaults; None: nothing.
        user_agent: The ``User-Agent`` field, unless ``headers`` have one; by default longwire and
            its version, None: none.
        tls: How ``wss`` is spoken, or a context for it; None or True: with the system's
            certificate store. False: never TLS, so that neither a ``wss`` address nor a redirect
            to one is followed.
        proxy: The URL of an HTTP or SOCKS proxy, see `Proxy`. True, the default: the one that the
            environment has for the address (``wss_proxy``, ``socks_proxy``, ``https_proxy``,
            ``all_proxy``, ``no_proxy``). None: none, whatever the environment says.
        unix: The path of a Unix socket to connect to; the URL, say ``ws://localhost/feed``, gives
            ``Host`` and path. No proxy is used then.
        sock: A connected socket, or a function, plain or async, that gives one and is asked at
            each attempt and redirect. longwire owns what it is given, and closes it. One socket
            makes one link; when that has ended, the client ends with `SocketUsed`.
        tcp: How TCP connections are made, and kept.
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
        stream: Hand messages of any size over while they come, see `Client.recv_stream`. It cannot
            go together with what needs whole messages: ``sequence``, an inbox that drops, conflates
            or fails, the functions of `Subscription`, `Heartbeat.is_reply`.
        open_timeout: Seconds for one opening: name, TCP, TLS, HTTP and redirects together. 10.
        close_timeout: Seconds the close handshake may take. 5.
        on_interruption: Called on the user's loop when an interruption is noticed, when something
            else is found to keep the client from coming back (`Interruption.obstacle`), and when it
            has its outcome.

    Raises:
        AddressError: a URL is unusable, a proxy's among them.
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
    route = Route.of(proxy=proxy, unix=unix, sock=sock, tcp=tcp, user_agent=user_agent)
    check_one_socket(route, Heartbeat.of(heartbeat))
    headers = checked_offer(
        headers,
        origin=origin,
        subprotocols=subprotocols,
        compression=compression,
        user_agent=user_agent,
    )
    if subscribe is not None and not callable(subscribe):
        subscribe = normalized(subscribe)
    inbox, outbox = Inbox.of(inbox), Outbox.of(outbox)
    check_stream(stream, inbox=inbox, sequence=sequence, subscribe=subscribe)
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
                stream=stream,
            ),
            inbox=inbox,
            outbox=outbox,
            sequence=sequence,
            isolate=isolate,
            tls=tls,
            route=route,
            headers=headers,
            origin=origin,
            subprotocols=tuple(subprotocols),
            compression=compression,
            user_agent=user_agent,
            open_timeout=open_timeout,
            on_interruption=on_interruption,
        )
    )
