"""Frames of a whole city's reporting, day after day, as a large file would hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from data.catalogue import Catalogue
from data.vocabulary import Aggregation, Grain

DAY_S = 86400


@dataclass
class Made:
    """A frame as the tables' reader yields it."""

    values: pd.DataFrame
    requests: list[Any] = field(default_factory=list)
    problems: list[Any] = field(default_factory=list)


def made_frames(
    catalogue: Catalogue, *, end: datetime, rows: int, batch: int = 50_000, seed: int = 7
) -> Iterator[Made]:
    """Yield about `rows` new facts: every indicator hourly by county, oldest day first."""
    days = -(-rows // _rows_a_day(catalogue))
    first = int((end - timedelta(days=days)).replace(tzinfo=UTC).timestamp())
    first -= (first + 28800) % DAY_S
    waiting: list[pd.DataFrame] = []
    count = told = 0
    rng = np.random.default_rng(seed)
    for day in range(days):
        frame = _day(catalogue, first + day * DAY_S, rng)
        waiting.append(frame)
        count += len(frame)
        if count >= batch:
            yield _made(waiting, told)
            told += count
            waiting, count = [], 0
    if waiting:
        yield _made(waiting, told)


def _made(parts: list[pd.DataFrame], told: int) -> Made:
    values = pd.concat(parts, ignore_index=True)
    for name in ("indicator", "area"):
        values[name] = values[name].astype("category")
    values["row"] = np.arange(told + 2, told + 2 + len(values), dtype=np.int64)
    return Made(values)


def _rows_a_day(catalogue: Catalogue) -> int:
    return 24 * len(catalogue.indicators) * len(catalogue.counties())


def _day(catalogue: Catalogue, start: int, rng: np.random.Generator) -> pd.DataFrame:
    counties = [a.code for a in catalogue.counties()]
    codes = list(catalogue.indicators)
    hours = np.arange(24, dtype=np.int64) * 3600 + start
    size = len(codes) * len(counties) * 24
    den = rng.integers(50, 500, size).astype(float)
    num = np.floor(den * rng.random(size))
    indicator = np.tile(np.repeat(codes, len(counties)), 24)
    divided = [
        catalogue.indicators[c].aggregation in (Aggregation.RATIO, Aggregation.MEAN) for c in codes
    ]
    with_den = np.tile(np.repeat(divided, len(counties)), 24)
    return pd.DataFrame(
        {
            "indicator": indicator,
            "area": np.tile(counties, 24 * len(codes)),
            "grain": np.full(size, int(Grain.HOUR)),
            "period_start": pd.to_datetime(
                np.repeat(hours, len(codes) * len(counties)), unit="s", utc=True
            ),
            "numerator": num,
            "denominator": np.where(with_den, den, np.nan),
        }
    )
