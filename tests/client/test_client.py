"""The client as its user sees it."""

from __future__ import annotations

import asyncio
import itertools
import threading
from typing import Any

import pytest

import longwire
from longwire.testing import FeedThread, NumberedFeed, misbehave, number_of

DEADLINE = 10.0
"""Seconds that nothing here takes unless it is broken."""

QUICK = longwire.Retry(first=0.01, cap=0.05)


async def cut(link: Any) -> None:
    """Cut a link without a word, after the other side has read what was sent."""
    await link.ping()
    link.abort()


async def hold(link: Any) -> None:
    """Keep a link open until the other side ends it."""
    async for _ in link:
        pass


async def test_messages_survive_disconnects(serving: Any, isolate: bool, within: Any) -> None:
    """Iteration goes on over a link that is cut; nothing is lost, doubled or out of order."""
    numbers = itertools.count()

    async def handler(link: Any) -> None:
        for number in itertools.islice(numbers, 5):
            await link.send(str(number))
        await cut(link)

    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=QUICK, isolate=isolate) as client:
            seen = []
            async for message in client:
                seen.append(message)
                if len(seen) == 17:
                    break
        assert seen == [str(number) for number in range(17)]
        assert client.state == "closed"


async def test_text_and_binary_keep_their_kind(serving: Any, isolate: bool, within: Any) -> None:
    """What was sent as text is str, what was sent as binary is bytes, both ways."""

    async def echo(link: Any) -> None:
        async for message in link:
            await link.send(message)

    async with serving(echo) as url, within(), longwire.connect(url, isolate=isolate) as client:
        for data in ("text ä", b"\x00\xff", "", b"", bytearray(b"x"), memoryview(b"yz")):
            await client.send(data)
            received = await client.recv()
            assert received == data
            assert isinstance(received, str if isinstance(data, str) else bytes)


async def test_events_come_in_order(serving: Any, isolate: bool, within: Any) -> None:
    """Interrupted and Recovered stand between the messages of the two links."""

    async def handler(link: Any) -> None:
        await link.send("a")
        await link.send("b")
        await link.close(1012, "restart")

    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=QUICK, isolate=isolate) as client:
            events: list[Any] = []
            async for event in client.events():
                events.append(event)
                if len(events) == 6:
                    break
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Message", "Message", "Interrupted", "Recovered", "Message", "Message"]
    assert events[2].interruption.outcome == "pending"
    assert events[3].interruption.outcome == "recovered"
    assert events[3].interruption.cause.id == "deploy-restart"
    assert events[3].interruption.closure.received_code == 1012


async def test_breaking_out_of_events_loses_nothing(
    serving: Any, isolate: bool, within: Any
) -> None:
    """A new iterator goes on where the last one was left."""

    async def handler(link: Any) -> None:
        for number in range(100):
            await link.send(str(number))
        await hold(link)

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            seen = []
            for _ in range(4):
                async for event in client.events():
                    assert isinstance(event, longwire.Message)
                    seen.append(event.data)
                    if len(seen) % 25 == 0:
                        break
    assert seen == [str(number) for number in range(100)]


async def test_batches_give_everything(serving: Any, isolate: bool, within: Any) -> None:
    """Batches hold every message once, in order, and none is empty."""

    async def handler(link: Any) -> None:
        for number in range(5_000):
            await link.send(str(number))
        await hold(link)

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            seen: list[Any] = []
            async for batch in client.batches():
                assert batch
                seen += batch
                if len(seen) == 5_000:
                    break
            stats = client.stats()
    assert seen == [str(number) for number in range(5_000)]
    assert stats.received == stats.delivered == 5_000
    assert stats.queued == stats.dropped == 0


async def test_a_cancelled_recv_loses_nothing(serving: Any, isolate: bool, within: Any) -> None:
    """Timeouts and cancellations between and during messages leave the stream whole."""
    go = asyncio.Event()

    async def handler(link: Any) -> None:
        await go.wait()
        for number in range(200):
            await link.send(str(number))
        await hold(link)

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            with pytest.raises(TimeoutError):
                await client.recv(0.01)
            waiting = [asyncio.ensure_future(client.recv()) for _ in range(20)]
            await asyncio.sleep(0)
            for task in waiting[::2]:
                task.cancel()
            go.set()
            first = await asyncio.gather(*waiting[1::2])
            rest = [await client.recv() for _ in range(190)]
            await asyncio.gather(*waiting[::2], return_exceptions=True)
    assert sorted(map(int, first)) == list(range(10))
    assert rest == [str(number) for number in range(10, 200)]


