"""What a client may ask our server: any bytes, and requests that are almost right.

Only `Refusal` comes out, the same however the bytes are cut; every answer is one good head.
"""

from __future__ import annotations

import re

from longwire.link.routing import Refusal
from longwire.link.server_opening import ServerOpening
from tests.fuzz.take import Take

LINES = [
    b"Host: feed.example",
    b"Upgrade: websocket",
    b"Connection: keep-alive, Upgrade",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Protocol: one, two",
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    b"Origin: https://a.example",
    b"Content-Length: 0",
    b"Host: ",
    b"Origin: ",
    b"Sec-WebSocket-Protocol: ",
    b"Transfer-Encoding: chunked",
]
TARGETS = [b"/", b"/feed?a=b", b"http://other.example/x", b"*", b"/a#b", b"feed.example:80"]
METHODS = [b"GET", b"GET", b"GET", b"HEAD", b"POST", b"CONNECT"]
VERSIONS = [b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0"]
HEAD = re.compile(rb"HTTP/1\.1 [1-5][0-9]{2} [ -~]*\r\n(?:[-A-Za-z]+: [\t -~\x80-\xff]*\r\n)+\r\n")


def check(data: bytes) -> None:
    """One request."""
    take = Take(data)
    built, cut = take.flag(), 1 + take.byte()
    raw = request_of(take) if built else take.rest()
    whole = answered([raw])
    assert answered([raw[at : at + cut] for at in range(0, len(raw), cut)]) == whole


def request_of(take: Take) -> bytes:
    """A request that looks like one."""
    target = take.one_of(TARGETS) + (take.some() if take.flag() else b"")
    lines = [b" ".join([take.one_of(METHODS), target, take.one_of(VERSIONS)])]
    if take.flag():
        lines += LINES[:7]
    for _ in range(take.byte() % 8):
        line = take.one_of(LINES)
        lines.append(line + take.some() if line.endswith(b": ") or take.flag() else line)
    return b"\r\n".join(lines) + b"\r\n\r\n" + take.rest()


def answered(pieces: list[bytes]) -> object:
    """What our server says, and whether it is one head and nothing that a request put there."""
    opening = ServerOpening(origins=["https://a.example", None], max_request_bytes=2_000)
    request = None
    try:
        for at, piece in enumerate(pieces):
            request = opening.feed(piece)
            if request is not None:
                early = opening.early + b"".join(pieces[at + 1 :])
                break
        else:
            return "incomplete"
        assert request is not None
        opening.check()
        chosen = request.subprotocols[0] if request.subprotocols else None
        answer = opening.accept(subprotocol=chosen)
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert HEAD.fullmatch(answer)
        return undated(answer), request.target, request.headers.pairs, early
    except Refusal as refusal:
        answer = opening.reject(refusal.response)
        head, end, _ = answer.partition(b"\r\n\r\n")
        assert HEAD.fullmatch(head + end)
        return undated(answer)


def undated(answer: bytes) -> bytes:
    """Without the time, which goes on from one answer to the next."""
    return re.sub(rb"\r\nDate: [^\r]*", b"", answer, count=1)
