"""Control charts of many series at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Bits, Bools, Counts, Floats, Ints
from data.indicators.spc.given import Given, given
from data.indicators.spc.limits import Method
from data.indicators.spc.pieces import DOUBTS, Piece, Plan, piece
from data.indicators.spc.rules import RULES_OF
from data.indicators.spc.strengths import last_strengths
from data.vocabulary import Direction
from data.vocabulary.review_terms import MIN_POINTS, ChartKind, Doubt, Signal, SpcRule

BLOCK = 512
"""Series worked on at once: their arrays stay in the cache of a core."""
_WAY = {Direction.HIGHER: 1, Direction.LOWER: -1}
SIGNALS = {0: Signal.COMMON, 1: Signal.IMPROVEMENT, -1: Signal.CONCERN}


@dataclass(frozen=True)
class Grid:
    """Charts of many series, arrays of (series, weeks) unless said otherwise.

    values, centre, lower, upper: in shown units, nan where there is none. rules: bits of
    `rules.BIT`. toward: 1 high or rising, -1 low or falling, 0 no signal. good: (series,) the way
    that is better, 0 neutral. strength, points: (series,) of the last point, and what its limits
    stand on. refused: values that cannot be and were left out. starts: of each series, where its
    segments begin.
    """

    kind: ChartKind
    values: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    rules: Bits
    toward: Ints
    good: Ints
    strength: Floats
    points: Counts
    doubts: list[Doubt | None]
    refused: Bools
    starts: list[tuple[int, ...]]
    counts: list[tuple[int, ...]]
    """points the limits of each segment stand on"""
    frozen: Bools
    """(series,): whether the last point comes after those that its limits stand on"""

    def signal(self, series: int, week: int = -1) -> Signal:
        """Return what a point says."""
        toward = int(self.toward[series, week])
        if not toward:
            return Signal.COMMON
        good = int(self.good[series])
        return SIGNALS[toward * good] if good else Signal.NEUTRAL

    def why(self, series: int, week: int = -1) -> frozenset[SpcRule]:
        """Return the rules that make a point a special cause."""
        return RULES_OF[int(self.rules[series, week])]

    @property
    def signalled(self) -> Bools:
        """(series,): whether the last point of each series is a special cause."""
        said: Bools = self.toward[:, -1] != 0
        return said


def grid(
    values: ArrayLike,
    *,
    kind: ChartKind = ChartKind.XMR,
    denominators: ArrayLike | None = None,
    directions: Direction | Sequence[Direction] = Direction.NEUTRAL,
    baseline: int | None = None,
    breaks: Sequence[Sequence[int]] | None = None,
    scale: float = 1.0,
    min_points: int = MIN_POINTS,
    method: Method = Method.MDC,
    late: bool = True,
) -> Grid:
    """Return the charts of many series; each is what `chart` gives of it alone.

    Args:
        values: (series, weeks), nan where missing; numerators where there are denominators.
        kind: of all the charts.
        denominators: (series, weeks), for p, pprime and u; an XmR chart is of the quotients.
        directions: which way is better, one for all or one a series.
        baseline: limits stand on so many first weeks of each segment; None: on all.
        breaks: of each series, weeks where another segment begins.
        scale: shown value of a quotient of 1, such as 100 for per cent.
        min_points: fewer give no limits.
        method: how limits of XmR charts are made.
        late: a series that begins late has its baseline from its first value on; False: from
            the first place of the segment, as the R packages do.

    Raises:
        ValueError: shapes do not fit, or denominators are needed and are not given.
    """
    _check(baseline)
    told = given(values, denominators, kind)
    rows, weeks = told.points.shape
    plan = Plan(ChartKind(kind), method, baseline, min_points, late)
    out = _empty(plan.kind, told, _goods(directions, rows), _starts(breaks, rows, weeks), scale)
    if weeks:
        _fill_all(out, told, plan, scale)
    return out


def _fill_all(out: Grid, told: Given, plan: Plan, scale: float) -> None:
    for starts, at in _alike(out.starts):
        for series in _blocks(at):
            _fill(out, told, plan, starts, series, scale)


def _check(baseline: int | None) -> None:
    if baseline is not None and baseline < 1:
        raise ValueError("a baseline has at least one point")


def _goods(directions: Direction | Sequence[Direction], rows: int) -> Ints:
    if isinstance(directions, str):
        return np.full(rows, _WAY.get(Direction(directions), 0), np.int8)
    if len(directions) != rows:
        raise ValueError("there is not one direction to each series")
    return np.array([_WAY.get(d, 0) for d in directions], np.int8)


def _starts(breaks: Sequence[Sequence[int]] | None, rows: int, weeks: int) -> list[tuple[int, ...]]:
    """Return where the segments of each series begin; breaks outside of it divide nothing."""
    if breaks is None:
        return [(0,)] * rows
    if len(breaks) != rows:
        raise ValueError("there is not one list of breaks to each series")
    return [(0, *sorted({int(b) for b in row if 0 < b < weeks})) for row in breaks]


def _alike(starts: list[tuple[int, ...]]) -> Iterable[tuple[tuple[int, ...], Counts]]:
    """Return the series by where their segments begin: most definitions change for all at once."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for series, places in enumerate(starts):
        groups.setdefault(places, []).append(series)
    return [(places, np.array(found)) for places, found in groups.items()]


