"""Faults of the kernel, in a network namespace; skipped loudly where that is not permitted."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.chaos import kernel
from longwire.chaos.kernel import KernelPath, why_no_netem, why_not
from longwire.testing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REASON, NETEM = why_not(), why_no_netem()
needs_namespace = pytest.mark.skipif(
    REASON is not None, reason=f"needs netns: no network namespace here: {REASON}"
)
needs_netem = pytest.mark.skipif(
    NETEM is not None, reason=f"needs netem: the kernel cannot lose packets here: {NETEM}"
)

HEARTBEAT = longwire.Heartbeat(every=0.2, within=0.3)


async def is_there(path: KernelPath) -> bool:
    """Whether this machine has the interface that leads to a path."""
    ip = shutil.which("ip")
    assert ip is not None
    process = await asyncio.create_subprocess_exec(ip, "-o", "link", stdout=subprocess.PIPE)
    told, _ = await process.communicate()
    return path._links["c2s"] in told.decode()


@pytest.fixture
async def path() -> AsyncIterator[KernelPath]:
    """A way through the kernel."""
    async with KernelPath() as made:
        yield made


class Server:
    """Sends numbers, each once, over all links; longwire's own, at a socket inside."""

    def __init__(self) -> None:
        self.next = 0
        self.links = 0

    async def attend(self, link: Any) -> None:
        self.links += 1
        while True:
            await link.send(str(self.next))
            self.next += 1
            await asyncio.sleep(0.001)


async def interrupted(client: longwire.Client) -> Any:
    """The next interruption, once it is told, within its bound, give or take a busy machine."""
    async with asyncio.timeout(20):
        async for event in client.events():
            if isinstance(event, longwire.Interrupted):
                assert event.interruption.noticed - event.interruption.started < 5
                return event.interruption
    raise AssertionError("it ended without an interruption")


@needs_namespace
async def test_a_black_hole_is_noticed_within_the_bound(path: KernelPath) -> None:
    """No error and no end reach the client; the heartbeat alone tells. Healed, it comes back."""
    server = Server()
    async with (
        longwire.serve(server.attend, sock=await path.listen()) as serving,
        longwire.connect(f"ws://{path.host}:{serving.port}/", heartbeat=HEARTBEAT) as client,
    ):
        await client.recv(10)
        await path.black_hole()
        assert (await interrupted(client)).cause.id == "half-open-undetected"
        await path.heal()
        await client.wait_live(30)
        await client.recv(10)


@needs_namespace
@pytest.mark.parametrize("direction", ["c2s", "s2c"])
async def test_half_a_black_hole_is_noticed_too(path: KernelPath, direction: Any) -> None:
    """Whichever half: TCP's acknowledgements are lost, or the pings."""
    server = Server()
    async with (
        longwire.serve(server.attend, sock=await path.listen()) as serving,
        longwire.connect(f"ws://{path.host}:{serving.port}/", heartbeat=HEARTBEAT) as client,
    ):
        await client.recv(10)
        await path.black_hole(direction)
        await interrupted(client)


@needs_netem
async def test_lost_packets_lose_no_message(path: KernelPath) -> None:
    """TCP sends them again: late, in order, all of them."""
    await path.shape("loss=5% delay=1ms")
    server = Server()
    async with (
        longwire.serve(server.attend, sock=await path.listen()) as serving,
        longwire.connect(f"ws://{path.host}:{serving.port}/") as client,
    ):
        assert [await client.recv(30) for _ in range(2_000)] == [str(n) for n in range(2_000)]
        assert client.interruptions == []


@needs_netem
async def test_every_packet_lost_is_a_black_hole(path: KernelPath) -> None:
    """Netem can do it, too; an empty text makes it good again."""
    server = Server()
    async with (
        longwire.serve(server.attend, sock=await path.listen()) as serving,
        longwire.connect(f"ws://{path.host}:{serving.port}/", heartbeat=HEARTBEAT) as client,
    ):
        await client.recv(10)
        await path.shape("loss=100%")
        await interrupted(client)
        await path.shape("")
        await client.wait_live(30)


@needs_namespace
async def test_nothing_is_left() -> None:
    """Neither after an error, nor while a socket inside is still open."""
    made = KernelPath()
    with contextlib.suppress(ZeroDivisionError):
        async with made:
            listening = await made.listen()
            assert await is_there(made)
            raise ZeroDivisionError
    assert not await is_there(made)
    listening.close()


@needs_namespace
async def test_what_fails_takes_away_what_it_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interfaces are there already when something is refused."""
    monkeypatch.setattr(KernelPath, "_lead", lambda *_: kernel._run("false"))
    made = KernelPath()
    with pytest.raises(OSError, match="false: exit code 1"):
        await made.__aenter__()
    assert not await is_there(made)


@needs_namespace
async def test_who_is_cancelled_takes_it_away() -> None:
    """In the midst of making it."""
    made = KernelPath()
    task = asyncio.create_task(made.__aenter__())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await is_there(made)


KILLED = """
import asyncio
from longwire.chaos.kernel import KernelPath

async def main():
    async with KernelPath() as path:
        print(path._links["c2s"], flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@needs_namespace
async def test_who_is_killed_leaves_nothing() -> None:
    """The kernel takes it away, once the process that keeps it has found out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    made = KernelPath()
    made._links["c2s"] = (await process.stdout.readline()).decode().strip()
    assert await is_there(made)
    process.kill()
    await process.communicate()
    async with asyncio.timeout(PATIENCE):
        while await is_there(made):
            pass


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, for both questions."""
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "tc" else name)
    for ask in (why_not, why_no_netem):
        assert ask() in {"it needs tc (packages iproute2 and util-linux)", "it needs Linux"}


def test_a_program_that_is_missing_or_fails() -> None:
    """Is an OSError with what it said."""
    with pytest.raises(FileNotFoundError, match="no-such-program is not installed"):
        kernel._run("no-such-program")
