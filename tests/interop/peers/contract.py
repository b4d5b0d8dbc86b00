"""What the peers in Python share: orders in, events out, and what is done on a link.

README.md beside this directory is the contract. A peer brings a `Line` for a link of its library,
and calls `converse` with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Fields = dict[str, str]
Data = str | bytes


def parse(line: str) -> Fields:
    return dict(parse_qsl(line.strip(), keep_blank_values=True))


def target(url: str) -> tuple[str, Fields]:
    """The path of a URL or a request line, and its query."""
    parts = urlsplit(url)
    return parts.path, parse(parts.query)


def names(order: Fields) -> list[str]:
    return [name for name in order.get("subprotocols", "").split(",") if name]


def limit(order: Fields) -> int:
    return int(order.get("limit", 100 * 2**20))


def say(event: str, **fields: object) -> None:
    sys.stdout.write(urlencode({"event": event, **fields}) + "\n")
    sys.stdout.flush()


class Line(Protocol):
    """A link of the library under test."""

    async def receive(self) -> Data | None:
        """The next message; None at the end."""

    async def send(self, data: Data) -> None: ...

    async def send_in_fragments(self, data: Data, size: int) -> None: ...

    async def ping(self) -> None:
        """Send a ping, and wait for its pong."""

    async def close(self, code: int | None, reason: str) -> None: ...

    def end(self) -> tuple[int, str]:
        """Code and reason of the other side, 1006 where no close frame came."""


async def converse(line: Line, path: str, query: Fields) -> None:
    """Do what the path says until the link ends, and tell of its end."""
    if path == "/ping":
        async with asyncio.TaskGroup() as both:
            both.create_task(_ping(line))
            await _answer(line, path, query)
    else:
        if path == "/close":
            code = query.get("code")
            await line.close(None if code is None else int(code), query.get("reason", ""))
        elif path == "/big":
            await line.send(bytes(int(query["size"])))
        await _answer(line, path, query)
    code_seen, reason = line.end()
    say("closed", id=query.get("id", ""), code=code_seen, reason=reason)


async def _ping(line: Line) -> None:
    await line.ping()
    await line.send("pong")


async def _answer(line: Line, path: str, query: Fields) -> None:
    digest = hashlib.sha256()
    while (data := await line.receive()) is not None:
        if path == "/fragments":
            await line.send_in_fragments(data, int(query["size"]))
        elif path == "/digest" and data == "digest?":
            await line.send(digest.hexdigest())
        else:
            if path == "/digest":
                raw = data.encode() if isinstance(data, str) else data
                digest.update(len(raw).to_bytes(8, "big") + raw)
            await line.send(data)


async def take_orders(
    listen: Callable[[Fields], Coroutine[Any, Any, None]],
    connect: Callable[[Fields], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Carry out what comes on the standard input until it ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with asyncio.TaskGroup() as running:
        links = set()
        while line := await lines.readline():
            order = parse(line.decode())
            if order["do"] == "listen":
                await listen(order)
            elif connect is not None:
                links.add(running.create_task(connect(order)))
        for link in links:
            link.cancel()
