"""The guards of conftest.py bite: each lets a good test pass and fails a bad one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

SAMPLE = """
import asyncio
import threading
import time

import pytest

from longwire.errors import LongwireError

STOP = threading.Event()


class Blocking(str):
    def __format__(self, spec):
        time.sleep(0)
        return "somewhere"


class Timer:
    __module__ = "longwire.somewhere"

    def fire(self): ...


async def test_good():
    await asyncio.create_task(asyncio.sleep(0))

async def test_bad_blocks():
    str(LongwireError("what", where=Blocking("somewhere")))

@pytest.mark.blocking
async def test_good_blocks_on_purpose():
    str(LongwireError("what", where=Blocking("somewhere")))

async def test_bad_leaves_a_task(request):
    request.config.kept = asyncio.create_task(asyncio.Event().wait())

@pytest.mark.leaky
async def test_good_leaves_a_task_on_purpose(request):
    request.config.kept = asyncio.create_task(asyncio.Event().wait())

async def test_bad_leaves_a_timer():
    asyncio.get_running_loop().call_later(60, Timer().fire)

async def test_good_cancels_its_timer():
    asyncio.get_running_loop().call_later(60, Timer().fire).cancel()

def test_bad_leaves_a_thread():
    threading.Thread(target=STOP.wait, name="longwire-io", daemon=True).start()

def test_good_ends_that_thread():
    STOP.set()

async def test_good_leaves_the_default_executor_to_its_loop():
    await asyncio.to_thread(int)

@pytest.mark.both_loops
async def test_good_on_each_loop():
    print("LOOP", type(asyncio.get_running_loop()).__module__)

def test_good_needs_no_loop():
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
"""


def test_guards_fail_what_they_should(tmp_path: Path) -> None:
    """A blocking call, and a task, a timer, a thread left behind, fail their tests and no other."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    conftest = (ROOT / "tests" / "conftest.py").read_text()
    (tmp_path / "conftest.py").write_text(conftest.replace("GRACE = 5.0", "GRACE = 0.05"))
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "-v", "test_sample.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = run.stdout.partition("short test summary info")[2]
    complaints = dict(re.findall(r"(?:FAILED|ERROR) test_sample.py::(\S+) - (.*)", summary))
    assert {name: text[:20] for name, text in complaints.items()} == {
        "test_bad_blocks": "blockbuster.blockbus",
        "test_bad_leaves_a_task": "AssertionError: task",
        "test_bad_leaves_a_timer": "AssertionError: time",
        "test_bad_leaves_a_thread": "AssertionError: thre",
    }, run.stdout
    assert {"LOOP asyncio.unix_events", "LOOP uvloop"} <= set(run.stdout.splitlines())
