"""Which form of the hot modules runs is known, can be chosen, and is the one that was meant."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from longwire.link import compiled, hot

EXPECTED = os.environ.get("LONGWIRE_EXPECT")

PROGRAM = """
import sys
sys.modules["cython"] = None  # as where Cython is not installed
from longwire.link import compiled, hot
print(compiled.COMPILED, sys.meta_path.count(compiled.PureFinder))
for name in hot.HOT_MODULES:
    print(__import__(f"{hot.PACKAGE}.{name}", fromlist=["x"]).__file__)
"""


def in_a_process_of_its_own(pure: str) -> list[str]:
    """What PROGRAM prints under ``LONGWIRE_PURE=pure``."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "LONGWIRE_PURE": pure},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.splitlines()


@pytest.mark.skipif(EXPECTED is None, reason="LONGWIRE_EXPECT does not say what should run")
@pytest.mark.parametrize("name", hot.HOT_MODULES)
def test_the_form_that_runs_is_the_one_that_was_meant(name: str) -> None:
    """``LONGWIRE_EXPECT=compiled|pure`` says what this run of the tests is about; so it is."""
    file = str(import_module(f"{hot.PACKAGE}.{name}").__file__)
    runs = "compiled" if file.endswith(tuple(EXTENSION_SUFFIXES)) else "pure"
    assert runs == EXPECTED
    assert (EXPECTED == "compiled") is compiled.COMPILED


def test_pure_runs_the_python_files_without_cython() -> None:
    """With ``LONGWIRE_PURE=1`` the Python files run, compiled forms or not, Cython or not."""
    first, *files = in_a_process_of_its_own("1")
    assert first == "False 1"
    found = [".".join(Path(file).with_suffix("").parts[-2:]) for file in files]
    assert found == list(hot.HOT_MODULES)
    assert {Path(file).suffix for file in files} == {".py"}


@pytest.mark.parametrize("value", ["", "0"])
def test_pure_can_be_switched_off(value: str) -> None:
    """An empty ``LONGWIRE_PURE`` and ``0`` mean the same as none: no finder stands in the way."""
    first, *_ = in_a_process_of_its_own(value)
    assert first.endswith(" 0")


def test_the_finder_prefers_the_python_file(tmp_path: Path) -> None:
    """Where compiled and Python file lie side by side, the finder finds the Python file."""
    (tmp_path / "parser.py").write_text("")
    (tmp_path / f"parser{EXTENSION_SUFFIXES[0]}").write_bytes(b"not to be loaded")
    spec = compiled.PureFinder.find_spec("longwire.link.parser", [str(tmp_path)])
    assert spec is not None
    assert spec.origin == str(tmp_path / "parser.py")


def test_the_finder_minds_its_own_modules(tmp_path: Path) -> None:
    """Other modules, and hot modules that are nowhere, are left to Python's own finders."""
    (tmp_path / "link.py").write_text("")
    py_compile.compile(str(tmp_path / "link.py"))
    assert compiled.PureFinder.find_spec("longwire.link.link", [str(tmp_path)]) is None
    assert compiled.PureFinder.find_spec("longwire.link.parser", [str(tmp_path)]) is None
    assert compiled.PureFinder.find_spec("longwire.link.parser") is None
