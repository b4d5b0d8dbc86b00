"""Whatever is done to a source, the linter finds something, or says that it cannot be read.

Real files (of the libraries that are installed for the tests) and our own fixtures are cut,
doubled, mixed and garbled at random; no rule may fail on what still parses.
"""

from __future__ import annotations

import random
import re
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from longwire.lint.check import Task, check
from longwire.lint.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALLED: Final = Path(sysconfig.get_path("purelib"))
FIXTURES: Final = Path(__file__).parent / "rules"
LIBRARIES: Final = ("websockets", "aiohttp", "uvicorn", "starlette", "fastapi", "picows")
EDITS_EACH: Final = 25
"""So many times a file is edited."""
WORDS: Final = re.compile(rb"\w+|\s+|[^\w\s]")


@cache
def sources(name: str) -> list[bytes]:
    """What there is about WebSockets, small enough to be read many times."""
    language = LANGUAGES[name]
    places = [FIXTURES, *(INSTALLED / name for name in LIBRARIES)]
    found = (
        path.read_bytes()
        for place in places
        for path in sorted(place.rglob("*"))
        if path.suffix in language.suffixes
    )
    return [one for one in found if len(one) < 60_000 and language.is_worth_it(one)]


def lines(source: bytes) -> int:
    """How many there can be, whatever a language takes for the end of one."""
    return len(re.findall(rb"[\r\n\f]", source)) + 1


def without_lines(source: bytes, chance: random.Random) -> bytes:
    lines = source.splitlines(keepends=True)
    first = chance.randrange(len(lines) + 1)
    del lines[first : first + chance.randrange(1, 12)]
    return b"".join(lines)


def doubled_lines(source: bytes, chance: random.Random) -> bytes:
    lines = source.splitlines(keepends=True)
    first, where = chance.randrange(len(lines) + 1), chance.randrange(len(lines) + 1)
    lines[where:where] = lines[first : first + chance.randrange(1, 12)]
    return b"".join(lines)


def other_words(source: bytes, chance: random.Random) -> bytes:
    words = WORDS.findall(source)
    for _ in range(chance.randrange(1, 6)):
        words[chance.randrange(len(words))] = chance.choice(words)
    return b"".join(words)


def other_names(source: bytes, chance: random.Random) -> bytes:
    """Everything that has one name gets that of something else: most of this still parses."""
    names = sorted({one for one in WORDS.findall(source) if re.fullmatch(rb"[a-z_]{2,}", one)})
    if not names:
        return source
    old, new = chance.choice(names), chance.choice(names)
    return re.sub(rb"\b" + old + rb"\b", new, source)


def garbled(source: bytes, chance: random.Random) -> bytes:
    garbage = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 8)))
    where = chance.randrange(len(source) + 1)
    return source[:where] + garbage + source[where:]


def cut(source: bytes, chance: random.Random) -> bytes:
    return source[: chance.randrange(len(source) + 1)]


EDITS: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    without_lines, doubled_lines, other_words, other_names, other_names, garbled, cut,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("name", LANGUAGES)
def test_no_edit_makes_the_linter_fail(name: str, seed: int) -> None:
    """A file that is edited again and again; what no longer parses is left at that."""
    chance = random.Random(seed)
    source = chance.choice(sources(name))
    for _ in range(EDITS_EACH):
        edited = chance.choice(EDITS)(source, chance)
        checked = check(Task(name, edited, "edited"))
        assert checked.defects == ()
        for finding in checked.findings:
            assert 1 <= finding.line <= finding.end_line <= lines(edited)
        if edited and not any(one.rule == "LW000" for one in checked.findings):
            source = edited
