"""All fixes, by the ids of their rules."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.lint import fixes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longwire.lint.fixes.fix import Fix

_FILES: Final = MappingProxyType(
    {
        name.partition("_")[0].upper(): name
        for name in sorted(one.name for one in pkgutil.iter_modules(fixes.__path__))
        if name.startswith("lw")
    }
)
FIXABLE: Final = frozenset(_FILES)
"""Ids of the rules of which some findings can be fixed. To know them needs no libcst."""


@cache
def all_fixes() -> Mapping[str, Fix]:
    """Every fix.

    Raises:
        ModuleNotFoundError: libcst is not installed.
    """
    loaded = (import_module(f"{fixes.__name__}.{name}").FIX for name in _FILES.values())
    return MappingProxyType({fix.rule: fix for fix in loaded})
