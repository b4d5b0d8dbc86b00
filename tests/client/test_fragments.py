"""A client sends messages in fragments, and receives them while they come, over its links."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import longwire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

QUICK = longwire.Retry(first=0.01, cap=0.05)


class Server:
    """Keeps what comes over all links, and ends a link when it is told to."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.links: list[Any] = []
        self.news = asyncio.Condition()

    async def __call__(self, link: Any) -> None:
        self.links.append(link)
        await self._tell()
        try:
            async for message in link:
                self.got.append(message)
                await self._tell()
        except longwire.LinkClosed:
            await self._tell()

    async def _tell(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def until(self, *, messages: int = 0, links: int = 0) -> None:
        async with self.news:
            await self.news.wait_for(lambda: len(self.got) >= messages and len(self.links) >= links)


class Halting:
    """Gives fragments when it is told to."""

    def __init__(self, *items: Any) -> None:
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self.put(*items)

    def put(self, *items: Any) -> None:
        for item in items:
            self._items.put_nowait(item)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        item = await self._items.get()
        if item is None:
            raise StopAsyncIteration
        if isinstance(item, Exception):
            raise item
        return item


async def test_messages_and_fragments_go_in_order(serving: Any, isolate: bool, within: Any) -> None:
    """Each in its turn, whole, with a ping in between; and each counts once."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            await client.wait_live()
            source = Halting("a")
            await client.send("before")
            sending = asyncio.create_task(client.send_fragments(source))
            while not server.links or not server.links[-1].reader.parser.opcode:
                await client.ping()
            later = [asyncio.create_task(client.send(f"{number}")) for number in range(3)]
            last = asyncio.create_task(client.send_fragments([b"x" * 100_000] * 3))
            await client.ping()
            assert server.got == ["before"]
            source.put("b", None)
            await asyncio.gather(sending, *later, last)
            await server.until(messages=6)
            assert client.stats().sent == 6
    assert server.got == ["before", "ab", "0", "1", "2", b"x" * 300_000]


@pytest.mark.parametrize("when_down", ["wait", "keep", "fail"])
async def test_a_link_that_ends_in_the_middle(
    serving: Any, isolate: bool, within: Any, when_down: Any
) -> None:
    """It is told, never sent half again, and the next message goes out on the next link."""
    server = Server()
    outbox = longwire.Outbox(when_down=when_down)
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate, retry=QUICK, outbox=outbox) as client:
            await client.wait_live()
            source = Halting("half")
            sending = asyncio.create_task(client.send_fragments(source))
            await server.until(links=1)
            while not server.links[0].reader.parser.opcode:
                await client.ping()
            server.links[0].abort()
            await server.until(links=2)
            await client.wait_live()
            source.put("too late", None)
            with pytest.raises(longwire.LinkClosed):
                await sending
            await client.send_fragments(["wh", "ole"])
            await server.until(messages=1)
            assert client.stats().sent == 1
    assert server.got == ["whole"]


async def test_a_source_that_waits_is_ended_with_its_link(
    serving: Any, isolate: bool, within: Any
) -> None:
    """It is told at once, not with the next fragment; who waits for the first is not concerned."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate, retry=QUICK) as client:
            await client.wait_live()
            patient = Halting()
            waiting = asyncio.create_task(client.send_fragments(patient))
            sending = asyncio.create_task(client.send_fragments(Halting("half")))
            await server.until(links=1)
            while not server.links[0].reader.parser.opcode:
                await client.ping()
            server.links[0].abort()
            with pytest.raises(longwire.LinkClosed) as told:
                await sending
            assert told.value.closure is client.interruptions[0].closure
            await client.wait_live()
            patient.put("wh", "ole", None)
            await waiting
            await server.until(messages=1)
    assert server.got == ["whole"]


async def test_nothing_of_a_message_stays_with_its_link(serving: Any, isolate: bool) -> None:
    """A link that carries a million messages in fragments is not told of each at its end."""
    async with serving(Server()) as url, longwire.connect(url, isolate=isolate) as client:
        await client.wait_live()
        for _ in range(3):
            await client.send_fragments(Halting("a", "b", None))
            await client.send_fragments(["a", "b"])
        await client.ping()
        watch: Any = client._engine.watch
        assert not watch.link._ended._callbacks


async def test_a_timeout_of_the_source_is_its_own(serving: Any, isolate: bool, within: Any) -> None:
    """It is no end of a link, and comes out as it is."""
    async with serving(Server()) as url, within():
        async with longwire.connect(url, isolate=isolate, retry=QUICK) as client:
            await client.wait_live()
            with pytest.raises(TimeoutError, match="the source"):
                await client.send_fragments(Halting("half", TimeoutError("the source")))


async def test_a_failing_iterable_costs_the_link_only(
    serving: Any, isolate: bool, within: Any
) -> None:
    """The link ends with 1011, the interruption tells why, and the client goes on."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate, retry=QUICK) as client:
            await client.wait_live()
            with pytest.raises(LookupError):
                await client.send_fragments(Halting("half", LookupError("secret")))
            await server.until(links=2)
            await client.wait_live()
            await client.send("whole")
            await server.until(messages=1)
            (interruption,) = client.interruptions
            closure: Any = interruption.closure
            assert (closure.end, closure.sent_code) == ("local-error", 1011)
            assert "secret" not in str(interruption)
    assert server.links[0].closure.received_code == 1011
    assert server.got == ["whole"]


async def test_cancelled_in_the_middle(serving: Any, isolate: bool, within: Any) -> None:
    """The same, and the client comes back though the link has brought no data yet."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate, retry=QUICK) as client:
            await client.wait_live()
            sending = asyncio.create_task(client.send_fragments(Halting("half")))
            await server.until(links=1)
            while not server.links[0].reader.parser.opcode:
                await client.ping()
            sending.cancel()
            await asyncio.wait([sending])
            assert sending.cancelled()
            await server.until(links=2)
            await client.send("whole")
            await server.until(messages=1)
    assert server.links[0].closure.received_code == 1011


async def test_nothing_is_lost_by_who_gives_up_his_turn(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Cancelled in line, at whatever moment: nothing is sent, and the link goes to the next."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            await client.wait_live()
            for turns in range(12):
                waiting = asyncio.create_task(client.send_fragments(Halting()))
                given = asyncio.create_task(client.send_fragments(["given"]))
                for _ in range(turns):
                    await asyncio.sleep(0)
                waiting.cancel()
                given.cancel()
                await asyncio.wait([waiting, given])
                await client.send(f"{turns}")
                if client.stats().interruptions:
                    # It was cancelled in the middle, which ends a link.
                    await client.wait_live()
            await server.until(messages=1)
    assert [each for each in server.got if each != "given"]


async def test_without_a_link(isolate: bool, within: Any, unused_tcp_port: int) -> None:
    """It waits for one, unless the policy is to fail; who closes the client tells it."""
    url = f"ws://127.0.0.1:{unused_tcp_port}/"
    for when_down in ("wait", "keep"):
        outbox = longwire.Outbox(when_down=when_down)
        async with within():
            async with longwire.connect(url, isolate=isolate, outbox=outbox) as client:
                sending = asyncio.create_task(client.send_fragments(["x"]))
                done, _ = await asyncio.wait([sending], timeout=0.05)
                assert not done
            with pytest.raises(longwire.ClientClosed):
                await sending
    outbox = longwire.Outbox(when_down="fail")
    async with within(), longwire.connect(url, isolate=isolate, outbox=outbox) as client:
        with pytest.raises(longwire.NotConnected):
            await client.send_fragments(["x"])


async def test_a_client_that_closes_in_the_middle(serving: Any, isolate: bool, within: Any) -> None:
    """Who sends and who waits in line is told."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate, close_timeout=0.5) as client:
            await client.wait_live()
            source = Halting("half")
            sending = asyncio.create_task(client.send_fragments(source))
            await server.until(links=1)
            while not server.links[0].reader.parser.opcode:
                await client.ping()
            waiting = asyncio.create_task(client.send_fragments(["waits"]))
            await client.ping()
        with pytest.raises(longwire.ClientClosed):
            await waiting
        source.put("too late", None)
        with pytest.raises((longwire.LinkClosed, longwire.ClientClosed)):
            await sending
        with pytest.raises(longwire.ClientClosed):
            await client.send_fragments(["too late"])


async def test_what_cannot_be_sent(serving: Any, isolate: bool, within: Any) -> None:
    """Before the first fragment is out it does no harm."""
    server = Server()
    async with serving(server) as url, within():
        async with longwire.connect(url, isolate=isolate, max_message_bytes=10) as client:
            await client.wait_live()
            with pytest.raises(longwire.MessageTooBig):
                await client.send_fragments(["x" * 11])
            with pytest.raises(TypeError):
                await client.send_fragments("text")
            await client.send_fragments(())
            await client.send("whole")
            await server.until(messages=1)
            assert client.stats().interruptions == 0


# ---------------------------------------------------------------- receiving


async def test_streams_over_links(serving: Any, isolate: bool, within: Any) -> None:
    """A message that its link cut raises; the next is the next link's; the sums hold."""
    cut = asyncio.Event()

    async def handler(link: Any) -> None:
        source = Halting("first ", "second")
        if cut.is_set():
            await link.send_fragments(["whole ", "message"])
            await link.wait_closed()
            return
        sending = asyncio.create_task(link.send_fragments(source))
        await cut.wait()
        link.abort()
        source.put("too late")
        await asyncio.wait([sending])

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate, retry=QUICK, stream=True) as client:
            stream = client.recv_stream()
            assert [await anext(stream), await anext(stream)] == ["first ", "second"]
            cut.set()
            with pytest.raises(longwire.LinkClosed) as caught:
                await anext(stream)
            assert caught.value.closure.partial_frame
            async for each in client.streams():
                assert [piece async for piece in each] == ["whole ", "message"]
                break
            stats = client.stats()
            # The empty last fragment counts, too.
            assert stats.received == 5
            assert stats.delivered + stats.dropped + stats.repeated + stats.queued == 5
            (interruption,) = client.interruptions
            assert interruption.outcome == "recovered"


async def test_streams_end_as_iteration_does(serving: Any, isolate: bool, within: Any) -> None:
    """Quietly when the client was closed; whole messages are not to be had."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("x" * 200_000)
        await link.wait_closed()

    async with serving(handler) as url, within():
        async with longwire.connect(
            url, isolate=isolate, stream=True, subscribe=["subscribe"]
        ) as client:
            await client.wait_live()
            for ask in (client.recv, client.batches, client.events, client.__aiter__):
                with pytest.raises(RuntimeError, match="recv_stream"):
                    ask()
            assert sum([len(piece) async for piece in client.recv_stream()]) == 200_000
            await client.close()
            assert [each async for each in client.streams()] == []
            with pytest.raises(longwire.ClientClosed):
                await anext(client.recv_stream())
        async with longwire.connect(url, isolate=isolate) as client:
            with pytest.raises(RuntimeError, match="stream=True"):
                client.recv_stream()
            with pytest.raises(RuntimeError, match="stream=True"):
                client.streams()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"sequence": longwire.Sequence("seq")}, "sequence="),
        ({"inbox": longwire.Inbox(when_full="drop-oldest")}, "when_full="),
        ({"inbox": longwire.Inbox(when_full="fail")}, "when_full="),
        ({"inbox": longwire.Inbox(when_full="conflate", key=len)}, "when_full="),
        ({"subscribe": [longwire.Subscription("x", is_ack=bool)]}, "Subscription"),
        ({"subscribe": [longwire.Subscription("x", matches=bool)]}, "Subscription"),
        ({"heartbeat": longwire.Heartbeat(message="x", is_reply=bool)}, "is_reply"),
    ],
)
def test_what_cannot_go_together(options: dict[str, Any], word: str) -> None:
    """What judges whole messages is refused at once, by name."""
    with pytest.raises(ValueError, match="stream=True") as caught:
        longwire.connect("ws://127.0.0.1:1/", stream=True, **options)
    assert word in str(caught.value)


def test_stream_is_true_or_false() -> None:
    """Nothing else."""
    with pytest.raises(TypeError):
        longwire.connect("ws://127.0.0.1:1/", stream=1)  # type: ignore[arg-type]


async def test_a_subscribe_function_that_judges(serving: Any, isolate: bool, within: Any) -> None:
    """It is found out when it is asked, and ends the client at once."""

    async def handler(link: Any) -> None:
        await link.wait_closed()

    async with serving(handler) as url, within():
        async with longwire.connect(
            url,
            isolate=isolate,
            stream=True,
            subscribe=lambda: [longwire.Subscription("x", is_refusal=bool)],
        ) as client:
            with pytest.raises(longwire.ConnectError, match="stream=True"):
                await client.wait_live()
