"""``longwire lint``: finds in source code what stops reception, before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

NAME = "lint"
HELP = "find in source code what stops reception, before it runs"

EPILOG = (
    "Settings come from [tool.longwire.lint] of the nearest pyproject.toml above each file. "
    "A finding is ignored by a comment on its line: '# longwire: ignore[LW101]'. "
    "Exit codes: 0 fine, 1 findings, 2 wrong usage, 70 a rule itself failed."
)
CONFIDENCES = ("low", "medium", "high")
SEVERITIES = ("info", "warning", "error")
FORMATS = ("text", "concise", "json", "sarif", "github")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the paths and the options."""
    parser.epilog = EPILOG
    parser.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="files, and directories to look for files in; '-': standard input (%(default)s)",
    )
    _add_what_there_is(parser.add_argument_group("what there is"))
    _add_rules(parser.add_argument_group("which findings"))
    _add_files(parser.add_argument_group("which files"))
    _add_fixes(parser.add_argument_group("what is done about them"))
    _add_output(parser.add_argument_group("how they are told"))
    _add_running(parser.add_argument_group("how it runs"))


def _add_what_there_is(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--rules", action="store_true", help="list all rules")
    group.add_argument("--explain", metavar="ID", help="print the manual of a rule")


def _add_rules(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--select",
        action="append",
        metavar="IDS",
        help="only these rules, or those whose ids begin so, parted by commas; in place of what "
        "is configured",
    )
    group.add_argument(
        "--ignore", action="append", default=[], metavar="IDS", help="not these rules; likewise"
    )
    group.add_argument(
        "--confidence", choices=CONFIDENCES, help="the lowest that is shown (medium)"
    )
    group.add_argument("--severity", choices=SEVERITIES, help="the lowest that is shown (info)")
    group.add_argument(
        "--fail-on", choices=SEVERITIES, help="the lowest that makes the exit code 1 (warning)"
    )
    group.add_argument(
        "--baseline", type=Path, metavar="FILE", help="leave out the findings that it knows"
    )
    group.add_argument(
        "--write-baseline", action="store_true", help="write what is found to the baseline"
    )


def _add_files(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help="pass over what matches, as in a .gitignore; may be repeated",
    )
    group.add_argument(
        "--force-exclude", action="store_true", help="even files that are given by name"
    )
    group.add_argument(
        "--no-gitignore", action="store_true", help="do not pass over what git ignores"
    )
    group.add_argument(
        "--stdin-filename", default="-", metavar="PATH", help="what standard input is called"
    )


def _add_fixes(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--fix",
        action="store_true",
        help="mend in the files what can be mended safely, and tell the rest",
    )
    group.add_argument(
        "--diff", action="store_true", help="show what --fix would change, and change nothing"
    )


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--format", choices=FORMATS, help="text where nothing is said")
    group.add_argument("--json", action="store_true", help="the same as --format json")
    group.add_argument("--output", type=Path, metavar="FILE", help="write it to this file")
    group.add_argument(
        "--statistics", action="store_true", help="tell only how many findings each rule has"
    )


def _add_running(group: argparse._ArgumentGroup) -> None:
    config = group.add_mutually_exclusive_group()
    config.add_argument("--config", type=Path, metavar="FILE", help="the settings of this file")
    config.add_argument("--isolated", action="store_true", help="no settings of any file")
    group.add_argument(
        "--jobs", type=int, metavar="N", help="check with so many processes (as many as pay)"
    )
    group.add_argument(
        "--cache-dir", type=Path, metavar="DIR", help="where results are kept (.longwire_cache)"
    )
    group.add_argument("--no-cache", action="store_true", help="keep no results, and use none")
    group.add_argument(
        "--lsp",
        action="store_true",
        help="be a language server on standard input and output, for an editor",
    )


def run(arguments: argparse.Namespace) -> int:
    """List what there is, or check. Returns the exit code."""
    # The rules are loaded by no other command, and not for --help.
    from longwire.cli.lint import lists, running  # noqa: PLC0415

    if arguments.rules:
        return lists.print_rules(as_json=arguments.json)
    if arguments.explain is not None:
        return lists.print_manual(arguments.explain, as_json=arguments.json)
    return running.serve(arguments) if arguments.lsp else running.check(arguments)
