"""The fixes on all programs that the rules are tried on, and on garbled ones."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longwire.lint.catalogue import ALL_RULES, PYTHON_RULES
from longwire.lint.fixes.catalogue import FIXABLE
from longwire.lint.fixes.mend import mend
from longwire.lint.looking import looker

ROOM = Path(__file__).parent.parent / "rules" / "python"
PROGRAMS = {
    f"{path.parent.name}/{path.name}": path.read_bytes() for path in sorted(ROOM.glob("*/*.py"))
}
FAULTY = [name for name in PROGRAMS if name[:5].upper() in FIXABLE and "/faulty" in name]
LOOK = looker("feed.py", frozenset(ALL_RULES))


def shape(source: bytes) -> list[tuple[str, int]]:
    return sorted((one.rule, one.confidence) for one in LOOK(source))


def check(source: bytes) -> int:
    """Fix a program, and show all that has to hold. Returns how many findings were fixed."""
    before = LOOK(source)
    mended = mend(source, before, LOOK)
    compile(mended.source, "fixed", "exec", dont_inherit=True)
    after = LOOK(mended.source)
    assert mend(mended.source, after, LOOK).source == mended.source, "twice is the same"
    assert len(after) <= len(before) - len(mended.fixed)
    left = shape(source)
    for one in mended.fixed:
        left.remove((one.rule, one.confidence))
    for found in shape(mended.source):
        left.remove(found)  # nothing is new
    untouched = set(mended.source.splitlines(keepends=True))
    lines = {one.line for one in mended.fixed}
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        assert line in untouched or any(abs(number - one) <= 3 for one in lines)
    return len(mended.fixed)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program(name: str) -> None:
    """It compiles, twice is the same, what was fixed is gone, and nothing is new."""
    check(PROGRAMS[name])


@pytest.mark.parametrize("rule", sorted(FIXABLE & set(PYTHON_RULES)))
def test_every_fix_fixes_something(rule: str) -> None:
    """In the programs of its rule."""
    assert sum(check(PROGRAMS[one]) for one in FAULTY if one[:5].upper() == rule)


@pytest.mark.parametrize("name", FAULTY)
def test_ends_of_lines(name: str) -> None:
    """Those of Windows, and none at the end; tabs, too."""
    unix = PROGRAMS[name]
    fixed = mend(unix, LOOK(unix), LOOK).source
    source = unix.replace(b"\n", b"\r\n")
    assert mend(source, LOOK(source), LOOK).source == fixed.replace(b"\n", b"\r\n")
    bare = unix.rstrip(b"\n")
    assert mend(bare, LOOK(bare), LOOK).source == fixed.rstrip(b"\n")
    tabs = re.sub(rb"(?m)^(    )+", lambda found: b"\t" * (len(found[0]) // 4), unix)
    assert check(tabs) == check(unix)


@pytest.mark.parametrize("name", FAULTY)
def test_encodings(name: str) -> None:
    """A mark of the order of bytes, and an encoding that is declared, stay."""
    source = PROGRAMS[name]
    fixed = mend(source, LOOK(source), LOOK).source
    marked = b"\xef\xbb\xbf" + source
    assert mend(marked, LOOK(marked), LOOK).source == b"\xef\xbb\xbf" + fixed
    head = "# coding: latin-1\n# Gr\xfc\xdfe\n".encode("latin-1")
    assert mend(head + source, LOOK(head + source), LOOK).source == head + fixed


@pytest.mark.parametrize("name", FAULTY)
def test_what_a_comment_ignores_is_not_fixed(name: str) -> None:
    """Nor is what was not asked for."""
    source = PROGRAMS[name]
    rule = name[:5].upper()
    ignored = f"# longwire: ignore-file[{rule}]\n".encode() + source
    assert not any(one.rule == rule for one in mend(ignored, LOOK(ignored), LOOK).fixed)
    assert mend(source, (), LOOK) == (source, ())


@given(st.sampled_from(FAULTY), st.integers(0), st.integers(0, 40), st.text(max_size=6))
@settings(max_examples=60)
def test_garbled_programs(name: str, at: int, length: int, text: str) -> None:
    """Whatever is cut out or put in: as soon as it can be compiled, all holds."""
    source = PROGRAMS[name].decode()
    at %= len(source)
    garbled = source[:at] + text + source[at + length :]
    try:
        ast.parse(garbled)
        compile(garbled, "garbled", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        mend(garbled.encode(errors="replace"), LOOK(garbled.encode(errors="replace")), LOOK)
        return
    check(garbled.encode())
