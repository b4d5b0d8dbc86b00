"""URLs: only `AddressError` comes out, nothing can be injected, and no text shows a secret."""

from __future__ import annotations

import re

from longwire.errors import AddressError
from longwire.link.address import parse_address, redact
from longwire.link.client_opening import ClientOpening
from tests.fuzz.take import Take

SECRET = "hunter2hunter2"
PARTS = ["ws://", "wss://", "http://", "@", ":", "/", "?", "#", "[", "]", "::1", "%25", "\\", "%0d"]
PARTS += [SECRET, "feed.example", "127.0.0.1", "user", "80", "é", "token=", "&", "=", "%", "xn--"]
REQUEST_LINE = re.compile(rb"GET [!-~]+ HTTP/1\.1")


def check(data: bytes) -> None:
    """One URL, made of pieces or of anything."""
    take = Take(data)
    if take.flag():
        url = take.rest().decode("utf-8", "surrogateescape")
    else:
        url = "ws://" + "".join(
            PARTS[one] if one < len(PARTS) else chr(one) for one in take.rest()[:60]
        )
    shown = redact(url)
    assert shown.isprintable()
    assert len(shown) <= 200
    try:
        address = parse_address(url)
    except AddressError as error:
        assert error.kind == "address"
        assert str(error).isprintable()
        return
    text = f"{address}{address!r}"
    assert text.isprintable()
    if address.userinfo is not None:
        for secret in address.userinfo:
            # Where it stands elsewhere in the URL as well, it was no secret.
            assert len(secret) < 8 or secret in address.host + address.target or secret not in text
    assert 0 < address.port < 65_536
    assert address.target.isascii()
    request = ClientOpening(address).request_bytes()
    line, _, fields = request.partition(b"\r\n")
    assert REQUEST_LINE.fullmatch(line)
    assert fields.count(b"\r\nHost: ") == 0
    assert fields.startswith(b"Host: ")
    # It is understood again as the same.
    again = parse_address(f"{address.scheme}://{address.authority}{address.target}")
    assert again.target == address.target
    assert again.authority == address.authority
