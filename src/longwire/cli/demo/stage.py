"""Where the breaks are played: the client, the far end, and what is known of both."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.cli.demo.breaks import BREAKS
from longwire.cli.demo.far_end import FarEnd
from longwire.cli.demo.feed import number_of
from longwire.cli.demo.report import Report, Row, keep
from longwire.cli.demo.tally import Tally
from longwire.client.settings import connect
from longwire.core.causes import cause
from longwire.core.liveness import Heartbeat
from longwire.core.retry import Retry
from longwire.core.sequence import Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.cli.demo.breaks import Break
    from longwire.cli.demo.pace import Pace
    from longwire.cli.demo.show import Show
    from longwire.client.client import Client
    from longwire.client.events import Event
    from longwire.core.causes import Interruption
    from longwire.observe.alerts import Alert


async def play(pace: Pace, show: Show) -> Report:
    """Play all breaks. Leaves nothing behind, whichever way it ends.

    Args:
        pace: How fast.
        show: What is shown of it.

    Raises:
        LongwireError: the far end did not start, or is gone.
    """
    report = Report([Row(each.name, each.happens(pace)) for each in BREAKS])
    async with FarEnd(
        rate=pace.rate, ping_every=pace.ping_every, ping_within=pace.ping_within
    ) as far:
        client = _client(far.url, pace)
        async with client:
            show.begin(client, report)
            await Stage(client, far, pace, report, show).play()
    return report


def _client(url: str, pace: Pace) -> Client:
    return connect(
        url,
        subscribe=["numbers, please"],
        sequence=Sequence(number_of),
        heartbeat=Heartbeat(
            every=pace.heartbeat_every, within=pace.heartbeat_within, silence=pace.silence
        ),
        # Each link lives for seconds here, not for hours, and is a good one all the same.
        retry=Retry(first=0.1, cap=0.5, stable_after=1.0),
        # All of it happens here, whatever the environment says of ways to elsewhere.
        proxy=None,
    )


class Stage:
    """What a break is played with; see `play` for the arguments."""

    def __init__(self, client: Client, far: FarEnd, pace: Pace, report: Report, show: Show) -> None:
        self.far = far
        self.pace = pace
        self._client = client
        self._report = report
        self._show = show
        self._tally = Tally(self._told)
        self._row: Row | None = None
        self._recovered_before = 0
        self._alert_before: Alert | None = None

    async def play(self) -> None:
        """All breaks, one after the other, and the sum."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        reader = loop.create_task(self._tally.read(self._client), name="demo reader")
        try:
            await self._calm()
            for each, row in zip(BREAKS, self._report.rows, strict=True):
                await self._play(each, row)
            await self._add_up()
        except TimeoutError as error:
            self._report.problems.append(str(error))
        finally:
            self._report.seconds = loop.time() - began
            await self._client.close()
            await asyncio.wait([reader])

    async def _play(self, each: Break, row: Row) -> None:
        lost = self._tally.lost
        self._recovered_before = len(self._tally.recovered)
        self._alert_before = self._last_alert()
        self._row = row
        row.outcome = "running"
        self._show.begins(row)
        try:
            row.note = await each.deed(self)
            await self._calm()
        except TimeoutError as error:
            row.outcome, row.note = "failed", str(error)
        row.lost = self._tally.lost - lost
        if row.outcome != "failed":
            self._judge(each, row)
        self._row = None
        self._show.ends(row)

    def _judge(self, each: Break, row: Row) -> None:
        if each.survived:
            expected = cause(each.cause)
            row.cause, row.title, row.blame = expected.id, expected.title, expected.blame
            row.reasons = tuple(alert.text for alert in self._alerts(each.cause))
            row.outcome = "failed" if row.interruptions else "survived"
        else:
            row.outcome = "recovered"

    async def _add_up(self) -> None:
        """Wait for the last number, and compare with what the feed says."""
        numbered = (await self.far.do("finish"))["numbered"]
        try:
            await self._until(lambda: self._tally.last >= numbered, "the last number")
        finally:
            self._count()
            self._report.numbered = numbered

    async def _calm(self) -> None:
        """Let messages come for a while."""
        enough = self._tally.received + max(1, round(self.pace.calm * self.pace.rate))
        await self._until(lambda: self._tally.received >= enough, "messages that go on")

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        await self._tally.until(condition, what=what, within=self.pace.patience)

    # -- for the breaks ------------------------------------------------------------------------

    async def recovered(self, cause_id: str) -> None:
        """Wait until the client has recovered from an interruption of this cause."""

        def those() -> list[Interruption]:
            recovered = self._tally.recovered[self._recovered_before :]
            return [one for one in recovered if one.cause.id == cause_id]

        await self._until(lambda: bool(those()), f"a recovery from {cause_id}")
        if self._row is not None:
            self._row.decide(those()[0])

    async def alerted(self, cause_id: str, *, since: float) -> None:
        """Wait until the client has warned of this cause.

        Args:
            cause_id: The cause that it must have named.
            since: When it began; seconds of the monotonic clock.
        """
        await self._until(lambda: bool(self._alerts(cause_id)), f"a warning of {cause_id}")
        if self._row is not None:
            self._row.noticed_after = self._alerts(cause_id)[0].at - since

    # -- what the client tells -----------------------------------------------------------------

    def _alerts(self, cause_id: str) -> list[Alert]:
        alerts = self._client.alerts
        if self._alert_before in alerts:
            alerts = alerts[alerts.index(self._alert_before) + 1 :]
        return [alert for alert in alerts if alert.cause == cause_id]

    def _last_alert(self) -> Alert | None:
        alerts = self._client.alerts
        return alerts[-1] if alerts else None

    def _told(self, event: Event) -> None:
        self._count()
        interruption = getattr(event, "interruption", None)
        if interruption is not None and self._row is not None:
            self._row.take(interruption)
        elif interruption is not None:
            keep(self._report.strays, interruption)
        self._show.told(event)

    def _count(self) -> None:
        self._report.received = self._tally.received
        self._report.lost = self._tally.lost
