"""What every WebSocket close code means, and how it bears on trying again.

The numbers are those of RFC 6455 section 7.4 and of IANA's *WebSocket Close Code Number Registry*.
The column ``retry`` is longwire's judgement, made for a client on the long haul: it wants the feed
back whatever the reason, so the only question is how soon it may ask.

``normal``: the usual back-off. ``soon``: the peer comes back by itself, so do not let the delay
grow at first. ``later``: asking at once can only be answered in the same way, so leave some
seconds. ``fatal``: asking again can never help. No code proves that by itself, so this table gives
it to none: 1002, 1003, 1007, 1008, 1009 and 1010 do tell of a disagreement, but a new version of
the other side, or merely other data, settles it. Some servers call 3500-3999 and 4500-4999
terminal; most know nothing of that, so the ranges mean nothing here. Who knows his server better
replaces `longwire.core.retry.retryable`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

RetryClass = Literal["normal", "soon", "later", "fatal"]
"""How a close code bears on the next attempt; see the module's docstring."""


class CloseCode(msgspec.Struct, frozen=True):
    """One close code, explained."""

    code: int
    name: str
    """The registered name in plain words, or the name of the range it lies in."""
    meaning: str
    """One sentence for a person, without the full stop."""
    retry: RetryClass


_KNOWN = (
    # Ends in good order. A client on the long haul comes back after these too (unless retry=None).
    CloseCode(1000, "normal closure", "the purpose of the connection has been fulfilled", "normal"),
    CloseCode(1001, "going away", "the server shuts down, or the user has left the page", "soon"),
    # Nothing was said. These stand for the lack of a code and never travel.
    CloseCode(1005, "no status received", "a close frame came without a code", "normal"),
    CloseCode(1006, "abnormal closure", "the connection ended without a close frame", "normal"),
    # The other side is in trouble and expects to get over it.
    CloseCode(1011, "internal error", "the server met an unexpected condition", "normal"),
    CloseCode(1012, "service restart", "the server restarts and will be back shortly", "soon"),
    CloseCode(1013, "try again later", "the server is overloaded and sheds connections", "later"),
    CloseCode(
        1014, "bad gateway", "a gateway got no valid answer from the server behind", "normal"
    ),
    # A disagreement: the same again would be answered in the same way.
    CloseCode(1002, "protocol error", "one side broke the WebSocket protocol", "later"),
    CloseCode(1003, "unsupported data", "a kind of data came that cannot be accepted", "later"),
    CloseCode(
        1007, "invalid payload", "a text message was not UTF-8, or its data was bad", "later"
    ),
    CloseCode(1008, "policy violation", "a message broke the receiver's policy", "later"),
    CloseCode(1009, "message too big", "a message was larger than the receiver accepts", "later"),
    CloseCode(1010, "mandatory extension", "the client needs an extension not granted", "later"),
    CloseCode(1015, "TLS handshake", "the TLS handshake failed; never travels", "later"),
    # Registered with IANA by applications and taken up by others.
    CloseCode(3000, "unauthorized", "the credentials are missing or not valid (any more)", "later"),
    CloseCode(3003, "forbidden", "the credentials are valid but do not allow this", "later"),
    CloseCode(3008, "timeout", "the other side took too long to do what was expected", "normal"),
)

KNOWN: Mapping[int, CloseCode] = MappingProxyType({entry.code: entry for entry in _KNOWN})
"""Every code with a meaning of its own, in the order of the table above."""

# (first, last, name, meaning): what a number says that has no meaning of its own.
_RANGES = (
    (1004, 1004, "reserved", "reserved; has no meaning and must not be used"),
    (1016, 2999, "reserved", "reserved for later versions of the protocol and its extensions"),
    (3000, 3999, "registered", "registered by a library or an application; ask its manual"),
    (4000, 4999, "private", "private to this server and its clients; ask the server's manual"),
)

# 1004-1006 and 1015 must never be sent (RFC 6455 section 7.4.1); 1016-2999 are not defined (7.4.2).
_ON_THE_WIRE = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})


def describe(code: int) -> CloseCode:
    """Explain a close code. Every integer gets an answer; out of all ranges it is ``"invalid"``."""
    known = KNOWN.get(code)
    if known is not None:
        return known
    for first, last, name, meaning in _RANGES:
        if first <= code <= last:
            return CloseCode(code, name, meaning, "normal")
    return CloseCode(code, "invalid", "not a close code; valid are 1000 to 4999", "normal")


def sendable(code: int) -> bool:
    """Whether a close frame of ours may carry this code."""
    return code in _ON_THE_WIRE


def receivable(code: int) -> bool:
    """Whether a peer's close frame may carry this code; if not, it broke the protocol (1002).

    Today these are the codes we may send. They are two questions all the same: a future code
    can be accepted long before it should be sent.
    """
    return code in _ON_THE_WIRE
