"""Alerts are told once each, soon after they were raised, from whichever thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest

from longwire.cli.alertwatch import AlertWatch
from longwire.observe.alerts import Alert
from longwire.testing import Changes

LOGGER = logging.getLogger("longwire.client")


class FakeClient:
    """Keeps alerts as a client does, and logs each."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def alert(self, text: str) -> None:
        self.alerts.append(
            Alert(kind="quiet-feed", at=float(len(self.alerts)), text=text, cause="zombie-stream")
        )
        LOGGER.warning("%s", text)


async def test_each_alert_is_told_once_and_in_order() -> None:
    """Those there before, those of the last moment; the same text twice is two alerts."""
    client: Any = FakeClient()
    told: list[str] = []
    changes = Changes()

    def tell(alert: Alert) -> None:
        told.append(alert.text)
        changes.notify()

    client.alert("before")
    watching = asyncio.create_task(AlertWatch(client, tell).run())
    await changes.until(lambda: len(told) == 1, what="the first alert")
    client.alert("one")
    await changes.until(lambda: len(told) == 2, what="two alerts")
    thread = threading.Thread(target=client.alert, args=("one",))
    thread.start()
    await changes.until(lambda: len(told) == 3, what="the third")
    thread.join()
    client.alert("last")
    await end(watching)
    assert told == ["before", "one", "one", "last"]


async def test_it_stays_quiet_afterwards() -> None:
    """When it is over, nothing is told any more, and nothing is left on the logger."""
    client: Any = FakeClient()
    told: list[Alert] = []
    before = list(LOGGER.handlers)
    watching = asyncio.create_task(AlertWatch(client, told.append).run())
    await asyncio.sleep(0)
    assert LOGGER.handlers != before
    await end(watching)
    assert LOGGER.handlers == before
    client.alert("too late")
    await asyncio.sleep(0)
    assert told == []


async def test_an_alert_that_cannot_be_told_is_a_failure() -> None:
    """Such as a reader that is gone: whoever runs it learns of it."""
    client: Any = FakeClient()

    def tell(alert: Alert) -> None:
        raise BrokenPipeError

    client.alert("one")
    with pytest.raises(BrokenPipeError):
        await AlertWatch(client, tell).run()


async def end(task: asyncio.Task[None]) -> None:
    """Cancel and await it."""
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
