"""Comments that ignore nothing are taken away, and nothing else with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SLEEP = "import time, websockets\n\nasync def f(ws, lock):\n    with lock:\n        time.sleep(1)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1  # longwire: ignore[LW101]\ny = 2\n", "x = 1\ny = 2\n"),
        ("x = 1  # longwire: ignore[LW101] as it is ours\r\ny", "x = 1\r\ny"),
        ("x = 1  # longwire: ignore[LW101]", "x = 1"),
        ("x = 1  # longwire: ignore[LW101]  # noqa: E1\n", "x = 1  # noqa: E1\n"),
        ("x = 1  # noqa: E1  # longwire: ignore[LW101]\n", "x = 1  # noqa: E1\n"),
        ("if x:\n    # longwire: ignore[LW101]\n    y\n", "if x:\n    y\n"),
        ("# longwire: ignore-file[LW101, LW102]\nx = 1\n", "x = 1\n"),
        ("x = '# longwire: ignore[LW101]'\n", "x = '# longwire: ignore[LW101]'\n"),
        (
            f"{SLEEP}  # longwire: ignore[LW101,lw111 , LW102] so\n",
            f"{SLEEP}  # longwire: ignore[lw111] so\n",
        ),
        (f"{SLEEP}  # longwire: ignore[LW111] so\n", f"{SLEEP}  # longwire: ignore[LW111] so\n"),
        (
            "x = 1  # see longwire: ignore[LW101]\n",
            "x = 1  # see longwire: ignore[LW101]\n",
        ),
    ],
)
def test_what_is_left(fix: Callable[[str], str], before: str, after: str) -> None:
    """Other comments, ids that are of use, and strings."""
    assert fix(before) == after
