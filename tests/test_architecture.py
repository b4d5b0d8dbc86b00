"""The import rules of pyproject.toml hold, and each of them catches what it is there to catch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

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
