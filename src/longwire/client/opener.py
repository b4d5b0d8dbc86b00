"""Opening a link the way a client's settings ask for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from longwire.client.subscriptions import asked
from longwire.client.watch import Listener, Watch
from longwire.errors import ConnectError
from longwire.link.dial import dial, function_failed

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

    The user's functions (``subscribe``, ``headers``) are asked on the user's loop, each within
    ``open_timeout``.

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
    watch = Watch(subscriptions, listener, str(settings.addresses[which]))
    await dial(
        settings.urls[which],
        options=settings.link,
        tls=settings.tls,
        headers=_headers(settings, carriage),
        origin=settings.origin,
        subprotocols=settings.subprotocols,
        compression=settings.compression,
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
    try:
        async with asyncio.timeout(settings.open_timeout):
            answer: tuple[Subscription, ...] = await carriage.ask_user(lambda: asked(subscribe))
            return answer
    except TimeoutError as error:
        raise ConnectError(
            f"the subscribe function did not answer within {settings.open_timeout:g} s",
            kind="local",
            retryable=True,
            blame="local",
            where=where,
        ) from error
    except Exception as error:
        raise function_failed("subscribe", error, where=where) from error


def _headers(settings: Settings, carriage: Carriage) -> Any:
    headers = settings.headers
    if not callable(headers) or not carriage.isolated:
        return headers
    ask = cast("Callable[[], Any]", headers)

    async def on_user_loop() -> Any:
        return await carriage.ask_user(ask)

    return on_user_loop
