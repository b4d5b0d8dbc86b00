"""Patterns for paths, as they are written in a ``.gitignore``.

Why not a library: the linter is to run with nothing but its parser installed, and the same patterns
serve for what is excluded and for ``per-file-ignores``. The tests compare them with git itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLASSES: Final = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-.:-@\[-`{-~",  # without the slash, which no class matches
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_NEVER: Final = "(?!)"


class Pattern(NamedTuple):
    """One line of a ``.gitignore``.

    Attributes:
        matches: The paths, relative to the file's directory, that it is about.
        takes_back: It begins with ``!``: what it matches is not excluded.
        only_directories: It ends with a slash.
    """

    matches: re.Pattern[str]
    takes_back: bool
    only_directories: bool


class Patterns:
    """Several lines, of which the last one that matches decides.

    Args:
        lines: As in a ``.gitignore``; comments and empty lines among them.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._patterns = [one for one in map(_pattern, lines) if one is not None]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def verdict(self, path: str, *, is_directory: bool) -> bool | None:
        """Whether a path is excluded; None, if no line is about it.

        Args:
            path: Relative to where the patterns come from, parted by ``/``.
            is_directory: What it leads to. What is inside is not asked for here.
        """
        for one in reversed(self._patterns):
            if (is_directory or not one.only_directories) and one.matches.fullmatch(path):
                return not one.takes_back
        return None

    def cover(self, path: str, *, is_directory: bool = False) -> bool:
        """Whether a path is excluded, by itself or by a directory that it is in."""
        parts = path.split("/")
        around = ("/".join(parts[:count]) for count in range(1, len(parts)))
        return any(self.verdict(one, is_directory=True) for one in around) or bool(
            self.verdict(path, is_directory=is_directory)
        )


def _pattern(line: str) -> Pattern | None:
    text = re.sub(r"(?<!\\)((?:\\\\)*) +$", r"\1", line.rstrip("\r\n"))
    if not text or text.startswith("#"):
        return None
    takes_back = text.startswith("!")
    text = text.removeprefix("!")
    only_directories = text.endswith("/")
    text = text.removesuffix("/")
    if not text:
        return None
    anchored = "/" in text
    text = text.removeprefix("/")
    matches = re.compile(_expression(text, anchored=anchored), re.DOTALL)
    return Pattern(matches, takes_back, only_directories)


_TOKEN: Final = re.compile(
    r"(?P<all>(?:^|(?<=/))\*\*+$)"
    r"|(?P<deep>(?:^|(?<=/))\*\*+/)"
    r"|(?P<stars>\*+)"
    r"|(?P<any>\?)"
    r"|(?P<set>\[[!^]?+\]?+(?:\[:\w+:\]|\\.|[^\]\\])*\])"
    r"|(?P<open>\[)"
    r"|\\(?P<escaped>.)"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_DEEP: Final = "(?:.*/)?"
_EXPRESSIONS: Final = {
    "all": ".+",
    "deep": _DEEP,
    "any": "[^/]",
    "open": _NEVER,
}
_MEMBER: Final = re.compile(
    r"\[:(?P<name>\w+):\]|\\?(?P<first>.)(?:-(?!$)\\?(?P<last>.))?", re.DOTALL
)


def _expression(text: str, *, anchored: bool) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*\\$", text):
        return _NEVER  # nothing follows the last backslash
    parts = [""]
    """What stands before the first star, and behind each."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "stars":
            parts.append("")
        else:
            parts[-1] += _translated(found)
    first, *others = parts
    stars = [f"[^/]*{part}" for part in others]
    # Where another star follows, the nearest place is as good as any: no other is tried, or a
    # pattern with many stars, and a name made for it, would take for ever.
    stars[:-1] = [
        star if _DEEP in part else f"(?>[^/]*?{part})"
        for star, part in zip(stars[:-1], others, strict=False)
    ]
    return "".join(("" if anchored else _DEEP, first, *stars))


def _translated(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    if kind == "set":
        return _set(found["set"][1:-1])
    return _EXPRESSIONS.get(kind) or re.escape(found["escaped"] or found["plain"])


def _set(inside: str) -> str:
    negated = "^" if inside[0] in "!^" else ""
    members = "".join(map(_member, _MEMBER.finditer(inside[len(negated) :])))
    return f"(?!/)[{negated}{members}]"


def _member(found: re.Match[str]) -> str:
    if found["name"] is not None:
        return _CLASSES.get(found["name"], "")
    first, last = re.escape(found["first"]), found["last"]
    if last is None or last < found["first"]:
        return first
    return f"{first}-{re.escape(last)}"
