"""``python -m benchmarks.deflate_memory``: what compression keeps in memory on each link.

Makes codecs as that many links would, lets each compress or inflate enough to fill its window, and
divides by their number what the process has grown by. Every cell is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path

from benchmarks.packed import feed_message
from longwire.link.deflate import Deflate, DeflateParameters

BITS = (9, 10, 11, 12, 13, 14, 15)
MEMORY = (1, 3, 5, 8, 9)
_FILLING = 40  # messages of 1 KiB, more than the largest window holds
_LIMIT = 2**20
_PAGE = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--links", type=int, default=1_000)
    parser.add_argument("--cell", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cell:
        print(_grown(given.links, **given.cell))
        return
    heads = [f"compressor, `memory={memory}`" for memory in MEMORY]
    heads += ["inflater, zlib", "inflater, zlib-ng"]
    print(f"| window bits | {' | '.join(heads)} |")
    print(f"|---:|{'---:|' * len(heads)}")
    for bits in BITS:
        cells = [_cell(given.links, bits=bits, memory=memory, compress=True) for memory in MEMORY]
        cells += [
            _cell(given.links, zlib=zlib, bits=bits, compress=False) for zlib in ("zlib", "zlib-ng")
        ]
        print(f"| {bits} | {' | '.join(cells)} |", flush=True)
    cells = [_cell(given.links, memory=memory, takeover=False) for memory in MEMORY]
    cells += [
        _cell(given.links, zlib=zlib, takeover=False, compress=False)
        for zlib in ("zlib", "zlib-ng")
    ]
    print(f"| any, without context takeover | {' | '.join(cells)} |")


def _cell(links: int, *, zlib: str = "zlib", **cell: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--links", str(links), "--cell", json.dumps(cell)],
        env={**os.environ, "LONGWIRE_ZLIB": zlib},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return f"{int(done.stdout) / 1024:.1f}"


def _grown(
    links: int, *, bits: int = 15, memory: int = 5, takeover: bool = True, compress: bool = True
) -> int:
    """Bytes that the process has grown by, for each link."""
    chance = random.Random(7692)
    messages = [feed_message(chance, number, 1024) for number in range(_FILLING)]
    terms = DeflateParameters(
        local_no_context_takeover=not takeover,
        remote_no_context_takeover=not takeover,
        local_max_window_bits=bits,
        remote_max_window_bits=bits,
        memory=memory,
    )
    packer = Deflate(terms)
    packed = [packer.compress(message) for message in messages]
    codecs = [Deflate(terms)]
    _use(codecs[0], messages if compress else packed, compress=compress)
    before = _resident()
    for _ in range(links):
        codecs.append(Deflate(terms))
        _use(codecs[-1], messages if compress else packed, compress=compress)
    return (_resident() - before) // links


def _use(codec: Deflate, messages: list[bytes], *, compress: bool) -> None:
    for message in messages:
        if compress:
            codec.compress(message)
        else:
            codec.inflate(message, _LIMIT)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE


if __name__ == "__main__":
    main()
