"""What a replay must do is read out of the recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from longwire.chaos import read_recording
from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, close_payload
from longwire.chaos.recording import More
from longwire.chaos.script import Script, records_of, scripts_of
from tests.chaos.recordings import MS, ended, opening, seen, write_recording

if TYPE_CHECKING:
    from pathlib import Path

    from longwire.chaos.recording import Record

# The file is read where the test stands.
pytestmark = pytest.mark.blocking


def script_of(tmp_path: Path, *records: Record) -> Script:
    (script,) = scripts_of(read_recording(write_recording(tmp_path / "file", *records)))
    return script


def test_crossings_are_told_apart(tmp_path: Path) -> None:
    """In the order of their openings, whatever came in between."""
    records = [
        *opening(1),
        *opening(2, at=3, status=503),
        seen(10, TEXT, b"a", crossing=1),
        ended(11, "fin", crossing=2),
        ended(12, "reset", crossing=1),
    ]
    one, two = scripts_of(read_recording(write_recording(tmp_path / "file", *records)))
    assert (one.crossing, one.messages, one.ended) == (1, 1, records[-1])
    assert two.answered is not None
    assert (two.crossing, two.messages, two.answered.status) == (2, 0, 503)


def test_who_left_first_decides_the_end(tmp_path: Path) -> None:
    """The server's end is played only where it was not the answer to the client's."""
    end = ended(50, "fin")
    by_server = script_of(tmp_path, *opening(), end, ended(51, "fin", by="c2s"))
    assert (by_server.left, by_server.ended) == (None, end)


@pytest.mark.parametrize("first", [seen(40, CLOSE, by="c2s"), ended(40, "reset", by="c2s")])
def test_the_client_that_left_first(tmp_path: Path, first: Record) -> None:
    """By a close frame or without one: what the server did then was an answer."""
    script = script_of(tmp_path, *opening(), first, seen(45, CLOSE), ended(50, "fin"))
    assert (script.left, script.ended) == (40 * MS, None)
    assert script.sends(seen(45, CLOSE)) == b""
    assert script.sends(seen(45, TEXT, b"late")) == seen(0, TEXT, b"late").raw


def test_what_the_server_sends(tmp_path: Path) -> None:
    """Its frames and what they lack at first; but no pong, and nothing of the client's."""
    script = script_of(tmp_path, *opening(), ended(90, "fin"))
    assert script.sends(seen(10, BINARY, b"x")) == b"\x82\x01x"
    assert script.sends(seen(10, CLOSE, close_payload(1001))) == b"\x88\x02\x03\xe9"
    assert script.sends(More(at=10, crossing=1, direction="s2c", data=b"raw")) == b"raw"
    assert script.sends(seen(10, PONG)) == b""
    assert script.sends(seen(10, TEXT, by="c2s")) == b""
    assert script.sends(seen(10, TEXT, crossing=2)) == b""
    assert script.sends(More(at=10, crossing=1, direction="c2s", data=b"raw")) == b""


def ping(at: int, payload: bytes) -> Record:
    return seen(at, PING, payload, by="c2s")


def test_a_server_that_answers_is_not_deaf(tmp_path: Path) -> None:
    """A pong answers its ping and those before it; one that answers none means nothing."""
    script = script_of(
        tmp_path,
        *opening(),
        ping(10, b"1"),
        ping(20, b"2"),
        seen(21, PONG, b"unasked"),
        seen(22, PONG, b"2"),
        ended(90, "reset", by="c2s"),
    )
    assert script.deaf_from is None


def test_a_server_that_falls_silent_is_deaf(tmp_path: Path) -> None:
    """From the first ping on that was not answered any more."""
    script = script_of(
        tmp_path,
        *opening(),
        ping(10, b"1"),
        seen(11, PONG, b"1"),
        ping(20, b"2"),
        ping(30, b"3"),
        ended(90, "reset", by="c2s"),
    )
    assert script.deaf_from == 20 * MS


def test_where_the_recording_ends_nobody_is_deaf(tmp_path: Path) -> None:
    """The pong may have come a moment later."""
    assert script_of(tmp_path, *opening(), ping(10, b"1")).deaf_from is None


async def test_the_records_of_one_crossing(tmp_path: Path) -> None:
    """In their order, from the first on, however many there are."""
    records: list[Record] = [*opening(1), *opening(2)]
    records += [seen(n + 10, TEXT, b"%d" % n, crossing=1 + n % 2) for n in range(600)]
    recording = read_recording(write_recording(tmp_path / "file", *records))
    for script in scripts_of(recording):
        mine = [one for one in records if one.crossing == script.crossing]
        assert [one async for one in records_of(script, recording)] == mine


def test_what_the_client_says(tmp_path: Path) -> None:
    """The ends of its messages, whatever frames they came in."""
    script = script_of(tmp_path, *opening())
    begun = msgspec.structs.replace(seen(10, TEXT, by="c2s"), fin=False)
    assert script.receives(seen(10, TEXT, by="c2s"))
    assert script.receives(seen(10, CONT, by="c2s"))
    for other in (
        begun,
        seen(10, PING, by="c2s"),
        seen(10, CLOSE, by="c2s"),
        seen(10, TEXT),
        seen(10, TEXT, by="c2s", crossing=2),
        ended(10, "fin", by="c2s"),
    ):
        assert not script.receives(other)
