"""What can happen in a cell, and when; times in seconds from the beginning of its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos import parse_strike
from scoreboard.certificates import Certificates

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from longwire.chaos import Proxy
    from scoreboard.feed import Feed

    Later = Callable[[float, Callable[[], object]], object]
    """Calls something after so many seconds from now."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happens at a moment."""

    at: float = 0.0

    def do(self, proxy: Proxy, feed: Feed, later: Later) -> None:
        """Let it happen now."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Strike(Step):
    """A fault strikes at the proxy.

    Attributes:
        fault: As `longwire.chaos.parse_strike` reads it.
        lasting: When it ends; None: as the fault itself says.
        there: It strikes the connections that there are, and none that comes.
    """

    fault: str
    lasting: float | None = None
    there: bool = False

    def do(self, proxy: Proxy, feed: Feed, later: Later) -> None:
        """Strike, and see to its end."""
        order = proxy.strike(parse_strike(self.fault), only_now=self.there)
        if self.lasting is not None:
            later(self.lasting, lambda: proxy.end(order))


@dataclass(frozen=True, kw_only=True)
class Expired(Step):
    """The proxy's certificate has run out, until it is renewed; in a cell with TLS."""

    lasting: float

    def do(self, proxy: Proxy, feed: Feed, later: Later) -> None:
        """Let it run out, and renew it."""
        certificates = proxy.tls
        assert isinstance(certificates, Certificates)  # noqa: S101 - `play` has made it
        certificates.expire()
        later(self.lasting, certificates.renew)


@dataclass(frozen=True, kw_only=True)
class Quiet(Step):
    """The feed has nothing to say for a while."""

    lasting: float

    def do(self, proxy: Proxy, feed: Feed, later: Later) -> None:
        """Pause, and resume."""
        feed.pause()
        later(self.lasting, feed.resume)


@dataclass(frozen=True, kw_only=True)
class Order(Step):
    """The next message keeps its handler busy, for so many seconds."""

    block: float = 0.0
    wait: float = 0.0

    def do(self, proxy: Proxy, feed: Feed, later: Later) -> None:
        """Give the order."""
        feed.order(**{name: value for name, value in vars(self).items() if name != "at" and value})


@dataclass(frozen=True, kw_only=True)
class Burst(Step):
    """The feed sends many messages at once."""

    count: int

    def do(self, proxy: Proxy, feed: Feed, later: Later) -> None:
        """Send them."""
        feed.burst(self.count)


def there(fault: str, **more: Any) -> Strike:
    """A fault for the connections that there are."""
    return Strike(fault=fault, there=True, **more)


def for_all(fault: str, **more: Any) -> Strike:
    """A fault for those and for all that come."""
    return Strike(fault=fault, **more)
