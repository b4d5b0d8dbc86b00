"""The three clocks, and the judgement over a link's life."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.liveness import Action, Heartbeat, Liveness

# ---------------------------------------------------------------- options


def test_defaults() -> None:
    """The defaults are those of the design."""
    beat = Heartbeat()
    assert (beat.every, beat.within, beat.silence) == (20.0, 10.0, None)
    assert (beat.message, beat.is_reply) == (None, None)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"every": 0}, "Heartbeat.every must be seconds above 0, not 0; to send none, pass heart"),
        ({"every": math.nan}, "Heartbeat.every"),
        ({"every": math.inf}, "Heartbeat.every"),
        ({"within": -1}, "Heartbeat.within"),
        ({"silence": 0}, "to not watch for silence, pass None"),
        ({"message": ""}, "pass None for a protocol ping"),
        ({"message": b""}, "Heartbeat.message is empty"),
        ({"message": "half \ud83d"}, "lone surrogate"),
    ],
)
def test_bad_options_say_what_to_do(options: dict[str, Any], text: str) -> None:
    """A value out of range is refused with its name, its rule and the way out."""
    with pytest.raises(ValueError) as caught:
        Heartbeat(**options)
    assert text in str(caught.value)


def test_an_application_heartbeat() -> None:
    """Both kinds of message are taken, and a function that knows the answer."""
    beat = Heartbeat(message="ping", is_reply=lambda message: message == "pong")
    assert beat.is_reply is not None
    assert beat.is_reply("pong")
    assert Heartbeat(message=b"\x09").message == b"\x09"


@pytest.mark.parametrize("options", [{"message": 7}, {"is_reply": "pong"}])
def test_options_of_a_wrong_type(options: dict[str, Any]) -> None:
    """What can be neither sent nor called is refused when it is given, not when it is used."""
    with pytest.raises(TypeError):
        Heartbeat(**options)


def test_of_accepts_what_connect_accepts() -> None:
    """Options pass, a number stands for ``every``, None for no heartbeat."""
    beat = Heartbeat(within=3)
    assert Heartbeat.of(beat) is beat
    assert Heartbeat.of(None) is None
    assert Heartbeat.of(7) == Heartbeat(every=7)
    assert Heartbeat.of(0.5) == Heartbeat(every=0.5)
    for wrong in ("20", True):
        with pytest.raises(TypeError, match="must be a Heartbeat, seconds or None"):
            Heartbeat.of(wrong)  # type: ignore[arg-type]  # the very thing tested


# ---------------------------------------------------------------- clocks


def test_three_clocks_are_three() -> None:
    """Each sign of life moves its own clock, and the byte clock; none moves another's."""
    alive = Liveness(Heartbeat(), 100.0)
    clocks = alive.clocks
    assert (clocks.byte_age(101), clocks.pong_age(101), clocks.data_age(101)) == (1, None, None)
    alive.saw_bytes(101.0)
    assert (clocks.byte_age(110), clocks.pong_age(110), clocks.data_age(110)) == (9, None, None)
    alive.saw_pong(102.0)
    assert (clocks.byte_age(110), clocks.pong_age(110), clocks.data_age(110)) == (8, 8, None)
    alive.saw_data(103.0, "trades")
    assert (clocks.byte_age(110), clocks.pong_age(110), clocks.data_age(110)) == (7, 8, 7)
    alive.saw_data(104.0)
    assert clocks.data_age(110) == 6
    assert clocks.data_age(110, "trades") == 7
    assert clocks.data_age(110, "book") is None


def test_an_unanswered_ping_is_evidence_kept_apart() -> None:
    """Data acquits the link, but the oldest ping without a pong stays on record."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0)
    alive.saw_data(25.0)
    alive.pinged(40.0)
    assert alive.unanswered_since == 20.0
    alive.saw_pong(41.0)
    assert alive.unanswered_since is None


# ---------------------------------------------------------------- judgement, step by step


def test_the_beat_is_fixed() -> None:
    """Pings are due on multiples of ``every``; missed beats are left out, not made up for."""
    alive = Liveness(Heartbeat(every=20, within=10), 1000.0)
    assert alive.next_due() == 1020.0
    assert alive.judge(1019.9) is Action.WAIT
    assert alive.judge(1020.0) is Action.PING
    alive.pinged(1023.0)
    alive.saw_bytes(1023.1)
    assert alive.next_due() == 1040.0
    assert alive.judge(1105.0) is Action.PING
    alive.pinged(1105.0)
    alive.saw_bytes(1105.1)
    assert alive.next_due() == 1120.0


def test_death_takes_a_ping_without_any_byte() -> None:
    """After ``within`` without a byte: read first, then dead."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0)
    assert alive.next_due() == 30.0
    assert alive.judge(29.9) is Action.WAIT
    assert alive.judge(30.0) is Action.READ_FIRST
    assert alive.judge(30.0, read_first_done=True) is Action.DEAD


def test_any_byte_acquits() -> None:
    """A byte that is no pong is life as well; the next ping is due on its beat."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0)
    alive.saw_bytes(20.5)
    assert alive.judge(31.0) is Action.WAIT
    assert alive.next_due() == 40.0


def test_old_bytes_do_not_acquit() -> None:
    """Bytes from before the ping prove nothing about the time after it."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.saw_bytes(19.9)
    alive.pinged(20.0)
    assert alive.judge(30.0, read_first_done=True) is Action.DEAD


def test_the_oldest_ping_counts() -> None:
    """With ``every`` below ``within`` a later ping does not give the peer more time."""
    alive = Liveness(Heartbeat(every=4, within=10), 0.0)
    for beat in (4.0, 8.0, 12.0):
        assert alive.judge(beat) is Action.PING
        alive.pinged(beat)
    assert alive.next_due() == 14.0
    assert alive.judge(14.0, read_first_done=True) is Action.DEAD


