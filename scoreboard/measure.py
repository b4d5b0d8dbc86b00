"""What a play comes to: what was lost, how soon it was noticed, what was named. Pure."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from scoreboard.cell import Cell
    from scoreboard.happenings import Play

DEAF: Final = 0.25
"""Seconds without a message, while there were some to be had, that count as deafness: ten times
what a busy machine may take for a breath, and less than any heartbeat."""

AROUND: Final = 0.1
"""Seconds by which a word may miss the place of a loss: some libraries tell of the end while
messages still wait in a queue of theirs, others hand over one more before they tell."""

ALERT: Final = " (alert)"
"""Behind the name of what was warned of, in words for people."""

Naming = Literal["right", "wrong", "unknown", "none"]


class Deafness(NamedTuple):
    """A time in which nothing was received; seconds of the monotonic clock."""

    start: float
    end: float
    over: bool
    """It was over before the cell was."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a play comes to. Times are in seconds; see `scoreboard/README.md` for what they mean.

    Attributes:
        sent: Numbers from the first that was received to the end.
        silent, told, named: What was lost of them, and how that was told.
        unfounded: Numbers that a gap named, and that came all the same.
        twice, late: Numbers that came again, or behind a higher one.
        noticed, back: None: never, or there was nothing of the kind.
        naming: Of the cause.
        causes: What was named, in order, ``unknown`` included.
        deafness: When it was deaf, until the end of the cell. These times are counted from the
            beginning of the timeline.
        named_at: When which cause was named, likewise; alerts among them.
        span: From the first message to the end of the cell, likewise.
        attempts: Connections that the client made after the strike.
        grown: Threads and sockets that its process had at the end beyond those before the strike.
        left: What the program itself found still there when it had ended its client.
    """

    cell: str
    client: str
    round: int
    sent: int
    silent: int
    told: int
    named: int
    twice: int
    late: int
    noticed: float | None
    back: float | None
    naming: Naming
    causes: list[str]
    deafness: list[Deafness]
    named_at: list[tuple[float, str]]
    span: tuple[float, float]
    attempts: int
    receives: bool
    exited: int | None
    connections: int | None
    stopped: bool
    children: bool
    unfounded: int = 0
    grown: tuple[int, int] = (0, 0)
    left: list[str] = []

    @property
    def deaf(self) -> float:
        """Seconds of deafness in all."""
        return sum(one.end - one.start for one in self.deafness)

    @property
    def said(self) -> list[str]:
        """The causes that were named and what was warned of, each once."""
        names = dict.fromkeys(name for _, name in self.named_at)
        return [one for one in names if one in self.causes or one.removesuffix(ALERT) not in names]

    @property
    def clean(self) -> bool:
        """Whether nothing was left behind: no second connection, thread, socket, task, process."""
        more = (self.connections or 0) > 1 or max(self.grown) > 0 or self.children or self.left
        return self.stopped and not more


def measure(cell: Cell, play: Play) -> Result:
    """Measure a play."""
    numbers = [one.seq for one in play.happenings if one.seq is not None]
    losses = _losses(play)
    causes = [one.id for one in play.happenings if one.event == "cause" and one.id is not None]
    alerts = [one.id for one in play.happenings if one.event == "alert" and one.id is not None]
    gaps = any(one.event == "gap" for one in play.happenings)
    accepted = [one["t"] for one in play.journal if one["action"] == "accepts"]
    return Result(
        cell=play.cell,
        client=play.client,
        round=play.round,
        sent=play.mark - numbers[0] if numbers else 0,
        silent=losses.count("silent"),
        told=losses.count("told"),
        named=losses.count("named"),
        twice=len(numbers) - len(set(numbers)),
        late=_late(numbers),
        noticed=_noticed(play),
        back=_back(cell, play),
        naming=_naming(cell, causes, alerts, gaps=gaps),
        causes=causes,
        deafness=[
            Deafness(one.start - play.began, min(one.end, play.ended) - play.began, one.over)
            for one in deafness(play)
            if one.start < play.ended
        ],
        named_at=[
            (one.t - play.began, one.id if one.event == "cause" else f"{one.id}{ALERT}")
            for one in play.happenings
            if one.event in {"cause", "alert"} and one.id is not None
        ],
        span=(
            min((one.t for one in play.happenings), default=play.began) - play.began,
            play.ended - play.began,
        ),
        attempts=sum(moment >= play.struck for moment in accepted),
        receives=play.receives,
        exited=play.exited,
        connections=play.connections,
        stopped=play.stopped,
        children=play.children,
        unfounded=_unfounded(play, set(numbers)),
        grown=_grown(play),
        left=[one.what or "" for one in play.happenings if one.event == "left"],
    )


def _gaps(play: Play) -> list[tuple[int, int]]:
    return [
        (one.first, one.last)
        for one in play.happenings
        if one.first is not None and one.last is not None
    ]


def _unfounded(play: Play, received: set[int]) -> int:
    """Whoever calls everything lost would lose nothing without a word; here it is counted."""
    gaps = _gaps(play)
    return sum(any(low <= number <= high for low, high in gaps) for number in received)


def _grown(play: Play) -> tuple[int, int]:
    if play.before is None or play.after is None:
        return (0, 0)
    return (
        max(0, play.after.threads - play.before.threads),
        max(0, play.after.sockets - play.before.sockets),
    )


def _losses(play: Play) -> list[str]:
    """For each number that was lost, how that was told."""
    moments: dict[int, float] = {}
    for one in play.happenings:
        if one.seq is not None:
            moments.setdefault(one.seq, one.t)
    if not moments:
        return []
    received = sorted(moments)
    words = [one.t for one in play.happenings if _is_word(one.event)]
    gaps = _gaps(play)
    first = next(one.seq for one in play.happenings if one.seq is not None)
    losses = []
    for number in range(first, play.mark):
        if number in moments:
            continue
        if any(low <= number <= high for low, high in gaps):
            losses.append("named")
            continue
        position = bisect.bisect(received, number)
        before = moments[received[position - 1]] if position else play.struck
        at_end = position == len(received)
        behind = math.inf if at_end else moments[received[position]]
        told = any(before - AROUND <= word <= behind + AROUND for word in words)
        losses.append("told" if told or (at_end and play.exited is not None) else "silent")
    return losses


def _is_word(event: str) -> bool:
    """Whether a program that is told so can know that something may be missing.

    A new connection is such a word, too: some libraries say no more than that.
    """
    return event in {"down", "error", "gap", "up"}


def _late(numbers: list[int]) -> int:
    highest, late, seen = -1, 0, set()
    for number in numbers:
        late += number < highest and number not in seen
        seen.add(number)
        highest = max(highest, number)
    return late


def _noticed(play: Play) -> float | None:
    moments = (one.t for one in play.happenings if _is_word(one.event) and one.t >= play.struck)
    moment = next(moments, None)
    return None if moment is None else moment - play.struck


def _back(cell: Cell, play: Play) -> float | None:
    """Until the first message behind the end that was told, or behind a deafness."""
    reachable = play.struck + cell.reachable
    down = False
    for one in play.happenings:
        down = down or (one.event in {"down", "up"} and one.t >= play.struck)
        if down and one.event == "message" and one.t >= reachable:
            return one.t - reachable
    if down:
        return None
    ends = [one.end for one in deafness(play) if one.over and one.end >= reachable]
    return ends[0] - reachable if ends else None


def deafness(play: Play) -> list[Deafness]:
    """When the program received nothing although there was something to receive; in order."""
    messages = [one for one in play.happenings if one.seq is not None]
    ends = [*(one.t for one in messages[1:]), play.ended]
    found = []
    for message, end in zip(messages, ends, strict=True):
        # Of a quiet feed there is nothing to hear, and a busy handler is not deaf.
        coming = bisect.bisect(play.sent_at, message.t)
        heard_from = play.sent_at[coming] if coming < len(play.sent_at) else end
        busy = play.orders.get(message.seq or 0, 0.0)
        begin = max(message.t + busy, heard_from)
        if end - begin > DEAF:
            found.append(Deafness(begin, end, over=end < play.ended or play.receives))
    return found


def _naming(cell: Cell, causes: list[str], alerts: list[str], *, gaps: bool) -> Naming:
    ids = set(causes) - {"unknown"}
    if ids - cell.names:
        return "wrong"
    # A gap is what names this one.
    if gaps and cell.cause == "sequence-gap":
        ids.add(cell.cause)
    # An alert names what was survived. Where something was to be explained it is no explanation.
    if ids or (cell.kind == "harmless" and cell.names.intersection(alerts)):
        return "right"
    return "unknown" if causes else "none"
