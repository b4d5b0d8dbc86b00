"""The record of an interruption: what is known when it is noticed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from longwire.core.causes import Evidence
from longwire.errors import (
    ConnectError,
    HandshakeRejected,
    LongwireError,
    ProtocolError,
    ProxyError,
    TLSError,
)

if TYPE_CHECKING:
    from longwire.client.consumer import Consumer
    from longwire.core.causes import End
    from longwire.core.liveness import Heartbeat
    from longwire.link.base import Closure
    from longwire.observe.lag import Block

SHORT_LIFE = 1.0
"""Seconds below which the life of a link that brought nothing counts as short."""

AFTERMATH = 2.0
"""Seconds after a pause in which an end is still counted as its consequence."""

_FOUND_DEAD = frozenset({"heartbeat-timeout", "write-timeout"})
"""Ends that our own clocks find: nothing came from the other side to tell of them."""

REMEMBERED = 8
"""Earlier links whose ends are kept as evidence of a pattern."""


@dataclass
class History:
    """How the links of one client have ended so far."""

    ages: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    idle: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    ends: deque[End] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    short_lives: int = 0

    def note(self, closure: Closure) -> None:
        """A link has ended."""
        age = closure.ended - closure.opened
        self.short_lives = self.short_lives_with(closure)
        self.ages.append(age)
        self.idle.append(closure.ended - closure.last_byte)
        self.ends.append(closure.end)

    def short_lives_with(self, closure: Closure) -> int:
        """`Evidence.short_lives`, for a link that has ended and is not noted yet."""
        barren = closure.messages_received == 0
        short = closure.ended - closure.opened < SHORT_LIFE
        return self.short_lives + 1 if barren and short else 0


@dataclass(kw_only=True)
class Circumstances:
    """What the client knows beside the link: its settings and its own side's health."""

    heartbeat: Heartbeat | None
    isolated: bool
    subscriptions: int
    inbox_limit: int
    queued: int
    loop_lag: float | None = None
    io_lag: float | None = None
    clock_jump: float | None = None
    block: Block | None = None
    consumer: Consumer | None = None
    canary: Any = None

    def common(self) -> dict[str, Any]:
        """The fields of `Evidence` that do not depend on how it ended."""
        beat = self.heartbeat
        return {
            "heartbeat_every": None if beat is None else beat.every,
            "heartbeat_within": None if beat is None else beat.within,
            "silence": None if beat is None else beat.silence,
            "isolated": self.isolated,
            "subscriptions": self.subscriptions,
            "inbox_limit": self.inbox_limit,
            "queued": self.queued,
            "loop_lag": self.loop_lag,
            "io_lag": self.io_lag,
            "clock_jump": self.clock_jump,
            "canary": self.canary,
            **_blocked(self.block),
            **_consuming(self.consumer),
        }


def _consuming(consumer: Consumer | None) -> dict[str, Any]:
    """Where the consumer was."""
    if consumer is None:
        return {}
    return {
        "consumer_at": consumer.seen.place,
        "consumer_task": consumer.seen.task,
        "consumer_away": consumer.away,
    }


def _blocked(block: Block | None) -> dict[str, Any]:
    """What the watchdog saw."""
    if block is None:
        return {}
    return {
        "blocked_at": block.seen.place,
        "blocked_task": block.seen.task,
        "blocked_samples": block.seen.samples,
        "blocked_stack": block.seen.stack,
        "gil_held": block.gil,
    }


def of_opening(error: LongwireError, around: Circumstances, history: History) -> Evidence:
    """Evidence of an opening that failed."""
    failed = error if isinstance(error, ConnectError) else None
    return Evidence(
        end="never-opened" if failed is not None else "local-error",
        failure=None if failed is None else failed.kind,
        http_status=error.status if isinstance(error, HandshakeRejected | ProxyError) else None,
        retry_after=None if failed is None else failed.retry_after,
        tls_problem=error.problem if isinstance(error, TLSError) else None,
        proxy_problem=error.problem if isinstance(error, ProxyError) else None,
        proxy_from_environment=isinstance(error, ProxyError) and error.from_environment,
        last_speaker=error.blame,
        error=describe(error),
        short_lives=history.short_lives,
        earlier_ages=tuple(history.ages),
        earlier_ends=tuple(history.ends),
        earlier_idle=tuple(history.idle),
        **around.common(),
    )


def of_link(
    closure: Closure, around: Circumstances, history: History, end: End | None = None
) -> Evidence:
    """Evidence of a link that ended; ``history`` does not know of it yet."""
    ended = closure.ended
    age = ended - closure.opened
    return Evidence(
        end=end or closure.end,
        received_code=closure.received_code,
        received_reason=closure.received_reason,
        sent_code=closure.sent_code,
        sent_reason=closure.sent_reason,
        last_speaker=closure.by,
        error=_how_it_failed(closure),
        link_age=age,
        byte_age=ended - closure.last_byte,
        pong_age=since(closure.last_pong, ended),
        data_age=since(closure.last_data, ended),
        rtt=closure.rtt,
        messages=closure.messages_received,
        ping_unanswered_for=since(closure.ping_unanswered_since, ended),
        reading_paused_for=paused_for(closure),
        write_buffered=closure.write_buffered,
        partial_frame=closure.partial_frame,
        compressed=closure.compressed,
        kernel=closure.kernel,
        short_lives=history.short_lives_with(closure),
        earlier_ages=tuple(history.ages),
        earlier_ends=tuple(history.ends),
        earlier_idle=tuple(history.idle),
        **around.common(),
    )


def paused_for(closure: Closure) -> float | None:
    """How long reading had been paused when the link ended, or just before.

    What a peer did because we did not read, a ping timeout above all, is read when we do again.
    """
    if closure.paused_since is not None:
        return closure.ended - closure.paused_since
    if closure.last_pause is None or closure.ended - closure.last_pause[1] > AFTERMATH:
        return None
    return closure.last_pause[1] - closure.last_pause[0]


def last_sign(closure: Closure) -> float:
    """From when on nothing could arrive, as far as is known."""
    if closure.end in _FOUND_DEAD:
        return closure.last_byte
    if closure.end in {"silence", "settle-timeout"}:
        return closure.opened if closure.last_data is None else closure.last_data
    return closure.ended


def waited_for(closure: Closure) -> float:
    """Seconds for which a dead peer had been waited for; 0 if it was not found dead."""
    return closure.ended - closure.last_byte if closure.end in _FOUND_DEAD else 0.0


def since(then: float | None, now: float) -> float | None:
    """Seconds between, or None."""
    return None if then is None else now - then


def describe(error: BaseException) -> str:
    """Type and text of an exception, with what caused it.

    Only the type is told of what may be a failure of the user's own code, whose text may hold the
    very secret that it was to deliver, or a message.
    """
    text = f"{type(error).__name__}: {error}"
    cause = error.__cause__
    if cause is None:
        return text
    behind = type(cause).__name__
    if _is_foreign(error):
        behind += f": {cause}"
    return f"{text} (from {behind})"


def _is_foreign(error: BaseException) -> bool:
    """Whether it came from outside: from the peer, the network or the system."""
    if isinstance(error, ConnectError):
        return error.kind != "local"
    return isinstance(error, ProtocolError | OSError)


def _how_it_failed(closure: Closure) -> str:
    """The exception behind a link's end, as `describe` tells it."""
    error = closure.error
    if error is None:
        return ""
    if closure.end == "local-error" and not isinstance(error, LongwireError):
        return type(error).__name__
    return describe(error)
