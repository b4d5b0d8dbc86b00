"""What all rules find in one source, whatever was asked for.

So it depends on nothing but the source, whether it is a test, and the rules: it can be kept for the
next run.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from longwire.errors import LongwireError
from longwire.lint.comments import MENTIONED, Ignore, ignores
from longwire.lint.finding import Finding, finding
from longwire.lint.languages import LANGUAGES
from longwire.lint.rules.general import lw000_unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.languages import Language
    from longwire.lint.rule import Rule


_DEPTH: Final = 3000
"""Python's own stack is not touched by that, and its parser keeps bounds of its own."""


class Defect(NamedTuple):
    """A mistake of the linter itself.

    Attributes:
        path: The file that it was about.
        rule: Id of the rule that failed; empty, where it was none of them.
        error: What was raised, in a line.
        traceback: Where.
    """

    path: str
    rule: str
    error: str
    traceback: str


class Checked(NamedTuple):
    """What is known of a source. The paths in it are empty.

    Attributes:
        findings: Of all rules, of any confidence, ignored or not.
        comments: Those that are to ignore some.
        defects: Rules that failed.
    """

    findings: tuple[Finding, ...] = ()
    comments: tuple[Ignore, ...] = ()
    defects: tuple[Defect, ...] = ()


def unreadable(
    error: OSError | SyntaxError | RecursionError | MemoryError | LongwireError, path: str = ""
) -> tuple[Finding, ...]:
    """The finding that a file cannot be checked."""
    return tuple(finding(path, lw000_unreadable.RULE, one) for one in lw000_unreadable.check(error))


class Task(NamedTuple):
    """A source to check.

    Attributes:
        language: The name of the one that it is written in.
        source: What is in the file.
        path: Its own. Rules may judge a test more mildly.
    """

    language: str
    source: bytes
    path: str = ""


def is_worth_it(language: Language, source: bytes) -> bool:
    """Whether there can be anything to know of a source. Fast, and right where it says no."""
    return language.is_worth_it(source) or MENTIONED in source.lower()


def check(task: Task) -> Checked:
    """What is to be known of a source. Raises nothing: what goes wrong is in the result."""
    with _deep():
        return _check(task)


@contextlib.contextmanager
def _deep() -> Iterator[None]:
    """Let syntax trees be deeper than programs are wont to be: a long chain of ``elif`` is."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _check(task: Task) -> Checked:
    language = LANGUAGES[task.language]
    if not is_worth_it(language, task.source):
        return Checked()
    try:
        with warnings.catch_warnings():
            # Of the program's own strings and comparisons; they are its author's concern.
            warnings.simplefilter("ignore")
            file = language.read(task.source, task.path)
    except (SyntaxError, RecursionError, MemoryError, LongwireError) as error:
        return Checked(findings=unreadable(error))
    except Exception as error:  # noqa: BLE001 - our mistake must not keep other files from a check
        return Checked(defects=(_defect("", error),))
    comments: tuple[Ignore, ...] = ()
    if MENTIONED in task.source.lower():
        text = language.decode(task.source)
        comments = tuple(ignores(language.comments(text), text))
    if not file.about_websockets:
        return Checked(comments=comments)
    return _run(language, file, comments)


def _run(language: Language, file: Any, comments: tuple[Ignore, ...]) -> Checked:
    findings: list[Finding] = []
    defects: list[Defect] = []
    for rule in language.rules.values():
        try:
            findings += _found(rule, file)
        except RecursionError as error:
            # The file's nesting, which the parser could just bear.
            return Checked(findings=unreadable(error), comments=comments)
        except Exception as error:  # noqa: BLE001 - a rule's mistake must not hide what others find
            defects.append(_defect(rule.id, error))
    return Checked(tuple(sorted(findings)), comments, tuple(defects))


def _found(rule: Rule, file: Any) -> list[Finding]:
    return [finding("", rule, report) for report in rule.check(file)]


def _defect(rule: str, error: Exception) -> Defect:
    text = "".join(traceback.format_exception_only(error)).strip().replace("\n", " ")
    return Defect("", rule, text, "".join(traceback.format_exception(error)))
