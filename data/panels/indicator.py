"""Everything on the page of one indicator, from the roll-ups: chart, facts, areas, versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.spc import assurance
from data.panels.board import is_demo
from data.panels.indicator_around import Around
from data.panels.indicator_period import Period
from data.panels.indicator_series import Series, Store, Wanted
from data.panels.one_week import OneWeek
from data.queries.keys import Keys
from data.queries.review.meeting import remarks
from data.review.aligned import bases_of, lunar_line
from data.review.charted import kind_of
from data.review.one_indicator import doubts_of, points, version_on
from data.vocabulary import Grain, SourceState
from data.vocabulary.indicator_page import (
    BreakLine,
    IndicatorPage,
    PageBelow,
    PageChart,
    PageFacts,
    PageFigure,
    PagePlace,
    Point,
)
from data.vocabulary.review import Measure, evidence_code
from data.vocabulary.review_terms import Doubt, Signal

SILENT = (SourceState.SILENT, SourceState.NEVER)


def indicator_page(
    conn: Connection, catalogue: Catalogue, keys: Keys, wanted: Wanted, now: datetime
) -> IndicatorPage:
    """Return the page of an indicator in an area.

    Raises:
        KeyError: no such indicator or area.
    """
    return _Making(Store(conn, catalogue, keys, now), wanted).page()


def chosen_period(
    conn: Connection, catalogue: Catalogue, keys: Keys, wanted: Wanted, now: datetime
) -> str:
    """Return the chosen period of a page as it is written in addresses."""
    return Series(Store(conn, catalogue, keys, now), wanted).chosen.written


class _Making:
    """The page in the making, part by part."""

    def __init__(self, store: Store, wanted: Wanted) -> None:
        self.store = store
        self.series = Series(store, wanted)
        self.fact = self.series.fact
        self.period = Period(self.series)
        self.around = Around(self.series, self.period)

    def page(self) -> IndicatorPage:
        """Return all of it."""
        drawn = self._drawn()
        whole: IndicatorPage = {
            **self._place(),
            **self._chart(drawn),
            **self._figure(drawn),
            **self._below(),
            **self._facts(),
        }
        scored = self.period.scored
        return whole if scored is None else _as_reviewed(whole, scored)

    def _place(self) -> PagePlace:
        s, catalogue = self.series, self.store.catalogue
        above = self.around.above()
        return {
            "measure": self._measure(),
            "domain": catalogue.domains[self.fact.domain].name,
            "area": s.area.code,
            "level": s.area.level,
            "areas": self.around.names([*self.around.around()[0], *above, s.area.code]),
            "above": above,
            "grain": s.word,
            "period": s.chosen.written,
            "newest": s.newest.written,
            "before": s.chosen.step(-1).written if s.at > 0 else "",
            "after": s.chosen.step(1).written if 0 <= s.at < len(s.frame.spans) - 1 else "",
        }

    def _drawn(self) -> list[Point]:
        """Return the points of the chart."""
        s = self.series
        then = {}
        if s.shown and s.grain is not Grain.MONTH:
            then = lunar_line(s.stock, s.shown, self.store.catalogue.calendar, s.frame.breaks)
        if not s.own.counts:
            return []
        at = {i + s.drawn_at: x for i, x in then.items()}
        return points(s.own, s.frame, s.chart, s.versions, at)[s.drawn_at :]

    @property
    def _at(self) -> int:
        """Place of the chosen period among those drawn, -1 if it is none of them."""
        s = self.series
        return s.at - s.drawn_at if s.at >= s.drawn_at else -1

    def _chart(self, drawn: list[Point]) -> PageChart:
        return {
            "points": drawn,
            "chosen": self._at,
            "chart": self.series.chart.kind if drawn else kind_of(self.fact),
            "based_on": self.period.based_on(),
            "breaks": self._drawn_breaks(),
            "aims": self.period.aims,
            "hidden": sum(p["doubt"] is Doubt.HIDDEN for p in drawn),
        }

    def _drawn_breaks(self) -> list[BreakLine]:
        first = self.series.drawn_at
        return [{**b, "at": b["at"] - first} for b in self.series.frame.breaks if b["at"] >= first]

    def _figure(self, drawn: Sequence[Point]) -> PageFigure:
        s, period = self.series, self.period
        bases = bases_of(s.chosen, self.store.catalogue.calendar)
        found = drawn[self._at] if self._at >= 0 else None
        return {
            "aim": period.aim,
            "now": period.now,
            "last": period.compare("last", bases),
            "year": period.compare("year", bases),
            "lunar": period.compare("lunar", bases),
            "bases": bases,
            "signal": found["signal"] if found else Signal.COMMON,
            "rules": found["rules"] if found else [],
            "strength": s.chart.strength if s.at == s.chart.n - 1 else 0.0,
            "assurance": assurance(period.limits(), period.aim),
            "doubts": self._doubts(drawn),
        }

    def _doubts(self, drawn: Sequence[Point]) -> list[Doubt]:
        s = self.series
        found = doubts_of(drawn, s.chart if drawn else None, stale=s.state in SILENT)
        if s.reach is None:
            return [Doubt.NOT_HERE, *(d for d in found if d is Doubt.STALE)]
        own = self.period.now["doubt"]
        return list(dict.fromkeys([*([own] if own else []), *found]))

    def _below(self) -> PageBelow:
        codes, sides = self.around.around()
        scored = self.period.scored
        return {
            "below": scored.below if scored and not sides else self.around.lines(codes),
            "sides": sides,
            "fair": scored.fair if scored else None,
        }

    def _facts(self) -> PageFacts:
        s, store = self.series, self.store
        return {
            "versions": s.versions,
            "remarks": remarks(store.conn, store.keys, self.fact.code, s.area.code),
            "small_count": self.fact.small_count,
            "state": s.state,
            "heard": s.heard,
            "cases": _cases(self.fact, store.catalogue),
            "evidence": self._evidence(),
            "as_of": store.now.timestamp(),
            "demo": is_demo(store.conn),
        }

    def _evidence(self) -> str:
        s = self.series
        if s.grain is not Grain.WEEK:
            return ""
        return evidence_code(self.fact.code, s.area.code, s.chosen.written)

    def _measure(self) -> Measure:
        fact, catalogue = self.fact, self.store.catalogue
        return {
            "code": fact.code,
            "domain": fact.domain,
            "name": fact.name,
            "unit": fact.unit,
            "decimals": fact.decimals,
            "direction": fact.direction.value,
            "aggregation": fact.aggregation.value,
            "department": catalogue.departments[fact.department].name,
            "source": catalogue.sources[fact.source].name,
            "version": version_on(self.series.versions, self.series.chosen.last),
            "definition": fact.definition,
        }


def _as_reviewed(page: IndicatorPage, scored: OneWeek) -> IndicatorPage:
    """Return the page with everything that the weekly review says too, as it says it."""
    row = scored.row
    return {
        **page,
        "chart": row["chart"],
        "based_on": row["points"],
        "aim": row["aim"],
        "now": row["now"],
        "last": row["last"],
        "year": row["year"],
        "lunar": row["lunar"],
        "bases": dict(scored.facts.bases),
        "signal": row["signal"],
        "rules": row["rules"],
        "strength": row["strength"],
        "assurance": row["assurance"],
        "doubts": list(dict.fromkeys([*row["doubts"], *page["doubts"]])),
    }


def _cases(fact: Indicator, catalogue: Catalogue) -> str:
    """Return the domain of the cases an indicator counts, "" if it counts none."""
    if fact.feed.kind != "cases":
        return ""
    found = {catalogue.categories[c].domain for c in fact.feed.categories}
    return found.pop() if len(found) == 1 else fact.domain
