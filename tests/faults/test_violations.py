"""The peer breaks the protocol, in every way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.testing import DEFLATE_HEADERS, VIOLATIONS, NumberedFeed, frames, openings
from longwire.testing.violations import deflate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from longwire.testing import RawLink
    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]
    Survive = Callable[..., Any]


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_violation(receive: Receive, survive: Survive, name: str) -> None:
    """What was right before it is handed over; the link is failed with the code; it comes back."""
    violation = VIOLATIONS[name]
    opening = openings.accept_with(DEFLATE_HEADERS if violation.deflate else {})

    def violate(link: RawLink) -> None:
        link.write(violation.raw)
        link.muted = True

    async with NumberedFeed(opening=opening) as feed, receive(feed.url) as ledger:
        interruption = await survive(feed, ledger, violate)
        first = feed.links[0]
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
        interruption = await survive(feed, ledger, send_it)
        first = feed.links[0]
    assert interruption.cause.id == "message-too-big"
    assert interruption.evidence.end == "message-too-big"
    assert first.received_close is not None
    assert first.received_close[0] == 1009
