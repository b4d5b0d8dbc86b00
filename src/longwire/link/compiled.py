"""Settles which form of the hot modules runs, and tells.

They are ordinary Python files. An installation may hold a compiled form beside each, and Python
prefers that. With ``LONGWIRE_PURE=1`` in the environment the Python files run all the same, so that
one installation can be tested, traced and debugged both ways.
"""

from __future__ import annotations

import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from importlib.util import find_spec
from typing import TYPE_CHECKING

from longwire.link.hot import HOT_MODULES, PACKAGE, pure_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class PureFinder:
    """Finds the Python files of the hot modules, even where compiled forms lie beside them."""

    names = frozenset(f"{PACKAGE}.{name}" for name in HOT_MODULES)

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a hot module's Python file; None for every other module."""
        if name not in cls.names:
            return None
        for folder in path or ():
            finder = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))
            spec = finder.find_spec(name, target)
            if spec is not None:
                return spec
        return None


def is_compiled(name: str) -> bool:
    """Whether the compiled form of a hot module is the one that runs.

    Args:
        name: One of `HOT_MODULES`.
    """
    spec = find_spec(f"{PACKAGE}.{name}")
    origin = (spec.origin if spec is not None else None) or ""
    return origin.endswith(tuple(EXTENSION_SUFFIXES))


if pure_wanted():
    sys.meta_path.insert(0, PureFinder)

COMPILED: bool = all(is_compiled(name) for name in HOT_MODULES)
"""Whether the hot modules run compiled."""
