"""Keys in a terminal: what each does, and that the terminal is put back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.cli.chaos.keys import HELP, Keys, can_be_read, keyboard
from longwire.testing import PATIENCE, NumberedFeed
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

# A terminal is read when it says that there is something, which the guard does not see.
pytestmark = pytest.mark.blocking


@pytest.fixture
async def feed() -> AsyncIterator[NumberedFeed]:
    """Sends only what it is told to."""
    async with NumberedFeed() as running:
        yield running


@pytest.fixture
async def proxy(feed: NumberedFeed) -> AsyncIterator[Proxy]:
    """A proxy in front of the feed, in which nothing strikes."""
    async with Proxy(feed.url) as running:
        yield running


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The user's end of a terminal, and the program's."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    for one in (ours, theirs):
        with contextlib.suppress(OSError):
            os.close(one)


async def turns_until(true: Callable[[], bool]) -> None:
    """Give the loop turns until something is so that nobody tells."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)


class Pressed:
    """The keys of a proxy, what they said, and whether they asked to leave."""

    def __init__(self, proxy: Proxy) -> None:
        self.said: list[str] = []
        self.left = 0
        self._keys = Keys(proxy, say=self.said.append, leave=self._leave)
        self.press = self._keys.press

    def _leave(self) -> None:
        self.left += 1


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("r", "reset, on 1 connection"),
        ("f", "fin, on 1 connection"),
        ("c", "close code=1011, on 1 connection"),
        ("b", "black-hole, on 1 connection"),
        ("z", "mute, on 1 connection"),
    ],
)
async def test_keys_strike_the_connections_there_are(proxy: Proxy, key: str, said: str) -> None:
    """At once, and none that come later."""
    keys = Pressed(proxy)
    async with RawClient(proxy.url) as first:
        await first.open()
        keys.press(key)
        fault = said.partition(",")[0].partition(" ")[0]
        await proxy.journal.until("strikes", fault=fault, crossing=1)
        async with RawClient(proxy.url) as second:
            await second.open()
            assert not proxy.journal.find("strikes", crossing=2)
    assert keys.said == [said]


async def test_a_toggle_begins_and_ends(proxy: Proxy, feed: NumberedFeed) -> None:
    """Frozen until s is pressed again; nothing is lost."""
    keys = Pressed(proxy)
    async with RawClient(proxy.url) as client:
        await client.open()
        keys.press("s")
        await proxy.journal.until("strikes", fault="freeze", times=2)
        await feed.live()
        feed.emit(2)
        keys.press("s")
        assert await client.texts(2) == ["0 of the feed", "1 of the feed"]
    assert keys.said == ["freeze, until s is pressed again", "freeze ends"]


async def test_refusing_begins_and_ends(proxy: Proxy) -> None:
    """Who connects is refused until x is pressed again."""
    keys = Pressed(proxy)
    keys.press("x")
    await proxy.journal.until("refuses")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(proxy.host, proxy.port)
    keys.press("x")
    await proxy.journal.until("listens", times=2)
    async with RawClient(proxy.url) as client:
        await client.open()


async def test_space_ends_all(proxy: Proxy) -> None:
    """Those of keys and all others; a toggle begins anew after it."""
    keys = Pressed(proxy)
    proxy.strike("latency seconds=1s")
    keys.press("s")
    keys.press(" ")
    assert proxy.strikes == {}
    keys.press("s")
    assert [one.name for one in proxy.strikes.values()] == ["freeze"]
    assert keys.said[1:] == ["all faults end", "freeze, until s is pressed again"]


async def test_q_leaves_and_others_help(proxy: Proxy) -> None:
    """A key that means nothing shows those that do."""
    keys = Pressed(proxy)
    keys.press("q")
    assert keys.left == 1
    keys.press("y")
    assert keys.said == [HELP]


async def test_single_keys_are_read(terminal: tuple[int, int]) -> None:
    """Without Enter and without an echo; arrow keys are no letters; what it was is put back."""
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    pressed: asyncio.Queue[str] = asyncio.Queue()
    assert can_be_read(theirs)
    with keyboard(theirs, pressed.put_nowait):
        flags = termios.tcgetattr(theirs)[3]
        assert not flags & (termios.ICANON | termios.ECHO)
        assert flags & termios.ISIG
        os.write(ours, b"r")
        async with asyncio.timeout(PATIENCE):
            assert await pressed.get() == "r"
            os.write(ours, b"\x1bOc")
            assert pressed.empty()
    assert termios.tcgetattr(theirs) == before


async def test_it_is_put_back_after_an_error(terminal: tuple[int, int]) -> None:
    """Whatever ends it."""
    _, theirs = terminal
    before = termios.tcgetattr(theirs)
    with pytest.raises(ZeroDivisionError):
        with keyboard(theirs, lambda _: None):
            raise ZeroDivisionError
    assert termios.tcgetattr(theirs) == before


async def test_it_is_taken_again_when_the_program_goes_on(terminal: tuple[int, int]) -> None:
    """After Ctrl-Z a shell has put the terminal back; with SIGCONT single keys are read again."""
    _, theirs = terminal
    before = termios.tcgetattr(theirs)
    with keyboard(theirs, lambda _: None):
        termios.tcsetattr(theirs, termios.TCSANOW, before)
        os.kill(os.getpid(), signal.SIGCONT)
        await turns_until(lambda: not termios.tcgetattr(theirs)[3] & termios.ICANON)


async def test_a_terminal_that_goes_away_is_let_go(terminal: tuple[int, int]) -> None:
    """No error, and nothing is read of it any more."""
    ours, theirs = terminal
    loop = asyncio.get_running_loop()
    with keyboard(theirs, lambda _: None):
        os.close(ours)
        watched = loop._selector.get_map()  # type: ignore[attr-defined]
        assert theirs in watched
        await turns_until(lambda: theirs not in watched)


def test_what_is_no_terminal_is_not_read() -> None:
    """A pipe, for instance."""
    reading, writing = os.pipe()
    assert not can_be_read(reading)
    os.close(reading)
    os.close(writing)
