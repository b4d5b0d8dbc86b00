"""The programs that this project began with: their mistakes are found, and nothing in the cures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from longwire.lint.engine import check_python, check_rust
from longwire.lint.finding import Confidence

ORIGIN = Path(__file__).parents[2] / "examples" / "origin"
RUST = ORIGIN / "rust" / "src"


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


def _found_in_python(name: str) -> list[tuple[str, str]]:
    """What a user sees by default: rules, each with the line that it is about."""
    source = (ORIGIN / "python" / name).read_bytes()
    lines = source.decode().splitlines()
    return [
        (one.rule, lines[one.line - 1].partition("#")[0].strip())
        for one in check_python(name, source)
        if one.confidence >= Confidence.MEDIUM
    ]


@pytest.mark.parametrize("name", ["faulty.py", "faulty_longwire.py"])
def test_the_three_mistakes_are_found_in_python(name: str) -> None:
    """The swallowed end, the polled queue, and reader and writer that wait for each other."""
    assert _found_in_python(name) == [
        ("LW101", "except Exception:"),
        ("LW116", "while True:"),
        ("LW122", "await asyncio.gather("),
    ]


def test_the_third_mistake_alone_is_found_in_python() -> None:
    """Though the joined coroutines are those of another file."""
    assert _found_in_python("joined.py") == [("LW122", "ends = await asyncio.gather(")]


@pytest.mark.parametrize("name", ["cured.py", "importer.py", "longwire_client.py"])
def test_the_cures_are_clean_in_python(name: str) -> None:
    """Not even a finding of low confidence."""
    assert check_python(name, (ORIGIN / "python" / name).read_bytes()) == []


def test_each_mistake_is_said_as_what_will_happen() -> None:
    """Each message says what happens at run time, and each help what to write instead."""
    found = check_python("faulty.py", (ORIGIN / "python" / "faulty.py").read_bytes())
    swallowed, polled, joined = found
    assert "no other task of this event loop runs again" in swallowed.message
    assert "no other task of this event loop runs" in polled.message
    assert "'write' goes on waiting for something to send" in joined.message
    assert "asyncio.Queue" in polled.help
    assert "TaskGroup" in joined.help
