"""A server that does again what a recorded one did."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final, Self

from longwire.chaos.journal import Journal
from longwire.chaos.opening import BLANK_LINE, RequestHead, answer
from longwire.chaos.player import Player
from longwire.chaos.recording import read_recording
from longwire.chaos.script import scripts_of
from longwire.chaos.side import accepted
from longwire.errors import RecordingError
from longwire.link.acceptor import Acceptor
from longwire.link.address import host_port
from longwire.link.places import TCPPlace

if TYPE_CHECKING:
    import os
    import socket
    import ssl
    from collections.abc import Callable
    from types import TracebackType

    from longwire.chaos.journal import Record
    from longwire.chaos.script import Script
    from longwire.chaos.side import Side

_PATIENCE: Final = 5.0
"""Seconds for a client to ask for its opening."""


class Replay:
    """Serves a recording: to the first opening the first recorded crossing, and so on.

    ::

        async with longwire.chaos.Replay("session.jsonl.gz") as replay:
            async with longwire.connect(replay.url) as client:
                ...

    Each connection gets the server's frames with their timing, counted from its opening; its pings
    are answered as long as the recorded ones were; and it ends as the recorded one ended: with a
    close frame, with FIN or with RST. Where the client was the first to leave, the replay waits for
    that. When nothing is left, an opening is answered with 503. Who connects and does not ask for
    an opening, as a probe of the port does, gets nothing, and takes nothing away.

    Args:
        path: Of the recording.
        speed: How many times as fast as recorded; ``math.inf``: without any wait.
        crossing: The number of the one crossing to play; None: all.
        in_step: What the server sent behind a message of the client's is sent behind one again: the
            replay waits until as many have come. What they say is not looked at.
        loop: Begin again with the first when all have been played.
        host, port: Where to listen; port 0: any free one.
        tls: Given, it is served at ``wss://``, whatever was recorded.
        sink: Called with each record of the journal.

    Raises:
        RecordingError: on entering: the file cannot be read, or there is no such crossing.
        ValueError: the speed is not above 0.

    Attributes:
        journal: What was played, and when: ``accepts``, ``plays``, ``over``.
        scripts: The crossings that are played.
        damage: What is wrong with the file's end; None: nothing.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        speed: float = 1.0,
        crossing: int | None = None,
        in_step: bool = False,
        loop: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        sink: Callable[[Record], object] | None = None,
    ) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed!r}")
        self._path = path
        self._speed = speed
        self._crossing = crossing
        self._in_step = in_step
        self._loop = loop
        self.host = host
        self.port = port
        self.tls = tls
        self.journal: Journal
        self.scripts: list[Script] = []
        self.damage: str | None = None
        self._sink = sink
        self._accepted = self._asked = self._over = 0
        self._done = asyncio.Event()
        self._acceptor: Acceptor | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        self._recording = await asyncio.to_thread(read_recording, self._path)
        scripts = await asyncio.to_thread(scripts_of, self._recording)
        self.damage = self._recording.damage
        self.scripts = [one for one in scripts if self._crossing in {None, one.crossing}]
        if not self.scripts:
            which = "" if self._crossing is None else f" {self._crossing}"
            raise RecordingError(f"the recording {self._path} has no crossing{which}")
        self.journal = Journal(self._sink)
        sockets = await TCPPlace(self.host, self.port, reuse_port=False).listen()
        self.port = sockets[0].getsockname()[1]
        self._acceptor = Acceptor(sockets, self._accept, loop=asyncio.get_running_loop())
        self._acceptor.start()
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._acceptor is not None:
            await self._acceptor.stop()
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)

    @property
    def url(self) -> str:
        """Where clients connect to."""
        scheme = "ws" if self.tls is None else "wss"
        return f"{scheme}://{host_port(self.host, self.port)}/"

    async def finished(self) -> None:
        """Wait until every crossing has been played, and its connection is over."""
        await self._done.wait()

    def _accept(self, connection: socket.socket, address: object) -> None:
        connection.setblocking(False)
        self._accepted += 1
        task = self._group.create_task(self._attend(self._accepted, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, number: int, connection: socket.socket) -> None:
        self.journal.tell("accepts", connection=number)
        try:
            side = await accepted(connection, self.tls)
        except OSError:
            connection.close()
            self.journal.tell("over", connection=number, how="no TLS came about")
            return
        script: Script | None = None
        try:
            request = await _opening_request(side)
            if request is None:
                how = "not asked for"
            elif len(request.values(b"sec-websocket-key")) != 1:
                how = await _refuse(side, 400, "this is a WebSocket server")
            elif (script := self._next_script()) is None:
                how = await _refuse(side, 503, "nothing is left to play")
            else:
                self.journal.tell("plays", connection=number, crossing=script.crossing)
                player = Player(self._recording, script, self._speed, side, in_step=self._in_step)
                how = await player.play(request)
        except OSError:
            how = "reset by the client"
        finally:
            side.close()
        self.journal.tell("over", connection=number, how=how)
        self._over += script is not None
        if not self._loop and self._over >= len(self.scripts):
            self._done.set()

    def _next_script(self) -> Script | None:
        """What an opening that was just asked for gets; None: nothing is left."""
        number = self._asked
        self._asked += 1
        if not self._loop and number >= len(self.scripts):
            return None
        return self.scripts[number % len(self.scripts)]


async def _opening_request(side: Side) -> RequestHead | None:
    """What a client asks for; None where its request never becomes whole."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return RequestHead.parse(await side.reader.readuntil(BLANK_LINE))
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None


async def _refuse(side: Side, status: int, why: str) -> str:
    """Say why nothing is played. Returns it as a word for the journal."""
    await side.write(answer(status, body=f"{why}\n"))
    side.finish()
    await side.reader.read()
    return f"refused: {why}"


def parse_speed(text: str) -> float:
    """A speed as people write it: ``2.0``, or ``max`` for no wait at all.

    Raises:
        ValueError: it is none, or not above 0.
    """
    speed = math.inf if text == "max" else float(text)
    if not speed > 0:
        raise ValueError(f"{text!r} is not above 0")
    return speed
