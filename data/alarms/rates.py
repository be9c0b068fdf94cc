"""How many alarms come, and when they come as a flood. Pure; times are epoch seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.vocabulary.alarm_log import Flood

Times = npt.NDArray[np.float64]

TEN_MINUTES, HOUR, DAY = 600.0, 3600.0, 86400.0
FLOOD_BEGINS, FLOOD_ENDS = 10, 5
"""ISA-18.2: ten or more within ten minutes, until fewer than five."""


def counted(at: Times, start: float, end: float, width: float) -> npt.NDArray[np.int64]:
    """Return how many fall into each stretch of `width` seconds from `start` on.

    The last stretch may be cut off by `end`; of no time at all there is no stretch.
    """
    n = int(np.ceil((end - start) / width)) if end > start else 0
    within = at[(at >= start) & (at < end)]
    places = np.minimum(((within - start) // width).astype(np.int64), max(n - 1, 0))
    return np.bincount(places, minlength=n).astype(np.int64)


def mean_rate(n: int, seconds: float, width: float) -> float | None:
    """Return how many come in `width` seconds on the average, None without any time."""
    return n * width / seconds if seconds > 0 else None


def share_above(counts: npt.NDArray[np.int64], most: int) -> float | None:
    """Return which part of the stretches, in per cent, holds more than `most`."""
    return 100.0 * int((counts > most).sum()) / counts.size if counts.size else None


def floods(at: Sequence[float] | Times, start: float, end: float) -> tuple[Flood, ...]:
    """Return the floods that touch a period, each cut to it.

    At any instant the ten minutes before it are looked at. A flood begins with the alarm that
    makes them ten, and ends when, as old ones drop out, fewer than five are left.

    at: also of the ten minutes before `start`, so that a flood under way is known.
    """
    told = np.sort(np.asarray(at, dtype=np.float64))
    told = told[told < end]
    found: list[Flood] = []
    begun: float | None = None
    peak, first, low = 0, 0, 0
    for high, now in enumerate(told):
        while told[low] + TEN_MINUTES <= now:  # an alarm is out of sight ten minutes after it came
            low += 1
            if begun is not None and high - low < FLOOD_ENDS:
                ended = float(told[low - 1] + TEN_MINUTES)
                found.append(Flood(begun, ended, high - first, peak))
                begun = None
        here = high - low + 1
        if begun is None and here >= FLOOD_BEGINS:
            begun, first, peak = float(now), low, here
        peak = max(peak, here)
    if begun is not None:
        found.append(_last(told, begun, first, peak, end))
    return tuple(cut for f in found if (cut := _within(f, start)) is not None)


def _last(told: Times, begun: float, first: int, peak: int, end: float) -> Flood:
    """Return the flood after the newest alarm: it ends as its alarms drop out, if in time."""
    over = float(told[-FLOOD_ENDS] + TEN_MINUTES)
    return Flood(begun, over if over <= end else None, len(told) - first, peak)


def _within(flood: Flood, start: float) -> Flood | None:
    if flood.end is not None and flood.end <= start:
        return None
    return Flood(max(flood.start, start), flood.end, flood.alarms, flood.peak)


def in_flood(found: Sequence[Flood], start: float, end: float) -> float | None:
    """Return which part of a period, in per cent, is flood."""
    if end <= start:
        return None
    seconds = sum((f.end if f.end is not None else end) - f.start for f in found)
    return 100.0 * seconds / (end - start)
