"""Two loops and what passes between them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client.carriage import Carriage
from longwire.testing import FeedThread

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE = 10.0


@pytest.fixture
def carriage(isolate: bool) -> Any:
    """Makes a carriage on the running loop."""
    return lambda: Carriage(asyncio.get_running_loop(), isolated=isolate)


async def run_to_end(carriage: Carriage, run: Callable[[], Any]) -> None:
    """Start something on the links' loop and wait for its end."""
    carriage.start(run)
    async with asyncio.timeout(DEADLINE):
        await carriage.finished()


async def test_calls_arrive_on_the_right_loop(carriage: Any, isolate: bool) -> None:
    """Each of the ways to call ends up on the loop that it names."""
    here = asyncio.get_running_loop()
    one: Carriage = carriage()
    loops: dict[str, Any] = {}
    told = asyncio.Event()

    async def where() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def note_user() -> None:
        loops["call_user"] = asyncio.get_running_loop()
        told.set()

    async def run() -> None:
        loops["run"] = asyncio.get_running_loop()
        loops["ask plain"] = await one.ask_user(asyncio.get_running_loop)
        loops["ask async"] = await one.ask_user(where)
        one.call_user(note_user)

    async with asyncio.timeout(DEADLINE):
        loops["call"] = await one.call(where())
        await run_to_end(one, run)
        await told.wait()
    users = {name for name, loop in loops.items() if loop is here}
    assert users >= {"ask plain", "ask async", "call_user"}
    assert (loops["run"] is here) is (loops["call"] is here) is (not isolate)


async def test_the_end_tells_what_happened(carriage: Any) -> None:
    """What the run raised is raised by `finished`, as often as it is asked."""
    one: Carriage = carriage()

    async def run() -> None:
        raise ZeroDivisionError("a bug of ours")

    one.start(run)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(one.finished(), DEADLINE)


