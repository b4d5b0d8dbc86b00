"""Runs one of the programs, and keeps what it says and what it costs."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from longwire.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ROOT: Final = Path(__file__).parent.parent.parent
_REPORT: Final = re.compile(r"received (\d+) chunks, lost (\d+) bytes")


class Report(NamedTuple):
    """How far a program has come."""

    at: float
    """By the loop's clock."""
    chunks: int
    lost: int
    busy: float | None
    """Seconds that its threads have run, or have waited for a processor that others had; None where
    the system does not say."""


class Program:
    """``async with Program(command) as program:`` starts it, and ends it.

    Attributes:
        said: All that it has said but for reports, and when.
        reports: Its reports, oldest first.
    """

    def __init__(self, command: list[str]) -> None:
        self.said: list[tuple[float, str]] = []
        self.reports: list[Report] = []
        self._command = command

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.began = asyncio.get_running_loop().time()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            # Not every program that does not get on would hear a polite word.
            self._process.kill()
        # What it has still said must be read: only then is its pipe over.
        await self._process.communicate()

    async def until(self, met: Callable[[], bool]) -> None:
        """Listen to it until something is so; it is asked after each line.

        Raises:
            EOFError: the program has ended.
        """
        while not met():
            await self._line()

    async def connected(self) -> None:
        """Listen until it has: that is the first thing that each of them says.

        Raises:
            EOFError: the program has ended.
        """
        await self.until(lambda: bool(self.said))

    async def watch(self, seconds: float) -> None:
        """Listen to it for a time.

        Raises:
            EOFError: the program has ended.
        """
        try:
            async with asyncio.timeout(seconds):
                await self.until(lambda: False)
        except TimeoutError:
            return

    async def _line(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = (await self._process.stdout.readline()).decode().rstrip()
        if not line and self._process.stdout.at_eof():
            raise EOFError("\n".join(words for _, words in self.said))
        now = asyncio.get_running_loop().time()
        found = _REPORT.fullmatch(line)
        if found is None:
            self.said.append((now, printable(line)))
        else:
            busy = _busy_seconds(self._process.pid)
            self.reports.append(Report(now, int(found[1]), int(found[2]), busy))

    @property
    def chunks(self) -> int:
        """So many chunks have been received when it said so last."""
        return self.reports[-1].chunks if self.reports else 0

    @property
    def busy(self) -> float:
        """Seconds that it had been busy by then, as far as is known."""
        return (self.reports[-1].busy or 0.0) if self.reports else 0.0


def python(module: str) -> list[str]:
    """The command for a program in Python; its arguments come behind it."""
    return [sys.executable, "-m", f"examples.origin.python.{module}"]


def _busy_seconds(pid: int) -> float | None:
    """What Linux tells of each thread, in nanoseconds: how long it ran, and how long it waited."""
    try:
        told = [one.read_text() for one in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        return None
    times = [int(time) for line in told for time in line.split()[:2]]
    return sum(times) / 1e9 if times else None
