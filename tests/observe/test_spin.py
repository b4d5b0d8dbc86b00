"""A program that swallows the end of a connection and asks again, for ever."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import pytest

import longwire
from longwire.errors import EndIgnored
from longwire.observe import spin
from longwire.observe.spin import LIMIT, PAUSE, WITHIN, SpinGuard
from longwire.testing import FeedThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from longwire.observe.sighting import Sighting

    Ask = Callable[[longwire.Client], Awaitable[object]]

PATIENCE = 10.0


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The clock, moved by hand."""
    clock = {"now": 100.0}
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    return clock


@pytest.fixture
async def development() -> AsyncIterator[None]:
    """asyncio's debug mode, which is development."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    yield
    loop.set_debug(False)


# ---------------------------------------------------------------- the counting


async def test_a_thousand_in_a_second_are_a_spin(now: dict[str, float]) -> None:
    """It is told once where that is; from then on the task is held back, each time."""
    told: list[Sighting] = []
    guard = SpinGuard(told.append)
    assert [guard.asked() for _ in range(LIMIT - 1)] == [0.0] * (LIMIT - 1)
    assert told == []
    for _ in range(5):
        assert guard.asked() == PAUSE
        now["now"] += PAUSE
    (seen,) = told
    assert seen.place is not None
    assert "test_spin.py:" in seen.place
    assert seen.task is not None


async def test_who_stops_is_forgiven(now: dict[str, float]) -> None:
    """After a second without asking the count begins anew."""
    told: list[Sighting] = []
    guard = SpinGuard(told.append)
    for _ in range(LIMIT):
        guard.asked()
    now["now"] += WITHIN * 1.1
    assert guard.asked() == 0.0
    assert len(told) == 1


async def test_slowly_is_no_spin(now: dict[str, float]) -> None:
    """Who lets its loop run in between may be told as often as it likes."""
    guard = SpinGuard(lambda seen: pytest.fail("told"))
    for _ in range(3 * LIMIT):
        assert guard.asked() == 0.0
        now["now"] += 0.01


async def test_many_tasks_are_no_spin() -> None:
    """All who wait are told an end in one turn of the loop, once each."""
    guard = SpinGuard(lambda seen: pytest.fail("told"))

    async def ask() -> float:
        return guard.asked()

    assert set(await asyncio.gather(*(ask() for _ in range(2 * LIMIT)))) == {0.0}


@pytest.mark.usefixtures("development")
async def test_in_development_it_is_raised() -> None:
    """What passes `except Exception`, once; who swallows that as well is held back."""
    guard = SpinGuard(lambda seen: None)
    for _ in range(LIMIT - 1):
        guard.asked()
    with pytest.raises(EndIgnored, match=r"1000 times .* at .*test_spin.py"):
        guard.asked()
    assert guard.asked() == PAUSE


# ---------------------------------------------------------------- clients and servers


async def ask_recv(client: longwire.Client) -> None:
    await client.recv()


async def ask_within(client: longwire.Client) -> None:
    await client.recv(5)


async def ask_send(client: longwire.Client) -> None:
    await client.send("x")


async def ask_messages(client: longwire.Client) -> None:
    async for _ in client:
        pass


async def ask_batches(client: longwire.Client) -> None:
    async for _ in client.batches():
        pass


ASKS = [ask_recv, ask_within, ask_send, ask_messages, ask_batches]


async def swallow(ask: Ask, client: longwire.Client) -> None:
    """What is written in many a program."""
    while True:
        with contextlib.suppress(Exception):
            await ask(client)


@pytest.mark.both_loops
@pytest.mark.parametrize("isolate", [True, False], ids=["isolated", "inline"])
@pytest.mark.parametrize("ask", ASKS)
async def test_a_client_that_is_asked_for_ever(ask: Ask, isolate: bool) -> None:
    """The loop goes on, the task can be cancelled, and an alert names the place and the cause."""
    with FeedThread() as feed:
        async with longwire.connect(feed.url, isolate=isolate) as client:
            await client.wait_live(PATIENCE)
    task = asyncio.create_task(swallow(ask, client), name="spinner")
    async with asyncio.timeout(PATIENCE):
        while not client.alerts:  # noqa: ASYNC110 - that this loop runs at all is the point
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=PATIENCE)
    assert task.cancelled()
    (alert,) = [alert for alert in client.alerts if alert.kind == "swallowed-end"]
    assert (alert.cause, alert.task) == ("swallowed-exception", "spinner")
    assert alert.place is not None
    assert "test_spin.py:" in alert.place
    assert ask.__name__ in alert.place


@pytest.mark.usefixtures("development")
async def test_a_clients_task_in_development() -> None:
    """The task ends, and says why."""
    with FeedThread() as feed:
        async with longwire.connect(feed.url) as client:
            await client.wait_live(PATIENCE)
    task = asyncio.create_task(swallow(ask_recv, client))
    await asyncio.wait([task], timeout=PATIENCE)
    assert isinstance(task.exception(), EndIgnored)


@pytest.mark.parametrize("ask", ["recv", "send"])
async def test_a_servers_handler(
    ask: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is held back, so the server goes on serving; its log says where the handler spins."""
    monkeypatch.setattr(spin, "PAUSE", 0.01)

    async def handler(link: longwire.Link) -> None:
        while True:
            with contextlib.suppress(Exception):  # longwire: ignore[LW101] it is held back
                await (link.recv() if ask == "recv" else link.send("x"))

    async with longwire.serve(handler, "127.0.0.1", 0, close_timeout=0.1) as server:
        url = f"ws://127.0.0.1:{server.port}"
        async with longwire.connect(url) as client:
            await client.wait_live(PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while "swallows the end of its link" not in caplog.text:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.01)
        async with longwire.connect(url) as client:
            await client.wait_live(PATIENCE)
    assert "test_spin.py:" in caplog.text
