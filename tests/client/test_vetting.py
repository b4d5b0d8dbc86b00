"""Numbers checked and gaps filled on the way from the inbox to the user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

import longwire
from longwire.client.policy import PolicyInbox
from longwire.client.vetting import Vetting
from longwire.link.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK = longwire.Retry(first=0.01, cap=0.05)


def script(*links: list[int | None]) -> Any:
    """A handler that sends the numbers of one link after the other, and cuts all but the last."""
    left = list(links)

    async def handler(link: Any) -> None:
        numbers = left.pop(0)
        for number in numbers:
            await link.send("heartbeat" if number is None else str(number))
        if left:
            await link.ping()
            link.abort()
            return
        try:
            async for _ in link:
                pass
        except longwire.LinkClosed:
            return

    return handler


def number(message: Any) -> int | None:
    """The number of a message; a heartbeat has none."""
    return None if message == "heartbeat" else int(message)


def unexpected(kind: str, text: str) -> None:
    """For trouble that a test does not make."""
    pytest.fail(f"{kind}: {text}")


async def collect(client: Any, last: str) -> list[Any]:
    """Everything up to the last message: messages, and gaps as tuples."""
    seen: list[Any] = []
    async for event in client.events():
        match event:
            case longwire.Message(data=data):
                seen.append(data)
                if data == last:
                    return seen
            case longwire.Gap(kind=kind, first=first, last=end, count=count):
                seen.append((kind, first, end, count))
    return seen


async def test_a_gap_is_told_in_its_place(serving: Any, isolate: bool, within: Any) -> None:
    """What was sent while nobody listened is a gap between the links; repeats are not delivered."""
    handler = script([1, 2, None, 3], [7, 8], [7, 8, 9])
    async with serving(handler) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, sequence=longwire.Sequence(number)
        ) as client:
            seen = await collect(client, "9")
            stats = client.stats()
    assert seen == ["1", "2", "heartbeat", "3", ("sequence", 4, 6, 3), "7", "8", "9"]
    assert (stats.missing, stats.repeated) == (3, 2)
    assert stats.delivered + stats.dropped + stats.repeated + stats.queued == stats.received


async def test_a_refill_comes_before_later_messages(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Later messages wait for the refill; the order is whole and nothing is missing."""
    asked = []
    release = asyncio.Event()

    async def refill(gap: longwire.Gap) -> list[str]:
        asked.append((gap.first, gap.last))
        await release.wait()
        return [str(each) for each in range(gap.first or 0, (gap.last or 0) + 1)]

    handler = script([1, 2], [6, 7, 10])
    async with serving(handler) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, sequence=longwire.Sequence(number, refill=refill)
        ) as client:
            assert [await client.recv(), await client.recv()] == ["1", "2"]
            with pytest.raises(TimeoutError):
                await client.recv(0.1)
            assert asked == [(3, 5)]
            stats = client.stats()
            assert stats.delivered + stats.queued == stats.received
            release.set()
            assert await collect(client, "10") == [str(each) for each in range(3, 11)]
            stats = client.stats()
    assert asked == [(3, 5), (8, 9)]
    assert stats.missing == 0
    assert stats.delivered == stats.received == 10


@pytest.mark.parametrize("how", ["raises", "raises no exception", "short", "slow"])
async def test_what_a_refill_does_not_bring_is_told(
    serving: Any, isolate: bool, within: Any, how: str
) -> None:
    """A refill that fails, brings too little or takes too long leaves a Gap, and life goes on."""

    async def refill(gap: longwire.Gap) -> list[str]:
        if how == "raises":
            raise OSError("no archive")
        if how == "raises no exception":
            raise BaseExceptionGroup("as pytest.fail and some libraries do", [GeneratorExit()])
        if how == "slow":
            await asyncio.Event().wait()
        return ["4"]

    sequence = longwire.Sequence(number, refill=refill, refill_timeout=0.2)
    async with serving(script([1, 2, 6])) as url, within():
        async with longwire.connect(url, retry=QUICK, isolate=isolate, sequence=sequence) as client:
            seen = await collect(client, "6")
            alerts = [alert.kind for alert in client.alerts]
    if how == "short":
        middle: list[Any] = [("refill-failed", 3, 3, 1), "4", ("refill-failed", 5, 5, 1)]
    else:
        middle = [("refill-failed", 3, 5, 3)]
        assert "refill" in alerts
    assert seen == ["1", "2", *middle, "6"]


