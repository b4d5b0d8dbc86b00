"""Runs one of the programs, and keeps what it says and what it costs."""

from __future__ import annotations

import asyncio
import os
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
    cpu: float | None
    """Seconds that its threads have run; None where the system does not say."""


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
            cpu = _cpu_seconds(self._process.pid)
            self.reports.append(Report(now, int(found[1]), int(found[2]), cpu))

    @property
    def chunks(self) -> int:
        """So many chunks have been received when it said so last."""
        return self.reports[-1].chunks if self.reports else 0

    @property
    def cpu(self) -> float:
        """Seconds that it had run by then, as far as is known."""
        return (self.reports[-1].cpu or 0.0) if self.reports else 0.0


def python(module: str) -> list[str]:
    """The command for a program in Python; its arguments come behind it."""
    return [sys.executable, "-m", f"examples.origin.python.{module}"]


def _cpu_seconds(pid: int) -> float | None:
    """What the kernel of Linux says; the fields are counted from behind the name, which is free."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = told.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
