"""Which proxy a link goes through: its URL taken apart and checked, or found in the environment."""

from __future__ import annotations

import ipaddress
import os
import ssl
import sys
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.errors import AddressError
from longwire.link.address import host_port, parse_address, redact
from longwire.link.tls import TLS, check_context

if TYPE_CHECKING:
    from longwire.link.address import Address

_PORTS: Final = {
    "http": 80,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
_LONGEST: Final = 255
"""Bytes of user and of password that SOCKS can carry (RFC 1929, 2)."""


@dataclass(frozen=True)
class Proxy:
    """A proxy, where a plain URL as ``proxy=`` does not say enough.

    ``str`` and ``repr`` show neither user nor password.

    Args:
        url: ``http://``, ``https://`` (TLS to the proxy itself), ``socks4://``, ``socks4a://``,
            ``socks5://`` or ``socks5h://``, with user and password where it wants them. Without a
            scheme it is ``http://``, without a port 80, 443 or 1080. The server's name is resolved
            by the proxy, but for ``socks4`` and ``socks5``, where it is resolved here.
        tls: How to speak TLS to an ``https://`` proxy; None: with the system's certificate store.
            The link's own ``tls=`` is for the server behind it.

    Raises:
        AddressError: the URL is unusable.
        TypeError, ValueError: ``tls`` is, or it is given for a proxy without TLS.
    """

    url: str = field(repr=False)
    tls: TLS | ssl.SSLContext | None = field(default=None, kw_only=True, repr=False)
    scheme: str = field(init=False, repr=False, compare=False)
    host: str = field(init=False, repr=False, compare=False)
    port: int = field(init=False, repr=False, compare=False)
    userinfo: tuple[str, str] | None = field(init=False, repr=False, compare=False)
    """User and password, percent-decoded."""
    variable: str = field(default="", init=False, repr=False, compare=False)
    """Where in the environment it comes from; empty: it was given."""

    def __post_init__(self) -> None:
        parts = _parsed(self.url)
        if not isinstance(self.tls, TLS | ssl.SSLContext | None):
            raise TypeError(f"Proxy.tls must be TLS or an ssl.SSLContext, not {self.tls!r}")
        if self.tls is not None and parts.scheme != "https":
            raise ValueError("Proxy.tls is for https:// proxies: no TLS is spoken to this one")
        if isinstance(self.tls, ssl.SSLContext):
            check_context(self.tls, "Proxy.tls")
        for name, value in parts._asdict().items():
            object.__setattr__(self, name, value)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken to the proxy itself."""
        return self.scheme == "https"

    @property
    def socks(self) -> bool:
        """Whether it speaks SOCKS, not HTTP."""
        return self.scheme.startswith("socks")

    @property
    def resolves_names(self) -> bool:
        """Whether the server's name is resolved by the proxy."""
        return self.scheme not in {"socks4", "socks5"}

    def __str__(self) -> str:
        return f"{self.scheme}://{host_port(self.host, self.port)}"

    def __repr__(self) -> str:
        return f"Proxy({self})"


def proxy_from_environment(address: Address) -> Proxy | None:
    """The proxy that the environment (on Windows and macOS the system, too) has for an address.

    For ``wss`` the first of ``wss_proxy``, ``socks_proxy``, ``https_proxy`` and ``all_proxy``; for
    ``ws`` of ``ws_proxy``, ``socks_proxy``, ``https_proxy``, ``http_proxy`` and ``all_proxy`` (RFC
    6455, 4.1: SOCKS before HTTPS before HTTP). In capitals they do as well. None for the hosts that
    ``no_proxy`` lists.

    Raises:
        AddressError: there is one that is unusable.
    """
    if sys.platform not in {"win32", "darwin"} and not any(
        name.lower().endswith("_proxy") for name in os.environ
    ):
        # The module is large, and most have no need of it.
        return None
    import urllib.request  # noqa: PLC0415 - see above

    host = address.host.partition("%")[0]
    if any(urllib.request.proxy_bypass(one) for one in (host, host_port(host, address.port))):
        return None
    found = urllib.request.getproxies()
    if _in_a_network(host, found.get("no", "")):
        return None
    names = ["wss", "socks", "https", "all"]
    if not address.secure:
        names = ["ws", "socks", "https", "http", "all"]
    for name in names:
        if url := found.get(name):
            # Some systems call a SOCKS proxy http://.
            if name == "socks":
                url = f"socks5h://{url.removeprefix('http://')}" if _is_http(url) else url
            return _from_environment(url, f"{name}_proxy")
    return None


def _in_a_network(host: str, no_proxy: str) -> bool:
    """Whether ``no_proxy`` holds a network that an address is in, which urllib does not know."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in no_proxy.split(","):
        if "/" in entry:
            try:
                if address in ipaddress.ip_network(entry.strip(), strict=False):
                    return True
            except ValueError:
                # What is no network is another program's business.
                continue
    return False


def _is_http(url: str) -> bool:
    return "://" not in url or url.startswith("http://")


def _from_environment(url: str, variable: str) -> Proxy:
    try:
        proxy = Proxy(url)
    except AddressError as error:
        raise AddressError(
            f"{variable} in the environment: {error.what}",
            kind="address",
            retryable=False,
            blame="local",
            where=error.where,
            hint="correct it, or pass proxy=None to connect directly",
        ) from None
    object.__setattr__(proxy, "variable", variable)
    return proxy


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: int
    userinfo: tuple[str, str] | None


def _parsed(url: str) -> _Parts:
    if not isinstance(url, str):
        raise TypeError(f"a proxy is given by its URL, not by {type(url).__name__}")
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "http", url
    scheme = scheme.lower()
    if scheme not in _PORTS:
        raise _unusable(url, f"a proxy's URL begins with one of {', '.join(_PORTS)}")
    try:
        # What a proxy's URL has in common with ours is checked as ours is.
        address = parse_address(f"ws://{rest}")
    except AddressError as error:
        raise _unusable(url, f"the proxy's URL cannot be used: {error.what}") from None
    if address.target != "/":
        raise _unusable(url, "a proxy's URL has no path")
    if scheme.startswith("socks") and address.userinfo is not None:
        _check_socks_userinfo(url, address.userinfo)
    port = urllib.parse.urlsplit(f"ws://{rest}").port or _PORTS[scheme]
    return _Parts(scheme, address.host, port, address.userinfo)


def _check_socks_userinfo(url: str, userinfo: tuple[str, str]) -> None:
    for part in userinfo:
        if not part.isascii() or len(part) > _LONGEST:
            raise _unusable(url, "user and password of a SOCKS proxy are ASCII, at most 255 bytes")
        if "\0" in part:
            raise _unusable(url, "user and password of a SOCKS proxy have no NUL")


def _unusable(url: str, what: str) -> AddressError:
    return AddressError(
        what,
        kind="address",
        retryable=False,
        blame="local",
        where=redact(url) if "://" in url else redact(f"http://{url}"),
        hint="a proxy's URL looks like http://user:password@host:port or socks5h://host:port",
    )
