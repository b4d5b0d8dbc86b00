"""A client's program while it runs: its lines are read, and at the end it is looked after."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

import msgspec

from longwire.testing.changes import Changes
from scoreboard.happenings import Happening, Holdings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_ROOT: Final = Path(__file__).parent.parent
_OPEN: Final = frozenset({"01", "08"})
"""States in /proc/net/tcp: established, and what only the peer has ended."""


class Program:
    """Runs in a session of its own, so that nothing of it can be missed at the end.

    Use it with ``async with``: behind it no process of the program is left.

    Args:
        command: What to run.
        patience: Seconds that the program has to end when it is asked to.
        variables: Of its environment, beside ours.

    Attributes:
        happenings: What it has written so far.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        *,
        patience: float = 3.0,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.happenings: list[Happening] = []
        self._command = command
        self._patience = patience
        self._variables = variables
        self._changes = Changes()
        self._process: asyncio.subprocess.Process
        self._reading: asyncio.Task[None]
        self._highest = -1

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env=_environment() | dict(self._variables),
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(), name="reader of a program")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.children():
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        decoder = msgspec.json.Decoder(Happening)
        async for line in self._process.stdout:
            happening = decoder.decode(line)
            self.happenings.append(happening)
            if happening.seq is not None:
                self._highest = max(self._highest, happening.seq)
            self._changes.notify()

    @property
    def exited(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._process.returncode

    async def received(self, count: int, *, timeout: float) -> bool:
        """Wait until it has told so many messages; whether it did so in time."""
        return await self._until(lambda: len(self.happenings) >= count, timeout)

    async def reached(self, number: int, *, timeout: float) -> bool:
        """Wait until it has told of a number that is not lower; whether it did so in time."""
        return await self._until(lambda: self._highest >= number, timeout)

    async def _until(self, condition: object, timeout: float) -> bool:
        try:
            await self._changes.until(condition, what="a message", timeout=timeout)  # type: ignore[arg-type]
        except TimeoutError:
            return False
        return True

    async def stop(self) -> bool:
        """Ask it to end; whether it did, of the signal or in good order.

        One that has ended by itself is not asked, and nothing is held against it here.
        """
        if self._process.returncode is not None:
            return True
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._patience):
                await self._process.wait()
        except TimeoutError:
            return False
        return self._process.returncode in {0, -signal.SIGTERM}

    def children(self) -> bool:
        """Whether any process of its group is there."""
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def connections(self, port: int) -> int | None:
        """How many connections to a port it has open; None where the system does not say."""
        sockets = self._sockets()
        return None if sockets is None else sum(one in sockets for one in _inodes(port))

    def holdings(self) -> Holdings | None:
        """Its threads and sockets, those included that are no connection any more."""
        sockets = self._sockets()
        try:
            threads = len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))
        except OSError:
            return None
        return None if sockets is None else Holdings(threads, len(sockets))

    def _sockets(self) -> set[str] | None:
        """The inodes of its sockets; None where the system does not say."""
        own = Path(f"/proc/{self._process.pid}/fd")
        try:
            links = [str(each.readlink()) for each in own.iterdir()]
        except OSError:
            return None
        return {link[8:-1] for link in links if link.startswith("socket:[")}


def _environment() -> dict[str, str]:
    """Ours without proxies: everything is on this machine."""
    return {name: value for name, value in os.environ.items() if "_proxy" not in name.lower()}


def _inodes(port: int) -> list[str]:
    """The sockets of this machine that are connected to a port."""
    found = []
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        words = line.split()
        if words[3] in _OPEN and int(words[2].rpartition(":")[2], 16) == port:
            found.append(words[9])
    return found
