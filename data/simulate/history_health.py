"""Past values of the hospital indicators, the same counts that the FHIR feed gives."""

from __future__ import annotations

import numpy as np

from data.simulate.health import HealthDay, Key, draw_day, health_day
from data.simulate.history_blocks import Blocks, Periods, block, of_kind
from data.vocabulary import Aggregation

_KEPT_DAYS = 3


def health_blocks(seed: int, periods: Periods, today: int) -> Blocks:
    """Yield the block of every indicator fed by hospitals; absent counts are left out."""
    days = [_day(seed, day, today) for day in periods.days]
    for indicator in of_kind("measure_report"):
        feed = indicator.feed
        how = "last" if indicator.aggregation is Aggregation.LAST else "sum"
        above = _hourly(days, (feed.group, feed.numerator))
        if not feed.denominator:
            whole = periods.cut(np.nan_to_num(above), how)
            seen = periods.cut(np.isfinite(above).astype(float), how)
            yield block(indicator, periods, np.where(seen > 0, whole, np.nan))
            continue
        below = _hourly(days, (feed.group, feed.denominator))
        both = np.isfinite(above) & np.isfinite(below)
        parts = (np.where(both, values, 0.0) for values in (above, below))
        yield block(indicator, periods, *(periods.cut(values, how) for values in parts))


def _day(seed: int, day: int, today: int) -> HealthDay:
    return health_day(seed, day) if day > today - _KEPT_DAYS else draw_day(seed, day)


def _hourly(days: list[HealthDay], key: Key) -> np.ndarray:
    """Return counts by (days, 24, areas), NaN where absent."""
    counts = np.stack([np.where(d.absent[key], np.nan, d.counts[key]) for d in days])
    return np.asarray(counts, dtype=float)
