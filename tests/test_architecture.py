"""The import rules of pyproject.toml hold, and each of them catches what it is there to catch."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
CONTRACTS = {
    contract["name"]: contract["id"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

VIOLATIONS = {
    "a room imports one above it": ("rooms", "observe/planted.py", "import longwire.link.base"),
    "a room imports one above it, for types only": (
        "rooms",
        "observe/planted.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import longwire.link.base",
    ),
    "a room imports its neighbour": ("rooms", "lint/__init__.py", "import longwire.testing"),
    "a room that nobody planned": ("rooms", "cellar/__init__.py", ""),
    "a room imports the facade": ("facade", "client/deep/__init__.py", "import longwire"),
    "a room imports a name of the facade": (
        "facade",
        "cli/planted.py",
        "from longwire import Retry",
    ),
    "core asks the clock": ("pure", "core/planted.py", "import time"),
    "core does input and output": ("pure", "core/causes/planted.py", "from asyncio import sleep"),
    "another module imports websockets": (
        "handshake",
        "link/planted.py",
        "import websockets.http11",
    ),
    "another module imports aiofastnet": ("transport", "client/planted.py", "import aiofastnet"),
}

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


def broken_contracts(tree: Path) -> set[str]:
    """The ids of the contracts that import-linter finds broken in a source tree."""
    run = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", run.stdout, re.MULTILINE))
    assert set(verdicts) == set(CONTRACTS), run.stdout + run.stderr
    return {CONTRACTS[name] for name, verdict in verdicts.items() if verdict == "BROKEN"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of our sources and of the rules."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    shutil.copytree(ROOT / "src" / "longwire", tmp_path / "src" / "longwire", ignore=ignored)
    return tmp_path


def test_every_contract_is_kept(tree: Path) -> None:
    """Our own sources break no contract."""
    assert broken_contracts(tree) == set()


def test_every_contract_is_tried() -> None:
    """There is a violation below for each contract."""
    assert {contract for contract, _, _ in VIOLATIONS.values()} == set(CONTRACTS.values())


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_each_contract_catches_its_violation(tree: Path, violation: str) -> None:
    """A planted violation breaks exactly the contract that forbids it."""
    contract, file, source = VIOLATIONS[violation]
    planted = tree / "src" / "longwire" / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{source}\n")
    assert broken_contracts(tree) == {contract}


# ---------------------------------------------------------------- what core is made of

PURE = {
    "__future__",
    "collections",
    "dataclasses",
    "difflib",
    "enum",
    "functools",
    "json",
    "math",
    "msgspec",
    "re",
    "tomllib",
    "types",
    "typing",
}
"""What `core` and `errors` may import: parts of the standard library that only compute; msgspec.

The contract "pure" forbids by name what is most tempting; this allows by name, so that nothing is
forgotten. A new name needs a line here, and must neither do input or output nor ask for the time.
"""

PURE_BUT_FOR = {("pkgutil", "core/causes/catalogue.py"): "reads the catalogue from the package"}
"""Exceptions: a module in one file, and what for."""

IMPURE_BUILTINS = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}


def impurities(package: Path) -> set[str]:
    """What `core` and `errors` import or call that they may not, each with its file."""
    files = [package / "errors.py", *(package / "core").rglob("*.py")]
    return {
        f"{file.relative_to(package).as_posix()}: {name}"
        for file in files
        for name in needed(ast.parse(file.read_text()))
        if name not in PURE | {"longwire"}
        and (name, file.relative_to(package).as_posix()) not in PURE_BUT_FOR
    }


def needed(tree: ast.Module) -> Iterator[str]:
    """The packages that a module imports, wherever in it and for whatever, and impure builtins."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.Name(id=name) if name in IMPURE_BUILTINS:
                yield name


def test_core_imports_only_what_is_pure() -> None:
    """Nothing but the listed parts of the standard library, and msgspec; not even for types."""
    assert impurities(ROOT / "src" / "longwire") == set()


def test_the_list_of_what_is_pure_holds_nothing_idle() -> None:
    """Each name of the list is imported by some file, so that the list says what is."""
    package = ROOT / "src" / "longwire"
    files = [package / "errors.py", *(package / "core").rglob("*.py")]
    used = {
        (name, file.relative_to(package).as_posix())
        for file in files
        for name in needed(ast.parse(file.read_text()))
    }
    assert {name for name, _ in used} >= PURE
    assert used >= set(PURE_BUT_FOR)


@pytest.mark.parametrize(
    "source",
    [
        "import datetime",
        "import pathlib",
        "import io",
        "import logging.handlers",
        "import uuid",
        "import tempfile",
        "import _thread",
        "import _socket",
        "import shutil",
        "import platform",
        "import ctypes",
        "import aiohttp",
        "import anyio",
        "import importlib",
        "import pkgutil",
        "from time import monotonic",
        "def late():\n    import time",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ssl",
        "def read():\n    return open('x')",
        "time = __import__('time')",
    ],
)
def test_what_is_not_pure_is_caught(tree: Path, source: str) -> None:
    """Whatever it is, wherever it stands in the file."""
    package = tree / "src" / "longwire"
    (package / "core" / "planted.py").write_text(f"{source}\n")
    (found,) = impurities(package)
    assert found.startswith("core/planted.py: ")
