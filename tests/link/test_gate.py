"""Holding a transport back, and letting it go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.link import gate as module
from longwire.link.gate import Gate

if TYPE_CHECKING:
    import pytest


class Wire(asyncio.Transport):
    """A transport without a network, which notes what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.closing = False

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")

    def is_closing(self) -> bool:
        return self.closing


async def test_saying_it_twice() -> None:
    """Once is enough for the transport."""
    wire = Wire()
    gate = Gate(wire, asyncio.get_running_loop())
    gate.open()
    for _ in range(2):
        gate.hold()
    for _ in range(2):
        gate.open()
    assert wire.done == ["pause", "resume"]


async def test_a_transport_that_loses_what_it_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held in the next turn, not from inside of a read; and not if that is over by then."""
    monkeypatch.setattr(module, "loses_what_it_read_ahead", lambda transport: True)
    wire = Wire()
    gate = Gate(wire, asyncio.get_running_loop())
    gate.hold()
    assert wire.done == []
    await asyncio.sleep(0)
    assert wire.done == ["pause"]
    gate.open()
    gate.hold()
    gate.open()
    await asyncio.sleep(0)
    assert wire.done == ["pause", "resume", "resume"]


async def test_a_transport_that_closes() -> None:
    """It is let alone: some raise."""
    wire = Wire()
    gate = Gate(wire, asyncio.get_running_loop())
    gate.hold()
    wire.closing = True
    gate.open()
    assert wire.done == ["pause"]
