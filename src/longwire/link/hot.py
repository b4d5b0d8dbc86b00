"""Which modules are compiled where a C compiler is found. ``setup.py`` runs this file by itself."""

from __future__ import annotations

import os

PACKAGE = "longwire"

HOT_MODULES = (
    "link.flow",
    "link.masking",
    "link.deflate",
    "link.lender",
    "link.framing",
    "link.parser",
    "link.streamparser",
    "link.encoder",
    "link.inbox",
    "link.waiter",
    "link.receive",
    "link.blocking",
    "link.reader",
    "link.writer",
    "client.likeness",
    "client.jsonfields",
)
"""The compiled modules, below `PACKAGE`. The build compiles all of them or none."""


def pure_wanted() -> bool:
    """Whether ``LONGWIRE_PURE`` in the environment asks for pure Python.

    At build time it means: do not compile; at run time: run the Python files, compiled or not.
    """
    return os.environ.get("LONGWIRE_PURE", "") not in {"", "0"}
