"""Checks of the limit on a message: exact, kept by both sides, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.errors import LinkClosed, MessageTooBig
from longwire.testing.conformance.expect import both_closed, expect, recv_many

if TYPE_CHECKING:
    from longwire.link.base import Link

LIMIT: Final = 10_000
"""The ``max_message_bytes`` of the second link."""


async def limit_is_exact(one: Link, limited: Link) -> None:
    """Messages of just the limit's size pass, both ways, counted in bytes of UTF-8."""
    for message in ("x" * LIMIT, b"x" * LIMIT, "é" * (LIMIT // 2)):
        await one.send(message)
        assert await limited.recv() == message
        await limited.send(message)
        assert await one.recv() == message


async def too_big_is_refused_by_the_receiver(one: Link, limited: Link) -> None:
    """One byte more ends the link with 1009; what came before it is handed over."""
    await one.send("before")
    await one.send(b"x" * (LIMIT + 1))
    mine, theirs = await both_closed(one, limited)
    assert theirs.end == "message-too-big"
    assert theirs.by == "peer"
    assert theirs.sent_code == 1009
    assert isinstance(theirs.error, MessageTooBig)
    assert theirs.error.limit == LIMIT
    assert theirs.error.blame == "peer"
    assert (mine.end, mine.received_code) == ("close-received", 1009)
    assert await recv_many(limited, 1) == ["before"]
    error = await expect(LinkClosed, limited.recv())
    assert error.closure is theirs
    assert error.__cause__ is theirs.error


async def too_big_is_refused_by_the_sender(one: Link, limited: Link) -> None:
    """A link does not send what it would not accept; nothing is harmed by the attempt."""
    for message in (b"x" * (LIMIT + 1), "é" * (LIMIT // 2) + "x"):
        error = await expect(MessageTooBig, limited.send(message))
        assert (error.limit, error.size, error.blame) == (LIMIT, LIMIT + 1, "local")
    await limited.send("small")
    assert await one.recv() == "small"


LIMIT_CHECKS: Final = (
    limit_is_exact,
    too_big_is_refused_by_the_receiver,
    too_big_is_refused_by_the_sender,
)
