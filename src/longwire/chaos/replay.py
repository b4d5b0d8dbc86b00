"""A server that does again what a recorded one did."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Self

from longwire.chaos.journal import Journal
from longwire.chaos.opening import answer
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
    from collections.abc import Callable
    from types import TracebackType

    from longwire.chaos.journal import Record
    from longwire.chaos.script import Script


class Replay:
    """Serves a recording: to the first connection the first recorded crossing, and so on.

    ::

        async with longwire.chaos.Replay("session.jsonl.gz") as replay:
            async with longwire.connect(replay.url) as client:
                ...

    Each connection gets the server's frames with their timing, counted from its opening; its pings
    are answered as long as the recorded ones were; and it ends as the recorded one ended: with a
    close frame, with FIN or with RST. Where the client was the first to leave, the replay waits for
    that. When nothing is left, an opening is answered with 503.

    Args:
        path: Of the recording.
        speed: How many times as fast as recorded; ``math.inf``: without any wait.
        crossing: The number of the one crossing to play; None: all.
        loop: Begin again with the first when all have been played.
        host, port: Where to listen; port 0: any free one.
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
        loop: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        sink: Callable[[Record], object] | None = None,
    ) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed!r}")
        self._path = path
        self._speed = speed
        self._crossing = crossing
        self._loop = loop
        self.host = host
        self.port = port
        self.journal: Journal
        self.scripts: list[Script] = []
        self.damage: str | None = None
        self._sink = sink
        self._accepted = self._over = 0
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
        return f"ws://{host_port(self.host, self.port)}/"

    async def finished(self) -> None:
        """Wait until every crossing has been played, and its connection is over."""
        await self._done.wait()

    def _accept(self, connection: socket.socket, address: object) -> None:
        connection.setblocking(False)
        number = self._accepted
        self._accepted += 1
        script: Script | None = None
        if self._loop or number < len(self.scripts):
            script = self.scripts[number % len(self.scripts)]
        task = self._group.create_task(self._attend(number + 1, connection, script))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, number: int, connection: socket.socket, script: Script | None) -> None:
        self.journal.tell("accepts", connection=number)
        if script is None:
            await _refuse(connection)
            how = "refused: nothing is left to play"
        else:
            self.journal.tell("plays", connection=number, crossing=script.crossing)
            how = await Player(self._recording, script, self._speed).play(connection)
        self.journal.tell("over", connection=number, how=how)
        self._over += script is not None
        if not self._loop and self._over >= len(self.scripts):
            self._done.set()


async def _refuse(connection: socket.socket) -> None:
    """Say that there is nothing more."""
    side = await accepted(connection, None)
    try:
        await side.write(answer(503, body="nothing is left to play\n"))
        side.finish()
        await side.reader.read()
    except OSError:
        # It is gone already.
        pass
    finally:
        side.close()


def parse_speed(text: str) -> float:
    """A speed as people write it: ``2.0``, or ``max`` for no wait at all.

    Raises:
        ValueError: it is none, or not above 0.
    """
    speed = math.inf if text == "max" else float(text)
    if not speed > 0:
        raise ValueError(f"{text!r} is not above 0")
    return speed
