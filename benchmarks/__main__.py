"""``python -m benchmarks``: run the rounds, write data, report and plot."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.measurement import MeasurementFailed, Settings, measure
from benchmarks.plot import plot
from benchmarks.profiling import profile
from benchmarks.report import markdown, rate_name, size_name, verdicts
from benchmarks.results import Failure, Results, Sample
from benchmarks.roster import BY_NAME, ECHO_SIZE, SIZES, Case, cases

_OUT = Path(__file__).parent / "results"


def main() -> int:
    """Do what the command line asks for; the exit code is 1 if a contestant gave no result."""
    given = _arguments()
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # everything measured is here; some of the peers would go by a proxy
    settings = Settings(
        seconds=given.seconds or (0.5 if given.quick else 2.0),
        warmup=0.3 if given.quick else 0.5,
        kind="text" if given.text else "binary",
    )
    given.out.mkdir(parents=True, exist_ok=True)
    if given.profile:
        contestant = BY_NAME[given.profile]
        size = ECHO_SIZE if contestant.measure == "echo" else given.sizes[0]
        _say(profile(Case(contestant, size), settings, given.out))
        return 0
    if given.report:
        results = Results.read(given.report)
        _write(results, given.report.parent, given.report.stem)
        return 0
    chosen = cases(given.only, tuple(given.sizes))
    rounds = given.rounds or (1 if given.quick else 5)
    results = run(chosen, rounds, settings)
    whole = not (given.only or given.quick or given.text or tuple(given.sizes) != SIZES)
    _write(results, given.out, given.name or ("speed" if whole else "partial"))
    _say(verdicts(results))
    return 1 if results.failures else 0


def run(chosen: list[Case], rounds: int, settings: Settings) -> Results:
    """Measure every case once per round.

    Each round starts one case later, so that none always follows the same other one.
    """
    results = Results(settings=settings)
    hopeless: set[Case] = set()
    for round_number in range(rounds):
        shift = round_number % max(len(chosen), 1)
        for case in chosen[shift:] + chosen[:shift]:
            if case in hopeless:
                continue
            try:
                details = measure(case, settings)
            except MeasurementFailed as failure:
                _fail(results, case, str(failure))
                if not results.of(case.contestant.name, case.size):
                    hopeless.add(case)
                continue
            _take(results, case, round_number, details)
    return results


def _take(results: Results, case: Case, round_number: int, details: dict[str, float]) -> None:
    name, value = case.contestant.name, details["value"]
    sample = Sample(
        round=round_number, contestant=name, size=case.size, value=value, details=details
    )
    results.samples.append(sample)
    shown = f"{value:.1f} µs" if case.contestant.measure == "echo" else f"{rate_name(value)}/s"
    _say(f"round {round_number + 1}  {size_name(case.size):>6}  {name:<26}{shown:>12}")


def _fail(results: Results, case: Case, reason: str) -> None:
    name = case.contestant.name
    results.failures.append(Failure(contestant=name, size=case.size, reason=reason))
    _say(f"no result  {size_name(case.size):>6}  {name}: {reason}")


def _write(results: Results, out: Path, name: str) -> None:
    results.write(out / f"{name}.json")
    (out / f"{name}.md").write_text(markdown(results), "utf-8")
    (out / f"{name}.svg").write_text(plot(results), "utf-8")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure longwire against its peers, side by side."
    )
    parser.add_argument("--rounds", type=int, help="interleaved rounds; 5, with --quick 1")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help=f"of: {', '.join(BY_NAME)}; * and ? are allowed"
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), metavar="BYTES")
    parser.add_argument("--seconds", type=float, help="of a measurement; 2, with --quick 0.5")
    parser.add_argument("--quick", action="store_true", help="one short round: does it all work?")
    parser.add_argument("--text", action="store_true", help="text messages in place of binary ones")
    parser.add_argument("--out", type=Path, default=_OUT, metavar="DIR")
    parser.add_argument("--name", help="of the files; speed, or partial if not everything ran")
    parser.add_argument("--report", type=Path, metavar="JSON", help="only rewrite report and plot")
    parser.add_argument("--profile", choices=BY_NAME, metavar="NAME", help="profile one contestant")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
