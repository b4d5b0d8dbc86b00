"""Each client says whose idiom it follows, and the report leads to it and to the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scoreboard.report import markdown
from scoreboard.roster import CLIENTS
from scoreboard.tally import Results
from tests.continuity.test_report import result

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "scoreboard" / "results"


@pytest.mark.parametrize("name", CLIENTS)
def test_the_report_leads_to_documentation_and_program(name: str) -> None:
    """What is here exists, and what is elsewhere is named in the program's own words, too."""
    whole = Results.begun([name], rounds=1)
    whole.results.append(result(client=name))
    line = next(one for one in markdown(whole).splitlines() if one.startswith(f"- {name}: "))
    docs, program = re.findall(r"\]\(([^)]*)\)", line)
    source = (RESULTS / program).resolve()
    assert source.exists()
    if "://" not in docs:
        assert (RESULTS / docs).resolve().is_file()
    else:
        text = (source / "README.md" if source.is_dir() else source).read_text("utf-8")
        assert docs in text


@pytest.mark.parametrize("name", CLIENTS)
def test_each_program_is_a_module(name: str) -> None:
    """Which runs it, or becomes what does."""
    module = ROOT / "scoreboard" / "clients" / f"{CLIENTS[name].program}.py"
    assert module.is_file()
