"""How fast messages come: a number, and bars for the eye."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Final

_BARS: Final = " ▁▂▃▄▅▆▇█"


class Rate:
    """The rate of the last few seconds; to be told the total regularly.

    Args:
        bars: How many samples are kept, and shown as bars.
        sample: Seconds that one of them stands for.
    """

    def __init__(self, bars: int, *, sample: float = 0.25) -> None:
        self._rates: deque[float] = deque([0.0] * bars, maxlen=bars)
        self._second = max(1, round(1 / sample))
        self._sample = sample
        self._since = time.monotonic()
        self._total = 0

    def note(self, total: int) -> None:
        """Take the count of all messages so far."""
        now = time.monotonic()
        passed = now - self._since
        if passed >= self._sample:
            self._rates.append((total - self._total) / passed)
            self._since, self._total = now, total

    @property
    def per_second(self) -> float:
        """Messages a second, of the last second, or of the last sample where that is longer."""
        recent = list(self._rates)[-self._second :]
        return sum(recent) / len(recent)

    def __str__(self) -> str:
        """The bars, the newest on the right, as high as the highest of them allows."""
        top = max(self._rates) or 1.0
        return "".join(_BARS[math.ceil(rate / top * (len(_BARS) - 1))] for rate in self._rates)
