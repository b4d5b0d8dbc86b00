"""A peer's process: it is given orders line by line, and tells events line by line."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from tests.interop.toolchains import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

Fields = dict[str, str]

_ids = itertools.count(1)


def new_id() -> str:
    """A name for one link, by which both ends speak of it."""
    return str(next(_ids))


class PeerProcess:
    """Started when it is made. It serves many links, one test after another."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._told: list[Fields] = []
        self._ports: dict[str, int] = {}

    def order(self, **fields: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(urlencode(fields) + "\n")
        self.process.stdin.flush()

    async def told(self, event: str, link: str = "") -> Fields:
        """Wait for an event of a link; those of other links, and others of this one, are kept."""
        while True:
            for one in self._told:
                if (one["event"], one.get("id", "")) == (event, link):
                    self._told.remove(one)
                    return one
            self._told.append(await self._next())

    async def _next(self) -> Fields:
        assert self.process.stdout is not None
        try:
            line = await asyncio.to_thread(self.process.stdout.readline)
        except asyncio.CancelledError:
            # Its thread must not wait for ever.
            self.process.terminate()
            raise
        assert line, f"the peer has ended; untold: {self._told}"
        event = dict(parse_qsl(line.strip(), keep_blank_values=True))
        assert event["event"] != "failed", event
        return event

    async def listening(self, options: Mapping[str, object]) -> int:
        """The port where it listens with these options."""
        key = urlencode(options)
        if key not in self._ports:
            self.order(do="listen", **options)
            self._ports[key] = int((await self.told("listening"))["port"])
        return self._ports[key]

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait()
        self.process.stdout.close()
