"""What several looks at a blocked thread have in common."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.observe.stack import innermost, is_users, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.observe.stack import Frame, Sample

_USERS_SHOWN: Final = 8
_OTHERS_SHOWN: Final = 4
"""Calls in an excerpt of a stack: of the user's own code, and of libraries."""

_AMONG_SHOWN: Final = 3
"""Places named among which a thread went to and fro."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Where a thread was found, and how often."""

    place: str | None
    """``file:line in function``: the innermost call of the user's code that all looks found, or
    that most did; a library's where there is no such call. None: it was running no Python code."""
    among: tuple[str, ...] = ()
    """Where it went to and fro within that call, if it did; the most frequent first."""
    task: str | None = None
    """The name of the task that ran."""
    samples: int = 0
    """How often it was looked at."""
    stack: tuple[str, ...] = ()
    """An excerpt of the stack at the last look, innermost first: a few calls of the user's code,
    then a few of the libraries inside of it."""

    def __str__(self) -> str:
        if self.place is None:
            return "a place unknown"
        among = f", in turn at {', '.join(self.among)}" if self.among else ""
        task = f", in task {self.task!r}" if self.task is not None else ""
        return f"{self.place}{among}{task}"


NOWHERE: Final = Sighting(place=None)
"""Nobody looked, or there was nothing to see."""


def sum_up(samples: Sequence[Sample]) -> Sighting:
    """What the looks at one thread amount to, which was busy all the while with one thing."""
    if not samples:
        return NOWHERE
    shared = _shared(samples)
    found = next(filter(is_users, shared), None)
    inner = [frame for sample in samples if (frame := innermost(sample.frames)) is not None]
    if found is None and inner:
        # Nothing of the user's is common to all: what most of them say.
        found = Counter(inner).most_common(1)[0][0]
    among = Counter(frame for frame in inner if found is None or _call(frame) != _call(found))
    tasks = Counter(sample.task for sample in samples if sample.task is not None)
    return Sighting(
        place=None if found is None else shown(found),
        among=tuple(
            f"{shown(frame)} ({count} of {len(samples)})"
            for frame, count in among.most_common(_AMONG_SHOWN)
        ),
        task=tasks.most_common(1)[0][0] if tasks else None,
        samples=len(samples),
        stack=excerpt(samples[-1].frames),
    )


def excerpt(frames: Sequence[Frame]) -> tuple[str, ...]:
    """A few calls of the user's code, the innermost first, then a few of what it called."""
    users = [frame for frame in frames if is_users(frame)]
    others = [frame for frame in frames if not is_users(frame)]
    return tuple(map(shown, (*users[:_USERS_SHOWN], *others[:_OTHERS_SHOWN])))


def _shared(samples: Sequence[Sample]) -> list[Frame]:
    """The calls that all looks found, the innermost first, each at its most frequent line."""
    shared: list[Frame] = []
    # From the loop inwards, as far as they agree.
    for level in zip(*(reversed(sample.frames) for sample in samples), strict=False):
        if len({_call(frame) for frame in level}) > 1:
            break
        shared.append(Counter(level).most_common(1)[0][0])
    return shared[::-1]


def _call(frame: Frame) -> tuple[str, str]:
    return frame.file, frame.function
