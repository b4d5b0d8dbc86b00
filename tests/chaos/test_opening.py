"""The heads of an opening are understood as far as is needed, and otherwise left alone."""

from __future__ import annotations

import pytest

from longwire.chaos.opening import (
    RequestHead,
    answer,
    inflates,
    status_of,
    target_for,
    with_independent_client,
)

RAW = (
    b"GET /feed?x=1 HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nX-Odd:  two  words \r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, other; a=1\r\n\r\n"
)


def test_a_request_is_taken_apart() -> None:
    """Line and fields, in order, by any case of their names."""
    head = RequestHead.parse(RAW)
    assert head.target == "/feed?x=1"
    assert head.values(b"host") == [b"127.0.0.1:9001"]
    assert head.values(b"x-odd") == [b"two  words"]
    assert bytes(head) == RAW.replace(b"  two  words ", b" two  words")


def test_a_request_goes_to_another_server() -> None:
    """Its Host and its path change; all else stays."""
    head = RequestHead.parse(RAW).to("feed.example", "/ws")
    assert bytes(head).startswith(b"GET /ws HTTP/1.1\r\nHost: feed.example\r\nX-Odd")


def test_what_is_no_request_has_no_target() -> None:
    """And is not changed."""
    head = RequestHead.parse(b"HELLO\r\n\r\n")
    assert head.target == ""
    assert bytes(head.to("feed.example", "/ws")) == b"HELLO\r\n\r\n"


def test_terms_of_compression() -> None:
    """Each message by itself, no compression at all, or what the client wanted."""
    head = RequestHead.parse(RAW)
    (value,) = head.with_compression("independent").values(b"sec-websocket-extensions")
    assert value == (
        b"permessage-deflate; client_max_window_bits; server_no_context_takeover; "
        b"client_no_context_takeover, other; a=1"
    )
    assert head.with_compression("off").values(b"sec-websocket-extensions") == []
    assert head.with_compression("as-is") == head
    again = head.with_compression("independent")
    assert again.with_compression("independent") == again


@pytest.mark.parametrize(
    ("asked", "path", "target"),
    [
        ("/", "/", "/"),
        ("/a?b=1", "/", "/a?b=1"),
        ("/a?b=1", "", "/a?b=1"),
        ("", "", "/"),
        ("/", "/ws", "/ws"),
        ("/a", "/ws?k=v", "/ws?k=v"),
        ("/a?b=1", "/ws", "/ws?b=1"),
        ("/a?b=1", "/ws?k=v", "/ws?k=v&b=1"),
    ],
)
def test_what_the_server_is_asked_for(asked: str, path: str, target: str) -> None:
    """The proxy's path, if it was given one, with the client's query."""
    assert target_for(asked, path) == target


def test_an_answer_is_understood() -> None:
    """Its status, and whether it agrees to compress."""
    head = (
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    assert (status_of(head), inflates(head)) == (101, True)
    assert (status_of(b"SSH-2.0\r\n\r\n"), inflates(b"HTTP/1.1 101 OK\r\n\r\n")) == (None, False)


@pytest.mark.parametrize(
    ("agreed", "told"),
    [
        (
            b"permessage-deflate;server_no_context_takeover",
            b"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        (b"permessage-deflate", b"permessage-deflate; client_no_context_takeover"),
        (
            b"permessage-deflate; client_no_context_takeover",
            b"permessage-deflate; client_no_context_takeover",
        ),
        (b"other; a=1", b"other; a=1"),
    ],
)
def test_a_client_is_told_to_compress_each_message_by_itself(agreed: bytes, told: bytes) -> None:
    """A server need not ask for it, and some do not; nothing else of its answer changes."""
    head = b"HTTP/1.1 101 Yes\r\nX-Odd: 1\r\nSec-WebSocket-Extensions: %s\r\nDate:\r\n\r\n"
    expected = head.replace(b"Date:\r", b"Date: \r") if told != b"other; a=1" else head
    assert with_independent_client(head % agreed) == expected % told


def test_an_answer_of_our_own() -> None:
    """Complete, so that any client understands it."""
    assert answer(429, {"Retry-After": "3"}, "slow") == (
        b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nConnection: close\r\n"
        b"Content-Length: 4\r\n\r\nslow"
    )
    assert answer(599).startswith(b"HTTP/1.1 599 ")
