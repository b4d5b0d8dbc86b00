"""Everything that chaos does is written down, with its moment."""

from __future__ import annotations

import asyncio
import json

from longwire.chaos.journal import Journal, json_record


async def test_records_are_kept_in_order_and_told() -> None:
    """Each with its moment; what is None is left out."""
    told: list[object] = []
    journal = Journal(told.append)
    journal.tell("accepts", crossing=1)
    journal.tell("strikes", fault="mute", crossing=None)
    first, second = journal
    assert (len(journal), told) == (2, [first, second])
    assert 0 <= first["t"] <= second["t"]
    assert {**first, "t": 0} == {"t": 0, "action": "accepts", "crossing": 1}
    assert {**second, "t": 0} == {"t": 0, "action": "strikes", "fault": "mute"}


async def test_records_are_found_and_awaited() -> None:
    """By their action and any of their fields, as often as wanted."""
    journal = Journal()
    journal.tell("over", crossing=1)
    assert journal.find("over", crossing=2) == []
    waiting = asyncio.create_task(journal.until("over", times=2))
    await asyncio.sleep(0)
    journal.tell("strikes", crossing=2)
    await asyncio.sleep(0)
    assert not waiting.done()
    journal.tell("over", crossing=2)
    assert [one["crossing"] for one in await waiting] == [1, 2]
    assert len(await journal.until("over", crossing=2)) == 1


def test_a_record_is_a_line_of_json() -> None:
    """Whatever is in it."""
    record = {"t": 0.5, "action": "strikes", "error": "two\nlines"}
    line = json_record(record)
    assert "\n" not in line
    assert json.loads(line) == record
