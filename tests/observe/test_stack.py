"""Where a thread or a task is in its code."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

import pytest

import longwire
from longwire.observe.stack import (
    Frame,
    at_rest,
    frames_here,
    frames_of_task,
    innermost,
    is_users,
    sample,
    short,
    shown,
    task_name,
)


@pytest.fixture
def elsewhere() -> Any:
    """Runs a function in a thread and gives its identifier once it is inside."""
    threads: list[threading.Thread] = []
    release = threading.Event()

    def start(function: Any) -> int:
        inside: queue.SimpleQueue[int] = queue.SimpleQueue()

        def wait() -> None:
            inside.put(threading.get_ident())
            release.wait()

        thread = threading.Thread(target=function, args=(wait,))
        threads.append(thread)
        thread.start()
        return inside.get(timeout=10)

    yield start
    release.set()
    for thread in threads:
        thread.join()


def place(thread: int | None) -> str:
    """The innermost place of a thread, as it is told."""
    seen = sample(thread)
    assert seen is not None
    found = innermost(seen.frames)
    assert found is not None
    return shown(found)


def users_function(wait: Any) -> None:
    """What a user has written."""
    wait()


def test_a_thread_is_found_in_its_users_code(elsewhere: Any) -> None:
    """File, line and function, not the standard library's inside of it."""
    told = place(elsewhere(users_function))
    assert told.startswith("tests/observe/test_stack.py:") or "/" not in told
    assert told.endswith("in elsewhere.<locals>.start.<locals>.wait")


def test_the_innermost_of_the_users_frames_is_named(elsewhere: Any) -> None:
    """Library code between two frames of the user's does not hide the inner one."""

    def through_a_library(wait: Any) -> None:
        def hook(_: Any) -> None:
            wait()

        json.loads("{}", object_hook=hook)

    assert place(elsewhere(through_a_library)).endswith("wait")


def test_a_thread_with_nothing_but_library_code() -> None:
    """Better the library's place than none."""
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    try:
        assert place(thread.ident).startswith("threading.py:")
    finally:
        event.set()
        thread.join()


def test_no_such_thread() -> None:
    """Unknown, or gone meanwhile: None, and no error in the middle of a report."""
    assert sample(None) is None
    assert sample(-1) is None
    assert innermost(()) is None


@pytest.mark.both_loops
async def test_the_stack_goes_up_to_the_loop() -> None:
    """What runs the loop is no part of what blocks it; the task that runs is named."""

    async def outer() -> Any:
        return await inner()

    async def inner() -> Any:
        return frames_here(), sample(threading.get_ident(), asyncio.get_running_loop())

    here, seen = await asyncio.create_task(outer(), name="culprit")
    assert [frame.function.rpartition(".")[2] for frame in here] == ["inner", "outer"]
    assert [frame.function.rpartition(".")[2] for frame in seen.frames[-2:]] == ["inner", "outer"]
    assert seen.task == "culprit"


@pytest.mark.both_loops
async def test_a_suspended_task_is_found_where_it_waits() -> None:
    """Through all that it awaits, the innermost first; a task that is over shows nothing."""
    ready, over = asyncio.Event(), asyncio.Event()

    async def handle() -> None:
        ready.set()
        await over.wait()

    async def consume() -> None:
        await handle()

    task = asyncio.create_task(consume())
    await ready.wait()
    names = [frame.function.rpartition(".")[2] for frame in frames_of_task(task)]
    assert names == ["wait", "handle", "consume"]
    over.set()
    await task
    assert frames_of_task(task) == ()


async def test_a_tasks_name_is_safe_to_print() -> None:
    """Anybody may have chosen it: one line, and not too long."""
    task = asyncio.create_task(asyncio.sleep(0), name="a\nb" + "x" * 500)
    await task
    assert task_name(task).startswith("a?bxxx")
    assert len(task_name(task)) < 100


@pytest.mark.parametrize(
    ("file", "users"),
    [
        ("/home/me/feed.py", True),
        (os.__file__, False),
        (str(Path(sysconfig.get_path("purelib")) / "requests" / "api.py"), False),
        ("/opt/lib/python3/dist-packages/requests/api.py", False),
        (str(Path(longwire.__file__).parent / "client" / "client.py"), False),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_whose_code_it_is(file: str, users: bool) -> None:
    """Python's, installed packages' and ours are not the user's."""
    assert is_users(Frame(file, 1, "f")) is users


def test_files_are_told_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """From where packages are imported on, or the last three parts; always on one line."""
    monkeypatch.setattr(sys, "path", ["", "/srv/code", "/srv/code/vendored"])
    assert short("/srv/code/vendored/lib/x.py") == "lib/x.py"
    assert short("/srv/code/app/x.py") == "app/x.py"
    assert short("/somewhere/else/deep/inside/x.py") == "deep/inside/x.py"
    assert short("<string>") == "<string>"
    assert shown(Frame("/srv/code/a\nb.py", 3, "f")) == "a?b.py:3 in f"


def test_who_waits_is_at_rest() -> None:
    """An idle loop and an idle worker hold nothing up; who computes does."""
    select = Frame(os.path.join(os.path.dirname(os.__file__), "selectors.py"), 1, "select")  # noqa: PTH118, PTH120
    mine = Frame("/home/me/selectors.py", 1, "select")
    assert at_rest(())
    assert at_rest((select, mine))
    assert not at_rest((mine,))
