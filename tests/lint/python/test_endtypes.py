"""What is done with a message of type CLOSED."""

from __future__ import annotations

import textwrap

from longwire.lint.python.endtypes import at_the_end
from longwire.lint.python.file import PythonFile
from longwire.lint.python.paths import End


def known(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


def ends(body: str) -> set[End]:
    """How a turn of a loop may end for a message of type CLOSED."""
    lines = textwrap.indent(textwrap.dedent(body), " " * 8)
    file = known(f"async def read(ws):\n    while True:\n        m = await ws.receive()\n{lines}")
    loop = file.module.functions[1].loops[0]
    return {way.end for way in file.paths.decided(loop, at_the_end(loop, "m"))}


def test_a_condition_is_true_or_false_for_the_end() -> None:
    """Whether it asks for the end, or for anything else."""
    assert ends("if m.type == T.TEXT:\n    break") == {End.FALLS}
    assert ends("if m.type != T.TEXT:\n    break") == {End.BREAKS}
    assert ends("if m.type in (T.CLOSED, T.ERROR):\n    break") == {End.BREAKS}
    assert ends("if m.type not in (T.PING, T.PONG):\n    break") == {End.BREAKS}
    assert ends("if not m.type is T.TEXT:\n    return") == {End.RETURNS}
    assert ends("if m.type == 0x101:\n    break") == {End.BREAKS}
    assert ends("if m.data is None:\n    break") == {End.BREAKS}
    assert ends("if m.data:\n    print()\nelse:\n    break") == {End.BREAKS}


def test_several_conditions() -> None:
    """Joined by words, or one in the place of the other."""
    assert ends("if m.type == T.TEXT and m.data == 'x':\n    break") == {End.FALLS}
    assert ends("if m.type == T.CLOSED or stopped:\n    break") == {End.BREAKS}
    assert ends("if m.type == T.CLOSED and stopped:\n    break") == {End.BREAKS, End.FALLS}
    assert ends("if m.type == T.TEXT:\n    pass\nelif m.type == T.CLOSED:\n    return") == {
        End.RETURNS
    }


def test_a_match_statement() -> None:
    """The first case that fits, or none."""
    text = "match m.type:\n    case T.TEXT:\n        pass\n"
    assert ends(text) == {End.FALLS}
    assert ends(f"{text}    case T.CLOSED:\n        break") == {End.BREAKS}
    assert ends(f"{text}    case _:\n        return") == {End.RETURNS}


def test_what_parses_the_message_fails_for_the_end() -> None:
    """Where nothing has left before, and nothing catches it."""
    choice = "if m.type == T.ERROR:\n    break\n"
    assert ends(f"{choice}json.loads(m.data)") == {End.RAISES}
    assert ends(f"{choice}x = m.json()") == {End.RAISES}
    assert ends(f"{choice}try:\n    m.json()\nexcept TypeError:\n    pass") == {End.FALLS}


def test_a_loop_that_asks_nothing() -> None:
    """Nothing is decided."""
    file = known("while True:\n    m.json()")
    assert at_the_end(file.module.main.loops[0], "m") == {}
