"""The post-mortem record of an interruption: facts only, no judgement."""

from __future__ import annotations

from typing import Literal

import msgspec

from longwire.errors import Blame, ConnectFailure, ProxyProblem, TLSProblem

End = Literal[
    "never-opened",
    "close-received",
    "close-sent",
    "eof",
    "reset",
    "tls-error",
    "protocol-error",
    "message-too-big",
    "heartbeat-timeout",
    "silence",
    "settle-timeout",
    "subscription-refused",
    "write-timeout",
    "local-error",
    "aborted",
]
"""How a link ended.

``never-opened``: the opening failed (see `Evidence.failure`). ``close-received``: the peer's close
frame came first. ``close-sent``: ours came first, by the user's wish. ``eof``: TCP ended without a
close frame. ``reset``: TCP was reset, or the kernel gave up. ``tls-error``: TLS failed on the live
link, on a record that was damaged or must not be. ``protocol-error``: the peer broke the RFC and we
failed the link. ``message-too-big``: a message was over our limit. ``heartbeat-timeout``: no byte
within the bound after a ping. ``silence``: no data within `Heartbeat.silence`, and a canary link
showed that the feed is not quiet. ``settle-timeout``: no first data after the subscriptions.
``subscription-refused``: the peer said no to a subscription. ``write-timeout``: the peer read
nothing for too long. ``local-error``: our own side failed. ``aborted``: dropped on purpose.
"""


class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """What the operating system says of the socket, where it says anything (Linux ``TCP_INFO``)."""

    unread: int | None = None
    """Bytes received that nobody has read (``SIOCINQ``)."""
    unsent: int | None = None
    """Bytes written that the peer has not acknowledged (``SIOCOUTQ``)."""
    unacked: int | None = None
    """Segments in flight without acknowledgement."""
    retransmits: int | None = None
    """Retransmissions in a row without an acknowledgement."""
    rtt: float | None = None
    """Smoothed TCP round-trip time in seconds."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known when an interruption was noticed. Ages in seconds; None: unknown."""

    end: End
    # The opening, if it failed there.
    failure: ConnectFailure | None = None
    http_status: int | None = None
    retry_after: float | None = None
    tls_problem: TLSProblem | None = None
    proxy_problem: ProxyProblem | None = None
    proxy_from_environment: bool = False
    """The proxy of `proxy_problem` came from the environment, not from ``proxy=``."""
    # The close handshake, both ways.
    received_code: int | None = None
    received_reason: str = ""
    sent_code: int | None = None
    sent_reason: str = ""
    last_speaker: Blame = "unknown"
    """Who acted first in ending the link: ``local``, ``peer``, ``network``; ``unknown`` of a reset,
    which either of the last two may have sent."""
    error: str = ""
    """The exception behind it, type and text, secrets removed."""
    # The three clocks and the link's life.
    link_age: float | None = None
    byte_age: float | None = None
    pong_age: float | None = None
    data_age: float | None = None
    rtt: float | None = None
    messages: int = 0
    """Data messages received on the link that ended."""
    ping_unanswered_for: float | None = None
    """Time since our oldest unanswered ping went out; None if none was outstanding."""
    # What was configured.
    heartbeat_every: float | None = None
    heartbeat_within: float | None = None
    silence: float | None = None
    # Pressure.
    reading_paused_for: float | None = None
    """How long reading had been paused by a full inbox when the link ended, or just before."""
    queued: int = 0
    inbox_limit: int | None = None
    consumer_at: str | None = None
    """Where the task that receives was while messages waited, as ``file:line in function``."""
    consumer_task: str | None = None
    """Its name."""
    consumer_away: float | None = None
    """For how long it had not waited for a message."""
    write_buffered: int = 0
    """Bytes we had not been able to write."""
    partial_frame: bool = False
    """The link ended inside a frame or a fragmented message."""
    compressed: bool = False
    """permessage-deflate was negotiated."""
    kernel: Kernel | None = None
    # Our own side.
    isolated: bool = True
    loop_lag: float | None = None
    """Largest lag of the user's loop seen since the last heartbeat."""
    io_lag: float | None = None
    """Largest lag of the loop that carries the link seen since the last heartbeat."""
    clock_jump: float | None = None
    """How far the wall clock jumped in the last minute, if over a second: sleep, or a set clock."""
    blocked_at: str | None = None
    """Where the user's loop stood still, if it did recently, as ``file:line in function``; or
    longwire's own, where a function of the user's runs on it."""
    blocked_task: str | None = None
    """The name of the task that ran there."""
    blocked_samples: int = 0
    """How often that was looked at."""
    blocked_stack: tuple[str, ...] = ()
    """An excerpt of that stack, innermost first. Places and names only."""
    gil_held: Literal["sure", "likely"] | None = None
    """C code held the GIL, so that no other thread ran either; ``likely``: or the process was
    stopped."""
    # Subscriptions.
    subscriptions: int = 0
    canary: Literal["data", "silent", "failed"] | None = None
    # History.
    short_lives: int = 0
    """Links in a row, this one included, that lived less than a second and brought no message."""
    earlier_ages: tuple[float, ...] = ()
    """Ages at which the last few links ended, oldest first, this one not included."""
    earlier_ends: tuple[End, ...] = ()
    earlier_idle: tuple[float, ...] = ()
    """Byte ages at which the last few links ended, oldest first."""
