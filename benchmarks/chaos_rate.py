"""``python -m benchmarks.chaos_rate``: how many messages a second pass through the chaos proxy.

The blaster, ``longwire chaos`` and a longwire client are three processes on the cores there are, so
the proxy's share is what is left to it. Written to results/chaos.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import longwire
from benchmarks.machine import environment, today
from benchmarks.measurement import blaster

if TYPE_CHECKING:
    from collections.abc import Iterator

_OUT = Path(__file__).parent / "results" / "chaos.md"
_WARM: Final = 0.3
SIZES: Final = (64, 1024)
WAYS: Final[dict[str, list[str] | None]] = {
    "no proxy": None,
    "no fault": [],
    "a fault on bytes (`latency seconds=1ms`)": ["latency seconds=1ms"],
    "a fault that looks at each frame (`noop`)": ["noop"],
    "a fault that changes each tenth (`drop-every n=10`)": ["drop-every n=10"],
}
"""What stands between client and server."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    rates: dict[tuple[str, int], list[float]] = {(way, size): [] for way in WAYS for size in SIZES}
    for _ in range(given.rounds):
        for (way, size), found in rates.items():
            found.append(_measure(WAYS[way], size, given.seconds))
            print(f"{way}, {size} B: {found[-1]:,.0f}/s", flush=True)
    given.out.write_text(_report(rates, given.rounds, given.seconds), "utf-8")


def _measure(faults: list[str] | None, size: int, seconds: float) -> float:
    with ExitStack() as stack:
        url = f"ws://127.0.0.1:{stack.enter_context(blaster(None)).port}"
        if faults is not None:
            url = stack.enter_context(_chaos(url, faults))
        target = f"{url.removesuffix('/')}/blast?kind=text&size={size}"
        return asyncio.run(_received(target, seconds))


@contextmanager
def _chaos(to: str, faults: list[str]) -> Iterator[str]:
    """The command in a process of its own; its URL."""
    options = [word for fault in faults for word in ("--fault", fault)]
    command = [sys.executable, "-m", "longwire", "chaos", "--to", to, "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = next(record["url"] for record in map(json.loads, process.stdout) if "url" in record)
        # Each frame that a fault changes is a line of the journal, which somebody has to take.
        reader = threading.Thread(target=deque, args=(process.stdout, 0))
        reader.start()
        yield url
        process.terminate()
        reader.join()


async def _received(url: str, seconds: float) -> float:
    """Messages a second, in batches, inline."""
    async with longwire.connect(url, isolate=False, compression=None) as client:
        count = 0
        began = measured = 0.0
        async for batch in client.batches():
            now = time.perf_counter()
            began = began or now
            if now - began < _WARM:
                continue
            measured = measured or now
            count += len(batch)
            if now - measured >= seconds:
                return count / (now - measured)
    raise AssertionError("a client that retries has no end")


def _report(rates: dict[tuple[str, int], list[float]], rounds: int, seconds: float) -> str:
    place = environment()
    rows = [
        f"| {way} | {size} B | {median(found) / 1e3:,.0f} k | {min(found) / 1e3:,.0f} k "
        f"to {max(found) / 1e3:,.0f} k |\n"
        for (way, size), found in rates.items()
    ]
    return (
        "# Through the chaos proxy\n\n"
        f"{today()}: messages a second that a longwire client receives, medians of {rounds} "
        f"interleaved rounds of {seconds:g} s; {place['implementation']} {place['python']}, "
        f"{place['system']} {place['machine']}, {place['cpu_count']} cores for server, proxy and "
        "client. `make bench-chaos` makes this anew.\n\n"
        "| between client and server | message | median | lowest to highest |\n"
        "|:---|---:|---:|---:|\n" + "".join(rows)
    )


if __name__ == "__main__":
    main()
