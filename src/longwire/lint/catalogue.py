"""All rules by id: each file in the rooms of `longwire.lint.rules` holds one."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.core.causes.instruments import register
from longwire.lint.rules import general, python, rust

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from longwire.lint.rule import Rule


def _load(room: ModuleType) -> Mapping[str, Rule]:
    names = sorted(one.name for one in pkgutil.iter_modules(room.__path__))
    rules = (import_module(f"{room.__name__}.{name}").RULE for name in names)
    return MappingProxyType({rule.id: rule for rule in rules})


PYTHON_RULES: Final = _load(python)
RUST_RULES: Final = _load(rust)
RULES: Final[Mapping[str, Rule]] = MappingProxyType({**PYTHON_RULES, **RUST_RULES})
"""The rules of all languages, in the order of their ids."""
GENERAL_RULES: Final = _load(general)
"""What is said of files whatever they are written in."""
ALL_RULES: Final[Mapping[str, Rule]] = MappingProxyType({**GENERAL_RULES, **RULES})
"""Both, in the order of their ids."""

for _rule in RULES.values():
    register("lint", *_rule.prevents, by=_rule.id)
