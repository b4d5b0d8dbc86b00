"""What `connect` takes, and what it says at once about what it does not."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest

import longwire
from longwire.client.settings import Settings, connect

URL = "ws://127.0.0.1:1/feed"


def settings(**options: Any) -> Settings:
    """What a client was made with."""
    return connect(URL, **options)._settings


def test_the_defaults_are_those_of_the_design() -> None:
    """Nothing given: retry and heartbeat are on, links live on the I/O thread, all is bounded."""
    made = settings()
    assert made.retry == longwire.Retry()
    assert made.heartbeat == longwire.Heartbeat()
    assert made.isolate
    assert made.inbox == longwire.Inbox(messages=65_536, bytes=64 * 2**20, when_full="wait")
    assert made.outbox == longwire.Outbox(messages=1_024, bytes=16 * 2**20, when_down="wait")
    assert (made.open_timeout, made.link.close_timeout) == (10.0, 5.0)
    assert made.link.max_message_bytes == 16 * 2**20


def test_plain_numbers_stand_for_options() -> None:
    """A number is what reads well: seconds between heartbeats, messages that may wait."""
    made = settings(heartbeat=7, inbox=8, outbox=9)
    assert made.heartbeat == longwire.Heartbeat(every=7)
    assert (made.inbox.messages, made.link.inbox_messages) == (8, 8)
    assert made.outbox.messages == 9


def test_none_switches_off() -> None:
    """None means: not at all."""
    made = settings(retry=None, heartbeat=None)
    assert made.retry is made.heartbeat is None


def test_several_urls() -> None:
    """Each is checked, and secrets are not shown."""
    made = connect([URL, "wss://user:secret@example.org/x?token=secret"])._settings
    assert len(made.addresses) == 2
    assert "secret" not in str(made.addresses[1])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"retry": 5}, "retry"),
        ({"heartbeat": "20"}, "heartbeat"),
        ({"inbox": True}, "inbox"),
        ({"inbox": longwire.Outbox()}, "inbox"),
        ({"outbox": "fail"}, "outbox"),
        ({"sequence": int}, "sequence"),
        ({"subprotocols": "chat"}, "subprotocols"),
        ({"subscribe": "one"}, "subscribe"),
        ({"subscribe": [1]}, "subscribe"),
        ({"on_interruption": "log"}, "on_interruption"),
    ],
)
def test_a_wrong_type_is_told_at_once(options: Any, says: str) -> None:
    """Not when the first link is lost, on another thread."""
    with pytest.raises(TypeError, match=says):
        settings(**options)


async def _told(interruption: longwire.Interruption) -> None:
    raise AssertionError(interruption)


def test_on_interruption_is_a_plain_function() -> None:
    """A coroutine function would be called and never awaited."""
    with pytest.raises(TypeError, match="plain function"):
        settings(on_interruption=_told)


@pytest.mark.parametrize(
    "options",
    [
        {"open_timeout": 0},
        {"open_timeout": math.inf},
        {"open_timeout": math.nan},
        {"close_timeout": -1},
        {"close_timeout": math.inf},
        {"max_message_bytes": 0},
        {"heartbeat": 0},
        {"inbox": 0},
        {"outbox": 0},
    ],
)
def test_a_value_out_of_range_is_told_at_once(options: Any) -> None:
    """No wait without a bound, no queue without a limit."""
    with pytest.raises(ValueError, match=f"(?i){next(iter(options)).split('_', maxsplit=1)[0]}"):
        settings(**options)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "ws://", "nonsense"])
def test_an_unusable_url_is_told_at_once(url: str) -> None:
    """A typo needs no network to be found."""
    with pytest.raises(longwire.AddressError):
        connect(url)


def test_no_url_at_all() -> None:
    """An empty list is a mistake, not a client that waits for ever."""
    with pytest.raises(ValueError, match="at least one"):
        connect([])


def test_subscriptions_are_checked_once_and_frozen() -> None:
    """A list may be changed afterwards without harm."""
    given: list[Any] = ["a", longwire.Subscription("b")]
    made = settings(subscribe=given)
    given.clear()
    assert [each.message for each in cast("Any", made.subscribe)] == ["a", "b"]
