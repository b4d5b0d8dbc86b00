"""How facts are told."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest

from longwire.core.causes import Evidence, Kernel
from longwire.core.causes.judges.facts import ending, known, quoted, says, span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (0.0123, "12 ms"),
        (1.0, "1.0 s"),
        (99.94, "99.9 s"),
        (100.0, "100 s"),
        (7199.0, "7199 s"),
        (86_400.0, "24.0 h"),
        (-3.5, "-3.5 s"),
    ],
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    """Each in the unit a person would choose."""
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", '"plain"'),
        ("two\nlines", '"two\\nlines"'),
        ("\x1b[31m", '"\\x1b[31m"'),
        ("\ud800", '"\\ud800"'),
        ("x" * 200, '"' + "x" * 160 + '..."'),
    ],
)
def test_foreign_text_is_quoted(raw: str, shown: str) -> None:
    """On one line, printable, bounded."""
    assert quoted(raw) == shown


def test_words_are_found_in_either_case() -> None:
    """Any of the patterns will do."""
    assert says("Slow CONSUMER", "quick", r"slow consumer")
    assert not says("Slow CONSUMER", "quick")


@pytest.mark.parametrize("end", get_args(get_type_hints(Evidence)["end"]))
def test_every_end_is_told(end: Any) -> None:
    """One sentence, whatever is missing."""
    sentence = ending(Evidence(end=end))
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize("failure", get_args(get_args(get_type_hints(Evidence)["failure"])[0]))
def test_every_failure_is_told(failure: Any) -> None:
    """Openings that fail say how."""
    told = ending(Evidence(end="never-opened", failure=failure, http_status=404))
    assert "HTTP 404" in told
    assert told != ending(Evidence(end="never-opened"))


def test_all_that_is_known_is_told() -> None:
    """Every field that is worth a sentence has one."""
    told = " ".join(
        known(
            Evidence(
                end="reset",
                error="ConnectionResetError: boom",
                retry_after=7.0,
                received_code=1000,
                partial_frame=True,
                canary="silent",
                link_age=90.0,
                messages=12,
                byte_age=1.5,
                pong_age=2.5,
                data_age=3.5,
                ping_unanswered_for=4.5,
                reading_paused_for=5.5,
                queued=10,
                inbox_limit=20,
                loop_lag=6.5,
                io_lag=0.25,
                write_buffered=321,
                kernel=Kernel(unread=1, unsent=2, unacked=3, retransmits=4),
                clock_jump=8.5,
                short_lives=2,
                earlier_ages=(0.5, 0.25),
            )
        )
    )
    for part in (
        "boom",
        "7.0 s",
        "1000",
        "middle of a frame",
        "no data either",
        "90.0 s",
        "12 messages",
        "1.5 s",
        "2.5 s",
        "3.5 s",
        "4.5 s",
        "5.5 s",
        "10 of at most 20 messages",
        "6.5 s",
        "250 ms",
        "321 bytes",
        "1 byte received but not read",
        "4 retransmissions",
        "8.5 s",
        "2 links in a row",
        "500 ms, 250 ms",
    ):
        assert part in told, part


def test_nothing_is_told_of_what_is_not_known() -> None:
    """An empty record makes one sentence."""
    assert known(Evidence(end="eof")) == ("TCP was ended from outside without a close frame.",)
