"""The manual of a rule."""

from __future__ import annotations

import pytest

from longwire.core.causes import CATALOGUE
from longwire.lint.catalogue import ALL_RULES
from longwire.lint.manual import about, manual_of, record_of, rule_of, sections_of
from longwire.lint.rule import HEADINGS, Rule


@pytest.mark.parametrize("rule", ALL_RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_its_manual(rule: Rule) -> None:
    """A title of one line, and all headings, none of them empty; causes are the catalogue's."""
    title = manual_of(rule).splitlines()[0]
    assert title.endswith(".")
    sections = sections_of(rule)
    assert tuple(sections) == HEADINGS
    assert all(sections.values())
    assert set(rule.prevents) <= set(CATALOGUE)


@pytest.mark.parametrize("text", ["LW111", "lw111", "blocking-sleep", "Blocking-Sleep"])
def test_a_rule_by_id_or_name(text: str) -> None:
    """In whatever case."""
    assert rule_of(text).id == "LW111"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("LW-101", "did you mean .*LW101"),
        ("blockingsleep", "did you mean blocking-sleep"),
        ("x", "'x'$"),
    ],
)
def test_no_such_rule(text: str, meant: str) -> None:
    """Is told with what is spelled like it."""
    with pytest.raises(ValueError, match=meant):
        rule_of(text)


def test_the_record() -> None:
    """All of it, for programs."""
    record = record_of(ALL_RULES["LW111"])
    assert record["id"] == "LW111"
    assert record["about"] == about(ALL_RULES["LW111"]) == "`time.sleep` in a coroutine"
    assert list(record["manual"]) == list(HEADINGS)
    assert record["prevents"] == ["blocked-event-loop"]
