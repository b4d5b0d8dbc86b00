"""Loops that do nothing but ask, and waits that were asked before."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest

from longwire.lint.python.file import PythonFile
from longwire.lint.python.spins import (
    asked_before,
    asked_queue,
    has_conditions,
    has_timeout,
    is_hollow,
    may_wait,
    only_asks,
    released_soon,
    returns_at_once,
)

if TYPE_CHECKING:
    from longwire.lint.python.records import Loop


def loop_of(
    body: str, *, start: str = "while True:", kind: str = "async def"
) -> tuple[Loop, PythonFile]:
    """A loop in a function that has a queue, and the file that it is in."""
    source = f"""
import asyncio, queue, time
q = queue.Queue()
{kind} run(self):
    {start}
{textwrap.indent(textwrap.dedent(body), "        ")}
"""
    file = PythonFile(source)
    return file.module.functions[1].loops[0], file


@pytest.mark.parametrize(
    ("test", "only"),
    [
        ("True", True),
        ("not self.ready and x > 3", True),
        ("not event.is_set()", True),
        ("time.monotonic() < until", True),
        ("len(self.items) == 0", True),
        ("self.step()", False),
        ("await self.ready()", False),
        ("(item := self.next) is None", False),
    ],
)
def test_a_condition_that_only_asks(test: str, *, only: bool) -> None:
    """Finding it out changes nothing."""
    assert only_asks(ast.parse(test, mode="eval").body) is only


@pytest.mark.parametrize(
    ("body", "kind", "hollow"),
    [
        ("pass", "async def", True),
        ("continue", "def", True),
        ("'a comment'\nawait asyncio.sleep(0)", "async def", True),
        ("await asyncio.sleep(1)", "async def", False),
        ("if self.items:\n    await self.send()", "async def", True),
        ("if self.items:\n    self.send()", "def", False),
        ("if self.items:\n    pass\nelse:\n    self.wait()", "async def", False),
        ("self.step()", "async def", False),
    ],
)
def test_a_loop_with_nothing_in_it(body: str, kind: str, *, hollow: bool) -> None:
    """What it does where a condition holds is of no matter."""
    loop, file = loop_of(body, kind=kind)
    assert is_hollow(loop, file) is hollow
    assert has_conditions(loop) is body.startswith("if")


def test_a_loop_over_something_is_never_hollow() -> None:
    """It ends."""
    loop, file = loop_of("pass", start="for x in self.items:")
    assert not is_hollow(loop, file)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("if not q.empty():\n    q.get()", True),
        ("q.get_nowait()", True),
        ("q.get()", False),
        ("self.items.empty()", False),
    ],
)
def test_a_queue_that_is_asked(body: str, *, asked: bool) -> None:
    """One that is known to be a queue."""
    loop, file = loop_of(body)
    assert (asked_queue(loop, file) is not None) is asked


def test_the_condition_of_a_loop_is_not_in_it() -> None:
    """A loop that ends when the queue is empty does not poll it."""
    loop, file = loop_of("q.get()", start="while not q.empty():")
    assert asked_queue(loop, file) is None


@pytest.mark.parametrize(
    ("body", "waits"),
    [
        ("if not q.empty():\n    self.work(q.get_nowait())", False),
        ("if not q.empty():\n    self.work(q.get_nowait())\nself.poll()", True),
        ("try:\n    x = q.get_nowait()\nexcept queue.Empty:\n    self.rest()", True),
    ],
)
def test_what_is_called_besides_may_wait(body: str, *, waits: bool) -> None:
    """Where something has been taken, it is of no matter."""
    loop, file = loop_of(body, kind="def")
    assert may_wait(loop, file) is waits


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("if not q.empty():\n    q.get()", True),
        ("q.get()", False),
        ("if not self.other.empty():\n    q.get()", False),
        ("q.get()\nif not q.empty():\n    pass", False),
    ],
)
def test_a_wait_that_was_asked_before(body: str, *, asked: bool) -> None:
    """By a condition on the same object, around it or before it."""
    loop, file = loop_of(body)
    get = next(one for one in loop.place.function.calls if ast.unparse(one.node.func) == "q.get")
    assert file is not None
    assert asked_before(get) is asked


@pytest.mark.parametrize(
    ("body", "soon"),
    [
        ("lock.acquire()\nself.n += 1\nlock.release()\nawait self.go()", True),
        ("lock.acquire()\nawait self.go()\nlock.release()", False),
        ("lock.acquire()\nother.release()", False),
    ],
)
def test_a_lock_that_is_let_go_of_soon(body: str, *, soon: bool) -> None:
    """In the same function, before others have their turn."""
    loop, _ = loop_of(body)
    calls = loop.place.function.calls
    acquire = next(one for one in calls if ast.unparse(one.node.func) == "lock.acquire")
    assert released_soon(acquire) is soon


@pytest.mark.parametrize(
    ("call", "at_once"),
    [
        ("q.get()", False),
        ("q.get(False)", True),
        ("q.get(block=False)", True),
        ("q.get(timeout=0)", True),
        ("q.get(timeout=1)", False),
        ("lock.acquire(blocking=False)", True),
    ],
)
def test_a_wait_that_is_none(call: str, *, at_once: bool) -> None:
    """As its arguments say."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert returns_at_once(node) is at_once


@pytest.mark.parametrize(
    ("call", "limited"),
    [("q.get(timeout=3)", True), ("q.get(True, 3)", True), ("q.get()", False), ("q.get(x)", False)],
)
def test_a_wait_with_a_timeout(call: str, *, limited: bool) -> None:
    """By its name, or as a number."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert has_timeout(node) is limited
