"""Everything on the page of one indicator, from the roll-ups: chart, facts, areas, versions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

from data.calendar.week import Week
from data.catalogue import Catalogue
from data.catalogue.entries import Area, Indicator
from data.indicators.spc import Chart, assurance
from data.indicators.value import Counts
from data.panels.board import is_demo
from data.panels.one_week import OneWeek, one_week
from data.queries import indicator_page as ask
from data.queries.keys import Keys
from data.queries.review.meeting import remarks
from data.queries.sources import source_rows
from data.review.aligned import Stock, bases_of, compared, lunar_line
from data.review.charted import kind_of
from data.review.figures import aim_of
from data.review.one_indicator import (
    NOTHING,
    Frame,
    Row,
    aim_of_row,
    breaks_of,
    charts,
    doubts_of,
    points,
    version_on,
    versions_of,
)
from data.review.period_figure import figure
from data.review.spans import GRAINS, Span, place, span_of, spans
from data.review.window import history_first
from data.vocabulary import LOCAL, Grain, Names, SourceState
from data.vocabulary.indicator_page import (
    AimLine,
    AreaLine,
    BreakLine,
    IndicatorPage,
    Point,
    VersionLine,
)
from data.vocabulary.review import Aim, Basis, Compared, Figure, Measure, Spark, evidence_code
from data.vocabulary.review_terms import Doubt, Signal

SPARK = 26
"""Periods in the small picture of an area below."""
BACK = timedelta(days=2 * 366 + 40)
"""A day is like one of the two years before."""
SILENT = (SourceState.SILENT, SourceState.NEVER)


@dataclass(frozen=True)
class Wanted:
    """What is asked for. period: a day inside the chosen one, None: the newest that is over."""

    code: str
    area: str
    grain: str = "week"
    weeks: int = 104
    day: date | None = None


@dataclass(frozen=True)
class Store:
    """Where everything is asked."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    now: datetime

    @property
    def today(self) -> date:
        """Return the local day."""
        return self.now.astimezone(LOCAL).date()


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
    return _Making(Store(conn, catalogue, keys, now), wanted).chosen.written


def grains_of(indicator: Indicator) -> list[str]:
    """Return by what periods an indicator can be looked at: none finer than its source's."""
    return [word for word, grain in GRAINS.items() if grain >= indicator.grain]


