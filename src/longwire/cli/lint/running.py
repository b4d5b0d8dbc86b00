"""One run of ``longwire lint``: what was asked for, and how it ends."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from longwire.cli.failures import DEFECT, FINDING, WrongUsage, json_line
from longwire.cli.lint import fixing
from longwire.cli.lint.text import Teller
from longwire.cli.printable import printable
from longwire.lint.baseline import BaselineError
from longwire.lint.catalogue import ALL_RULES
from longwire.lint.output.github import commands
from longwire.lint.output.records import document, statistics
from longwire.lint.pyproject import SettingsError, confidence, severity
from longwire.lint.run import Options, run
from longwire.lint.selection import check_prefixes
from longwire.lint.settings import Overrides

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from longwire.lint.run import Outcome


def check(arguments: argparse.Namespace) -> int:
    """Check, and tell what is found. Returns the exit code.

    Raises:
        WrongUsage: what was asked for cannot be meant.
    """
    options = options_of(arguments)
    all_written = True
    try:
        paths = [one for one in arguments.paths if one != "-"]
        outcome = run(paths, options)
        if arguments.fix and not arguments.diff:
            outcome, all_written = fixing.fix(paths, options, outcome)
    except FileNotFoundError as error:
        raise WrongUsage(f"there is no {error}") from error
    except (SettingsError, BaselineError) as error:
        raise WrongUsage(str(error)) from error
    differs = False
    with _output(arguments, sys.stderr if arguments.fix and options.stdin else sys.stdout) as out:
        if arguments.diff:
            differs = bool(fixing.show(outcome, out))
        else:
            tell(outcome, arguments, out)
    if not outcome.files:
        print("longwire lint: there are no files to read", file=sys.stderr)
    tell_defects(outcome)
    if outcome.defects:
        return DEFECT
    if arguments.diff:
        return FINDING if differs else 0
    return FINDING if outcome.failing or not all_written else 0


@contextlib.contextmanager
def _output(arguments: argparse.Namespace, otherwise: TextIO) -> Iterator[TextIO]:
    """The file that was asked for.

    Raises:
        WrongUsage: it cannot be written.
    """
    if arguments.output is None:
        yield otherwise
        return
    try:
        with arguments.output.open("w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
    except OSError as error:
        raise WrongUsage(f"--output: {error}") from error


def serve(arguments: argparse.Namespace) -> int:
    """Be a language server. Returns the exit code.

    Raises:
        WrongUsage: what was asked for cannot be meant, or pygls is not installed.
    """
    options = options_of(arguments)
    try:
        from longwire.cli.lint.server.serving import serve as run_server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise WrongUsage("a language server needs pygls: install longwire[lsp]") from error
    return run_server(options)


def options_of(arguments: argparse.Namespace) -> Options:
    """What the command line means.

    Raises:
        WrongUsage: it cannot be meant.
    """
    if arguments.jobs is not None and arguments.jobs < 1:
        raise WrongUsage("--jobs is to be 1 or more")
    if arguments.statistics and arguments.format in ("sarif", "github"):
        raise WrongUsage(f"--statistics does not go with --format {arguments.format}")
    if arguments.write_baseline and (arguments.fix or arguments.diff):
        raise WrongUsage("--write-baseline writes down what is there; fix first")
    stdin = None
    if "-" in arguments.paths:
        if len(arguments.paths) > 1:
            raise WrongUsage("- is standard input, and can be the only path")
        stdin = (arguments.stdin_filename, sys.stdin.buffer.read())
    return Options(
        overrides=_overrides(arguments),
        exclude=tuple(arguments.exclude),
        force_exclude=arguments.force_exclude,
        config=arguments.config,
        isolated=arguments.isolated,
        jobs=arguments.jobs,
        cache=arguments.cache_dir,
        no_cache=arguments.no_cache,
        baseline=arguments.baseline,
        write_baseline=arguments.write_baseline,
        stdin=stdin,
    )


def _overrides(arguments: argparse.Namespace) -> Overrides:
    select, ignore = _ids("--select", arguments.select or ()), _ids("--ignore", arguments.ignore)
    return Overrides(
        select=None if arguments.select is None else select,
        ignore=ignore,
        confidence=None if arguments.confidence is None else confidence(arguments.confidence),
        severity=None if arguments.severity is None else severity(arguments.severity),
        fail_on=None if arguments.fail_on is None else severity(arguments.fail_on),
        gitignore=False if arguments.no_gitignore else None,
    )


def _ids(option: str, given: Sequence[str]) -> tuple[str, ...]:
    ids = tuple(one.strip() for part in given for one in part.split(","))
    try:
        check_prefixes(ids, ALL_RULES)
    except ValueError as error:
        raise WrongUsage(f"{option}: {error}") from error
    return ids


def tell(outcome: Outcome, arguments: argparse.Namespace, out: TextIO) -> None:
    """Tell what was found in the format that was asked for."""
    chosen = "json" if arguments.json else arguments.format or "text"
    match chosen:
        case "json":
            told = document(outcome)
            if arguments.statistics:
                told = {**told, "findings": [], "statistics": statistics(outcome)}
            print(json_line(told), file=out)
        case "sarif":
            from longwire.lint.output.sarif import log  # noqa: PLC0415 - seldom asked for

            print(json_line(log(outcome)), file=out)
        case "github":
            for line in commands(outcome):
                print(printable(line), file=out)
        case _:
            teller = Teller(out, outcome)
            if arguments.statistics:
                teller.tell_statistics()
            else:
                teller.tell_findings(whole=chosen == "text")
            teller.tell_end()


def tell_defects(outcome: Outcome) -> None:
    """Mistakes of our own, on standard error, whatever the format."""
    for defect in outcome.defects:
        who = f"rule {defect.rule}" if defect.rule else "the linter"
        text = f"longwire lint: {who} failed in {defect.path}: {defect.error}"
        print(printable(text), file=sys.stderr)
        print(printable(defect.traceback, keep="\n"), file=sys.stderr)
    if outcome.defects:
        print(
            "longwire lint: this is a defect of longwire, not of your program. All else was "
            "checked; please report it, with the text above.",
            file=sys.stderr,
        )
