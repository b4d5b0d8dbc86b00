"""Causes of the catalogue without a cell, and why."""

from __future__ import annotations

from typing import Final

_SOURCE: Final = "a mistake in the program; these programs do as the documentation says"
_SERVER: Final = "is in the server, and looks from a client as {} does"
_MACHINE: Final = "needs a machine that {}"

NO_CELL: Final = {
    "keepalive-off": "is a setting: see half-open-undetected for what it costs",
    "heartbeat-not-wired-to-reader": "is a library's mistake, and shows in half-open-undetected",
    "busy-poll-loop": _SOURCE,
    "swallowed-exception": _SOURCE,
    "poison-message-kills-reader": _SOURCE,
    "unsupervised-reader-task": _SOURCE,
    "task-garbage-collected": _SOURCE,
    "concurrent-recv": _SOURCE,
    "cross-thread-access": _SOURCE,
    "handler-lifecycle-mistake": _SOURCE,
    "concurrent-write": "needs a client that sends; what it breaks is in fragmentation-mishandled",
    "cancelled-recv-loses-message": "needs a program that cancels receives; none of these does",
    "credit-window-exhausted": "needs a protocol of credits above WebSocket",
    "send-without-timeout": "needs a client that sends more than TCP takes; these only receive",
    "unbounded-send-buffer": _SERVER.format("proxy-reload"),
    "head-of-line-broadcast": _SERVER.format("zombie-stream"),
    "broadcast-iteration-crash": _SERVER.format("zombie-stream"),
    "per-process-registry": _SERVER.format("zombie-stream"),
    "layer-capacity-drop": _SERVER.format("sequence-gap"),
    "connection-leak": _SERVER.format("reconnect-gives-up"),
    "reconnect-storm": "needs a crowd: `longwire chaos --scenario reconnect-storm`",
    "close-loses-tail": "takes both ends' books; each cell with a close frame counts what is lost",
    "sleep-wake": _MACHINE.format("sleeps: its wall clock must run ahead"),
    "clock-jump": _MACHINE.format("sets its clock"),
    "background-throttling": "happens in browsers only",
    "stale-dns": _MACHINE.format("resolves names in another way than the system does"),
    "mtu-blackhole": _MACHINE.format("drops packets, not bytes: a network namespace"),
    "proxy-env-surprise": "happens at a first connection, when there is no reception to interrupt",
}
