"""The judgement over a link's life, in a small world where anything may be late."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from longwire.core.liveness import Action, Heartbeat, Liveness

EPSILON = 1e-6


@dataclass
class World:
    """One link on a virtual clock: a peer that answers until it freezes, and a loop that is busy.

    When the loop comes back from being busy its timers run before its sockets are read, which is
    what libuv does and the worst that can happen.
    """

    heartbeat: Heartbeat
    round_trip: float
    freezes: float = math.inf
    busy: list[tuple[float, float]] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    data_every: float = math.inf
    now: float = 0.0
    silences: int = 0
    last_arrival: float = 0.0
    pings: int = 0

    def __post_init__(self) -> None:
        self.alive = Liveness(self.heartbeat, 0.0)
        self.arrivals: list[tuple[float, str]] = []
        self.turns = sorted(
            [(start, "pause") for start, _ in self.pauses]
            + [(start + length, "resume") for start, length in self.pauses]
        )
        self._peer_sends_data(0.0)

    def _peer_sends_data(self, after: float) -> None:
        sent = after + self.data_every
        if sent < self.freezes and sent < math.inf:
            heapq.heappush(self.arrivals, (sent + self.round_trip / 2, "data"))

    def _send_ping(self) -> None:
        self.pings += 1
        self.alive.pinged(self.now)
        if self.now + self.round_trip / 2 < self.freezes:
            heapq.heappush(self.arrivals, (self.now + self.round_trip, "pong"))

    def _read(self) -> None:
        while self.arrivals and self.arrivals[0][0] <= self.now and not self._paused:
            at, kind = heapq.heappop(self.arrivals)
            self.last_arrival = at
            self.alive.saw_bytes(self.now)
            if kind == "pong":
                self.alive.saw_pong(self.now)
            else:
                self.alive.saw_data(self.now)
                self._peer_sends_data(at - self.round_trip / 2)

    @property
    def _paused(self) -> bool:
        return self.alive.paused_since is not None

    def _next_event(self) -> float:
        due = [self.alive.next_due()]
        if self.arrivals and not self._paused:
            due.append(self.arrivals[0][0])
        if self.turns:
            due.append(self.turns[0][0])
        at = max(self.now, min(due))
        for start, length in sorted(self.busy):
            if start <= at < start + length:
                at = start + length
        return at

    def run(self, until: float) -> float | None:
        """Run to the verdict of death and return its time, or to the time limit."""
        while self.now < until:
            self.now = self._next_event()
            if self._judge():
                return self.now
            while self.turns and self.turns[0][0] <= self.now:
                _, turn = self.turns.pop(0)
                getattr(self.alive, "paused" if turn == "pause" else "resumed")(self.now)
            self._read()
        return None

    def _judge(self) -> bool:
        read_first_done = False
        while True:
            match self.alive.judge(self.now, read_first_done=read_first_done):
                case Action.WAIT:
                    return False
                case Action.PING:
                    self._send_ping()
                case Action.READ_FIRST:
                    assert not read_first_done
                    self._read()
                    read_first_done = True
                case Action.SILENT:
                    assert read_first_done
                    self.silences += 1
                case Action.DEAD:
                    assert read_first_done
                    return True


spans = st.lists(st.tuples(st.floats(0, 80), st.floats(0, 30)), max_size=3)
heartbeats = st.builds(
    Heartbeat,
    every=st.floats(1, 30),
    within=st.floats(1, 30),
    silence=st.none() | st.floats(1, 50),
)
feeds = st.sampled_from([1.0, 5.0, 30.0, math.inf])


@given(heartbeats, st.floats(0, 0.99), st.floats(0, 60), feeds)
def test_a_frozen_peer_is_found_in_time(
    beat: Heartbeat, share: float, freezes: float, data_every: float
) -> None:
    """From the freeze, or the last byte still under way then, it takes every + within at most."""
    world = World(beat, beat.within * share, freezes=freezes, data_every=data_every)
    found = world.run(until=10_000)
    assert found is not None
    frozen = max(freezes, world.last_arrival)
    assert freezes < found <= frozen + beat.every + beat.within + EPSILON


@given(heartbeats, st.floats(0, 0.99), feeds, spans, spans)
def test_an_answering_peer_is_never_condemned(
    beat: Heartbeat,
    share: float,
    data_every: float,
    busy: list[tuple[float, float]],
    pauses: list[tuple[float, float]],
) -> None:
    """Neither a blocked loop nor a full inbox makes a peer dead that answers within the time."""
    world = World(beat, beat.within * share, busy=busy, pauses=pauses, data_every=data_every)
    assert world.run(until=120) is None
    assert world.pings >= 1


@given(heartbeats, st.floats(0, 60), feeds, spans, spans)
def test_a_frozen_peer_is_found_in_the_end(
    beat: Heartbeat,
    freezes: float,
    data_every: float,
    busy: list[tuple[float, float]],
    pauses: list[tuple[float, float]],
) -> None:
    """Blocked loops and pauses delay the verdict, but every + within after the last it is there."""
    trip = beat.within / 2
    world = World(beat, trip, freezes=freezes, busy=busy, pauses=pauses, data_every=data_every)
    found = world.run(until=10_000)
    hindered = max((start + length for start, length in busy + pauses), default=0.0)
    # What waited unread behind the last hindrance is read after it, and may be a sign of life.
    settled = max(freezes, world.last_arrival, hindered)
    assert found is not None
    assert found <= settled + beat.every + beat.within + EPSILON


@given(st.floats(1, 50), st.floats(0.5, 100))
def test_silence_is_told_exactly_when_data_is_late(silence: float, data_every: float) -> None:
    """A feed quicker than ``silence`` is never called silent; a slower one is, between messages."""
    beat = Heartbeat(every=7, within=5, silence=silence)
    world = World(beat, 0.0, data_every=data_every)
    assert world.run(until=150) is None
    if data_every < silence:
        assert world.silences == 0
    elif data_every > silence + EPSILON:
        assert world.silences >= 1
