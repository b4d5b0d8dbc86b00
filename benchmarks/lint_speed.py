"""``python -m benchmarks.lint_speed``: how many lines the linter reads in a second.

Beside ruff and flake8-async, over the same files, each in processes of its own, round after round.
What is counted is the time that a core is busy, so that the lines per second are those of one core,
however many are used. Without a cache, but for the row that says so. Written to results/lint.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.machine import environment, today, versions

if TYPE_CHECKING:
    from collections.abc import Iterable

_OUT: Final = Path(__file__).parent / "results" / "lint.md"
_SITE: Final = Path(sysconfig.get_path("purelib"))
_CRATES: Final = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry" / "src"
_ABOUT: Final = ("websockets", "aiohttp", "uvicorn", "starlette", "picows", "websocket")
_MOST_FOR_FLAKE8: Final = 40_000
"""Lines. It reads about a thousand in a second."""
_LONGWIRE: Final = (sys.executable, "-m", "longwire", "lint", "--isolated", "--confidence", "low")


class Measured(NamedTuple):
    """What a run took."""

    busy: float
    elapsed: float


class Corpus(NamedTuple):
    """Files to read, in a directory."""

    name: str
    root: Path
    lines: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        corpora = list(_corpora(Path(scratch)))
        rows = [row for corpus in corpora for row in _compare(corpus, given.rounds)]
    print("\n".join(rows))
    given.out.write_text(_report(rows, given.rounds), "utf-8")


def _corpora(scratch: Path) -> Iterable[Corpus]:
    everything = sorted(place for place in _SITE.iterdir() if place.is_dir())
    about = [_SITE / name for name in _ABOUT if (_SITE / name).is_dir()]
    yield _copied("all that is installed here, Python", everything, ".py", scratch / "all")
    yield _copied("libraries for WebSockets, Python", about, ".py", scratch / "about")
    yield _copied("websockets, Python", [_SITE / "websockets"], ".py", scratch / "websockets")
    if _CRATES.is_dir():
        yield _copied("the crates that are here, Rust", [_CRATES], ".rs", scratch / "rust")


def _copied(name: str, sources: Iterable[Path], suffix: str, root: Path) -> Corpus:
    """The files of a kind, in a place where no tool passes over them."""
    lines = 0
    for source in sources:
        for path in source.rglob(f"*{suffix}"):
            if path.is_file():
                place = root / "read" / source.name / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
                lines += place.read_bytes().count(b"\n")
    return Corpus(name, root, lines)


def _compare(corpus: Corpus, rounds: int) -> Iterable[str]:
    programs = _programs(corpus)
    found: dict[str, list[Measured]] = {name: [] for name in programs}
    for command in programs.values():
        _run(command, corpus.root)  # warms the disk's cache, and fills the linter's own
    for _ in range(rounds):
        for name, command in programs.items():
            found[name].append(_run(command, corpus.root))
    for name, runs in found.items():
        busy = [corpus.lines / run.busy / 1e3 for run in runs]
        elapsed = [corpus.lines / run.elapsed / 1e3 for run in runs]
        yield (
            f"| {corpus.name}, {corpus.lines / 1e3:,.0f} k lines | {name} | {median(busy):,.0f} "
            f"| {min(busy):,.0f} to {max(busy):,.0f} | {median(elapsed):,.0f} |"
        )


def _programs(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    programs: dict[str, tuple[str, ...]] = {
        "longwire lint": (*_LONGWIRE, "--no-cache", "read"),
        "longwire lint, with its cache": (*_LONGWIRE, "read"),
    }
    if "Rust" not in corpus.name:
        bin_ = Path(sys.executable).parent
        programs["ruff, ASYNC and the like"] = (
            str(bin_ / "ruff"), "check", "--isolated", "--no-cache", "--quiet", "--exit-zero",
            "--select", "ASYNC,RUF006,BLE001,E722,S110,S112", "read",
        )  # fmt: skip
        if corpus.lines < _MOST_FOR_FLAKE8:
            files = sorted(str(path.relative_to(corpus.root)) for path in corpus.root.rglob("*.py"))
            programs["flake8-async"] = (sys.executable, "-m", "flake8_async", *files)
    return programs


def _run(command: tuple[str, ...], where: Path) -> Measured:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    run = subprocess.run(command, cwd=where, capture_output=True, check=False)
    elapsed = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode not in (0, 1) or b"Traceback" in run.stderr:
        raise SystemExit(f"{' '.join(command[:8])} has failed: {run.stderr.decode()[-2_000:]}")
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(busy, elapsed)


def _report(rows: list[str], rounds: int) -> str:
    place, told = environment(), versions()
    return (
        "# Speed of the linter\n\n"
        f"{today()}: thousands of lines in a second, medians of {rounds} interleaved rounds: of a "
        "core that is busy, and of the clock, with as many cores as each program takes; "
        f"{place['implementation']} {place['python']}, {place['system']} {place['machine']}. "
        "`make bench-lint` makes this anew. All findings of any confidence are made; most files "
        "have nothing to do with WebSockets, and are put aside without being parsed.\n\n"
        f"Versions: longwire {told.get('longwire', '')}.\n\n"
        "| what is read | by | k lines/s of a core | lowest to highest | by the clock |\n"
        "|:---|:---|---:|---:|---:|\n" + "".join(f"{row}\n" for row in rows)
    )


if __name__ == "__main__":
    main()
