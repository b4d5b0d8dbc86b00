"""The ways through statements."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings
from longwire.lint.python.paths import End, Paths, Way
from longwire.lint.python.roles import Role

FALLS, BREAKS, CONTINUES = End.FALLS, End.BREAKS, End.CONTINUES
RETURNS, RAISES = End.RETURNS, End.RAISES


def ways(body: str) -> set[tuple[End, Role]]:
    """The ways through the body of a loop, how they end and what is done on them."""
    source = "import asyncio, contextlib, sys, time\nasync def f(ws, x):\n while x:\n" + (
        textwrap.indent(textwrap.dedent(body), "  ")
    )
    module = collect(ast.parse(source))
    through = Paths(module, Meanings(module)).through(module.functions[1].loops[0].node.body)
    return {(way.end, way.does) for way in through}


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ("pass", {FALLS}),
        ("break", {BREAKS}),
        ("return 1\nbreak", {RETURNS}),
        ("if x: break", {BREAKS, FALLS}),
        ("if x: break\nelse: continue", {BREAKS, CONTINUES}),
        ("if True: break", {BREAKS}),
        ("for y in x:\n  break", {FALLS}),
        ("for y in x:\n  return", {FALLS, RETURNS}),
        ("while True:\n  if x: return", {RETURNS}),
        ("while True:\n  if x: break\n  if y: raise x", {FALLS, RAISES}),
        ("try:\n  raise x\nexcept E:\n  continue", {RAISES, CONTINUES}),
        ("try:\n  x()\nexcept E:\n  break\nelse:\n  return", {RETURNS, BREAKS}),
        ("try:\n  x()\nfinally:\n  return", {RETURNS}),
        ("try:\n  break\nfinally:\n  x()", {BREAKS}),
        ("with contextlib.suppress(E):\n  raise x", {RAISES, FALLS}),
        ("with y:\n  raise x", {RAISES}),
        ("match x:\n  case 1: break\n  case _: return", {BREAKS, RETURNS}),
        ("match x:\n  case 1: break", {BREAKS, FALLS}),
        ("sys.exit(1)", {RAISES}),
    ],
)
def test_how_ways_end(body: str, ends: set[End]) -> None:
    """Of loops inside, what leaves them goes on behind them."""
    assert {end for end, _ in ways(body)} == ends


def test_what_is_done_on_each_way() -> None:
    """By the calls of the statements that it comes by."""
    assert ways(
        """
        if x:
            await asyncio.sleep(1)
            continue
        print(x)
        """
    ) == {(CONTINUES, Role.PAUSE), (FALLS, Role.LOG)}


def test_ways_that_come_by_a_statement() -> None:
    """A try whose body has failed: its handler, and what is behind."""
    module = collect(
        ast.parse(
            textwrap.dedent(
                """
                import asyncio
                async def f(ws, y):
                    while True:
                        if y:
                            await asyncio.sleep(1)
                            continue
                        try:
                            await ws.recv()
                        except Exception:
                            print(1)
                        if y:
                            break
                """
            )
        )
    )
    loop = module.functions[1].loops[0]
    block = module.functions[1].tries[0].node
    paths = Paths(module, Meanings(module))
    assert paths.turns(loop, block, block.handlers[0].body) == {
        Way(FALLS, Role.LOG, marked=True),
        Way(BREAKS, Role.LOG, marked=True),
    }
    # Asking leaves nothing behind.
    assert not any(way.marked for way in paths.through(loop.node.body))


def test_many_ways_are_not_all_told_apart() -> None:
    """What doubles with every line comes to an end."""
    body = "\n".join(
        f"if x: {what}" for what in ("print(x)", "ws.send()", "ws.ping()", "time.sleep(1)") * 20
    )
    assert len(ways(body)) <= 64


@pytest.mark.parametrize(
    ("statement", "awaits"),
    [
        ("await x.fetch()", True),
        ("y = await x", True),
        ("await ws.recv()", False),
        ("await ws.send(x)", False),
        ("yield x", True),
        ("x()", False),
    ],
)
def test_what_may_suspend(statement: str, *, awaits: bool) -> None:
    """A receive or a send may go through at once, for ever."""
    module = collect(ast.parse(f"import websockets\nasync def f(ws, x):\n    {statement}"))
    (way,) = Paths(module, Meanings(module)).through(module.functions[1].body)
    assert way.awaits is awaits


@pytest.mark.parametrize(
    ("statement", "tells"),
    [
        ("self.failed = True", True),
        ("table[key] += 1", True),
        ("del table[key]", True),
        ("failed = True", False),
    ],
)
def test_what_others_can_see(statement: str, *, tells: bool) -> None:
    """What is kept outside the function."""
    assert {bool(does & Role.TELL) for _, does in ways(statement)} == {tells}


def test_the_ways_where_conditions_are_decided() -> None:
    """The other branch is not gone."""
    module = collect(ast.parse("while x:\n    if y:\n        break\n    else:\n        return"))
    loop = module.main.loops[0]
    choice = loop.node.body[0]
    assert isinstance(choice, ast.If)
    paths = Paths(module, Meanings(module))
    assert {way.end for way in paths.decided(loop, {choice: choice.body})} == {BREAKS}
    assert {way.end for way in paths.decided(loop, {choice: choice.orelse})} == {RETURNS}
    assert {way.end for way in paths.decided(loop, {})} == {BREAKS, RETURNS}