async def test_close_during_a_refill(serving: Any, isolate: bool, within: Any) -> None:
    """Closing gives the refill up: its gap is told, and what waited behind it is handed over."""
    begun = asyncio.Event()

    async def refill(gap: longwire.Gap) -> list[str]:
        begun.set()
        await asyncio.Event().wait()
        return []

    async with serving(script([1, 5, 6])) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, sequence=longwire.Sequence(number, refill=refill)
        ) as client:
            assert await client.recv() == "1"
            with pytest.raises(TimeoutError):
                await client.recv(0.05)
            await begun.wait()
        assert await collect(client, "6") == [("refill-failed", 2, 4, 3), "5", "6"]


async def test_an_unreadable_number_is_told_once(serving: Any, isolate: bool, within: Any) -> None:
    """A message whose number cannot be read passes, and an alert says so."""
    async with serving(script([1, 2])) as url, within():
        async with longwire.connect(
            url,
            isolate=isolate,
            sequence=longwire.Sequence(lambda message: cast("Any", message).missing),
        ) as client:
            assert [await client.recv(), await client.recv()] == ["1", "2"]
            assert [alert.cause for alert in client.alerts] == ["sequence-gap"]


async def test_close_before_the_first_step_of_a_refill(
    serving: Any, isolate: bool, within: Any
) -> None:
    """A refill that was given up before it began: its gap is told, and nothing waits for it."""

    async def refill(gap: longwire.Gap) -> list[str]:
        raise AssertionError("it was given up before")

    async with serving(script([1, 5, 6])) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, sequence=longwire.Sequence(number, refill=refill)
        ) as client:
            while client.stats().queued < 3:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.005)
            assert await client.recv() == "1"
        assert await collect(client, "6") == [("refill-failed", 2, 4, 3), "5", "6"]


async def test_nothing_is_refilled_after_close(serving: Any, isolate: bool, within: Any) -> None:
    """Gaps that are met after close are told; no task begins for them."""
    asked = []

    async def refill(gap: longwire.Gap) -> list[str]:
        asked.append(gap.first)
        return []

    async with serving(script([1, 5, 9])) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, sequence=longwire.Sequence(number, refill=refill)
        ) as client:
            while client.stats().queued < 3:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.005)
        assert await collect(client, "9") == [
            "1",
            ("refill-failed", 2, 4, 3),
            "5",
            ("refill-failed", 6, 8, 3),
            "9",
        ]
        stats = client.stats()
    assert asked == []
    assert stats.missing == 6
    assert stats.delivered == stats.received == 3


async def test_numbers_and_streams_may_be_json_fields(
    serving: Any, isolate: bool, within: Any
) -> None:
    """The names of fields do in place of functions; what has no such field passes."""
    feed = [("a", 1), ("b", 7), ("a", 2), ("a", 5), ("b", 8)]
    texts = [f'{{"data":{{"s":"{stream}","u":{number}}}}}' for stream, number in feed]

    async def handler(link: Any) -> None:
        for text in ("hello", *texts, '{"last":true}'):
            await link.send(text)
        await link.wait_closed()

    sequence = longwire.Sequence("data.u", "data.s")
    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate, sequence=sequence) as client:
            seen = await collect(client, '{"last":true}')
            assert client.alerts == []
    assert seen == ["hello", *texts[:3], ("sequence", 3, 4, 2), *texts[3:], '{"last":true}']


# ---------------------------------------------------------------- within bounds


async def test_what_stands_in_line_counts(serving: Any, isolate: bool, within: Any) -> None:
    """However many gaps a feed has, and however slow their refills are: memory stays bounded."""
    last, limit = 2000, 50

    async def handler(link: Any) -> None:
        for each in range(2, last + 1, 2):
            await link.send(str(each))
        await link.wait_closed()

    async def refill(gap: longwire.Gap) -> list[str]:
        await asyncio.sleep(0)
        return [str(each) for each in range(gap.first or 0, (gap.last or 0) + 1)]

    sequence = longwire.Sequence(number, refill=refill)
    seen: list[int] = []
    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=limit, sequence=sequence) as client:
            while not seen or seen[-1] < last:
                seen.append(int(await client.recv()))
                stats = client.stats()
                # And the one message that a refill brought.
                assert stats.queued <= limit + 1
                assert stats.delivered == len(seen)
                assert stats.queued_bytes <= (limit + 1) * 4
    assert seen == list(range(2, last + 1))


async def test_marks_stay_in_place_in_line(within: Any) -> None:
    """What stands in line are messages and marks, in order, and no mark counts as a message."""
    inbox = Inbox(100, 1000)
    release = asyncio.Event()

    async def refill(gap: longwire.Gap) -> list[str]:
        await release.wait()
        return [str(gap.first)]

    inbox.vet = Vetting(longwire.Sequence(number, refill=refill), inbox, on_trouble=unexpected)
    first, second = object(), object()
    inbox.commit(["1", "3"], 2)
    inbox.mark(first)
    inbox.commit(["4", "6"], 2)
    inbox.mark(second)
    assert inbox.take(marks=True) == ["1"]
    assert (inbox.queued(), inbox.queued_bytes(), inbox.room()) == (3, 3, 97)
    inbox.commit(["7"], 1)
    assert inbox.take(marks=True) is None
    assert inbox.queued() == 4
    release.set()
    async with within():
        items = inbox.messages(marks=True)
        got = [await anext(items) for _ in range(8)]
    assert got == ["2", "3", first, "4", "5", "6", second, "7"]
    assert (inbox.queued(), inbox.queued_bytes(), inbox.room()) == (0, 0, 100)


