"""Who may come in: how many connections at a time, how many from one address, and how fast."""

from __future__ import annotations

import ipaddress
import logging
import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from longwire.link.routing import Response

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("longwire.serve")

TURNED_AWAY: Final = 64
"""Connections that may be told at a time that they are too many; any more are closed without a
word."""
MOST_ADDRESSES: Final = 65_536
"""Addresses whose latest openings are remembered; of more, the oldest are forgotten."""
_PERIOD: Final = 60.0
"""Seconds that `max_openings_per_address` is about, and between two warnings of a kind."""


class Ticket:
    """What a connection was given at the door, to be given back when it ends.

    Attributes:
        refusal: What it is answered; None: it may come in.
    """

    __slots__ = ("address", "refusal")

    def __init__(self, address: str | None, refusal: Response | None) -> None:
        self.address = address
        self.refusal = refusal


class Admission:
    """Counts connections, openings included; None: any number.

    Args:
        connections: At a time.
        per_address: At a time from one address, see `address_key`.
        openings_per_address: Begun by one address in a minute; as many at once.
        clock: Seconds; the loop's time.
    """

    def __init__(
        self,
        *,
        connections: int | None,
        per_address: int | None,
        openings_per_address: int | None,
        clock: Callable[[], float],
    ) -> None:
        self._limit = connections
        self._per_address = per_address
        self._openings = Openings(openings_per_address) if openings_per_address else None
        self._clock = clock
        self._inside = 0
        self._outside = 0
        self._by_address: Counter[str] = Counter()
        self._warned: dict[str, float] = {}

    def admit(self, address: object) -> Ticket | None:
        """Decide about an accepted connection; None: close it without a word.

        Args:
            address: Its other end, as ``accept`` gave it.
        """
        key = None
        if self._per_address is not None or self._openings is not None:
            key = address_key(address)
        refusal = self._refusal(key)
        if refusal is not None:
            if self._outside >= TURNED_AWAY:
                return None
            self._outside += 1
            return Ticket(None, refusal)
        self._inside += 1
        if key is not None and self._per_address is not None:
            self._by_address[key] += 1
            return Ticket(key, None)
        return Ticket(None, None)

    def leave(self, ticket: Ticket) -> None:
        """The connection has ended."""
        if ticket.refusal is not None:
            self._outside -= 1
            return
        self._inside -= 1
        if ticket.address is not None:
            self._by_address[ticket.address] -= 1
            if not self._by_address[ticket.address]:
                del self._by_address[ticket.address]

    def _refusal(self, key: str | None) -> Response | None:
        full = self._limit is not None and self._inside >= self._limit
        if full:
            if self._may_warn("server"):
                _log.warning("all %d connections are in use: others are turned away", self._limit)
            return Response(503, body="the server has no place for another connection\n")
        if key is None:
            return None
        if self._per_address is not None and self._by_address[key] >= self._per_address:
            if self._may_warn("address"):
                _log.warning(
                    "%s has %d connections open: more are turned away", key, self._per_address
                )
            return Response(429, body="your address has too many connections open\n")
        wait = 0.0 if self._openings is None else self._openings.wait(key, self._clock())
        if not wait:
            return None
        if self._may_warn("address"):
            _log.warning("%s opens connections too fast: some are turned away", key)
        again = {"Retry-After": str(math.ceil(wait))}
        return Response(429, again, "your address opens connections too fast\n")

    def _may_warn(self, about: str) -> bool:
        """Once a minute, for all addresses: a log must not grow with what an attacker does."""
        now = self._clock()
        if now - self._warned.get(about, -math.inf) < _PERIOD:
            return False
        self._warned[about] = now
        return True


class Openings:
    """How fast each address opens connections.

    For each it keeps one number: when all that it has opened will be forgiven, each opening taking
    its share of a minute.

    Args:
        most: In a minute.
    """

    def __init__(self, most: int) -> None:
        self._share = _PERIOD / most
        self._forgiven: dict[str, float] = {}
        """In the order of the latest openings."""

    def wait(self, key: str, now: float) -> float:
        """Count an opening; or, if it is one too many, the seconds until the next is not."""
        due = max(self._forgiven.pop(key, now), now)
        early = due + self._share - now - _PERIOD
        # A sum of shares may be a little over the period that they are shares of.
        if early > self._share / 2:
            self._forgiven[key] = due
            return early
        self._forgiven[key] = due + self._share
        self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Let go of some that are forgiven: two for each that may be new, so that all go."""
        for _ in range(2):
            oldest = next(iter(self._forgiven))
            if self._forgiven[oldest] > now and len(self._forgiven) <= MOST_ADDRESSES:
                return
            del self._forgiven[oldest]


def address_key(address: object) -> str | None:
    """What counts as one address; None for Unix sockets, which have none.

    An IPv4 address by itself, also where it is written as an IPv6 one. Of IPv6 the first 64 bits:
    the rest is everybody's own to choose (RFC 4291, 2.5.4).
    """
    if not isinstance(address, tuple) or not address:
        return None
    try:
        found = ipaddress.ip_address(str(address[0]).partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
