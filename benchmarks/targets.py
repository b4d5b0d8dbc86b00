"""What is promised, as data: each target is a ratio of two medians of one run."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.roster import ECHO_SIZE

KIB = 1024


@dataclass(frozen=True, kw_only=True)
class Target:
    """``contestant / baseline`` must be ``at_least``, or ``at_most``, so much."""

    text: str
    contestant: str
    baseline: str
    size: int
    at_least: float | None = None
    at_most: float | None = None

    def met(self, ratio: float) -> bool:
        """Whether a measured ratio keeps the promise."""
        enough = self.at_least is None or ratio >= self.at_least
        return enough and (self.at_most is None or ratio <= self.at_most)

    @property
    def asked(self) -> str:
        """The bound as people read it."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}"


def _faster(text: str, contestant: str, baseline: str, size: int, at_least: float) -> Target:
    return Target(text=text, contestant=contestant, baseline=baseline, size=size, at_least=at_least)


def _slower(text: str, contestant: str, baseline: str, size: int, at_most: float) -> Target:
    return Target(text=text, contestant=contestant, baseline=baseline, size=size, at_most=at_most)


TARGETS = (
    _faster("64 B, batches inline / picows", "client-inline-batches", "picows", 64, 5.0),
    _faster("64 B, batches isolated / picows", "client-isolated-batches", "picows", 64, 2.5),
    _faster(
        "64 B, one by one inline / picows.websockets",
        "client-inline-one",
        "picows.websockets",
        64,
        1.3,
    ),
    _faster(
        "64 B, one by one isolated / picows.websockets",
        "client-isolated-one",
        "picows.websockets",
        64,
        1.0,
    ),
    _faster("64 B, one by one isolated / websockets", "client-isolated-one", "websockets", 64, 8.0),
    _faster("1 KiB, batches inline / picows", "client-inline-batches", "picows", KIB, 1.8),
    _faster("64 KiB, batches inline / picows", "client-inline-batches", "picows", 64 * KIB, 1.2),
    _faster(
        "1 KiB JSON compressed, batches inline / picows.websockets",
        "client-inline-batches-deflate",
        "picows.websockets-deflate",
        KIB,
        1.5,
    ),
    _faster(
        "64 B, batches inline / tokio-tungstenite", "client-inline-batches", "tungstenite", 64, 1.0
    ),
    _faster("64 B sent, inline / picows", "client-inline-sent", "picows-sent", 64, 2.0),
    _slower("round trip inline / picows", "echo-client-inline", "echo-picows", ECHO_SIZE, 1.05),
    _slower(
        "round trip isolated / websockets",
        "echo-client-isolated",
        "echo-websockets",
        ECHO_SIZE,
        1.15,
    ),
    # "At most 15 % slower than the bare link".
    _faster("64 B, whole client / link, batches", "client-full-batches", "link-batches", 64, 0.85),
    _faster("64 B, whole client / link, one by one", "client-full-one", "link-one", 64, 0.85),
)

CONTEXT = (
    # Nobody promised these; a reader who knows picows will want to see them beside the targets.
    _faster(
        "64 B, batches inline / picows that checks no frame's type",
        "client-inline-batches",
        "picows-unchecked",
        64,
        5.0,
    ),
    _faster(
        "64 B, batches isolated / picows that checks no frame's type",
        "client-isolated-batches",
        "picows-unchecked",
        64,
        2.5,
    ),
    # A Python function that reads the number costs more than all the rest together.
    _faster(
        "64 B, whole client with a number function / link checked by hand, batches",
        "client-asking-batches",
        "link-checked-batches",
        64,
        0.85,
    ),
    _faster(
        "64 B, whole client with a number function / link checked by hand, one by one",
        "client-asking-one",
        "link-checked-one",
        64,
        0.85,
    ),
    _faster(
        "64 B, client without sequence check / link, batches",
        "client-inline-batches",
        "link-batches",
        64,
        0.85,
    ),
    _faster(
        "64 B, client without sequence check / link, one by one",
        "client-inline-one",
        "link-one",
        64,
        0.85,
    ),
    _faster(
        "64 B over TLS, batches inline / picows",
        "client-inline-batches-tls",
        "picows-tls",
        64,
        1.0,
    ),
    _faster(
        "64 KiB over TLS, batches inline / picows",
        "client-inline-batches-tls",
        "picows-tls",
        64 * KIB,
        1.0,
    ),
    _faster("64 B at a server, batches / picows", "link-batches-served", "picows-served", 64, 1.0),
    _faster("64 B at a server, one by one / picows", "link-one-served", "picows-served", 64, 1.0),
    _faster(
        "64 B at a server, one by one / websockets", "link-one-served", "websockets-served", 64, 1.0
    ),
    _faster(
        "openings, inline / websockets", "client-inline-openings", "websockets-openings", 64, 1.0
    ),
    _faster(
        "visits at a server, longwire / websockets", "link-visits", "websockets-visits", 64, 1.0
    ),
    _slower(
        "round trip inline / picows, cores kept awake",
        "echo-client-inline-awake",
        "echo-picows-awake",
        ECHO_SIZE,
        1.05,
    ),
    _slower(
        "round trip inline / picows.websockets, cores kept awake",
        "echo-client-inline-awake",
        "echo-picows.websockets-awake",
        ECHO_SIZE,
        1.05,
    ),
    _slower(
        "round trip isolated / websockets, cores kept awake",
        "echo-client-isolated-awake",
        "echo-websockets-awake",
        ECHO_SIZE,
        1.15,
    ),
)
