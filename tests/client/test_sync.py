"""The blocking client as its user sees it: the same options, order, sums and errors."""

from __future__ import annotations

import asyncio
import gc
import inspect
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import longwire
import longwire.sync
from longwire.client.sync import FUNCTIONS_THREAD
from longwire.testing import FeedThread, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEADLINE = 10.0
"""Seconds that nothing here takes unless it is broken."""

QUICK = longwire.Retry(first=0.01, cap=0.05)

# The test waits for the client in the main thread, while the feed runs in another.
pytestmark = pytest.mark.blocking


@pytest.fixture
def feed() -> Iterator[FeedThread]:
    with FeedThread() as thread:
        yield thread


@pytest.fixture
def client(feed: FeedThread) -> Iterator[longwire.sync.Client]:
    """A live one."""
    with longwire.sync.connect(feed.url, retry=QUICK) as made:
        made.wait_live(DEADLINE)
        yield made


def numbers(messages: Iterable[longwire.Data]) -> list[int]:
    return [int(str(message).split()[0]) for message in messages]


def sums(client: longwire.sync.Client) -> bool:
    stats = client.stats()
    gone = stats.delivered + stats.dropped + stats.repeated
    return gone + stats.queued == stats.received


# ---------------------------------------------------------------- the face


def test_it_can_be_had_in_three_ways() -> None:
    """As an attribute, by import from, and as a module; it is one and the same."""
    from longwire.sync import Client, connect

    assert longwire.sync.connect is connect
    assert longwire.sync.Client is Client
    assert "longwire.connect" in str(inspect.getdoc(connect))
    assert "max_message_bytes: " in str(inspect.getdoc(connect))


def test_the_signature_is_that_of_connect() -> None:
    """Every option, with the same default and in the same order."""
    ours = inspect.signature(longwire.sync.connect).parameters
    assert list(ours.values()) == list(inspect.signature(longwire.connect).parameters.values())


NEEDS_A_LOOP = {"send_fragments", "recv_stream", "streams"}
"""What goes on piece by piece, between which a loop runs."""


@pytest.mark.parametrize(
    "name", [each for each in dir(longwire.Client) if each[0] != "_" and each not in NEEDS_A_LOOP]
)
def test_the_methods_are_those_of_the_client(name: str) -> None:
    """Each public name, with the same arguments."""
    theirs: Any
    ours: Any
    theirs, ours = getattr(longwire.Client, name), getattr(longwire.sync.Client, name)
    if isinstance(theirs, property):
        assert isinstance(ours, property)
        return
    assert not inspect.iscoroutinefunction(ours)
    expected = inspect.signature(theirs).parameters
    assert list(inspect.signature(ours).parameters.values()) == list(expected.values())


def test_without_a_loop_there_is_no_inline() -> None:
    """``isolate=False`` is refused, with the reason; so is ``stream=True``."""
    with pytest.raises(ValueError, match="a blocking client has none"):
        longwire.sync.connect("ws://127.0.0.1/", isolate=False)
    with pytest.raises(ValueError, match="stream=True"):
        longwire.sync.connect("ws://127.0.0.1/", stream=True)


def test_options_are_checked_alike() -> None:
    """A mistake is told at once, and by name."""
    with pytest.raises(longwire.AddressError):
        longwire.sync.connect("http://127.0.0.1/")
    with pytest.raises(TypeError, match="retry must be"):
        longwire.sync.connect("ws://127.0.0.1/", retry=3)  # type: ignore[arg-type]


def test_it_has_to_be_entered(feed: FeedThread) -> None:
    """Before that it says how; and it can be entered once."""
    client = longwire.sync.connect(feed.url)
    assert client.state == "idle"
    calls: list[Any] = [client.recv, client.ping, client.wait_live, client.stats, client.close]
    for call in (*calls, lambda: client.send("x"), lambda: iter(client)):
        with pytest.raises(RuntimeError, match=r"`with longwire\.sync\.connect"):
            call()
    with client:
        with pytest.raises(RuntimeError, match="entered once"):
            client.__enter__()


async def test_a_running_loop_is_warned_of(serving: Any) -> None:
    """It would stand still: that is said, once, on entering."""
    with pytest.warns(RuntimeWarning, match="an event loop runs in this thread"):
        with longwire.sync.connect("ws://127.0.0.1:1/"):
            pass


