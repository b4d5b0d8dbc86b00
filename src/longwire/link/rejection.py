"""What an answer other than 101 means: whether, when and how to try again."""

from __future__ import annotations

import datetime as dt
import email.utils
from typing import TYPE_CHECKING, Final

from longwire.errors import HandshakeRejected

if TYPE_CHECKING:
    from longwire.link.headers import Headers

_RETRYABLE: Final = frozenset({408, 425, 429})

_HINTS: Final[dict[int, str]] = {
    200: "this is an ordinary web page: check the path, a WebSocket server answers 101",
    400: "the server did not understand the opening: check path, subprotocols and headers",
    401: "check the credentials: user:password@ in the URL, or headers={'Authorization': ...}",
    403: "check credentials and origin=: many servers accept only their own site as Origin",
    404: "check the path of the URL",
    405: "check the path of the URL: there is something else than a WebSocket",
    407: "a proxy in between asks for credentials",
    408: "the server found this side too slow",
    410: "this address has been given up: look for its successor in the server's documentation",
    421: "check the URL's host, and a Host header of your own",
    425: "try again later",
    426: "the server wants another protocol or version: check the URL, and what is in between",
    429: "too many attempts or links: wait, as long as Retry-After says",
    502: "a proxy does not reach its server",
    503: "the server is overloaded or in maintenance",
    504: "a proxy waits in vain for its server",
}


def rejection(
    status: int, headers: Headers, body: bytes, *, where: str, now: float
) -> HandshakeRejected:
    """The error for an HTTP answer that is neither 101 nor a redirect that was followed.

    Args:
        status: Retryable are 408, 425, 429 and all from 500 on: what a server may answer
            differently next time. Any other says that the request itself is wrong.
        headers: The answer's fields.
        body: The start of the answer's body.
        where: The address, secrets removed.
        now: Seconds since the epoch, see `retry_after`.
    """
    return HandshakeRejected(
        status=status,
        headers=headers,
        body=body,
        retryable=status in _RETRYABLE or 500 <= status <= 599,
        retry_after=retry_after(headers, now=now),
        where=where,
        hint=_HINTS.get(status, ""),
    )


def retry_after(headers: Headers, *, now: float) -> float | None:
    """Seconds that ``Retry-After`` asks to wait (RFC 9110, 10.2.3), or None if it says nothing.

    Args:
        headers: The answer's fields. A date in ``Retry-After`` is measured against the answer's own
            ``Date``, so that a wrong clock on either side does no harm.
        now: Seconds since the epoch by this machine's clock, used where ``Date`` is missing.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:10]) if len(value) <= 10 else None
    until = _epoch(value)
    if until is None:
        return None
    answered = _epoch(headers.get("date", ""))
    return max(0.0, until - (now if answered is None else answered))


def _epoch(date: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(date)
        if moment.tzinfo is None:
            # The form of C's asctime names no zone, and is GMT all the same (RFC 9110, 5.6.7).
            moment = moment.replace(tzinfo=dt.UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None
