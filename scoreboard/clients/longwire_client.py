"""longwire: one client, all of its events.

Its documentation: docs/first-steps.md and docs/liveness.md of this repository.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING

import longwire
from scoreboard.clients.telling import EVERY, SILENCE, STABLE, arguments, block, take, tell

if TYPE_CHECKING:
    import argparse

    from longwire import Interruption


class Causes:
    """Tells each cause once for each interruption, and each alert once."""

    def __init__(self) -> None:
        self._told: set[tuple[float, str]] = set()
        self._alerts = 0

    def interruption(self, interruption: Interruption) -> None:
        """Tell what it is, and what keeps the client from coming back."""
        self._tell(interruption.started, interruption.cause.id)
        if interruption.obstacle is not None:
            self._tell(interruption.started, interruption.obstacle.cause.id)

    def _tell(self, started: float, cause: str) -> None:
        if (started, cause) not in self._told:
            self._told.add((started, cause))
            tell("cause", id=cause)

    def alerts(self, client: longwire.Client) -> None:
        """Tell what has been warned of since the last call."""
        alerts = client.alerts
        for alert in alerts[self._alerts :]:
            tell("alert", id=alert.cause)
        self._alerts = len(alerts)


async def receive(given: argparse.Namespace) -> None:
    """Receive until the program is told to end."""
    causes = Causes()
    client = longwire.connect(
        given.url,
        subscribe=None if given.subscribe is None else [given.subscribe],
        heartbeat=longwire.Heartbeat(every=EVERY, within=given.within, silence=SILENCE),
        retry=longwire.Retry(stable_after=STABLE),
        sequence=longwire.Sequence("seq"),
        isolate=not given.inline,
        on_interruption=causes.interruption,
    )
    async with client:
        tell("up")
        async for event in client.events():
            match event:
                case longwire.Message(data=data):
                    work = take(data)
                    block(work)
                    if work.wait:
                        await asyncio.sleep(work.wait)
                case longwire.Interrupted():
                    tell("down")
                case longwire.Recovered():
                    tell("up")
                case longwire.Gap(first=first, last=last, count=count):
                    tell("gap", first=first, last=last, count=count)
            causes.alerts(client)


def tell_what_is_left() -> None:
    """Tell the tasks that outlive the client, on any loop of any thread; there should be none.

    Its threads are counted from outside. They serve a whole process and end a little later.
    """
    for one in gc.get_objects():
        if isinstance(one, asyncio.Task) and not one.done() and one is not asyncio.current_task():
            tell("left", what=f"task {one.get_name()}")


async def main() -> None:
    """Receive until SIGTERM, then close the client in good order."""
    receiving = asyncio.ensure_future(receive(arguments()))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, receiving.cancel)
    await asyncio.wait([receiving])
    tell_what_is_left()
    if not receiving.cancelled():
        receiving.result()


if __name__ == "__main__":
    asyncio.run(main())
