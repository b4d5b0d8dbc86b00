"""What a run of ``longwire lint`` has found, as text for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TextIO

from longwire.cli.lint.excerpt import excerpt
from longwire.cli.printable import printable
from longwire.cli.units import counted
from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Severity
from longwire.lint.output.records import statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.lint.finding import Finding
    from longwire.lint.run import Outcome

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}


class Teller:
    """Tells an outcome: coloured on a terminal, if rich is installed.

    Args:
        out: Where it goes.
        outcome: What to tell.
    """

    def __init__(self, out: TextIO, outcome: Outcome) -> None:
        self._outcome = outcome
        self._write = _writer(out)

    def tell_findings(self, *, whole: bool) -> None:
        """Each with its place and, if all of it is wanted, with the source and what helps."""
        for one in self._outcome.findings:
            self._tell_finding(one)
            if whole:
                self._tell_source(one)

    def _tell_finding(self, one: Finding) -> None:
        self._write(
            (printable(one.path), "bold"),
            (f":{one.line}:{one.column}: ", "dim"),
            (one.rule, _COLOURS[one.severity]),
            (f" {printable(one.message)}\n", ""),
        )

    def _tell_source(self, one: Finding) -> None:
        source = self._outcome.sources.get(one.path)
        lines = [] if source is None else excerpt(source, one)
        for gutter, text, is_mark in lines:
            self._write(
                (f"{gutter} | ", "dim"),
                (f"{text}".rstrip() + "\n", _COLOURS[one.severity] if is_mark else ""),
            )
        width = len(lines[0][0]) if lines else 0
        self._write((f"{'':{width}} = help: ", "dim"), (f"{printable(one.help)}\n\n", ""))

    def tell_statistics(self) -> None:
        """How many findings each rule has."""
        counts = statistics(self._outcome)
        width = max((len(str(one)) for one in counts.values()), default=0)
        for rule, count in counts.items():
            self._write(
                (f"{count:{width}}  ", "bold"),
                (rule, _COLOURS[ALL_RULES[rule].severity]),
                (f"  {ALL_RULES[rule].name}\n", ""),
            )

    def tell_end(self) -> None:
        """What it comes to."""
        outcome = self._outcome
        for one in outcome.stale:
            text = (
                f"{one.path}: {one.rule} is no longer found where the baseline knows it: {one.text}"
            )
            self._write((printable(text) + "\n", "dim"))
        self._write((f"{summary(outcome)}\n", "bold"))


def summary(outcome: Outcome) -> str:
    """What a run comes to, in a sentence."""
    severities = Counter(one.severity for one in outcome.findings)
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    found = [counted(severities[one], noun) for one, noun in nouns.items() if severities[one]]
    if outcome.written is not None:
        text = f"The baseline now knows {counted(outcome.written, 'finding')}"
    elif found:
        text = f"Found {', '.join(found)}"
    else:
        text = "Found nothing"
    text += f" in {counted(outcome.files, 'file')}"
    more = [
        f"fixed {outcome.fixed:,} more" if outcome.fixed else "",
        f"{counted(outcome.ignored, 'finding')} ignored by comments" if outcome.ignored else "",
        f"{outcome.known:,} known by the baseline" if outcome.known and not outcome.written else "",
        f"{len(outcome.stale):,} of its entries stale (--write-baseline)" if outcome.stale else "",
        f"{counted(len(outcome.defects), 'defect')} of longwire" if outcome.defects else "",
    ]
    return "; ".join(filter(None, (text, *more)))


def _writer(out: TextIO) -> Callable[..., object]:
    """What prints parts of a line, each with its style."""
    if out.isatty():
        try:
            from rich.console import Console  # noqa: PLC0415 - an extra, and slow to import
            from rich.text import Text  # noqa: PLC0415 - likewise
        except ModuleNotFoundError:
            pass
        else:
            console = Console(file=out, highlight=False, soft_wrap=True)
            return lambda *parts: console.print(Text.assemble(*parts), end="")

    def plain(*parts: tuple[str, str]) -> None:
        out.write("".join(text for text, _ in parts))

    return plain
