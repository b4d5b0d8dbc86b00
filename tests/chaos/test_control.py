"""Orders by HTTP: over which sockets, by whom, and what becomes of requests that are none."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import stat
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from longwire.chaos import Proxy, control
from longwire.chaos.control import Control, check_token, control_place, host_and_port
from longwire.errors import ConnectError
from longwire.testing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from longwire.testing import NumberedFeed


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    fields: http.client.HTTPMessage
    body: Any


class UnixConnection(http.client.HTTPConnection):
    """The standard library's client, over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


@pytest.fixture
async def proxy(feed: NumberedFeed) -> AsyncIterator[Proxy]:
    """A proxy in front of the feed, in which nothing strikes."""
    async with Proxy(feed.url) as running:
        yield running


@pytest.fixture
async def desk(proxy: Proxy) -> AsyncIterator[Control]:
    """Takes orders at a port."""
    async with Control(proxy, "127.0.0.1:0", token="sesame") as running:
        yield running


def connection_to(desk: Control) -> http.client.HTTPConnection:
    if desk.url.startswith("unix:"):
        return UnixConnection(desk.url.removeprefix("unix:"))
    host, port = host_and_port(desk.url.removeprefix("http://"))
    return http.client.HTTPConnection(host, port, timeout=PATIENCE)


async def ask(desk: Control, method: str, path: str, body: Any = None, **fields: str) -> Reply:
    """Ask with the token, and whatever else is given; the client is the standard library's."""
    headers = {"Authorization": f"Bearer {desk.token}"} | fields
    raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()

    def exchange() -> Reply:
        connection = connection_to(desk)
        try:
            connection.request(method, path, raw, headers)
            response = connection.getresponse()
            text = response.read()
            return Reply(response.status, response.headers, json.loads(text) if text else None)
        finally:
            connection.close()

    return await asyncio.to_thread(exchange)


async def raw(desk: Control, request: bytes) -> bytes:
    """Send bytes, whatever they are, and end; what is answered until the end."""
    host, port = host_and_port(desk.url.removeprefix("http://"))
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_orders_are_done_at_a_port(desk: Control, proxy: Proxy) -> None:
    """A strike is ordered, shown and ended by the standard library's client."""
    created = await ask(desk, "POST", "/strikes", {"fault": "drop-every n=3", "only_now": False})
    assert (created.status, created.body) == (201, {"id": 1})
    assert created.fields["Content-Type"] == "application/json"
    shown = await ask(desk, "GET", "/strikes")
    assert (shown.status, shown.body[0]["options"]) == (200, {"n": 3})
    ended = await ask(desk, "DELETE", "/strikes/1")
    assert (ended.status, ended.body) == (204, None)
    assert proxy.strikes == {}
    assert (await ask(desk, "DELETE", "/strikes/1")).status == 404
    other = await ask(desk, "PUT", "/strikes")
    assert (other.status, other.fields["Allow"]) == (405, "GET, POST")
    page = await ask(desk, "GET", "/journal?since=-1&limit=5")
    assert (page.status, page.body) == (200, [dict(one) for one in proxy.journal])


async def test_orders_are_done_at_a_unix_socket(proxy: Proxy, tmp_path: Path) -> None:
    """Its file is the owner's alone, needs the token all the same, and is gone at the end."""
    path = tmp_path / "chaos.sock"
    async with Control(proxy, f"unix:{path}") as desk:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (await ask(desk, "GET", "/strikes")).body == []
        assert (await ask(desk, "GET", "/strikes", Authorization="Bearer other")).status == 401
    assert not path.exists()


async def test_urllib_reads_errors(desk: Control) -> None:
    """An order that makes no sense is a 400 with the reason in JSON."""
    request = urllib.request.Request(
        f"{desk.url}/strikes",
        data=b'{"fault": "nothing"}',
        headers={"Authorization": "Bearer sesame"},
        method="POST",
    )

    def fail() -> tuple[int, Any]:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=PATIENCE)
        with caught.value as error:
            return error.code, json.loads(error.read())

    status, body = await asyncio.to_thread(fail)
    assert status == 400
    assert body["error"].startswith("no fault is called 'nothing'")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer sesam", "bearer sesame", "Basic sesame"])
