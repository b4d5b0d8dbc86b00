"""Fuzzes what longwire owns, guided by coverage.

    python -m tests.fuzz                        every target for 15 seconds
    python -m tests.fuzz parser --seconds 600   one of them, for longer
    python -m tests.fuzz --minimize             keep anew, of all that was found, what reaches most

What breaks a target is left in build/fuzz, with its error on the screen. It goes into the corpus
first, which the ordinary tests replay, and is mended then.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import Final

from tests.fuzz import corpus

PURE: Final = {**os.environ, "LONGWIRE_PURE": "1"}
"""What is reached is asked of Python code, so the compiled modules are left out."""

LONGEST: Final = 4096
"""Bytes of an input at most."""


def main() -> int:
    """Run each target in a process of its own; 1 if one of them was broken."""
    options = _parse()
    broken = []
    for name in options.targets or corpus.NAMES:
        if options.minimize:
            _minimize(name)
        elif _run(name, f"-max_total_time={options.seconds}", f"-seed={options.seed}") != 0:
            broken.append(name)
    if broken:
        print(f"broken: {', '.join(broken)}; the inputs are in {corpus.FOUND}")
    return 1 if broken else 0


def _run(name: str, *words: str) -> int:
    print(f"--- {name}", flush=True)
    found = corpus.FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.guided", name, *words, f"-max_len={LONGEST}"]
    command += ["-print_final_stats=1", "-verbosity=0", "-timeout=30", f"-artifact_prefix={found}-"]
    folders = [str(found), str(corpus.KEPT / name)]
    return subprocess.run([*command, *folders], env=PURE, check=False).returncode


def _minimize(name: str) -> None:
    (corpus.FOUND / name).mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "tests.fuzz.reach", name], env=PURE, check=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(corpus.NAMES))
    parser.add_argument("--seconds", type=int, default=15, help="for each target; default: 15")
    parser.add_argument("--seed", type=int, default=1, help="0: by chance; default: 1")
    parser.add_argument("--minimize", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(corpus.NAMES):
        parser.error(f"there is no target {' or '.join(unknown)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
