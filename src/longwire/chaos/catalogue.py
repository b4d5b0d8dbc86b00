"""All faults by name: each file in `longwire.chaos.faults` holds one."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from longwire.chaos import faults
from longwire.chaos.fault import Fault
from longwire.core.causes.instruments import leave_out, register

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

_IN_THE_PROGRAM: Final = "it is in the program itself, not between the program and its server"
_LEFT_OUT: Final = {
    "it is in the program itself; longwire.testing.block_loop blocks a loop on purpose": (
        "blocked-event-loop",
    ),
    "it is in the program itself; longwire.testing.SlowReader is such a reader": (
        "slow-handler-inline",
    ),
    _IN_THE_PROGRAM: (
        "busy-poll-loop",
        "task-garbage-collected",
        "concurrent-recv",
        "cross-thread-access",
        "handler-lifecycle-mistake",
    ),
    "it is the client's machine that sleeps; longwire.testing.frozen stops a process": (
        "sleep-wake",
    ),
    "the client asks for addresses before it comes to the proxy": ("stale-dns",),
    "give the proxy a certificate that has run out: Proxy(tls=...), --tls-cert": ("tls-expiry",),
    "segments are the kernel's: longwire.chaos.kernel makes them vanish": ("mtu-blackhole",),
    "the clock is the client's machine's": ("clock-jump",),
}
"""Why the other causes have no fault."""

for _because, _ids in _LEFT_OUT.items():
    leave_out("chaos", *_ids, because=_because)
for _kind in FAULTS.values():
    register("chaos", *_kind.reproduces, by=_kind.name())