async def test_without_the_right_token_nothing_is_done(
    desk: Control, proxy: Proxy, given: str
) -> None:
    """401, whatever is asked, and before the body is looked at."""
    reply = await ask(desk, "POST", "/strikes", {"fault": "fin"}, Authorization=given)
    assert (reply.status, reply.fields["WWW-Authenticate"]) == (401, "Bearer")
    assert proxy.strikes == {}
    missing = await raw(desk, b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    assert missing.startswith(b"HTTP/1.1 401 ")


async def test_a_token_is_drawn(proxy: Proxy) -> None:
    """Long, and another one each time."""
    tokens = {Control(proxy, "0").token for _ in range(10)}
    assert len(tokens) == 10
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"3", b"\xff", b'{"fault": "fin"', b"[" * 60_000],
    ids=["half", "list", "number", "bytes", "open", "deep"],
)
async def test_a_body_that_is_no_object_is_400(desk: Control, body: bytes) -> None:
    """However it is broken."""
    reply = await ask(desk, "POST", "/strikes", body)
    assert (reply.status, reply.body["error"]) == (400, "the body must be an object of JSON")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/strikes", {"fault": "drop-every n=inf"}),
        ("/strikes", {"fault": "mute matching=a{99999999999}"}),
        ("/strikes", {"fault": f"mute matching={'(' * 5_000}{')' * 5_000}"}),
        ("/scenario", {"name": "deploy", "speed": 10**400}),
        ("/scenario", {"name": "deploy", "speed": 1e-320}),
    ],
    ids=["inf", "repeats", "deep", "fast", "slow"],
)
async def test_a_number_without_bounds_is_400(desk: Control, path: str, body: Any) -> None:
    """The proxy and all that passes through it go on."""
    assert (await ask(desk, "POST", path, body)).status == 400
    assert (await ask(desk, "GET", "/")).status == 200


@pytest.mark.parametrize(
    "token", ["", "two words", "open sesame ", "\udcff", "sesame\n", "schlüssel"]
)
def test_a_token_that_no_request_can_bring(token: str) -> None:
    """It is refused before anything listens, and not shown."""
    with pytest.raises(ValueError, match="a token is printable ASCII without spaces") as error:
        check_token(token)
    assert not token or token.strip() not in str(error.value)


async def test_a_body_has_a_limit(desk: Control) -> None:
    """The answer arrives although the body is not read; without a length there is none."""
    reply = await ask(desk, "POST", "/strikes", b" " * (control._LONGEST_BODY + 1))
    assert reply.status == 413
    chunked = await ask(
        desk, "POST", "/strikes", b"2\r\n{}\r\n0\r\n\r\n", **{"Transfer-Encoding": "chunked"}
    )
    assert chunked.status == 411


HEAD = b"POST /strikes HTTP/1.1\r\nAuthorization: Bearer sesame\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"", 400),
        (b"\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400),
        (HEAD + b"Content-Length: 9\r\n\r\n{}", 400),
        (HEAD + b"Authorization: Bearer sesame\r\n\r\n", 401),
        (HEAD + b"X: " + b"x" * 2**17 + b"\r\n\r\n", 431),
    ],
    ids=["none", "empty", "0.9", "2", "tls", "negative", "two", "short", "twice", "long"],
)
async def test_what_is_no_request_is_answered(desk: Control, request_: bytes, status: int) -> None:
    """With a 4xx and a reason in JSON."""
    answer = await raw(desk, request_)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(body)["error"]


async def test_who_says_nothing_holds_nobody_up(
    desk: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are served meanwhile, and the silent one is let go after a time."""
    monkeypatch.setattr(control, "_PATIENCE", 0.05)
    host, port = host_and_port(desk.url.removeprefix("http://"))
    reader, writer = await asyncio.open_connection(host, port)
    try:
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() == b""
    finally:
        writer.close()
        await writer.wait_closed()


async def test_there_is_a_bound_on_connections(
    desk: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too many is ended at once; with its end the others have all gone, and no task is left."""
    monkeypatch.setattr(control, "_MOST_AT_ONCE", 1)
    host, port = host_and_port(desk.url.removeprefix("http://"))
    _, first = await asyncio.open_connection(host, port)
    reader, second = await asyncio.open_connection(host, port)
    async with asyncio.timeout(PATIENCE):
        assert await reader.read() == b""
    for writer in (first, second):
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "where",
    ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "example.org:1", "::1:1", "unix:", "nowhere", "1:2:3"],
)
def test_it_listens_on_this_machine_only(where: str) -> None:
    """Every other place is refused before anything listens."""
    with pytest.raises(ValueError, match=r"other machines|no place|unix:PATH"):
        control_place(where)


@pytest.mark.parametrize(
    "where", ["1", ":1", "localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"]
)
def test_what_is_this_machine(where: str) -> None:
    """By whatever name."""
    assert str(control_place(where)).endswith(":1")


async def test_a_place_that_is_taken(proxy: Proxy, desk: Control) -> None:
    """It says so, and leaves nothing behind."""
    with pytest.raises(ConnectError, match="cannot listen"):
        async with Control(proxy, desk.url.removeprefix("http://")):
            pass


async def test_the_end_does_not_wait_for_who_says_nothing(proxy: Proxy) -> None:
    """A connection that is open is ended with it."""
    async with Control(proxy, "0") as desk:
        host, port = host_and_port(desk.url.removeprefix("http://"))
        reader, writer = await asyncio.open_connection(host, port)
        assert (await ask(desk, "GET", "/")).status == 200
    async with asyncio.timeout(PATIENCE):
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
