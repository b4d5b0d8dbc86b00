"""Alerts are told once each, soon after they were raised, from whichever thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

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
    """Those there before are told at the first sign, the same text twice is two alerts."""
    client: Any = FakeClient()
    told: list[str] = []
    changes = Changes()

    def tell(alert: Alert) -> None:
        told.append(alert.text)
        changes.notify()

    client.alert("before")
    with AlertWatch(client, tell):
        client.alert("one")
        await changes.until(lambda: len(told) == 2, what="two alerts")
        thread = threading.Thread(target=client.alert, args=("one",))
        thread.start()
        await changes.until(lambda: len(told) == 3, what="the third")
        thread.join()
        client.alert("last")
    assert told == ["before", "one", "one", "last"]


async def test_it_stays_quiet_afterwards() -> None:
    """When it is left, nothing is told any more, and nothing is left on the logger."""
    client: Any = FakeClient()
    told: list[Alert] = []
    before = list(LOGGER.handlers)
    with AlertWatch(client, told.append):
        pass
    assert LOGGER.handlers == before
    client.alert("too late")
    await asyncio.sleep(0)
    assert told == []
