"""Bytes become records, and from the records the same bytes can be made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.cutter import Cutter
from longwire.chaos.frames import BINARY, TEXT, frame
from longwire.chaos.recording import FrameSeen, More

MASK = b"\x37\xfa\x21\x3d"
FIELDS = st.tuples(
    st.integers(0, 15),
    st.binary(max_size=200),
    st.booleans(),
    st.integers(0, 7),
    st.none() | st.binary(min_size=4, max_size=4),
)
Fields = tuple[int, bytes, bool, int, bytes | None]


def raw_of(records: list[FrameSeen | More]) -> bytes:
    """What a server that sends the same sends."""
    return b"".join(one.raw if isinstance(one, FrameSeen) else one.data for one in records)


def cut(data: bytes, step: int) -> list[FrameSeen | More]:
    cutter = Cutter(1, "c2s")
    pieces = range(0, len(data), step)
    records = [one for at in pieces for one in cutter.cut(data[at : at + step], at)]
    return records + list(cutter.rest(len(data)))


@given(st.lists(FIELDS, max_size=5), st.integers(1, 500))
def test_every_frame_is_a_record(made: list[Fields], step: int) -> None:
    """Each with all its fields, unmasked, however the bytes were cut."""
    data = b"".join(
        frame(op, load, fin=fin, rsv=rsv, mask=mask) for op, load, fin, rsv, mask in made
    )
    records = cut(data, step)
    plain = b"".join(frame(op, load, fin=fin, rsv=rsv) for op, load, fin, rsv, _ in made)
    assert raw_of(records) == plain
    assert [one.masked for one in records if isinstance(one, FrameSeen)] == [
        mask is not None for *_, mask in made
    ]
    assert len(records) == len(made)


@given(st.binary(max_size=300), st.integers(0, 310), st.none() | st.just(MASK), st.integers(1, 50))
def test_a_frame_that_is_cut_off_is_kept_as_far_as_it_came(
    payload: bytes, end: int, mask: bytes | None, step: int
) -> None:
    """Down to half a header."""
    data = frame(BINARY, payload, mask=mask)[:end]
    head = len(frame(BINARY, payload, mask=mask)) - len(payload)
    plain = frame(BINARY, payload)
    came = raw_of(cut(data, step))
    if len(data) >= head:
        assert came == plain[: len(plain) - len(payload) + len(data) - head]
    else:
        assert came == data


def test_a_long_frame_is_kept_in_pieces() -> None:
    """It is not gathered in memory; and its mask goes on through the pieces."""
    payload = bytes(range(256)) * 2**14
    data = frame(BINARY, payload, mask=MASK) + frame(TEXT, b"next", mask=MASK)
    records = cut(data, 2**16 - 1)
    first, *others, last = records
    assert isinstance(first, FrameSeen)
    assert first.size == len(payload)
    assert max(len(one.data) for one in others) < 2**16
    assert isinstance(last, FrameSeen)
    assert last.text == "next"
    assert raw_of(records) == frame(BINARY, payload) + frame(TEXT, b"next")


def test_what_is_compressed_is_no_text() -> None:
    """Though its bytes may be UTF-8 by chance."""
    (compressed, plain) = cut(frame(TEXT, b"2\x00\x00", rsv=4) + frame(TEXT, b"2"), 100)
    assert isinstance(compressed, FrameSeen)
    assert (compressed.text, compressed.data) == (None, b"2\x00\x00")
    assert isinstance(plain, FrameSeen)
    assert plain.text == "2"


def test_times_are_those_of_the_last_byte() -> None:
    """A frame is there when all of it is."""
    data = frame(TEXT, b"hello")
    cutter = Cutter(7, "s2c")
    assert list(cutter.cut(data[:3], 10)) == []
    (seen,) = cutter.cut(data[3:], 20)
    assert isinstance(seen, FrameSeen)
    assert (seen.at, seen.crossing, seen.direction) == (20, 7, "s2c")


def test_a_needless_length_form_is_noted() -> None:
    """A length in more bits than it needs is another frame on the wire."""
    data = frame(TEXT, b"x", form=16) + frame(TEXT, b"x", form=64) + frame(TEXT, bytes(126))
    assert [one.form for one in cut(data, 7) if isinstance(one, FrameSeen)] == [16, 64, 0]
    assert raw_of(cut(data, 7)) == data
