"""Messages that are cut into fragments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import longwire
from longwire.chaos.frames import CONT, TEXT, FrameReader
from longwire.testing import number_of
from soak.fragments import FragmentingFeed, fragments, whole


@given(st.integers(0, 2**20))
def test_the_fragments_are_the_message(number: int) -> None:
    """Two at least, the number in the first; only the last one says that it is the last."""
    parts = FrameReader().feed(b"".join(fragments(number)))
    raw = b"".join(part.payload for part in parts)
    assert (raw.decode() if parts[0].opcode == TEXT else raw) == whole(number)
    assert number_of(parts[0].payload) == number
    assert len(parts) >= 2
    assert [part.fin for part in parts] == [False] * (len(parts) - 1) + [True]
    assert {part.opcode for part in parts[1:]} == {CONT}


def test_a_message_is_the_same_each_time() -> None:
    """The user knows what is right without asking."""
    assert [whole(number) for number in range(99)] == [whole(number) for number in range(99)]


async def test_a_message_that_is_only_begun() -> None:
    """Its number is used up, and on no list of what was sent."""
    async with (
        FragmentingFeed(rate=0) as feed,
        longwire.connect(feed.url, proxy=None, stream=True) as client,
    ):
        link = await feed.link()
        feed.begin(link)
        link.end()
        stream = client.recv_stream()
        number, size = feed.begun[link.index]
        assert (number, feed.next_number, link.sent) == (0, 1, [])
        while size > 0:
            piece = await anext(stream)
            size -= len(piece.encode() if isinstance(piece, str) else piece)
        assert size == 0
        with pytest.raises(longwire.LinkClosed):
            await anext(stream)