# ---------------------------------------------------------------- receiving


def test_all_ways_of_receiving_share_one_stream(
    feed: FeedThread, client: longwire.sync.Client
) -> None:
    """recv, iteration, batches and events go on where the last one was left."""
    feed.do(lambda it: it.emit(100))
    seen = numbers([client.recv(DEADLINE), *itertools.islice(client, 10)])
    for event in itertools.islice(client.events(), 10):
        assert isinstance(event, longwire.Message)
        seen += numbers([event.data])
    assert sums(client)
    for batch in client.batches():
        assert batch
        seen += numbers(batch)
        if len(seen) == 100:
            break
    assert seen == list(range(100))
    stats = client.stats()
    assert (stats.received, stats.delivered, stats.queued, stats.loop_lag) == (100, 100, 0, 0.0)


def test_events_come_in_order_over_a_cut(feed: FeedThread, client: longwire.sync.Client) -> None:
    """Interrupted and Recovered stand between the messages of the two links."""
    feed.do(lambda it: it.emit(2))
    events = client.events()
    seen: list[Any] = [next(events), next(events)]
    feed.do(lambda it: it.links[-1].reset())
    seen += [next(events), next(events)]
    client.wait_live(DEADLINE)
    feed.do(lambda it: it.emit(1))
    seen.append(next(events))
    kinds = [type(event).__name__ for event in seen]
    assert kinds == ["Message", "Message", "Interrupted", "Recovered", "Message"]
    assert client.interruptions[-1].outcome == "recovered"
    assert client.stats().links == 2


def test_a_timeout_is_a_deadline(client: longwire.sync.Client) -> None:
    """For recv and for wait_live; and nothing is lost by it."""
    for timeout in (0, 0.05):
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            client.recv(timeout)
        assert time.monotonic() - start >= timeout
    with longwire.sync.connect("ws://127.0.0.1:1/", retry=QUICK) as dead:
        with pytest.raises(TimeoutError):
            dead.wait_live(0.05)


def test_threads_share_and_are_told_of_the_end(
    feed: FeedThread, client: longwire.sync.Client
) -> None:
    """Each message goes to one thread; close wakes all of them, whatever they wait in."""
    with ThreadPoolExecutor() as pool:
        iterating = [pool.submit(lambda: list(client)) for _ in range(3)]
        waiting = pool.submit(client.recv, None)
        feed.do(lambda it: it.emit(500))
        while client.stats().delivered < 500:
            time.sleep(0)
        client.close()
        got = [one for each in iterating for one in each.result(DEADLINE)]
        if waiting.exception(DEADLINE) is None:
            got.append(waiting.result())
        assert sorted(numbers(got)) == list(range(500))
    for call in (client.recv, client.ping, client.wait_live, lambda: client.send("x")):
        with pytest.raises(longwire.ClientClosed):
            call()
    client.close()


def test_close_hands_over_what_was_received(feed: FeedThread, client: longwire.sync.Client) -> None:
    """After close, recv gives what had arrived; iteration ends quietly behind it."""
    feed.do(lambda it: it.emit(10))
    assert number_of(client.recv(DEADLINE)) == 0
    client.ping("payload")
    client.close(4001, "bye")
    assert number_of(client.recv()) == 1
    assert [number_of(message) for message in client] == list(range(2, 10))
    with pytest.raises(longwire.ClientClosed):
        client.recv()
    link = feed.do(lambda it: it.links[0])
    feed.wait(lambda _: link.wait_ended())
    assert link.received_close == (4001, "bye")
    with pytest.raises(ValueError, match="1005"):
        client.close(1005)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"sequence": longwire.Sequence(number_of)}, id="sequence"),
        pytest.param({"inbox": longwire.Inbox(messages=50, when_full="wait")}, id="small"),
        pytest.param({"inbox": longwire.Inbox(messages=9999, when_full="fail")}, id="policy"),
    ],
)
def test_a_slow_consumer_loses_nothing(feed: FeedThread, options: Any) -> None:
    """A full inbox pauses reading, however it is judged; the sums hold in every snapshot."""
    with longwire.sync.connect(feed.url, **options) as client:
        client.wait_live(DEADLINE)
        feed.do(lambda it: it.emit(5000))
        for number in range(4000):
            assert number_of(client.recv(DEADLINE)) == number
            assert number % 100 or sums(client)
        client.close()


