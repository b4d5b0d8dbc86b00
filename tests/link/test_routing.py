"""Plain answers, and handlers by path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from longwire.link.headers import Headers
from longwire.link.routing import OpeningRequest, Response, Routes, plain, switching

if TYPE_CHECKING:
    from longwire.link.base import Link


async def first(link: Link) -> None:
    """A handler."""


async def second(link: Link) -> None:
    """Another handler."""


def test_routes_by_exact_path() -> None:
    """A path finds its handler, any other the fallback."""
    routes = Routes(first, {"/b": second})
    assert routes.find("/b") is second
    assert routes.find("/") is first
    assert routes.find("/b/") is first


@pytest.mark.parametrize("routes", [Routes({"/b": second}, None), Routes(None, {"/b": second})])
def test_routes_without_fallback(routes: Routes) -> None:
    """A mapping may stand in place of the handler; then other paths are not served."""
    assert routes.find("/b") is second
    assert routes.find("/") is None


def test_routes_that_make_no_sense() -> None:
    """No handler, one that is none, two mappings, or a path without a slash: it is named."""
    with pytest.raises(TypeError):
        Routes(None, None)
    with pytest.raises(TypeError):
        Routes({"/": first}, {"/": second})
    with pytest.raises(ValueError):
        Routes(None, {"b": second})
    wrong: list[tuple[Any, Any]]
    wrong = [(7, None), (first, {"/": None}), ({"/": "first"}, None)]
    for handler, routes in wrong:
        with pytest.raises(TypeError, match="a handler is"):
            Routes(handler, routes)


def test_plain_answer() -> None:
    """Status, fields, length, and the end of the connection; text is UTF-8."""
    raw = plain(Response(403, {"X-Why": "because"}, "nö\n"))
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 403 Forbidden"
    assert b"X-Why: because" in lines
    assert b"Content-Length: 4" in lines
    assert b"Connection: close" in lines
    assert b"Content-Type: text/plain; charset=utf-8" in lines
    assert any(line.startswith(b"Date: ") for line in lines)
    assert body == "nö\n".encode()


def test_head_gets_no_body() -> None:
    """The answer to HEAD tells the length of a body that is not sent."""
    raw = plain(Response(200, body=b"12345"), method="HEAD")
    assert raw.endswith(b"\r\n\r\n")
    assert b"Content-Length: 5" in raw


def test_no_content_has_no_length() -> None:
    """204 has neither body nor length."""
    assert b"Content-Length" not in plain(Response(204))


def test_status_without_a_name() -> None:
    """Statuses that nobody has named are sent all the same."""
    assert plain(Response(599)).startswith(b"HTTP/1.1 599 \r\n")


def test_content_type_of_ones_own() -> None:
    """A type that is given is kept, also for text."""
    response = Response(200, {"Content-Type": "application/json"}, "{}")
    assert response.headers.get_all("content-type") == ("application/json",)


@pytest.mark.parametrize("status", [100, 101, 199, 600, 0])
def test_statuses_that_are_no_answer(status: int) -> None:
    """A hook cannot answer 101 by hand."""
    with pytest.raises(ValueError):
        Response(status)


@pytest.mark.parametrize("body", [5, 10**12, None, ["text"], {"a": 1}])
def test_bodies_that_are_none(body: Any) -> None:
    """A number is no body: as bytes it would be so many zeros."""
    with pytest.raises(TypeError, match="body"):
        Response(200, body=body)


@pytest.mark.parametrize("body", [b"ab", bytearray(b"ab"), memoryview(b"ab"), "ab"])
def test_bodies(body: Any) -> None:
    """Text, and bytes of every kind."""
    assert Response(200, body=body).body == b"ab"


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nEvil: yes"}, {"X\r\n": "a"}, {"Content-Length": "3"}, {"Connection": "x"}],
)
def test_fields_that_must_not_be_sent(headers: dict[str, str]) -> None:
    """Nothing can be injected, and framing is ours."""
    with pytest.raises(ValueError):
        Response(200, headers)


def test_switching() -> None:
    """A 101 has the fields it is given, and a blank line behind them."""
    raw = switching([("Upgrade", "websocket")])
    assert raw.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"\r\nUpgrade: websocket\r\n" in raw
    assert raw.endswith(b"\r\n\r\n")
    with pytest.raises(ValueError):
        switching([("Sec-WebSocket-Protocol", "a\r\nb")])


def test_request_hides_its_query() -> None:
    """``repr`` of a request shows neither query nor fields."""
    request = OpeningRequest(
        method="GET",
        target="/ws?token=s3cr3t",
        headers=Headers({"Origin": "https://a.example", "Authorization": "s3cr3t"}),
        peer="127.0.0.1:1",
        upgrade=True,
    )
    assert "s3cr3t" not in repr(request)
    assert request.path == "/ws"
    assert request.origin == "https://a.example"
    assert repr(Response(200, body=b"s3cr3t")) == "Response(200, 6 bytes)"
