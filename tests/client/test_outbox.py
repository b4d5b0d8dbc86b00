"""What happens to messages that are sent, with a link and without."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

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
        link._transport.pause_reading()
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


# -- the outbox alone ------------------------------------------------------------------------


class Wire:
    """A carrier that takes what it is told to take."""

    def __init__(self) -> None:
        self.writable = True
        self.overdue = False
        self.closed = False
        self.got: list[Any] = []

    def post(self, data: Any) -> None:
        if self.closed:
            raise longwire.LinkClosed("it is closing")
        self.got.append(data)

    def post_at_once(self, data: Any) -> bool:
        if self.closed or self.overdue or not self.writable:
            return False
        self.got.append(data)
        return True

    def begin_fragments(self) -> Any:
        raise NotImplementedError


def outbox_of(when_down: Any, **limits: Any) -> Outbox:
    """An outbox whose link is in another thread, as far as it knows."""
    loop = asyncio.get_running_loop()
    return Outbox(
        longwire.Outbox(when_down=when_down, **limits),
        user_loop=loop,
        call_writer=lambda function: _soon(loop, function),
        same_loop=False,
        where="ws://example/",
    )


def _soon(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    loop.call_soon(function)


def ended() -> longwire.LongwireError:
    """The error of a client that has ended."""
    return longwire.ClientClosed("it has ended")


def meanwhile(outbox: Outbox, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Have another thread do something just after ``put`` has found that it may go on."""
    accepts = outbox._accepts
    threads: list[threading.Thread] = []

    def accepts_and_then(size: int) -> bool:
        answer = accepts(size)
        if answer and not threads:
            threads.append(threading.Thread(target=do))
            threads[0].start()
            threads[0].join(0.2)
        return answer

    monkeypatch.setattr(outbox, "_accepts", accepts_and_then)


@pytest.mark.blocking
@pytest.mark.parametrize("what", ["end", "detach"])
async def test_a_link_that_ends_while_put_decides(
    within: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """``"fail"``: put raises, too, if the link ends in another thread in that very moment."""
    outbox = outbox_of("fail")
    wire = Wire()
    wire.writable = False
    outbox.attach(wire)
    meanwhile(outbox, monkeypatch, lambda: outbox.end(ended) if what == "end" else outbox.detach())
    async with within():
        with pytest.raises(longwire.LongwireError):
            await outbox.put("x")
    assert outbox.queued == 0


async def test_a_cancelled_put_with_proof_sends_nothing(within: Any) -> None:
    """``"fail"``: what had not gone out when its sender stopped waiting never goes out."""
    outbox = outbox_of("fail")
    wire = Wire()
    wire.writable = False
    outbox.attach(wire)
    async with within():
        sending = asyncio.create_task(outbox.put("cancelled"))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        wire.writable = True
        await outbox.put("sent")
    assert wire.got == ["sent"]


async def test_a_link_that_is_closing_takes_nothing(within: Any) -> None:
    """What a dying link refused is the next link's first, in order."""
    outbox = outbox_of("keep")
    dying, fresh = Wire(), Wire()
    dying.closed = True
    await outbox.put("1")
    await outbox.put("2")
    outbox.attach(dying)
    assert outbox.queued == 2
    outbox.detach()
    outbox.attach(fresh)
    assert fresh.got == ["1", "2"]
    assert outbox.sent == 2


async def test_bytes_count_as_on_the_wire(within: Any) -> None:
    """The limit in bytes counts bytes, not characters."""
    outbox = outbox_of("keep", bytes=10)
    await outbox.put("ä" * 4)
    with pytest.raises(longwire.OutboxFull):
        await outbox.put("ää")


@pytest.mark.parametrize("when_down", ["wait", "keep"])
async def test_refuse_stops_waiting_puts_only(within: Any, when_down: Any) -> None:
    """After refuse what was accepted goes out, and whoever waited for room is told."""
    outbox = outbox_of(when_down, messages=1)
    wire = Wire()
    wire.writable = False
    outbox.attach(wire)
    async with within():
        await outbox.put("accepted")
        waiting = asyncio.create_task(outbox.put("waits for room"))
        await asyncio.sleep(0)
        outbox.refuse(ended)
        with pytest.raises(longwire.ClientClosed):
            await waiting
        with pytest.raises(longwire.ClientClosed):
            await outbox.put("late")
    wire.writable = True
    outbox.drain()
    assert wire.got == ["accepted"]
    assert outbox.end(ended) == 0


async def test_the_end_tells_everyone_and_counts_the_rest(within: Any) -> None:
    """Waiting puts raise the client's error; kept messages are counted as unsent."""
    outbox = outbox_of("wait", messages=1)
    async with within():
        waiting = [asyncio.create_task(outbox.put(str(each))) for each in range(3)]
        await asyncio.sleep(0)
        assert outbox.end(ended) == 0
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in results} == {longwire.ClientClosed}
    kept = outbox_of("keep")
    await kept.put("kept")
    assert kept.end(ended) == 1


