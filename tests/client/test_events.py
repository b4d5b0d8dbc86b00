"""What `Client.events` yields."""

from __future__ import annotations

import pytest

import longwire
from longwire.client.client import Events
from longwire.client.events import Interrupted, Message, Recovered
from longwire.link.inbox import Inbox


async def test_messages_are_wrapped_and_marks_are_not() -> None:
    """Text and binary become `Message`; what is an event already stays itself, in order."""
    inbox = Inbox(10, 1000)
    gap = longwire.Gap(kind="sequence", first=1, last=2, count=2)
    inbox.commit(["text"], 4)
    inbox.mark(gap)
    inbox.commit([b"binary"], 6)
    inbox.end(lambda: longwire.ClientClosed("over"), quiet=True)
    events = [event async for event in Events(inbox.messages(marks=True))]
    assert events == [Message("text"), gap, Message(b"binary")]


def test_events_match_by_their_names() -> None:
    """The facade's names are these classes, so that ``match`` works with them."""
    assert longwire.Message is Message
    assert longwire.Interrupted is Interrupted
    assert longwire.Recovered is Recovered


def test_events_are_frozen() -> None:
    """Whoever gets an event cannot change it for others."""
    message = Message("x")
    with pytest.raises(AttributeError):
        message.data = "y"  # type: ignore[misc] # the very mistake
