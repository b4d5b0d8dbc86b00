"""Which inputs to keep of a target: few and small ones that reach all that any of them does.

LONGWIRE_PURE=1 python -m tests.fuzz.reach TARGET
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import longwire
from tests.fuzz import corpus

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

Steps = set[tuple[str, int, int]]
"""From one line to the next, in a file of longwire's."""

BROKE = "broke-"
"""How the names of inputs begin that are kept for what they once broke."""


def reached(check: Callable[[bytes], None], data: bytes) -> Steps:
    """Every step that an input makes the code take."""
    steps: Steps = set()

    def on_call(frame: FrameType, event: str, arg: object) -> Any:
        if "/longwire/" not in frame.f_code.co_filename:
            return None
        line = 0

        def on_line(frame: FrameType, event: str, arg: object) -> Any:
            nonlocal line
            steps.add((frame.f_code.co_filename, line, frame.f_lineno))
            line = frame.f_lineno
            return on_line

        return on_line

    sys.settrace(on_call)
    try:
        check(data)
    finally:
        sys.settrace(None)
    return steps


def main() -> None:
    """Keep what reaches anything new, the smallest first, and whatever once broke something."""
    assert not longwire.COMPILED, "steps are those of Python code: set LONGWIRE_PURE=1"
    name = sys.argv[1]
    check = corpus.check_of(name)
    kept = corpus.KEPT / name
    kept.mkdir(parents=True, exist_ok=True)
    tried = [*kept.iterdir(), *(corpus.FOUND / name).glob("*")]
    fixed = [one for one in tried if one.name.startswith(BROKE)]
    others = sorted((one for one in tried if one not in fixed), key=lambda one: one.stat().st_size)
    check(b"")  # what happens only once is no merit of the first input
    steps: Steps = set()
    for one in [*fixed, *others]:
        fresh = reached(check, one.read_bytes()) - steps
        steps |= fresh
        if fresh and one.parent != kept:
            shutil.copy(one, kept)
        elif not fresh and one not in fixed and one.parent == kept:
            one.unlink()
    print(f"{name}: {len(list(kept.iterdir()))} inputs are kept, of {len(tried)}")


if __name__ == "__main__":
    main()
