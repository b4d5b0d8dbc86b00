"""How the journal is told."""

from __future__ import annotations

import io
import json

import pytest

from longwire.cli.chaos.teller import Teller, text_of
from longwire.errors import LongwireError


class Broken(io.StringIO):
    """Cannot be written to."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (
            {"t": 0.0, "action": "starts", "url": "ws://a/", "to": "ws://b/", "seed": 3},
            "    0.000        ws://a/ -> ws://b/, seed 3",
        ),
        (
            {"t": 1.0, "action": "declines", "crossing": 1, "status": 404},
            "    1.000    #1  the server does not agree to a WebSocket status=404",
        ),
        ({"t": 1.25, "action": "accepts", "crossing": 12}, "    1.250   #12  accepted"),
        (
            {"t": 2.0, "action": "ends", "fault": "mute", "crossing": 1, "frames": 7},
            "    2.000    #1  mute ends frames=7",
        ),
        (
            {"t": 3.0, "action": "changes", "fault": "mute", "crossing": 1, "direction": "s2c",
             "frame": 9, "into": 0},
            "    3.000    #1  mute: frame 9 becomes 0 direction=s2c",
        ),
        ({"t": 4.0, "action": "winks", "eye": "left\x1b"}, "    4.000        winks eye=left\\x1b"),
    ],
)  # fmt: skip
def test_a_record_is_a_line(record: dict[str, object], line: str) -> None:
    """When, which connection, what; and every other field by its name, also of actions to come."""
    assert text_of(record) == line


def test_it_is_told_and_logged() -> None:
    """Text or JSON to the one, JSON to the other."""
    record = {"t": 1.0, "action": "opens", "crossing": 1}
    for as_json in (False, True):
        out, log = io.StringIO(), io.StringIO()
        teller = Teller(out, log, as_json=as_json, stop=lambda: None)
        teller.record(record)
        teller.check()
        assert json.loads(log.getvalue()) == record
        assert (json.loads(out.getvalue()) if as_json else out.getvalue()) == (
            record if as_json else "    1.000    #1  open\n"
        )


def test_an_output_that_is_broken_ends_it() -> None:
    """The journal is not disturbed: the end is asked for once, and the error raised behind it."""
    stops: list[None] = []
    teller = Teller(Broken(), None, as_json=False, stop=lambda: stops.append(None))
    for _ in range(2):
        teller.record({"t": 1.0, "action": "opens"})
    assert stops == [None]
    with pytest.raises(BrokenPipeError):
        teller.check()


def test_a_log_that_is_broken_is_named() -> None:
    """It is not taken for the output."""
    teller = Teller(io.StringIO(), Broken(), as_json=False, stop=lambda: None)
    teller.record({"t": 1.0, "action": "opens"})
    with pytest.raises(LongwireError, match="cannot write the log: Broken pipe"):
        teller.check()
