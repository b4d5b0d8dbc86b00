"""The way of a message: its two ends say what they are, and nothing of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from longwire.link.flow import Queue, Source
from longwire.link.inbox import Inbox
from longwire.link.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: list[tuple[type, str, tuple[Any, ...]]] = [
    (Source, "get_buffer", ()),
    (Source, "filled", (1,)),
    (Source, "parse", (1, 1)),
    (Source, "has_controls", ()),
    (Queue, "room", ()),
    (Queue, "room_bytes", ()),
    (Queue, "commit", ([], 0)),
    (Queue, "hand_over", ()),
    (Queue, "pop", ()),
    (Queue, "take", ()),
    (Queue, "finished", ()),
    (Queue, "breathe", ()),
    (Queue, "add_waiter", ()),
    (Queue, "drop_waiter", (None,)),
    (Queue, "pass_on", ()),
]


@pytest.mark.parametrize(("end", "name", "arguments"), CALLS, ids=str)
def test_an_end_of_nobody_does_nothing(end: type, name: str, arguments: tuple[Any, ...]) -> None:
    """Whoever forgets a method of an end hears of it, compiled, too."""
    method: Callable[..., object] = getattr(end(), name)
    with pytest.raises(NotImplementedError):
        method(*arguments)


def test_the_ends_that_are_used() -> None:
    """Parser and inbox have all that their end is asked for, and it is theirs."""
    used: dict[type, type] = {Source: Parser, Queue: Inbox}
    for end, name, _ in CALLS:
        assert issubclass(used[end], end)
        assert getattr(used[end], name) is not getattr(end, name)
