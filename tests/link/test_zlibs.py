"""Which zlib inflates, and that it does not matter for what comes out."""

from __future__ import annotations

import importlib
import itertools
import os
import random
import subprocess
import sys
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import longwire
from longwire.core.compression import Deflate
from longwire.link.zlibs import VARIABLE, checked_compression, inflater, inflating

TAIL = b"\x00\x00\xff\xff"


def told(**variables: str) -> str:
    """What a fresh process says, or its error."""
    code = "import longwire; print(longwire.inflater())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={name: value for name, value in os.environ.items() if name != VARIABLE} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def other() -> Any:
    """zlib-ng's module."""
    return pytest.importorskip("zlib_ng.zlib_ng", reason="zlib-ng is not installed")


def test_zlib_ng_where_it_is_installed() -> None:
    """Without a word in the environment; with one, what it asks for."""
    other()
    assert told() == "zlib-ng"
    assert told(LONGWIRE_ZLIB="") == "zlib-ng"
    assert told(LONGWIRE_ZLIB="zlib-ng") == "zlib-ng"
    assert told(LONGWIRE_ZLIB="zlib") == "zlib"


def test_what_there_is_not_is_told() -> None:
    """A name that means nothing is an error, and no silent fallback."""
    assert told(LONGWIRE_ZLIB="isal").startswith("ValueError: LONGWIRE_ZLIB=isal is neither")


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Python does not find zlib-ng, and nothing has been chosen yet."""
    monkeypatch.setitem(sys.modules, "zlib_ng", None)
    inflating.cache_clear()
    yield monkeypatch
    inflating.cache_clear()


def test_without_zlib_ng(missing: pytest.MonkeyPatch) -> None:
    """zlib takes its place, unless zlib-ng was asked for: then openings say what to install."""
    missing.delenv(VARIABLE, raising=False)
    assert inflater() == "zlib"
    inflating.cache_clear()
    missing.setenv(VARIABLE, "zlib-ng")
    with pytest.raises(ValueError, match=r"install longwire\[speed\]"):
        inflater()
    with pytest.raises(ValueError, match=r"install longwire\[speed\]"):
        longwire.connect("ws://127.0.0.1:9/")
    assert checked_compression(None, client=True) is None


def test_the_tests_run_with_what_they_are_told_to() -> None:
    """The environment decides which one all the other tests of this run use."""
    assert inflater() == (os.environ.get(VARIABLE) or told())
    assert longwire.inflater is inflater


def test_terms_are_checked_with_the_side() -> None:
    """What `Deflate.of` refuses is refused here."""
    assert checked_compression("deflate", client=True) == Deflate()
    with pytest.raises(ValueError, match="zlib compresses with 9"):
        checked_compression(Deflate(server_max_window_bits=8), client=False)


# ---------------------------------------------------------------- the two against each other


def state(codec: Any) -> tuple[bool, bytes, bytes]:
    """What tells how far an inflater has come."""
    return codec.eof, codec.unused_data, codec.unconsumed_tail


def step(codec: Any, data: bytes, limit: int, error: type[Exception]) -> bytes | str:
    """One call; the word "error" for any error."""
    try:
        plain: bytes = codec.decompress(data, limit)
    except error:
        return "error"
    return plain


def compare(stream: bytes, bits: int, sizes: list[int], limits: list[int]) -> None:
    """Feed both the same, in pieces and under limits, and look at all they show, call by call."""
    ours, theirs = zlib.decompressobj(wbits=-bits), other().decompressobj(wbits=-bits)
    rest = stream
    for size, limit in zip(itertools.cycle(sizes), itertools.cycle(limits), strict=False):
        piece, rest = rest[:size], rest[size:]
        plain = step(ours, piece, limit, zlib.error)
        assert step(theirs, piece, limit, other().error) == plain
        if plain == "error":
            return
        assert state(theirs) == state(ours)
        rest = ours.unconsumed_tail + rest
        if ours.eof or not (rest or plain):
            return


STEPS = st.lists(st.integers(1, 3_000), min_size=1, max_size=5)
LIMITS = st.lists(st.integers(1, 5_000), min_size=1, max_size=5)
MESSAGE = st.one_of(
    st.binary(max_size=3_000),
    st.binary(min_size=1, max_size=20).map(lambda one: one * 400),
    st.text(alphabet='{}":,0123456789abc', max_size=2_000).map(str.encode),
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, int]:
    """Messages, compressed with any window and level, ended or not, and that window."""
    bits = draw(st.integers(9, 15))
    packer = zlib.compressobj(draw(st.integers(1, 9)), zlib.DEFLATED, -bits, 5)
    stream = b"".join(
        packer.compress(one) + packer.flush(zlib.Z_SYNC_FLUSH)
        for one in draw(st.lists(MESSAGE, min_size=1, max_size=6))
    )
    ending = draw(st.sampled_from([zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH]))
    return stream + packer.flush(ending) + b"behind", bits


@given(streams(), STEPS, LIMITS)
def test_both_inflate_alike(packed: tuple[bytes, int], sizes: list[int], limits: list[int]) -> None:
    """Streams of messages, with every window and level, in any pieces, under any limits."""
    compare(*packed, sizes, limits)


@given(
    MESSAGE,
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4),
    STEPS,
    LIMITS,
)
def test_both_refuse_alike(
    message: bytes, damage: list[tuple[int, int]], sizes: list[int], limits: list[int]
) -> None:
    """What is damaged goes wrong at the same call, or in the same way."""
    packer = zlib.compressobj(wbits=-15)
    stream = bytearray(packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH))
    for place, value in damage:
        stream[place % len(stream)] ^= value
    compare(bytes(stream), 15, sizes, limits)


@given(st.binary(max_size=400), STEPS, LIMITS)
def test_both_take_garbage_alike(garbage: bytes, sizes: list[int], limits: list[int]) -> None:
    """Bytes that nobody compressed."""
    compare(garbage, 15, sizes, limits)


@pytest.mark.parametrize("size", [64, 1_024, 16_384, 2**20])
@pytest.mark.parametrize("bits", range(9, 16))
def test_messages_of_all_sizes(size: int, bits: int) -> None:
    """Twelve messages with context takeover, each inflated in one call, as a link does."""
    chance = random.Random(size * bits)
    words = [chance.randbytes(chance.randrange(2, 12)) for _ in range(300)]
    packer = zlib.compressobj(wbits=-bits, memLevel=5)
    window = other().decompressobj(wbits=-bits)
    for _ in range(12):
        message = b"".join(chance.choices(words, k=size // 6))
        packed = packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH)
        assert window.decompress(packed, 2**24) == message
        assert state(window) == (False, b"", b"")


def test_it_is_the_module_that_is_named() -> None:
    """The name and the module are one choice."""
    name = "zlib" if inflater() == "zlib" else "zlib_ng.zlib_ng"
    assert inflating() is importlib.import_module(name)
