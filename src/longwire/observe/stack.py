"""Where a thread is in its code, seen from another thread."""

from __future__ import annotations

import sys
import sysconfig
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_NOT_THE_USERS: Final = tuple(
    path
    for name in ("stdlib", "platstdlib", "purelib", "platlib")
    if (path := sysconfig.get_path(name))
)
"""Where code lies that the user did not write: the standard library and installed packages."""


def innermost_place(thread: int | None) -> str | None:
    """File, line and function in which a thread is just now, its user's own code preferred.

    Args:
        thread: The thread's identifier; None: unknown.

    Returns:
        ``file:line in function``, or None if there is no such thread.
    """
    frame = None if thread is None else sys._current_frames().get(thread)  # noqa: SLF001 - documented
    if frame is None:
        return None
    chosen = _first_of_the_user(frame) or frame
    code = chosen.f_code
    return f"{code.co_filename}:{chosen.f_lineno} in {code.co_qualname}"


def _first_of_the_user(frame: FrameType | None) -> FrameType | None:
    while frame is not None:
        if not frame.f_code.co_filename.startswith((*_NOT_THE_USERS, "<")):
            return frame
        frame = frame.f_back
    return None