def test_conflating(feed: FeedThread) -> None:
    """While nobody receives, the newest of each key takes the place of the older."""
    keep = longwire.Inbox(messages=10, when_full="conflate", key=lambda message: "all")
    with longwire.sync.connect(feed.url, inbox=keep) as client:
        client.wait_live(DEADLINE)
        feed.do(lambda it: it.emit(200))
        while client.stats().received < 200:
            time.sleep(0)
        kept = [number_of(client.recv(DEADLINE)) for _ in range(10)]
        assert kept == [*range(9), 199]
        assert sums(client)
        assert client.stats().dropped == 190


async def test_without_retry_the_end_is_told(serving: Any) -> None:
    """After 1000 iteration ends; after 1011 everything was handed over, then GaveUp."""
    codes = iter((1000, 1011))

    async def handler(link: Any) -> None:
        await link.send("only")
        await link.close(next(codes))

    def body(url: str) -> None:
        with longwire.sync.connect(url, retry=None) as client:
            assert list(client) == ["only"]
        with longwire.sync.connect(url, retry=None) as client:
            assert client.recv() == "only"
            for call in (client.recv, client.wait_live, client.ping, lambda: client.send("x")):
                with pytest.raises(longwire.GaveUp) as caught:
                    call()
                assert caught.value.interruption.outcome == "gave-up"
            assert client.state == "failed"

    async with serving(handler) as url:
        await asyncio.to_thread(body, url)


# ---------------------------------------------------------------- sending


async def test_what_is_sent_comes_back(serving: Any) -> None:
    """Text as text, binary as binary; from several threads, each in its order."""

    async def echo(link: Any) -> None:
        async for message in link:
            await link.send(message)

    def body(url: str) -> None:
        with longwire.sync.connect(url, outbox=10) as client:
            for data in ("text ä", b"\x00\xff", "", bytearray(b"x"), memoryview(b"yz")):
                client.send(data)
                assert client.recv(DEADLINE) == data
            with ThreadPoolExecutor(4) as pool:

                def send(name: str) -> None:
                    for number in range(250):
                        client.send(f"{name}{number}")

                sending = [pool.submit(send, name) for name in "abcd"]
                back = [str(client.recv(DEADLINE)) for _ in range(1000)]
                for each in sending:
                    each.result(DEADLINE)
            for name in "abcd":
                assert [one for one in back if one[0] == name] == [f"{name}{n}" for n in range(250)]
            with pytest.raises(TypeError, match="str or bytes"):
                client.send(3)  # type: ignore[arg-type]

    async with serving(echo) as url:
        await asyncio.to_thread(body, url)


@pytest.mark.parametrize("when_down", ["wait", "keep", "fail"])
def test_sending_without_a_link(when_down: Any) -> None:
    """By the outbox's policy: it waits until the client is closed, is kept, or raises at once."""
    outbox = longwire.Outbox(when_down=when_down)
    with longwire.sync.connect("ws://127.0.0.1:1/", retry=QUICK, outbox=outbox) as client:
        if when_down == "fail":
            with pytest.raises(longwire.NotConnected):
                client.send("x")
        elif when_down == "keep":
            client.send("x")
            assert client.stats().unsent == 1
        else:
            with ThreadPoolExecutor() as pool:
                waiting = pool.submit(client.send, "x")
                client.close()
                with pytest.raises(longwire.ClientClosed):
                    waiting.result(DEADLINE)


# ---------------------------------------------------------------- functions


