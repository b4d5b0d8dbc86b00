"""The lists of ``longwire chaos``, for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from longwire.chaos import FAULTS
from longwire.chaos.scenario import scenario_names
from longwire.cli import main

if TYPE_CHECKING:
    import pytest


def test_all_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its options, its first line and the causes that it reproduces."""
    assert main(["chaos", "--faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert [head.partition(" ")[0] for head in heads] == list(FAULTS)
    close = lines.index("close code= reason=")
    assert lines[close + 1] == f"    {FAULTS['close'].about()}"
    assert lines[close + 2].startswith("    reproduces: deploy-restart, ")


def test_all_faults_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One record a line."""
    assert main(["chaos", "--faults", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["name"] for one in records] == list(FAULTS)


def test_the_manual_of_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """As a page, and as a record."""
    assert main(["chaos", "--fault-help", "mute"]) == 0
    assert capsys.readouterr().out.startswith("mute: Let no message through")
    assert main(["chaos", "--fault-help", "mute", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scope"] == "lane"


def test_all_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """By the names that --scenario takes, with what they are about."""
    assert main(["chaos", "--scenarios"]) == 0
    told = capsys.readouterr().out
    assert "deploy (10.0 s)\n    A server is replaced" in told
    assert "nat-timeout (until it is ended)\n" in told
    assert main(["chaos", "--scenarios", "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["name"] for one in records] == scenario_names()
