"""A control chart as JSON and as a table of text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from data.cli.spc_file import Columns
from data.indicators.spc import Chart, Method, Ranges, moving_ranges
from data.indicators.spc.labels import label
from data.indicators.spc.rules import BIT
from data.vocabulary import Direction
from data.vocabulary.review_terms import ChartKind


def report(
    columns: Columns,
    found: Chart,
    direction: Direction,
    method: Method,
    baseline: int | None,
    said: list[str],
) -> dict[str, Any]:
    """Return the chart as one object; a number that is none is null."""
    names: list[Any] = columns.names if columns.named else [*range(1, found.n + 1)]
    ranges = None
    if found.kind is ChartKind.XMR:
        breaks = [part.start for part in found.segments]
        ranges = moving_ranges(found.values, baseline=baseline, breaks=breaks)
    return {
        "chart": found.kind.value,
        "n": found.n,
        "direction": direction.value,
        "limits": method.value if ranges else Method.SHEWHART.value,
        "segments": [_segment(found, place, names, ranges) for place in range(len(found.segments))],
        "points": [_point(found, at, names[at], ranges) for at in range(found.n)],
        "warnings": said,
    }


def _segment(found: Chart, place: int, names: list[Any], ranges: Ranges | None) -> dict[str, Any]:
    part = found.segments[place]
    told = {
        "start": names[part.start],
        "end": names[part.end - 1],
        "centre": _plain(part.centre),
        "lower": _plain(part.lower),
        "upper": _plain(part.upper),
        "points": part.points,
    }
    if ranges:
        told["range_centre"] = _plain(ranges.centre[part.start])
        told["range_upper"] = _plain(ranges.upper[part.start])
    return told


def _point(found: Chart, at: int, name: Any, ranges: Ranges | None) -> dict[str, Any]:
    told = {
        "x": name,
        "value": _plain(found.values[at]),
        "centre": _plain(found.centre[at]),
        "lower": _plain(found.lower[at]),
        "upper": _plain(found.upper[at]),
        "signal": found.signals[at].value,
        "rules": [rule.value for rule in BIT if rule in found.rules[at]],
        "label": label(found.rules[at], found.toward[at]),
    }
    return told | {"range": _plain(ranges.values[at])} if ranges else told


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def lines(columns: Columns, found: Chart, said: list[str]) -> Iterator[str]:
    """Yield the chart as a table, what weakens it below."""
    wide = max(12, *(len(name) for name in columns.names))
    yield f"{found.kind} chart of {found.n} points"
    for part in found.segments:
        limits = f"limits {_text(part.lower)} to {_text(part.upper)}"
        if math.isnan(part.upper) and any(found.upper[part.start : part.end] > 0):
            limits = "limits by the denominator of each point"
        yield (
            f"  {columns.names[part.start]} to {columns.names[part.end - 1]}:"
            f" centre {_text(part.centre)}, {limits}, of {part.points} points"
        )
    yield f"{'point':<{wide}}{'value':>14}{'lower':>14}{'centre':>14}{'upper':>14}  signal"
    for at, name in enumerate(columns.names):
        numbers = (found.values[at], found.lower[at], found.centre[at], found.upper[at])
        why = ", ".join(rule.value for rule in BIT if rule in found.rules[at])
        signal = found.signals[at].value + (f": {why}" if why else "")
        yield f"{name:<{wide}}{''.join(f'{_text(x):>14}' for x in numbers)}  {signal}"
    yield from (f"note: {line}" for line in said)


def _text(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.6g}"
