"""The server's opening handshake by hand, so that no contestant's code serves the others."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import socket

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
