"""What a run was made with: the kind of machine and the versions. No host names, no paths."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib import metadata

import longwire

PEERS = ("picows", "websockets", "aiohttp", "websocket-client", "uvloop", "aiofastnet", "zlib-ng")


def today() -> str:
    """The date of the run."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def environment() -> dict[str, str | int | None]:
    """The interpreter, and the kind and size of the machine."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
    }


def versions() -> dict[str, str]:
    """The installed version of each library that takes part, and which form of longwire runs."""
    form = "compiled" if longwire.COMPILED else "not compiled"
    found = {"longwire": f"{longwire.__version__} ({form})"}
    for package in PEERS:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
