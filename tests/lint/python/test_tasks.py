"""Which coroutines run beside each other, by however many names, and which functions in threads."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.file import PythonFile
from longwire.lint.python.tasks import goes_nowhere, hides_errors, side_by_side, waits_for_all


def file(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


def started(source: str) -> list[tuple[str, str | None]]:
    """What is started by which call, and the function of the module that it runs."""
    return [
        (
            ast.unparse(one.coroutine.node),
            None if one.function is None else one.function.name,
        )
        for one in file(source).tasks.started
    ]


@pytest.mark.parametrize(
    ("statement", "coroutines"),
    [
        ("asyncio.create_task(read())", ["read()"]),
        ("loop.create_task(read())", ["read()"]),
        ("asyncio.ensure_future(other.read(1))", ["other.read(1)"]),
        ("await asyncio.gather(read(), other.read())", ["other.read()", "read()"]),
        ("await asyncio.gather(*[read(), other.read()])", ["other.read()", "read()"]),
        ("await asyncio.gather(*(read() for _ in range(3)))", ["read()"]),
        ("await asyncio.gather(asyncio.wait_for(read(), 3))", ["read()"]),
        ("await asyncio.gather(asyncio.shield(read()))", ["read()"]),
        ("await asyncio.wait({read()})", ["read()"]),
    ],
)
def test_what_runs_beside_others(statement: str, coroutines: list[str]) -> None:
    """In one expression."""
    source = f"""
import asyncio, other
async def read(): ...
async def main(loop):
    {statement}
"""
    assert sorted(one for one, _ in started(source)) == coroutines
    assert all(name in (None, "read") for _, name in started(source))


def test_tasks_are_looked_through_by_their_names() -> None:
    """Names, lists that are filled, and attributes of the object."""
    source = """
        import asyncio
        class Client:
            async def read(self): ...
            async def write(self): ...
            async def beat(self): ...
            async def run(self):
                self.reader = asyncio.create_task(self.read())
                writer = asyncio.ensure_future(self.write())
                tasks = []
                tasks.append(asyncio.create_task(self.beat()))
                await asyncio.gather(self.reader, writer, *tasks)
    """
    found = file(source).tasks
    gather = next(
        one for one in found.started if ast.unparse(one.by.node.func) == "asyncio.gather"
    ).by
    assert {one.function.name for one in found.of(gather) if one.function} == {
        "read",
        "write",
        "beat",
    }


def test_a_name_without_end_is_not_followed_for_ever() -> None:
    """A task that is made of itself."""
    assert (
        started(
            """
        import asyncio
        async def main(task):
            task = task
            await asyncio.gather(task)
        """
        )
        == []
    )


def test_the_calls_behind_an_attribute_are_known() -> None:
    """Each once, however often it is set."""
    source = """
        import asyncio
        class Client:
            async def read(self): ...
            def start(self):
                self.task = None
                self.task = asyncio.create_task(self.read())
            def stop(self):
                self.task.cancel()
    """
    known = file(source)
    stop = next(one for one in known.module.functions if one.name == "stop")
    task = stop.calls[0].node.func.value  # type: ignore[attr-defined]
    calls = known.tasks.coroutines(task, stop)
    assert [ast.unparse(one.node) for one in calls] == ["self.read()"]


@pytest.mark.parametrize(
    "statement",
    [
        "threading.Thread(target=work).start()",
        "threading.Timer(3, work).start()",
        "pool.submit(work)",
        "await asyncio.to_thread(work)",
        "await loop.run_in_executor(None, work)",
        "_thread.start_new_thread(work, ())",
        "websocket.WebSocketApp(url, on_message=work)",
    ],
)
def test_what_runs_in_a_thread(statement: str) -> None:
    """The function that is handed over, and what it calls."""
    known = file(
        f"""
import asyncio, threading, _thread, websocket
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor()
def work(): helper()
def helper(): ...
def other(): ...
async def main(loop, url):
    {statement}
"""
    )
    assert {one.name for one in known.tasks.in_threads} == {"work", "helper"}


def test_what_a_thread_runs_that_is_a_class_of_its_own() -> None:
    """Its method run, and what that calls."""
    known = file(
        """
        import threading
        class Work(threading.Thread):
            def run(self):
                self.step()
            def step(self): ...
            def other(self): ...
        """
    )
    assert {one.name: by for one, by in known.tasks.in_threads.items()} == {
        "run": "threading.Thread",
        "step": "threading.Thread",
    }


@pytest.mark.parametrize(
    "body",
    ["asyncio.run(main())", "loop.run_forever()", "asyncio.set_event_loop(loop)"],
)
def test_a_thread_with_an_event_loop_of_its_own_is_left_out(body: str) -> None:
    """What it calls is made for that loop."""
    known = file(
        f"""
import asyncio, threading
async def main(): ...
def work(loop):
    {body}
threading.Thread(target=work).start()
"""
    )
    assert known.tasks.in_threads == {}


@pytest.mark.parametrize(
    ("call", "waits", "hides"),
    [
        ("asyncio.gather(a(), b())", True, False),
        ("asyncio.gather(a(), b(), return_exceptions=True)", True, True),
        ("asyncio.wait([t, u])", True, True),
        ("asyncio.wait([t, u], return_when=asyncio.ALL_COMPLETED)", True, True),
        ("asyncio.wait([t, u], return_when=asyncio.FIRST_COMPLETED)", False, True),
        ("asyncio.as_completed([t, u])", False, False),
    ],
)
def test_when_a_wait_is_over_and_whether_it_hides_errors(
    call: str, *, waits: bool, hides: bool
) -> None:
    """Of gather and wait."""
    known = file(f"import asyncio\nasync def main(t, u):\n    await {call}\n")
    first = next(one for one in known.module.calls.values() if one.awaited)
    assert waits_for_all(first, known.meanings) is waits
    assert hides_errors(first) is hides


@pytest.mark.parametrize(
    ("body", "together"),
    [
        ("    asyncio.create_task(a())\n    asyncio.create_task(b())", True),
        ("    await asyncio.gather(a(), b())", True),
        (
            (
                "    if x:\n        asyncio.create_task(a())\n"
                "    else:\n        asyncio.create_task(b())"
            ),
            False,
        ),
        ("    asyncio.create_task(a())\n    while x:\n        asyncio.create_task(b())", False),
    ],
)
def test_what_is_started_side_by_side(body: str, *, together: bool) -> None:
    """One of two branches is not both."""
    head = "import asyncio\nasync def a(): ...\nasync def b(): ...\nasync def main(x):\n"
    first, second = file(head + body).tasks.started
    assert side_by_side(first, second) is together


@pytest.mark.parametrize(
    ("body", "nowhere"),
    [
        ("_ = asyncio.create_task(a())", True),
        ("task = asyncio.create_task(a())", True),
        ("task = asyncio.create_task(a())\n    task.cancel()", False),
        ("global task\n    task = asyncio.create_task(a())", False),
        ("self.task = asyncio.create_task(a())", False),
        ("return asyncio.create_task(a())", False),
    ],
)
def test_a_task_that_nobody_keeps(body: str, *, nowhere: bool) -> None:
    """By a name that nobody reads."""
    known = file(f"import asyncio\nasync def a(): ...\ndef main(self):\n    {body}\n")
    assert goes_nowhere(known.tasks.started[0].by) is nowhere
