"""Many sources, in one process or in several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from longwire.lint import workers
from longwire.lint.check import Checked, Task, check
from longwire.lint.workers import check_all, cores

if TYPE_CHECKING:
    from pathlib import Path

SLEEPY = b"import time, websockets\nasync def f(ws):\n    time.sleep(%d)\n"
TASKS = [Task("Python", SLEEPY % number + b"# padding\n" * 5000) for number in range(20)]


def test_none() -> None:
    """Nothing to do."""
    assert check_all([]) == []


def test_several_processes_give_the_same_in_the_same_order() -> None:
    """As one; and none of them is left."""
    expected = [check(one) for one in TASKS]
    assert check_all(TASKS, jobs=1) == expected
    assert check_all(TASKS, jobs=2) == expected
    assert multiprocessing.active_children() == []


def test_a_copy_of_a_threaded_process_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its locks might be held for ever: new processes are started, then, with the same result."""
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert workers._context().get_start_method() == "spawn"


def test_few_sources_need_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting one would take longer."""

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(workers, "_in_processes", never)
    assert len(check_all(TASKS[:3])) == 3


def test_nor_does_a_process_with_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a program that uses the linter, and may not be ready to be begun twice."""

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(workers, "_in_processes", never)
    monkeypatch.setattr(workers, "PAYS_FROM", 1)
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert len(check_all(TASKS[:3])) == 3


def test_there_is_a_core() -> None:
    """At least one."""
    assert cores() >= 1


def die_of_one(task: Task) -> Checked:
    if task.source == TASKS[5].source:
        os._exit(3)
    return check(task)


def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a defect of the file that was its death; the others are checked all the same."""
    monkeypatch.setattr(workers, "check", die_of_one)
    monkeypatch.setattr(workers, "_CHUNK", len(TASKS[0].source) * 4)
    results = check_all(TASKS, jobs=2)
    whole = [check(one) for one in TASKS]
    assert [one for place, one in enumerate(results) if place != 5] == [
        one for place, one in enumerate(whole) if place != 5
    ]
    assert "has died" in results[5].defects[0].error


STUCK = """
import os, sys, time
from longwire.lint import workers
def stuck(*_):
    with open(sys.argv[1], "a") as file:
        print(os.getpid(), file=file)
    time.sleep(60)
workers.check = stuck
tasks = [workers.Task("Python", b"x" * 200_000)] * 4
try:
    workers.check_all(tasks, jobs=2)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are no copies of this one there")
def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    """Not even one that is busy; and nothing is printed by them."""
    pids = tmp_path / "pids"
    pids.touch()
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, str(pids)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while pids.read_text().count("\n") < 2:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=15)
    assert (out, err) == ("interrupted\n", "")
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
