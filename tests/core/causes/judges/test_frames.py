"""Frames that broke the rules, and messages over a limit."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, classify


def broke(error: str, **more: Any) -> Evidence:
    """The peer broke the protocol, and we said so."""
    return Evidence(end="protocol-error", error=f"ProtocolError: {error}", **more)


def closed(code: int, reason: str = "", **more: Any) -> Evidence:
    """The peer closed."""
    return Evidence(end="close-received", received_code=code, received_reason=reason, **more)


RSV1 = "the peer set RSV1, which says that a message is compressed, on a frame that begins none"
INFLATE = "the peer's compressed data cannot be inflated: Error -3 while decompressing data"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        # Sizes: our limit, the peer's by its code, the peer's by its words.
        (Evidence(end="message-too-big"), "message-too-big"),
        (closed(1009), "message-too-big"),
        (closed(1000, "Text message size [70000] exceeds maximum size [65536]"), "message-too-big"),
        (closed(1002, "frame too large"), "message-too-big"),
        (closed(1008, "payload length exceeded"), "message-too-big"),
        (closed(1008, "message queue too long"), "slow-consumer-eviction"),
        (closed(1008, "message rate exceeded"), "unknown"),
        (closed(1000, "too big to fail"), "unknown"),
        # Compression: agreed on, and the fault is named.
        (broke(INFLATE, compressed=True), "permessage-deflate-fault"),
        (broke(INFLATE), "unknown"),
        (closed(1002, "RSV1 must be clear", compressed=True), "permessage-deflate-fault"),
        (closed(1007, "inflate failed", compressed=True), "permessage-deflate-fault"),
        (closed(1002, "RSV1 must be clear"), "unknown"),
        (closed(1011, "inflate failed", compressed=True), "unknown"),
        (broke("the peer sent text that is not UTF-8", compressed=True), "unknown"),
        (broke(RSV1, compressed=True), "permessage-deflate-fault"),
        (broke(RSV1), "unknown"),
        # Other reserved bits may be anything: compression, colliding writers, a middlebox.
        (
            broke("the peer set reserved bits that no extension explains", compressed=True),
            "unknown",
        ),
        # Fragments out of order.
        (broke("the peer continued a message that had not begun"), "fragmentation-mishandled"),
        (
            broke("the peer began a message before the last one was complete"),
            "fragmentation-mishandled",
        ),
        (broke("the peer fragmented a control frame"), "fragmentation-mishandled"),
        (closed(1002, "unexpected continuation frame"), "fragmentation-mishandled"),
        (closed(1000, "to be continued"), "unknown"),
        # UTF-8 has continuations, too.
        (broke("'utf-8' codec can't decode byte 0xed: invalid continuation byte"), "unknown"),
        (closed(1002, "invalid continuation byte"), "unknown"),
        # Broken frames of other kinds accuse nobody in particular.
        (broke("the peer sent a masked frame"), "unknown"),
        (broke("the peer sent the reserved opcode 11"), "unknown"),
        (broke("the peer sent text that is not UTF-8"), "unknown"),
        (broke("the peer's close frame has an invalid code"), "unknown"),
        # Except that an HTTP answer does not come from a WebSocket server.
        (broke("b'HTTP/1.1 400 Bad Request' is no frame"), "middlebox-interference"),
    ],
)
def test_frames(evidence: Evidence, expected: str) -> None:
    """One row for each kind of broken frame, and for its near misses."""
    assert classify(evidence).cause.id == expected


def test_the_error_is_quoted() -> None:
    """Named or not, what was wrong with the frame is in the reasons."""
    assert "had not begun" in classify(broke("continued what had not begun")).reasons[0]
    assert any("masked" in reason for reason in classify(broke("a masked frame")).reasons)
