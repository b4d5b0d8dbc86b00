"""What a program wrote down, and what was done to it: the raw material of a measurement."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Event = Literal["message", "down", "up", "error", "cause", "alert", "gap", "left"]


class Happening(msgspec.Struct, frozen=True):
    """A line of a program. ``t`` is in seconds of the monotonic clock; other fields as they fit."""

    t: float
    event: Event
    seq: int | None = None
    id: str | None = None
    what: str | None = None
    first: int | None = None
    last: int | None = None
    count: int | None = None


class Holdings(msgspec.Struct, frozen=True):
    """What a process holds, seen from outside."""

    threads: int
    sockets: int


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """One cell, played with one client. Times are in seconds of the monotonic clock.

    Attributes:
        cell, client, round: Which.
        happenings: What the program wrote, in order.
        sent_at: When each number was sent.
        orders: For how many seconds the handlers of some numbers were kept busy.
        began: When the timeline of the cell began.
        struck: When the strike came whose consequences are timed.
        mark: The number that came next when the cell ended.
        ended: When it ended.
        journal: What the proxy did.
        receives: The program was handed a message behind ``mark``.
        exited: The exit code of a program that ended by itself; None: it did not.
        connections: How many the program had open at the end; None: nobody knows.
        before, after: What its process held before the timeline and at the end; None: likewise.
        stopped: It ended in good order when it was asked to.
        children: Processes of its group were left behind.
    """

    cell: str
    client: str
    round: int
    happenings: list[Happening]
    sent_at: list[float]
    orders: dict[int, float]
    began: float
    struck: float
    mark: int
    ended: float
    journal: list[dict[str, Any]]
    receives: bool
    exited: int | None
    connections: int | None
    before: Holdings | None = None
    after: Holdings | None = None
    stopped: bool
    children: bool
