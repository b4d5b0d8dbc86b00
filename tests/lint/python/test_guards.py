"""What catches an error, from the inside to the outside."""

from __future__ import annotations

import ast
import textwrap

from longwire.lint.python.collect import collect
from longwire.lint.python.guards import catcher_of_end, guards
from longwire.lint.python.meanings import Meanings

SOURCE = textwrap.dedent(
    """
    import contextlib, websockets
    async def read(url):
        ws = await websockets.connect(url)
        try:
            while True:
                with contextlib.suppress(KeyError, TypeError):
                    try:
                        await ws.recv()
                    except ValueError:
                        pass
                    except websockets.ConnectionClosed:
                        break
                    finally:
                        done()
        except BaseException:
            await ws.recv()
    """
)


def test_the_innermost_comes_first() -> None:
    """Handlers of a try in their order; a handler does not guard itself."""
    module = collect(ast.parse(SOURCE))
    meanings = Meanings(module)
    first, second = (
        one for one in module.calls.values() if ast.unparse(one.node.func) == "ws.recv"
    )
    assert [sorted(one.names) for one in guards(first.place, meanings)] == [
        ["ValueError"],
        ["websockets.ConnectionClosed"],
        ["KeyError", "TypeError"],
        ["BaseException"],
    ]
    inside = list(guards(first.place, meanings, within=first.loop))
    assert len(inside) == 3
    assert [ast.unparse(one) for one in inside[1].body] == ["break", "done()"]
    assert list(guards(second.place, meanings)) == []


def test_what_catches_the_end_of_a_connection() -> None:
    """The first that does."""
    module = collect(ast.parse(SOURCE))
    meanings = Meanings(module)
    first, second = (
        one for one in module.calls.values() if ast.unparse(one.node.func) == "ws.recv"
    )
    found = catcher_of_end(first.place, "websockets", meanings)
    assert found is not None
    assert found.names == {"websockets.ConnectionClosed"}
    assert catcher_of_end(second.place, "websockets", meanings) is None
