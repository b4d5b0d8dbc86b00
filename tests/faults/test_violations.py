"""The peer breaks the protocol, in every way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.testing import (
    DEFLATE_HEADERS,
    VIOLATIONS,
    NumberedFeed,
    check_cause,
    frames,
    openings,
)
from longwire.testing.violations import deflate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from longwire.errors import Blame
    from longwire.testing import RawLink
    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]
    Survive = Callable[..., Any]
    Named = tuple[str, Blame, str]
    """A cause, who is to blame, and a piece of the reasons."""


MISFRAMED: Named = ("unknown", "unknown", "broke the WebSocket protocol")
"""A broken frame may come of a bug, of two writers that collide, or of a middlebox."""
FRAGMENTS: Named = ("fragmentation-mishandled", "peer", "broke the order of fragments")
COMPRESSION: Named = ("permessage-deflate-fault", "peer", "Compression was agreed on")

CAUSES: dict[str, Named] = {
    "fragmented-ping": FRAGMENTS,
    "fragmented-pong": FRAGMENTS,
    "fragmented-close": FRAGMENTS,
    "stray-continuation": FRAGMENTS,
    "stray-continuation-not-last": FRAGMENTS,
    "nested-text": FRAGMENTS,
    "nested-binary": FRAGMENTS,
    "nested-after-ping": FRAGMENTS,
    "continued-after-the-end": FRAGMENTS,
    "deflate-garbage": COMPRESSION,
    "deflate-rsv1-on-continuation": COMPRESSION,
    "deflate-rsv1-on-ping": COMPRESSION,
}
"""What proves more than that the peer broke the protocol."""

SAID = {
    "invalid": "reserved opcode",
    "rsv": "reserved bits that no extension explains",
    "masked": "sent a masked frame",
    "length": "length has the highest bit set",
    "oversized": "control frame of more than 125 bytes",
    "utf8": "text that is not UTF-8",
    "close-one": "half a code",
    "close-code": "must not be on the wire",
    "close-reason": "close reason that is not UTF-8",
    "deflate-rsv2": "reserved bits that no extension explains",
    "deflate-utf8": "text that is not UTF-8",
}
"""Where no cause is proved, the reasons still say what was wrong; by the beginnings of names."""


def test_the_tables_are_complete() -> None:
    """Every violation has a cause of its own, or words of its own."""
    assert CAUSES.keys() <= VIOLATIONS.keys()
    for name in VIOLATIONS:
        assert (name in CAUSES) != any(name.startswith(start) for start in SAID), name


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_violation(receive: Receive, survive: Survive, name: str) -> None:
    """What was right before it is handed over; the link is failed with the code; it comes back."""
    violation = VIOLATIONS[name]
    opening = openings.accept_with(DEFLATE_HEADERS if violation.deflate else {})

    def violate(link: RawLink) -> None:
        link.write(violation.raw)
        link.muted = True

    async with NumberedFeed(opening=opening) as feed, receive(feed.url) as ledger:
        cause, blame, because = CAUSES.get(name, MISFRAMED)
        interruption = await survive(
            feed, ledger, violate, cause=cause, blame=blame, because=because
        )
        first = feed.links[0]
    for said in (words for start, words in SAID.items() if name.startswith(start)):
        check_cause(interruption, cause, blame=blame, because=said)
    assert interruption.evidence.end == "protocol-error"
    assert interruption.evidence.sent_code in violation.codes
    assert interruption.evidence.last_speaker == "peer"
    assert first.received_close is not None, "the peer is told"
    assert first.received_close[0] in violation.codes
    assert "ProtocolError" in interruption.evidence.error
    # One of them begins with a complete message, and that one counts.
    whole = ["begun x"] if name == "continued-after-the-end" else []
    assert ledger.unnumbered == whole, "nothing broken is handed over"


LIMIT = 1 << 20
TOO_BIG = {
    "one-frame": frames.frame(frames.BINARY, bytes(LIMIT + 1)),
    "announced": frames.frame(frames.TEXT, b"x", length=LIMIT + 1),
    "fragments": frames.frame(frames.BINARY, bytes(LIMIT), fin=False)
    + frames.frame(frames.CONT, b"x"),
    "inflated": frames.frame(frames.TEXT, deflate(bytes(64 * LIMIT)), rsv=4),
}


@pytest.mark.parametrize("name", TOO_BIG)
async def test_too_big(receive: Receive, survive: Survive, name: str) -> None:
    """Over our limit, by its header, its fragments, or only once it is inflated."""
    opening = openings.accept_with(DEFLATE_HEADERS if name == "inflated" else {})

    def send_it(link: RawLink) -> None:
        link.write(TOO_BIG[name])
        link.muted = True

    async with (
        NumberedFeed(opening=opening) as feed,
        receive(feed.url, max_message_bytes=LIMIT) as ledger,
    ):
        interruption = await survive(
            feed,
            ledger,
            send_it,
            cause="message-too-big",
            blame="unknown",
            because="A message from the peer was over our limit",
        )
        first = feed.links[0]
    assert interruption.evidence.end == "message-too-big"
    assert first.received_close is not None
    assert first.received_close[0] == 1009
