"""The chosen period of one indicator: its figure, beside other periods, its target and limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import cached_property

from data.calendar.week import Week
from data.panels.indicator_series import BACK, Series
from data.panels.one_week import OneWeek, one_week
from data.queries import indicator_page as ask
from data.review.aligned import compared
from data.review.figures import aim_of
from data.review.one_indicator import NOTHING, aim_of_row, breaks_of
from data.review.period_figure import figure
from data.review.spans import Span, place
from data.vocabulary import Grain
from data.vocabulary.indicator_page import AimLine
from data.vocabulary.review import Aim, Basis, Compared, Figure
from data.vocabulary.review_terms import Doubt


class Period:
    """The chosen period of a series."""

    def __init__(self, series: Series) -> None:
        self.series = series

    @cached_property
    def now(self) -> Figure:
        """The chosen period."""
        s = self.series
        if s.at >= 0:
            return {**s.own.figure(s.frame, s.at), "heard": s.heard}
        empty = figure(s.fact, None, told=0, of=s.chosen.days, heard=s.heard)
        return {**empty, "doubt": self.why_not()}

    def why_not(self) -> Doubt:
        """Return why the chosen period has no value."""
        reach, chosen = self.series.reach, self.series.chosen
        if reach is None:
            return Doubt.NOT_HERE
        if chosen.first > self.series.store.today:
            return Doubt.FUTURE
        return Doubt.BEFORE_DATA if chosen.last < reach.first else Doubt.NO_DATA

    def compare(self, key: str, bases: Mapping[str, Basis]) -> Compared:
        """Return the chosen period beside another one."""
        s, basis = self.series, bases.get(key)
        nothing = figure(s.fact, None, told=0, of=0)
        if basis is None or s.at < 0:
            doubt = Doubt.NO_MATCH if s.at >= 0 else self.now["doubt"]
            return {"now": self.now, "then": nothing, "change": None, "doubt": doubt}
        breaks = breaks_of(s.fact, s.versions, self._long)
        if s.grain is Grain.MONTH or s.fact.grain > Grain.DAY:
            return compared(s.stock, self.now, _whole(basis), breaks, self._then(basis))
        return compared(s.stock, self.now, basis, breaks)

    @property
    def _long(self) -> list[Span]:
        """Years before what is drawn, for changes of the definition in between."""
        today = self.series.store.today
        return [Span(Grain.DAY, today - BACK - BACK), Span(Grain.DAY, today)]

    def _then(self, basis: Basis) -> Figure:
        """Return a basis that is a whole period, from its roll-up."""
        first = date.fromisoformat(basis["first"]) if basis["first"] else date.min
        for i, span in enumerate(self.series.frame.spans):
            if span.first == first:
                return self.series.own.figure(self.series.frame, i)
        return figure(self.series.fact, None, told=0, of=0)

    # ---- targets ----

    @cached_property
    def aims(self) -> list[AimLine]:
        """Every target over the places that are drawn."""
        s, shown = self.series, self.series.shown
        if s.fact.week_target is not None and s.grain is not Grain.DAY:
            return [{"start": 0, "end": len(shown), "aim": aim_of(s.fact)}]
        rows = ask.targets(s.store.conn, s.store.keys, s.fact, s.area.code)
        found: list[AimLine] = []
        for i, row in enumerate(rows):
            aim = aim_of_row(row.kind, row.limits, row.set_by, row.valid_from.isoformat())
            start = place(shown, row.valid_from) if i else 0
            if found:
                found[-1]["end"] = start
            found.append({"start": start, "end": len(shown), "aim": aim})
        return found

    @property
    def aim(self) -> Aim:
        """The target in force in the chosen period."""
        last = self.series.chosen.last.isoformat()
        held = [x["aim"] for x in self.aims if x["aim"]["since"] <= last]
        return held[-1] if held else (self.aims[0]["aim"] if self.aims else NOTHING)

    # ---- what it stands on ----

    def limits(self) -> tuple[float, float]:
        """Return the limits at the chosen place; in a week that runs on those of the last one."""
        chart = self.series.chart
        at = min(self.series.at, chart.n - 1)
        if at < 0:
            return math.nan, math.nan
        return float(chart.lower[at]), float(chart.upper[at])

    def based_on(self) -> int:
        """Return how many points the limits at the chosen place stand on."""
        chart = self.series.chart
        at = min(self.series.at, chart.n - 1) if self.series.at >= 0 else -1
        held = [s.points for s in chart.segments if s.start <= at < s.end]
        return held[0] if held else chart.points

    @cached_property
    def scored(self) -> OneWeek | None:
        """What the weekly review says; of a week that has not begun, or without data, nothing."""
        s, store = self.series, self.series.store
        if s.grain is not Grain.WEEK or s.at < 0:
            return None
        week = Week.of(s.chosen.first)
        return one_week(
            store.conn, store.catalogue, store.keys, s.fact, s.area.code, week, store.now
        )


def _whole(basis: Basis) -> Basis:
    return {**basis, "pairs": []}
