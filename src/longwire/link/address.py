"""Where a link goes: the URL taken apart once, checked, and shown only without its secrets."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from typing import Final, Literal, cast

import msgspec

from longwire.errors import AddressError

Scheme = Literal["ws", "wss"]

_DEFAULT_PORTS: Final[dict[str, int]] = {"ws": 80, "wss": 443}
_PRINTABLE_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
_CONTROL_OR_SPACE: Final = re.compile(r"[\x00-\x20\x7f]")
_HOST_NAME: Final = re.compile(r"[0-9A-Za-z._-]+")
_HOST_AND_PORT: Final = re.compile(r"(?:\[[^][]*\]|[^][:]*)(?::[0-9]*)?")
_KEY_LIKE: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[0-9A-Za-z_.~=-]{32,}")
"""A path segment that is more likely a key (a listen key, a token) than a word."""
_LONGEST_SHOWN: Final = 200


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A checked WebSocket URL. ``str`` and ``repr`` never show a secret."""

    scheme: Scheme
    host: str
    """A name (IDNA-encoded) or an IP address, without brackets, in lower case."""
    port: int
    target: str
    """Path and query as they go on the request line, ASCII only."""
    userinfo: tuple[str, str] | None = None
    """User and password, percent-decoded."""

    @property
    def secure(self) -> bool:
        """Whether TLS is used."""
        return self.scheme == "wss"

    @property
    def origin(self) -> tuple[Scheme, str, int]:
        """What two addresses must share for credentials to travel from one to the other."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The value of the ``Host`` field: host, and port where it is not the scheme's default."""
        # A zone (fe80::1%eth0) means something on this machine only.
        host = self.host.partition("%")[0]
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return f"[{host}]" if ":" in host else host
        return host_port(host, self.port)

    def __str__(self) -> str:
        return redact(f"{self.scheme}://{self.authority}{self.target}")

    def __repr__(self) -> str:
        return f"Address({self})"


def host_port(host: str, port: int) -> str:
    """``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_address(url: str) -> Address:
    """Take a URL apart and check it.

    Non-ASCII host names are IDNA-encoded, non-ASCII paths and queries percent-encoded as UTF-8.

    Raises:
        AddressError: it is no usable ``ws://`` or ``wss://`` URL (``kind`` is ``address``).
    """
    if not isinstance(url, str):
        raise _unusable(str(type(url)), "the URL is not a string")
    # urlsplit would silently drop CR, LF and TAB, and so make another URL of it.
    if _CONTROL_OR_SPACE.search(url):
        raise _unusable(url, "the URL has spaces or control characters", "percent-encode them")
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
        userinfo = _userinfo(parts)
        host = _host(parts)
    except ValueError as error:
        # The text of a foreign error may quote the URL, so it is not chained or shown.
        what = str(error) if isinstance(error, _Unusable) else "the URL cannot be parsed"
        raise _unusable(url, what) from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise _unusable(url, "the URL's scheme is not ws or wss", "write ws:// or wss://")
    if parts.fragment or url.endswith("#"):
        raise _unusable(url, "a WebSocket URL has no fragment", "remove the # and what follows")
    if port == 0:
        raise _unusable(url, "port 0 cannot be connected to")
    query = f"?{parts.query}" if parts.query else ""
    return Address(
        scheme=cast("Scheme", parts.scheme),
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
        target=urllib.parse.quote((parts.path or "/") + query, safe=_PRINTABLE_ASCII),
        userinfo=userinfo,
    )


def redact(url: str) -> str:
    """The URL without user, password, query values, fragment and path segments that look like keys.

    Takes any string and never raises; what cannot be printed becomes ``_``. Query names are kept:
    ``wss://feed.example/ws?token=…``.
    """
    text = "".join(one if one.isprintable() and one != " " else "_" for one in url)
    text, _, _ = text.partition("#")
    text, mark, query = text.partition("?")
    scheme, separator, rest = text.rpartition("://")
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    port = host.rpartition(":")[2]
    if "@" in path and ":" in host and not host.endswith("]") and not port.isdecimal():
        # A password with an unescaped slash: what seems to be the host is part of the secret.
        host, slash, path = path.rpartition("@")[2].partition("/")
    segments = ["…" if _KEY_LIKE.fullmatch(one) else one for one in path.split("/")]
    shown = f"{scheme}{separator}{host}{slash}{'/'.join(segments)}"
    if mark:
        shown += "?" + "&".join(_without_value(field) for field in query.split("&"))
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"


class _Unusable(ValueError):
    """A reason in our own words."""


def _without_value(field: str) -> str:
    # A field without "=" may be the secret itself.
    name, equals, _ = field.partition("=")
    return f"{name}=…" if equals and len(name) < 32 else "…"


def _userinfo(parts: urllib.parse.SplitResult) -> tuple[str, str] | None:
    if "\\" in parts.netloc:
        # Browsers read a slash here, and so another host.
        raise _Unusable("the URL has a backslash before the path")
    if parts.username is None:
        return None
    try:
        user = urllib.parse.unquote(parts.username, errors="strict")
        password = urllib.parse.unquote(parts.password or "", errors="strict")
    except UnicodeDecodeError:
        raise _Unusable("user or password is not percent-encoded UTF-8") from None
    if ":" in user:
        # RFC 7617, 2: basic authentication cannot carry it.
        raise _Unusable("a user name must not contain a colon")
    return user, password


def _host(parts: urllib.parse.SplitResult) -> str:
    host = parts.hostname
    if not host:
        raise _Unusable("the URL has no host")
    # urlsplit would silently drop what stands between the brackets and the port, or before them.
    if not _HOST_AND_PORT.fullmatch(parts.netloc.rpartition("@")[2]):
        raise _Unusable("the host is not a valid name")
    if ":" in host:
        return _ipv6(host)
    try:
        encoded = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise _Unusable("the host is not a valid name") from None
    if not _HOST_NAME.fullmatch(encoded):
        raise _Unusable("the host is not a valid name")
    return encoded.lower()


def _ipv6(host: str) -> str:
    address, percent, zone = host.partition("%")
    ipaddress.IPv6Address(host)  # a ValueError if it is none
    # In a URL the sign before the zone is written %25 (RFC 6874); many write it as it is.
    if zone.startswith("25") and len(zone) > 2:
        zone = zone[2:]
    return f"{address}{percent}{zone}"


def _unusable(url: str, what: str, hint: str = "") -> AddressError:
    return AddressError(
        what,
        kind="address",
        retryable=False,
        blame="local",
        where=redact(url),
        hint=hint or "a URL looks like wss://host:port/path",
    )
