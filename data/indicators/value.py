"""Counts to the value shown."""

from __future__ import annotations

from collections.abc import Iterable

from data.vocabulary import Aggregation

Counts = tuple[float, float | None]
"""numerator, denominator (None for totals and gauges)"""


def value_of(counts: Counts | None, aggregation: Aggregation, factor: float) -> float | None:
    """Return the value in shown units, None when there is none (0 over 0 is no value)."""
    if counts is None:
        return None
    num, den = counts
    if aggregation in (Aggregation.RATIO, Aggregation.MEAN):
        return None if not den else num / den * factor
    return num * factor


def add_areas(parts: Iterable[Counts]) -> Counts | None:
    """Return the counts of several areas together: sums, so that ratios are Σ over Σ.

    Returns None for no parts: missing is not 0.
    """
    parts = list(parts)
    if not parts:
        return None
    dens = [den for _, den in parts if den is not None]
    return sum(num for num, _ in parts), (sum(dens) if dens else None)


def per_head(num: float | None, residents: int | None, per: int, factor: float) -> float | None:
    """Return a count by so many residents (per 10,000, say), in shown units.

    None without a count or without residents: a rate of nobody is no rate.
    """
    if num is None or not residents:
        return None
    return num / residents * per * factor
