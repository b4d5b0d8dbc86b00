"""Runs the rules over fetched repositories, and compares with the list of verdicts.

``python -m tests.lint.field DIRECTORY``: each repository is a directory there, ``owner__name``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lint.field.labels import KINDS, LIST, compare, find, read

if TYPE_CHECKING:
    from tests.lint.field.labels import Comparison

SHOWN = ("HIGH", "MEDIUM")


def main(directory: Path) -> int:
    labels = read(LIST.read_text(encoding="utf-8"))
    there = {path.name.replace("__", "/", 1) for path in directory.iterdir() if path.is_dir()}
    result = compare((one for one in labels if one.place.repo in there), find(directory))
    for one in result.new:
        print(f"new   {one.place.repo} {one.place.path}:{one.place.line} {one.rule}")
    for label in result.gone:
        print(
            f"gone  {label.place.repo} {label.place.path}:{label.place.line} {label.rule}", end=""
        )
        print(f" ({label.verdict}: {label.why})")
    for line in table(result):
        print(line)
    missing = sorted({one.place.repo for one in labels} - there)
    print(f"{len(missing)} repositories of the list are not there", *missing)
    return 0


def table(result: Comparison) -> list[str]:
    """The figures as a table of Markdown."""
    rules = sorted({rule for rule, _, _ in result.verdicts} | {rule for _, rule in result.seen})
    rows = [
        "| rule | true, of HIGH | true, of shown | shown, of faulty |",
        "| --- | --- | --- | --- |",
        *(
            f"| {rule} | {_share(result.precision('HIGH', rule=rule))} "
            f"| {_share(result.precision(*SHOWN, rule=rule))} | {_share(result.recall(rule))} |"
            for rule in rules
        ),
        (
            f"| all | {_share(result.precision('HIGH'))} | {_share(result.precision(*SHOWN))} "
            f"| {_share(result.recall())} |"
        ),
        "",
        "| kind | shown, of faulty | of those held out |",
        "| --- | --- | --- |",
    ]
    kinds = {**KINDS, "all": ()}
    return rows + [
        f"| {kind} | {_share(result.recall(*ids))} | {_share(result.recall(*ids, how='held'))} |"
        for kind, ids in kinds.items()
    ]


def _share(part: tuple[int, int]) -> str:
    some, whole = part
    return f"{some} of {whole} ({some / whole:.2f})" if whole else "-"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
