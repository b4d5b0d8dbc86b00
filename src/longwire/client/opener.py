"""Opening a link the way a client's settings ask for."""

from __future__ import annotations

import asyncio
import inspect
import socket
from typing import TYPE_CHECKING, Any, cast

from longwire.client.subscriptions import asked, judges
from longwire.client.watch import Listener, Watch
from longwire.errors import ConnectError
from longwire.link.dial import dial
from longwire.link.route import OneSocket
from longwire.link.userfunctions import function_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.client.carriage import Carriage
    from longwire.client.settings import Settings
    from longwire.client.subscriptions import Subscription
    from longwire.link.inbox import Inbox


async def open_link(
    settings: Settings,
    carriage: Carriage,
    turn: int,
    *,
    inbox: Inbox,
    listener: Listener,
) -> Watch:
    """Open a link; ``listener`` hears of it before its first message is handed over.

    The user's functions (``subscribe``, ``headers``, ``sock``) are asked on the user's loop, each
    within ``open_timeout``.

    Args:
        settings: What to open, and how.
        carriage: Where the user's functions run.
        turn: Which of several URLs it is the turn of; counts on over all attempts.
        inbox: Where messages go.
        listener: Who is told of the link.

    Raises:
        ConnectError: as `dial`, also for what the user's functions raise.
    """
    which = turn % len(settings.urls)
    subscriptions = await _subscriptions(settings, carriage)
    if settings.link.stream and any(map(judges, subscriptions)):
        raise ConnectError(
            "the subscribe function gave a subscription that looks at messages, and with "
            "stream=True they are not whole",
            kind="local",
            retryable=False,
            blame="local",
            where=str(settings.addresses[0]),
            hint="leave is_ack, is_refusal and matches out, or stream=True",
        )
    watch = Watch(subscriptions, listener, str(settings.addresses[which]))
    await dial(
        settings.urls[which],
        options=settings.link,
        tls=settings.tls,
        headers=_headers(settings, carriage),
        origin=settings.origin,
        subprotocols=settings.subprotocols,
        compression=settings.compression,
        user_agent=settings.user_agent,
        proxy=settings.route.proxy,
        unix=settings.route.unix,
        sock=_sock(settings, carriage),
        tcp=settings.route.tcp,
        open_timeout=settings.open_timeout,
        inbox=inbox,
        prepare=watch.prepare,
    )
    watch.opened()
    return watch


async def _subscriptions(settings: Settings, carriage: Carriage) -> tuple[Subscription, ...]:
    subscribe = settings.subscribe
    if not callable(subscribe):
        return await asked(subscribe)
    where = str(settings.addresses[0])
    limit = asyncio.timeout(settings.open_timeout)
    try:
        async with limit:
            answer: tuple[Subscription, ...] = await carriage.ask_user(lambda: asked(subscribe))
            return answer
    except Exception as error:
        if not limit.expired():
            # One of its own, a TimeoutError too.
            raise function_failed("subscribe", error, where=where) from error
        raise ConnectError(
            f"the subscribe function did not answer within {settings.open_timeout:g} s",
            kind="local",
            retryable=True,
            blame="local",
            where=where,
        ) from error


def _headers(settings: Settings, carriage: Carriage) -> Any:
    headers = settings.headers
    if not callable(headers) or not carriage.isolated:
        return headers
    ask = cast("Callable[[], Any]", headers)

    async def on_user_loop() -> Any:
        return await carriage.ask_user(ask)

    return on_user_loop


def _sock(settings: Settings, carriage: Carriage) -> Any:
    source = settings.route.sock
    if source is None or isinstance(source, OneSocket) or not carriage.isolated:
        return source

    async def on_user_loop() -> Any:
        handover = _Handover(source)
        try:
            return await carriage.ask_user(handover.ask)
        except BaseException:
            handover.abandon()
            raise

    return on_user_loop


class _Handover:
    """A socket on its way from the user's loop to the links'; closed if nobody takes it there."""

    def __init__(self, source: Callable[[], Any]) -> None:
        self._source = source
        self._sock: Any = None
        self._abandoned = False

    async def ask(self) -> Any:
        """On the user's loop."""
        sock = self._source()
        if inspect.isawaitable(sock):
            sock = await sock
        # In this order, and the other way round below: one of the two sees it in any case.
        self._sock = sock
        if self._abandoned:
            self._close()
        return sock

    def abandon(self) -> None:
        """On the links' loop."""
        self._abandoned = True
        self._close()

    def _close(self) -> None:
        if isinstance(self._sock, socket.socket):
            self._sock.close()
