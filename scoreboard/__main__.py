"""``python -m scoreboard``: play the cells with the clients, write table, data and pictures."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scoreboard.bars import bars
from scoreboard.cells import CELLS
from scoreboard.measure import measure
from scoreboard.nocells import NO_CELL
from scoreboard.picture import overview, timeline
from scoreboard.play import NeverReceived, play
from scoreboard.report import markdown, summary
from scoreboard.roster import CLIENTS
from scoreboard.tally import Results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoreboard.cell import Cell
    from scoreboard.roster import Client

_OUT: Final = Path(__file__).parent / "results"


def main() -> int:
    """Do what the command line asks for; the exit code is 1 where longwire misses a bar."""
    given = _arguments()
    if given.list:
        _list()
        return 0
    if given.report is not None:
        results = Results.read(given.report)
    else:
        clients = _playable(given.clients or list(CLIENTS))
        cells = [CELLS[name] for name in given.only or CELLS]
        results = asyncio.run(run(cells, clients, given.rounds, at_once=given.at_once))
    _write(results, given.out, "partial" if given.only or given.clients else "scoreboard")
    _say("\n".join(summary(results)))
    return 0 if all(bar.met for bar in bars(results)) else 1


def _playable(names: list[str]) -> list[Client]:
    """Those that are there, or can be built here."""
    found = []
    for name in names:
        lack = CLIENTS[name].lacks()
        if lack:
            _say(f"{name} is left out: {lack}")
        else:
            found.append(CLIENTS[name])
    return found


async def run(cells: list[Cell], clients: list[Client], rounds: int, *, at_once: int) -> Results:
    """Play every cell with every client, some at once.

    A cell mostly waits, so several can be played side by side; too many would be measured by how
    busy the machine is.
    """
    results = Results.begun((client.name for client in clients), rounds)
    todo = iter(
        [
            (cell, client, number)
            for number in range(1, rounds + 1)
            for cell in cells
            for client in clients
        ]
    )
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(_work(todo, results))
    return results


async def _work(todo: Iterator[tuple[Cell, Client, int]], results: Results) -> None:
    for cell, client, number in todo:
        if cell.tls and not client.tls:
            results.failed[f"{client.name} / {cell.name}"] = "its program is built without TLS"
            continue
        try:
            result = measure(cell, await play(cell, client, number))
        except NeverReceived as error:
            results.failed[f"{client.name} / {cell.name}"] = str(error)
            _say(str(error))
            continue
        results.results.append(result)
        back = "-" if result.back is None else f"{result.back * 1000:.0f} ms"
        _say(
            f"{cell.name:<34}{client.name:<20}back {back:>8}  silent {result.silent:>4}  "
            f"{result.naming:<8}{' '.join(dict.fromkeys(result.causes))}"
        )


def _write(results: Results, out: Path, name: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    results.write(out / f"{name}.json")
    (out / f"{name}.md").write_text(markdown(results), "utf-8")
    (out / f"{name}.svg").write_text(overview(results), "utf-8")
    for client in results.clients:
        slug = re.sub(r"[^\w.]+", "-", client)
        (out / f"{name}-{slug}.svg").write_text(timeline(results, client), "utf-8")


def _list() -> None:
    for cell in CELLS.values():
        _say(f"{cell.name:<34}{cell.what}")
    for cause, why in NO_CELL.items():
        _say(f"{cause:<34}no cell: {why}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scoreboard", description="Play the causes of the catalogue with clients."
    )
    parser.add_argument("--only", nargs="+", metavar="CELL", choices=CELLS)
    parser.add_argument("--clients", nargs="+", metavar="NAME", choices=CLIENTS)
    parser.add_argument("--rounds", type=int, default=1, help="how often each is played; 1")
    parser.add_argument("--at-once", type=int, default=4, help="plays side by side; 4")
    parser.add_argument(
        "--list", action="store_true", help="list the cells, and why some have none"
    )
    parser.add_argument("--out", type=Path, default=_OUT, metavar="DIR")
    parser.add_argument("--report", type=Path, metavar="JSON", help="only rewrite the report")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
