"""The heads of the opening handshake, as far as a proxy must understand and change them."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

Compression = Literal["independent", "as-is", "off"]

BLANK_LINE: Final = b"\r\n\r\n"
_EXTENSIONS: Final = b"sec-websocket-extensions"
_CLIENT_INDEPENDENT: Final = b"client_no_context_takeover"
_INDEPENDENT: Final = (b"server_no_context_takeover", _CLIENT_INDEPENDENT)
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})\b")
_REASONS: Final = {
    302: "Found",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    407: "Proxy Authentication Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    511: "Network Authentication Required",
}


class RequestHead(msgspec.Struct, frozen=True):
    """An opening request: its line and its fields, in order, as they came."""

    line: bytes
    fields: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def parse(cls, raw: bytes) -> RequestHead:
        """Take a head apart, blank line and all. What is no field is kept as a name alone."""
        line, *rest = raw.removesuffix(BLANK_LINE).split(b"\r\n")
        pairs = (one.partition(b":") for one in rest)
        return cls(line, tuple((name, value.strip()) for name, _, value in pairs))

    @property
    def target(self) -> str:
        """Path and query that were asked for; empty where the line is none."""
        words = self.line.split(b" ")
        return words[1].decode("latin-1") if len(words) == 3 else ""

    def values(self, name: bytes) -> list[bytes]:
        """The values of the fields with a name, given in lower case."""
        return [value for key, value in self.fields if key.lower() == name]

    def to(self, authority: str, target: str) -> RequestHead:
        """The same request to another server and path."""
        words = self.line.split(b" ")
        if len(words) == 3:
            words[1] = target.encode("latin-1")
        fields = tuple(
            (name, authority.encode("ascii") if name.lower() == b"host" else value)
            for name, value in self.fields
        )
        return RequestHead(b" ".join(words), fields)

    def with_compression(self, wanted: Compression) -> RequestHead:
        """The same request with other terms of compression.

        With ``"independent"`` every compressed message stands for itself: a frame can be lost,
        doubled or changed, and the next can still be read, as a frame without compression.
        """
        if wanted == "as-is":
            return self
        fields = []
        for name, value in self.fields:
            if name.lower() != _EXTENSIONS:
                fields.append((name, value))
            elif wanted == "independent":
                offers = (_with_terms(offer, _INDEPENDENT) for offer in value.split(b","))
                fields.append((name, b", ".join(offers)))
        return RequestHead(self.line, tuple(fields))

    def __bytes__(self) -> bytes:
        lines = [self.line, *(name + b": " + value for name, value in self.fields)]
        return b"\r\n".join(lines) + BLANK_LINE


def _with_terms(extension: bytes, terms: tuple[bytes, ...]) -> bytes:
    name, *parameters = (part.strip() for part in extension.split(b";"))
    if name.lower() != b"permessage-deflate":
        return extension.strip()
    there = {one.partition(b"=")[0].strip().lower() for one in parameters}
    missing = (one for one in terms if one not in there)
    return b"; ".join([name, *parameters, *missing])


def target_for(asked: str, path: str) -> str:
    """What to ask the server for.

    A path that the proxy was given stands for any that its client asks for, whose query is added.
    """
    if path in {"", "/"}:
        return asked or "/"
    _, mark, query = asked.partition("?")
    if not mark:
        return path
    return f"{path}{'&' if '?' in path else '?'}{query}"


def status_of(head: bytes) -> int | None:
    """The status of an answer; None where it is no HTTP."""
    found = _STATUS.match(head)
    return None if found is None else int(found[1])


def inflates(head: bytes) -> bool:
    """Whether the server agreed to compress."""
    fields = RequestHead.parse(head).values(_EXTENSIONS)
    return any(value.lower().startswith(b"permessage-deflate") for value in fields)


def with_independent_client(head: bytes) -> bytes:
    """The same answer, with terms under which what the client compresses stands for itself.

    A server must keep to such terms where they are offered, but need not ask the client for the
    same (RFC 7692 7.1.1.2); and a client must do so when it is told, whoever thought of it.
    """
    if not inflates(head):
        return head
    parsed = RequestHead.parse(head)
    fields = []
    for name, value in parsed.fields:
        agreed = value
        if name.lower() == _EXTENSIONS:
            terms = (_CLIENT_INDEPENDENT,)
            agreed = b", ".join(_with_terms(one, terms) for one in value.split(b","))
        fields.append((name, agreed))
    return bytes(RequestHead(parsed.line, tuple(fields)))


def answer(status: int, fields: dict[str, str] | None = None, body: str = "") -> bytes:
    """An answer of the proxy's own."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Chaos')}"]
    lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
    lines += ["Connection: close", f"Content-Length: {len(body.encode())}"]
    return "\r\n".join(lines).encode() + BLANK_LINE + body.encode()
