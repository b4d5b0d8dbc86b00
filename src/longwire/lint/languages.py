"""The languages that the linter reads: how a file of each becomes what its rules look at."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from longwire.lint.catalogue import PYTHON_RULES, RUST_RULES
from longwire.lint.python import comments as python_comments
from longwire.lint.python.file import PythonFile, may_be_about_websockets
from longwire.lint.python.reading import decode
from longwire.lint.rust import comments as rust_comments
from longwire.lint.rust import file as rust_file
from longwire.lint.rust import reading as rust_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from longwire.lint.comments import Comment
    from longwire.lint.rule import Rule


class Language(NamedTuple):
    """A language.

    Attributes:
        name: For a reader.
        suffixes: Of files that are looked for in directories.
        rules: By id.
        is_worth_it: Whether a source can be about WebSockets at all; fast, and right where it says
            no.
        decode: The text of a source. Raises SyntaxError.
        read: A source and its path as the rules see them. Raises SyntaxError, and LongwireError
            where the parser is not installed.
        comments: Those of a text that could be read.
    """

    name: str
    suffixes: tuple[str, ...]
    rules: Mapping[str, Rule]
    is_worth_it: Callable[[bytes], bool]
    decode: Callable[[bytes], str]
    read: Callable[[bytes, str], Any]
    comments: Callable[[str], Sequence[Comment]]


def _read_python(source: bytes, path: str) -> PythonFile:
    return PythonFile(decode(source), path)


def _read_rust(source: bytes, path: str) -> rust_file.RustFile:
    rust_reading.decode(source)  # what is no UTF-8 is no Rust
    return rust_file.RustFile(source, path)


PYTHON: Final = Language(
    "Python",
    (".py", ".pyw"),
    PYTHON_RULES,
    may_be_about_websockets,
    decode,
    _read_python,
    python_comments.comments,
)
RUST: Final = Language(
    "Rust",
    (".rs",),
    RUST_RULES,
    rust_file.may_be_about_websockets,
    rust_reading.decode,
    _read_rust,
    rust_comments.comments,
)
LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {one.name: one for one in (PYTHON, RUST)}
)
_BY_SUFFIX: Final = {suffix: one for one in LANGUAGES.values() for suffix in one.suffixes}


def language_of(path: str) -> Language | None:
    """The language that a file is in, by its name; None for all others."""
    return _BY_SUFFIX.get(os.path.splitext(path)[1].lower())  # noqa: PTH122 - for each of a tree
