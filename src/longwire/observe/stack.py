"""Where a thread or a task is in its code, seen from another thread.

Places and names only, never the value of a variable.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from types import FrameType

_NOT_THE_USERS: Final = (
    *(
        path
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
        if (path := sysconfig.get_path(name))
    ),
    str(Path(__file__).parents[1]),
    "<",
)
"""How the names of files begin that the user did not write: Python's, what is installed, ours."""

_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
"""Folders for installed packages, wherever they are."""

_LOOP: Final = {
    os.path.join("asyncio", name)  # noqa: PTH118 - the end of a name, no path
    for name in ("base_events.py", "events.py", "runners.py")
}
"""Files of asyncio in which a running loop is seen on its thread's stack."""

_LOOP_FUNCTIONS: Final = {"_run_once", "_run", "run", "run_forever", "run_until_complete"}

_NAME_MAX: Final = 80
"""Characters of a task's name that are told. Anybody may have chosen it."""


class Frame(NamedTuple):
    """One call on a stack."""

    file: str
    line: int
    function: str


class Sample(NamedTuple):
    """What a thread was doing at one moment."""

    frames: tuple[Frame, ...]
    """The innermost first, up to the event loop that runs them."""
    task: str | None
    """The name of the task that ran; None: a callback, or not known."""


def sample(thread: int | None, loop: asyncio.AbstractEventLoop | None = None) -> Sample | None:
    """What a thread is doing just now.

    Args:
        thread: The thread's identifier; None: not known.
        loop: The loop that it runs, whose current task is asked for.

    Returns:
        None if there is no such thread.
    """
    frame = None if thread is None else sys._current_frames().get(thread)  # noqa: SLF001 - documented
    if frame is None:
        return None
    return Sample(tuple(_walk(frame)), current_task_name(loop))


def current_task_name(loop: asyncio.AbstractEventLoop | None) -> str | None:
    """The name of the task that a loop runs just now, from whichever thread; None if none."""
    if loop is None:
        return None
    import asyncio  # noqa: PLC0415 - whoever has a loop has imported it

    task = asyncio.current_task(loop)
    return None if task is None else task_name(task)


def task_name(task: asyncio.Task[Any]) -> str:
    """A task's name, safe to print on one line and not too long."""
    name = task.get_name()
    return _printable(name if len(name) <= _NAME_MAX else f"{name[:_NAME_MAX]}...")


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def frames_of_task(task: asyncio.Task[Any]) -> tuple[Frame, ...]:
    """Where a suspended task waits, the innermost call first; empty while it runs."""
    found: list[Frame] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = _first(awaited, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None:
            found.append(_frame(frame))
        awaited = _first(awaited, "cr_await", "gi_yieldfrom", "ag_await")
    return tuple(reversed(found))


def _first(thing: Any, *names: str) -> Any:
    return next((found for name in names if (found := getattr(thing, name, None))), None)


def frames_here() -> tuple[Frame, ...]:
    """The stack of who calls this, the innermost call first."""
    return tuple(_walk(sys._getframe(1)))  # noqa: SLF001 - what everybody uses


def _walk(frame: FrameType | None) -> Iterator[Frame]:
    """From a frame outwards, as far as the loop that runs it all."""
    while frame is not None:
        seen = _frame(frame)
        if is_loop(seen):
            return
        yield seen
        frame = frame.f_back


def _frame(frame: FrameType) -> Frame:
    code = frame.f_code
    return Frame(code.co_filename, frame.f_lineno or code.co_firstlineno, code.co_qualname)


def is_loop(frame: Frame) -> bool:
    """Whether it is an event loop's own call, which runs all calls inside of it."""
    name = frame.function.rpartition(".")[2]
    return name in _LOOP_FUNCTIONS and frame.file.endswith(tuple(_LOOP))


def is_users(frame: Frame) -> bool:
    """Whether it is the user's own code: neither Python's nor an installed package's nor ours."""
    file = frame.file
    return not file.startswith(_NOT_THE_USERS) and not any(part in file for part in _INSTALLED)


_WAITS: Final = (
    "selectors.py",
    "threading.py",
    "queue.py",
    os.path.join("futures", "thread.py"),  # noqa: PTH118 - the same
    "socket.py",
    "ssl.py",
    "connection.py",
    "subprocess.py",
)
"""Files of the standard library in whose calls a thread waits without holding anything up."""


def at_rest(frames: tuple[Frame, ...]) -> bool:
    """Whether a thread waits for something, as far as can be seen: an idle loop, an idle worker."""
    return not frames or (not is_users(frames[0]) and frames[0].file.endswith(_WAITS))


def innermost(frames: tuple[Frame, ...]) -> Frame | None:
    """The innermost call of the user's own code, or else the innermost of all."""
    return next(filter(is_users, frames), frames[0] if frames else None)


def shown(frame: Frame) -> str:
    """A call as ``file:line in function``, the file's name as short as is clear."""
    return _printable(f"{short(frame.file)}:{frame.line} in {frame.function}")


def short(file: str) -> str:
    """A file's name from where packages are imported on, or its last three parts."""
    # Not from the working directory on: to ask for that may count as blocking in a loop.
    found = [inner for root in sys.path if (inner := _below(file, root)) is not None]
    return min(found, key=len, default=str(Path(*Path(file).parts[-3:])))


def _below(file: str, root: str) -> str | None:
    folder = root.rstrip(os.sep) + os.sep
    return file[len(folder) :] if len(folder) > 1 and file.startswith(folder) else None
