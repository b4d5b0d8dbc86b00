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
    "a room imports its neighbour": ("rooms", "chaos/planted.py", "import longwire.lint.finding"),
    "a room that nobody planned": ("rooms", "cellar/__init__.py", ""),
    "a room imports the facade": ("facade", "cli/deep/__init__.py", "import longwire"),
    "a room imports a name of the facade": (
        "facade",
        "cli/planted.py",
        "from longwire import Retry",
    ),
    "a room imports the blocking facade": ("facade", "cli/planted.py", "import longwire.sync"),
    "core asks the clock": ("pure", "core/planted.py", "import time"),
    "core does input and output": ("pure", "core/causes/planted.py", "from asyncio import sleep"),
    "the linter imports the client": ("lint", "lint/planted.py", "import longwire.client.settings"),
    "the linter has an event loop": ("lint", "lint/rules/planted.py", "import asyncio"),
    "another module imports websockets": (
        "handshake",
        "link/planted.py",
        "import websockets.http11",
    ),
    "another module imports python_socks": ("socks", "client/planted.py", "import python_socks"),
    "another module imports zlib-ng": ("zlibs", "client/planted.py", "import zlib_ng.zlib_ng"),
    "another module imports libcst": ("fixes", "lint/planted.py", "import libcst"),
    "another module imports pygls": ("editors", "cli/lint/planted.py", "import pygls.lsp.server"),
    "another module imports lsprotocol": (
        "editors",
        "cli/lint/planted.py",
        "from lsprotocol import types",
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


# ---------------------------------------------------------------- tests beside the sources

TESTED_ELSEWHERE = {
    "__init__.py": "test_exports.py, and the signatures in test_signatures.py",
    "client/arguments.py": "through `connect`, which it is a part of: client/test_settings.py",
    "core/causes/evidence.py": "records without behaviour; every test of a judge makes them",
    "lint/rule.py": "records without behaviour; every test of a rule reads them",
    "lint/python/records.py": "records; lint/python/test_collect.py makes and reads them",
    "lint/python/sockets.py": "what is known of libraries: lint/python/test_meanings.py asks it",
    "lint/python/standard.py": "likewise",
    "lint/rust/records.py": "records; lint/rust/test_collect.py makes and reads them",
    "lint/rust/roles.py": "names of roles; every test of a meaning asks for them",
    "lint/rust/sockets.py": "what is known of libraries: lint/rust/test_receives.py asks it",
    "lint/rust/standard.py": "likewise: lint/rust/test_meanings.py",
    "lint/rust/walker.py": "how `turns` finds its ways: lint/rust/test_turns.py",
    "lint/rust/ways.py": "likewise",
    "lint/python/roles.py": "names of roles; every test of a meaning asks for them",
    "link/ending.py": "a part of link/link.py, and tested with it",
    "link/hot.py": "the list of what is compiled: link/test_compiled.py",
    "link/memory_inbox.py": "a part of link/memory.py, tested with it and by the conformance suite",
    "link/memory_messages.py": "likewise",
    "link/memory_wire.py": "likewise",
    "testing/conformance/closing.py": "tests themselves: they run over both kinds of link, and",
    "testing/conformance/ending.py": "testing/test_conformance.py lets them fail, each one",
    "testing/conformance/expect.py": "likewise",
    "testing/conformance/fragments.py": "likewise",
    "testing/conformance/limits.py": "likewise",
    "testing/conformance/messages.py": "likewise",
    "testing/conformance/receiving.py": "likewise",
}
"""Sources without a test file of their own, and where their tests are."""


def has_code(file: Path) -> bool:
    """Whether a source defines anything; else it is a docstring, imports, a constant."""
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, definitions) for node in ast.parse(file.read_text()).body)


def places_for(file: Path) -> set[str]:
    """Where the tests of a source belong: in the same folder, under its name or its package's."""
    folder = file.parent
    if folder.as_posix() in ("lint/rules/python", "lint/rules/rust"):  # programs it is tried on
        return {file.with_suffix("").as_posix()}
    if file.name == "__init__.py":
        return {f"{folder.as_posix()}/test_{name}.py" for name in (folder.name, "init")} | {
            f"{folder.parent.as_posix()}/test_{folder.name}.py"
        }
    return {(folder / f"test_{file.name}").as_posix()}


def test_every_source_has_its_tests() -> None:
    """A file that defines something has a test file in the same place under `tests`."""
    package = ROOT / "src" / "longwire"
    sources = {file.relative_to(package) for file in package.rglob("*.py") if has_code(file)}
    without = {
        file.as_posix()
        for file in sources
        if not any((ROOT / "tests" / name).exists() for name in places_for(file))
    }
    assert without - set(TESTED_ELSEWHERE) == set(), "tests mirror src/longwire"
    assert set(TESTED_ELSEWHERE) - without == set(), "these have tests now: take them off the list"


# ---------------------------------------------------------------- sizes

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

LONG_FILES = {
    "client/jsonfields.py": 430,  # one automaton in C, its states in one place for the compiler
    "client/supervisor.py": 640,  # see ARCHITECTURE.md, "Known weaknesses"
    "core/tracker.py": 440,  # one judgement, in the order in which it is made
    "link/inbox.py": 730,  # two halves under one lock, see ARCHITECTURE.md
}
"""Lines that files may have that are longer than they should be: not to grow."""

LONG_FUNCTIONS = {
    "cli/listen.py: add_arguments": 60,  # one call per option
    "client/settings.py: connect": 95,  # the signature is the public face
    "client/supervisor.py: __init__": 65,  # what it is put together of
    "link/parser.py: _run": 85,  # a call per frame costs more than the branch it would hide
}
"""Lines that functions may have, without their docstrings, likewise."""


def functions_of(file: Path) -> dict[str, int]:
    """Each function of a file, and its lines without the docstring."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or 0) - node.lineno + 1
            lines -= 0 if said is None else said.count("\n") + 1
            found[node.name] = max(lines, found.get(node.name, 0))
    return found


def test_files_and_functions_stay_small() -> None:
    """What is longer than it should be is listed, and does not grow."""
    package = ROOT / "src" / "longwire"
    files: dict[str, int] = {}
    functions: dict[str, int] = {}
    for file in package.rglob("*.py"):
        name = file.relative_to(package).as_posix()
        files[name] = len(file.read_text().splitlines())
        functions |= {f"{name}: {each}": length for each, length in functions_of(file).items()}
    for found, listed, bound in (
        (files, LONG_FILES, LONGEST_FILE),
        (functions, LONG_FUNCTIONS, LONGEST_FUNCTION),
    ):
        grown = {name: length for name, length in found.items() if length > listed.get(name, bound)}
        assert not grown, "cut them, or say beside the list why they cannot be"
        short = {name for name in listed if found.get(name, 0) <= bound}
        assert not short, "these are short enough: take them off the list"
