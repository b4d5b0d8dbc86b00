"""The demonstration's far end: a process that obeys, and never outlives its parent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from longwire.cli.demo import far_end
from longwire.cli.demo.far_end import FarEnd, Orders
from longwire.cli.demo.feed import Feed, number_of
from longwire.cli.demo.relay import Relay
from longwire.errors import ConnectError, LongwireError
from longwire.link.dial import dial

OPTIONS: dict[str, Any] = {"rate": 500, "ping_every": 60, "ping_within": 60}


async def test_every_order_is_carried_out() -> None:
    """Each order does what it says, in the parent's own process here."""
    feed, relay = Feed(**OPTIONS), Relay()
    orders = Orders(feed, relay)
    url = f"ws://127.0.0.1:{(await orders.start())['port']}/"

    async def subscribed() -> Any:
        link = await dial(url)
        await link.send("numbers, please")
        await link.recv(10)
        return link

    link = await subscribed()
    await orders.close(1011, "upstream feed lost")
    assert (await link.wait_closed()).received_code == 1011
    await link.wait_gone()

    link = await subscribed()
    await orders.lifetime(0.01)
    assert (await link.wait_closed()).end == "reset"
    await orders.lifetime(None)

    link = await subscribed()
    restart = asyncio.create_task(orders.restart(0.01))
    assert (await link.wait_closed()).received_code == 1012
    await link.wait_gone()
    assert str((await restart)["port"]) in url

    link = await subscribed()
    await orders.mute()
    await link.ping()
    await orders.freeze()
    assert await orders.pongs() == {"count": 0, "slowest": 0.0}
    numbered = (await orders.finish())["numbered"]
    assert numbered == feed.head > 0
    link.abort()
    await link.wait_gone()
    await relay.close()
    await feed.stop()
    with pytest.raises(ConnectError):
        await dial(url)


async def test_the_process_obeys_and_ends() -> None:
    """It is there, answers orders, and is gone when the block is left."""
    async with FarEnd(**OPTIONS) as far:
        link = await dial(far.url)
        await link.send("numbers, please")
        assert number_of(await link.recv(10)) == 1
        numbered = (await far.do("finish"))["numbered"]
        assert numbered >= 1
        await link.close()
    assert far._process is not None
    assert far._process.returncode == 0
    with pytest.raises(ConnectError):
        await dial(far.url)


async def test_a_process_that_is_gone_is_told() -> None:
    """An order to a dead process is an error that says so, not a wait for ever."""
    async with FarEnd(**OPTIONS) as far:
        assert far._process is not None
        far._process.kill()
        await far._process.wait()
        with pytest.raises(LongwireError, match="gone"):
            await far.do("finish")


async def test_a_process_that_cannot_start_is_told() -> None:
    """The same for one that fails at its start; nothing is left of it."""
    far = FarEnd(rate=-1, ping_every="no number", ping_within=1)  # type: ignore[arg-type]  # to fail
    far._options = {"nonsense": 1.0}
    with pytest.raises(LongwireError, match="gone"):
        async with far:
            pass
    assert far._process is not None
    assert far._process.returncode == 1


def test_it_ends_with_its_standard_input() -> None:
    """A parent that is killed closes the pipe, and that is enough."""
    with subprocess.Popen(
        [sys.executable, "-m", far_end.__name__, json.dumps(OPTIONS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["port"]
        process.stdin.close()
        assert process.wait(15) == 0
