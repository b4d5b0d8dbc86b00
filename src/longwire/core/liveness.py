"""Is the link alive? Three clocks, never one, and the decision when to ask and when to despair.

The commonest broken cure for a dead connection is a watchdog that mixes clocks, so a link keeps
three: the last byte (the transport lives), the last pong (the protocol lives), the last data
message (the application lives), the last one also per subscription. `Liveness` holds them and
decides. It is pure: the link says what happened and when, `Liveness.judge` says what to do.

Its rules, each of which answers a way in which other heartbeats go wrong:

- A ping leaves every `Heartbeat.every` seconds, on a fixed beat. Peers and middleboxes count on it.
- The link is dead when a ping has been out for `Heartbeat.within` seconds and no byte at all has
  come since. Any byte is life: a pong may be stuck behind a megabyte of data.
- Not while reading is paused by a full inbox: then the pong may be here and we do not look. After
  the pause the waiting starts anew.
- Not while our own ping is on its way out behind data that is still leaving, as far as that is
  known. Whether it is, is looked at ten times within the bound.
- Not before what has arrived has been read. When we are late ourselves, because the loop was
  blocked or the process stopped, the answer may lie in the socket. So every verdict of death or
  silence is preceded by one `Action.READ_FIRST`; the verdict comes with the second question.
- Silence is no death: pongs are fresh and data does not come. It is told apart, and told once per
  `Heartbeat.silence` seconds.

So a peer that freezes is found within ``every + within`` seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKS = 10
"""How often the way out is looked at within `Heartbeat.within`, while a ping waits on it: so death
comes a tenth of that too late at most."""

# As in `longwire.link.base`, which lies above this room.
Data = str | bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """How a client makes sure that its link is alive. Times are in seconds.

    In `connect` a plain number stands for ``every``, and ``heartbeat=None`` sends no heartbeat and
    detects nothing: a peer that vanishes without a word is then never noticed.

    Args:
        every: The time between heartbeats; 20, below the shortest idle limits met in the field
            (30 s on some proxies, 55 to 60 s on most load balancers).
        within: How long a heartbeat may stay without any byte from the peer before the link counts
            as dead; 10, above the round trip and the retransmissions of a bad mobile link.
        message: What to send as the heartbeat, for servers that want one in their own language;
            None sends a protocol ping, which is right wherever the server does not say otherwise.
        is_reply: Tells whether a received message answers a heartbeat (or is one of the server's
            own). Such a message counts as a pong, not as data, and is not handed over. None: no
            message is; each counts as data. It is called on the I/O thread with every message, so
            keep it quick.
        silence: The longest time without a data message before the link counts as stalled although
            it answers; None, since only you know how often your feed speaks. Choose some three
            times the longest pause you expect.

    Raises:
        ValueError: a time is not above 0, or the message is empty or cannot be encoded.
        TypeError: the message is neither str nor bytes, or is_reply cannot be called.
    """

    every: float = 20.0
    within: float = 10.0
    message: Data | None = None
    is_reply: Callable[[Data], bool] | None = None
    silence: float | None = None

    def __post_init__(self) -> None:
        for name, seconds, hint in (
            ("every", self.every, "to send none, pass heartbeat=None"),
            ("within", self.within, "a few seconds more than the worst round trip do"),
            ("silence", self.silence, "to not watch for silence, pass None"),
        ):
            if seconds is not None and not 0 < seconds < math.inf:
                rule = "must be seconds above 0"
                raise ValueError(f"Heartbeat.{name} {rule}, not {seconds!r}; {hint}")
        if self.message is not None:
            if not isinstance(self.message, (str, bytes)):
                raise TypeError("Heartbeat.message must be str, bytes or None (a protocol ping)")
            if not self.message:
                raise ValueError("Heartbeat.message is empty; pass None for a protocol ping")
            if isinstance(self.message, str) and not _encodes(self.message):
                raise ValueError("Heartbeat.message holds half a character (a lone surrogate)")
        if self.is_reply is not None and not callable(self.is_reply):
            raise TypeError("Heartbeat.is_reply must be a function of one message, or None")

    @classmethod
    def of(cls, value: Heartbeat | float | None) -> Heartbeat | None:
        """What `connect` accepts: options, a number for ``every``, or None for no heartbeat."""
        if value is None or isinstance(value, cls):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return cls(every=value)
        raise TypeError(f"heartbeat must be a Heartbeat, seconds or None, not {value!r}")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Action(Enum):
    """What the link is to do now."""

    WAIT = "wait"
    """Nothing. Ask again at `Liveness.next_due`."""
    PING = "ping"
    """Send a heartbeat, say so with `Liveness.pinged`, and ask again."""
    READ_FIRST = "read-first"
    """Let the loop read what has arrived, then ask again with ``read_first_done=True``."""
    DEAD = "dead"
    """The peer does not answer: abort the link (``heartbeat-timeout``)."""
    SILENT = "silent"
    """The peer answers but sends no data: let a canary link decide. Ask again at `next_due`."""


@dataclass(slots=True)
class Clocks:
    """When which sign of life was last seen, in seconds of one monotonic clock. None: never."""

    last_byte: float
    """The transport. Starts with the opening, which cannot succeed without bytes."""
    last_pong: float | None = None
    """The protocol: a pong, or a message that `Heartbeat.is_reply` took for one."""
    last_data: float | None = None
    """The application: a data message."""
    subscriptions: dict[str, float] = field(default_factory=dict)
    """The application, by the names of subscriptions, where the user names them."""

    def byte_age(self, now: float) -> float:
        """Seconds since the last byte."""
        return now - self.last_byte

    def pong_age(self, now: float) -> float | None:
        """Seconds since the last pong, or None if there was none."""
        return None if self.last_pong is None else now - self.last_pong

    def data_age(self, now: float, name: str | None = None) -> float | None:
        """Seconds since the last data message, of one subscription if named; None if none came."""
        last = self.last_data if name is None else self.subscriptions.get(name)
        return None if last is None else now - last


class Liveness:
    """The clocks of one link, and the judge of its life.

    To be driven like this: after every call of `judge` set one timer to `next_due`; when it fires,
    judge. Tell `saw_bytes` once per read, `saw_data` once per batch. All times are seconds of one
    monotonic clock and never go back.

    Args:
        heartbeat: The options.
        opened: When the link was born.
    """

    __slots__ = (
        "_heartbeat",
        "_looked_at",
        "_next_ping",
        "_opened",
        "_out_since",
        "_paused_since",
        "_ping_end",
        "_silent_from",
        "_waiting_from",
        "_written_out",
        "clocks",
        "lateness",
        "unanswered_since",
    )

    def __init__(self, heartbeat: Heartbeat, opened: float) -> None:
        self._heartbeat = heartbeat
        self._opened = opened
        self._next_ping = opened + heartbeat.every
        # The oldest ping after which no byte has come, and from when its waiting counts: from its
        # sending, the end of a pause, or the last progress of the bytes before it.
        self._out_since: float | None = None
        self._waiting_from = opened
        # Where in the stream of our bytes that ping ends, and how much of the stream had gone out
        # when last looked at.
        self._ping_end = 0
        self._written_out = 0
        self._looked_at = opened
        self._paused_since: float | None = None
        self._silent_from = opened
        self.clocks = Clocks(last_byte=opened)
        self.unanswered_since: float | None = None
        """When the oldest ping was sent that no pong has answered; evidence, never a verdict."""
        self.lateness = 0.0
        """Seconds: how much too late `judge` was called at worst since the ping that is waited for,
        or else the last one. Evidence, never a verdict."""

    # ---- what happened -----------------------------------------------------------------------

    def saw_bytes(self, now: float) -> None:
        """Bytes have arrived. Any byte acquits the link."""
        self.clocks.last_byte = now

    def saw_pong(self, now: float) -> None:
        """A pong, or a message that `Heartbeat.is_reply` recognised, has arrived."""
        self.clocks.last_byte = self.clocks.last_pong = now
        self.unanswered_since = None

    def saw_data(self, now: float, name: str | None = None) -> None:
        """Data messages have arrived, of the subscription of that name where one is known."""
        self.clocks.last_byte = self.clocks.last_data = now
        if name is not None:
            self.clocks.subscriptions[name] = now

    def pinged(self, now: float, *, ping_end: int = 0, written_out: int = 0) -> None:
        """A heartbeat has been handed to the transport.

        Args:
            now: When.
            ping_end: How many bytes this link has handed to the transport ever, this ping included.
            written_out: How many of them have left, as in `judge`. With both left at 0 the ping
                counts as gone at once.
        """
        if self._out_since is None or self.clocks.last_byte >= self._out_since:
            self._out_since = self._waiting_from = self._looked_at = now
            self._ping_end = ping_end
            self._written_out = written_out
            self.lateness = 0.0
        if self.unanswered_since is None:
            self.unanswered_since = now
        self._next_ping = self._beat_after(now)

    def paused(self, now: float) -> None:
        """Reading has been paused. Until `resumed` nothing the peer sends can be seen."""
        if self._paused_since is None:
            self._paused_since = now

    def resumed(self, now: float) -> None:
        """Reading goes on. What waits for bytes or data starts waiting anew."""
        if self._paused_since is not None:
            self._paused_since = None
            self._waiting_from = max(self._waiting_from, now)
            self._silent_from = max(self._silent_from, now)

    # ---- what to do --------------------------------------------------------------------------

    @property
    def paused_since(self) -> float | None:
        """When reading was paused; None while it is not."""
        return self._paused_since

    def next_due(self) -> float:
        """When to call `judge` next, if nothing makes it later meanwhile."""
        return min(self._next_ping, self._death_due(), self._silence_due(), self._look_due())

    def judge(
        self, now: float, *, read_first_done: bool = False, written_out: int | None = None
    ) -> Action:
        """Decide what is to be done now. Death goes before a ping, a ping before silence.

        Args:
            now: The time.
            read_first_done: The last answer was `Action.READ_FIRST`, and it has been done.
            written_out: How many of the bytes this link handed to the transport have left it: not
                in its buffer any more or, better where the kernel tells, acknowledged by the
                peer's. None where unknown. While the last ping has not left but others before it
                move, the link waits on: the way out is slow, not dead.
        """
        self.lateness = max(self.lateness, now - self.next_due())
        self._look_at_the_way_out(now, written_out)
        if now >= self._death_due():
            return Action.DEAD if read_first_done else Action.READ_FIRST
        if now >= self._next_ping:
            return Action.PING
        if now >= self._silence_due():
            if not read_first_done:
                return Action.READ_FIRST
            # Told once; the canary's verdict, or the next one's, needs the same time again.
            self._silent_from = now
            return Action.SILENT
        return Action.WAIT

    def _look_at_the_way_out(self, now: float, written_out: int | None) -> None:
        """Wait on while bytes before our ping still leave; they are in front of it in the queue."""
        self._looked_at = now
        if written_out is None or self._written_out >= self._ping_end:
            return
        if written_out > self._written_out:
            self._written_out = written_out
            self._waiting_from = max(self._waiting_from, now)

    def _death_due(self) -> float:
        """When the link is dead if no byte comes; never while nothing is out or nothing is read."""
        if self._out_since is None or self._paused_since is not None:
            return math.inf
        if self.clocks.last_byte >= self._out_since:
            return math.inf
        return self._waiting_from + self._heartbeat.within

    def _look_due(self) -> float:
        """When to look again at what is in front of our ping; never while nothing is."""
        if self._written_out >= self._ping_end or self._death_due() == math.inf:
            return math.inf
        return self._looked_at + self._heartbeat.within / LOOKS

    def _silence_due(self) -> float:
        """When the link counts as silent if no data comes."""
        if self._heartbeat.silence is None or self._paused_since is not None:
            return math.inf
        last_data = self.clocks.last_data
        since = self._silent_from if last_data is None else max(self._silent_from, last_data)
        return since + self._heartbeat.silence

    def _beat_after(self, now: float) -> float:
        """The next beat of the fixed schedule that is still to come; missed ones are left out."""
        every = self._heartbeat.every
        beat = self._opened + (math.floor((now - self._opened) / every) + 1) * every
        # Rounding can make the quotient one too small or the beat equal to now.
        return beat if beat > now else beat + every
