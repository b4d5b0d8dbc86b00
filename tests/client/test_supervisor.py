"""The engine of a client: what happens when things go wrong in the middle of other things."""

from __future__ import annotations

import asyncio
import random
import threading
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client.isolation import acquire
from longwire.testing import NumberedFeed, frames, misbehave, openings

if TYPE_CHECKING:
    from longwire.testing import RawLink

PATIENCE = 10.0
"""Seconds that nothing here takes unless it is broken."""

QUICK = longwire.Retry(first=0.01, cap=0.05)
BEAT = longwire.Heartbeat(every=0.1, within=0.5, silence=0.2)


async def hold(link: Any) -> None:
    """Keep a link open until the other side ends it."""
    try:
        async for _ in link:
            pass
    except longwire.LinkClosed:
        return


def broken(error: longwire.LongwireError, *, been_live: bool) -> bool:
    """A ``Retry.retryable`` that is wrong."""
    raise ZeroDivisionError("a bug of the user's")


async def ended(client: longwire.Client) -> None:
    """Wait for the end of a client that nobody closes."""
    await client._started()[1].finished()


async def collect_end(client: longwire.Client) -> longwire.LongwireError:
    """The error that ends the client."""
    try:
        while True:
            await client.recv()
    except longwire.LongwireError as error:
        return error


# -- the user's functions fail ---------------------------------------------------------------


async def test_retryable_that_raises_on_a_failed_opening(
    isolate: bool, within: Any, unused_port: int
) -> None:
    """The client ends, and the user sees the bug: it is no quiet end."""
    retry = longwire.Retry(first=0.01, retryable=broken)
    async with within():
        async with longwire.connect(
            f"ws://127.0.0.1:{unused_port}/", retry=retry, isolate=isolate
        ) as client:
            error = await collect_end(client)
            assert isinstance(error.__cause__, ZeroDivisionError)
            assert client.state == "failed"


async def test_retryable_that_raises_on_a_lost_link(
    serving: Any, isolate: bool, within: Any
) -> None:
    """The client ends, the interruption has its outcome, and the link is gone."""

    async def handler(link: Any) -> None:
        await link.send("only")
        await link.close(1011)

    retry = longwire.Retry(first=0.01, retryable=broken)
    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=retry, isolate=isolate) as client:
            assert await client.recv() == "only"
            error = await collect_end(client)
            assert isinstance(error, longwire.GaveUp)
            assert error.__cause__ is not None
            assert isinstance(error.__cause__.__cause__, ZeroDivisionError)
            assert [each.outcome for each in client.interruptions] == ["gave-up"]
            assert error.interruption.closure.received_code == 1011


async def test_a_predicate_that_raises_is_an_interruption_that_names_it(
    serving: Any, isolate: bool, within: Any
) -> None:
    """An ``is_ack`` that fails ends the link, not the client, and the evidence says so."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("x")
        await hold(link)

    def is_ack(message: Any) -> bool:
        raise ZeroDivisionError("a bug of the user's")

    retry = longwire.Retry(first=0.01, cap=0.02, attempts=2)
    async with serving(handler) as url, within():
        async with longwire.connect(
            url,
            subscribe=[longwire.Subscription("sub", is_ack=is_ack)],
            retry=retry,
            isolate=isolate,
        ) as client:
            error = await collect_end(client)
    assert isinstance(error, longwire.GaveUp)
    assert "ZeroDivisionError" in error.interruption.evidence.error


async def test_on_interruption_that_raises_harms_nothing(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Its exception goes to the loop's handler, and the client goes on."""
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))

    async def handler(link: Any) -> None:
        await link.send("x")
        await link.close(1012)

    def on_interruption(interruption: longwire.Interruption) -> None:
        raise ZeroDivisionError("a bug of the user's")

    async with serving(handler) as url, within():
        async with longwire.connect(
            url, retry=QUICK, isolate=isolate, on_interruption=on_interruption
        ) as client:
            assert [await client.recv() for _ in range(3)] == ["x"] * 3
    assert {type(context["exception"]) for context in told} == {ZeroDivisionError}


async def test_subscribe_that_gives_what_cannot_be_sent(
    serving: Any, isolate: bool, within: Any
) -> None:
    """A subscription that no frame can carry ends the client with an error that names it."""
    async with serving(hold) as url, within():
        async with longwire.connect(
            url, subscribe=lambda: ["\ud800"], retry=QUICK, isolate=isolate
        ) as client:
            error = await collect_end(client)
    assert isinstance(error.__cause__, UnicodeEncodeError)


