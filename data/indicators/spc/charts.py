"""A control chart of one series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Floats
from data.indicators.spc.grids import Grid, grid
from data.indicators.spc.limits import Method
from data.indicators.spc.rules import RULES_OF
from data.vocabulary import Direction
from data.vocabulary.review_terms import MIN_POINTS, ChartKind, Doubt, Signal, SpcRule


@dataclass(frozen=True)
class Segment:
    """Places start to end, end not among them, of one process.

    points: values the limits stand on. lower, upper: nan where they follow the denominator.
    """

    start: int
    end: int
    points: int
    centre: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Chart:
    """A control chart of n points, nan where there is no value or no limit.

    toward: 1 high or rising, -1 low or falling, 0 no signal. strength: of the last point.
    doubt: why the last point says less or nothing. refused: places of values that cannot be.
    """

    kind: ChartKind
    n: int
    segments: list[Segment]
    values: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    signals: list[Signal]
    rules: list[frozenset[SpcRule]]
    toward: list[int]
    strength: float
    doubt: Doubt | None
    refused: list[int]

    @property
    def points(self) -> int:
        """How many points the limits of the last point stand on."""
        return self.segments[-1].points if self.segments else 0

    @property
    def signal(self) -> Signal:
        """What the last point says."""
        return self.signals[-1] if self.signals else Signal.COMMON


def chart(
    values: ArrayLike,
    *,
    kind: ChartKind = ChartKind.XMR,
    denominators: ArrayLike | None = None,
    direction: Direction = Direction.NEUTRAL,
    baseline: int | None = None,
    breaks: Sequence[int] = (),
    scale: float = 1.0,
    min_points: int = MIN_POINTS,
    method: Method = Method.MDC,
    late: bool = True,
) -> Chart:
    """Return the control chart of one series; arguments as of `grid`, values (n,)."""
    row = np.asarray(values, np.float64).reshape(1, -1)
    below = None if denominators is None else np.asarray(denominators, np.float64).reshape(1, -1)
    many = grid(
        row,
        kind=kind,
        denominators=below,
        directions=direction,
        baseline=baseline,
        breaks=[breaks],
        scale=scale,
        min_points=min_points,
        method=method,
        late=late,
    )
    return chart_of(many, 0)


def chart_of(many: Grid, series: int) -> Chart:
    """Return one series of a grid."""
    n = many.values.shape[1]
    return Chart(
        kind=many.kind,
        n=n,
        segments=_segments(many, series, n),
        values=many.values[series],
        centre=many.centre[series],
        lower=many.lower[series],
        upper=many.upper[series],
        signals=[many.signal(series, week) for week in range(n)],
        rules=[RULES_OF[bits] for bits in many.rules[series].tolist()],
        toward=many.toward[series].tolist(),
        strength=float(many.strength[series]),
        doubt=many.doubts[series],
        refused=np.flatnonzero(many.refused[series]).tolist(),
    )


def _segments(many: Grid, series: int, n: int) -> list[Segment]:
    starts = many.starts[series]
    ends = (*starts[1:], n)
    return [
        Segment(
            start,
            end,
            points,
            _straight(many.centre[series, start:end]),
            _straight(many.lower[series, start:end]),
            _straight(many.upper[series, start:end]),
        )
        for start, end, points in zip(starts, ends, many.counts[series], strict=True)
        if end > start
    ]


def _straight(line: Floats) -> float:
    """Return the one value of a line, nan where it has several or none."""
    there = line[~np.isnan(line)]
    return float(there[0]) if len(there) and (there == there[0]).all() else float("nan")
