"""The books: what they note, what they wait for, and what they find wrong."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

import pytest

from longwire.client.events import Message
from longwire.core.causes import Verdict, cause
from longwire.core.sequence import Gap
from longwire.testing import NumberedFeed, RawLink, check_cause, text_message
from longwire.testing.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from longwire.client.client import Client


class FakeClient:
    """Yields what the test puts in; an exception ends it."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, *events: Any) -> None:
        for event in events:
            self.queue.put_nowait(Message(text_message(event)) if type(event) is int else event)

    async def events(self) -> AsyncIterator[Any]:
        while (event := await self.queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event


def books(client: FakeClient) -> Ledger:
    @contextlib.asynccontextmanager
    async def entered() -> AsyncIterator[FakeClient]:
        yield client
        client.put(None)

    return Ledger(cast("AbstractAsyncContextManager[Client]", entered()))


def lost(first: int, last: int) -> Gap:
    return Gap(stream=None, first=first, last=last, count=last - first + 1, kind="sequence")


async def test_notes() -> None:
    """Numbers, messages without one, gaps; all in one list of events."""
    client = FakeClient()
    async with books(client) as ledger:
        client.put(0, 1, Message("hello"), lost(2, 3), 4)
        await ledger.reached(4)
        assert ledger.numbers == [0, 1, 4]
        assert ledger.unnumbered == ["hello"]
        assert ledger.gaps == [lost(2, 3)]
        assert len(ledger.events) == 5
        ledger.check_order()
        ledger.check_sum(0, 4)


async def test_a_gap_counts_as_reached() -> None:
    """What is known to be lost is not waited for."""
    client = FakeClient()
    async with books(client) as ledger:
        client.put(0, lost(1, 5))
        await ledger.reached(5)


@pytest.mark.parametrize(
    "events",
    [(0, 2), (0, 1, 1, 2), (0, lost(1, 2), 2), (0, lost(1, 1))],
    ids=["hole", "double", "both", "short"],
)
async def test_a_wrong_sum_is_found(events: tuple[Any, ...]) -> None:
    """Something missing, or counted twice."""
    client = FakeClient()
    async with books(client) as ledger:
        client.put(*events, Message("end"))
        await ledger.until(lambda: bool(ledger.unnumbered), "the end")
        with pytest.raises(AssertionError, match="known to be lost"):
            ledger.check_sum(0, 2)


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, 0)], ids=["double", "back"])
async def test_a_wrong_order_is_found(numbers: tuple[int, ...]) -> None:
    """A number twice, or after a larger one."""
    client = FakeClient()
    async with books(client) as ledger:
        client.put(*numbers, Message("end"))
        await ledger.until(lambda: bool(ledger.unnumbered), "the end")
        with pytest.raises(AssertionError, match="handed over after"):
            ledger.check_order()


async def test_what_a_link_sent_is_compared() -> None:
    """All of it, or at least a beginning without holes."""
    client = FakeClient()
    async with books(client) as ledger:
        client.put(0, 1, 3)
        await ledger.reached(3)
        link = RawLink(NumberedFeed())
        link.sent = [0, 1]
        ledger.check_link(link)
        link.sent = [0, 1, 2]
        ledger.check_link(link, at_least=2)
        with pytest.raises(AssertionError, match=r"lost: \[2\]"):
            ledger.check_link(link)
        link.sent = [0, 1, 2, 3]
        with pytest.raises(AssertionError, match=r"lost: \[2\]"):
            ledger.check_link(link, at_least=0)


async def test_an_end_is_kept() -> None:
    """An error of the iteration is there to look at, and ends every wait."""
    client = FakeClient()
    async with books(client) as ledger:
        client.put(0, ValueError("broken"))
        assert isinstance(await ledger.ended(), ValueError)
        with pytest.raises(AssertionError, match="ended before number 5") as caught:
            await ledger.reached(5)
        assert isinstance(caught.value.__cause__, ValueError)


async def test_waiting_has_a_deadline() -> None:
    """And says what for."""
    async with books(FakeClient()) as ledger:
        with pytest.raises(TimeoutError, match="number 0"):
            await ledger.reached(0, timeout=0.01)


def test_a_cause_is_checked_with_its_blame_and_reason() -> None:
    """Another cause, another blame, another reason: each is found."""
    verdict = Verdict(cause=cause("tls-expiry"), reasons=("It has expired.", "So it is."))
    check_cause(verdict, "tls-expiry", blame="peer", because="So")
    for name, blame, because in (
        ("unknown", "peer", "So"),
        ("tls-expiry", "local", "So"),
        ("tls-expiry", "peer", "Why"),
    ):
        with pytest.raises(AssertionError, match=r"tls-expiry \(blame: peer\), because: It has"):
            check_cause(verdict, name, blame=blame, because=because)  # type: ignore[arg-type]  # any str