async def test_a_canary_whose_subscription_cannot_be_sent(
    serving: Any, isolate: bool, within: Any
) -> None:
    """The same at a canary's turn: the client does not end without a word."""
    turns: list[str] = []

    def subscribe() -> list[str]:
        turns.append("turn")
        return ["fine" if len(turns) == 1 else "\ud800"]

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("x")
        await hold(link)

    async with serving(handler) as url, within():
        async with longwire.connect(
            url, subscribe=subscribe, retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            error = await collect_end(client)
            assert client.state == "failed"
    assert not isinstance(error, longwire.ClientClosed)
    assert "UnicodeEncodeError" in f"{error} {error.__cause__}"


async def test_a_full_inbox_ends_the_client_whatever_retryable_says(
    serving: Any, isolate: bool, within: Any
) -> None:
    """``Inbox("fail")`` is final: another link could hand nothing over."""

    async def handler(link: Any) -> None:
        for number in range(10):
            await link.send(str(number))
        await hold(link)

    retry = longwire.Retry(first=0.01, cap=0.02, retryable=lambda _error, been_live: True)
    inbox = longwire.Inbox(messages=3, when_full="fail")
    async with serving(handler) as url, within():
        async with longwire.connect(url, retry=retry, inbox=inbox, isolate=isolate) as client:
            await ended(client)
            assert client.state == "failed"
            assert [await client.recv() for _ in range(3)] == ["0", "1", "2"]
            with pytest.raises(longwire.InboxFull) as caught:
                await client.recv()
            assert caught.value.where == url


async def test_each_who_asks_gets_an_error_of_his_own(isolate: bool, within: Any) -> None:
    """A client that has failed can be asked for ever: no traceback grows with it."""
    errors = []
    async with within(), NumberedFeed(opening=openings.reject(401)) as feed:
        async with longwire.connect(feed.url, isolate=isolate) as client:
            for _ in range(5):
                with pytest.raises(longwire.HandshakeRejected) as caught:
                    await client.recv()
                errors.append(caught.value)
    assert len({id(error) for error in errors}) == 5
    assert {(error.status, str(error)) for error in errors} == {(401, str(errors[0]))}
    depths = [sum(1 for _ in traceback.walk_tb(error.__traceback__)) for error in errors]
    # The first had to wait for the end.
    assert len(set(depths[1:])) == 1


async def test_a_failed_refill_is_told_beside_an_unreadable_number(
    serving: Any, isolate: bool, within: Any
) -> None:
    """One alert of a kind in a minute: these are two kinds."""

    async def handler(link: Any) -> None:
        for message in ("bad", "1", "4"):
            await link.send(message)
        await hold(link)

    async def refill(gap: longwire.Gap) -> list[str]:
        raise ZeroDivisionError

    sequence = longwire.Sequence(int, refill=refill)
    async with serving(handler) as url, within():
        async with longwire.connect(url, sequence=sequence, isolate=isolate) as client:
            assert [await client.recv() for _ in range(3)] == ["bad", "1", "4"]
            assert [alert.kind for alert in client.alerts] == ["sequence", "refill"]


# -- moments ---------------------------------------------------------------------------------


@pytest.mark.blocking
async def test_close_before_the_first_step(isolate: bool, within: Any, unused_port: int) -> None:
    """Closing in the very moment of entering is a quiet end like any other."""
    entered = threading.Event()
    async with within():
        # The I/O thread goes on by itself: hold it, or it may have dialled before the close.
        async with acquire() as io:
            io.loop.call_soon_threadsafe(entered.wait, PATIENCE)
            async with longwire.connect(
                f"ws://127.0.0.1:{unused_port}/", isolate=isolate
            ) as client:
                asyncio.get_running_loop().call_soon(entered.set)
        assert client.state == "closed"
        assert client._engine._problem is None
        assert [message async for message in client] == []


@pytest.mark.parametrize("moment", ["waiting", "dialling", "settling", "resettling"])
async def test_close_while_there_is_no_live_link(isolate: bool, within: Any, moment: str) -> None:
    """Closing during back-off, dial and settling: at once, one outcome, nothing left."""
    async with NumberedFeed(subscription="ignore") as feed, within():
        if moment == "waiting":
            feed.opening = openings.reject(503, {"Retry-After": "60"})
        elif moment == "dialling":
            feed.opening = openings.never_answer
        elif moment == "resettling":
            feed.openings_once.append(openings.reject(503))
        async with longwire.connect(
            feed.url, subscribe=["sub"], retry=QUICK, isolate=isolate
        ) as client:
            link = await feed.attempt(2 if moment == "resettling" else 1)
            if moment == "waiting":
                await link.wait_ended()
                await anext(client.events())
            elif moment == "dialling":
                await link.read_head()
            else:
                await link.wait_message()
            await asyncio.gather(client.close(4000), client.close(4001))
        outcomes = [each.outcome for each in client.interruptions]
        assert outcomes == (["closed"] if moment in {"waiting", "resettling"} else [])
        assert client.state == "closed"
        await link.wait_ended()
        if moment in {"settling", "resettling"}:
            assert link.received_close == (4000, "")


@pytest.mark.parametrize("subscribe", [None, ["sub"]])
async def test_a_link_that_dies_with_its_handshake(
    isolate: bool, within: Any, subscribe: Any
) -> None:
    """Data and close in the same segment as the 101: everything arrives, then the next link.

    With subscriptions such a link was never live: what it said answers none of them.
    """
    early = frames.frame(frames.TEXT, b"early") + frames.frame(
        frames.CLOSE, frames.close_payload(1012)
    )
    async with NumberedFeed() as feed, within():
        for _ in range(3):
            feed.openings_once.append(openings.accept_with({}, early=early))
        async with longwire.connect(
            feed.url, subscribe=subscribe, retry=QUICK, isolate=isolate
        ) as client:
            assert [await client.recv() for _ in range(3)] == ["early"] * 3
            link = await feed.link(4)
            if subscribe is not None:
                await link.wait_message()
            feed.emit()
            assert await client.recv() == "0 of the feed"
            await client.wait_live()
            interrupted = 3 if subscribe is None else 1
            assert [each.outcome for each in client.interruptions] == ["recovered"] * interrupted
            assert client.stats().links == 4


async def test_a_canary_that_dies_with_its_handshake(
    isolate: bool, within: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A canary that is closed before it could subscribe decides nothing, and does no harm."""
    early = frames.frame(frames.CLOSE, frames.close_payload(1013))
    async with NumberedFeed(subscription="silent") as feed, within():
        async with longwire.connect(
            feed.url, subscribe=["sub"], retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            first = await feed.link()
            feed.opening = openings.accept_with({}, early=early)
            feed.emit()
            await client.recv()
            canary = await feed.attempt(2)
            await canary.wait_ended()
            await feed.attempt(3)
            feed.emit()
            assert await client.recv() == "1 of the feed"
            assert client.interruptions == []
            assert not first.ended
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_canaries_leave_nothing_behind(isolate: bool, within: Any) -> None:
    """A feed that is quiet for days has asked thousands of canaries: none of them is kept."""
    async with NumberedFeed() as feed, within():
        async with longwire.connect(
            feed.url,
            retry=QUICK,
            isolate=isolate,
            heartbeat=longwire.Heartbeat(every=0.02, within=5, silence=0.02),
        ) as client:
            await feed.attempt(8)
            assert len(client._engine._links) <= 3


async def test_a_canary_hands_over_in_order_into_a_small_inbox(isolate: bool, within: Any) -> None:
    """What a canary has heard when it takes over is delivered whole, in order, within bounds."""
    early = b"".join(frames.frame(frames.TEXT, b"%d" % number) for number in range(20))
    async with NumberedFeed() as feed, within():
        feed.openings_once.append(openings.accept)
        feed.openings_once.append(openings.accept_with({}, early=early))
        async with longwire.connect(
            feed.url, retry=QUICK, heartbeat=BEAT, isolate=isolate, inbox=3
        ) as client:
            first = await feed.link()
            first.muted = True
            await feed.attempt(2)
            assert [await client.recv() for _ in range(20)] == [str(each) for each in range(20)]
            assert [each.outcome for each in client.interruptions] == ["recovered"]


@pytest.mark.parametrize("moment", ["waiting", "live"])
async def test_a_cancelled_run_leaves_nothing(within: Any, moment: str) -> None:
    """A loop that ends cancels every task, the client's too: no timer, no link, one outcome."""
    async with NumberedFeed() as feed, within():
        if moment == "waiting":
            feed.opening = openings.reject(503, {"Retry-After": "60"})
        async with longwire.connect(feed.url, retry=QUICK, isolate=False) as client:
            if moment == "waiting":
                await anext(client.events())
            else:
                await client.wait_live()
            (run,) = [task for task in asyncio.all_tasks() if task.get_name() == "longwire client"]
            run.cancel()
            with pytest.raises(longwire.ClientClosed):
                await client.recv()
            assert [each.outcome for each in client.interruptions] == (
                ["closed"] if moment == "waiting" else []
            )
            assert client.state == "closed"


# -- everything at once ----------------------------------------------------------------------


class Chaos:
    """A script of links that go wrong, each in another way, drawn from one seed.

    Numbers go up by one over all links, some are lost and some repeated. The first link is heard
    for certain, and what comes after the script are links that hold and say the last number again
    and again.
    """

    def __init__(self, seed: int, links: int = 24) -> None:
        self._chance = random.Random(seed)
        self._left = links
        self.next = 0
        self.last: int | None = None

    async def __call__(self, link: RawLink) -> None:
        first = self.next == 0
        self._left -= 1
        if not first and self._left > 0 and self._chance.random() < 0.25:
            refusals = (
                openings.reject(503),
                openings.reject(503, {"Retry-After": "0"}),
                openings.reset_instead,
                openings.end_of_file,
                openings.end_inside_answer,
                openings.accept_then_close(1013),
            )
            await self._chance.choice(refusals)(link)
            return
        numbers = self._numbers()
        early, later = numbers[: (at := self._chance.randrange(len(numbers)))], numbers[at:]
        frame = b"".join(frames.frame(frames.TEXT, b"%d" % number) for number in early)
        await openings.accept_with({}, early=frame)(link)
        for number in later:
            link.send(str(number))
        if first:
            await link.ping()
        if self._left > 0:
            self._break(link)
        while self._left <= 0:
            link.send(str(self.last))
            await asyncio.sleep(0.01)

    def _numbers(self) -> list[int]:
        if self._left <= 0:
            self.last = self.next if self.last is None else self.last
            return [self.last]
        start = self.next
        if start and self._chance.random() < 0.5:
            start = max(0, start + self._chance.choice((-3, 2)))
        self.next = max(self.next, start) + self._chance.randrange(1, 40)
        return list(range(start, self.next))

    def _break(self, link: RawLink) -> None:
        what = self._chance.choice(
            (
                misbehave.reset,
                misbehave.end,
                misbehave.cut_inside_frame,
                misbehave.cut_inside_message,
                misbehave.freeze,
                misbehave.mute,
                misbehave.inject(b"\xff\xff"),
                *(misbehave.close_with(code) for code in (None, 1000, 1001, 1011, 1012, 1013)),
                *(misbehave.close_with(code) for code in (3000, 4000)),
            )
        )
        what(link)


class Witness:
    """Follows a client's events and checks that they tell the whole story."""

    def __init__(self) -> None:
        self.received = 0
        self.missing = 0
        self.expected = 0
        self.down = False
        self.outcomes: list[str] = []

    def told(self, interruption: longwire.Interruption) -> None:
        """The client's ``on_interruption``."""
        self.outcomes.append(interruption.outcome)

    def saw(self, event: Any) -> None:
        """The next event."""
        match event:
            case longwire.Message(data=data):
                assert int(data) == self.expected
                self.received += 1
                self.expected += 1
            case longwire.Gap(kind="sequence", first=first, last=int(last), count=int(count)):
                assert first == self.expected
                assert count == last + 1 - self.expected
                self.missing += count
                self.expected = last + 1
            case longwire.Interrupted(interruption=interruption):
                assert interruption.outcome == "pending"
                assert not self.down
                self.down = True
            case longwire.Recovered(interruption=interruption):
                assert interruption.outcome == "recovered"
                assert self.down
                self.down = False
            case other:
                raise AssertionError(other)


@pytest.mark.parametrize("seed", [1, 2, 3, None])
async def test_whatever_happens_every_number_is_accounted_for(
    isolate: bool, within: Any, seed: int | None
) -> None:
    """Received and missing make up what was sent; each interruption has exactly one outcome."""
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)  # noqa: T201 - pytest shows it where the test fails
    chaos, witness = Chaos(seed), Witness()
    async with NumberedFeed(opening=chaos) as feed, within():
        async with longwire.connect(
            feed.url,
            isolate=isolate,
            retry=longwire.Retry(first=0.005, cap=0.02),
            heartbeat=longwire.Heartbeat(every=0.05, within=0.1, silence=0.1),
            inbox=100,
            sequence=longwire.Sequence(int, restarts="never"),
            open_timeout=1.0,
            on_interruption=witness.told,
        ) as client:
            async for event in client.events():
                witness.saw(event)
                stats = client.stats()
                sums = stats.delivered + stats.dropped + stats.repeated + stats.queued
                assert sums == stats.received
                if chaos.last is not None and witness.expected > chaos.last:
                    break
        for link in feed.links:
            link.thaw()
            await link.wait_ended()
    assert witness.received + witness.missing == witness.expected == (chaos.last or 0) + 1
    stats = client.stats()
    assert (stats.missing, stats.state) == (witness.missing, "closed")
    assert stats.interruptions == len(client.interruptions) > 0
    assert set(witness.outcomes[::2]) == {"pending"}
    assert witness.outcomes[1::2] == [each.outcome for each in client.interruptions]
    assert set(witness.outcomes[1:-1:2]) <= {"recovered"}
    assert all(watch.link.gone for watch in client._engine._links)


@pytest.fixture
def unused_port() -> int:
    """A port where nothing listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