def _blocks(at: Counts) -> Iterator[slice | Counts]:
    for first in range(0, len(at), BLOCK):
        part = at[first : first + BLOCK]
        whole = part[-1] - part[0] == len(part) - 1
        yield slice(int(part[0]), int(part[-1]) + 1) if whole else part


def _empty(
    kind: ChartKind, told: Given, good: Ints, starts: list[tuple[int, ...]], scale: float
) -> Grid:
    shape = told.points.shape
    centre, lower, upper = (np.full(shape, np.nan) for _ in range(3))
    return Grid(
        kind=kind,
        values=told.points * scale if scale != 1.0 else told.points,
        centre=centre,
        lower=lower,
        upper=upper,
        rules=np.zeros(shape, np.uint8),
        toward=np.zeros(shape, np.int8),
        good=good,
        strength=np.zeros(shape[0]),
        points=np.zeros(shape[0], np.int64),
        doubts=[Doubt.NO_DATA] * shape[0],
        refused=told.refused,
        starts=starts,
        counts=[(0,)] * shape[0],
        frozen=np.zeros(shape[0], bool),
    )


def _fill(
    out: Grid,
    told: Given,
    plan: Plan,
    starts: tuple[int, ...],
    series: slice | Counts,
    scale: float,
) -> None:
    """Work out the segments of some series, which begin alike, and write them into `out`."""
    ends = (*starts[1:], told.points.shape[1])
    found: list[Piece] = []
    for start, end in zip(starts, ends, strict=True):
        points = told.points[series, start:end]
        weights = None if told.weights is None else told.weights[series, start:end]
        part = piece(points, weights, plan)
        _write(out, part, series, slice(start, end), scale)
        found.append(part)
    last = found[-1]
    out.points[series] = last.points
    out.strength[series] = last_strengths(last)
    out.frozen[series] = ~last.base[:, -1]
    names = range(len(out.doubts))[series] if isinstance(series, slice) else series.tolist()
    counts = np.stack([part.points for part in found], axis=1).tolist()
    empty = told.empty[series, -1]
    there = ~np.isnan(told.points[series, -1])
    for place, name in enumerate(names):
        out.counts[name] = tuple(counts[place])
        out.doubts[name] = _doubt(int(last.doubt[place]), bool(empty[place]), bool(there[place]))


def _doubt(code: int, empty: bool, there: bool) -> Doubt | None:
    """Return why the last point says less or nothing: it is not there, or has no limits."""
    if empty:
        return Doubt.ZERO_DENOMINATOR
    return DOUBTS[code] if there else Doubt.NO_DATA


def _write(out: Grid, part: Piece, series: slice | Counts, weeks: slice, scale: float) -> None:
    drawn = part.limits
    out.centre[series, weeks] = drawn.centre * scale
    out.lower[series, weeks] = drawn.lower * scale
    out.upper[series, weeks] = drawn.upper * scale
    out.rules[series, weeks] = part.marks.rules
    out.toward[series, weeks] = part.marks.toward