class _Making:
    """The page in the making: each part is asked for once, when it is first needed."""

    def __init__(self, store: Store, wanted: Wanted) -> None:
        self.store, self.wanted = store, wanted
        self.fact: Indicator = store.catalogue.indicators[wanted.code]
        self.area: Area = store.catalogue.areas[wanted.area]
        able = grains_of(self.fact) or ["month"]
        self.word = wanted.grain if wanted.grain in able else able[-1 if len(able) == 1 else 0]
        if wanted.grain not in able and "week" in able:
            self.word = "week"
        self.grain = GRAINS[self.word]

    # ---- what every part shares ----

    @cached_property
    def reach(self) -> ask.Reach | None:
        """When it was told of here; None: never."""
        return ask.reach(self.store.conn, self.store.keys, self.fact, self.area.code, self.grain)

    @cached_property
    def versions(self) -> list[VersionLine]:
        """Every definition, oldest first."""
        return versions_of(ask.versions(self.store.conn, self.store.keys, self.fact))

    @cached_property
    def frame(self) -> Frame:
        """The places of all charts of the page."""
        today = self.store.today
        limits = self._drawn_from if self.grain is Grain.DAY else self._limits_from
        if self.reach is None:
            return Frame(self.fact, [], [], 0)
        first = max(min(limits, self._drawn_from), span_of(self.reach.first, self.grain).first)
        every = spans(first, today, self.grain)
        breaks = breaks_of(self.fact, self.versions, every)
        since = place(every, limits) if self.grain is Grain.WEEK else 0
        over = sum(s.last < today and s.first <= self.chosen.first for s in every)
        return Frame(self.fact, every, breaks, over, since)

    @property
    def _drawn_from(self) -> date:
        back = timedelta(weeks=self.wanted.weeks - 1)
        return span_of(self.store.today - back, self.grain).first

    @property
    def _limits_from(self) -> date:
        """The first week that limits stand on, the same as on the weekly page."""
        return span_of(history_first(Week.of(self.chosen.last)), self.grain).first

    def rows(self, codes: Sequence[str]) -> dict[str, Row]:
        """Return some areas over the places of the frame, by code."""
        every = self.frame.spans
        if not every or not codes:
            return {}
        asked = ask.Asked(self.fact, codes, self.grain, every[0].first, every[-1].first)
        conn, keys = self.store.conn, self.store.keys
        series = ask.told(conn, keys, asked)
        shut = ask.unshown(conn, self.store.catalogue, asked, series)
        few = ask.short(conn, keys, asked) if self.fact.grain <= Grain.DAY else {}
        return {c: self._row(c, series[c], shut, few) for c in codes}

    def _row(
        self, code: str, told: Mapping[date, ask.Told], shut: set[tuple[str, date]],
        few: Mapping[tuple[str, date], int],
    ) -> Row:  # fmt: skip
        counts: list[Counts | None] = []
        hidden, days = [], []
        for at, span in enumerate(self.frame.spans):
            here = told.get(span.first)
            hides = (code, span.first) in shut
            hidden.append(hides and here is not None)
            counts.append(None if here is None or hides else here.counts)
            whole = 0 if here is None else self.frame.days(at)
            days.append(min(few.get((code, span.first), whole), whole) or (1 if here else 0))
        most = max((self.frame.days(i) for i in range(len(self.frame.spans))), default=1)
        return Row(code, counts, hidden, days, most)

    @cached_property
    def own(self) -> Row:
        """The area of the page."""
        found = self.rows([self.area.code])
        return found.get(self.area.code) or Row(self.area.code, [], [], [])

    @cached_property
    def chart(self) -> Chart:
        """Its control chart."""
        return charts([self.own], self.frame)[0]

    @cached_property
    def heard(self) -> float | None:
        """When a value was last known to hold."""
        at = ask.heard(self.store.conn, self.store.keys, self.fact)
        return at.timestamp() if at else None

    @cached_property
    def state(self) -> str:
        """How its source is doing."""
        rows = source_rows(
            self.store.conn, self.store.catalogue, self.store.keys, now=self.store.now,
            counted=False,
        )  # fmt: skip
        found = [r["state"] for r in rows if r["key"] == self.fact.source]
        return found[0] if found else SourceState.NEVER.value

    # ---- days ----

    @cached_property
    def stock(self) -> Stock:
        """What was told day by day, as far back as days are alike."""
        if not self.frame.spans or self.grain is Grain.MONTH or self.fact.grain > Grain.DAY:
            return Stock(self.fact, {})
        first = self._shown[0].first - BACK
        asked = ask.Asked(self.fact, [self.area.code], Grain.DAY, first, self.store.today)
        series = ask.told(self.store.conn, self.store.keys, asked)
        shut = ask.unshown(self.store.conn, self.store.catalogue, asked, series)
        days = {day: told.counts for day, told in series[self.area.code].items()}
        shut_days = frozenset(day for _area, day in shut)
        if self.grain is not Grain.WEEK:
            return Stock(self.fact, days, shut_days, heard=self.heard)
        weeks = {
            s.first: c for s, c in zip(self.frame.spans, self.own.counts, strict=True)
            if c is not None
        }  # fmt: skip
        return Stock(self.fact, days, shut_days, weeks, heard=self.heard, usual=self.own.usual)

    # ---- what is looked at ----

    @cached_property
    def _from(self) -> int:
        """The first place that is drawn."""
        if not self.frame.spans:
            return 0
        return place(self.frame.spans, self._drawn_from)

    @property
    def _shown(self) -> list[Span]:
        return self.frame.spans[self._from :]

    @cached_property
    def chosen(self) -> Span:
        """The period looked at."""
        if self.wanted.day is not None:
            return span_of(self.wanted.day, self.grain)
        return self.newest

    @property
    def newest(self) -> Span:
        """The newest period that is over."""
        return span_of(self.store.today, self.grain).step(-1)

    @property
    def at(self) -> int:
        """Its place in the frame, -1 if it is none of them."""
        found = [i for i, s in enumerate(self.frame.spans) if s.first == self.chosen.first]
        return found[0] if found else -1

    @cached_property
    def now(self) -> Figure:
        """The chosen period."""
        if self.at >= 0:
            return {**self.own.figure(self.frame, self.at), "heard": self.heard}
        empty = figure(self.fact, None, told=0, of=self.chosen.days, heard=self.heard)
        return {**empty, "doubt": self._why_not()}

    def _why_not(self) -> Doubt:
        if self.reach is None:
            return Doubt.NOT_HERE
        if self.chosen.first > self.store.today:
            return Doubt.FUTURE
        return Doubt.BEFORE_DATA if self.chosen.last < self.reach.first else Doubt.NO_DATA

    def compare(self, key: str, bases: Mapping[str, Basis]) -> Compared:
        """Return the chosen period beside another one."""
        basis = bases.get(key)
        nothing = figure(self.fact, None, told=0, of=0)
        if basis is None or self.at < 0:
            doubt = Doubt.NO_MATCH if self.at >= 0 else self.now["doubt"]
            return {"now": self.now, "then": nothing, "change": None, "doubt": doubt}
        breaks = breaks_of(self.fact, self.versions, self._long)
        if self.grain is Grain.MONTH or self.fact.grain > Grain.DAY:
            return compared(self.stock, self.now, _whole(basis), breaks, self._then(basis))
        return compared(self.stock, self.now, basis, breaks)

    @property
    def _long(self) -> list[Span]:
        """Years before what is drawn, for changes of the definition in between."""
        return [Span(Grain.DAY, self.store.today - BACK - BACK), Span(Grain.DAY, self.store.today)]

    def _then(self, basis: Basis) -> Figure:
        """Return a basis that is a whole period, from its roll-up."""
        first = date.fromisoformat(basis["first"]) if basis["first"] else date.min
        for i, span in enumerate(self.frame.spans):
            if span.first == first:
                return self.own.figure(self.frame, i)
        return figure(self.fact, None, told=0, of=0)

    # ---- targets ----

    @cached_property
    def aims(self) -> list[AimLine]:
        """Every target over the places that are drawn."""
        if self.fact.week_target is not None and self.grain is not Grain.DAY:
            return [{"start": 0, "end": len(self._shown), "aim": aim_of(self.fact)}]
        rows = ask.targets(self.store.conn, self.store.keys, self.fact, self.area.code)
        found: list[AimLine] = []
        for i, row in enumerate(rows):
            aim = aim_of_row(row.kind, row.limits, row.set_by, row.valid_from.isoformat())
            start = place(self._shown, row.valid_from) if i else 0
            if found:
                found[-1]["end"] = start
            found.append({"start": start, "end": len(self._shown), "aim": aim})
        return found

    @property
    def aim(self) -> Aim:
        """The target in force in the chosen period."""
        held = [x["aim"] for x in self.aims if x["aim"]["since"] <= self.chosen.last.isoformat()]
        return held[-1] if held else (self.aims[0]["aim"] if self.aims else NOTHING)

    # ---- areas ----

    def around(self) -> tuple[list[str], bool]:
        """Return the areas below, or the sisters of one that has none below."""
        every = self.store.catalogue.areas.values()
        below = [a.code for a in every if a.parent == self.area.code]
        if below:
            return below, False
        return [a.code for a in every if a.parent and a.parent == self.area.parent], True

    def lines(self, codes: Sequence[str]) -> list[AreaLine]:
        """Return the chosen period in other areas."""
        found = self.rows(codes)
        told = [c for c in codes if c in found and any(found[c].told)]
        drawn = dict(zip(told, charts([found[c] for c in told], self.frame), strict=True))
        return [self._line(c, found.get(c), drawn.get(c)) for c in codes]

    def _line(self, code: str, row: Row | None, drawn: Chart | None) -> AreaLine:
        at = self.at
        if row is None or drawn is None or at < 0:
            missing = Doubt.NOT_HERE if drawn is None else self._why_not()
            empty = figure(self.fact, None, told=0, of=0)
            return _no_line(code, {**empty, "doubt": missing}, missing)
        shown = row.figure(self.frame, at)
        judged = at < drawn.n and shown["value"] is not None
        before = row.figure(self.frame, at - 1)["value"] if at > 0 else None
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
        end = min(self.at, drawn.n - 1) + 1
        start = max(0, end - SPARK)
        values = [row.figure(self.frame, i)["value"] for i in range(start, end)]
        return {
            "first": self.frame.spans[start].first.isoformat() if end > start else "",
            "values": values,
            "centre": _listed(drawn.centre[start:end]),
            "lower": _listed(drawn.lower[start:end]),
            "upper": _listed(drawn.upper[start:end]),
            "breaks": [c - start for c in self.frame.cuts() if start < c < end],
        }

    # ---- the page ----

    def page(self) -> IndicatorPage:
        """Return all of it."""
        store, fact = self.store, self.fact
        then = {}
        if self._shown and self.grain is not Grain.MONTH:
            then = lunar_line(self.stock, self._shown, store.catalogue.calendar, self.frame.breaks)
        drawn = [] if not self.own.counts else points(
            self.own, self.frame, self.chart, self.versions,
            {i + self._from: x for i, x in then.items()},
        )[self._from :]  # fmt: skip
        around, sides = self.around()
        bases = bases_of(self.chosen, store.catalogue.calendar)
        at = self.at - self._from if self.at >= self._from else -1
        found = drawn[at] if at >= 0 else None
        scored = self.scored
        whole: IndicatorPage = {
            "measure": self._measure(),
            "domain": store.catalogue.domains[fact.domain].name,
            "area": self.area.code,
            "level": self.area.level,
            "areas": self._names([*around, *self._above(), self.area.code]),
            "above": self._above(),
            "grain": self.word,
            "period": self.chosen.written,
            "newest": self.newest.written,
            "before": self.chosen.step(-1).written if self.at > 0 else "",
            "after": self._after(),
            "points": drawn,
            "chosen": at,
            "chart": self.chart.kind if drawn else kind_of(fact),
            "based_on": self._based_on(),
            "breaks": self._drawn_breaks(),
            "aims": self.aims,
            "aim": self.aim,
            "now": self.now,
            "last": self.compare("last", bases),
            "year": self.compare("year", bases),
            "lunar": self.compare("lunar", bases),
            "bases": bases,
            "signal": found["signal"] if found else Signal.COMMON,
            "rules": found["rules"] if found else [],
            "strength": self.chart.strength if self.at == self.chart.n - 1 else 0.0,
            "assurance": assurance(self._limits(), self.aim),
            "doubts": self._doubts(drawn),
            "below": scored.below if scored and not sides else self.lines(around),
            "sides": sides,
            "fair": scored.fair if scored else None,
            "versions": self.versions,
            "remarks": remarks(store.conn, store.keys, fact.code, self.area.code),
            "small_count": fact.small_count,
            "hidden": sum(p["doubt"] is Doubt.HIDDEN for p in drawn),
            "state": self.state,
            "heard": self.heard,
            "cases": _cases(fact, store.catalogue),
            "evidence": self._evidence(),
            "as_of": store.now.timestamp(),
            "demo": is_demo(store.conn),
        }
        return whole if scored is None else _as_reviewed(whole, scored)

    @cached_property
    def scored(self) -> OneWeek | None:
        """What the weekly review says; of a week that has not begun, or without data, nothing."""
        if self.grain is not Grain.WEEK or self.at < 0:
            return None
        s = self.store
        week = Week.of(self.chosen.first)
        return one_week(s.conn, s.catalogue, s.keys, self.fact, self.area.code, week, s.now)

    def _doubts(self, drawn: Sequence[Point]) -> list[Doubt]:
        found = doubts_of(drawn, self.chart if drawn else None, stale=self.state in SILENT)
        if self.reach is None:
            return [Doubt.NOT_HERE, *(d for d in found if d is Doubt.STALE)]
        own = self.now["doubt"]
        return list(dict.fromkeys([*([own] if own else []), *found]))

    def _limits(self) -> tuple[float, float]:
        """Return the limits at the chosen place; in a week that runs on those of the last one."""
        at = min(self.at, self.chart.n - 1)
        if at < 0:
            return math.nan, math.nan
        return float(self.chart.lower[at]), float(self.chart.upper[at])

    def _based_on(self) -> int:
        at = min(self.at, self.chart.n - 1) if self.at >= 0 else -1
        held = [s.points for s in self.chart.segments if s.start <= at < s.end]
        return held[0] if held else self.chart.points

    def _drawn_breaks(self) -> list[BreakLine]:
        return [
            {**b, "at": b["at"] - self._from} for b in self.frame.breaks if b["at"] >= self._from
        ]

    def _after(self) -> str:
        return self.chosen.step(1).written if 0 <= self.at < len(self.frame.spans) - 1 else ""

    def _evidence(self) -> str:
        if self.grain is not Grain.WEEK:
            return ""
        return evidence_code(self.fact.code, self.area.code, self.chosen.written)

    def _above(self) -> list[str]:
        found, at = [], self.area.parent
        while at is not None:
            found.append(at)
            at = self.store.catalogue.areas[at].parent
        return found[::-1]

    def _names(self, codes: Sequence[str]) -> dict[str, Names]:
        return {c: self.store.catalogue.areas[c].name for c in codes}

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
            "version": version_on(self.versions, self.chosen.last),
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


def _whole(basis: Basis) -> Basis:
    return {**basis, "pairs": []}


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


def _cases(fact: Indicator, catalogue: Catalogue) -> str:
    """Return the domain of the cases an indicator counts, "" if it counts none."""
    if fact.feed.kind != "cases":
        return ""
    found = {catalogue.categories[c].domain for c in fact.feed.categories}
    return found.pop() if len(found) == 1 else fact.domain
