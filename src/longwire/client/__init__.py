"""Keep receiving across links: the client, its supervisor, and where its links live."""

from longwire.core.causes.instruments import register

register(
    "client",
    "keepalive-off",
    "heartbeat-not-wired-to-reader",
    "broken-watchdog",
    "pong-not-flushed",
    "no-concurrent-reader",
    "unsupervised-reader-task",
    "task-garbage-collected",
    "silent-end-of-iteration",
    "cancelled-recv-loses-message",
    "concurrent-recv",
    "concurrent-write",
    "cross-thread-access",
    "lost-subscriptions",
    "reconnected-but-deaf",
    "reconnect-gives-up",
    "reconnect-storm",
    "slow-close-delays-reconnect",
    "close-loses-tail",
    "bounded-queue-overflow",
    "stale-dns",
    "clock-jump",
    by="prevents",
)
# By events and outcomes of their own; what `classify` names is read from its table.
register("client", "sequence-gap", "reconnect-gives-up", by="tells")
# By alerts that name the place.
register("client", "busy-poll-loop", "swallowed-exception", by="alerts")
