"""The paces of the demonstration fit the bounds of what is to be shown."""

from __future__ import annotations

import dataclasses

import pytest

from longwire.cli.demo.pace import FAST, WATCHED, Pace


@pytest.mark.parametrize("pace", [WATCHED, FAST], ids=["watched", "fast"])
def test_each_break_can_show_what_it_is_to_show(pace: Pace) -> None:
    """A block that outlasts the server's patience, a lifetime that is recognised, and so on."""
    assert pace.block > pace.ping_every + pace.ping_within, "an inline client would survive it"
    assert pace.lifetime > 2, "no limit on ages below 2 s is recognised"
    assert pace.silence > 2 * pace.heartbeat_every, "a dead link must be found before it is mute"
    assert pace.heartbeat_every + pace.heartbeat_within < pace.patience
    longest = max(pace.block, pace.away, 4 * pace.lifetime, pace.silence)
    assert pace.patience > longest


def test_the_fast_one_is_faster() -> None:
    """In no respect slower, and the same feed."""
    for field in dataclasses.fields(Pace):
        assert getattr(FAST, field.name) <= getattr(WATCHED, field.name), field.name
    assert FAST.rate == WATCHED.rate
