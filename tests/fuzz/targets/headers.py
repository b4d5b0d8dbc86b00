"""Header fields of the user: what is sent can hold no further field, and no text shows a value."""

from __future__ import annotations

from longwire.errors import ConnectError
from longwire.link.address import parse_address
from longwire.link.client_opening import ClientOpening
from longwire.link.headers import Headers, checked_pairs
from tests.fuzz.take import Take

ADDRESS = parse_address("ws://feed.example/")
NAMES = ["Host", "Authorization", "Cookie", "X-A", "Upgrade", "Sec-WebSocket-Key", "User-Agent"]
SECRET = "hunter2hunter2"


def check(data: bytes) -> None:
    """Some fields, an origin and a subprotocol."""
    take = Take(data)
    fields: list[tuple[str, str]] = []
    for _ in range(1 + take.byte() % 4):
        name = take.one_of(NAMES) if take.flag() else take.some().decode("latin-1")
        fields.append((name, take.some().decode("utf-8", "replace") + SECRET))
    origin = take.some().decode("latin-1") if take.flag() else None
    subprotocols = [take.some().decode("latin-1") for _ in range(take.byte() % 3)]
    try:
        checked = checked_pairs(fields)
    except ValueError as error:
        assert SECRET not in str(error)
        checked = None
    try:
        opening = ClientOpening(ADDRESS, headers=fields, origin=origin, subprotocols=subprotocols)
    except ConnectError as error:
        assert error.kind == "local"
        assert SECRET not in f"{error}{error!r}"
        return
    assert checked is not None
    head = opening.request_bytes()
    assert head.endswith(b"\r\n\r\n")
    lines = head[:-4].split(b"\r\n")
    assert not any(byte in line for line in lines for byte in b"\r\n\0")
    sent = [line.partition(b": ")[0].decode("latin-1").lower() for line in lines[1:]]
    assert sent.count("host") == 1
    for name, value in checked:
        assert name.lower() in sent
        assert Headers(checked).get_all(name)
        assert f"{name}: {value}".encode("latin-1") in lines
    shown = repr(
        Headers([pair for pair in checked if pair[0].lower() not in ("host", "user-agent")])
    )
    assert SECRET not in shown or any(SECRET in name for name, _ in checked) or harmless(checked)


def harmless(checked: list[tuple[str, str]]) -> bool:
    """Whether any name is one whose values may be shown."""
    return any(
        name.lower() in ("via", "vary", "date", "server", "accept", "allow") for name, _ in checked
    )
