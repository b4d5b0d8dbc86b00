"""Inflating a little at a time gives what inflating at once does."""

from __future__ import annotations

import itertools
import os
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.errors import ProtocolError
from longwire.link.deflate import MOST_STREAMS, TAIL, Deflate, DeflateParameters
from longwire.link.inflation import Inflation

FORGETFUL = DeflateParameters(remote_no_context_takeover=True, local_no_context_takeover=True)


def inflated(inflation: Inflation, packed: bytes, cuts: list[int], limit: int) -> bytes:
    """One message in so many parts, taken so much at a time."""
    plain = b""
    edges = [0, *sorted(min(cut, len(packed)) for cut in cuts), len(packed)]
    for start, end in itertools.pairwise(edges):
        inflation.feed(packed[start:end], final=end == edges[-1] and start == edges[-2])
        while inflation.pending:
            part = inflation.take(limit)
            assert len(part) <= limit
            plain += part
    return plain


def finished(message: bytes) -> bytes:
    """A message in a deflate stream of its own, with a final block at its end."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(message) + packer.flush(zlib.Z_FINISH)


@given(
    st.lists(st.binary(max_size=300) | st.just(b"again" * 100), min_size=1, max_size=4),
    st.lists(st.integers(0, 400), max_size=4),
    st.integers(1, 700),
    st.booleans(),
)
def test_it_is_the_same_however_it_is_cut(
    messages: list[bytes], cuts: list[int], limit: int, forgetful: bool
) -> None:
    """Any parts, any limit, with and without the context of the messages before."""
    parameters = FORGETFUL if forgetful else DeflateParameters()
    packer, inflation = Deflate(parameters), Inflation(Deflate(parameters))
    for message in messages:
        # The last part must be told from those before it by its place.
        packed = packer.compress(message)
        assert inflated(inflation, packed, [cut for cut in cuts if cut < len(packed)], limit) == (
            message
        )


@given(
    st.lists(st.binary(max_size=200), max_size=5),
    st.lists(st.integers(0, 300), max_size=4),
    st.integers(1, 300),
    st.sampled_from([b"", b"\x00"]),
)
def test_final_blocks_anywhere(
    streams: list[bytes], cuts: list[int], limit: int, ending: bytes
) -> None:
    """A sender may end its stream in mid-message, or with the message, and begin anew."""
    inflation = Inflation(Deflate(DeflateParameters()))
    packed = b"".join(map(finished, [*streams, b"last"])) + ending
    for _ in range(2):
        plain = inflated(inflation, packed, [cut for cut in cuts if cut < len(packed)], limit)
        assert plain == b"".join(streams) + b"last"


def test_an_empty_last_part_ends_a_stream_that_was_finished() -> None:
    """The tail that it stands for is no block of a new stream."""
    inflation = Inflation(Deflate(DeflateParameters()))
    for _ in range(3):
        inflation.feed(finished(b"whole"), final=False)
        assert inflation.take(100) == b"whole"
        inflation.feed(b"", final=True)
        assert inflation.take(100) == b""
        assert not inflation.pending


def test_a_bomb_is_inflated_no_further_than_asked() -> None:
    """What is not asked for takes no memory."""
    packer = Deflate(DeflateParameters())
    packed = packer.compress(bytes(64 * 2**20))
    inflation = Inflation(Deflate(DeflateParameters()))
    tracemalloc.start()
    try:
        inflation.feed(packed, final=True)
        assert len(inflation.take(1000)) == 1000
        assert inflation.pending
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(packed)


def test_garbage_is_a_violation() -> None:
    """It has the close code of wrong data."""
    inflation = Inflation(Deflate(DeflateParameters()))
    inflation.feed(b"\xff" * 20, final=False)
    with pytest.raises(ProtocolError) as caught:
        inflation.take(100)
    assert caught.value.code == 1007


@pytest.mark.parametrize("block", [finished(b""), finished(b"x")])
def test_a_flood_of_final_blocks_is_a_violation(block: bytes) -> None:
    """They are counted for each part, so that what they cost is bounded by what came."""
    inflation = Inflation(Deflate(DeflateParameters()))
    for _ in range(3):
        inflation.feed(block * MOST_STREAMS, final=False)
        inflation.take(2 * MOST_STREAMS)
    inflation.feed(block * (MOST_STREAMS + 1), final=False)
    with pytest.raises(ProtocolError):
        inflation.take(2 * MOST_STREAMS)


def test_what_is_stopped_is_passed_over() -> None:
    """Where nothing has a place any more nothing is inflated."""
    deflate = Deflate(DeflateParameters())
    inflation = Inflation(deflate)
    deflate.stop()
    inflation.feed(os.urandom(100), final=True)
    assert inflation.take(100) == b""
    assert not inflation.pending


@given(st.lists(st.binary(max_size=200), max_size=5), st.booleans())
def test_fragments_are_one_message(fragments: list[bytes], forgetful: bool) -> None:
    """What is compressed in fragments inflates at once, each when it comes, and message by message.

    The last fragment is empty, as ours are.
    """
    parameters = FORGETFUL if forgetful else DeflateParameters()
    packer, whole = Deflate(parameters), Deflate(parameters)
    inflation = Inflation(Deflate(parameters))
    for _ in range(3):
        sent = [packer.compress_fragment(each, final=False) for each in fragments]
        last = packer.compress_fragment(b"", final=True)
        assert not last.endswith(TAIL)
        assert whole.inflate(b"".join(sent) + last, 2**20) == b"".join(fragments)
        for packed, plain in zip(sent, fragments, strict=True):
            inflation.feed(packed, final=False)
            assert inflation.take(1000) == plain
        inflation.feed(last, final=True)
        assert inflation.take(1000) == b""
