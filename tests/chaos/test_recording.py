"""Recordings: what was written is read, and what is none is refused in clear words."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos import read_recording
from longwire.chaos.blocks import BlockFile
from longwire.chaos.frames import BINARY, TEXT, FrameReader
from longwire.chaos.recording import (
    VERSION,
    Answered,
    Asked,
    Ended,
    FrameSeen,
    Header,
    More,
    Record,
    encode,
    payload_fields,
)
from longwire.errors import RecordingError
from tests.chaos.recordings import HEADER, write_recording

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE: dict[str, Any] = {"at": st.integers(0, 2**62), "crossing": st.integers(1, 2**31)}
DIRECTION: st.SearchStrategy[Any] = st.sampled_from(["c2s", "s2c"])
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@st.composite
def frames_seen(draw: st.DrawFn) -> FrameSeen:
    opcode = draw(st.integers(0, 15))
    return FrameSeen(
        at=draw(PLACE["at"]),
        crossing=draw(PLACE["crossing"]),
        direction=draw(DIRECTION),
        opcode=opcode,
        fin=draw(st.booleans()),
        rsv=draw(st.integers(0, 7)),
        masked=draw(st.booleans()),
        size=draw(st.none() | st.integers(0, 2**40)),
        **payload_fields(opcode, draw(st.binary(max_size=100))),  # type: ignore[arg-type]
    )


RECORDS = st.one_of(
    st.builds(Asked, **PLACE, url=st.text(st.characters(exclude_categories=["Cs"]))),
    st.builds(Answered, **PLACE, status=st.integers(0, 999), subprotocol=TEXTS, extensions=TEXTS),
    frames_seen(),
    st.builds(More, **PLACE, direction=DIRECTION, data=st.binary(max_size=100)),
    st.builds(Ended, **PLACE, direction=DIRECTION, how=st.sampled_from(["fin", "reset"])),
)


@given(st.lists(RECORDS, max_size=10))
def test_what_is_written_is_read(records: list[Record]) -> None:
    """Any records come back as they were, and so does the header."""
    with tempfile.TemporaryDirectory() as folder:
        recording = read_recording(write_recording(Path(folder) / "file", *records))
        assert recording.header == HEADER
        assert list(recording) == records
        # Lazily, and as often as wanted.
        assert list(recording) == records
        assert recording.damage is None


@given(st.integers(0, 15), st.binary(max_size=100))
def test_a_payload_is_the_same_in_either_form(opcode: int, payload: bytes) -> None:
    """Text is kept as text where a person could read it, and no byte is lost by that."""
    fields: Any = payload_fields(opcode, payload)
    seen = FrameSeen(at=0, crossing=1, direction="s2c", opcode=opcode, **fields)
    assert seen.payload == payload
    (again,) = FrameReader().feed(seen.raw)
    assert (again.opcode, again.payload, again.masked) == (opcode, payload, False)


def test_text_can_be_read_with_zcat(tmp_path: Path) -> None:
    """The file is gzip of JSON lines, which other programs read."""
    seen = FrameSeen(at=5, crossing=1, direction="s2c", opcode=TEXT, text="hellö")
    lines = gzip.decompress(write_recording(tmp_path / "file", seen).read_bytes()).splitlines()
    expected = '{"record":"frame","at":5,"crossing":1,"direction":"s2c","opcode":1,"text":"hellö"}'
    assert lines[1].decode() == expected


def test_a_frame_that_is_not_whole_claims_its_size() -> None:
    """Header and beginning are what the server sent; so many bytes are lacking."""
    seen = FrameSeen(at=0, crossing=1, direction="s2c", opcode=BINARY, size=100, data=b"abc")
    assert seen.lacking == 97
    assert seen.raw == bytes([0x82, 100]) + b"abc"


def test_a_needless_length_form_is_kept() -> None:
    """A server that breaks RFC 6455 5.2 does it again."""
    seen = FrameSeen(at=0, crossing=1, direction="s2c", opcode=TEXT, form=64, text="x")
    assert seen.raw == bytes([0x81, 127, *bytes(7), 1]) + b"x"


def contents() -> dict[str, tuple[bytes, str]]:
    later = Header(version=VERSION + 1, made_by="the future", began_unix_ms=0)
    seen = encode(Asked(at=0, crossing=1, url="ws://x/"))
    return {
        "nothing": (b"", "is empty"),
        "text": (b"GET / HTTP/1.1", "is no recording of longwire's"),
        "other gzip": (gzip.compress(b"hello\n"), "is no recording of longwire's"),
        "other JSON": (gzip.compress(b'{"record":"other"}\n'), "is no recording of longwire's"),
        "no header": (gzip.compress(seen + b"\n"), "it has no header"),
        "a later version": (gzip.compress(encode(later)), f"reads up to {VERSION}"),
        "half a header": (gzip.compress(encode(HEADER))[:-9], "is cut off"),
    }


@pytest.mark.parametrize("what", contents())
def test_what_is_no_recording_is_refused(tmp_path: Path, what: str) -> None:
    """The error names the file, and says what is wrong."""
    content, said = contents()[what]
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=said) as caught:
        read_recording(path)
    assert str(path) in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    """It is an error of ours, too."""
    with pytest.raises(RecordingError, match="No such file"):
        read_recording(tmp_path / "none")


def test_a_cut_tail_is_reported(tmp_path: Path) -> None:
    """What is whole is read, and then it is said that there was more."""
    records: Sequence[Record] = [Asked(at=n, crossing=1, url="ws://x/") for n in range(5)]
    path = write_recording(tmp_path / "file", *records)
    whole = path.read_bytes()
    file = BlockFile(tmp_path / "tail")
    file.write([encode(records[0])])
    file.close()
    path.write_bytes(whole + (tmp_path / "tail").read_bytes()[:-1])
    recording = read_recording(path)
    assert list(recording) == records
    assert recording.damage == f"is cut off behind its first {len(whole)} bytes"


def test_a_record_that_is_none_is_not_quoted(tmp_path: Path) -> None:
    """It may be of a message."""
    path = tmp_path / "file"
    file = BlockFile(path)
    file.write([encode(HEADER), b'{"record":"frame","text":"secret"}'])
    file.close()
    with pytest.raises(RecordingError, match="holds what is no record") as caught:
        list(read_recording(path))
    assert "secret" not in str(caught.value)
