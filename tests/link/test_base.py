"""The records of a link."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.link.base import Closure, Request
from longwire.link.headers import Headers


def test_a_request_does_not_show_its_query() -> None:
    """Representations end up in logs; a token must not."""
    request = Request(path="/feed?token=secret", headers=Headers([]), peer="127.0.0.1:1")
    assert repr(request) == "Request('/feed?…', peer='127.0.0.1:1')"
    assert repr(Request(path="/feed", headers=Headers([]))) == "Request('/feed', peer='')"


def test_normal_is_1000_or_1001_by_close_frame() -> None:
    """Only a close handshake with 1000 or 1001 is a normal end."""
    base: dict[str, Any] = {"by": "peer", "opened": 0.0, "ended": 1.0, "last_byte": 1.0}
    assert Closure(end="close-received", received_code=1001, **base).normal
    assert Closure(end="close-sent", sent_code=1000, **base).normal
    assert not Closure(end="close-received", received_code=1011, **base).normal
    assert not Closure(end="eof", **base).normal


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"end": "eof", "by": "peer"}, "eof, by peer"),
        (
            {"end": "close-received", "by": "peer", "received_code": 1012, "sent_code": 1012},
            "close-received, by peer, received 1012, sent 1012",
        ),
        (
            {"end": "close-sent", "by": "local", "sent_code": 4000, "sent_reason": "bye\x1b"},
            "close-sent, by local, sent 4000 'bye\\x1b'",
        ),
        (
            {"end": "reset", "by": "network", "error": ConnectionResetError("by peer")},
            "reset, by network, ConnectionResetError: by peer",
        ),
    ],
)
def test_a_closure_in_a_few_words(fields: dict[str, Any], text: str) -> None:
    """What an error says of it: who ended it, the codes and reasons, the exception."""
    assert str(Closure(opened=1.0, ended=2.0, last_byte=1.5, **fields)) == text
