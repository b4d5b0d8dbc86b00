"""Every rule against programs written for it, faulty and fine ones, in a room of its name.

A faulty program has ``# LW101`` at the end of each line where that rule is to find something; the
rule finds just there. In a fine program, which is close to a faulty one, it finds nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from longwire.lint.catalogue import RULES
from longwire.lint.engine import check_python, check_rust

if TYPE_CHECKING:
    from longwire.lint.rule import Rule

ROOM = Path(__file__).parent
FIXTURES = sorted(
    path for path in ROOM.glob("*/*/*") if path.suffix in (".py", ".rs") and "__" not in path.name
)


def _rule(fixture: Path) -> Rule:
    return RULES[fixture.parent.name.partition("_")[0].upper()]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_rule_finds_what_is_marked_and_nothing_else(fixture: Path) -> None:
    """Line by line."""
    rule = _rule(fixture)
    source = fixture.read_bytes()
    marked = {
        number
        for number, line in enumerate(source.decode().splitlines(), 1)
        if re.search(rf"(#|//)\s*{rule.id}\b", line)
    }
    check = check_rust if fixture.suffix == ".rs" else check_python
    found = {one.line for one in check(fixture.name, source) if one.rule == rule.id}
    assert found == marked
    assert bool(marked) == fixture.name.startswith("faulty")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_three_faulty_and_three_fine_programs(rule: Rule) -> None:
    """More are welcome."""
    names = [path.name for path in FIXTURES if _rule(path) is rule]
    for kind in ("faulty", "fine"):
        assert sum(name.startswith(f"{kind}_") for name in names) >= 3
