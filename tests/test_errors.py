"""The exception tree: every text that a user may read, as it reads."""

from __future__ import annotations

from typing import Any

import pytest

from longwire import errors
from longwire.errors import (
    AddressError,
    ClientClosed,
    ConnectError,
    GaveUp,
    HandshakeRejected,
    InboxFull,
    LinkClosed,
    LongwireError,
    MessageTooBig,
    NotConnected,
    OutboxFull,
    ProtocolError,
    ProxyError,
    RecordingError,
    SocketUsed,
    SubscriptionRefused,
    TLSError,
)

FEED = "wss://feed.example/ws?token=…"
HINT = "try it again"

TABLE: list[tuple[LongwireError, str, str, bool]] = [
    (LongwireError("it failed"), "it failed.", "unknown", False),
    (
        LongwireError("it failed", where=FEED, tried="tried twice", hint=HINT),
        f"it failed [{FEED}]. tried twice. try it again.",
        "unknown",
        False,
    ),
    (
        ConnectError(
            "the connection was refused", kind="refused", retryable=True, blame="peer", where=FEED
        ),
        f"the connection was refused [{FEED}].",
        "peer",
        True,
    ),
    (
        AddressError("the URL has no host", kind="address", retryable=False, hint="name one"),
        "the URL has no host. name one.",
        "unknown",
        False,
    ),
    (
        TLSError("the certificate has expired", problem="expired", retryable=False, where=FEED),
        f"the certificate has expired [{FEED}].",
        "peer",
        False,
    ),
    (
        ProxyError(
            "the proxy http://p:80 answered HTTP 407",
            problem="credentials",
            proxy="http://p:80",
            status=407,
            retryable=False,
            blame="local",
            where=FEED,
            hint=HINT,
        ),
        f"the proxy http://p:80 answered HTTP 407 [{FEED}]. try it again.",
        "local",
        False,
    ),
    (
        SocketUsed(where=FEED),
        (
            f"the socket given as sock= has been used, and there is no other [{FEED}]. "
            "pass a function as sock=: it is asked for a new socket at each attempt."
        ),
        "local",
        False,
    ),
    (
        HandshakeRejected(
            status=429, headers={}, body=b"", retryable=True, retry_after=7.0, where=FEED, hint=HINT
        ),
        f"the server answered HTTP 429 instead of 101 [{FEED}]. try it again.",
        "peer",
        True,
    ),
    (
        SubscriptionRefused("trades", '{"error": "no"}', where=FEED),
        (
            f"the peer refused subscription 'trades' [{FEED}]. "
            "read .answer, then correct the subscription or the credentials it needs."
        ),
        "peer",
        False,
    ),
    (
        LinkClosed("the peer closed it", where=FEED),
        f"the link has ended: the peer closed it [{FEED}].",
        "unknown",
        False,
    ),
    (
        GaveUp("Cut at a fixed age", where=FEED, tried="3 attempts"),
        (
            f"the client gave up: Cut at a fixed age [{FEED}]. 3 attempts. read .interruption for "
            "cause and evidence; by default (Retry()) a client that meets a retryable end never "
            "gives up."
        ),
        "unknown",
        False,
    ),
    (ClientClosed("the client was closed"), "the client was closed.", "local", False),
    (InboxFull("the inbox is full"), "the inbox is full.", "local", False),
    (OutboxFull("the outbox is full"), "the outbox is full.", "local", False),
    (NotConnected("there is no link"), "there is no link.", "unknown", True),
    (
        MessageTooBig("a message of 17 bytes", limit=16, size=17, blame="peer"),
        "a message of 17 bytes. raise max_message_bytes, or send less in one message.",
        "peer",
        False,
    ),
    (
        ProtocolError("the peer masked a frame", where=FEED),
        f"the peer masked a frame [{FEED}].",
        "peer",
        False,
    ),
    (RecordingError("the file x is empty"), "the file x is empty.", "local", False),
]
"""The error, its text, who is to blame, and whether trying again may help."""


@pytest.mark.parametrize(
    ("error", "text", "blame", "retryable"), TABLE, ids=lambda one: type(one).__name__
)
def test_texts(error: LongwireError, text: str, blame: str, retryable: bool) -> None:
    """What happened, where, what was tried, what to do: those that there are, in that order."""
    assert str(error) == text
    assert error.blame == blame
    assert error.retryable is retryable
    assert error.args == (error.what,)


def test_every_error_has_its_text() -> None:
    """A new class needs a row above."""
    classes = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, LongwireError)
    }
    assert classes == {type(error) for error, *_ in TABLE}


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (
            ConnectError("x", kind="timeout", retryable=True, retry_after=3.0),
            {"kind": "timeout", "retry_after": 3.0},
        ),
        (TLSError("x", problem="wrong-name", retryable=False), {"problem": "wrong-name"}),
        (TLSError("x", problem="expired", retryable=False), {"kind": "tls"}),
        (
            HandshakeRejected(status=403, headers={"Server": "x"}, body=b"no", retryable=False),
            {"status": 403, "headers": {"Server": "x"}, "body": b"no", "kind": "rejected"},
        ),
        (SubscriptionRefused("trades", "no"), {"name": "trades", "answer": "no"}),
        (LinkClosed("the record"), {"closure": "the record"}),
        (GaveUp("the record"), {"interruption": "the record"}),
        (
            MessageTooBig("x", limit=16, size=None, blame="local"),
            {"limit": 16, "size": None, "blame": "local"},
        ),
        (ProtocolError("x"), {"code": 1002}),
        (ProtocolError("x", code=1007), {"code": 1007}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_fields(error: LongwireError, fields: dict[str, Any]) -> None:
    """A program reads fields, not the text."""
    for name, value in fields.items():
        assert getattr(error, name) == value, name
