"""How often somebody may ask: a bucket of tokens each, filled at a steady rate."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

MOST_KEPT = 20_000
"""So many are remembered; the one that was quiet longest is forgotten, its bucket was full."""


class Buckets:
    """Buckets by key. Thread-safe; in one process, so N workers allow N times as much."""

    def __init__(self, rate: float, burst: float) -> None:
        """rate: tokens a second, burst: how many a full bucket holds."""
        self.rate, self.burst = rate, burst
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, now: float) -> int:
        """Take one token; return 0, or after how many whole seconds there will be one.

        now: monotonic seconds; of a clock that steps back nothing is gained.
        """
        with self._lock:
            left, at = self._kept.pop(key, (self.burst, now))
            left = min(self.burst, left + max(0.0, now - at) * self.rate)
            granted = left >= 1.0
            self._kept[key] = (left - 1.0 if granted else left, max(now, at))
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return 0 if granted else max(1, math.ceil((1.0 - left) / self.rate))
