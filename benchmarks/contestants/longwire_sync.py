"""The longwire client in blocking calls: in batches or one by one."""

from __future__ import annotations

import longwire
from benchmarks.contestant import Meter, main


def batches(url: str, meter: Meter) -> None:
    """Count until the stream ends, every message touched."""
    with longwire.sync.connect(url, compression=None, retry=None) as client:
        meter.begin()
        count = 0
        for batch in client.batches():
            for _message in batch:
                count += 1
            meter.count = count


def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    with longwire.sync.connect(url, compression=None, retry=None) as client:
        meter.begin()
        for _message in client:
            meter.count += 1


if __name__ == "__main__":
    main(batches=batches, one=one)
