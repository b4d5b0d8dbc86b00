"""Every rule is complete: its manual, its causes, its place."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from longwire.core.causes.catalogue import CATALOGUE
from longwire.core.causes.instruments import matrix
from longwire.lint.catalogue import RULES
from longwire.lint.rule import HEADINGS, Rule


def _manual(rule: Rule) -> str:
    return inspect.getdoc(sys.modules[rule.check.__module__]) or ""


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_file_is_the_manual(rule: Rule) -> None:
    """A title, and each heading once, in their order, with something below."""
    title, *_ = _manual(rule).splitlines()
    assert title.endswith(".")
    assert tuple(re.findall(r"^## (.+)$", _manual(rule), re.MULTILINE)) == HEADINGS
    assert not re.search(r"^## .+\n+(## |\Z)", _manual(rule), re.MULTILINE)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_name_of_the_file_is_that_of_the_rule(rule: Rule) -> None:
    """So that it is found."""
    name = f"{rule.id.lower()}_{rule.name.replace('-', '_')}"
    assert rule.check.__module__.rpartition(".")[2] == name
    assert re.fullmatch(r"LW[12]\d\d", rule.id)
    assert len(inspect.getsource(sys.modules[rule.check.__module__]).splitlines()) <= 150


def test_rules_prevent_causes_of_the_catalogue() -> None:
    """And the coverage matrix says which."""
    for rule in RULES.values():
        assert rule.prevents
        for cause_id in rule.prevents:
            assert cause_id in CATALOGUE
            assert rule.id in matrix()[cause_id]["lint"]


def test_ids_and_names_are_unlike() -> None:
    """In the order of their ids."""
    assert list(RULES) == sorted(RULES)
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
