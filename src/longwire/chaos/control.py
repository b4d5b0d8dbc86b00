"""A proxy told what to do while it runs: HTTP on a Unix socket, or on a port of this machine.

It runs in the proxy's own loop: what is asked is done between two frames, and nothing is shared
between threads. Whoever asks needs the token, at a Unix socket too; there is no other way in than
from this machine. ``curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9002/strikes``
"""

from __future__ import annotations

import asyncio
import hmac
import http
import ipaddress
import json
import secrets
import urllib.parse
from typing import TYPE_CHECKING, Any, Final, Self

from longwire.chaos.opening import BLANK_LINE, RequestHead
from longwire.chaos.orders import Answer, Order, Orders, Refused
from longwire.chaos.side import accepted
from longwire.link.acceptor import Acceptor
from longwire.link.address import host_port
from longwire.link.places import TCPPlace, UnixPlace

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from types import TracebackType

    from longwire.chaos.proxy import Proxy

_LONGEST_BODY: Final = 2**16
_PATIENCE: Final = 10.0
"""Seconds for a request to be whole, done, and its answer taken."""
_MOST_AT_ONCE: Final = 32
"""Connections; one more is closed at once."""
_UNIX: Final = "unix:"


class Control:
    """Does what HTTP requests ask of a proxy: ``async with Control(proxy, "unix:/run/chaos")``.

    Args:
        proxy: Entered.
        where: ``unix:PATH``, whose file only its owner may use, or ``HOST:PORT`` or ``PORT`` of
            this machine; port 0: any free one.
        token: What each request must bring, as ``Authorization: Bearer TOKEN``; None: drawn.

    Raises:
        ValueError: ``where`` is nowhere, or can be reached from other machines; or ``token`` cannot
            stand in a header.

    Attributes:
        token: See above.
        url: Where it listens, once it is entered: ``unix:PATH`` or ``http://HOST:PORT``.
    """

    def __init__(self, proxy: Proxy, where: str, *, token: str | None = None) -> None:
        self.token = secrets.token_urlsafe(24) if token is None else token
        check_token(self.token)
        self.url = where
        self._place = control_place(where)
        self._orders = Orders(proxy)
        self._acceptor: Acceptor | None = None
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        sockets = await self._place.listen()
        if isinstance(self._place, TCPPlace):
            self.url = f"http://{host_port(*sockets[0].getsockname()[:2])}"
        await self._group.__aenter__()
        self._acceptor = Acceptor(sockets, self._accept, loop=asyncio.get_running_loop())
        self._acceptor.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._place.leave()
        finally:
            assert self._acceptor is not None  # noqa: S101 - for mypy
            await self._acceptor.stop()
            for task in self._tasks:
                task.cancel()
            # What was raised inside goes on as it is; of ours come only the failures of tasks.
            await self._group.__aexit__(None, None, None)

    def _accept(self, connection: socket.socket, address: object) -> None:
        if len(self._tasks) >= _MOST_AT_ONCE:
            connection.close()
            return
        connection.setblocking(False)
        task = self._group.create_task(self._attend(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, connection: socket.socket) -> None:
        """One request, one answer."""
        side = None
        try:
            async with asyncio.timeout(_PATIENCE):
                side = await accepted(connection, None)
                await side.write(_response(await self._answer(side.reader)))
                side.finish()
                # A socket that is closed with unread data is reset, and the answer with it.
                while await side.reader.read(_LONGEST_BODY):
                    pass
        except OSError:
            return  # who asked has gone, or takes too long: TimeoutError is one, too
        finally:
            if side is not None:
                side.close()
            connection.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            return await self._orders.obey(await self._order(reader))
        except Refused as refused:
            return refused.answer

    async def _order(self, reader: asyncio.StreamReader) -> Order:
        try:
            head = RequestHead.parse(await reader.readuntil(BLANK_LINE))
        except asyncio.LimitOverrunError:
            raise Refused(431, "the head of the request is too long") from None
        except asyncio.IncompleteReadError:
            raise Refused(400, "the request is not whole") from None
        words = head.line.split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            raise Refused(400, "this is no request of HTTP/1.1")
        self._check_token(head)
        path, _, query = head.target.partition("?")
        return Order(
            method=words[0].decode("latin-1"),
            path=path,
            query=dict(urllib.parse.parse_qsl(query, keep_blank_values=True)),
            body=await _body(head, reader),
        )

    def _check_token(self, head: RequestHead) -> None:
        given = head.values(b"authorization")
        wanted = b"Bearer " + self.token.encode()
        if len(given) != 1 or not hmac.compare_digest(given[0], wanted):
            raise Refused(401, "this needs 'Authorization: Bearer TOKEN' with the right token")


def control_place(where: str) -> TCPPlace | UnixPlace:
    """The place that ``where`` means, see `Control`.

    Raises:
        ValueError: it is none, or can be reached from other machines.
    """
    if where.startswith(_UNIX):
        if where == _UNIX:
            raise ValueError("write unix:PATH")
        return UnixPlace(where.removeprefix(_UNIX), 0o600)
    host, port = host_and_port(where)
    host = "127.0.0.1" if host == "localhost" else host
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(
            f"{host!r} may be reached from other machines; "
            "write unix:PATH, 127.0.0.1:PORT or [::1]:PORT"
        )
    return TCPPlace(host, port, reuse_port=False)


def check_token(token: str) -> None:
    """Refuse a token that no request could bring.

    Raises:
        ValueError: it is empty, or cannot stand in a header. It does not say what it is.
    """
    if not (token.isascii() and token.isprintable() and token) or " " in token:
        raise ValueError("a token is printable ASCII without spaces, and not empty")


def host_and_port(where: str) -> tuple[str, int]:
    """``HOST:PORT``, ``[IPV6]:PORT`` or ``PORT`` taken apart; without a host it is 127.0.0.1.

    Raises:
        ValueError: it is none of these.
    """
    host, _, port = where.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = port = ""  # an IPv6 address without brackets: no one knows where it ends
    if not (port.isascii() and port.isdecimal() and int(port) < 2**16):
        raise ValueError(f"{where!r} is no place to listen at: write HOST:PORT or PORT")
    return host or "127.0.0.1", int(port)


async def _body(head: RequestHead, reader: asyncio.StreamReader) -> Mapping[str, Any]:
    """The object in the body; an empty one where there is no body.

    Raises:
        Refused: it is too long, not whole, or no object of JSON.
    """
    if head.values(b"transfer-encoding"):
        raise Refused(411, "send the body in one piece, with its Content-Length")
    lengths = head.values(b"content-length") or [b"0"]
    if len(lengths) > 1 or not (lengths[0].isdigit() and len(lengths[0]) < 20):
        raise Refused(400, "Content-Length must be a number")
    length = int(lengths[0])
    if length > _LONGEST_BODY:
        raise Refused(413, f"a body has {_LONGEST_BODY} bytes at most")
    try:
        raw = await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        raise Refused(400, "the body is not whole") from None
    try:
        body = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "the body must be an object of JSON")
    return body


def _response(answer: Answer) -> bytes:
    status = http.HTTPStatus(answer.status)
    body = b"" if answer.body is None else json.dumps(answer.body).encode() + b"\n"
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if status == http.HTTPStatus.UNAUTHORIZED:
        lines.append("WWW-Authenticate: Bearer")
    if answer.allow:
        lines.append(f"Allow: {answer.allow}")
    if status != http.HTTPStatus.NO_CONTENT:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + BLANK_LINE + body
