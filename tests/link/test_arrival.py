"""A server's connection before it is a link: the moments that a network rarely shows."""

from __future__ import annotations

import asyncio

import pytest

from longwire.link import arrival as module
from longwire.link.arrival import Arrival, Gone
from longwire.link.link import WireLink
from longwire.link.options import LinkOptions
from longwire.link.routing import Refusal, Response
from longwire.link.server_opening import ServerOpening

REQUEST = (
    b"GET /a HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PLAIN = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport without a network, which notes what is done to it."""

    def __init__(self, *, encrypted: bool = False) -> None:
        super().__init__({"sslcontext": object() if encrypted else None})
        self.written = bytearray()
        self.done: list[str] = []
        self.reading = True
        self.closing = False
        self.protocol: asyncio.BaseProtocol | None = None
        self.half_closable = not encrypted
        self.sizes: list[int] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def writelines(self, list_of_data: object) -> None:
        raise AssertionError("nothing is written so")

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def is_closing(self) -> bool:
        return self.closing

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def can_write_eof(self) -> bool:
        return self.half_closable

    def write_eof(self) -> None:
        self.done.append("write_eof")

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return self.sizes.pop(0) if self.sizes else 0


class Stage:
    """An arrival on a `Wire`, moved on by hand."""

    def __init__(self, *, encrypted: bool = False) -> None:
        self.opening = ServerOpening(peer="127.0.0.1:9")
        self.arrival = Arrival(self.opening, loop=asyncio.get_running_loop())
        self.wire = Wire(encrypted=encrypted)
        self.arrival.connection_made(self.wire)

    def go_live(self) -> WireLink:
        self.opening.check()
        options = LinkOptions(heartbeat=None)
        link = WireLink(loop=asyncio.get_running_loop(), mask=False, options=options)
        self.arrival.go_live(link, subprotocol=None)
        return link


async def test_the_link_takes_over() -> None:
    """The 101 goes out first, then the link has the transport; early bytes are the link's."""
    stage = Stage()
    stage.arrival.data_received(REQUEST + b"\x81\x82\0\0\0\0hi")
    assert (await stage.arrival.request).path == "/a"
    link = stage.go_live()
    assert stage.wire.protocol is link
    assert stage.wire.written.startswith(b"HTTP/1.1 101 ")
    assert await link.recv() == "hi"
    link.abort()


async def test_a_loss_that_is_told_late_reaches_the_link() -> None:
    """Engines may tell the old protocol of a loss that they noticed before the change."""
    stage = Stage()
    stage.arrival.data_received(REQUEST)
    link = stage.go_live()
    assert stage.arrival.eof_received() is False
    stage.arrival.connection_lost(None)
    assert link.closure is not None
    await link.wait_gone()


@pytest.mark.parametrize("how", ["lost", "closing", "end"])
async def test_nobody_is_accepted_who_has_left(how: str) -> None:
    """Between request and answer the client may go: then there is no link."""
    stage = Stage()
    told: list[bool] = []
    stage.arrival.on_gone = lambda: told.append(True)
    stage.arrival.data_received(REQUEST)
    if how == "lost":
        stage.arrival.connection_lost(None)
    elif how == "end":
        assert stage.arrival.eof_received() is False
        stage.arrival.connection_lost(None)
    else:
        stage.wire.closing = True
    with pytest.raises(Gone):
        stage.go_live()
    assert told == ([True] if how != "closing" else [])
    assert not stage.wire.written


@pytest.mark.parametrize("begun", [b"", b"GET / HT"])
async def test_an_end_inside_the_request(begun: bytes) -> None:
    """A client that says no more before its request is complete is gone."""
    stage = Stage()
    stage.arrival.data_received(begun)
    assert stage.arrival.eof_received() is False
    with pytest.raises(Gone):
        await stage.arrival.request
    stage.arrival.connection_lost(None)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_half_closed_clients_get_their_answer(encrypted: bool) -> None:
    """Who asks in plain HTTP may stop sending; TLS cannot stay half open."""
    stage = Stage(encrypted=encrypted)
    stage.arrival.data_received(PLAIN)
    assert stage.arrival.eof_received() is not encrypted
    assert not stage.arrival.gone


@pytest.mark.parametrize("encrypted", [False, True])
async def test_answering(encrypted: bool) -> None:
    """The answer is sent, our side closed, and the client waited for; more bytes are lost."""
    stage = Stage(encrypted=encrypted)
    stage.arrival.data_received(PLAIN)
    answering = asyncio.create_task(stage.arrival.answer(Response(200, body="fine")))
    await asyncio.sleep(0)
    assert stage.wire.written.endswith(b"fine")
    assert stage.wire.done == ["close" if encrypted else "write_eof"]
    stage.arrival.data_received(b"x" * 100_000)
    assert len(stage.opening.early) == 0
    assert stage.arrival.eof_received() is False
    assert not answering.done()
    stage.arrival.connection_lost(None)
    await answering
    await stage.arrival.discard()


async def test_answering_a_client_that_never_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait has a bound, and then the connection is cut."""
    monkeypatch.setattr(module, "LINGER", 0.01)
    monkeypatch.setattr(module, "_GONE_WITHIN", 0.01)
    stage = Stage()
    stage.arrival.data_received(PLAIN)
    await stage.arrival.answer(Response(200))
    await stage.arrival.discard()
    assert stage.wire.done == ["write_eof", "abort"]


async def test_answering_a_client_that_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes a part of a large answer now and then is waited for until it has all of it."""
    monkeypatch.setattr(module, "LINGER", 0.01)
    stage = Stage()
    stage.arrival.data_received(PLAIN)
    stage.wire.sizes = [400, 300, 200, 100, 0]
    await stage.arrival.answer(Response(200, body="x" * 400))
    assert not stage.wire.sizes
    stage.arrival.connection_lost(None)
    await stage.arrival.discard()


@pytest.mark.parametrize("sizes", [[400, 400, 300], [400, 300, 300, 200]])
async def test_answering_a_client_that_stops_taking(
    sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing more of the answer goes out, the connection is cut."""
    monkeypatch.setattr(module, "LINGER", 0.01)
    monkeypatch.setattr(module, "_GONE_WITHIN", 0.01)
    stage = Stage()
    stage.arrival.data_received(PLAIN)
    stage.wire.sizes = list(sizes)
    await stage.arrival.answer(Response(200, body="x" * 400))
    assert len(stage.wire.sizes) == 1
    await stage.arrival.discard()
    assert stage.wire.done == ["write_eof", "abort"]


async def test_answering_for_ever_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However steadily a client takes its answer, it has not all the time of the world."""
    monkeypatch.setattr(module, "LINGER", 0.001)
    monkeypatch.setattr(module, "TAKEN_WITHIN", 0.05)
    monkeypatch.setattr(module, "_GONE_WITHIN", 0.01)
    stage = Stage()
    stage.arrival.data_received(PLAIN)
    stage.wire.sizes = list(range(1_000_000, 0, -1))
    await stage.arrival.answer(Response(200, body="x" * 400))
    assert stage.wire.sizes
    await stage.arrival.discard()


async def test_answering_nobody() -> None:
    """Without a transport, or with one that is closing, there is nobody to answer."""
    loop = asyncio.get_running_loop()
    nobody = Arrival(ServerOpening(), loop=loop)
    await nobody.answer(Response(408))
    await nobody.discard()
    stage = Stage()
    stage.wire.closing = True
    await stage.arrival.answer(Response(408))
    assert not stage.wire.written


async def test_early_bytes_are_bounded() -> None:
    """A client that floods before it is accepted is no longer read, and read again as a link."""
    stage = Stage()
    stage.arrival.data_received(REQUEST)
    frame = b"\x82\xfe\x03\xe8\0\0\0\0" + b"x" * 1000
    for _ in range(100):
        if stage.wire.is_reading():
            stage.arrival.data_received(frame)
    assert not stage.wire.is_reading()
    assert len(stage.opening.early) < 70_000
    link = stage.go_live()
    assert stage.wire.is_reading()
    assert len(await link.recv()) == 1000
    link.abort()


async def test_a_refused_request_is_read_no_further() -> None:
    """After a refusal nothing is kept of what still comes."""
    stage = Stage()
    stage.arrival.data_received(b"\x16\x03\x01")
    stage.arrival.data_received(b"x" * 1000)
    with pytest.raises(Refusal):
        await stage.arrival.request
    assert len(stage.opening.early) == 3
    # It may still wait for its answer, though it has stopped sending.
    assert stage.arrival.eof_received() is True
