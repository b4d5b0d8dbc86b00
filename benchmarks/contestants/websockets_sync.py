"""websockets, its blocking implementation: ``for``."""

from __future__ import annotations

from websockets.sync.client import connect

from benchmarks.contestant import Meter, main


def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    with connect(url, compression=None) as websocket:
        meter.begin()
        for _message in websocket:
            meter.count += 1


if __name__ == "__main__":
    main(one=one)
