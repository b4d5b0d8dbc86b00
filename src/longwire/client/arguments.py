"""The checks of what `longwire.connect` is given: a mistake is told at once, and by name.

Else it would be found out on another thread when the first link is opened, or lost.
"""

from __future__ import annotations

import inspect
import math
import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING

from longwire.client.subscriptions import judges
from longwire.core.retry import Retry
from longwire.core.sequence import Sequence as SequenceOptions
from longwire.link.client_opening import check_offer
from longwire.link.headers import checked_pairs
from longwire.link.route import OneSocket
from longwire.link.tls import TLS, check_context

if TYPE_CHECKING:
    from longwire.core.compression import Compression
    from longwire.core.liveness import Heartbeat
    from longwire.core.overflow import Inbox
    from longwire.link.address import Address
    from longwire.link.dial import HeadersSource
    from longwire.link.route import Route


NEEDS_WHOLE = "needs whole messages, and with stream=True there are none: leave one of them out"


def url_list(url_or_urls: object) -> tuple[str, ...]:
    """One URL or several, as several.

    Raises:
        TypeError: it is neither.
        ValueError: it is none at all.
    """
    if isinstance(url_or_urls, str):
        return (url_or_urls,)
    if not isinstance(url_or_urls, Sequence):
        kind = type(url_or_urls).__name__
        raise TypeError(f"connect takes a URL or a list of URLs, not {kind}")
    if not url_or_urls:
        raise ValueError("connect needs at least one URL")
    return tuple(url_or_urls)


def check_groups(
    *, retry: object, sequence: object, subscribe: object, on_interruption: object, isolate: object
) -> None:
    """What must be of a type of ours, or a function.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(retry, Retry | None):
        raise TypeError(f"retry must be Retry options or None, not {retry!r}")
    if not isinstance(sequence, SequenceOptions | None):
        raise TypeError(f"sequence must be Sequence options or None, not {sequence!r}")
    if not (subscribe is None or callable(subscribe) or hasattr(subscribe, "__iter__")):
        kind = type(subscribe).__name__
        raise TypeError(f"subscribe must be a list of messages, a function or None, not {kind}")
    if on_interruption is not None and not callable(on_interruption):
        raise TypeError(f"on_interruption must be a function or None, not {on_interruption!r}")
    if inspect.iscoroutinefunction(on_interruption):
        raise TypeError("on_interruption= takes a plain function; start a task in it if you must")
    if not isinstance(isolate, bool):
        raise TypeError(f"isolate must be True or False, not {isolate!r}")


def check_stream(stream: object, *, inbox: Inbox, sequence: object, subscribe: object) -> None:
    """What judges whole messages, and what drops single ones, cannot go together with streaming.

    Raises:
        TypeError: ``stream`` is neither True nor False.
        ValueError: something else was asked for that needs whole messages.
    """
    if not isinstance(stream, bool):
        raise TypeError(f"stream must be True or False, not {stream!r}")
    if not stream:
        return
    if sequence is not None:
        raise ValueError(f"sequence= {NEEDS_WHOLE}")
    if inbox.when_full != "wait":
        raise ValueError(f"Inbox(when_full={inbox.when_full!r}) {NEEDS_WHOLE}")
    if isinstance(subscribe, tuple) and any(map(judges, subscribe)):
        raise ValueError(f"Subscription(is_ack=, is_refusal=, matches=) {NEEDS_WHOLE}")


def check_bounds(*, open_timeout: object, close_timeout: object, max_message_bytes: object) -> None:
    """Nothing waits without a bound, and nothing is accepted without one.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range.
    """
    for name, seconds in (("open_timeout", open_timeout), ("close_timeout", close_timeout)):
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise TypeError(f"{name} must be a number of seconds, not {seconds!r}")
        if not 0 < seconds < math.inf:
            raise ValueError(f"{name}={seconds} must be over 0 seconds, and finite")
    if not isinstance(max_message_bytes, int) or isinstance(max_message_bytes, bool):
        raise TypeError(f"max_message_bytes must be a whole number, not {max_message_bytes!r}")
    if not max_message_bytes >= 1:
        raise ValueError(f"max_message_bytes={max_message_bytes} must be 1 or more")


def check_tls(tls: object, addresses: Sequence[Address]) -> None:
    """How TLS is spoken, or whether there may be any at all.

    Raises:
        TypeError: it is none of that.
        ValueError: TLS is ruled out, and an address needs it; or it is a context for servers.
    """
    if not isinstance(tls, TLS | ssl.SSLContext | bool | None):
        raise TypeError(f"tls must be TLS, an ssl.SSLContext, True, False or None, not {tls!r}")
    if isinstance(tls, ssl.SSLContext):
        check_context(tls, "tls")
    for address in addresses if tls is False else ():
        if address.secure:
            raise ValueError(f"tls=False, and {address} needs TLS: write ws://, or leave tls out")


def checked_offer(
    headers: HeadersSource,
    *,
    origin: object,
    subprotocols: object,
    compression: Compression,
    user_agent: object,
) -> HeadersSource:
    """What the opening request will say; header fields are frozen, unless a function gives them.

    Raises:
        TypeError: something is of the wrong type.
        ValueError: something must not be sent.
    """
    if origin is not None and not isinstance(origin, str):
        raise TypeError(f"origin must be a string or None, not {origin!r}")
    if user_agent is not None and not isinstance(user_agent, str):
        raise TypeError(f"user_agent must be a string or None, not {user_agent!r}")
    if isinstance(subprotocols, str):
        raise TypeError("subprotocols= takes a list of names; put the one name into a list")
    if not isinstance(subprotocols, Sequence) or not all(
        isinstance(one, str) for one in subprotocols
    ):
        raise TypeError(f"subprotocols must be a list of names, not {subprotocols!r}")
    fixed: Sequence[tuple[str, str]] = ()
    if headers is not None and not callable(headers):
        if not hasattr(headers, "__iter__"):
            # Not its value: that may be a secret in the wrong place.
            kind = type(headers).__name__
            raise TypeError(f"headers must be a mapping, pairs, a function or None, not {kind}")
        headers = fixed = tuple(checked_pairs(headers))
    check_offer(
        fixed,
        origin=origin,
        subprotocols=subprotocols,
        compression=compression,
        user_agent=user_agent,
    )
    return headers


def check_one_socket(route: Route, heartbeat: Heartbeat | None) -> None:
    """A socket that is there once can have no canary beside it.

    Raises:
        ValueError: `Heartbeat.silence` needs a second link.
    """
    if isinstance(route.sock, OneSocket) and heartbeat is not None and heartbeat.silence:
        raise ValueError(
            "Heartbeat.silence needs a second link, and sock= is one socket: pass a function"
        )
