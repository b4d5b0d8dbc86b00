"""``longwire explain ID``: one cause as a page for a person."""

from __future__ import annotations

import json
import shutil
import textwrap
from typing import TYPE_CHECKING

import msgspec

from longwire.cli.causes import tell_what_is_left_out
from longwire.cli.failures import USAGE, fail
from longwire.core.causes import UnknownCause, cause
from longwire.core.causes.instruments import left_out, matrix

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from longwire.core.causes import Cause

    Coverage = Mapping[str, tuple[str, ...]]

NAME = "explain"
HELP = "explain one cause of interrupted reception"

WIDEST = 96
"""Columns beyond which lines are hard to read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the id and ``--json``."""
    parser.add_argument("id", help="the cause's id, such as half-open-undetected")
    parser.add_argument("--json", action="store_true", help="print the entry as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the page. Returns 0, or 2 if there is no such cause."""
    try:
        found = cause(arguments.id)
    except UnknownCause as error:
        return fail(error, as_json=arguments.json, command=NAME, code=USAGE)
    tell_what_is_left_out(NAME)
    coverage: Coverage = {one: names for one, names in _covered(found).items() if names}
    if arguments.json:
        entry = {
            **msgspec.to_builtins(found),
            "covered_by": coverage,
            "not_covered_by": left_out(found.id),
        }
        print(json.dumps(entry, indent=2))
    else:
        print(_page(found, coverage))
    return 0


def _covered(found: Cause) -> Coverage:
    # "unknown" is a verdict, not an entry of the catalogue.
    cells = matrix().get(found.id, {})
    return {str(one): names for one, names in cells.items()}


def _page(found: Cause, coverage: Coverage) -> str:
    width = min(WIDEST, shutil.get_terminal_size().columns)
    seen = "yes" if found.observable_by_client else "no"
    parts = [
        f"{found.id}: {found.title}",
        f"{found.category}; to blame: {found.blame}; a running client can prove it: {seen}",
    ]
    sections = (
        ("What you see", found.symptom),
        ("What happens", found.mechanism),
        ("What must be known before it is named", found.evidence),
        ("With longwire", found.remedy),
        ("Without longwire", found.remedy_elsewhere),
        ("Covered by", "; ".join(f"{one}: {', '.join(how)}" for one, how in coverage.items())),
        ("Not covered by", "; ".join(f"{one}: {why}" for one, why in left_out(found.id).items())),
    )
    parts += [f"{head}\n{_indented(text, width)}" for head, text in sections if text]
    if found.links:
        parts.append("\n".join(("Seen in", *(f"  {link}" for link in found.links))))
    return "\n\n".join(parts)


def _indented(text: str, width: int) -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent="  ",
        subsequent_indent="  ",
        # An option such as when_full="drop-oldest" stays in one piece.
        break_long_words=False,
        break_on_hyphens=False,
    )
