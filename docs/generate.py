"""Makes the pages, tables and numbers of the documentation that are said in the code already.

MkDocs calls the functions that begin with ``on_`` (``hooks`` in mkdocs.yml). In a page,
``{{ Heartbeat.every }}`` becomes that option's default, ``{{ options Heartbeat }}`` a table of all
its defaults, ``{{ canary OPENING }}`` a number of the canary's (``watchdog``, ``spin``, ``later``:
of theirs), ``{{ errors }}`` the tree of exceptions, ``{{ log }}``, ``{{ log fields }}`` and
``{{ log serve }}`` what is logged, ``{{ conformance cases }}`` and
``{{ conformance deviations }}`` what Autobahn says, ``{{ faults table }}``,
``{{ faults manuals }}`` and ``{{ faults conditions }}`` what chaos can do,
``{{ scoreboard table }}``, ``cells``, ``missing``, ``picture`` and ``timeline`` what the last
published run of the scoreboard says, and ``{{ lint table }}`` and ``{{ lint manuals }}`` what the
linter finds.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import logging
import re
import shlex
import tomllib
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagram import draw
from mkdocs.structure.files import File

import longwire
from longwire.chaos import FAULTS, Strike
from longwire.chaos.values import Seconds
from longwire.client import probe
from longwire.core import lifecycle, retry
from longwire.core.causes import CATALOGUE
from longwire.lint.catalogue import ALL_RULES
from longwire.lint.manual import about, sections_of
from longwire.observe import lag, logbook, spin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from longwire.chaos import Fault
    from longwire.core.causes import Cause
    from longwire.lint.rule import Rule

CAUSES = (
    "Reception over a WebSocket is interrupted in {count} known ways. longwire names one only "
    "where the evidence proves it; otherwise the cause is `unknown`, with the evidence there is. "
    "`longwire explain ID` shows an entry in the terminal."
)

LIFECYCLE = (
    "`client.state` is one of these states. Diagram and table are made from the table that the "
    "client runs on. Left out of the diagram: `close` leads from everywhere to `closing` and "
    "`closed`, and what cannot be mended to `failed`."
)

NUMBERS = {"canary": probe, "watchdog": lag, "spin": spin, "later": retry}
"""Modules whose constants a page may take, by the names that pages call them by."""
CONFORMANCE = Path(__file__).parent.parent / "tests" / "conformance"
SCOREBOARD = Path(__file__).parent.parent / "scoreboard" / "results"
PICTURES = ("scoreboard.svg", "scoreboard-longwire.svg")
"""Of the scoreboard: all clients, and what longwire named."""

MACRO = re.compile(r"\{\{ (\w+)(?:([ .])(\w+))? \}\}")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    files.append(File.generated(config, "causes.md", content=causes_page()))
    files.append(File.generated(config, "lifecycle.md", content=lifecycle_page()))
    for name in PICTURES:
        source = str(SCOREBOARD / name)
        files.append(File.generated(config, f"images/{name}", abs_src_path=source))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in what the page takes from the code."""
    return MACRO.sub(lambda found: expand(*found.groups()), markdown)


def expand(name: str, separator: str | None, argument: str | None) -> str:
    """What ``{{ name argument }}`` or ``{{ name.argument }}`` stands for."""
    if name == "errors":
        return error_tree(longwire.LongwireError)
    if name in NUMBERS:
        return f"{getattr(NUMBERS[name], str(argument)):g}"
    if name in PARTS:
        return PARTS[name][argument]()
    if separator == " " and name == "options":
        return options_table(getattr(longwire, str(argument)))
    return f"`{defaults(getattr(longwire, name))[str(argument)]!r}`"


