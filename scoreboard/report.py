"""The Markdown report: who loses what, and who comes back when; cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scoreboard.bars import bars, gives_evidence, is_plain_cut
from scoreboard.cells import CELLS
from scoreboard.nocells import NO_CELL
from scoreboard.roster import CLIENTS
from scoreboard.tally import middle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoreboard.cell import Cell
    from scoreboard.measure import Result
    from scoreboard.tally import Results

_KINDS: Final = {
    "cut": "The connection ends",
    "hidden": "Messages stop, and nothing ends",
    "lossy": "Messages are lost on the way",
    "harmless": "Nothing that should stop anybody",
}

_HELD: Final = ("threads", "sockets")
"""What may have grown, in the order of `Result.grown`."""


def markdown(results: Results) -> str:
    """The whole report."""
    parts = [
        _introduction(results),
        "\n".join(summary(results)),
        _promises(results),
        *(_matrix(results, kind) for kind in _KINDS),
        _details(results),
        _missing(results),
        _adapters(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(results: Results) -> list[str]:
    """The table of all clients, a line for each."""
    rows = [
        (
            "| client | cells | silent loss in | deaf at the end in | ended by itself in "
            "| back after a cut | names the cause in | wrongly |"
        ),
        "|:---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for client in results.clients:
        all_of_it = results.of(client)
        cuts = [one for one in all_of_it if is_plain_cut(CELLS[one.cell])]
        deaf = _cells(one for one in all_of_it if _is_deaf(one))
        gone = _cells(one for one in all_of_it if one.exited is not None)
        asked = [one for one in all_of_it if gives_evidence(CELLS[one.cell], one)]
        right = sum(one.naming == "right" for one in asked)
        wrong = _cells(one for one in all_of_it if one.naming == "wrong")
        named = f"{right / len(asked):.0%}" if right else "-"
        rows.append(
            f"| {client} {results.versions.get(client, '')} | {_cells(all_of_it)} "
            f"| {_cells(one for one in all_of_it if one.silent)} | {deaf} | {gone} "
            f"| {_time(middle(cuts, lambda one: one.back))} | {named} | {wrong} |"
        )
    return rows


def _cells(results: Iterable[Result]) -> int:
    return len({one.cell for one in results})


def _is_deaf(result: Result) -> bool:
    """Whether it should receive at the end, and does not."""
    return not result.receives and not CELLS[result.cell].returns_later


def _introduction(results: Results) -> str:
    return (
        "# The continuity scoreboard\n\n"
        f"{results.date}, {results.system}, loopback, rounds: {results.rounds}, some plays side by "
        "side. What is measured, and how, is said in `scoreboard/README.md`.\n\n"
        "Messages are numbered, 200 a second, and nobody keeps them: who is away loses some. "
        "*Silent loss*: the program was told nothing between the messages on either side. *Deaf at "
        "the end*: ten seconds after the cell was over still no message had come. *Back after a "
        "cut*: the median from the end of a connection, where it is known at once, to the first "
        "message of the next. *Waits*: it was told, and leaves a peer that breaks the protocol "
        "some seconds (longer than it was watched) before it tries again. *Ended*: the program "
        "came to its end, by an exception."
    )


def _promises(results: Results) -> str:
    found = bars(results)
    if not found:
        return ""
    rows = ["## What longwire promises", "", "| bar | measured | met |", "|:---|:---|:---|"]
    rows += [f"| {bar.text} | {bar.measured} | {'yes' if bar.met else '**no**'} |" for bar in found]
    return "\n".join(rows)


def _matrix(results: Results, kind: str) -> str:
    cells = [CELLS[name] for name in results.cells if CELLS[name].kind == kind]
    if not cells:
        return ""
    clients = results.clients
    rows = [
        f"## {_KINDS[kind]}",
        "",
        f"| cause | what happens | {' | '.join(clients)} |",
        f"|:---|:---|{':---|' * len(clients)}",
    ]
    for cell in cells:
        verdicts = " | ".join(_verdict(cell, results.of(client, cell.name)) for client in clients)
        rows.append(f"| `{cell.name}` | {cell.what} | {verdicts} |")
    return "\n".join(rows)


def _verdict(cell: Cell, results: list[Result]) -> str:
    """A few words: how it went on, what was lost, what was named."""
    if not results:
        return "not played"
    words = [_outcome(cell, results)]
    silent = max(one.silent for one in results)
    if silent:
        words.append(f"**{silent} lost silently**")
    named = next((one.naming for one in results if one.naming == "wrong"), results[0].naming)
    if named in {"right", "wrong"}:
        words.append("named" if named == "right" else "**named wrongly**")
    return ", ".join(words)


def _outcome(cell: Cell, results: list[Result]) -> str:
    ended = sum(one.exited is not None for one in results)
    if ended:
        return f"**ended**{_share(ended, results)}"
    deaf = sum(_is_deaf(one) for one in results)
    if deaf:
        return f"**deaf**{_share(deaf, results)}"
    if cell.kind == "lossy" or not any(one.noticed is not None for one in results):
        return "goes on"
    back = middle(results, lambda one: one.back)
    if back is None:
        return "waits"
    cut = "cut, " if cell.kind == "harmless" else ""
    return f"{cut}back in {_time(back)}"


def _share(count: int, results: list[Result]) -> str:
    """In how many rounds it was so; what happens once in some is told as that."""
    return "" if count == len(results) else f" in {count} of {len(results)}"


def _details(results: Results) -> str:
    rows = [
        "## Every play",
        "",
        "Times in milliseconds. Lost: silently / told of an interruption / named by number.",
        "",
        (
            "| cause | client | noticed | back | deaf for | lost | twice | late "
            "| connections made | causes, alerts | at the end |"
        ),
        "|:---|:---|---:|---:|---:|---:|---:|---:|---:|:---|:---|",
    ]
    for cell in results.cells:
        for client in results.clients:
            for one in results.of(client, cell):
                said = ", ".join(one.said) or "-"
                rows.append(
                    f"| `{cell}` | {client} | {_thousandths(one.noticed)} "
                    f"| {_thousandths(one.back)} | {_thousandths(one.deaf)} "
                    f"| {one.silent} / {one.told} / {one.named} | {one.twice} | {one.late} "
                    f"| {one.attempts} | {said} | {_end(one)} |"
                )
    return "\n".join(rows)


def _end(result: Result) -> str:
    words = ["receives" if result.receives else "deaf"]
    if result.exited is not None:
        words.append(f"ended by itself ({result.exited})")
    if result.connections is not None and result.connections > 1:
        words.append(f"{result.connections} connections open")
    words += [f"{what} +{n}" for n, what in zip(result.grown, _HELD, strict=True) if n]
    words += [f"left {what}" for what in result.left]
    if result.unfounded:
        words.append(f"{result.unfounded} called lost that came")
    if not result.stopped:
        words.append("did not end in good order when asked to")
    if result.children:
        words.append("left a process")
    return ", ".join(words)


def _missing(results: Results) -> str:
    rows = ["## Causes without a cell", ""]
    rows += [f"- `{cause}`: {why}" for cause, why in NO_CELL.items()]
    rows += [f"- {what}: {why}" for what, why in results.failed.items()]
    return "\n".join(rows)


def _adapters(results: Results) -> str:
    rows = ["## How each is used", ""]
    for name in results.clients:
        client = CLIENTS[name]
        note = f" To know: {client.note}." if client.note else ""
        docs = client.docs if "://" in client.docs else f"../../{client.docs}"
        rows.append(
            f"- {name}: {client.idiom}, as [its documentation]({docs}) says: "
            f"[the program](../clients/{client.sources}).{note}"
        )
    return "\n".join(rows)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _thousandths(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.0f}"
