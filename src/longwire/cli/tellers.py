"""How ``listen`` tells what happens: for a person, or one JSON object a line."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from longwire.cli.failures import json_line
from longwire.cli.printable import printable
from longwire.cli.units import counted, milliseconds, span, unix_milliseconds

if TYPE_CHECKING:
    from longwire.core.causes import Interruption
    from longwire.core.sequence import Gap
    from longwire.link.base import Data
    from longwire.observe.alerts import Alert
    from longwire.observe.stats import Stats


class Teller(Protocol):
    """Something that is told everything, in order."""

    def message(self, data: Data) -> None:
        """A message came."""

    def live(self, seconds: float) -> None:
        """Messages can arrive, for the first time; so long it took."""

    def interrupted(self, one: Interruption) -> None:
        """From here on nothing could arrive."""

    def recovered(self, one: Interruption) -> None:
        """From here on messages arrive again."""

    def gap(self, gap: Gap) -> None:
        """A loss that is known."""

    def alert(self, alert: Alert) -> None:
        """A warning."""

    def stats(self, stats: Stats, rate: float) -> None:
        """All numbers of this moment; ``rate`` in messages a second."""

    def end(self, summary: dict[str, Any], text: str) -> None:
        """All is over."""


class TextTeller:
    """Messages on one stream, everything else on another.

    Args:
        out: For messages; None: they are not shown.
        notes: For the rest; None: it is shown elsewhere.
    """

    def __init__(self, out: TextIO | None, notes: TextIO | None, summary: TextIO) -> None:
        self._out = out
        self._notes = notes
        self._summary = summary

    def message(self, data: Data) -> None:
        """One line, whatever is in it."""
        if self._out is not None:
            print(printable(data), file=self._out, flush=True)

    def live(self, seconds: float) -> None:
        """See `Teller`."""
        self._note(f"live after {span(seconds)}")

    def interrupted(self, one: Interruption) -> None:
        """See `Teller`."""
        noticed = span(one.noticed - one.started)
        self._note(f"interrupted: {_cause(one)}, noticed after {noticed}: {one.reasons[0]}")

    def recovered(self, one: Interruption) -> None:
        """See `Teller`."""
        back = None if one.ended is None else one.ended - one.noticed
        attempts = f", {counted(one.attempts, 'attempt')}" if one.attempts > 1 else ""
        self._note(f"recovered after {span(back)}{attempts}: {_cause(one)}")

    def gap(self, gap: Gap) -> None:
        """See `Teller`."""
        stream = "" if gap.stream is None else f" of {gap.stream}"
        which = "" if gap.first is None else f": {gap.first} to {gap.last}"
        count = "an unknown number of" if gap.count is None else f"{gap.count:,}"
        self._note(f"gap: {count} messages{stream} are missing ({gap.kind}){which}")

    def alert(self, alert: Alert) -> None:
        """See `Teller`."""
        self._note(f"warning: {alert.text} [{alert.cause}]")

    def stats(self, stats: Stats, rate: float) -> None:
        """See `Teller`."""
        ages = zip(
            ("byte", "pong", "data"),
            (stats.byte_age, stats.pong_age, stats.data_age),
            strict=True,
        )
        last = ", ".join(f"{name} {span(age)}" for name, age in ages)
        dropped = f", dropped {stats.dropped:,}" if stats.dropped else ""
        self._note(
            f"{stats.state}: {rate:,.0f}/s, received {stats.received:,}{dropped}, "
            f"queued {stats.queued:,}, round trip {span(stats.rtt)}, last {last}, "
            f"loop lag {span(stats.loop_lag)}, links {stats.links}, "
            f"interruptions {stats.interruptions}"
        )

    def end(self, summary: dict[str, Any], text: str) -> None:
        """See `Teller`."""
        print(printable(text), file=self._summary, flush=True)

    def _note(self, text: str) -> None:
        if self._notes is not None:
            print(f"{time.strftime('%H:%M:%S')} {printable(text)}", file=self._notes, flush=True)


class JsonTeller:
    """One JSON object a line, its kind in ``event``; all in ASCII, so it is safe to print."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def message(self, data: Data) -> None:
        """Text as ``text``; binary as ``data_base64``."""
        if isinstance(data, str):
            self._say("message", text=data)
        else:
            self._say("message", data_base64=base64.b64encode(data).decode("ascii"))

    def live(self, seconds: float) -> None:
        """Not told: it belongs to no place among the messages."""

    def interrupted(self, one: Interruption) -> None:
        """See `Teller`."""
        self._say("interrupted", **_interruption(one))

    def recovered(self, one: Interruption) -> None:
        """See `Teller`."""
        down = one.duration
        back = None if one.ended is None else one.ended - one.noticed
        self._say(
            "recovered",
            **_interruption(one),
            recovered_after_ms=milliseconds(back),
            down_ms=milliseconds(down),
            attempts=one.attempts,
        )

    def gap(self, gap: Gap) -> None:
        """See `Teller`."""
        self._say(
            "gap",
            kind=gap.kind,
            stream=gap.stream,
            first=gap.first,
            last=gap.last,
            count=gap.count,
        )

    def alert(self, alert: Alert) -> None:
        """See `Teller`."""
        self._say(
            "alert",
            at=unix_milliseconds(alert.at),
            kind=alert.kind,
            cause=alert.cause,
            text=alert.text,
            place=alert.place,
            task=alert.task,
            lag_ms=milliseconds(alert.lag),
            stack=list(alert.stack),
        )

    def stats(self, stats: Stats, rate: float) -> None:
        """See `Teller`."""
        self._say("stats", **stats_as_json(stats, rate))

    def end(self, summary: dict[str, Any], text: str) -> None:
        """See `Teller`."""
        self._say("end", **summary)

    def _say(self, event: str, at: int | None = None, **what: Any) -> None:
        record = {"event": event, "at_ms": unix_milliseconds() if at is None else at, **what}
        print(json_line(record), file=self._out, flush=True)


def stats_as_json(stats: Stats, rate: float) -> dict[str, Any]:
    """The numbers, with the units in their names."""
    return {
        "state": stats.state,
        "rate_per_second": round(rate, 1),
        "received_total": stats.received,
        "delivered_total": stats.delivered,
        "dropped_total": stats.dropped,
        "missing_total": stats.missing,
        "queued": stats.queued,
        "queued_bytes": stats.queued_bytes,
        "sent_total": stats.sent,
        "links_total": stats.links,
        "interruptions_total": stats.interruptions,
        "rtt_ms": milliseconds(stats.rtt),
        "loop_lag_ms": milliseconds(stats.loop_lag),
        "byte_age_ms": milliseconds(stats.byte_age),
        "pong_age_ms": milliseconds(stats.pong_age),
        "data_age_ms": milliseconds(stats.data_age),
        "paused_for_ms": milliseconds(stats.paused_for),
    }


def _cause(one: Interruption) -> str:
    return f"{one.cause.title} [{one.cause.id}]"


def _interruption(one: Interruption) -> dict[str, Any]:
    return {
        "cause": one.cause.id,
        "title": one.cause.title,
        "blame": one.cause.blame,
        "reasons": list(one.reasons),
        "remedy": one.cause.remedy,
        "started_at_ms": unix_milliseconds(one.started),
        "noticed_after_ms": milliseconds(one.noticed - one.started),
    }
