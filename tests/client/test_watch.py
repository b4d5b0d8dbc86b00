"""One link under watch."""

from __future__ import annotations

from typing import Any

import pytest

import longwire
from longwire.client.watch import Watch
from longwire.link.base import Closure


class Ear:
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.told.append(name.removeprefix("link_"))


class FakeLoop:
    """Runs what is to come soon when it is told to."""

    def __init__(self) -> None:
        self.soon: list[Any] = []

    def call_soon(self, function: Any, *arguments: Any) -> None:
        self.soon.append((function, arguments))

    def run(self) -> None:
        """The next turn."""
        turn, self.soon = self.soon, []
        for function, arguments in turn:
            function(*arguments)


class FakeReader:
    """What a watch touches of a reader."""

    inspect: Any = None
    liveness: Any = None
    last_byte = 0.0
    bytes = 0

    def read(self, *batches: list[Any]) -> None:
        """A read, whose messages are parsed in so many batches."""
        self.bytes += 1
        for batch in batches:
            assert self.inspect(batch) is batch


class FakeLink:
    """What a watch touches of a link."""

    def __init__(self) -> None:
        self.reader = FakeReader()
        self.loop = FakeLoop()
        self.sent: list[Any] = []
        self.condemned: list[str] = []

    def post(self, data: Any) -> None:
        self.sent.append(data)

    def condemn(self, end: str) -> None:
        self.condemned.append(end)


def watched(*subscriptions: longwire.Subscription) -> tuple[Watch, Any, Any]:
    """A watch, its link and its listener."""
    ear: Any = Ear()
    link: Any = FakeLink()
    watch = Watch(subscriptions, ear, "ws://example/")
    watch.prepare(link)
    return watch, link, ear


def closure(**fields: Any) -> Closure:
    """The record of an end."""
    known: dict[str, Any] = {"end": "eof", "by": "peer", "opened": 0, "ended": 1, "last_byte": 0}
    return Closure(**{**known, **fields})


def test_without_subscriptions_the_first_message_is_the_last_looked_at() -> None:
    """Opened and spoke are told once, then the stream costs nothing more."""
    watch, link, ear = watched()
    assert watch.settled
    assert watch.end is None
    link.reader.read(["a"])
    assert ear.told == ["opened", "spoke"]
    assert link.reader.inspect is None
    watch.opened()
    assert ear.told == ["opened", "spoke"]


def test_silence_is_ended_by_the_next_message() -> None:
    """After `listen_again` the next data is told, once."""
    watch, link, ear = watched()
    link.reader.read(["a"])
    watch.listen_again()
    link.reader.read(["b", "c"])
    assert ear.told == ["opened", "spoke", "spoke"]
    assert link.reader.inspect is None


def test_acknowledgements_do_not_speak() -> None:
    """Only data does; all is handed over."""
    subscription = longwire.Subscription("sub", is_ack=lambda message: message == "ack")
    watch, link, ear = watched(subscription, longwire.Subscription("more"))
    watch.subscribe()
    assert link.sent == ["sub", "more"]
    link.reader.read(["ack", "ack"])
    assert not watch.settled
    assert ear.told == ["opened"]
    link.reader.read(["ack", "data"])
    assert watch.settled
    assert ear.told == ["opened", "spoke"]


def test_what_was_read_before_the_subscriptions_is_no_answer() -> None:
    """Neither the batch that tells of the opening, nor the rest of the same read."""
    watch, link, ear = watched(longwire.Subscription("sub"))
    ear.link_opened = Watch.subscribe
    link.reader.read(["hello"], ["hello again"])
    assert link.sent == ["sub"]
    assert not watch.settled
    link.reader.read(["data"])
    assert watch.settled
    assert ear.told == ["spoke"]


def test_a_refusal_condemns_after_its_batch() -> None:
    """The peer's own words are handed over first; the error names subscription and answer."""
    watch, link, ear = watched(
        longwire.Subscription("...", name="sub", is_refusal=lambda message: message == "no")
    )
    watch.subscribe()
    link.reader.read(["no", "no"], ["data"])
    assert link.condemned == []
    link.loop.run()
    assert link.condemned == ["subscription-refused"]
    assert ear.told == ["opened"]
    assert watch.end == "subscription-refused"
    problem = watch.problem(closure(end="subscription-refused"))
    assert isinstance(problem, longwire.SubscriptionRefused)
    assert (problem.name, problem.answer) == ("sub", "no")


def test_an_end_is_told_behind_the_opening() -> None:
    """A link that dies before the dial returned was opened all the same."""
    _, link, ear = watched()
    link.on_end(closure())
    assert ear.told == ["opened", "ended"]


def test_whoever_adopts_is_told_from_then_on() -> None:
    """A canary that became the client's link speaks to the client."""
    watch, link, first = watched()
    second: Any = Ear()
    watch.opened()
    watch.adopt(second)
    link.on_silence()
    link.on_pause()
    link.on_writable()
    link.on_end(closure())
    assert first.told == ["opened"]
    assert second.told == ["silent", "paused", "writable", "ended"]


@pytest.mark.parametrize(
    ("ended", "kind"),
    [
        (closure(), longwire.LinkClosed),
        (closure(end="reset", error=OSError("reset")), longwire.LinkClosed),
        (
            closure(end="protocol-error", error=longwire.ProtocolError("bad frame")),
            longwire.ProtocolError,
        ),
        (closure(end="local-error", error=longwire.InboxFull("full")), longwire.InboxFull),
        (closure(end="local-error", error=ZeroDivisionError()), longwire.LinkClosed),
    ],
)
def test_the_problem_is_the_most_telling_error(ended: Any, kind: Any) -> None:
    """Our own typed errors as they are, everything else as LinkClosed with the cause behind it."""
    watch, _, _ = watched()
    problem = watch.problem(ended)
    assert type(problem) is kind
    assert problem is ended.error or problem.__cause__ is ended.error
