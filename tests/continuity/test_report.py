"""The tables and pictures of a run say what was measured."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from scoreboard.bars import bars
from scoreboard.cells import CELLS
from scoreboard.measure import Deafness, Result
from scoreboard.nocells import NO_CELL
from scoreboard.picture import overview, timeline
from scoreboard.report import markdown, summary
from scoreboard.tally import Results

if TYPE_CHECKING:
    from pathlib import Path


def result(cell: str = "upstream-feed-dead", client: str = "longwire", **more: Any) -> Result:
    """A result without a fault."""
    fields: dict[str, Any] = {
        "cell": cell,
        "client": client,
        "round": 1,
        "sent": 500,
        "silent": 0,
        "told": 0,
        "named": 9,
        "twice": 0,
        "late": 0,
        "noticed": 0.01,
        "back": 0.05,
        "naming": "right",
        "causes": [cell],
        "deafness": [],
        "named_at": [(0.01, cell)],
        "span": (-1.2, 1.5),
        "attempts": 1,
        "receives": True,
        "exited": None,
        "connections": 1,
        "stopped": True,
        "children": False,
    }
    return Result(**(fields | more))


def deaf() -> Result:
    """A peer that never comes back and says nothing."""
    return result(
        client="websockets",
        silent=300,
        named=0,
        noticed=None,
        back=None,
        naming="none",
        causes=[],
        named_at=[],
        deafness=[Deafness(0.0, 1.5, over=False)],
        receives=False,
    )


def run(*results: Result) -> Results:
    """A run of these."""
    whole = Results.begun(["longwire", "websockets"], rounds=1)
    whole.results.extend(results)
    return whole


def test_the_report_tells_of_everything() -> None:
    """Each client has a line, each play too, and each cause without a cell its reason."""
    text = markdown(run(result(), deaf()))
    assert "back in 50 ms, named" in text
    assert "**deaf**, **300 lost silently**" in text
    assert all(f"`{cause}`" in text for cause in NO_CELL)
    assert text.count("| `upstream-feed-dead` |") == 3
    rows = summary(run(result(), deaf()))
    assert rows[2].endswith("| 1 | 0 | 0 | 0 | 50 ms | 100% | 0 |")
    assert rows[3].endswith("| 1 | 1 | 1 | 0 | - | - | 0 |")


@pytest.mark.parametrize(
    ("fault", "missed"),
    [
        ({}, []),
        ({"silent": 1}, [0]),
        ({"naming": "unknown"}, [1]),
        ({"naming": "wrong"}, [1, 2]),
        ({"back": 0.2}, [3]),
        ({"noticed": None}, [4]),
        ({"noticed": 9.0}, [4]),
        ({"connections": 2}, [5]),
        ({"grown": (0, 1)}, [5]),
        ({"left": ["task reader"]}, [5]),
        ({"cell": "message-too-big"}, [6]),
        ({"cell": "message-too-big", "noticed": None}, []),
        ({"cell": "blocked-event-loop"}, [6]),
        ({"cell": "blocked-event-loop", "client": "longwire inline"}, []),
        ({"told": 1}, [7]),
        ({"told": 1, "receives": False}, []),
        ({"unfounded": 1}, [7]),
    ],
)
def test_each_bar_can_be_missed(fault: dict[str, Any], missed: list[int]) -> None:
    """Every promise is held against the results, and against longwire's only."""
    found = bars(run(result(**fault), deaf()))
    assert [place for place, bar in enumerate(found) if not bar.met] == missed


def test_the_report_tells_how_often() -> None:
    """Who is deaf once in some rounds is not called deaf, and who is so always is not excused."""
    assert "| **deaf** in 1 of 2, **300" in markdown(run(deaf(), result(client="websockets")))
    assert "| **deaf**, **300" in markdown(run(deaf(), deaf()))
    once = run(result(exited=1), result(), result())
    assert "| **ended** in 1 of 3, named |" in markdown(once)


def test_the_report_tells_what_was_left() -> None:
    """And what was called lost and came."""
    text = markdown(run(result(grown=(1, 2), left=["task reader"], unfounded=4)))
    words = "threads +1, sockets +2, left task reader, 4 called lost that came"
    assert f"| receives, {words} |" in text


def test_without_longwire_there_is_no_bar() -> None:
    """Nothing is promised for others."""
    assert bars(run(deaf())) == []


def test_the_pictures_are_pictures() -> None:
    """Well-formed, with what was named in words and deafness in red."""
    whole = run(result(), deaf(), result("zombie-stream"))
    ours = ET.fromstring(timeline(whole, "longwire"))
    texts = [one.text for one in ours.iter("{http://www.w3.org/2000/svg}text")]
    # In front as the name of the cell, behind as what the client said.
    assert texts.count("zombie-stream") == 2
    assert "deaf" in [one.get("class") for one in ET.fromstring(overview(whole)).iter()]


def test_results_can_be_kept(tmp_path: Path) -> None:
    """What is written is read again, to the millisecond."""
    run(result(back=0.0504), deaf()).write(tmp_path / "one.json")
    again = Results.read(tmp_path / "one.json")
    assert [one.back for one in again.results] == [0.05, None]
    assert again.clients == ["longwire", "websockets"]
    assert again.cells == ["upstream-feed-dead"]
    assert again.of("websockets")[0].deafness == [Deafness(0.0, 1.5, over=False)]


def test_every_cell_has_a_kind_that_the_report_shows() -> None:
    """None is left out of the tables."""
    text = markdown(run(*(result(cell) for cell in CELLS)))
    assert all(f"| `{cell}` | {CELLS[cell].what} |" in text for cell in CELLS)
