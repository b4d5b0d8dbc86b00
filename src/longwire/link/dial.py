"""Open one link: name, TCP, TLS, HTTP and redirects under one deadline, all or nothing."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from longwire.errors import ConnectError, LongwireError
from longwire.link.address import parse_address
from longwire.link.attempt import Attempt
from longwire.link.client_opening import ClientOpening
from longwire.link.deadline import Deadline
from longwire.link.headers import HeadersLike, checked_pairs
from longwire.link.link import WireLink
from longwire.link.options import LinkOptions
from longwire.link.redirect import fields_for, redirect_target, too_many
from longwire.link.rejection import rejection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from longwire.link.address import Address
    from longwire.link.client_opening import Answer
    from longwire.link.handshake import Compression
    from longwire.link.inbox import Inbox

HeadersSource = HeadersLike | Callable[[], HeadersLike | Awaitable[HeadersLike]] | None
"""Header fields, or a function that gives them; it may be a coroutine function."""

_MISTAKES: Final = (TypeError, AttributeError, NameError, AssertionError, NotImplementedError)
"""What a program raises because it is wrong, not because the world is."""


async def dial(
    url: str,
    *,
    options: LinkOptions | None = None,
    tls: ssl.SSLContext | bool | None = None,
    headers: HeadersSource = None,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    compression: Compression = "deflate",
    open_timeout: float = 10.0,
    max_redirects: int = 5,
    inbox: Inbox | None = None,
    prepare: Callable[[WireLink], None] | None = None,
) -> WireLink:
    """Open a link as a client. Cancelling leaves nothing behind: no socket, task or timer.

    Args:
        url: ``ws://`` or ``wss://``; user and password in it become basic authentication.
        options: Bounds of the link; None: the defaults of `LinkOptions`.
        tls: A context for ``wss``; None or True: the system's certificate store.
        headers: Fields to add: a mapping, pairs, or a function (also a coroutine function) that
            gives them and is asked anew by each dial. Redirects to another origin (scheme, host,
            port) take only ``User-Agent`` and ``Accept-Language`` along: any other may be a secret.
        origin: The ``Origin`` field; None: none.
        subprotocols: Offered, in order of preference; unlike ``headers`` also to another origin.
        compression: ``"deflate"`` offers permessage-deflate, None nothing.
        open_timeout: Seconds for everything together, redirects included. If this loop is blocked
            when they are over, the other side gets that time, too.
        max_redirects: How many to follow, never from wss to ws. 0: none.
        inbox: Where messages go; None: the link has its own.
        prepare: Called with the link just before it is live, when it has received nothing yet.

    Raises:
        AddressError: the URL is unusable, or its name does not resolve.
        TLSError: the TLS handshake failed.
        HandshakeRejected: the server answered with an HTTP status other than 101.
        ConnectError: anything else; ``kind`` says what, ``retryable`` whether to try again.
        ValueError: ``open_timeout`` or ``max_redirects`` is out of range.
    """
    if not open_timeout > 0:
        raise ValueError("open_timeout must be over 0 seconds")
    if max_redirects < 0:
        raise ValueError("max_redirects must not be negative")
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
        )
        return Attempt(address, handshake, make_link, loop=loop)

    return await _Dial(parse_address(url), make_attempt, tls=tls).run(
        headers, within=open_timeout, max_redirects=max_redirects
    )


class _Dial:
    """One dial: an attempt, and another for each redirect."""

    def __init__(
        self,
        start: Address,
        make_attempt: Callable[[Address, HeadersLike], Attempt],
        *,
        tls: ssl.SSLContext | bool | None,
    ) -> None:
        self._start = self._address = start
        self._make_attempt = make_attempt
        self._tls = tls
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
        answer = await self._attempt.run(tls=self._tls)
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


def function_failed(name: str, error: Exception, *, where: str) -> ConnectError:
    """What it means that a function of the user's raised before a link could be opened.

    It is worth another try unless the program itself is wrong: a token service may be back soon.

    Args:
        name: What the function was given as.
        error: What it raised.
        where: The address, secrets removed.
    """
    return ConnectError(
        # A text of the user's code may hold the very secret that it was to deliver.
        f"the {name} function raised {type(error).__name__}",
        kind="local",
        retryable=not isinstance(error, _MISTAKES),
        blame="local",
        where=where,
        hint="read __cause__",
    )
