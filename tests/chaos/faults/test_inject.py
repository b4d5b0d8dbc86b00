"""A frame of one's own is sent in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.chaos.faults.inject import Inject
from longwire.chaos.frames import BINARY, PING, PONG, TEXT
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


@pytest.mark.parametrize(
    ("kind", "opcode"), [("text", TEXT), ("binary", BINARY), ("ping", PING), ("pong", PONG)]
)
async def test_it_comes_behind_what_has_passed(feed: NumberedFeed, kind: str, opcode: int) -> None:
    """Between two messages of the server's, once."""
    strikes = [f"inject kind={kind} text=hello after='1 message'"]
    async with Proxy(feed.url, strikes) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(3)
        frames = await client.frames(4)
        assert (frames[1].opcode, frames[1].payload) == (opcode, b"hello")
        assert [one.opcode for one in frames if one is not frames[1]] == [TEXT] * 3


async def test_a_client_s_is_masked(feed: NumberedFeed) -> None:
    """The server takes it for one of the client's."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        proxy.strike("inject text='from nobody' direction=c2s")
        assert await link.wait_message() == "from nobody"
        assert link.frames[0].masked


def test_a_ping_is_short() -> None:
    """What its kind cannot hold is refused."""
    with pytest.raises(ValueError, match="125 bytes"):
        Inject(kind="ping", text="x" * 126)
