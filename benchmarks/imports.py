"""``python -m benchmarks.imports``: how long importing takes, beside an interpreter without it.

Each program runs in a process of its own, round after round; the median of the differences to one
that imports nothing. Written to results/imports.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.machine import environment, today, versions

_OUT = Path(__file__).parent / "results" / "imports.md"

PROGRAMS = {
    "longwire": "import longwire",
    "longwire, ready to connect": "import longwire; longwire.connect('ws://localhost')",
    "longwire, ready to serve": "import longwire; longwire.serve(print, 'localhost')",
    "picows": "import picows",
    "picows.websockets": "from picows.websockets.asyncio.client import connect",
    "websockets": "from websockets.asyncio.client import connect",
    "websocket-client": "import websocket",
    "aiohttp": "import aiohttp",
}
"""What a program has to import before it can use each library."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for program in PROGRAMS.values():
        _run(program)  # compiles what is not yet, and warms the disk's cache
    for _ in range(given.rounds):
        empty = _run("pass")
        for name, program in PROGRAMS.items():
            seconds[name].append(_run(program) - empty)
    rows = [
        f"| {name} | `{PROGRAMS[name]}` | {median(found) * 1e3:.0f} "
        f"| {min(found) * 1e3:.0f} to {max(found) * 1e3:.0f} |"
        for name, found in seconds.items()
    ]
    print("\n".join(rows))
    given.out.write_text(_report(rows, given.rounds), "utf-8")


def _run(program: str) -> float:
    """Seconds that an interpreter takes from its start to its end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - started


def _report(rows: list[str], rounds: int) -> str:
    place, told = environment(), versions()
    return (
        "# Import time\n\n"
        f"{today()}: milliseconds that each program takes longer than one that imports nothing, "
        f"medians of {rounds} interleaved rounds; {place['implementation']} {place['python']}, "
        f"{place['system']} {place['machine']}. `make bench-imports` makes this anew.\n\n"
        f"Versions: {', '.join(f'{name} {version}' for name, version in told.items())}.\n\n"
        "| what | program | median | lowest to highest |\n"
        "|:---|:---|---:|---:|\n" + "".join(f"{row}\n" for row in rows)
    )


if __name__ == "__main__":
    main()
