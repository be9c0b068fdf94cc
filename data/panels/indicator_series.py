"""One indicator in one area over time, from the roll-ups: its places, values, chart, like days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection

from data.calendar.week import Week
from data.catalogue import Catalogue
from data.catalogue.entries import Area, Indicator
from data.indicators.spc import Chart
from data.indicators.value import Counts
from data.queries import indicator_page as ask
from data.queries.keys import Keys
from data.queries.sources import source_rows
from data.review.aligned import Stock
from data.review.one_indicator import Frame, Row, breaks_of, charts, versions_of
from data.review.spans import GRAINS, Span, place, span_of, spans
from data.review.window import history_first
from data.vocabulary import LOCAL, Grain, SourceState
from data.vocabulary.indicator_page import VersionLine

BACK = timedelta(days=2 * 366 + 40)
"""A day is like one of the two years before."""


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


def grains_of(indicator: Indicator) -> list[str]:
    """Return by what periods an indicator can be looked at: none finer than its source's."""
    return [word for word, grain in GRAINS.items() if grain >= indicator.grain]


class Series:
    """An indicator in an area over time: each part is asked for once, when it is first needed."""

    def __init__(self, store: Store, wanted: Wanted) -> None:
        self.store, self.wanted = store, wanted
        self.fact: Indicator = store.catalogue.indicators[wanted.code]
        self.area: Area = store.catalogue.areas[wanted.area]
        able = grains_of(self.fact) or ["month"]
        self.word = wanted.grain if wanted.grain in able else able[-1 if len(able) == 1 else 0]
        if wanted.grain not in able and "week" in able:
            self.word = "week"
        self.grain = GRAINS[self.word]

    # ---- what is looked at ----

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

    # ---- what is drawn ----

    @cached_property
    def drawn_at(self) -> int:
        """The first place that is drawn."""
        if not self.frame.spans:
            return 0
        return place(self.frame.spans, self._drawn_from)

    @property
    def shown(self) -> list[Span]:
        """The places that are drawn."""
        return self.frame.spans[self.drawn_at :]

    # ---- days ----

    @cached_property
    def stock(self) -> Stock:
        """What was told day by day, as far back as days are alike."""
        if not self.frame.spans or self.grain is Grain.MONTH or self.fact.grain > Grain.DAY:
            return Stock(self.fact, {})
        first = self.shown[0].first - BACK
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
