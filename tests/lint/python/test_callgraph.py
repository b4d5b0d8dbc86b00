"""Who calls whom in a module."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest

from longwire.lint.python.callgraph import CallGraph
from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings

if TYPE_CHECKING:
    from longwire.lint.python.records import Module


def graph(source: str) -> tuple[Module, CallGraph]:
    module = collect(ast.parse(textwrap.dedent(source)))
    return module, CallGraph(Meanings(module))


def test_who_calls_a_plain_function_in_an_event_loop() -> None:
    """Directly, or by way of another one; a thread's function is not called in it."""
    module, known = graph(
        """
        import asyncio
        def deep(): ...
        def middle():
            deep()
        async def top():
            middle()
            await asyncio.to_thread(apart)
        def apart(): ...
        """
    )
    named = {one.name: one for one in module.functions}
    assert known.called_in_event_loop(named["deep"]) is named["top"]
    assert known.called_in_event_loop(named["apart"]) is None


def test_what_runs_in_a_task_or_a_thread_of_its_own() -> None:
    """And what is only awaited, or called."""
    _, known = graph(
        """
        import asyncio, threading
        async def a(): ...
        async def b(): ...
        def c(): ...
        def d(): ...
        class Feed:
            async def e(self):
                self.task = asyncio.create_task(a())
                await b()
                threading.Thread(target=c).start()
                await asyncio.to_thread(d)
                asyncio.ensure_future(self.e())
        """
    )
    assert {one.name for one in known.spawned()} == {"a", "c", "d", "e"}


def test_the_calls_of_a_function() -> None:
    """Directly, as a method, as a coroutine for a task."""
    module, known = graph(
        """
        class Feed:
            async def run(self): ...
            async def start(self):
                await self.run()
                create_task(self.run())
        async def main():
            feed = Feed()
            await feed.run()
        """
    )
    run = module.classes["Feed"].functions["run"]
    assert [one.node.lineno for one in known.callers(run)] == [5, 6, 9]
    assert known.callers(module.main) == []


@pytest.mark.parametrize(
    ("base", "name", "runs"),
    [
        ("tornado.websocket.WebSocketHandler", "on_message", True),
        ("tornado.websocket.WebSocketHandler", "initialize", False),
        ("autobahn.asyncio.websocket.WebSocketClientProtocol", "onMessage", True),
        ("asyncio.Protocol", "data_received", True),
        ("threading.Thread", "on_message", False),
    ],
)
def test_callbacks_that_run_on_the_event_loop(base: str, name: str, *, runs: bool) -> None:
    """Plain methods of some classes."""
    module, known = graph(
        f"""
        import asyncio, threading, tornado.websocket, autobahn.asyncio.websocket
        class Handler({base}):
            def {name}(self): ...
        """
    )
    function = next(one for one in module.functions if one.name == name)
    assert known.on_event_loop(function) is runs


def test_what_a_program_runs_from_beginning_to_end() -> None:
    """By asyncio.run, or by a loop of its own; not what another function runs."""
    module, known = graph(
        """
        import asyncio
        async def first(): ...
        async def second(): await third()
        async def third(): ...
        def start():
            asyncio.run(third())
        asyncio.run(first())
        asyncio.get_event_loop().run_until_complete(second())
        """
    )
    assert {one.name for one in module.functions if known.is_main(one)} == {"first", "second"}
