"""``longwire causes``: every cause of the catalogue, and which instrument covers it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from longwire.cli.failures import without_rich
from longwire.cli.printable import printable
from longwire.core.causes import CATALOGUE
from longwire.core.causes.instruments import INSTRUMENTS, left_out, matrix

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from longwire.core.causes.instruments import Instrument

    Matrix = Mapping[str, Mapping[Instrument, tuple[str, ...]]]

NAME = "causes"
HELP = "list the causes of interrupted reception and what covers them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print the matrix as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the coverage matrix. Returns 0."""
    tell_what_is_left_out(NAME)
    covered = matrix()
    if arguments.json:
        print(json.dumps(_as_json(covered), indent=2))
    elif not (sys.stdout.isatty() and _print_table(covered)):
        # Through a pipe, plain columns serve better than a table cut to some width.
        _print_plain(covered)
    return 0


def tell_what_is_left_out(command: str) -> None:
    """Let every instrument declare itself; stderr says which could not."""
    for problem in declare():
        print(f"longwire {command}: {printable(problem)}", file=sys.stderr)


def declare() -> list[str]:
    """Let every instrument that is there declare itself, by importing its package.

    Returns:
        What could not be asked, and why: an instrument of which a package is not installed.
    """
    problems = []
    for instrument in INSTRUMENTS:
        package = f"longwire.{instrument}"
        try:
            import_module(package)
        except ModuleNotFoundError as error:
            if error.name != package:
                problems.append(f"{instrument} is left out, for it needs {error.name}")
    return problems


def _as_json(covered: Matrix) -> list[dict[str, object]]:
    return [
        {
            "id": cause.id,
            "title": cause.title,
            "category": cause.category,
            "blame": cause.blame,
            "covered_by": {one: list(names) for one, names in covered[cause.id].items()},
            "not_covered_by": left_out(cause.id),
        }
        for cause in CATALOGUE.values()
    ]


def _summary(covered: Matrix) -> str:
    counts = (f"{one} {sum(bool(cells[one]) for cells in covered.values())}" for one in INSTRUMENTS)
    return f"{len(covered)} causes; covered by {', '.join(counts)}"


def _print_plain(covered: Matrix) -> None:
    rows = [("cause", *INSTRUMENTS)]
    rows += [
        (cause_id, *(", ".join(cells[one]) or "-" for one in INSTRUMENTS))
        for cause_id, cells in covered.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())
    print(_summary(covered))


def _print_table(covered: Matrix) -> bool:
    """Print it with rich. Returns False where rich is not installed."""
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra, and slow to import
        from rich.table import Table  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        if not without_rich(error):
            raise
        return False
    table = Table(title="Causes of interrupted reception", caption=_summary(covered))
    table.add_column("cause", no_wrap=True)
    for instrument in INSTRUMENTS:
        table.add_column(instrument)
    for cause_id, cells in covered.items():
        table.add_row(cause_id, *(", ".join(cells[one]) for one in INSTRUMENTS))
    Console().print(table)
    return True