async def test_close_hands_over_what_was_received(serving: Any, isolate: bool, within: Any) -> None:
    """After close, recv gives what had arrived, then ClientClosed; iteration ends quietly."""
    sent = asyncio.Event()

    async def handler(link: Any) -> None:
        for number in range(10):
            await link.send(str(number))
        sent.set()
        await hold(link)

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            assert await client.recv() == "0"
            await sent.wait()
            await client.ping()
        assert [await client.recv() for _ in range(4)] == ["1", "2", "3", "4"]
        assert [message async for message in client] == ["5", "6", "7", "8", "9"]
        with pytest.raises(longwire.ClientClosed):
            await client.recv()
        with pytest.raises(longwire.ClientClosed):
            await client.send("late")


async def test_close_code_reaches_the_peer(serving: Any, isolate: bool, within: Any) -> None:
    """The code and reason given to close are what the server sees."""
    ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def handler(link: Any) -> None:
        await hold_quietly(link)
        ended.set_result(link.closure)

    async def hold_quietly(link: Any) -> None:
        try:
            await hold(link)
        except longwire.LinkClosed:
            return

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            await client.wait_live()
            with pytest.raises(ValueError, match="1005"):
                await client.close(1005)
            await client.close(4001, "bye")
        closure = await ended
    assert (closure.received_code, closure.received_reason) == (4001, "bye")


async def test_accepted_messages_are_sent_before_close(
    serving: Any, isolate: bool, within: Any
) -> None:
    """What send accepted arrives even if close follows at once."""
    got: list[Any] = []
    done = asyncio.Event()

    async def handler(link: Any) -> None:
        got.extend([message async for message in link])
        done.set()

    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            for number in range(100):
                await client.send(str(number))
        await done.wait()
    assert got == [str(number) for number in range(100)]


async def test_without_retry_a_normal_close_ends_iteration(
    serving: Any, isolate: bool, within: Any
) -> None:
    """retry=None: after 1000 every message was handed over, and the loop ends without an error."""

    async def handler(link: Any) -> None:
        await link.send("only")

    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=None, isolate=isolate) as client:
            assert [message async for message in client] == ["only"]


async def test_without_retry_any_other_end_raises(serving: Any, isolate: bool, within: Any) -> None:
    """retry=None: after 1011 every message was handed over, then GaveUp says why."""

    async def handler(link: Any) -> None:
        await link.send("only")
        await link.close(1011, "broken")

    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=None, isolate=isolate) as client:
            assert await client.recv() == "only"
            with pytest.raises(longwire.GaveUp) as caught:
                await client.recv()
    assert caught.value.interruption.outcome == "gave-up"
    assert caught.value.interruption.closure.received_code == 1011
    assert isinstance(caught.value.__cause__, longwire.LinkClosed)


async def test_attempts_are_counted(isolate: bool, within: Any, unused_port: int) -> None:
    """After the allowed attempts the client gives up, with the error of the last."""
    retry = longwire.Retry(first=0.01, cap=0.02, attempts=3)
    async with within():
        async with longwire.connect(
            f"ws://127.0.0.1:{unused_port}/", retry=retry, isolate=isolate
        ) as client:
            with pytest.raises(longwire.GaveUp) as caught:
                await client.recv()
            assert client.state == "failed"
    assert caught.value.interruption.attempts == 3
    assert isinstance(caught.value.__cause__, longwire.ConnectError)


