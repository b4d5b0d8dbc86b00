"""What happens to messages that are sent, with a link and without."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import longwire

QUICK = longwire.Retry(first=0.01, cap=0.05)


class Gate:
    """A server that can be shut: connections are cut at once while it is."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.got: list[Any] = []
        self.news = asyncio.Event()
        self.links: list[Any] = []

    async def __call__(self, link: Any) -> None:
        if not self.open.is_set():
            link.abort()
            return
        self.links.append(link)
        await link.send("hello")
        try:
            async for message in link:
                self.got.append(message)
                self.news.set()
        except longwire.LinkClosed:
            return

    async def until(self, count: int) -> None:
        while len(self.got) < count:
            self.news.clear()
            await self.news.wait()


def client_of(url: str, isolate: bool, when_down: Any, **limits: Any) -> longwire.Client:
    """A client whose link counts as open only after the server's greeting."""
    return longwire.connect(
        url,
        subscribe=[],
        retry=QUICK,
        isolate=isolate,
        outbox=longwire.Outbox(when_down=when_down, **limits),
    )


async def test_wait_until_there_is_a_link(
    isolate: bool, within: Any, refusing_port: int, serve_on: Any
) -> None:
    """``"wait"``: send returns when a link takes the message, not before."""
    async with within(), client_of(url_of(refusing_port), isolate, "wait") as client:
        sending = asyncio.create_task(client.send("one"))
        done, _ = await asyncio.wait([sending], timeout=0.1)
        assert not done
        gate = Gate()
        gate.open.set()
        async with serve_on(gate, refusing_port):
            await sending
            await gate.until(1)
    assert gate.got == ["one"]


async def test_keep_for_the_next_link(
    isolate: bool, within: Any, refusing_port: int, serve_on: Any
) -> None:
    """``"keep"``: send returns at once; what was kept goes out in order on the next link."""
    async with within(), client_of(url_of(refusing_port), isolate, "keep", messages=3) as client:
        for number in range(3):
            await client.send(str(number))
        with pytest.raises(longwire.OutboxFull):
            await client.send("too many")
        assert client.stats().unsent == 3
        gate = Gate()
        gate.open.set()
        async with serve_on(gate, refusing_port):
            await gate.until(3)
            assert client.stats().unsent == 0
    assert gate.got == ["0", "1", "2"]


async def test_fail_without_a_link(isolate: bool, within: Any, refusing_port: int) -> None:
    """``"fail"``: send raises at once when there is no link."""
    async with within(), client_of(url_of(refusing_port), isolate, "fail") as client:
        with pytest.raises(longwire.NotConnected):
            await client.send("one")


async def test_fail_with_a_link(serving: Any, isolate: bool, within: Any) -> None:
    """``"fail"`` with a link: send returns when the link has taken the message."""
    gate = Gate()
    gate.open.set()
    async with serving(gate) as url, within(), client_of(url, isolate, "fail") as client:
        await client.wait_live()
        await client.send("one")
        assert client.stats().sent == 1
        await gate.until(1)


async def test_a_cancelled_send_sends_nothing(
    isolate: bool, within: Any, refusing_port: int, serve_on: Any
) -> None:
    """Cancelling while it waits leaves no trace of the message."""
    async with within(), client_of(url_of(refusing_port), isolate, "wait") as client:
        sending = asyncio.create_task(client.send("cancelled"))
        await asyncio.wait([sending], timeout=0.05)
        sending.cancel()
        await asyncio.wait([sending])
        gate = Gate()
        gate.open.set()
        async with serve_on(gate, refusing_port):
            await client.send("sent")
            await gate.until(1)
    assert gate.got == ["sent"]


async def test_concurrent_senders_keep_their_order(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Each task's messages arrive in its order, none twice, with an outbox of one."""
    gate = Gate()
    gate.open.set()

    async def sender(client: Any, name: str) -> None:
        for number in range(50):
            await client.send(f"{name}{number:03}")

    async with serving(gate) as url, within():
        async with client_of(url, isolate, "wait", messages=1) as client:
            async with asyncio.TaskGroup() as group:
                for name in "abc":
                    group.create_task(sender(client, name))
            await gate.until(150)
    for name in "abc":
        assert [each for each in gate.got if each[0] == name] == [
            f"{name}{number:03}" for number in range(50)
        ]


async def test_a_peer_that_does_not_read_holds_senders_back(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Back-pressure reaches send, and close still ends in time, telling what was not sent."""

    async def deaf(link: Any) -> None:
        link.reader._transport.pause_reading()
        await link.wait_closed()

    async with serving(deaf) as url, within():
        client = longwire.connect(
            url, isolate=isolate, compression=None, close_timeout=0.3, outbox=4
        )
        async with client:
            await client.wait_live()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(flood(client), 0.5)
    assert client.stats().unsent > 0


async def test_what_cannot_be_sent_is_refused_at_once(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Wrong types and too big messages raise in send, and do no harm to the link."""
    gate = Gate()
    gate.open.set()
    async with serving(gate) as url, within():
        async with longwire.connect(url, isolate=isolate, max_message_bytes=1000) as client:
            await client.wait_live()
            with pytest.raises(TypeError):
                await client.send(123)  # type: ignore[arg-type] # the very mistake
            with pytest.raises(longwire.MessageTooBig):
                await client.send("ä" * 501)
            await client.send("ä" * 500)
            await gate.until(1)


async def flood(client: longwire.Client) -> None:
    """Send without end."""
    while True:
        await client.send(b"x" * 500_000)


def url_of(port: int) -> str:
    """An address on this machine."""
    return f"ws://127.0.0.1:{port}/"


@pytest.fixture
def refusing_port() -> int:
    """A port where nothing listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def serve_on() -> Any:
    """A server on a given port."""
    return lambda handler, port: longwire.serve(handler, "127.0.0.1", port)
