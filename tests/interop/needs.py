"""What is done without a tool: the test is skipped with the reason, or fails where it must not be.

The end of a run of the tests counts what was skipped for which tool (`tests/conftest.py`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.interop.toolchains import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

EXPECTED = "LONGWIRE_EXPECT_TOOLS"
"""The variable that lists tools whose absence is a failure, such as ``"go node"``."""

T = TypeVar("T")


def need(make: Callable[[], T]) -> T:
    """What the function makes; it may raise `Missing`."""
    try:
        return make()
    except Missing as missing:
        if missing.tool in os.environ.get(EXPECTED, "").split():
            pytest.fail(str(missing))
        pytest.skip(str(missing))
