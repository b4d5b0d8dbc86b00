"""Where a contestant's time goes: what perf says, or cProfile where there is no perf."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.measurement import (
    ROOT,
    Settings,
    blaster,
    certificates,
    contestant_command,
    environment,
)

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.roster import Case

_LINES = 60  # of the report


def profile(case: Case, settings: Settings, out: Path) -> str:
    """Run one measurement under a profiler; keep its data in ``out`` and return its report.

    Raises:
        subprocess.CalledProcessError: the contestant or the profiler failed.
    """
    name = f"profile-{case.contestant.name}-{case.size}"
    with ExitStack() as stack:
        tls = stack.enter_context(certificates()) if case.contestant.measure == "tls" else None
        server = stack.enter_context(blaster(tls))
        command = contestant_command(case, settings, server.port, tls)
        perf = shutil.which("perf")
        if perf:
            return _with_perf(perf, command, out / f"{name}.perf")
        return _with_cprofile(command, out / f"{name}.pstats")


def _with_perf(perf: str, command: list[str], data: Path) -> str:
    # clock samples work on virtual machines, too, which rarely have hardware counters
    recorder = [perf, "record", "-e", "cpu-clock", "-F", "999", "-g", "-o", str(data), "--"]
    _run([*recorder, *command])
    report = [perf, "report", "--stdio", "--no-children", "-g", "none", "-i", str(data)]
    lines = [line for line in _run(report).splitlines() if line and not line.startswith("#")]
    return "\n".join([*lines[:_LINES], f"All of it: perf report -i {data}"])


def _with_cprofile(command: list[str], data: Path) -> str:
    python, *rest = command
    _run([python, "-m", "cProfile", "-o", str(data), *rest])
    script = "import pstats, sys; pstats.Stats(sys.argv[1]).sort_stats('tottime').print_stats(25)"
    return _run([python, "-c", script, str(data)])


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout
