"""Deflate negotiation: any ``Sec-WebSocket-Extensions``, as a server and as a client.

What is agreed on holds messages both ways, and is what the field says.
"""

from __future__ import annotations

import base64
import hashlib

from longwire.errors import LongwireError
from longwire.link.address import parse_address
from longwire.link.client_opening import ClientOpening
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.routing import Refusal
from longwire.link.server_opening import ServerOpening
from tests.fuzz.take import Take

ADDRESS = parse_address("ws://feed.example/")
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
WORDS = [
    b"permessage-deflate",
    b"client_max_window_bits",
    b"server_max_window_bits",
    b"client_no_context_takeover",
    b"server_no_context_takeover",
    b"; ",
    b", ",
    b"=",
    b'"',
    *(b"%d" % bits for bits in range(7, 17)),
]


def check(data: bytes) -> None:
    """One value of the field, made of the words that matter or of anything."""
    take = Take(data)
    as_server = take.flag()
    value = take.rest()
    if take.flag() or len(value) % 2:
        value = b"".join(WORDS[one % len(WORDS)] for one in value[:64])
    value = bytes(one for one in value if one not in b"\r\n\0")
    (offered if as_server else answered)(value)


def offered(value: bytes) -> None:
    """A client offers this to our server."""
    opening = ServerOpening()
    head = (
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Extensions: " + value + b"\r\n\r\n"
    )
    try:
        opening.feed(head)
        opening.check()
        answer = opening.accept()
    except Refusal:
        return
    extension = field_of(answer)
    assert (opening.deflate is None) == (extension is None)
    if opening.deflate is not None and extension is not None:
        assert b"permessage-deflate" in value
        agrees(opening.deflate, extension, local="server")
        # Neither may be in an answer that was not in the offer (RFC 7692, 7.1.2.2).
        assert "client_max_window_bits" not in extension or b"client_max_window_bits" in value
        assert opening.deflate.local_max_window_bits > 8
        holds(opening.deflate)


def answered(value: bytes) -> None:
    """A server answers this to our client."""
    opening = ClientOpening(ADDRESS)
    key = opening.request_headers["Sec-WebSocket-Key"].encode()
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    head = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n"
        b"Sec-WebSocket-Extensions: " + value + b"\r\n\r\n"
    )
    try:
        answer = opening.feed(head)
    except LongwireError:
        return
    assert answer is not None
    if answer.deflate is not None:
        agrees(answer.deflate, value.decode("latin-1"), local="client")
        holds(answer.deflate)


def field_of(answer: bytes) -> str | None:
    """The value of ``Sec-WebSocket-Extensions``."""
    for line in answer.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name == "Sec-WebSocket-Extensions":
            return value
    return None


def agrees(agreed: DeflateParameters, extension: str, *, local: str) -> None:
    """The four parameters are what the answer says."""
    # Between commas there may be nothing (RFC 9110, 5.6.1).
    (extension,) = (one for one in extension.split(",") if one.strip())
    said = {
        name.strip(): value.strip().strip('"')
        for name, _, value in (part.partition("=") for part in extension.split(";")[1:])
    }
    remote = "client" if local == "server" else "server"
    for side, forgets, bits in (
        (local, agreed.local_no_context_takeover, agreed.local_max_window_bits),
        (remote, agreed.remote_no_context_takeover, agreed.remote_max_window_bits),
    ):
        assert forgets == (f"{side}_no_context_takeover" in said)
        assert bits == int(said.get(f"{side}_max_window_bits", "15"))


def holds(agreed: DeflateParameters) -> None:
    """Messages pass both ways, between what was agreed on and its mirror image."""
    ours = Deflate(agreed)
    peers = Deflate(
        DeflateParameters(
            local_no_context_takeover=agreed.remote_no_context_takeover,
            remote_no_context_takeover=agreed.local_no_context_takeover,
            local_max_window_bits=agreed.remote_max_window_bits,
            remote_max_window_bits=agreed.local_max_window_bits,
        )
    )
    for message in (b"a message that repeats itself " * 40, b"", bytes(range(256)) * 3):
        assert peers.inflate(ours.compress(message), 10_000) == message
        assert ours.inflate(peers.compress(message), 10_000) == message
