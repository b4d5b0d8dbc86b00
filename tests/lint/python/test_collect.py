"""The records of a file: what stands where."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from longwire.lint.python.collect import collect

if TYPE_CHECKING:
    from longwire.lint.python.records import Call, Module


def collected(source: str) -> Module:
    return collect(ast.parse(textwrap.dedent(source)))


def call(module: Module, name: str) -> Call:
    (found,) = (one for one in module.calls.values() if ast.unparse(one.node.func).endswith(name))
    return found


def test_functions_know_where_they_are() -> None:
    """Methods, functions inside methods, lambdas, static methods."""
    module = collected(
        """
        def top(): ...
        class Feed:
            async def run(self, url):
                def inner(): ...
                return lambda: inner()
            @staticmethod
            def make(url): ...
        """
    )
    names = {one.name: one for one in module.functions}
    assert list(names) == ["<module>", "top", "run", "inner", "<lambda>", "make"]
    run = names["run"]
    assert run.is_async
    assert run.is_method
    assert [one.arg for one in run.parameters] == ["url"]
    assert [one.arg for one in names["make"].parameters] == ["url"]
    assert names["inner"].owner is module.classes["Feed"]
    assert not names["inner"].is_method
    assert [one.name for one in names["<lambda>"].outward()] == ["<lambda>", "run", "<module>"]
    assert module.classes["Feed"].functions["run"] is run


def test_calls_know_their_place() -> None:
    """Loops, tries with their parts, withs, and what is around the call itself."""
    module = collected(
        """
        async def read(ws):
            start()
            while going():
                try:
                    with limit():
                        await ws.recv()
                except ValueError:
                    caught()
                else:
                    kept = good()
                finally:
                    done(last())
        """
    )
    assert call(module, "start").loop is None
    assert call(module, "start").discarded
    assert call(module, "going").loop is not None  # it is asked at every turn
    recv = call(module, "recv")
    assert (recv.awaited, recv.discarded) == (True, True)
    assert len(recv.place.withs) == 1
    assert [one.part for one in recv.place.tries] == ["body"]
    assert [one.part for one in call(module, "caught").place.tries] == ["handler"]
    assert [one.part for one in call(module, "good").place.tries] == ["else"]
    assert not call(module, "good").discarded
    assert [one.part for one in call(module, "last").place.tries] == ["finally"]
    assert call(module, "last").parent is call(module, "done").node
    assert module.calls_in(call(module, "done").statement) == [
        call(module, "done"),
        call(module, "last"),
    ]


def test_what_names_may_be() -> None:
    """Every way in which a name or an attribute gets a value."""
    module = collected(
        """
        async def run(ws: Socket, given, *, limit: int = 3):
            a = make()
            b: Thing = make()
            c, d = first(), second()
            async with connect() as e:
                for f in e.parts(): ...
            if (g := walrus()): ...
            h[key] = make()
            i.append(make())
            for number, j in enumerate(values): ...
            for key, k in table.items(): ...
        """
    )
    run = module.functions[1]
    assert {name: [one.how for one in found] for name, found in run.bindings.items()} == {
        "ws": ["annotated"],
        "given": [],
        "limit": ["annotated"],
        "a": ["is"],
        "b": ["annotated", "is"],
        "c": ["is"],
        "d": ["is"],
        "e": ["enters"],
        "f": ["item"],
        "g": ["is"],
        "h": ["holds"],
        "i": ["holds"],
        "j": ["item"],
        "k": ["item"],
    }


def test_what_attributes_may_be() -> None:
    """Set in any method, or said in the class."""
    module = collected(
        """
        class Feed:
            ws: Socket
            names = make()
            def __init__(self, url):
                self.queue = make()
            async def run(self):
                self.clients.add(self.ws)
        """
    )
    attributes = module.classes["Feed"].attributes
    assert {name: [one.how for one in found] for name, found in attributes.items()} == {
        "ws": ["annotated"],
        "names": ["is"],
        "queue": ["is"],
        "clients": ["holds"],
    }


def test_what_is_imported() -> None:
    """Anywhere in the file; the first of several wins, as in a try with a fallback."""
    module = collected(
        """
        import asyncio, os.path
        import websockets.asyncio.client as wsc
        from aiohttp import web
        from .feed import Feed as Other
        try:
            import ujson as json
        except ImportError:
            import json
        def late():
            from queue import Queue
        """
    )
    assert module.imported == {
        "asyncio": "asyncio",
        "os": "os",
        "wsc": "websockets.asyncio.client",
        "web": "aiohttp.web",
        "Other": ".feed.Feed",
        "json": "ujson",
        "Queue": "queue.Queue",
    }


def test_a_loop_without_a_condition() -> None:
    """`while True`, and `while 1`."""
    module = collected("while True: ...\nwhile 1: ...\nwhile x: ...\nfor x in y: ...")
    assert [one.forever for one in module.main.loops] == [True, True, False, False]


def test_branches() -> None:
    """Which conditions something stands behind."""
    module = collected(
        """
        def f(x):
            if x:
                a()
            elif x > 1:
                b()
            match x:
                case 1:
                    c()
        """
    )
    assert [one.taken for one in call(module, "a").place.branches] == [True]
    assert [one.taken for one in call(module, "b").place.branches] == [False, True]
    assert [one.taken for one in call(module, "c").place.branches] == [True]
    assert len(module.functions[1].decisions) == 3


def test_stores() -> None:
    """Every assignment, with its place and its value."""
    module = collected(
        """
        class Feed:
            def stop(self):
                if self.open:
                    self.open = False
                closed: bool = True
                self.other[1] = closed
        """
    )
    stores = module.functions[1].stores
    assert [ast.unparse(one.target) for one in stores] == ["self.open", "closed", "self.other[1]"]
    assert ast.unparse(stores[0].value) == "False"
    assert len(stores[0].place.branches) == 1
