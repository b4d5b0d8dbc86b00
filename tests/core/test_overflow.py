"""The options of inbox and outbox, and the meaning of the five policies."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.overflow import Data, Inbox, ModelInbox, Outbox, WhenFull, size_of


def key_of(message: Data) -> str:
    """The first character of a message."""
    return str(message)[:1]


def inbox(when_full: WhenFull, messages: int = 3, payload: int = 1000) -> ModelInbox:
    key = key_of if when_full == "conflate" else None
    return ModelInbox(Inbox(messages=messages, bytes=payload, when_full=when_full, key=key))


def offered(model: ModelInbox, *messages: Data) -> list[str]:
    return [model.offer(message) for message in messages]


# ---------------------------------------------------------------- options


def test_defaults() -> None:
    """The defaults are those of the design."""
    assert (Inbox().messages, Inbox().bytes) == (65_536, 64 * 2**20)
    assert (Inbox().when_full, Inbox().key) == ("wait", None)
    assert (Outbox().messages, Outbox().bytes) == (1_024, 16 * 2**20)
    assert Outbox().when_down == "wait"


@pytest.mark.parametrize(
    ("kind", "options", "error", "text"),
    [
        (Inbox, {"messages": 0}, ValueError, "Inbox.messages must be 1 or more"),
        (Inbox, {"bytes": -1}, ValueError, "there is no unlimited queue, not -1"),
        (Inbox, {"when_full": "drop"}, ValueError, "'wait', 'drop-oldest', 'drop-newest'"),
        (Inbox, {"when_full": "conflate"}, ValueError, "Inbox.key is missing"),
        (Inbox, {"key": key_of}, ValueError, "is for when_full='conflate', not for 'wait'"),
        (Inbox, {"when_full": "conflate", "key": "k"}, TypeError, "must be a function"),
        (Outbox, {"messages": 0}, ValueError, "Outbox.messages must be 1 or more"),
        (Outbox, {"bytes": 0}, ValueError, "Outbox.bytes must be 1 or more"),
        (Outbox, {"when_down": "drop"}, ValueError, "must be one of 'wait', 'keep', 'fail'"),
    ],
)
def test_bad_options_say_what_to_do(
    kind: type[Any], options: dict[str, Any], error: type[Exception], text: str
) -> None:
    """A value that cannot work is refused with its name and its rule."""
    with pytest.raises(error) as caught:
        kind(**options)
    assert text in str(caught.value)


@pytest.mark.parametrize("kind", [Inbox, Outbox])
def test_of_accepts_what_connect_accepts(kind: Any) -> None:
    """Options pass, a number stands for ``messages``; anything else is refused."""
    options = kind(bytes=5)
    assert kind.of(options) is options
    assert kind.of(7) == kind(messages=7)
    for wrong in (None, True, "7", 1.5):
        with pytest.raises(TypeError, match=r"box options or a number of messages"):
            kind.of(wrong)


def test_sizes_are_payload_bytes() -> None:
    """Text counts as it travels."""
    assert (size_of("abc"), size_of("é€"), size_of(b"\x00\xff"), size_of("")) == (3, 5, 2, 0)


# ---------------------------------------------------------------- the policies, one by one


def test_wait_accepts_nothing_and_loses_nothing() -> None:
    """The producer keeps what does not fit, and brings it again."""
    model = inbox("wait")
    assert offered(model, "a", "b", "c", "d") == ["queued", "queued", "queued", "wait"]
    assert (model.received, model.dropped) == (3, 0)
    assert model.take(1) == ["a"]
    assert offered(model, "d") == ["queued"]
    assert model.take() == ["b", "c", "d"]


def test_drop_oldest_keeps_what_is_new() -> None:
    """What has waited longest goes, as many as the new one needs."""
    model = inbox("drop-oldest", payload=10)
    assert offered(model, "aaa", "bbb", "ccc", "dddd") == ["queued"] * 4
    assert model.dropped == 1
    offered(model, "eeeeeeee")
    assert model.dropped == 4
    assert model.take() == ["eeeeeeee"]


def test_drop_newest_keeps_what_is_there() -> None:
    """What comes goes."""
    model = inbox("drop-newest")
    assert offered(model, "a", "b", "c", "d")[-1] == "dropped"
    assert (model.received, model.dropped) == (4, 1)
    assert model.take() == ["a", "b", "c"]


def test_conflate_replaces_in_place_when_full() -> None:
    """The newest message with the same key makes way; nothing is conflated while there is room."""
    model = inbox("conflate")
    assert offered(model, "a1", "b1", "a2") == ["queued"] * 3
    assert offered(model, "a3", "b2") == ["replaced"] * 2
    assert (model.received, model.dropped, model.queued) == (5, 2, 3)
    assert model.take() == ["a1", "b2", "a3"]


def test_conflate_never_loses_a_key() -> None:
    """A new key waits, since nothing may go for it."""
    model = inbox("conflate")
    offered(model, "a1", "b1", "c1")
    assert offered(model, "d1") == ["wait"]
    assert model.received == 3


def test_conflate_keeps_the_limit_in_bytes() -> None:
    """A message too large for the place of its predecessor waits, unless it is the only one."""
    model = inbox("conflate", payload=5)
    offered(model, "a1", "b1")
    assert offered(model, "a1234") == ["wait"]
    assert offered(model, "a12") == ["replaced"]
    model.take(1)
    model.take(1)
    offered(model, "b1")
    assert offered(model, "b23456789") == ["replaced"]
    assert model.take() == ["b23456789"]


def test_fail_ends_after_what_waits() -> None:
    """The error comes when all that waits has been taken; nothing is accepted meanwhile."""
    model = inbox("fail")
    assert offered(model, "a", "b", "c", "d")[-1] == "full"
    assert model.failed
    assert not model.ended
    assert model.take(2) == ["a", "b"]
    assert offered(model, "e") == ["full"]
    assert not model.ended
    assert model.take() == ["c"]
    assert model.ended


@pytest.mark.parametrize("when_full", get_args(WhenFull))
def test_one_message_may_be_larger_than_all(when_full: WhenFull) -> None:
    """A message over the limit in bytes is let in alone, or nobody could ever take it."""
    model = inbox(when_full, payload=4)
    assert offered(model, "a" * 9) == ["queued"]
    assert model.take() == ["a" * 9]


# ---------------------------------------------------------------- anything

texts = st.text("abc1é", min_size=1, max_size=6)
steps = st.lists(texts | st.integers(0, 4), max_size=60)


@given(st.sampled_from(get_args(WhenFull)), st.integers(1, 5), st.integers(1, 20), steps)
def test_every_policy_keeps_its_promises(
    when_full: WhenFull, messages: int, payload: int, story: list[str | int]
) -> None:
    """At every moment the sum holds, the limits hold, and the order is kept."""
    model = inbox(when_full, messages, payload)
    accepted: list[Data] = []
    taken: list[Data] = []
    for step in story:
        if isinstance(step, int):
            taken += model.take(step)
        else:
            before = (model.received, model.queued)
            fate = model.offer(step)
            if fate in {"wait", "full"}:
                assert (model.received, model.queued) == before
                assert fate == "full" or when_full in {"wait", "conflate"}
            else:
                accepted.append(step)
                assert model.received == before[0] + 1
        assert model.received == model.delivered + model.dropped + model.queued
        assert model.received == len(accepted)
        assert model.queued <= messages
        assert model.queued_bytes <= payload or model.queued == 1
        assert model.delivered == len(taken)
    everything = taken + model.take()
    if when_full in {"wait", "fail"}:
        assert everything == accepted
    if when_full != "conflate":
        rest = iter(accepted)
        assert all(message in rest for message in everything)
    assert model.queued == 0


@given(st.integers(1, 5), st.integers(1, 20), steps)
def test_conflation_never_loses_the_latest(
    messages: int, payload: int, story: list[str | int]
) -> None:
    """Of every key the message accepted last is handed over, and after all its others."""
    model = inbox("conflate", messages, payload)
    latest: dict[str, str] = {}
    last_taken: dict[str, Data] = {}
    for step in story:
        if isinstance(step, int):
            last_taken |= {key_of(message): message for message in model.take(step)}
        elif model.offer(step) != "wait":
            latest[key_of(step)] = step
    last_taken |= {key_of(message): message for message in model.take()}
    assert last_taken == latest
