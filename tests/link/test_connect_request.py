"""CONNECT, byte by byte: what is asked, and every answer there may be."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.errors import ProxyError
from longwire.link.address import parse_address
from longwire.link.connect_request import MAX_HEAD, ConnectRequest
from longwire.link.proxy import Proxy

ADDRESS = parse_address("wss://feed.example/ws?token=s3cr3t")


def request(url: str = "http://proxy.example", where: Any = ADDRESS) -> ConnectRequest:
    """A request to that proxy."""
    return ConnectRequest(Proxy(url), where, user_agent="me")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("wss://feed.example/ws", "feed.example:443"),
        ("ws://feed.example/ws", "feed.example:80"),
        ("ws://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("ws://[::1]:8080/", "[::1]:8080"),
        ("ws://[fe80::1%25lo]/", "[fe80::1]:80"),
    ],
)
def test_the_target_always_has_a_port(url: str, target: str) -> None:
    """RFC 9110, 9.3.6; an IPv6 address is in brackets, and has no zone for a stranger."""
    asked = request(where=parse_address(url)).request_bytes()
    expected = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: me\r\n\r\n"
    assert asked == expected.encode()


def test_credentials_cannot_smuggle_a_header_in() -> None:
    """Line ends in the password, percent-encoded in the URL, go out as base64."""
    asked = request("http://bob:p%0d%0aX-Evil%3a%20y@proxy.example").request_bytes()
    line = next(one for one in asked.split(b"\r\n") if one.startswith(b"Proxy-Authorization"))
    assert base64.b64decode(line.split()[2]) == b"bob:p\r\nX-Evil: y"
    assert asked.count(b"\r\n") == 5


@pytest.mark.parametrize("pieces", [1, 3, 1000])
def test_an_answer_in_pieces(pieces: int) -> None:
    """However it is cut, it says the same."""
    whole = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVia: x\r\n\r\n"
    asked = request()
    for start in range(0, len(whole), pieces):
        done = asked.feed(whole[start : start + pieces])
        assert done == (start + pieces >= len(whole))


def test_the_head_has_a_bound() -> None:
    """A proxy that goes on and on is given up."""
    asked = request()
    assert not asked.feed(b"HTTP/1.1 200 OK\r\n")
    field = b"X: " + b"x" * 1_000 + b"\r\n"
    for _ in range(MAX_HEAD // len(field) - 1):
        assert not asked.feed(field)
    with pytest.raises(ProxyError, match="bytes"):
        asked.feed(field * 3)


def test_where_it_comes_from_is_told() -> None:
    """A proxy that the environment set is said to be that one's."""
    proxy = Proxy("http://proxy.example")
    object.__setattr__(proxy, "variable", "https_proxy")
    with pytest.raises(ProxyError) as caught:
        ConnectRequest(proxy, ADDRESS, user_agent=None).feed(b"HTTP/1.1 403 No\r\n\r\n")
    assert caught.value.from_environment
    assert "https_proxy" in caught.value.hint
    assert caught.value.where == "wss://feed.example/ws?token=…"


@given(st.lists(st.binary(max_size=40), max_size=10), st.booleans())
def test_whatever_comes_is_answered_in_one_way(pieces: list[bytes], plausible: bool) -> None:
    """Yes, not yet, or the one error; nothing else comes out."""
    asked = request()
    if plausible:
        pieces = [b"HTTP/1.1 200 ", *pieces]
    with contextlib.suppress(ProxyError):
        for piece in pieces:
            if asked.feed(piece):
                return