def conformance_table() -> str:
    """How many of Autobahn's cases end in which way, by group: what CI compares with."""
    expected = json.loads((CONFORMANCE / "expected.json").read_text())
    counts = Counter(
        (int(case.split(".")[0]), side, behavior)
        for case, sides in expected.items()
        for side, (behavior, _) in sides.items()
    )
    behaviors = sorted({behavior for _, _, behavior in counts}, key=lambda one: (one != "OK", one))
    rows = [["group", "ours", *behaviors], ["---", "---", *("---:" for _ in behaviors)]]
    for group, side in sorted({(group, side) for group, side, _ in counts}):
        numbers = (counts[group, side, behavior] for behavior in behaviors)
        rows.append([str(group), side, *(str(number or "") for number in numbers)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def deviations() -> str:
    """The cases that are not simply OK, each with the text that allows it."""
    listed = tomllib.loads((CONFORMANCE / "deviations.toml").read_text())["deviation"]
    return "\n\n".join(
        f"**{', '.join(one['cases'])}.** {one['what']} {one['source']}:\n\n> {one['text']}"
        for one in listed
    )


def scoreboard_table() -> str:
    """A line for each client."""
    introduction, *_ = scoreboard_parts()
    return introduction[introduction.index("| client |") :]


def scoreboard_cells() -> str:
    """The promises, and for each kind of cell what happens there and what longwire makes of it.

    A page is too narrow for all clients; it has them in the picture.
    """
    promises, *tables = scoreboard_parts()[1:-3]
    three_columns = re.compile(r"^((?:\|[^|\n]*){3}\|).*$", re.MULTILINE)
    return promises + three_columns.sub(r"\1", "".join(tables))


def scoreboard_missing() -> str:
    """The causes without a cell."""
    return scoreboard_parts()[-2]


def scoreboard_parts() -> list[str]:
    """The report in parts, of which every play and the programs are left to the repository."""
    report = (SCOREBOARD / "scoreboard.md").read_text("utf-8")
    return re.split(r"^(?=## )", report, flags=re.MULTILINE)


def scoreboard_picture() -> str:
    """Who receives when."""
    return f"![Green receives, red is deaf: each client in each cell](images/{PICTURES[0]})"


def scoreboard_timeline() -> str:
    """The same for longwire, with what it named."""
    return f"![When longwire receives, and the causes that it names](images/{PICTURES[1]})"


def defaults(options: Any) -> dict[str, Any]:
    """The defaults of a group of options."""
    return {field.name: field.default for field in dataclasses.fields(options)}


def options_table(options: type) -> str:
    """A group of options, each with its default."""
    rows = [
        f"| `{name}` | `{value.__name__ if callable(value) else repr(value)}` |"
        for name, value in defaults(options).items()
    ]
    return "\n".join(["| option | default |", "| --- | --- |", *rows])


def error_tree(root: type[Any]) -> str:
    """The public exceptions as a nested list, each with the first sentence about it."""
    return "\n".join(_error_lines(root, 0))


def _error_lines(error: type[Any], depth: int) -> Iterator[str]:
    sentence = inspect.cleandoc(error.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    yield f"{'    ' * depth}- `{error.__name__}`: {sentence}"
    for child in sorted(error.__subclasses__(), key=lambda child: child.__name__):
        if child.__name__ in longwire.__all__:
            yield from _error_lines(child, depth + 1)


def client_log() -> str:
    """The kinds of records that clients write."""
    rows = [
        f"| `{event}` | {logging.getLevelName(line.level)} | `{line.text}` | {line.when} |"
        for event, line in logbook.LINES.items()
    ]
    return "\n".join(["| event | level | text | when |", "| --- | --- | --- | --- |", *rows])


def log_fields() -> str:
    """The extra fields of a client's records."""
    return "\n".join(f"- `{name}`: {text}." for name, text in logbook.FIELDS.items())


def serve_log() -> str:
    """The records of `longwire.serve`, read from the calls that write them."""
    package = Path(longwire.__file__).parent
    rows = dict.fromkeys(
        f"| {level.upper()} | `{text}` |"
        for path in sorted((package / "link").glob("*.py"))
        for level, text in log_calls(path.read_text())
    )
    return "\n".join(["| level | text |", "| --- | --- |", *rows])


def log_calls(source: str) -> Iterator[tuple[str, str]]:
    """Level and text of each call of a module's ``_log``; ``exception`` is an error."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="_log"), attr=level),
                args=[ast.Constant(value=str(text)), *_],
            ):
                yield "error" if level == "exception" else level, text


PLACES = {"crossing": "connection", "proxy": "openings"}
"""Where faults work that do not work on one direction, or on each by itself."""


def faults_table() -> str:
    """All faults: what they do, where by default, and what can be set."""
    rows = [
        f"| [{name}](#{name}) | {markdown(kind.about())} | "
        f"{PLACES.get(kind.scope, kind.direction)} | {fault_options(kind)} |"
        for name, kind in FAULTS.items()
    ]
    head = ["| fault | what it does | works on | options |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def fault_options(kind: type[Fault]) -> str:
    """The options of a fault with their defaults, as a user would write them."""
    fault = kind()
    texts = []
    for name, hint in kind.options().items():
        value = getattr(fault, name)
        shown = f"{value:g}s" if hint == Seconds else shlex.quote(str(value))
        texts.append(f"`{name}={shown}`")
    return " ".join(texts)


def fault_manuals() -> str:
    """The manual of each fault, and the causes that it reproduces."""
    return "\n\n".join(part for kind in FAULTS.values() for part in fault_manual(kind))


def fault_manual(kind: type[Fault]) -> Iterator[str]:
    """The parts of one."""
    yield f"### {kind.name()} {{ #{kind.name()} }}"
    yield documented(kind)
    if kind.reproduces:
        causes = ", ".join(f"[{one}](causes.md#{one})" for one in kind.reproduces)
        yield f"Reproduces: {causes}."


def fault_conditions() -> str:
    """What all faults understand."""
    _, _, listed = documented(Strike).partition("- **fault**")
    return "- **" + listed.partition("- **")[2]


def documented(thing: type) -> str:
    """The docstring of a class in Markdown, its attributes as a list."""
    text, _, attributes = markdown(inspect.getdoc(thing) or "").partition("Attributes:\n")
    items = re.sub(r"(?m)^    (\w+): ", r"- **\1**: ", attributes)
    return f"{text.strip()}\n\n{re.sub(r'(?m)^ {8}', '    ', items)}".strip()


def markdown(text: str) -> str:
    """A docstring's text, in which code is marked with two signs."""
    return text.replace("``", "`")


def rules_table() -> str:
    """All rules of the linter."""
    rows = [
        f"| [{one.id}](#{one.id.lower()}) | {one.name} | {one.severity} | {about(one)} |"
        for one in ALL_RULES.values()
    ]
    return "\n".join(["| id | name | severity | finds |", "| --- | --- | --- | --- |", *rows])


def rule_manuals() -> str:
    """The manual of each rule, and the causes that it prevents."""
    return "\n\n".join(part for one in ALL_RULES.values() for part in rule_manual(one))


def rule_manual(rule: Rule) -> Iterator[str]:
    """The parts of one."""
    yield f"### {rule.id} {rule.name} {{ #{rule.id.lower()} }}"
    yield f"{about(rule)}."
    for head, text in sections_of(rule).items():
        yield f"**{head}**"
        yield text
    if rule.prevents:
        causes = ", ".join(f"[{one}](causes.md#{one})" for one in rule.prevents)
        yield f"Prevents: {causes}."


def causes_page() -> str:
    """The catalogue of causes, by category."""
    causes = sorted(CATALOGUE.values(), key=lambda cause: cause.category)
    lines = ["# Causes", "", CAUSES.format(count=len(causes))]
    for category, entries in groupby(causes, key=lambda cause: cause.category):
        lines += ["", f"## {category.capitalize()}"]
        for cause in entries:
            lines += ["", *cause_lines(cause)]
    return "\n".join(lines)


def cause_lines(cause: Cause) -> Iterator[str]:
    """One entry of the catalogue."""
    yield f"### {cause.title} {{ #{cause.id} }}"
    yield ""
    seen = "" if cause.observable_by_client else "; not observable by a client"
    yield f"`{cause.id}`: to blame as a rule: {cause.blame}{seen}."
    for label, text in (
        ("What one sees", cause.symptom),
        ("What happens", cause.mechanism),
        ("Named when", cause.evidence),
        ("With longwire", cause.remedy),
        ("Without longwire", cause.remedy_elsewhere),
        ("Seen in", ", ".join(f"<{link}>" for link in cause.links)),
    ):
        if text:
            yield ""
            yield f"**{label}.** {text}"


def lifecycle_page() -> str:
    """The client's state machine, drawn from its table."""
    rows = [
        f"| {state} | {event} | {step.state} | {', '.join(step.actions)} |"
        for (state, event), step in lifecycle.TABLE.items()
    ]
    drawn = [s for s in lifecycle.State if not s.is_final and s is not lifecycle.State.CLOSING]
    return "\n".join(
        [
            "# The life of a client",
            "",
            LIFECYCLE,
            "",
            f"<div>{draw(drawn, ways(drawn))}</div>",
            "",
            "| state | event | next state | actions |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "The same in Mermaid's language:",
            "",
            *(f"    {line}" for line in lifecycle.diagram().splitlines()),
        ]
    )


PARTS: dict[str, dict[str | None, Callable[[], str]]] = {
    "log": {None: client_log, "fields": log_fields, "serve": serve_log},
    "conformance": {"cases": conformance_table, "deviations": deviations},
    "faults": {
        "table": faults_table,
        "manuals": fault_manuals,
        "conditions": fault_conditions,
    },
    "scoreboard": {
        "picture": scoreboard_picture,
        "table": scoreboard_table,
        "cells": scoreboard_cells,
        "timeline": scoreboard_timeline,
        "missing": scoreboard_missing,
    },
    "lint": {"table": rules_table, "manuals": rule_manuals},
}
"""What a page may take, and its parts."""


def ways(drawn: Sequence[lifecycle.State]) -> dict[tuple[str, str], list[str]]:
    """The events that lead from one of the states drawn to another."""
    found: dict[tuple[str, str], list[str]] = {}
    for (state, event), step in lifecycle.TABLE.items():
        if state is not step.state and state in drawn and step.state in drawn:
            found.setdefault((state, step.state), []).append(event)
    return found