async def test_the_end_waits_for_calls(carriage: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A call that outlives the run comes to its own end, with its own outcome, and is awaited."""
    one: Carriage = carriage()
    over = asyncio.Event()
    gone: concurrent.futures.Future[None] = concurrent.futures.Future()
    ended: list[str] = []

    async def call() -> str:
        await asyncio.wrap_future(gone)
        for _ in range(20):
            await asyncio.sleep(0)
        ended.append("call")
        return "answer"

    async def run() -> None:
        await one.ask_user(over.wait)
        ended.append("run")
        gone.set_result(None)

    one.start(run)
    calling = asyncio.create_task(one.call(call()))
    await asyncio.sleep(0)
    over.set()
    async with asyncio.timeout(DEADLINE):
        await one.finished()
        if one.isolated:
            assert ended == ["run", "call"]
        assert await calling == "answer"
    assert caplog.records == []


async def test_cancelling_finished_does_not_cancel_the_run(carriage: Any) -> None:
    """Whoever waits may go; the run goes on, and its end can be awaited again."""
    one: Carriage = carriage()
    go = asyncio.Event()
    reached: list[str] = []

    async def wait() -> str:
        await go.wait()
        return "asked"

    async def run() -> None:
        reached.append(await one.ask_user(wait))
        reached.append("end")

    one.start(run)
    waiting = asyncio.create_task(one.finished())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert reached == []
    go.set()
    async with asyncio.timeout(DEADLINE):
        await one.finished()
    assert reached == ["asked", "end"]


async def test_what_a_function_of_the_users_raises_comes_back(carriage: Any) -> None:
    """An exception on the user's loop is raised where it was asked for."""
    one: Carriage = carriage()

    def fail() -> None:
        raise KeyError("of the user's")

    async def run() -> None:
        with pytest.raises(KeyError):
            await one.ask_user(fail)

    await run_to_end(one, run)


async def test_the_end_waits_for_what_was_asked(unused_port: int, isolate: bool) -> None:
    """A function of the user's that is cancelled may clean up; it is over when close returns."""
    began, cleaning, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def headers() -> dict[str, str]:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await may_end.wait()
        return {}

    async with asyncio.timeout(DEADLINE):
        async with longwire.connect(
            f"ws://127.0.0.1:{unused_port}/", headers=headers, isolate=isolate
        ) as client:
            await began.wait()
            closing = asyncio.create_task(client.close())
            await cleaning.wait()
            if isolate:
                # Everything else is over: only what was asked is left to be waited for.
                assert client._carriage is not None
                await asyncio.shield(client._carriage._done)
            for _ in range(3):
                await asyncio.sleep(0)
            assert not closing.done()
            may_end.set()
            await closing


async def test_close_from_within_what_was_asked(unused_port: int, isolate: bool) -> None:
    """A function of the user's may end the client; nobody waits for himself."""
    holder: list[longwire.Client] = []
    ended = asyncio.Event()

    async def headers() -> dict[str, str]:
        try:
            await holder[0].close()
        finally:
            ended.set()
        return {}

    async with asyncio.timeout(DEADLINE):
        client = longwire.connect(
            f"ws://127.0.0.1:{unused_port}/", headers=headers, isolate=isolate
        )
        holder.append(client)
        async with client:
            await ended.wait()
        assert client.state == "closed"


@pytest.fixture
def feed() -> Any:
    """A feed in a thread of its own, which outlives loops."""
    with FeedThread() as thread:
        yield thread


def test_a_client_whose_loop_was_closed(feed: Any) -> None:
    """A program that forgets to close an isolated client leaves no link and no thread for ever."""

    async def forgetful() -> longwire.Client:
        client = await longwire.connect(feed.url).__aenter__()
        await client.wait_live()
        return client

    client = asyncio.run(forgetful())
    for thread in threading.enumerate():
        if thread.name == "longwire-io":
            thread.join(DEADLINE)
            assert not thread.is_alive()
    assert client.state == "closed"


def test_a_function_for_subscriptions_whose_loop_was_closed(unused_port: int) -> None:
    """Asking a loop that is gone leaves no coroutine that was never awaited."""

    async def subscribe() -> list[str]:
        return ["sub"]

    async def forgetful() -> longwire.Client:
        client = longwire.connect(
            f"ws://127.0.0.1:{unused_port}/",
            subscribe=subscribe,
            retry=longwire.Retry(first=0.01, cap=0.01),
        )
        await client.__aenter__()
        await anext(client.events())
        return client

    client = asyncio.run(forgetful())
    for thread in threading.enumerate():
        if thread.name == "longwire-io":
            thread.join(DEADLINE)
    gc.collect()
    assert client.state == "closed"


def test_two_clients_in_two_loops_in_two_threads(feed: Any) -> None:
    """Each gets all of the feed on its own loop, and one that ends takes nothing from the other."""
    results: dict[str, list[Any]] = {}

    async def receive(name: str, count: int) -> None:
        async with asyncio.timeout(DEADLINE), longwire.connect(feed.url) as client:
            results[name] = [await client.recv() for _ in range(count)]

    threads = [
        threading.Thread(target=lambda name=name, count=count: asyncio.run(receive(name, count)))
        for name, count in (("a", 100), ("b", 500))
    ]
    for thread in threads:
        thread.start()
    feed.wait(lambda numbered: numbered.live(2))
    feed.do(lambda numbered: numbered.emit(500))
    for thread in threads:
        thread.join()
    whole = [f"{number} of the feed" for number in range(500)]
    assert results == {"a": whole[:100], "b": whole}


def test_one_thread_for_all_clients_of_a_process(feed: Any) -> None:
    """Two clients on two loops in two threads have their links on the same I/O thread."""
    both = threading.Barrier(2)
    found: list[set[threading.Thread]] = []

    async def live() -> None:
        async with asyncio.timeout(DEADLINE), longwire.connect(feed.url) as client:
            await client.wait_live()
            await asyncio.to_thread(both.wait, DEADLINE)
            found.append({each for each in threading.enumerate() if each.name == "longwire-io"})
            await asyncio.to_thread(both.wait, DEADLINE)

    threads = [threading.Thread(target=lambda: asyncio.run(live())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert len(found[0]) == 1


@pytest.fixture
def unused_port() -> int:
    """A port where nothing listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
