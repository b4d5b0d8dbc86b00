"""Signals as calls in the loop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from longwire.cli.chaos.signals import on_signals
from longwire.testing import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


async def test_a_signal_is_a_call_inside() -> None:
    """And what it was before behind it."""
    before = signal.getsignal(signal.SIGUSR1)
    came = asyncio.Event()
    with on_signals(came.set, signal.SIGUSR1, signal.SIGUSR2):
        os.kill(os.getpid(), signal.SIGUSR1)
        async with asyncio.timeout(PATIENCE):
            await came.wait()
    assert signal.getsignal(signal.SIGUSR1) == before


async def test_what_is_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under nohup, at whose end the terminal's hang-up must not be one of ours."""
    came: list[int] = []
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        with on_signals(lambda: came.append(1), signal.SIGUSR1, signal.SIGUSR2):
            assert signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGUSR2) != signal.SIG_DFL
        assert signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert came == []


async def test_another_thread_has_none() -> None:
    """There it does nothing."""

    async def inside() -> None:
        with on_signals(lambda: None, signal.SIGUSR1):
            pass

    await asyncio.to_thread(lambda: asyncio.run(inside()))