async def test_a_refill_that_is_under_way_is_not_disturbed(within: Any) -> None:
    """What arrives meanwhile wakes nobody: it could not be taken."""
    inbox = Inbox(100, 1000)
    release = asyncio.Event()

    async def refill(gap: longwire.Gap) -> list[str]:
        await release.wait()
        return [str(gap.first)]

    inbox.vet = Vetting(longwire.Sequence(number, refill=refill), inbox, on_trouble=unexpected)
    inbox.commit(["1", "3"], 2)
    assert inbox.pop() == "1"
    steps = 0

    class Waiting:
        """Counts how often a receiver is woken."""

        def __await__(self) -> Any:
            nonlocal steps
            receive: Any = inbox.receive()
            while True:
                try:
                    waiter = next(receive)
                except StopIteration as done:
                    return done.value
                steps += waiter is not None
                yield waiter

    async def wait() -> Any:
        return await Waiting()

    task = asyncio.create_task(wait())
    for each in range(4, 20):
        await asyncio.sleep(0)
        inbox.commit([str(each)], 2)
    assert steps == 1
    release.set()
    async with within():
        assert await task == "2"
    assert steps <= 2


async def test_what_nobody_could_judge_is_not_lost() -> None:
    """The user's function was interrupted: what it had not seen is handed over as it is."""
    inbox = Inbox(100, 1000)

    def interrupted(message: Any) -> int:
        if message == "3":
            raise KeyboardInterrupt
        return int(message)

    vetting = Vetting(longwire.Sequence(interrupted), inbox, on_trouble=unexpected)
    inbox.vet = vetting
    inbox.commit(["1", "1", "2", "3", "4"], 5)
    inbox.mark(object())
    with pytest.raises(KeyboardInterrupt):
        inbox.take()
    assert inbox.queued() == 5
    assert inbox.take() == ["1", "1", "2", "3", "4"]
    assert (vetting.repeated, inbox.held_messages, inbox.queued()) == (0, 0, 0)


async def test_a_policy_counts_what_stands_in_line(within: Any) -> None:
    """While a refill is under way the policy begins where the limit is, and the sums hold."""
    inbox = PolicyInbox(longwire.Inbox(messages=4, when_full="drop-newest"))
    release = asyncio.Event()

    async def refill(gap: longwire.Gap) -> list[str]:
        await release.wait()
        return [str(gap.first)]

    inbox.vet = Vetting(longwire.Sequence(number, refill=refill), inbox, on_trouble=unexpected)
    inbox.commit(["1", "3", "4", "5"], 4)
    assert inbox.take() == ["1"]
    inbox.commit(["6", "7", "8"], 3)
    assert (inbox.queued(), inbox.dropped) == (4, 2)
    release.set()
    async with within():
        assert [await inbox.receive() for _ in range(5)] == ["2", "3", "4", "5", "6"]


# ---------------------------------------------------------------- what is told of numbers


async def test_a_restart_is_told_and_not_dropped(serving: Any, isolate: bool, within: Any) -> None:
    """A server begins anew; the first number seen of it is one that was seen before."""
    left = [
        [f"{each} first" for each in range(1, 301)],
        [f"{each} second" for each in range(4, 200)],
    ]

    async def handler(link: Any) -> None:
        for text in left.pop(0):
            await link.send(text)
        await (link.ping() if left else link.wait_closed())
        link.abort()

    sequence = longwire.Sequence(lambda message: int(str(message).split()[0]))
    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=QUICK, isolate=isolate, sequence=sequence) as client:
            seen = await collect(client, "199 second")
            stats = client.stats()
    assert seen[300:302] == [("restart", None, None, None), "4 second"]
    assert len(seen) == 300 + 1 + 196
    assert (stats.repeated, stats.missing) == (0, 0)


async def test_many_repeats_in_a_row_are_an_alert(serving: Any, isolate: bool, within: Any) -> None:
    """They may be a replay; if not, the user has to know what is being dropped."""
    handler = script(list(range(1, 601)), [*range(100, 601), 601])
    async with serving(handler) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, sequence=longwire.Sequence(number)
        ) as client:
            seen = await collect(client, "601")
            stats = client.stats()
            alerts = [alert for alert in client.alerts if alert.kind == "repeats"]
    assert seen == [str(each) for each in range(1, 602)]
    assert stats.repeated == 501
    assert [alert.cause for alert in alerts] == ["sequence-gap"]
    assert "up to number 355 now; the highest was 600" in alerts[0].text


