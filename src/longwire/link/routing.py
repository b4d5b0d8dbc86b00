"""What a server's user deals with before a link is live: the request, the answer, the routes."""

from __future__ import annotations

import email.utils
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.link.headers import Headers, HeadersLike, checked_pairs
from longwire.link.secured import TLSInfo

if TYPE_CHECKING:
    from longwire.link.base import Link

Handler = Callable[["Link"], Awaitable[None]]
"""Serves one link. When it returns the link is closed with 1000, when it raises with 1011."""


class OpeningRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that reached the server: an opening handshake, or any other GET or HEAD."""

    method: str
    target: str
    """Path and query, as on the request line; of a whole URL there, its host is ``Host``."""
    headers: Headers
    peer: str
    """The other end's address, ``host:port``; ``unix`` for a Unix socket."""
    upgrade: bool
    """Whether it asks for a WebSocket."""
    subprotocols: tuple[str, ...] = ()
    """What the client offers, in its order of preference."""
    tls: TLSInfo | None = None
    """How the connection is encrypted, and the certificate that the client has shown; None: it is
    not."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def origin(self) -> str | None:
        """The ``Origin`` field, which browsers always send; None where it is missing."""
        return self.headers.get("origin")

    def __repr__(self) -> str:
        return f"OpeningRequest({self.method} {self.path} from {self.peer})"


class Response:
    """A plain HTTP answer instead of a link.

    Args:
        status: The HTTP status, 200 to 599.
        headers: Further fields. ``Content-Length`` and ``Connection`` are set by longwire.
        body: Text (sent as UTF-8) or bytes.

    Raises:
        ValueError: the status is out of range, or a field must not be sent.
        TypeError: the body is neither text nor bytes.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(
        self, status: int = 200, headers: HeadersLike = (), body: str | bytes = b""
    ) -> None:
        if not 200 <= status <= 599:
            raise ValueError(f"{status} is not a status to answer with")
        fields = Headers(checked_pairs(headers))
        for name in ("content-length", "connection", "transfer-encoding"):
            if name in fields:
                raise ValueError(f"{name} is set by longwire")
        if not isinstance(body, str | bytes | bytearray | memoryview):
            raise TypeError(f"a body is str or bytes, not {type(body).__name__}")
        if isinstance(body, str) and "content-type" not in fields:
            fields = Headers([*fields.pairs, ("Content-Type", "text/plain; charset=utf-8")])
        self.status = status
        self.headers = fields
        self.body = body.encode() if isinstance(body, str) else bytes(body)

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


class Refusal(Exception):
    """Ends an opening on the server's side with ``response``. Never leaves the link room."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self.response = response


Hook = Callable[[OpeningRequest], Awaitable[Response | None]]
"""Asked before the upgrade. A `Response` answers the request; None lets it go on."""


class Routes:
    """Finds the handler for a path. Paths are compared as they are on the request line.

    Args:
        handler: For every path that ``routes`` does not name; or a mapping, the same as ``routes``;
            None: no other path.
        routes: Handlers by exact path, such as ``/feed``.

    Raises:
        TypeError: there is no handler at all, one is none, or both arguments are mappings.
        ValueError: a path does not begin with a slash.
    """

    def __init__(
        self, handler: Handler | Mapping[str, Handler] | None, routes: Mapping[str, Handler] | None
    ) -> None:
        if isinstance(handler, Mapping):
            if routes is not None:
                raise TypeError("give the routes once: as handler, or as routes=")
            handler, routes = None, handler
        if handler is None and not routes:
            raise TypeError("a server needs a handler, or routes")
        self._fallback = handler
        self._routes = dict(routes or {})
        for one in (*self._routes.values(), *([] if handler is None else [handler])):
            if not callable(one):
                raise TypeError(f"a handler is a coroutine function, not {one!r}")
        for path in self._routes:
            if not path.startswith("/"):
                raise ValueError(f"the path {path!r} of a route does not begin with a slash")

    def find(self, path: str) -> Handler | None:
        """The handler for a path, or None."""
        return self._routes.get(path, self._fallback)


_SWITCHING: Final = "HTTP/1.1 101 Switching Protocols"


def switching(fields: HeadersLike) -> bytes:
    """A 101 with these fields, ready to be sent."""
    return _head(_SWITCHING, fields)


def plain(response: Response, *, method: str = "GET") -> bytes:
    """A response ready to be sent; without its body for ``HEAD``."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    fields = [*response.headers.pairs, ("Connection", "close")]
    if response.status not in (204, 304):
        # Those two have no body, and so no length (RFC 9110, 8.6).
        fields.append(("Content-Length", str(len(response.body))))
    head = _head(f"HTTP/1.1 {response.status} {phrase}", fields)
    return head if method == "HEAD" else head + response.body


def _head(first: str, fields: HeadersLike) -> bytes:
    date = ("Date", email.utils.formatdate(usegmt=True))
    lines = [first, *(f"{name}: {value}" for name, value in (date, *checked_pairs(fields)))]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
