"""All faults by name: each file in `longwire.chaos.faults` holds one."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.chaos import faults
from longwire.chaos.fault import Fault
from longwire.core.causes.instruments import register

if TYPE_CHECKING:
    from collections.abc import Mapping


def _load() -> Mapping[str, type[Fault]]:
    found: dict[str, type[Fault]] = {}
    for module_info in pkgutil.iter_modules(faults.__path__):
        module = import_module(f"{faults.__name__}.{module_info.name}")
        (kind,) = (
            one
            for one in vars(module).values()
            if isinstance(one, type)
            and issubclass(one, Fault)
            and one.__module__ == module.__name__
        )
        found[kind.name()] = kind
    return MappingProxyType(found)


FAULTS: Final = _load()
"""The faults, in the order of their names."""

for _kind in FAULTS.values():
    register("chaos", *_kind.reproduces, by=_kind.name())
