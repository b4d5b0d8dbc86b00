"""Patterns as in a ``.gitignore``: the same verdicts as git's own."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from longwire.lint.globs import Patterns

if TYPE_CHECKING:
    from pathlib import Path

PARTS = [
    "a", "b", ".", "c", "-", "*", "**", "?", "/", "/", "[ab]", "[!a]", "[a-c]", "\\a", "\\*", "[",
    "]", "!", "#", " ", "/**/", "**", "[[:alpha:]]", "\\ ", "[]a]", "[^]a]", "[a", "[c-a]",
    "[a-[ab]",
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "path", "excluded"),
    [
        (["build"], "build/a.py", True),
        (["build"], "src/build/a.py", True),
        (["/build"], "src/build/a.py", False),
        (["src/*.py"], "src/a.py", True),
        (["src/*.py"], "src/deep/a.py", False),
        (["src/**/*.py"], "src/deep/er/a.py", True),
        (["src/**/*.py"], "src/a.py", True),
        (["tests/"], "tests/a.py", True),
        (["tests/"], "tests", False),
        (["*.py", "!keep.py"], "keep.py", False),
        (["*.py", "!keep.py"], "other.py", True),
        (["# a.py", "", "b.py  "], "a.py", False),
        (["# a.py", "", "b.py  "], "b.py", True),
        (["[a-c].py"], "b.py", True),
        (["[!a-c].py"], "b.py", False),
        (["[", "a.py\\"], "a.py", False),
    ],
)
def test_patterns(lines: list[str], path: str, *, excluded: bool) -> None:
    """What people write, and what cannot be meant."""
    assert Patterns(lines).cover(path) is excluded


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "a*" * 60 + "/b", "[ab]*" * 60 + "c"])
def test_many_stars(pattern: str) -> None:
    """Take no time, whatever the name is made to be."""
    assert not Patterns([pattern]).cover("a" * 200)
    assert Patterns(["*a" * 60 + "b"]).cover("ca" * 100 + "b")


def test_no_patterns_are_false() -> None:
    """So that nothing need be asked of them."""
    assert not Patterns(["# nothing", ""])
    assert Patterns(["a"])


def pattern(chance: random.Random) -> str:
    """A line of a ``.gitignore``, sensible or not."""
    text = "".join(chance.choice(PARTS) for _ in range(chance.randint(1, 5)))
    # Two stars beside something else: git treats them in one way or another, as its own mood is.
    while re.search(r"[^/]\*\*|\*\*[^/]", text):
        text = re.sub(r"([^/])\*\*", r"\1*", text)
        text = re.sub(r"\*\*([^/])", r"*\1", text)
    return text


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_git_says_the_same(tmp_path: Path) -> None:
    """A thousand random lines, on paths that they are about."""
    chance = random.Random(5)
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    for _ in range(60):
        lines = [pattern(chance) for _ in range(chance.randint(1, 3))]
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        names = ["a", "b", "c", "ab", "a.b", "-", "b-c", "cab", ".a", "abab", "aabba"]
        paths = sorted(
            {"/".join(chance.choice(names) for _ in range(chance.randint(1, 3))) for _ in range(15)}
        )
        told = subprocess.run(
            [*git, "check-ignore", "--no-index", "-z", "--stdin"],
            input="\0".join(paths),
            capture_output=True,
            text=True,
            check=False,
        )
        ignored = set(filter(None, told.stdout.split("\0")))
        patterns = Patterns(lines)
        assert {one for one in paths if patterns.cover(one)} == ignored, lines
