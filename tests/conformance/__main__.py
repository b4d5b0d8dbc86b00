"""Autobahn's cases against our client and our server, from the command line.

python -m tests.conformance                       all cases, shortened, compared with expected.json
python -m tests.conformance 6.4.1                 one case, or several, or patterns such as '12.*'
python -m tests.conformance --rewrite             write what came out into expected.json
python -m tests.conformance --full                every case in full length: takes some minutes
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time

from longwire import COMPILED
from tests.conformance import suite


async def main() -> int:
    """Run, compare, tell; 1 if anything differs."""
    options = _parse()
    # That links are broken is what this is about.
    logging.getLogger("longwire").setLevel(logging.CRITICAL)
    every = await suite.all_cases()
    cases = suite.chosen(every, options.cases)
    if not cases:
        print(f"no case is called {' or '.join(options.cases)}")
        return 2
    expected = suite.read_expected()
    differences = 0
    for side in options.side or suite.SIDES:
        start = time.monotonic()
        verdicts = await suite.judged(side, cases, expected, full=options.full)
        took = time.monotonic() - start
        form = "compiled" if COMPILED else "pure"
        print(f"our {side}, {form}: {len(verdicts)} cases in {took:.0f} s")
        for short, count in sorted(suite.summed(verdicts).items()):
            print(f"  {count:4} {'/'.join(short)}")
        if len(cases) <= 10:
            _explain(verdicts)
        if options.rewrite:
            for case, verdict in verdicts.items():
                known = expected.setdefault(case, {})
                if not suite.allows(known.get(side, suite.PASSED), verdict) or side not in known:
                    known[side] = verdict.short
            continue
        differing = suite.differing(side, cases, verdicts, expected)
        differences += len(differing)
        for case, difference in differing.items():
            print(f"  {case}: {difference}")
    if options.rewrite:
        suite.write_expected({case: expected[case] for case in expected if case in every})
    return 1 if differences else 0


def _explain(verdicts: dict[str, suite.Verdict]) -> None:
    for verdict in verdicts.values():
        print(f"  {verdict.case}: {'/'.join(verdict.short)}, close code {verdict.close_code}")
        print(f"    wanted: {verdict.expectation}")
        print(f"    kosoku: {verdict.why}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--side", action="append", choices=suite.SIDES, help="only this of ours")
    parser.add_argument("--full", action="store_true", help="every case in full length")
    parser.add_argument("--rewrite", action="store_true", help="write expected.json anew")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
