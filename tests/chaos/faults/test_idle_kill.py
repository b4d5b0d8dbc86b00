"""Who says nothing is forgotten, and who speaks is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos.faults.idle_kill import IdleKill
from tests.chaos.faults.crossed import answered, crossed, over, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

IDLE = 0.1


@pytest.mark.parametrize("how", ["fin", "reset"])
async def test_it_ends_both_sides(feed: NumberedFeed, how: str) -> None:
    """FIN or RST, and not before it has been idle for so long."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"idle-kill idle={IDLE} how={how}")
        assert await client.ending() == how
        assert client.rest() == []
        (strikes,) = proxy.journal.find("strikes", fault="idle-kill", crossing=1)
        (forgets,) = proxy.journal.find("forgets", fault="idle-kill", crossing=1)
        assert forgets["t"] - strikes["t"] >= IDLE
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError) is (how == "reset")


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
async def test_whoever_speaks_keeps_it_alive(feed: NumberedFeed, direction: str) -> None:
    """A byte in either direction counts, and no byte that came before it does any more."""
    async with crossed(feed, IdleKill(idle=60.0)) as (client, proxy, link):
        ((_, armed),) = proxy.crossings[0]._armed
        fault = armed.fault
        assert isinstance(fault, IdleKill)
        before = fault._last
        if direction == "s2c":
            say(link, "x")
            await client.frame()
        else:
            client.send(b"x")
            await link.wait_message()
        assert before < fault._last <= asyncio.get_running_loop().time()


async def test_silent_lets_both_believe(feed: NumberedFeed) -> None:
    """Whatever is said vanishes, also when the fault is over; TCP stays, on both sides."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"idle-kill idle={IDLE} how=silent")
        await until(proxy, "forgets")
        say(link, "unheard")
        client.send(b"unheard")
        client.writer.write_eof()
        proxy.end(1)
        proxy.strike("noop after=0.05")
        await until(proxy, "strikes", fault="noop")
        assert link.frames == []
        assert link.live
        assert client.rest() == []


async def test_late_reset_answers_the_client_and_tells_the_server_nothing(
    feed: NumberedFeed,
) -> None:
    """The first byte from the client is answered with RST; until then there is silence."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"idle-kill idle={IDLE} how=late-reset")
        await until(proxy, "forgets")
        say(link, "unheard")
        client.send(b"are you there?")
        assert await client.ending() == "reset"
        assert client.rest() == []
        assert link.frames == []
        assert link.live
        link.reset()
        await over(proxy)


async def test_what_is_dead_stays_dead(feed: NumberedFeed) -> None:
    """The end of the fault raises nobody, and spares who has not died."""
    strike = f"idle-kill idle={IDLE} how=late-reset"
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(strike)
        await until(proxy, "forgets")
        proxy.end(1)
        client.send(b"unheard")
        say(link, "unheard")
        spared = proxy.strike(strike)
        proxy.end(spared)
        proxy.strike(f"noop after={2 * IDLE}")
        await until(proxy, "strikes", fault="noop")
        assert link.frames == []
        assert client.rest() == []
        assert len(proxy.journal.find("forgets")) == 1


async def test_who_has_not_died_when_it_ends_lives(feed: NumberedFeed) -> None:
    """It looks at the clock no longer."""
    async with crossed(feed) as (client, proxy, _):
        proxy.end(proxy.strike(f"idle-kill idle={IDLE}"))
        proxy.strike(f"noop after={2 * IDLE}")
        await until(proxy, "strikes", fault="noop")
        await answered(client)


def test_what_makes_no_sense() -> None:
    """Everybody is idle for no time."""
    refuses("idle-kill idle=0", "idle must be more than 0")
    refuses("idle-kill how=gently", "how: 'gently' is none of fin, reset, silent, late-reset")