def test_our_own_lateness_is_no_evidence_against_the_peer() -> None:
    """After our loop was blocked the answer is read first, and acquits; the lateness is on
    record."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    assert alive.lateness == 0.0
    alive.pinged(20.0)
    assert alive.judge(35.0) is Action.READ_FIRST
    assert alive.lateness == 5.0
    alive.saw_bytes(35.0)
    assert alive.judge(35.0, read_first_done=True) is Action.WAIT
    assert alive.judge(47.0) is Action.PING
    assert alive.lateness == 7.0
    alive.pinged(47.0)
    assert alive.lateness == 0.0


def test_a_paused_link_is_never_dead() -> None:
    """While nothing is read nothing is missing; pings go on; after the pause waiting starts
    anew."""
    alive = Liveness(Heartbeat(every=20, within=10, silence=30), 0.0)
    alive.pinged(20.0)
    alive.paused(21.0)
    alive.paused(25.0)
    assert alive.paused_since == pytest.approx(21.0)
    assert alive.next_due() == 40.0
    assert alive.judge(39.0, read_first_done=True) is Action.WAIT
    assert alive.judge(400.0, read_first_done=True) is Action.PING
    alive.pinged(400.0)
    alive.resumed(405.0)
    assert alive.judge(414.9) is Action.WAIT
    assert alive.next_due() == 415.0
    assert alive.judge(415.0, read_first_done=True) is Action.DEAD


def test_resumed_without_a_pause_changes_nothing() -> None:
    """A stray `resumed` gives the peer no more time."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0)
    alive.resumed(25.0)
    assert alive.paused_since is None
    assert alive.next_due() == 30.0


def test_a_ping_that_waits_behind_our_own_data() -> None:
    """While bytes in front of the ping still leave, the way out is slow, not dead."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0, ping_end=5_000_000, written_out=1_000_000)
    assert alive.next_due() == 21.0  # to look whether they do
    assert alive.judge(30.0, written_out=2_000_000) is Action.WAIT
    assert alive.next_due() == 31.0
    assert alive.judge(40.0, written_out=6_000_000) is Action.PING  # only now has it gone
    alive.pinged(40.0, ping_end=7_000_000, written_out=6_000_000)
    assert alive.judge(50.0, written_out=9_000_000, read_first_done=True) is Action.DEAD


def test_a_way_out_that_is_stuck_is_death() -> None:
    """If nothing moves for ``within``, a full write buffer does not hide the dead peer."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0, ping_end=5_000_000, written_out=1_000_000)
    assert alive.judge(30.0, written_out=1_000_000, read_first_done=True) is Action.DEAD


def test_progress_behind_the_ping_buys_no_time() -> None:
    """Once the ping has left, more data leaving after it says nothing about the peer."""
    alive = Liveness(Heartbeat(every=20, within=10), 0.0)
    alive.pinged(20.0, ping_end=100, written_out=100)
    assert alive.judge(30.0, written_out=5_000, read_first_done=True) is Action.DEAD


def test_silence_is_told_once_per_period() -> None:
    """Pongs are fresh and data is not: silent, told again only after the same time."""
    alive = Liveness(Heartbeat(every=1000, within=10, silence=30), 0.0)
    assert alive.next_due() == 30.0
    alive.saw_pong(29.0)
    assert alive.judge(30.0) is Action.READ_FIRST
    assert alive.judge(30.0, read_first_done=True) is Action.SILENT
    assert alive.judge(30.0, read_first_done=True) is Action.WAIT
    assert alive.next_due() == 60.0
    alive.saw_data(45.0)
    assert alive.next_due() == 75.0
    assert alive.judge(75.0, read_first_done=True) is Action.SILENT


def test_data_read_late_is_no_silence() -> None:
    """Data that lay in the socket while we were late is read before silence is judged."""
    alive = Liveness(Heartbeat(every=1000, within=10, silence=30), 0.0)
    assert alive.judge(50.0) is Action.READ_FIRST
    alive.saw_data(50.0)
    assert alive.judge(50.0, read_first_done=True) is Action.WAIT


def test_silence_does_not_count_a_pause() -> None:
    """A link that is not read cannot bring data."""
    alive = Liveness(Heartbeat(every=1000, within=10, silence=30), 0.0)
    alive.saw_data(10.0)
    alive.paused(12.0)
    assert alive.next_due() == 1000.0
    alive.resumed(100.0)
    assert alive.next_due() == 130.0


def test_a_ping_goes_before_silence() -> None:
    """A feed that stays silent does not stop the heartbeat."""
    alive = Liveness(Heartbeat(every=30, within=10, silence=30), 0.0)
    assert alive.judge(30.0, read_first_done=True) is Action.PING
    alive.pinged(30.0)
    alive.saw_pong(30.0)
    assert alive.judge(30.0, read_first_done=True) is Action.SILENT


# ---------------------------------------------------------------- anything


heartbeats = st.builds(
    Heartbeat,
    every=st.floats(1, 30),
    within=st.floats(1, 30),
    silence=st.none() | st.floats(1, 50),
)


@given(heartbeats, st.floats(0, 1000), st.floats(0, 1000))
def test_asking_is_harmless_and_due_is_meant(beat: Heartbeat, at: float, later: float) -> None:
    """Before `next_due` there is nothing to do; at `next_due` there is."""
    alive = Liveness(beat, at)
    due = alive.next_due()
    moment = at + later
    if moment < due:
        assert alive.judge(moment) is Action.WAIT
    assert alive.judge(due) is not Action.WAIT
