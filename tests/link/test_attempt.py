"""One attempt: the moments between transport, answer and link, one by one."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import ConnectError
from longwire.link.address import parse_address
from longwire.link.attempt import Attempt
from longwire.link.client_opening import ClientOpening
from longwire.link.link import WireLink
from longwire.link.options import LinkOptions
from longwire.testing import PATIENCE, frames
from longwire.testing.openings import accept_key

if TYPE_CHECKING:
    from longwire.link.client_opening import Answer

ADDRESS = parse_address("ws://h/")


class Wire(asyncio.Transport):
    """A transport without a network, which notes what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: asyncio.BaseProtocol | None = None
        self.aborted = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0


class Stage:
    """An attempt on a `Wire`, moved on by hand."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.links: list[WireLink] = []
        self.handshake = ClientOpening(ADDRESS)
        self.attempt = Attempt(ADDRESS, self.handshake, self.make_link, loop=loop)
        self.wire = Wire()
        self.attempt.connection_made(self.wire)

    def make_link(self) -> WireLink:
        loop = asyncio.get_running_loop()
        link = WireLink(loop=loop, mask=True, options=LinkOptions())
        self.links.append(link)
        return link

    @property
    def accepted(self) -> bytes:
        key = accept_key(self.handshake.request_headers["sec-websocket-key"])
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {key}\r\n\r\n"
        ).encode()

    @property
    def answer(self) -> asyncio.Future[Answer]:
        return self.attempt._answer


async def test_the_link_takes_over_inside_the_read() -> None:
    """When `data_received` returns, the transport's protocol is a live link."""
    stage = Stage()
    stage.attempt.data_received(stage.accepted)
    assert stage.wire.protocol is stage.attempt.link is stage.links[0]
    assert stage.answer.result().status == 101
    stage.links[0].abort()


@pytest.mark.parametrize("pieces", [1, 7])
async def test_no_early_byte_is_lost(pieces: int) -> None:
    """However much comes behind the answer in the same read, also more than a read buffer holds."""
    stage = Stage()
    messages = [b"%d " % number + bytes(1_000) for number in range(300)]
    early = b"".join(frames.frame(frames.BINARY, one) for one in messages)
    whole = stage.accepted + early
    last = len(stage.accepted) // pieces * (pieces - 1)
    for start in range(0, last, len(stage.accepted) // pieces):
        stage.attempt.data_received(whole[start : start + len(stage.accepted) // pieces])
    stage.attempt.data_received(whole[last:])
    link = stage.links[0]
    assert [await link.recv(PATIENCE) for _ in messages] == messages
    link.abort()


async def test_bytes_after_the_end_of_interest_are_ignored() -> None:
    """What comes once the attempt was given up has no effect: nothing goes live later (trap 1)."""
    stage = Stage()
    stage.answer.cancel()
    stage.attempt.data_received(stage.accepted)
    assert stage.attempt.link is None
    assert not stage.links


async def test_a_loss_that_is_told_late_reaches_the_link() -> None:
    """Engines may tell the old protocol of a loss that they noticed before the change."""
    stage = Stage()
    stage.attempt.data_received(stage.accepted)
    stage.attempt.connection_lost(ConnectionResetError())
    link = stage.links[0]
    assert link.closure is not None
    assert link.closure.end == "reset"
    await link.wait_gone()


@pytest.mark.parametrize(
    ("error", "kind"), [(None, "eof"), (ConnectionResetError(), "reset"), (OSError(), "local")]
)
async def test_losses_before_the_answer(error: Exception | None, kind: str) -> None:
    """A connection that is lost before there is an answer fails the attempt."""
    stage = Stage()
    stage.attempt.connection_lost(error)
    with pytest.raises(ConnectError) as caught:
        await stage.answer
    assert caught.value.kind == kind
    stage.attempt.connection_lost(None)
    assert stage.attempt.eof_received() is False


async def test_a_reset_inside_a_body_keeps_the_rejection() -> None:
    """What came of the rejection counts."""
    stage = Stage()
    stage.attempt.data_received(b"HTTP/1.1 503 Down\r\n\r\nsor")
    stage.attempt.connection_lost(ConnectionResetError())
    assert (await stage.answer).body == b"sor"


async def test_the_bodys_timer_stops_with_the_body() -> None:
    """A body that comes to its end leaves no timer (the guard of all tests looks for it)."""
    stage = Stage()
    stage.attempt.data_received(b"HTTP/1.1 503 Down\r\nContent-Length: 5\r\n\r\nsor")
    stage.attempt.data_received(b"ry")
    assert (await stage.answer).body == b"sorry"


async def test_a_link_that_cannot_be_made_fails_the_attempt() -> None:
    """The error is told to whoever waits, not only to the loop."""
    stage = Stage()

    def broken() -> WireLink:
        raise KeyError

    stage.attempt._make_link = broken
    stage.attempt.data_received(stage.accepted)
    with pytest.raises(ConnectError, match="KeyError"):
        await stage.answer


async def test_progress_is_told_in_words() -> None:
    """How far it is, for the text of a time limit."""
    stage = Stage()
    assert "about to connect" in stage.attempt.progress
    stage.attempt.data_received(b"HTTP/1.1 ")
    assert "9 bytes" in stage.attempt.progress
    stage.answer.cancel()


async def test_a_failure_nobody_waited_for_is_not_reported(caplog: Any) -> None:
    """An attempt that failed and was cancelled in the same turn leaves no complaint behind."""
    stage = Stage()
    stage.attempt.data_received(b"garbage")
    discarded = asyncio.create_task(stage.attempt._discard())
    await asyncio.sleep(0)
    assert stage.wire.aborted
    stage.attempt.connection_lost(None)
    await discarded
    del stage, discarded
    gc.collect()
    assert not caplog.records
