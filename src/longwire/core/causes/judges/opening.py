"""Openings that failed: what the answer, or the lack of one, proves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import quoted, span
from longwire.core.causes.judges.lives import FROM_OUTSIDE

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Reasons

_LIVED: Final = 1.0
"""Seconds of life after which an earlier link counts as having been accepted for good."""

_BEHIND_THE_PROXY: Final = frozenset({None, "target-refused", "target-unreachable"})
"""Where the proxy did what it is there for, and the trouble is the server's."""

_NO_NETWORK: Final = (
    r"network is (?:down|unreachable)|network dropped connection|\bENET(?:DOWN|UNREACH|RESET)\b"
)
"""What operating systems say when the way out is gone."""


def _lived_before(e: Evidence) -> float | None:
    """The longest life of an earlier link, if one was accepted for good."""
    longest = max(e.earlier_ages, default=0.0)
    return longest if longest >= _LIVED else None


def tls_expired(e: Evidence) -> Reasons | None:
    """tls-expiry: a certificate is past its time, by this machine's clock."""
    if e.end != "never-opened" or e.tls_problem != "expired":
        return None
    return ("A certificate in the TLS handshake has expired, by this machine's clock.",)


def credentials(e: Evidence) -> Reasons | None:
    """auth-expired: 401 always; 403 only where we had been accepted before. Not a proxy's."""
    if e.end != "never-opened" or e.proxy_problem is not None:
        return None
    if e.http_status == 401:
        return ("The server answered HTTP 401: it does not accept our credentials.",)
    lived = _lived_before(e)
    if e.http_status == 403 and lived is not None:
        accepted = f"it had accepted the same client before: an earlier link lived {span(lived)}"
        return (f"The server answered HTTP 403, yet {accepted}.",)
    return None


def quota(e: Evidence) -> Reasons | None:
    """provider-quota-violation: 429, or 418 with Retry-After (what Binance sends after 429s).

    Not where a proxy says so: its limits are not the provider's.
    """
    if e.end != "never-opened" or e.proxy_problem is not None:
        return None
    if e.http_status == 429 or (e.http_status == 418 and e.retry_after is not None):
        wait = "" if e.retry_after is None else f" and asked us to wait {span(e.retry_after)}"
        return (f"The server answered HTTP {e.http_status} (too many requests){wait}.",)
    return None


def proxy(e: Evidence) -> Reasons | None:
    """proxy-env-surprise: it wants credentials, or it stands in a way that nobody chose."""
    if e.end != "never-opened":
        return None
    if e.http_status == 407:
        # Only a proxy sends it (RFC 9110, 15.5.8).
        return ("An HTTP proxy answered in the server's place and wants credentials (HTTP 407).",)
    if e.proxy_problem == "credentials":
        return ("A SOCKS proxy does not accept our credentials, or wants some.",)
    if not e.proxy_from_environment or e.proxy_problem in _BEHIND_THE_PROXY:
        return None
    detail = f": {quoted(e.error)}" if e.error else ""
    return (f"A proxy that is set in the environment does not let us through{detail}.",)


def intercepted(e: Evidence) -> Reasons | None:
    """middlebox-interference: 511, or nonsense where valid handshakes had come before."""
    if e.end != "never-opened":
        return None
    if e.http_status == 511:
        # RFC 6585, 6: for use by intercepting proxies, never by origin servers.
        return ("A network login page intercepted the opening (HTTP 511).",)
    lived = _lived_before(e)
    if e.failure == "handshake" and lived is not None:
        detail = f": {quoted(e.error)}" if e.error else ""
        before = f"an earlier link to the same address lived {span(lived)}"
        return (f"What answered is no valid WebSocket handshake, yet {before}{detail}.",)
    return None


def network_gone(e: Evidence) -> Reasons | None:
    """network-change: the system says that the network is gone which had carried a link."""
    if e.end == "never-opened":
        # A proxy's own complaint that the network is gone is in other words.
        way = e.failure == "unreachable" or e.proxy_problem == "unreachable"
        carried = way and _lived_before(e) is not None
    else:
        carried = e.end == "reset"
    said = len(re.findall(_NO_NETWORK, e.error, re.IGNORECASE))
    # Of several addresses one may have no route (IPv6, often) while another refuses: every error
    # in the text must be of this kind.
    if not carried or not said or e.error.count("[Errno") > said:
        return None
    return (f"The operating system says that the network is gone: {quoted(e.error)}.",)


def server_gone(e: Evidence) -> Reasons | None:
    """deploy-restart: a link was ended from outside, and now nobody is there."""
    if e.end != "never-opened" or _lived_before(e) is None:
        return None
    if not e.earlier_ends or e.earlier_ends[-1] not in FROM_OUTSIDE:
        return None
    if e.failure == "refused":
        now = "now the connection is refused: nothing listens there"
    elif e.proxy_problem == "target-refused":
        now = "now the proxy is refused the connection: nothing listens there"
    elif e.http_status in {502, 504}:
        now = f"now a gateway answers HTTP {e.http_status}: the server behind it is away"
    else:
        return None
    return (f"The last link was ended from outside ({e.earlier_ends[-1]}), and {now}.",)
