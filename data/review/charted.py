"""The control charts of a review: every series by the chart its indicator asks for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.catalogue.entries import Indicator
from data.indicators.spc import Chart, expected, grid
from data.indicators.spc.charts import chart_of
from data.review.figures import rounded
from data.review.series import Floats, Pair, Series
from data.review.window import SPARK_WEEKS, Cuts, week_starts
from data.vocabulary import Aggregation
from data.vocabulary.review import Noise, Spark
from data.vocabulary.review_terms import ChartKind, Doubt, Signal

RUN_WEEKS = 7
"""A week that is missing among so many hides a run."""
NO_KIND = frozenset({ChartKind.T, ChartKind.G})
"""Charts of the time between events: a series of weeks has none, so it is drawn as XmR."""


@dataclass(frozen=True)
class Charted:
    """A chart of whole weeks up to the looked-at one, and whether that one is among them."""

    chart: Chart
    kind: ChartKind
    cuts: Cuts
    frozen: bool
    judged: bool

    @property
    def signal(self) -> Signal:
        """What the looked-at week says; of a week that is not over nothing."""
        return self.chart.signal if self.judged else Signal.COMMON

    @property
    def strength(self) -> float:
        """How strong its signal is, 0 without one."""
        return round(self.chart.strength, 2) if self.signal is not Signal.COMMON else 0.0

    @property
    def since(self) -> int:
        """Place of the first week of the signal that holds now."""
        signals = self.chart.signals
        place = len(signals) - 1
        while place > 0 and signals[place - 1] is signals[-1]:
            place -= 1
        return place


def kind_of(indicator: Indicator) -> ChartKind:
    """Return which chart weeks of an indicator get."""
    if indicator.chart is None or indicator.chart in NO_KIND:
        return ChartKind.XMR
    return indicator.chart


def charted(
    indicators: Mapping[str, Indicator],
    series: Mapping[Pair, Series],
    cuts: Mapping[str, Cuts],
    *,
    weeks: int,
    judged: bool,
) -> dict[Pair, Charted]:
    """Return the chart of every series over its first `weeks` places.

    judged: the last of them is the looked-at week.
    """
    groups: dict[tuple[ChartKind, int | None, float, bool], list[Series]] = defaultdict(list)
    for one in series.values():
        i = indicators[one.code]
        groups[kind_of(i), i.baseline_weeks, i.factor, i.denominator is not None].append(one)
    found: dict[Pair, Charted] = {}
    for (kind, baseline, factor, divided), members in groups.items():
        many = grid(
            np.stack([_points(indicators[s.code], s, cuts[s.code], weeks) for s in members]),
            kind=kind,
            denominators=np.stack([s.den[:weeks] for s in members]) if divided else None,
            directions=[indicators[s.code].direction for s in members],
            baseline=baseline,
            breaks=[(*cuts[s.code].starts, s.began) for s in members],
            scale=factor,
        )
        for place, one in enumerate(members):
            drawn = chart_of(many, place)
            segment = drawn.segments[-1] if drawn.segments else None
            frozen = baseline is not None and segment is not None and segment.points >= baseline
            found[one.code, one.area] = Charted(
                drawn, kind, cuts[one.code], frozen=frozen, judged=judged
            )
    return found


def _points(indicator: Indicator, series: Series, cuts: Cuts, weeks: int) -> Floats:
    """Return what the chart is drawn from; a week of two definitions is in neither part."""
    gauge = indicator.aggregation is Aggregation.LAST
    points = (series.last if gauge else series.num)[:weeks].copy()
    mixed = [place for place in cuts.mixed if place < weeks]
    points[mixed] = np.nan
    return points


def doubts_of(one: Charted) -> list[Doubt]:
    """Return what weakens a chart: too few points, no width, a new definition, a missing week."""
    found: list[Doubt] = []
    if one.chart.doubt in (Doubt.TOO_FEW, Doubt.ALL_EQUAL, Doubt.ZERO_DENOMINATOR):
        found.append(one.chart.doubt)
    start = one.chart.segments[-1].start if one.chart.segments else 0
    if start in one.cuts.starts and one.chart.doubt is Doubt.TOO_FEW:
        found.append(Doubt.BREAK)
    recent = np.isnan(one.chart.values[max(start, one.chart.n - RUN_WEEKS) : -1])
    if recent.any() and not recent.all():
        found.append(Doubt.GAP)
    return found


def spark(indicator: Indicator, one: Charted, first: date, now: float | None) -> Spark:
    """Return the last 26 weeks, the looked-at one at the end; first: Monday of place 0.

    now: the value of the looked-at week, which has no limits if the chart ends before it.
    """
    values, *lines = (
        _listed(indicator, line)
        for line in (one.chart.values, one.chart.centre, one.chart.lower, one.chart.upper)
    )
    if not one.judged:
        values.append(now)
        for line in lines:
            line.append(None)
    skip = max(0, len(values) - SPARK_WEEKS)
    from_ = week_starts(first, len(values))[skip]
    centre, lower, upper = (line[skip:] for line in lines)
    return Spark(
        first=from_.isoformat(),
        values=values[skip:],
        centre=centre,
        lower=lower,
        upper=upper,
        breaks=[place - skip for place in one.cuts.starts if skip < place < len(values)],
    )


def _listed(indicator: Indicator, line: Floats) -> list[float | None]:
    return [None if np.isnan(x) else rounded(indicator, float(x)) for x in line]


def noise(charts: Sequence[Charted]) -> Noise:
    """Return how many signals chance alone gives among some series, and how many there are."""
    judged = [one for one in charts if one.judged and not np.isnan(_last(one))]
    points = [one.chart.points for one in judged]
    chance = expected(points, frozen=[one.frozen for one in judged]) if judged else 0.0
    return Noise(
        series=len(judged),
        expected=round(chance, 2),
        found=sum(one.signal is not Signal.COMMON for one in judged),
    )


def _last(one: Charted) -> float:
    return float(one.chart.centre[-1]) if one.chart.n else float("nan")
