"""The peers' processes, started once for all tests of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.needs import need
from tests.interop.process import PeerProcess
from tests.interop.roster import PEERS

if TYPE_CHECKING:
    from collections.abc import Iterator


class Processes:
    """The peers that run, by name. One that has ended is started again."""

    def __init__(self) -> None:
        self._running: dict[str, PeerProcess] = {}

    def of(self, name: str) -> PeerProcess:
        running = self._running.get(name)
        if running is None or running.process.poll() is not None:
            running = self._running[name] = PeerProcess(need(PEERS[name].command))
        return running

    def end(self) -> None:
        for process in self._running.values():
            process.end()


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    running = Processes()
    yield running
    running.end()
