"""What the client declares to cover of the catalogue, beside what `classify` names."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import NumberedFeed, number_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scenario = Callable[[bool], Awaitable[Any]]

QUICK = longwire.Retry(first=0.01, cap=0.05, attempts=2)


async def a_gap(isolate: bool) -> None:
    """The feed leaves two numbers out."""
    async with NumberedFeed() as feed:
        sequence = longwire.Sequence(number_of)
        async with longwire.connect(feed.url, isolate=isolate, sequence=sequence) as client:
            await feed.link(1)
            feed.emit(2)
            feed.next_number += 2
            feed.emit(1)
            events = [event async for event, _ in numbered(client, 4)]
    (gap,) = [event for event in events if isinstance(event, longwire.Gap)]
    assert (gap.kind, gap.first, gap.last, gap.count) == ("sequence", 2, 3, 2)
    assert not client.interruptions


async def the_last_attempt(isolate: bool) -> None:
    """The feed goes away for good, and the user has set a number of attempts."""
    async with NumberedFeed() as feed:
        async with longwire.connect(feed.url, isolate=isolate, retry=QUICK) as client:
            link = await feed.link(1)
            await client.wait_live(10)
            await feed.stop_listening()
            link.reset()
            with pytest.raises(longwire.GaveUp) as caught:
                await client.recv(10)
    interruption = caught.value.interruption
    # The life that was cut counts as a failure, too: it was not a stable one.
    assert (interruption.outcome, interruption.attempts) == ("gave-up", 1)
    assert client.interruptions == [interruption]


async def numbered(client: longwire.Client, last: int) -> Any:
    """Events with their numbers, up to the message of the last one."""
    async for event in client.events():
        number = number_of(event.data) if isinstance(event, longwire.Message) else None
        yield event, number
        if number == last:
            return


TOLD = {"sequence-gap": a_gap, "reconnect-gives-up": the_last_attempt}
"""The causes that a client proves though no judge names them, and how it comes to that."""


@pytest.mark.parametrize("cause_id", TOLD)
async def test_what_no_judge_names_is_told_all_the_same(cause_id: str, isolate: bool) -> None:
    """With the evidence that the catalogue asks for."""
    await TOLD[cause_id](isolate)


def test_the_matrix_shows_all_that_the_client_can_prove() -> None:
    """No cause that a running client can prove has an empty cell in its column."""
    program = (
        "import longwire.client\n"
        "from longwire.core.causes import CATALOGUE\n"
        "from longwire.core.causes.instruments import matrix\n"
        "covered = {one for one, cells in matrix().items() if cells['client']}\n"
        "provable = {one.id for one in CATALOGUE.values() if one.observable_by_client}\n"
        "print(*(provable - covered))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == []
