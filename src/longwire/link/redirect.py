"""Where a redirect leads, and what may travel there. Sans-I/O."""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.errors import AddressError, ConnectError
from longwire.link.address import parse_address, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.link.address import Address
    from longwire.link.headers import Headers

_NO_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_WEBSOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}
"""Servers often name the page's scheme; the link's is meant."""

_HARMLESS: Final = frozenset({"accept-language", "user-agent"})
"""Fields of the user that may go to a stranger. Whatever else there is may be a credential."""


def redirect_target(address: Address, headers: Headers) -> Address:
    """The address that a redirect's ``Location`` names, relative to the one that was asked.

    User and password stay where scheme, host and port stay, unless ``Location`` brings its own.

    Raises:
        ConnectError: there is no usable ``Location``, or it leads from wss to ws, where everyone
            could read along (``kind`` is ``redirect``).
    """
    location = headers.get("location", "").strip()
    if not location:
        raise _refused("the server redirects without saying where to", address)
    try:
        target = parse_address(_absolute(address, location))
    except (AddressError, ValueError):
        what = f"the server redirects to {redact(location)}, which is no usable address"
        raise _refused(what, address) from None
    if address.secure and not target.secure:
        what = f"the server redirects from wss to {target}, which is not encrypted"
        raise _refused(what, address, "ask the server's operator; or use that address yourself")
    if target.host == address.host.partition("%")[0]:
        # A zone means something on this machine only, so the server cannot have named it.
        target = msgspec.structs.replace(target, host=address.host)
    if target.userinfo is None and target.origin == address.origin:
        return msgspec.structs.replace(target, userinfo=address.userinfo)
    return target


def fields_for(
    fields: Iterable[tuple[str, str]], *, start: Address, target: Address
) -> list[tuple[str, str]]:
    """The user's header fields that may be sent to ``target``, being meant for ``start``.

    All of them within one origin (scheme, host and port); to another one only those that cannot be
    a credential. Any field may be one: ``Authorization``, ``Cookie``, ``X-Api-Key``.
    """
    if start.origin == target.origin:
        return list(fields)
    return [(name, value) for name, value in fields if name.lower() in _HARMLESS]


def too_many(address: Address, limit: int) -> ConnectError:
    """The error for one redirect more than is followed."""
    if limit == 0:
        return _refused("the server redirects, and redirects are not followed", address)
    return _refused(f"the server redirects more than {limit} times", address)


def _absolute(address: Address, location: str) -> str:
    # Fields are read as ISO-8859-1: each character is a byte, and what it encodes is not known.
    location = _NO_ASCII.sub(lambda byte: f"%{ord(byte[0]):02X}", location)
    # urljoin knows http, but keeps no path relative to ws.
    scheme = "https" if address.secure else "http"
    joined = urllib.parse.urljoin(f"{scheme}://{address.authority}{address.target}", location)
    joined, _, _ = joined.partition("#")
    name, separator, rest = joined.partition("://")
    return f"{_WEBSOCKET_SCHEMES.get(name.lower(), name)}{separator}{rest}"


def _refused(what: str, address: Address, hint: str = "") -> ConnectError:
    return ConnectError(
        what,
        kind="redirect",
        retryable=False,
        blame="peer",
        where=str(address),
        hint=hint or "use the address where the server really is",
    )
