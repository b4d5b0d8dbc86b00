"""Open one link: name, TCP, TLS, HTTP and redirects under one deadline, all or nothing."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

from longwire.errors import ConnectError, LongwireError
from longwire.link.address import parse_address
from longwire.link.attempt import Attempt
from longwire.link.client_opening import USER_AGENT, ClientOpening
from longwire.link.deadline import Deadline
from longwire.link.headers import HeadersLike, checked_pairs
from longwire.link.link import WireLink
from longwire.link.options import LinkOptions
from longwire.link.redirect import fields_for, redirect_target, too_many
from longwire.link.rejection import rejection
from longwire.link.route import OneSocket, Route, SocketSource
from longwire.link.tcp import Tcp
from longwire.link.userfunctions import function_failed

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from longwire.core.compression import Compression
    from longwire.link.address import Address
    from longwire.link.client_opening import Answer
    from longwire.link.inbox import Inbox
    from longwire.link.proxy import Proxy
    from longwire.link.tls import TLSOption

HeadersSource = HeadersLike | Callable[[], HeadersLike | Awaitable[HeadersLike]] | None
"""Header fields, or a function that gives them; it may be a coroutine function."""


async def dial(
    url: str,
    *,
    options: LinkOptions | None = None,
    tls: TLSOption = None,
    headers: HeadersSource = None,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    compression: Compression = "deflate",
    user_agent: str | None = USER_AGENT,
    proxy: str | Proxy | Literal[True] | None = True,
    unix: str | os.PathLike[str] | None = None,
    sock: SocketSource | OneSocket | None = None,
    tcp: Tcp = Tcp(),  # noqa: B008 - frozen; the default shows in the signature
    open_timeout: float = 10.0,
    max_redirects: int = 5,
    inbox: Inbox | None = None,
    prepare: Callable[[WireLink], None] | None = None,
) -> WireLink:
    """Open a link as a client. Cancelling leaves nothing behind: no socket, task or timer.

    Args:
        url: ``ws://`` or ``wss://``; user and password in it become basic authentication.
        options: Bounds of the link; None: the defaults of `LinkOptions`.
        tls: How ``wss`` is spoken, or a context for it; None or True: with the system's
            certificate store.
        headers: Fields to add: a mapping, pairs, or a function (also a coroutine function) that
            gives them and is asked anew by each dial. Redirects to another origin (scheme, host,
            port) take only ``User-Agent`` and ``Accept-Language`` along: any other may be a secret.
        origin: The ``Origin`` field; None: none.
        subprotocols: Offered, in order of preference; unlike ``headers`` also to another origin.
        compression: ``"deflate"`` offers permessage-deflate, `Deflate` options on other terms than
            its defaults; None: nothing.
        user_agent: The ``User-Agent`` field, unless ``headers`` have one; None: none.
        proxy: The way to the server; see `longwire.connect`, as for the following.
        unix: The path of a Unix socket.
        sock: A connected socket, or a function that gives one to each attempt and redirect.
        tcp: How TCP connections are made.
        open_timeout: Seconds for everything together, redirects included. If this loop is blocked
            when they are over, the other side gets that time, too.
        max_redirects: How many to follow, never from wss to ws. 0: none.
        inbox: Where messages go; None: the link has its own.
        prepare: Called with the link just before it is live, when it has received nothing yet.

    Raises:
        AddressError: the URL is unusable, or its name does not resolve.
        TLSError: the TLS handshake failed.
        HandshakeRejected: the server answered with an HTTP status other than 101.
        ProxyError: the way through a proxy failed.
        ConnectError: anything else; ``kind`` says what, ``retryable`` whether to try again.
        TypeError, ValueError: an option cannot be meant.
    """
    if not open_timeout > 0:
        raise ValueError("open_timeout must be over 0 seconds")
    if max_redirects < 0:
        raise ValueError("max_redirects must not be negative")
    route = Route.of(proxy=proxy, unix=unix, sock=sock, tcp=tcp, user_agent=user_agent)
    loop = asyncio.get_running_loop()

    def make_link() -> WireLink:
        link = WireLink(loop=loop, mask=True, options=options or LinkOptions(), inbox=inbox)
        if prepare is not None:
            prepare(link)
        return link

    def make_attempt(address: Address, fields: HeadersLike) -> Attempt:
        handshake = ClientOpening(
            address,
            headers=fields,
            origin=origin,
            subprotocols=subprotocols,
            compression=compression,
            user_agent=user_agent,
        )
        return Attempt(address, handshake, make_link, loop=loop)

    try:
        return await _Dial(parse_address(url), make_attempt, tls=tls, route=route).run(
            headers, within=open_timeout, max_redirects=max_redirects
        )
    finally:
        if not isinstance(sock, OneSocket):  # else the next dial may have it
            route.close()


class _Dial:
    """One dial: an attempt, and another for each redirect."""

    def __init__(
        self,
        start: Address,
        make_attempt: Callable[[Address, HeadersLike], Attempt],
        *,
        tls: TLSOption,
        route: Route,
    ) -> None:
        self._start = self._address = start
        self._make_attempt = make_attempt
        self._tls = tls
        self._route = route
        self._attempt: Attempt | None = None

    async def run(self, headers: HeadersSource, *, within: float, max_redirects: int) -> WireLink:
        try:
            async with Deadline(within):
                fields = await _ask(headers, str(self._start))
                for _ in range(max_redirects + 1):
                    link = await self._try(fields)
                    if link is not None:
                        return link
            raise too_many(self._address, max_redirects)
        except TimeoutError as error:
            raise self._too_slow(within) from error

    async def _try(self, fields: list[tuple[str, str]]) -> WireLink | None:
        """One attempt; None if it was redirected, to what is the address now."""
        target = self._address
        self._attempt = self._make_attempt(
            target, fields_for(fields, start=self._start, target=target)
        )
        answer = await self._attempt.run(tls=self._tls, route=self._route)
        if self._attempt.link is not None:
            return self._attempt.link
        if not answer.redirects:
            raise self._rejection(answer)
        self._address = redirect_target(target, answer.headers)
        return None

    def _rejection(self, answer: Answer) -> ConnectError:
        return rejection(
            answer.status,
            answer.headers,
            answer.body,
            where=str(self._address),
            now=time.time(),
        )

    def _too_slow(self, seconds: float) -> ConnectError:
        attempt = self._attempt
        if attempt is not None and attempt.partial is not None:
            # Only its body was late: the rejection is worth more than the lateness.
            return self._rejection(attempt.partial)
        doing = "waiting for the headers function" if attempt is None else attempt.progress
        return ConnectError(
            f"no link within {seconds:g} s: still {doing}",
            kind="timeout",
            retryable=True,
            blame="unknown",
            where=str(self._address),
            hint="check the network and the server's load; open_timeout= gives it more time",
        )


async def _ask(source: HeadersSource, where: str) -> list[tuple[str, str]]:
    """The user's header fields, freshly asked for if a function gives them."""
    if source is None:
        return []
    try:
        fields = source() if callable(source) else source
        if inspect.isawaitable(fields):
            fields = await fields
        return checked_pairs(fields)
    except LongwireError:
        raise
    except Exception as error:
        if callable(source):
            raise function_failed("headers", error, where=where) from error
        raise ConnectError(
            str(error),
            kind="local",
            retryable=False,
            blame="local",
            where=where,
            hint="correct headers=",
        ) from error
