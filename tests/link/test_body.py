"""The body of a rejection: as much as is useful, whatever its framing."""

from __future__ import annotations

from typing import Any, SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.link import body as module
from longwire.link.body import Body
from longwire.link.headers import Headers

CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.mark.parametrize(
    ("headers", "data", "content", "complete"),
    [
        ({"Content-Length": "5"}, b"hello", b"hello", True),
        ({"Content-Length": "5"}, b"hello, world", b"hello", True),
        ({"Content-Length": "50"}, b"hello", b"hello", False),
        ({"Content-Length": "0"}, b"", b"", True),
        ({}, b"hello", b"hello", False),
        ({"Content-Length": "many"}, b"hello", b"hello", False),
        ({"Content-Length": "5, 6"}, b"hello", b"hello", False),
        ({"Content-Length": "9" * 30}, b"hello", b"hello", False),
        (CHUNKED, b"5\r\nhello\r\n0\r\n\r\n", b"hello", True),
        (CHUNKED, b"5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", b"hello, world", True),
        (CHUNKED, b"5\r\nhel", b"hel", False),
        (CHUNKED, b"5", b"", False),
        (CHUNKED, b"nonsense\r\nhello", b"", True),
        (CHUNKED, b"5" * 300, b"", True),
        (CHUNKED | {"Content-Length": "0"}, b"2\r\nhi\r\n0\r\n\r\n", b"hi", True),
        ({"Transfer-Encoding": "gzip, chunked"}, b"2\r\nhi\r\n0\r\n\r\n", b"hi", True),
    ],
)
def test_framing(headers: dict[str, str], data: bytes, content: bytes, complete: bool) -> None:
    """Length, chunks, end of connection, and nonsense: what came is kept, nothing raises."""
    body = Body(500, Headers(headers), 1000)
    body.feed(data)
    assert (body.content, body.complete) == (content, complete)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "100000"}, CHUNKED])
def test_limit(headers: dict[str, str]) -> None:
    """A body over the limit is cut there, and waited for no longer."""
    body = Body(500, Headers(headers), 10)
    body.feed((b"64\r\n" if headers is CHUNKED else b"") + b"x" * 11)
    assert body.content == b"x" * 10
    assert body.complete
    body.feed(b"y")
    assert body.content == b"x" * 10


class CountedBuffer(bytearray):
    """Counts the bytes that are copied out of it, moved within it, or searched."""

    work = 0

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        CountedBuffer.work += len(found) if isinstance(key, slice) else 1
        return found

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        CountedBuffer.work += len(self)

    def lstrip(self, chars: Any = None, /) -> bytearray:
        CountedBuffer.work += len(self)
        return super().lstrip(chars)

    def partition(self, sep: Any, /) -> tuple[bytearray, bytearray, bytearray]:
        CountedBuffer.work += len(self)
        return super().partition(sep)

    def find(
        self, sub: Any, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /
    ) -> int:
        found = super().find(sub, start, end)
        CountedBuffer.work += (len(self) if found < 0 else found) - int(start or 0)
        return found


@pytest.mark.parametrize("at_once", [256 * 1024, 100])
def test_many_small_chunks_cost_no_more_than_their_bytes(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each chunk is paid for once, not with all that has come behind it."""
    monkeypatch.setattr(module, "bytearray", CountedBuffer, raising=False)
    CountedBuffer.work = 0
    data = b"1\r\nx\r\n" * 40_000
    body = Body(500, Headers(CHUNKED), 64 * 1024)
    for start in range(0, len(data), at_once):
        body.feed(data[start : start + at_once])
    assert body.content == b"x" * 40_000
    assert 0 < CountedBuffer.work < 10 * len(data)


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_body(status: int) -> None:
    """No content and not modified are complete at once."""
    assert Body(status, Headers(), 10).complete


@given(st.binary(max_size=60), st.lists(st.integers(1, 20), max_size=20), st.integers(1, 30))
def test_splitting_changes_nothing(payload: bytes, sizes: list[int], limit: int) -> None:
    """However chunks and reads are cut, the content is the same."""
    whole = bytearray()
    rest = payload
    for size in sizes:
        part, rest = rest[:size], rest[size:]
        if part:
            whole += b"%x\r\n%b\r\n" % (len(part), part)
    whole += (b"%x\r\n%b\r\n" % (len(rest), rest) if rest else b"") + b"0\r\n\r\n"
    body = Body(500, Headers(CHUNKED), limit)
    for position in range(len(whole)):
        body.feed(bytes(whole[position : position + 1]))
    assert body.content == payload[:limit]
    assert body.complete
