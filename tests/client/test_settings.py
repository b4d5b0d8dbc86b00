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
        ({"subscribe": 5}, "subscribe"),
        ({"isolate": "no"}, "isolate"),
        ({"isolate": None}, "isolate"),
        ({"tls": "no"}, "tls"),
        ({"user_agent": 5}, "user_agent"),
        ({"proxy": False}, "proxy"),
        ({"unix": b"/s"}, "unix"),
        ({"sock": 5}, "sock"),
        ({"tcp": None}, "tcp"),
        ({"headers": 5}, "headers"),
        ({"headers": ["secret"]}, "header"),
        ({"headers": {"X": 5}}, "header"),
        ({"origin": 5}, "origin"),
        ({"subprotocols": 5}, "subprotocols"),
        ({"subprotocols": (5,)}, "subprotocols"),
        ({"open_timeout": None}, "open_timeout"),
        ({"open_timeout": "5"}, "open_timeout"),
        ({"open_timeout": True}, "open_timeout"),
        ({"close_timeout": None}, "close_timeout"),
        ({"max_message_bytes": "5"}, "max_message_bytes"),
        ({"max_message_bytes": 1e6}, "max_message_bytes"),
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
    ("options", "says"),
    [
        ({"compression": "zip"}, "compression"),
        ({"compression": longwire.Deflate(client_max_window_bits=8)}, "client_max_window_bits=8"),
        ({"subprotocols": ("a b",)}, "subprotocol"),
        ({"subprotocols": ("a", "a")}, "subprotocol"),
        ({"origin": "a\r\nEvil: 1"}, "origin"),
        ({"user_agent": "a\r\nEvil: 1"}, "user_agent"),
        ({"user_agent": "a\0"}, "user_agent"),
        ({"user_agent": "a\r\nEvil: 1", "headers": dict}, "user_agent"),
        ({"proxy": "http://p", "unix": "/s"}, "proxy= and unix="),
        ({"headers": {"X": "a\r\nEvil: 1"}}, "header X"),
        ({"headers": {"no name": "x"}}, "header name"),
        ({"headers": {"Sec-WebSocket-Key": "x"}}, "belongs to the handshake"),
        ({"headers": {"Origin": "x"}, "origin": "y"}, "Origin is given twice"),
    ],
)
def test_an_opening_that_cannot_be_sent_is_told_at_once(options: Any, says: str) -> None:
    """With the very checks that each opening makes again, for what functions give."""
    with pytest.raises(ValueError, match=says):
        settings(**options)


def test_a_header_in_an_error_hides_its_value() -> None:
    """It may be the secret of somebody who will paste the error into a report."""
    for headers in ("s3cret", {"X": "s3cret\n"}, [("s3cret",)], 5):
        with pytest.raises((TypeError, ValueError)) as caught:
            settings(headers=headers)
        assert "s3cret" not in str(caught.value)


def test_headers_are_frozen() -> None:
    """A mapping may be changed afterwards without harm; a function is asked each time."""
    given = {"X-Token": "one"}
    made = settings(headers=given)
    given["X-Token"] = "two"
    assert made.headers == (("X-Token", "one"),)

    def ask() -> dict[str, str]:
        return given

    assert settings(headers=ask).headers is ask


def test_tls_can_be_ruled_out() -> None:
    """False means never; with an address that needs it that is a contradiction."""
    assert settings(tls=False).tls is False
    assert connect("wss://127.0.0.1:1/", tls=True)._settings.tls is True
    for url in ("wss://127.0.0.1:1/", [URL, "wss://user:secret@127.0.0.1:1/"]):
        with pytest.raises(ValueError, match=r"tls=False, and wss://127\.0\.0\.1:1/ needs"):
            connect(url, tls=False)


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
    for nothing in (None, 5):
        with pytest.raises(TypeError, match="a URL or a list of URLs"):
            connect(cast("Any", nothing))


def test_subscriptions_are_checked_once_and_frozen() -> None:
    """A list may be changed afterwards without harm."""
    given: list[Any] = ["a", longwire.Subscription("b")]
    made = settings(subscribe=given)
    given.clear()
    assert [each.message for each in cast("Any", made.subscribe)] == ["a", "b"]
