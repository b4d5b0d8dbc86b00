"""How facts are told: sentences with numbers, safe to print on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from longwire.core.closecodes import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.core.causes.evidence import Evidence, Kernel

Reasons = tuple[str, ...]
"""Sentences with the numbers, the weightiest first."""

if TYPE_CHECKING:
    Judge = Callable[[Evidence], Reasons | None]

_QUOTED_MAX: Final = 160
"""Characters of foreign text in a sentence. A close reason has at most 123 bytes."""

_NOTABLE_LAG: Final = 0.1
"""Seconds below which a loop's lag is ordinary."""

_ENDINGS: Final = {
    "never-opened": "no link could be opened",
    "close-sent": "we closed the link ourselves",
    "eof": "TCP was ended from outside without a close frame",
    "reset": "TCP was reset or given up, without a close frame",
    "tls-error": "TLS failed on the live link: a record was damaged on its way, or made wrongly",
    "protocol-error": "the peer broke the WebSocket protocol, so we failed the link",
    "message-too-big": "a message was over our limit, so we failed the link",
    "heartbeat-timeout": "the peer did not answer our heartbeat",
    "silence": "no data came for longer than Heartbeat.silence allows",
    "settle-timeout": "no first data came after the subscriptions",
    "subscription-refused": "the peer refused a subscription",
    "write-timeout": "nothing could be written for the whole time limit",
    "local-error": "our own side failed",
    "aborted": "the link was dropped on purpose",
}

_FAILURES: Final = {
    "address": "the URL cannot be used",
    "dns": "the host name did not resolve",
    "refused": "the connection was refused: nothing listens there, or a firewall says so",
    "unreachable": "there was no way to the host",
    "timeout": "the opening took longer than open_timeout",
    "reset": "the connection was reset during the opening",
    "eof": "the connection was ended during the opening",
    "tls": "the TLS handshake failed",
    "rejected": "the server rejected the opening handshake",
    "redirect": "the server redirected to where we must not follow",
    "handshake": "the answer was no valid WebSocket handshake",
    "proxy": "there was no way through the proxy",
    "local": "this machine could not even try",
}


def says(text: str, *patterns: str) -> bool:
    """Whether one of the regular expressions is found in the text, in either case.

    They are compiled at first use: most programs never need most of them.
    """
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def span(seconds: float) -> str:
    """A length of time for a person."""
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 100:
        return f"{seconds:.1f} s"
    if abs(seconds) < 7200:
        return f"{seconds:.0f} s"
    return f"{seconds / 3600:.1f} h"