@pytest.mark.parametrize("budget", [{"attempts": 5}, {"give_up_after": 0.5}])
async def test_links_that_do_not_last_use_up_the_budget(
    serving: Any, isolate: bool, within: Any, budget: Any
) -> None:
    """Accepted and closed at once, again and again: each link is live, and none of them counts."""
    links = itertools.count(1)

    async def handler(link: Any) -> None:
        next(links)
        await link.close(1011)

    retry = longwire.Retry(first=0.01, cap=0.02, **budget)
    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=retry, isolate=isolate) as client:
            with pytest.raises(longwire.GaveUp) as caught:
                await client.recv()
            assert caught.value.interruption == client.interruptions[-1]
            assert "in a row" in str(caught.value)
    if "attempts" in budget:
        assert next(links) == 6


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
async def test_a_link_that_stays_mute_uses_up_the_budget(
    isolate: bool, within: Any, first: bool
) -> None:
    """Subscribed, acknowledged, and no data: without a bound on silence the budget is the bound."""
    retry = longwire.Retry(first=0.01, cap=0.02, give_up_after=0.5, stable_after=0)
    subscription = longwire.Subscription("sub", is_ack=lambda message: '"ok"' in str(message))
    async with NumberedFeed(subscription="ack" if not first else "ack-then-mute") as feed, within():
        async with longwire.connect(
            feed.url, subscribe=[subscription], retry=retry, heartbeat=None, isolate=isolate
        ) as client:
            if not first:
                link = await feed.link()
                feed.emit()
                await client.wait_live()
                feed.subscription = "ack-then-mute"
                link.reset()
            error = await the_end(client)
            assert isinstance(error, longwire.GaveUp)
            cause = error.__cause__
            assert isinstance(cause, longwire.LinkClosed)
            assert cause.closure.end == "settle-timeout"
            assert client.state == "failed"


async def the_end(client: longwire.Client) -> longwire.LongwireError:
    """The error that ends a client."""
    try:
        while True:
            await client.recv()
    except longwire.LongwireError as error:
        return error


async def test_several_urls_take_turns(
    serving: Any, isolate: bool, within: Any, unused_port: int
) -> None:
    """A dead first address does not matter: the next one is tried."""

    async def handler(link: Any) -> None:
        await link.send("here")
        await hold(link)

    async with serving(handler) as url, within():
        urls = [f"ws://127.0.0.1:{unused_port}/", url]
        async with longwire.connect(urls, retry=QUICK, isolate=isolate) as client:
            assert await client.recv() == "here"


async def test_headers_are_asked_at_each_attempt(serving: Any, isolate: bool, within: Any) -> None:
    """A function for headers gives a fresh token to every link; it runs on the user's loop."""
    tokens = itertools.count(1)
    seen = []
    loop = asyncio.get_running_loop()

    async def headers() -> dict[str, str]:
        assert asyncio.get_running_loop() is loop
        return {"Authorization": f"Bearer {next(tokens)}"}

    async def handler(link: Any) -> None:
        seen.append(link.request.headers["authorization"])
        await link.send("hello")
        await cut(link)

    async with serving(handler) as url, within():
        async with longwire.connect(url, headers=headers, retry=QUICK, isolate=isolate) as client:
            for _ in range(3):
                await client.recv()
    assert seen[:3] == ["Bearer 1", "Bearer 2", "Bearer 3"]


async def test_a_failing_user_function_is_told(serving: Any, isolate: bool, within: Any) -> None:
    """An exception in headers= ends the client with an error that has it as its cause."""

    def headers() -> dict[str, str]:
        raise TypeError("a secret token")

    async with serving(hold) as url, within():
        async with longwire.connect(url, headers=headers, isolate=isolate) as client:
            with pytest.raises(longwire.LongwireError) as caught:
                await client.recv()
    assert isinstance(caught.value.__cause__, TypeError)
    assert "token" not in str(caught.value)


async def test_on_interruption_runs_on_the_users_loop(
    serving: Any, isolate: bool, within: Any
) -> None:
    """It is called when an interruption is noticed, and again with the outcome."""
    told: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def on_interruption(interruption: longwire.Interruption) -> None:
        assert asyncio.get_running_loop() is loop
        told.put_nowait(interruption.outcome)

    async def handler(link: Any) -> None:
        await link.send("x")
        await cut(link)

    async with serving(handler) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, on_interruption=on_interruption
        ) as client:
            await client.recv()
            await client.recv()
            assert [await told.get(), await told.get()] == ["pending", "recovered"]


