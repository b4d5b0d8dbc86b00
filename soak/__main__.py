"""``python -m soak``: play seeds until one fails, or all are through."""

from __future__ import annotations

import argparse
import itertools
import logging
import sys
import time
from typing import get_args

from soak.books import Broken
from soak.failure import soak
from soak.kinds import KINDS
from soak.play import Mode


def main() -> int:
    """Do what the command line asks for; the exit code is 1 if a promise was broken."""
    given = _arguments()
    logging.disable(logging.CRITICAL)  # a client has much to say of two thousand faults
    first = given.seed if given.seed is not None else time.time_ns() % 1_000_000
    modes = given.mode or list(get_args(Mode))
    kinds = given.kind or list(KINDS)
    for seed, kind, mode in itertools.product(range(first, first + given.seeds), kinds, modes):
        if mode == "blocking" and KINDS[kind].streams:
            continue
        began = time.monotonic()
        try:
            far = soak(kind, seed, mode=mode, seconds=given.minutes * 60)
        except Broken as broken:
            _say(f"BROKEN: {broken}")
            return 1
        _say(
            f"seed {seed}, {kind}, {mode}: {len(far.taken)} faults, "
            f"{len(far.feed.links)} links, {far.feed.next_number} messages in "
            f"{time.monotonic() - began:.0f} s: all promises kept"
        )
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--seed", type=int, help="the first seed; default: another one each time")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds; default: 1")
    parser.add_argument("--minutes", type=float, default=30, help="virtual minutes for each")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="default: all")
    parser.add_argument("--mode", action="append", choices=get_args(Mode), help="default: all")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main())