async def test_a_waker_is_not_lost_between_threads(within: Any) -> None:
    """Senders that wait for room are always woken by a drain in another thread."""
    loop = asyncio.get_running_loop()
    wire = Wire()
    drains: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
    outbox = Outbox(
        longwire.Outbox(messages=1),
        user_loop=loop,
        call_writer=drains.put,
        same_loop=False,
        where="ws://example/",
    )

    def writer() -> None:
        while (drain := drains.get()) is not None:
            drain()

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        outbox.attach(wire)
        async with within(), asyncio.TaskGroup() as group:
            for name in "abc":
                group.create_task(_put_many(outbox, name))
        async with within():
            while outbox.queued:  # noqa: ASYNC110 - the thread tells nobody
                await asyncio.sleep(0.001)
    finally:
        drains.put(None)
        await asyncio.to_thread(thread.join)
    assert len(wire.got) == outbox.sent == 900


async def _put_many(outbox: Outbox, name: str) -> None:
    for number in range(300):
        await outbox.put(f"{name}{number}")


async def test_an_inline_sender_does_not_keep_its_loop(within: Any) -> None:
    """The server reads as fast as we send, so nothing makes us wait: the loop has its turn, too."""

    async def sink(link: Any) -> None:
        async for _ in link.batches():
            pass

    async with longwire.serve(sink, "127.0.0.1") as server, within():
        url = f"ws://127.0.0.1:{server.port}/"
        async with longwire.connect(url, isolate=False) as client:
            await client.wait_live()
            ran: list[bool] = []
            asyncio.get_running_loop().call_soon(ran.append, True)
            for _ in range(300_000):  # of which the kernel takes every one
                await client.send("x")
                if ran:
                    break
    assert ran


async def test_what_waits_does_not_keep_the_links_loop(within: Any) -> None:
    """Where writing has taken long, the rest goes out when the loop has had its turn."""
    loop = asyncio.get_running_loop()
    outbox = outbox_of("wait")
    turns: list[int] = []

    class Slow(Wire):
        """Each message takes so long that the loop must run before the next."""

        def post(self, data: Any) -> None:
            super().post(data)
            self.overdue = True
            loop.call_soon(self._end_turn)

        def _end_turn(self) -> None:
            turns.append(len(self.got))
            self.overdue = False

    wire = Slow()
    async with within():
        sending = [asyncio.create_task(outbox.put(f"{number}")) for number in range(3)]
        await asyncio.sleep(0)
        outbox.attach(wire)
        await asyncio.gather(*sending)
        while outbox.queued:  # noqa: ASYNC110 - one goes out in each turn of the loop
            await asyncio.sleep(0)
    assert wire.got == ["0", "1", "2"]
    assert turns[:2] == [1, 2]


async def test_what_waits_for_its_turn_goes_out_before_the_end(within: Any) -> None:
    """Each message takes long to compress, so most of them wait when the client is closed."""
    messages = [os.urandom(100_000) for _ in range(50)]
    got: list[Any] = []

    async def keep(link: Any) -> None:
        got.extend([message async for message in link])

    async with longwire.serve(keep, "127.0.0.1") as server, within():
        async with longwire.connect(f"ws://127.0.0.1:{server.port}/") as client:
            for message in messages:
                await client.send(message)
    assert got == messages


async def test_a_put_that_lets_the_loop_run_can_be_cancelled(within: Any) -> None:
    """It has sent nothing then."""
    loop = asyncio.get_running_loop()
    outbox = Outbox(
        longwire.Outbox(),
        user_loop=loop,
        call_writer=lambda function: _soon(loop, function),
        same_loop=True,
        where="ws://example/",
    )
    wire = Wire()
    outbox.attach(wire)
    wire.overdue = True
    async with within():
        sending = asyncio.create_task(outbox.put("cancelled"))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        wire.overdue = False
        await outbox.put("sent")
    assert sending.cancelled()
    assert wire.got == ["sent"]


async def test_what_waited_for_a_slow_peer_does_not_slow_down_the_rest(within: Any) -> None:
    """On one loop a message takes no detour as soon as the link takes it; the order is kept."""
    loop = asyncio.get_running_loop()
    outbox = Outbox(
        longwire.Outbox(),
        user_loop=loop,
        call_writer=lambda function: _soon(loop, function),
        same_loop=True,
        where="ws://example/",
    )
    wire = Wire()
    outbox.attach(wire)
    async with within():
        wire.writable = False
        await outbox.put("waits")
        await outbox.put("waits, too")
        assert (wire.got, outbox.queued) == ([], 2)
        wire.writable = True
        await outbox.put("at once")
        assert wire.got == ["waits", "waits, too", "at once"]
        assert outbox.queued == 0
        wire.closed = True
        await outbox.put("for the next")
        assert outbox.queued == 1
        assert outbox.sent == 3