def test_functions_run_in_a_thread_of_their_own(feed: FeedThread) -> None:
    """Plain ones and coroutines, one after the other; blocking there holds no link up."""
    threads: set[str] = set()

    def note() -> None:
        threads.add(threading.current_thread().name)

    def headers() -> dict[str, str]:
        note()
        return {"X-Token": "t"}

    async def subscribe() -> list[str]:
        note()
        await asyncio.sleep(0)
        return ["sub"]

    told = threading.Event()
    go_on = threading.Event()

    def on_interruption(interruption: longwire.Interruption) -> None:
        note()
        told.set()
        assert go_on.wait(DEADLINE)

    with longwire.sync.connect(
        feed.url,
        headers=headers,
        subscribe=subscribe,
        on_interruption=on_interruption,
        retry=QUICK,
    ) as client:
        feed.wait(lambda it: it.link())
        feed.do(lambda it: it.emit(1))
        assert number_of(client.recv(DEADLINE)) == 0
        feed.do(lambda it: it.links[-1].reset())
        assert told.wait(DEADLINE)
        # It blocks, and the client is used all the while.
        with pytest.raises(TimeoutError):
            client.recv(0.01)
        assert client.interruptions
        go_on.set()
    assert threads == {FUNCTIONS_THREAD}


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "coroutine"])
def test_gaps_are_refilled(feed: FeedThread, plain: bool) -> None:
    """What was sent while there was no link is fetched, and stands in its place."""
    asked: list[str] = []

    def fetch(gap: longwire.Gap) -> list[str]:
        asked.append(threading.current_thread().name)
        assert (gap.first, gap.last) == (3, 7)
        return [f"{number} of the feed" for number in range(3, 8)]

    async def fetch_later(gap: longwire.Gap) -> list[str]:
        await asyncio.sleep(0)
        return fetch(gap)

    sequence = longwire.Sequence(number_of, refill=fetch if plain else fetch_later)
    with longwire.sync.connect(feed.url, sequence=sequence, retry=QUICK) as client:
        client.wait_live(DEADLINE)
        feed.do(lambda it: it.emit(3))
        seen = [number_of(client.recv(DEADLINE)) for _ in range(3)]
        feed.wait(lambda it: it.stop_listening())
        feed.do(lambda it: it.links[-1].reset())
        feed.do(lambda it: it.emit(5))
        feed.wait(lambda it: it.listen())
        feed.wait(lambda it: it.link(2))
        feed.do(lambda it: it.emit(3))
        seen += [number_of(client.recv(DEADLINE)) for _ in range(8)]
        assert seen == list(range(11))
        assert asked == [FUNCTIONS_THREAD]
        assert sums(client)
        assert client.stats().received == 11


def test_a_function_that_does_not_return_delays_close_by_a_bound(
    feed: FeedThread, caplog: pytest.LogCaptureFixture
) -> None:
    """The client ends within its time, and says what still runs."""
    go_on, begun = threading.Event(), threading.Event()

    def headers() -> dict[str, str]:
        begun.set()
        assert go_on.wait(DEADLINE)
        return {}

    with longwire.sync.connect(feed.url, headers=headers, close_timeout=0.1) as client:
        assert begun.wait(DEADLINE)
    assert client.state == "closed"
    events = [getattr(record, "longwire_event", "") for record in caplog.records]
    assert "function-stuck" in events
    go_on.set()


def test_a_function_may_close_its_client(feed: FeedThread) -> None:
    """It begins the end and does not wait for it, which would wait for the function."""
    made: list[longwire.sync.Client] = []

    def on_interruption(interruption: longwire.Interruption) -> None:
        made[0].close()

    with longwire.sync.connect(feed.url, on_interruption=on_interruption) as client:
        made.append(client)
        client.wait_live(DEADLINE)
        feed.do(lambda it: it.links[-1].reset())
        assert list(client) == []
        assert client.state == "closed"


# ---------------------------------------------------------------- left behind


def test_one_that_is_forgotten_closes_itself(feed: FeedThread) -> None:
    """Collected without close: a ResourceWarning names it, and its link is closed in good order."""
    client = longwire.sync.connect(feed.url, on_interruption=print).__enter__()
    client.wait_live(DEADLINE)
    link = feed.do(lambda it: it.links[0])
    with pytest.warns(ResourceWarning, match="a client was not closed"):  # noqa: PT031 - both drop it
        del client
        gc.collect()
    feed.wait(lambda _: link.wait_ended())
    assert link.received_close == (1000, "")


def test_an_iterator_keeps_its_client(feed: FeedThread) -> None:
    """As long as somebody may ask it for more, the client is not forgotten."""
    with longwire.sync.connect(feed.url) as client:
        client.wait_live(DEADLINE)
        messages = iter(client)
        assert any(one is client for one in gc.get_referents(messages))
