"""The rules of ``longwire lint``, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from longwire.cli import main
from longwire.lint.catalogue import ALL_RULES

if TYPE_CHECKING:
    import pytest


def test_all_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each."""
    assert main(["lint", "--rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(ALL_RULES)
    (sleeping,) = (line for line in lines if line.startswith("LW111"))
    assert sleeping.split(maxsplit=3)[1:] == [
        "blocking-sleep",
        "error",
        "`time.sleep` in a coroutine",
    ]


def test_all_rules_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One record a line."""
    assert main(["lint", "--rules", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["id"] for one in records] == list(ALL_RULES)


def test_the_manual_of_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """As a page, and as a record."""
    assert main(["lint", "--explain", "LW111"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("LW111 blocking-sleep (error): `time.sleep` in a coroutine\n\nWhat it")
    assert "\nExample\n      async def reader(ws):\n          async for message in ws:\n" in page
    assert "```" not in page
    assert page.endswith("Prevents\n  blocked-event-loop (longwire explain ID)\n")
    assert main(["lint", "--explain", "blocking-sleep", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "LW111"


def test_no_such_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Is wrong usage, and says what may be meant."""
    assert main(["lint", "--explain", "LW1111"]) == 2
    assert "did you mean" in capsys.readouterr().err