@pytest.mark.parametrize("refilled", [False, True], ids=["told", "refilled"])
@pytest.mark.parametrize("when_full", ["drop-oldest", "drop-newest"])
async def test_each_loss_is_told_once(
    serving: Any, isolate: bool, within: Any, when_full: Any, refilled: bool
) -> None:
    """What the policy dropped is an overflow, what the feed left out a gap of its own."""
    go_on = asyncio.Event()
    asked: list[Any] = []

    async def handler(link: Any) -> None:
        await link.send("1")
        await go_on.wait()
        go_on.clear()
        for each in range(2, 101):
            await link.send(str(each))
        await go_on.wait()
        # 101 to 103 never come.
        for each in (104, 105, 108):
            await link.send(str(each))
        await link.wait_closed()

    async def refill(gap: longwire.Gap) -> list[str]:
        asked.append((gap.first, gap.last))
        return [str(each) for each in range(gap.first or 0, (gap.last or 0) + 1)]

    inbox = longwire.Inbox(messages=10, when_full=when_full)
    sequence = longwire.Sequence(number, refill=refill if refilled else None)
    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=inbox, sequence=sequence) as client:
            assert await client.recv() == "1"
            go_on.set()
            await until(lambda: client.stats().received == 100)
            events = client.events()
            first: list[Any] = [await anext(events) for _ in range(10)]
            seen = [each for event in first for each in shown(event)]
            go_on.set()
            seen += await collect(client, "108")
            stats = client.stats()
    overflow = ("overflow", None, None, 89)
    if when_full == "drop-oldest":
        kept = [overflow, *map(str, range(91, 101))]
        lost = ("sequence", 101, 103, 3)
    else:
        kept = [*map(str, range(2, 12)), overflow]
        # Among the numbers 12 to 103 are those that the policy dropped.
        lost = ("sequence", 12, 103, 3)
    if not refilled:
        rest = [lost, "104", "105", ("sequence", 106, 107, 2), "108"]
    elif when_full == "drop-oldest":
        rest = [str(each) for each in range(101, 109)]
    else:
        rest = [lost, "104", "105", "106", "107", "108"]
    assert seen == kept + rest
    messages = sum(isinstance(each, str) for each in seen)
    gaps = sum(each[3] for each in seen if not isinstance(each, str))
    assert 1 + messages + gaps == 108
    assert stats.missing == gaps - 89
    assert stats.dropped == 89
    assert stats.delivered == 1 + messages
    assert stats.delivered + stats.dropped + stats.repeated + stats.queued == stats.received
    assert asked == ([(101, 103)] * (when_full == "drop-oldest") + [(106, 107)]) * refilled


def shown(event: Any) -> list[Any]:
    """An event as `collect` shows it."""
    if isinstance(event, longwire.Gap):
        return [(event.kind, event.first, event.last, event.count)]
    return [event.data]


async def until(true: Callable[[], bool]) -> None:
    """Wait for what the client tells nobody."""
    while not true():  # noqa: ASYNC110 - a counter has no event
        await asyncio.sleep(0.005)


async def test_conflation_is_no_gap_of_its_streams(
    serving: Any, isolate: bool, within: Any
) -> None:
    """What was replaced is told where its successor stands, once."""

    def stream(message: Any) -> str:
        return str(message).split(":")[0]

    async def handler(link: Any) -> None:
        for turn in range(1, 11):
            for name in "abc":
                await link.send(f"{name}:{turn}")
        await link.wait_closed()

    inbox = longwire.Inbox(messages=3, when_full="conflate", key=stream)
    sequence = longwire.Sequence(lambda message: int(str(message).split(":")[1]), stream)
    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=inbox, sequence=sequence) as client:
            await until(lambda: client.stats().received == 30)
            seen = await collect(client, "c:10")
            stats = client.stats()
    assert [each for each in seen if isinstance(each, str)] == ["a:10", "b:10", "c:10"]
    assert sum(each[3] for each in seen if not isinstance(each, str)) == stats.dropped == 27
    assert (stats.missing, stats.repeated) == (0, 0)


def test_conflation_wants_streams() -> None:
    """With one numbering over all keys it would look as if most messages came again."""
    inbox = longwire.Inbox(when_full="conflate", key=str)
    with pytest.raises(ValueError, match=r"Sequence\.stream is missing"):
        longwire.connect("ws://localhost", inbox=inbox, sequence=longwire.Sequence(number))