async def test_wait_live_raises_what_ended_the_client(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Whoever waits for a client to be live is told that it never will be."""

    async with within():
        with pytest.raises(longwire.AddressError):
            longwire.connect("http://127.0.0.1/")
        async with longwire.connect("ws://127.0.0.1:1/", retry=None, isolate=isolate) as client:
            with pytest.raises(longwire.ConnectError):
                await client.wait_live()
            with pytest.raises(longwire.ConnectError):
                await client.send("x")


async def test_ping_without_a_link(isolate: bool, within: Any, unused_port: int) -> None:
    """A ping needs a link, and says so."""
    async with (
        within(),
        longwire.connect(f"ws://127.0.0.1:{unused_port}/", isolate=isolate) as client,
    ):
        with pytest.raises(longwire.NotConnected):
            await client.ping()


async def test_a_ping_with_a_payload(serving: Any, isolate: bool, within: Any) -> None:
    """The caller's payload comes back; what cannot be sent is told, wherever the link lives."""
    async with serving(hold) as url, within(), longwire.connect(url, isolate=isolate) as client:
        await client.wait_live()
        assert await client.ping("mine") >= 0
        assert await client.ping(b"x" * 125) >= 0
        with pytest.raises(ValueError, match="125"):
            await client.ping(b"x" * 126)
        with pytest.raises(TypeError):
            await client.ping(7)  # type: ignore[arg-type]


async def test_pings_in_flight_when_it_is_closed(
    serving: Any, isolate: bool, within: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Each hears that the link or the client has ended; none is cancelled, nothing is logged."""

    async def ping(client: longwire.Client) -> None:
        while True:
            try:
                await client.ping()
            except longwire.LinkClosed:
                await asyncio.sleep(0)

    async with serving(hold) as url, within():
        for _ in range(30):
            async with longwire.connect(url, isolate=isolate) as client:
                await client.wait_live()
                pinging = [asyncio.create_task(ping(client)) for _ in range(5)]
                await client.ping()
            errors = await asyncio.gather(*pinging, return_exceptions=True)
            assert [type(error) for error in errors] == [longwire.ClientClosed] * 5
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_client_is_entered_once(serving: Any, isolate: bool, within: Any) -> None:
    """Using it before, or entering it again, is an error that says what to do."""
    async with serving(hold) as url, within():
        client = longwire.connect(url, isolate=isolate)
        with pytest.raises(RuntimeError, match="async with"):
            await client.recv()
        async with client:
            with pytest.raises(RuntimeError, match="once"):
                await client.__aenter__()
        await client.close()


async def test_cancelling_the_owner_leaves_nothing(
    serving: Any, isolate: bool, within: Any
) -> None:
    """A task that is cancelled inside its client ends, and so does the client."""
    inside = asyncio.Event()

    async def handler(link: Any) -> None:
        try:
            await hold(link)
        except longwire.LinkClosed:
            return

    async def owner(url: str) -> None:
        async with longwire.connect(url, isolate=isolate) as client:
            await client.wait_live()
            inside.set()
            await client.recv()

    async with serving(handler) as url, within():
        task = asyncio.create_task(owner(url))
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_after_the_end_everything_says_so(serving: Any, isolate: bool, within: Any) -> None:
    """Ping, send, recv and wait_live of a client that has ended raise its error, at any time."""
    async with serving(hold) as url, within():
        async with longwire.connect(url, isolate=isolate) as client:
            await client.wait_live()
        for _ in range(2):
            for late in (client.ping, client.recv, client.wait_live):
                with pytest.raises(longwire.ClientClosed):
                    await late()
            with pytest.raises(longwire.ClientClosed):
                await client.send("late")
            # Once more when the I/O thread has ended.
            await asyncio.to_thread(_io_thread_ended)


def _io_thread_ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "longwire-io":
            thread.join(DEADLINE)


async def test_a_ping_under_way_is_told_of_the_end(isolate: bool, within: Any) -> None:
    """A ping that will not be answered ends with the link."""
    async with NumberedFeed() as feed, within():
        async with longwire.connect(feed.url, isolate=isolate, close_timeout=0.2) as client:
            link = await feed.live()
            await client.wait_live()
            link.freeze()
            pinging = asyncio.create_task(client.ping())
            await asyncio.sleep(0)
            await client.close()
            with pytest.raises(longwire.LongwireError):
                await pinging


async def test_a_cancelled_close_leaves_nothing(isolate: bool, within: Any) -> None:
    """Cancelled while the peer does not answer: the link is cut, and gone when close returns."""
    async with NumberedFeed() as feed, within():
        client = longwire.connect(feed.url, isolate=isolate, close_timeout=60)
        await client.__aenter__()
        link = await feed.live()
        await client.wait_live()
        misbehave.ignore_close(link)
        closing = asyncio.create_task(client.close())
        await link.changes.until(lambda: link.received_close is not None, what="a close frame")
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert client.state == "closed"
        assert all(watch.link.gone for watch in client._engine._links)


async def test_a_close_cancelled_in_a_refill_leaves_nothing(isolate: bool, within: Any) -> None:
    """A refill that takes its time to be cancelled: close, cancelled too, still ends the client."""
    began = asyncio.Event()
    go = asyncio.Event()

    async def refill(gap: longwire.Gap) -> list[str]:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await go.wait()
        return []

    async with NumberedFeed() as feed, within():
        client = longwire.connect(
            feed.url,
            isolate=isolate,
            sequence=longwire.Sequence(number_of, refill=refill),
        )
        await client.__aenter__()
        link = await feed.live()
        link.send("1 x")
        link.send("5 x")
        await client.recv()
        receiving = asyncio.ensure_future(client.recv())
        await began.wait()
        closing = asyncio.create_task(client.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert client.state == "closed"
        await link.wait_ended()
        go.set()
        assert await receiving == "5 x"


async def test_send_is_refused_from_close_on(isolate: bool, within: Any) -> None:
    """What cannot go out any more is not accepted: neither new, nor waiting for room."""
    async with NumberedFeed() as feed, within():
        async with longwire.connect(
            feed.url, isolate=isolate, close_timeout=0.3, outbox=1, compression=None
        ) as client:
            link = await feed.live()
            await client.wait_live()
            link.stop_reading()
            sending = asyncio.create_task(flood(client))
            await asyncio.wait([sending], timeout=0.1)
            closing = asyncio.create_task(client.close())
            await asyncio.sleep(0)
            with pytest.raises(longwire.ClientClosed):
                await client.send("late")
            with pytest.raises(longwire.ClientClosed):
                await sending
            await closing


async def flood(client: longwire.Client) -> None:
    """Send without end."""
    while True:
        await client.send(b"x" * 500_000)


async def test_an_exception_in_the_body_ends_the_client(isolate: bool, within: Any) -> None:
    """Leaving with an exception closes as leaving without does, and passes it on."""
    async with NumberedFeed() as feed, within():
        client = longwire.connect(feed.url, isolate=isolate)

        async def body() -> None:
            async with client:
                await feed.live()
                await client.wait_live()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await body()
        (link,) = feed.links
        await link.wait_ended()
        assert link.received_close == (1000, "")
        assert client.state == "closed"


@pytest.fixture
def unused_port() -> int:
    """A port where nothing listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_heartbeat_reply_is_a_pong(serving: Any, isolate: bool, within: Any) -> None:
    """A reply in the server's own language moves the pong clock, and is not handed over."""

    async def handler(link: Any) -> None:
        async for message in link:
            await link.send("pong" if message == "ping" else "data")

    heartbeat = longwire.Heartbeat(
        every=0.05, within=5.0, message="ping", is_reply=lambda message: message == "pong"
    )
    async with serving(handler) as url, within():
        async with longwire.connect(url, heartbeat=heartbeat, isolate=isolate) as client:
            await client.wait_live()
            while client.stats().pong_age is None:
                with pytest.raises(TimeoutError):
                    await client.recv(0.02)
            await client.send("question")
            assert await client.recv() == "data"


@pytest.mark.blocking
@pytest.mark.parametrize("marks", [False, True], ids=["batches", "events"])
async def test_a_consumer_is_woken_once_per_batch(
    monkeypatch: pytest.MonkeyPatch, within: Any, marks: bool
) -> None:
    """However many reads come before it takes them, in however many threads: one wake-up."""
    loop = asyncio.get_running_loop()
    woken = 0
    call = loop.call_soon_threadsafe

    def counting(callback: Any, *args: Any, context: Any = None) -> Any:
        nonlocal woken
        woken += getattr(callback, "__name__", "") == "wake"
        return call(callback, *args, context=context)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counting)
    with FeedThread() as feed:
        async with within(), longwire.connect(feed.url) as client:
            link = await asyncio.wrap_future(feed.submit(lambda it: it.live()))
            received = 0
            for _ in range(2):
                step: Any = anext(client.events()) if marks else anext(client.batches())
                waiting = asyncio.create_task(step)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                woken = 0
                for _ in range(4):
                    # This loop stands still, and each ping is answered behind a read of its own.
                    feed.do(lambda it: it.emit(3))
                    feed.wait(lambda _: link.ping())
                assert client.stats().received == received + 12
                assert woken == 1
                batch = await waiting
                received += 12
                left = received - client.stats().delivered
                assert left == (11 if marks else 0)
                assert marks or len(batch) == 12
                for _ in range(left):
                    await client.recv()
