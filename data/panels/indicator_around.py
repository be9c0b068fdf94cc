"""The chosen period of one indicator in the areas around: those below, or the sisters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from data.indicators.spc import Chart
from data.panels.indicator_period import Period
from data.panels.indicator_series import Series
from data.review.one_indicator import Row, charts
from data.review.period_figure import figure
from data.vocabulary import Names
from data.vocabulary.indicator_page import AreaLine
from data.vocabulary.review import Figure, Spark
from data.vocabulary.review_terms import Doubt, Signal

SPARK = 26
"""Periods in the small picture of an area below."""


class Around:
    """The areas around that of a series, in its chosen period."""

    def __init__(self, series: Series, period: Period) -> None:
        self.series, self.period = series, period

    def around(self) -> tuple[list[str], bool]:
        """Return the areas below, or the sisters of one that has none below."""
        every = self.series.store.catalogue.areas.values()
        below = [a.code for a in every if a.parent == self.series.area.code]
        if below:
            return below, False
        return [a.code for a in every if a.parent and a.parent == self.series.area.parent], True

    def above(self) -> list[str]:
        """Return the areas above, the city first."""
        found, at = [], self.series.area.parent
        while at is not None:
            found.append(at)
            at = self.series.store.catalogue.areas[at].parent
        return found[::-1]

    def names(self, codes: Sequence[str]) -> dict[str, Names]:
        """Return the names of areas by code."""
        return {c: self.series.store.catalogue.areas[c].name for c in codes}

    def lines(self, codes: Sequence[str]) -> list[AreaLine]:
        """Return the chosen period in other areas."""
        found = self.series.rows(codes)
        told = [c for c in codes if c in found and any(found[c].told)]
        drawn = dict(zip(told, charts([found[c] for c in told], self.series.frame), strict=True))
        return [self._line(c, found.get(c), drawn.get(c)) for c in codes]

    def _line(self, code: str, row: Row | None, drawn: Chart | None) -> AreaLine:
        at = self.series.at
        if row is None or drawn is None or at < 0:
            missing = Doubt.NOT_HERE if drawn is None else self.period.why_not()
            empty = figure(self.series.fact, None, told=0, of=0)
            return _no_line(code, {**empty, "doubt": missing}, missing)
        shown = row.figure(self.series.frame, at)
        judged = at < drawn.n and shown["value"] is not None
        before = row.figure(self.series.frame, at - 1)["value"] if at > 0 else None
        return {
            "area": code,
            "figure": shown,
            "before": before,
            "signal": drawn.signals[at] if judged else Signal.COMMON,
            "rules": sorted(drawn.rules[at]) if judged else [],
            "strength": drawn.strength if judged and at == drawn.n - 1 else 0.0,
            "spark": self._spark(row, drawn),
            "band": 0,
            "outside": "",
            "unbanded": None,
            "doubt": shown["doubt"] or drawn.doubt,
        }

    def _spark(self, row: Row, drawn: Chart) -> Spark:
        end = min(self.series.at, drawn.n - 1) + 1
        start = max(0, end - SPARK)
        values = [row.figure(self.series.frame, i)["value"] for i in range(start, end)]
        return {
            "first": self.series.frame.spans[start].first.isoformat() if end > start else "",
            "values": values,
            "centre": _listed(drawn.centre[start:end]),
            "lower": _listed(drawn.lower[start:end]),
            "upper": _listed(drawn.upper[start:end]),
            "breaks": [c - start for c in self.series.frame.cuts() if start < c < end],
        }


def _listed(line: Iterable[float]) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in line]


def _no_line(code: str, shown: Figure, doubt: Doubt) -> AreaLine:
    nothing: Spark = {
        "first": "", "values": [], "centre": [], "lower": [], "upper": [], "breaks": [],
    }  # fmt: skip
    return {
        "area": code, "figure": shown, "before": None, "signal": Signal.COMMON, "rules": [],
        "strength": 0.0, "spark": nothing, "band": 0, "outside": "", "unbanded": None,
        "doubt": doubt,
    }  # fmt: skip
