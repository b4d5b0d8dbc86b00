"""The far end of the demonstration, feed and network, in a process of its own.

So nothing that blocks the client's process can slow it down. It is told what to do line by line on
its standard input and ends when that ends, however its parent came to an end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, Self

from longwire.cli.demo.feed import HOST, Feed
from longwire.cli.demo.relay import Relay
from longwire.errors import LongwireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    Command = Callable[..., Awaitable[dict[str, Any]]]

_START: Final = 20.0
"""Seconds in which the process must be there: Python starts slowly on a busy machine."""

_ANSWER: Final = 10.0
"""Seconds an order may take; the longest of them waits for a close handshake."""

_END: Final = 5.0
"""Seconds the process has to end by itself."""


class FarEnd:
    """The parent's side: ``async with FarEnd(rate=...) as far: await far.do("freeze")``.

    Args:
        rate, ping_every, ping_within: As `Feed` takes them.
    """

    def __init__(self, *, rate: float, ping_every: float, ping_within: float) -> None:
        self._options = {"rate": rate, "ping_every": ping_every, "ping_within": ping_within}
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            json.dumps(self._options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C is for the client's process; this one ends with its standard input.
            start_new_session=True,
        )
        try:
            self.url = f"ws://{HOST}:{(await self._answer(_START))['port']}/feed"
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def do(self, order: str, **how: Any) -> dict[str, Any]:
        """Have something done there, and wait until it is.

        Raises:
            LongwireError: the process is gone, or does not answer.
        """
        process = self._process
        assert process is not None, "not entered"  # noqa: S101 - for mypy
        assert process.stdin is not None  # noqa: S101 - the same
        process.stdin.write(json.dumps({"order": order, **how}).encode() + b"\n")
        return await self._answer(_ANSWER)

    async def _answer(self, within: float) -> dict[str, Any]:
        assert self._process is not None  # noqa: S101 - for mypy
        assert self._process.stdout is not None  # noqa: S101 - the same
        line = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                line = await self._process.stdout.readline()
        if not line:
            raise LongwireError("the demonstration's feed has gone, or does not answer")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _end(self) -> None:
        process = self._process
        assert process is not None  # noqa: S101 - for mypy
        assert process.stdin is not None  # noqa: S101 - the same
        process.stdin.close()
        try:
            async with asyncio.timeout(_END):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


class Orders:
    """The process's own side: what can be ordered. Each method is one order."""

    def __init__(self, feed: Feed, relay: Relay) -> None:
        self._feed = feed
        self._relay = relay

    async def start(self) -> dict[str, Any]:
        """Listen. Answers the port."""
        self._relay.target = await self._feed.start()
        await self._relay.listen()
        return {"port": self._relay.port}

    async def lifetime(self, seconds: float | None) -> dict[str, Any]:
        """Reset every connection at this age from now on; None: no more."""
        self._relay.limit_lifetime(seconds)
        return {}

    async def freeze(self) -> dict[str, Any]:
        """Make the open connections half-open."""
        self._relay.freeze()
        return {}

    async def close(self, code: int, reason: str) -> dict[str, Any]:
        """Close the links."""
        await self._feed.close_links(code, reason)
        return {}

    async def restart(self, away: float) -> dict[str, Any]:
        """Close the links with 1012, be away, and come back. Answers when it is back."""
        await self._feed.close_links(1012, "restarting, back in a moment")
        await self._relay.refuse()
        await self._feed.stop()
        await asyncio.sleep(away)
        return await self.start()

    async def mute(self) -> dict[str, Any]:
        """Send nothing more on the open links but pings and pongs."""
        self._feed.mute_links()
        return {}

    async def pongs(self) -> dict[str, Any]:
        """How many pongs there were since the last such order, and how long the slowest took."""
        times = self._feed.round_trips
        self._feed.round_trips = []
        return {"count": len(times), "slowest": max(times, default=0.0)}

    async def finish(self) -> dict[str, Any]:
        """Count no further. Answers how many numbers there were."""
        return {"numbered": await self._feed.finish()}


async def _obey(options: dict[str, Any]) -> None:
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    feed, relay = Feed(**options), Relay()
    orders = Orders(feed, relay)
    try:
        _say(await orders.start())
        _read_into(lines)
        while line := await lines.get():
            order = json.loads(line)
            carry_out: Command = getattr(orders, order.pop("order"))
            _say(await carry_out(**order))
    finally:
        await relay.close()
        await feed.finish()
        await feed.stop()


def _read_into(lines: asyncio.Queue[bytes]) -> None:
    """Read standard input on a thread, since not every event loop can; an empty line is its end."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        # Without a buffer there is no lock that the interpreter's end could meet.
        with open(0, "rb", buffering=0, closefd=False) as standard_input:
            for line in standard_input:
                loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, b"")

    threading.Thread(target=read, name="orders", daemon=True).start()


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    """Run the far end until standard input ends."""
    with contextlib.suppress(BrokenPipeError):
        # The parent may be gone before an answer is.
        asyncio.run(_obey(json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
