"""The opening handshake by hand, both sides, so that no contestant's code serves the others."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
_MAX_REQUEST_BYTES = 16_384


def accept_key(key: bytes) -> bytes:
    """The value of ``Sec-WebSocket-Accept`` for a client's ``Sec-WebSocket-Key``."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def answer_opening(connection: socket.socket) -> tuple[str, dict[str, str]]:
    """Read the request, agree to it, and return its path and query fields.

    permessage-deflate is agreed to, with its defaults, where the query says ``deflate``.

    Raises:
        ConnectionError: the peer left, or what it sent is no WebSocket request.
    """
    request = b""
    while b"\r\n\r\n" not in request:
        data = connection.recv(4096)
        request += data
        if not data or len(request) > _MAX_REQUEST_BYTES:
            raise ConnectionError("no whole request came")
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")
    fields = dict(line.split(b":", 1) for line in lines[1:])
    key = {name.lower(): value.strip() for name, value in fields.items()}.get(b"sec-websocket-key")
    if key is None:
        raise ConnectionError("not a WebSocket request")
    target = urlsplit(lines[0].split(b" ")[1].decode("ascii"))
    query = dict(parse_qsl(target.query))
    extensions = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if "deflate" in query else b""
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_key(key) + b"\r\n" + extensions + b"\r\n"
    )
    return target.path, query


def ask_for_opening(connection: socket.socket, path: str, query: Mapping[str, object]) -> None:
    """Send a client's request, and read the answer, byte by byte: no more than that.

    Raises:
        ConnectionError: the server left, or did not agree.
    """
    connection.sendall(
        f"GET {path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode("ascii")
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        answer += byte
        if not byte:
            raise ConnectionError("the server left during the opening")
    if not answer.startswith(b"HTTP/1.1 101 "):
        raise ConnectionError(f"the server said {answer[:40]!r}")
