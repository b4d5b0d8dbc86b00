"""What a server may answer to an opening: any bytes, rejections with their bodies, redirects.

Only `ConnectError` comes out, the same however the bytes are cut, and no secret in its text.
"""

from __future__ import annotations

import base64
import hashlib

from longwire.errors import ConnectError
from longwire.link.address import parse_address
from longwire.link.client_opening import MAX_BODY, Answer, ClientOpening
from longwire.link.redirect import fields_for, redirect_target
from longwire.link.rejection import rejection
from tests.fuzz.take import Take

SECRET = "hunter2hunter2"
ADDRESS = parse_address(f"wss://user:{SECRET}@feed.example/path?token={SECRET}")
FIELDS = [("Authorization", SECRET), ("User-Agent", "x")]
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LINES = [
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Accept: KEY",
    b"Sec-WebSocket-Protocol: one",
    b"Sec-WebSocket-Extensions: permessage-deflate",
    b"Content-Length: ",
    b"Transfer-Encoding: chunked",
    b"Retry-After: ",
    b"Date: Sun, 06 Nov 1994 08:49:37 GMT",
    b"Location: ",
]
STATUSES = [101, 200, 301, 307, 401, 403, 404, 429, 503, 100, 103, 204, 600]


def check(data: bytes) -> None:
    """One answer."""
    take = Take(data)
    built, cut = take.flag(), 1 + take.byte()
    opening = new_opening()
    raw = answer_of(take, opening) if built else take.rest()
    # The key is by chance, and so not the same in two openings.
    whole = None if b"Sec-WebSocket-Accept" in raw else judged(new_opening(), [raw])
    seen = judged(opening, [raw[at : at + cut] for at in range(0, len(raw), cut)])
    if whole is not None:
        assert seen == whole


def new_opening() -> ClientOpening:
    return ClientOpening(ADDRESS, headers=[("X-Key", SECRET)], subprotocols=["one", "two"])


def answer_of(take: Take, opening: ClientOpening) -> bytes:
    """An answer that looks like one."""
    key = opening.request_headers["Sec-WebSocket-Key"].encode()
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    lines = [b"HTTP/1.1 %d %s" % (take.one_of(STATUSES), take.some())]
    for _ in range(take.byte() % 12):
        line = take.one_of(LINES).replace(b"KEY", accept)
        lines.append(line + take.some() if line.endswith(b": ") or take.flag() else line)
    return b"\r\n".join(lines) + b"\r\n\r\n" + take.rest()


def judged(opening: ClientOpening, pieces: list[bytes]) -> object:
    """What comes of it, in a form that can be compared."""
    answer = None
    try:
        for piece in pieces:
            answer = opening.feed(piece)
            if answer is not None:
                break
        if answer is None:
            answer = opening.eof()
    except ConnectError as error:
        assert SECRET not in f"{error}{error!r}{error.__dict__}"
        return error.kind if error.kind != "eof" else ("eof", str(error))
    assert len(answer.body) <= MAX_BODY
    if answer.status == 101:
        return "open"
    follow(answer)
    rejected = rejection(answer.status, answer.headers, answer.body, where=str(ADDRESS), now=1e9)
    assert rejected.retry_after is None or rejected.retry_after >= 0
    assert SECRET not in f"{rejected}{rejected!r}"
    # A redirect is complete before its body, and has as much of it as happens to be there.
    body = b"" if answer.redirects else answer.body
    return answer.status, answer.headers.pairs, body, rejected.retry_after, rejected.retryable


def follow(answer: Answer) -> None:
    """Where a redirect leads: never to what is not encrypted, never with a stranger's secret."""
    if not answer.redirects:
        return
    try:
        target = redirect_target(ADDRESS, answer.headers)
    except ConnectError as error:
        assert error.kind == "redirect"
        assert SECRET not in f"{error}{error!r}"
        return
    assert target.secure
    sent = fields_for(FIELDS, start=ADDRESS, target=target)
    if target.origin != ADDRESS.origin:
        assert target.userinfo is None or SECRET not in target.userinfo
        assert sent == FIELDS[1:]
    ClientOpening(target, headers=sent).request_bytes()
