"""The targets, and the inputs that are kept for each of them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

HERE: Final = Path(__file__).parent
NAMES: Final = sorted(file.stem for file in (HERE / "targets").glob("*.py"))
KEPT: Final = HERE / "corpus"
"""A folder for each target: what together reaches most, and whatever once broke something."""

FOUND: Final = HERE.parent.parent / "build" / "fuzz"
"""What runs on this machine have found."""


def check_of(name: str) -> Callable[[bytes], None]:
    """A target: a function that must take any bytes."""
    module = importlib.import_module(f"tests.fuzz.targets.{name}")
    check: Callable[[bytes], None] = module.check
    return check


def kept(name: str) -> list[Path]:
    """The inputs that are kept for a target."""
    return sorted((KEPT / name).iterdir())
