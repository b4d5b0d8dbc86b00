"""A strike at one place: it waits for its moment, works, and is over."""

from __future__ import annotations

import enum
import random
import re
from typing import TYPE_CHECKING, Protocol

from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from longwire.chaos.fault import Parcel
    from longwire.chaos.frames import Frame
    from longwire.chaos.journal import Journal
    from longwire.chaos.lane import Lane
    from longwire.chaos.strike import Strike


class Place(Protocol):
    """What a strike needs of the place that it is armed at."""

    journal: Journal

    @property
    def number(self) -> int | None:
        """Of the connection; None for the proxy itself."""

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call something later, unless the place is gone by then."""


class _Stage(enum.Enum):
    WAITING = enum.auto()
    WORKING = enum.auto()
    OVER = enum.auto()


class Armed:
    """One copy of a fault at the place where it is to strike.

    Args:
        strike: When, and how long.
        fault: The copy, which knows its place already.
        place: A connection, or the proxy.
    """

    def __init__(self, strike: Strike, fault: Fault, place: Place) -> None:
        self.strike = strike
        self.fault = fault
        self.touched = 0
        """Frames that it did not leave as they were."""
        self._place = place
        self._stage = _Stage.WAITING
        self._counting = False
        self._bytes = self._frames = self._messages = 0
        self._matching = None if strike.matching is None else re.compile(strike.matching)
        self._only = None if strike.only is None else re.compile(strike.only)
        self._draws = [random.Random(fault.chance.random()) for _ in range(2)]  # noqa: S311 - to be repeated
        """For control frames, and for data: when pongs come may not decide which message is hit."""
        self._triggered = strike.after is None
        self._works_on_frames = fault.works_on_frames()
        self._sees_each = type(fault).frame is not Fault.frame
        """It looks at frames one by one, so it can neither begin nor end within one."""
        self._inside: set[Lane] = set()
        """Where it has begun to treat a message in fragments that has not ended."""
        self._ending = False

    @property
    def works(self) -> bool:
        """Whether it is at work."""
        return self._stage is _Stage.WORKING

    @property
    def over(self) -> bool:
        """Whether it will do nothing any more."""
        return self._stage is _Stage.OVER

    @property
    def sees_frames(self) -> bool:
        """Whether it has to look at frames: to change them, to count them, or to read them."""
        strike = self.strike
        counts = any(
            one is not None and (one.frames is not None or one.messages is not None)
            for one in (strike.after, strike.lasting)
        )
        return counts or self._matching is not None or self._sees_each

    @property
    def counts_bytes(self) -> bool:
        """Whether something is to happen at a certain byte."""
        limits = (self.strike.after, self.strike.lasting)
        return any(one is not None and one.bytes is not None for one in limits)

    # -- its moment ---------------------------------------------------------------------------

    def arm(self) -> None:
        """It is in its place."""
        if self._triggered and self._matching is None:
            self._begin()

    def start_counting(self) -> None:
        """The connection is open, and what passes counts from now on."""
        self._counting = True
        after = self.strike.after
        if after is None:
            return
        if after.is_nothing:
            self._enough_passed()
        elif after.seconds is not None:
            self._place.later(after.seconds, self._enough_passed)

    def _enough_passed(self) -> None:
        if self._stage is _Stage.WAITING and not self._triggered:
            self._triggered = True
            if self._matching is None:
                self._begin()

    def _begin(self) -> None:
        if not self._place_is_hit():
            self._stage = _Stage.OVER
            return
        self._stage = _Stage.WORKING
        self._bytes = self._frames = self._messages = 0
        self._tell("strikes")
        lasting = self.strike.lasting
        if lasting is not None and lasting.seconds is not None:
            self._place.later(lasting.seconds, self.end)
        self.fault.begins()

    def _place_is_hit(self) -> bool:
        # A fault that works on frames draws for each, and the proxy for each connection.
        if self._works_on_frames or self.fault.scope == "proxy":
            return True
        return self.fault.chance.random() < self.strike.chance

    def end(self) -> None:
        """Let it work no longer, and never again; a message that it has begun, it ends first."""
        if self.works and self._inside:
            self._ending = True
        else:
            self._end_now()

    def _end_now(self) -> None:
        if self._stage is _Stage.WORKING:
            self._stage = _Stage.OVER
            self.fault.ends()
            self._tell("ends", frames=self.touched or None)
        self._stage = _Stage.OVER

    # -- what passes --------------------------------------------------------------------------

    def frame(self, frame: Frame, lane: Lane) -> Iterator[Frame]:
        """What goes on in place of a frame."""
        sets_off = self._counting and lane is self.fault.lane
        if sets_off and self._matching is not None and self._stage is _Stage.WAITING:
            self._look_for_beginning(frame, lane)
        if self._treats(frame, lane):
            yield from self._changed(frame, lane)
        else:
            yield frame
        self.passed(frame, lane, len(frame.raw))

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """Whether a frame goes on of which only the beginning is known; `passed` tells its end."""
        if not self._treats(frame, lane, read=False):
            return True
        goes_on = self.fault.large(frame, size, lane)
        if not goes_on:
            self._touch(lane, 0)
        elif self.fault.changes_messages:
            self._tell("spares", direction=lane.direction, frame=lane.frames, size=size)
        return goes_on

    def passed(self, frame: Frame, lane: Lane, size: int) -> None:
        """A frame of so many bytes is through, or lost: count it."""
        if frame.ends_message:
            self._inside.discard(lane)
            if self._ending and not self._inside:
                self._end_now()
        if self._counting and lane is self.fault.lane:
            self._frames += 1
            self._messages += frame.ends_message
            if self._sees_each:
                self._bytes += size
            self._count()

    def _treats(self, frame: Frame, lane: Lane, *, read: bool = True) -> bool:
        """Whether the fault decides about a frame.

        Whoever works frame by frame decides about all the fragments of a message, or about none:
        it must not break rules that it is not there to break.
        """
        if not self._works_on_frames:
            return self.works
        if frame.opcode == CONT:
            return lane in self._inside
        treats = self.works and not self._ending and self._chooses(frame, lane, read=read)
        if treats and frame.is_data and not frame.fin:
            self._inside.add(lane)
        return treats

    def _look_for_beginning(self, frame: Frame, lane: Lane) -> None:
        text = lane.text_of(frame) if self._triggered else None
        if text is not None and self._matching is not None and self._matching.search(text):
            self._begin()

    def _chooses(self, frame: Frame, lane: Lane, *, read: bool) -> bool:
        if self.fault.takes_all():
            return True
        if self._only is not None and frame.is_data:
            # How much of a long one there is by now, is up to the network: it is not looked at.
            text = lane.text_of(frame) if read else None
            if text is None or self._only.search(text) is None:
                return False
        chance = self.strike.chance
        return chance == 1 or self._draws[frame.is_data].random() < chance

    def _changed(self, frame: Frame, lane: Lane) -> Iterator[Frame]:
        same = False
        count = 0
        for one in self.fault.frame(frame, lane):
            same = one is frame
            count += 1
            yield one
        if not (same and count == 1):
            self._touch(lane, count)

    def _touch(self, lane: Lane, count: int) -> None:
        self.touched += 1
        self._tell("changes", direction=lane.direction, frame=lane.frames, into=count)

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """What goes on in place of bytes."""
        if self._counting and lane is self.fault.lane and not self._sees_each:
            return self._counted(parcel, lane)
        return self.fault.parcel(parcel, lane) if self.works else (parcel,)

    def _counted(self, parcel: Parcel, lane: Lane) -> Iterator[Parcel]:
        """The same where bytes count: exact to the byte, so a parcel may have to be cut."""
        left = self._bytes_left()
        if left is not None and len(parcel.data) > left:
            first = parcel._replace(data=parcel.data[:left])
            parcel = parcel._replace(data=parcel.data[left:])
            if first.data:
                yield from self.fault.parcel(first, lane) if self.works else (first,)
            self._bytes += left
            self._count()
        self._bytes += len(parcel.data)
        yield from self.fault.parcel(parcel, lane) if self.works else (parcel,)
        self._count()

    def _bytes_left(self) -> int | None:
        """Bytes until something must happen."""
        limit = self.strike.after if self._stage is _Stage.WAITING else self.strike.lasting
        if limit is None or limit.bytes is None or self.over:
            return None
        return max(0, limit.bytes - self._bytes)

    def _count(self) -> None:
        """Begin or end, if enough has passed."""
        if self._stage is _Stage.WAITING:
            if not self._triggered and self._passed(self.strike.after):
                self._enough_passed()
        elif self.works and self._passed(self.strike.lasting):
            self.end()

    def _passed(self, amount: object) -> bool:
        if amount is None:
            return False
        counts = {"bytes": self._bytes, "frames": self._frames, "messages": self._messages}
        return any(
            wanted is not None and counts[unit] >= wanted
            for unit in counts
            if (wanted := getattr(amount, unit)) is not None
        )

    def _tell(self, action: str, **fields: object) -> None:
        direction = self.fault.lane.direction if self.fault.scope == "lane" else None
        told = {"fault": self.strike.name, "crossing": self._place.number, "direction": direction}
        self._place.journal.tell(action, **(told | fields))
