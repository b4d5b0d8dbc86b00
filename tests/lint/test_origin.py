"""The programs of the origin case: their three mistakes are found, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from longwire.lint.engine import check_rust
from longwire.lint.finding import Confidence

RUST = Path(__file__).parents[2] / "examples" / "origin" / "rust" / "src"


def test_the_three_mistakes_in_rust() -> None:
    """Each in its place, and certain."""
    source = (RUST / "bin" / "faulty.rs").read_bytes()
    lines = source.decode().splitlines()
    found = check_rust("faulty.rs", source)
    assert [(one.rule, lines[one.line - 1].strip()) for one in found] == [
        ("LW201", "_ => {}"),
        ("LW207", "for request in requests.try_iter() {"),
        ("LW210", "join_all(both).await;"),
    ]
    assert {one.confidence for one in found} == {Confidence.HIGH}
    for one, says in zip(
        found, ("gives None at once", "keeps its thread", "both ended"), strict=True
    ):
        assert says in one.message
        assert re.search(r"leave|recv\(\)\.await|select!", one.help)


@pytest.mark.parametrize("path", ["bin/cured.rs", "lib.rs", "place.rs"])
def test_the_cured_program_in_rust_is_clean(path: str) -> None:
    """And so is what both programs are there for."""
    assert check_rust(path, (RUST / path).read_bytes()) == []
