"""What a stretch of a table says, and what was met in the whole of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from data.connectors.connector import Problem
from data.connectors.records import ServiceRequest

COLUMNS = ("indicator", "area", "grain", "period_start", "numerator", "denominator", "row")


@dataclass
class Frame:
    """What a stretch of a table says. values has one row a fact, in the order of the file.

    values: indicator, area (codes), grain (int), period_start (datetime64, UTC), numerator,
    denominator (float64, NaN for none), row (int64). rows = accepted + refused data rows.
    """

    values: pd.DataFrame
    requests: list[ServiceRequest] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    accepted: int = 0


@dataclass
class Tally:
    """What was met in the whole table."""

    rows: int = 0
    accepted: int = 0
    missing: int = 0
    suppressed: int = 0
    facts: int = 0
    blank: int = 0
    short_rows: int = 0
    total_rows: list[int] = field(default_factory=list)
    note_rows: list[int] = field(default_factory=list)
    indicators: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    grains: Counter[str] = field(default_factory=Counter)
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    stopped: bool = False


def empty_values() -> pd.DataFrame:
    """Return a frame of no facts with the columns of one that has some."""
    kinds = ("object", "object", "int64", "datetime64[s, UTC]", "float64", "float64", "int64")
    return pd.DataFrame({n: pd.Series([], dtype=k) for n, k in zip(COLUMNS, kinds, strict=True)})


def together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return frames as one, in the order of the file's rows."""
    if not frames:
        return empty_values()
    if len(frames) == 1:
        return frames[0]
    plain = [f.astype({"indicator": object, "area": object}) for f in frames]
    return pd.concat(plain, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
