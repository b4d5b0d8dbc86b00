"""Alerts as they come. A client keeps them for who asks; this asks when there is a reason to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from longwire.observe import logbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.client.client import Client
    from longwire.observe.alerts import Alert


class AlertWatch(logging.Handler):
    """Tells each alert once, soon after it was raised, on the loop that `run` runs on.

    The client logs every alert, which is the sign to look.
    """

    def __init__(self, client: Client, tell: Callable[[Alert], None]) -> None:
        super().__init__(logging.WARNING)
        self._client = client
        self._tell = tell
        self._last: Alert | None = None
        self._sign = asyncio.Event()

    async def run(self) -> None:
        """Watch until it is cancelled. Raises what telling raises, such as a closed pipe."""
        self._loop = asyncio.get_running_loop()
        logger = logging.getLogger(logbook.CLIENT)
        logger.addHandler(self)
        try:
            while True:
                self._look()
                await self._sign.wait()
                self._sign.clear()
        except asyncio.CancelledError:
            self._look()
            raise
        finally:
            logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Something was logged, in whichever thread."""
        with contextlib.suppress(RuntimeError):
            # Its loop may be closed by now.
            self._loop.call_soon_threadsafe(self._sign.set)

    def _look(self) -> None:
        alerts = self._client.alerts
        known = alerts.index(self._last) + 1 if self._last in alerts else 0
        for alert in alerts[known:]:
            self._last = alert
            self._tell(alert)
