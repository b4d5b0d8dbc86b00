"""The records of a link."""

from __future__ import annotations

from typing import Any

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