def many(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spans(values: tuple[float, ...]) -> str:
    """Several lengths of time."""
    return ", ".join(span(value) for value in values)


def quoted(text: str) -> str:
    """Foreign text in quotation marks: on one line, without control characters, not too long."""
    return f'"{plain(text)}"'


def plain(text: str) -> str:
    """The same without quotation marks."""
    short = text if len(text) <= _QUOTED_MAX else text[:_QUOTED_MAX] + "..."
    shown = (
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in short
    )
    return "".join(shown)


def closing(e: Evidence) -> str:
    """What the peer said when it closed, as a clause."""
    code = e.received_code
    if code is None:
        return "the peer closed the link"
    said = f", saying {quoted(e.received_reason)}" if e.received_reason else " without a reason"
    return f"the peer closed the link with {code} ({describe(code).name}){said}"


def ending(e: Evidence) -> str:
    """How it ended, as a sentence."""
    if e.end == "close-received":
        return sentence(closing(e))
    if e.end == "never-opened" and e.failure is not None:
        status = "" if e.http_status is None else f" with HTTP {e.http_status}"
        found = e.tls_problem or e.proxy_problem
        problem = "" if found is None else f" ({found})"
        return sentence(f"{_FAILURES[e.failure]}{status}{problem}")
    return sentence(_ENDINGS[e.end])


def sentence(clause: str) -> str:
    """A clause with a capital and a full stop."""
    return f"{clause[:1].upper()}{clause[1:]}."


def local_state(e: Evidence) -> Iterator[str]:
    """What was wrong on our own side, if anything."""
    if e.reading_paused_for is not None:
        yield (
            f"Reading had been paused for {span(e.reading_paused_for)} by a full inbox "
            f"({waiting(e)})."
        )
        if e.consumer_at is not None and e.consumer_away is not None:
            task = "" if e.consumer_task is None else f", task {quoted(e.consumer_task)},"
            yield (
                f"The consumer{task} was at {plain(e.consumer_at)} and had not waited for a "
                f"message for {span(e.consumer_away)}."
            )
    lags = [
        f"The {name} had recently stood still for {span(lag)}."
        for name, lag in (("user's loop", e.loop_lag), ("loop of the link", e.io_lag))
        if lag is not None and lag >= _NOTABLE_LAG
    ]
    yield from lags
    if lags and e.blocked_at is not None:
        yield _standing(e)


def _standing(e: Evidence) -> str:
    """Where a loop stood still, as a sentence."""
    where = plain(e.blocked_at or "")
    if e.blocked_task is not None:
        where += f", in task {quoted(e.blocked_task)}"
    if e.gil_held is None:
        return f"It was blocked at {where}."
    doubt = "" if e.gil_held == "sure" else ", or the process was stopped there"
    return (
        f"C code held the GIL at {where}{doubt}: no other thread of the process ran, "
        "longwire's own among them."
    )


def waiting(e: Evidence) -> str:
    """How full the inbox was, as a clause."""
    if e.inbox_limit is None:
        return f"{many(e.queued, 'message')} waiting"
    return f"{e.queued} of at most {many(e.inbox_limit, 'message')} waiting"


def known(e: Evidence) -> Reasons:
    """Everything worth telling where no cause is proved; at least how it ended."""
    return (ending(e), *_told(e), *_life(e), *local_state(e), *_pressure(e), *_before(e))


def _told(e: Evidence) -> Iterator[str]:
    if e.error:
        yield f"The error was {quoted(e.error)}."
    if e.retry_after is not None:
        yield f"The server asked us to wait {span(e.retry_after)}."
    if e.end != "close-received" and e.received_code is not None:
        yield sentence(closing(e))
    if e.partial_frame:
        yield "It ended in the middle of a frame or of a fragmented message."
    if e.canary is not None:
        answers = {
            "data": "received data",
            "silent": "received no data either",
            "failed": "could not be opened",
        }
        yield f"A second link with the same subscriptions {answers[e.canary]}."


def _life(e: Evidence) -> Iterator[str]:
    if e.link_age is not None:
        yield f"The link was {span(e.link_age)} old and had received {many(e.messages, 'message')}."
    ages = (("byte", e.byte_age), ("pong", e.pong_age), ("data message", e.data_age))
    said = [f"last {name} {span(age)} ago" for name, age in ages if age is not None]
    if said:
        yield sentence(", ".join(said))
    if e.ping_unanswered_for is not None:
        yield f"A ping of ours had been unanswered for {span(e.ping_unanswered_for)}."


def _pressure(e: Evidence) -> Iterator[str]:
    if e.write_buffered > 0:
        yield f"{many(e.write_buffered, 'byte')} of ours could not be written yet."
    if e.kernel is not None:
        yield from kernel_state(e.kernel)
    if e.clock_jump is not None:
        yield f"The wall clock moved by {span(e.clock_jump)} against the monotonic clock."


def kernel_state(kernel: Kernel) -> Iterator[str]:
    """What the kernel saw that is not as it should be."""
    counts = (
        ("byte", "received but not read", kernel.unread),
        ("byte", "not acknowledged by the peer", kernel.unsent),
        ("segment", "in flight", kernel.unacked),
        ("retransmission", "in a row", kernel.retransmits),
    )
    said = [f"{many(count, noun)} {state}" for noun, state, count in counts if count]
    if said:
        yield f"The kernel counted {', '.join(said)}."


def _before(e: Evidence) -> Iterator[str]:
    if e.short_lives > 1:
        yield f"{e.short_lives} links in a row lived less than a second and brought no message."
    if e.earlier_ages:
        yield f"Earlier links ended at ages of {spans(e.earlier_ages[-5:])}."
