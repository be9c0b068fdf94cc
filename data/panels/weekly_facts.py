"""What a weekly review asks the store, as its rules want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.calendar.likeness import bases
from data.calendar.week import Week
from data.catalogue import Catalogue
from data.catalogue.addresses import waits
from data.catalogue.entries import Indicator
from data.queries.keys import Keys
from data.queries.review import flow, weeks
from data.queries.review.departments import department_lines
from data.queries.review.flaws import flaws, heard, states_at
from data.queries.review.late import late_cases
from data.queries.review.towns import counts_towns, town_counts
from data.review.assemble import Loop
from data.review.charted import charted
from data.review.facts import Facts
from data.review.fairness import flagged, of_towns
from data.review.gaps import Flaws
from data.review.series import Pair, Series
from data.review.window import WEEK, cuts_of, history_first
from data.vocabulary import LOCAL, TOWN_LEVEL
from data.vocabulary.review import Basis, Fair, ScoreRow

MOST_OF_TOWNS = 3
"""Comparisons of towns a page has at most: each lists a hundred of them."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """A week and an area, and the instants that follow from them. at: the end, or now."""

    catalogue: Catalogue
    week: Week
    area: str
    now: datetime
    start: datetime
    at: datetime
    today: date
    indicators: dict[str, Indicator]

    @classmethod
    def of(cls, catalogue: Catalogue, week: Week, area: str, now: datetime) -> Asked:
        """Return what is asked. Raises KeyError: there is no such area."""
        if area not in catalogue.areas:
            raise KeyError(area)
        start, end = _midnight(week.first), _midnight(week.first + WEEK)
        return cls(
            catalogue=catalogue,
            week=week,
            area=area,
            now=now,
            start=start,
            at=min(now, end),
            today=now.astimezone(LOCAL).date(),
            indicators={c: i for c, i in catalogue.indicators.items() if i.weekly},
        )

    def without_waiting(self, conn: Connection, keys: Keys) -> Asked:
        """Return the same without indicators of sources that wait for their first file."""
        known = set(conn.scalars(select(m.source_state.c.source_id)))
        sources = self.catalogue.sources
        kept = {
            code: i
            for code, i in self.indicators.items()
            if keys.sources[i.source] in known or not waits(sources[i.source])
        }
        return replace(self, indicators=kept)

    @property
    def whole(self) -> bool:
        """Whether the week is over."""
        return self.today > self.week.last

    @property
    def level(self) -> int:
        """The level of its area."""
        return self.catalogue.areas[self.area].level

    @property
    def below(self) -> tuple[str, ...]:
        """The areas right below."""
        return tuple(a.code for a in self.catalogue.areas.values() if a.parent == self.area)


def facts_of(conn: Connection, keys: Keys, asked: Asked) -> Facts:
    """Return series, charts, days and hearings of every weekly indicator."""
    codes, first = list(asked.indicators), history_first(asked.week)
    areas = [asked.area, *asked.below]
    like = bases(asked.week.first, asked.catalogue.calendar)
    series = weeks.week_series(conn, asked.catalogue, keys, codes, areas, first, asked.week.first)
    versions = weeks.breaks_in_store(conn, keys, codes)
    cuts = {
        code: cuts_of(indicator, versions.get(code, ()), first)
        for code, indicator in asked.indicators.items()
    }
    place = (asked.week.first - first) // WEEK
    here, others = _days(asked, like)
    days = weeks.day_counts(conn, keys, codes, areas, here)
    for pair, told in weeks.day_counts(conn, keys, codes, [asked.area], others).items():
        days.setdefault(pair, {}).update(told)
    states = states_at(conn, asked.catalogue, keys, asked.at)
    return Facts(
        catalogue=asked.catalogue,
        week=asked.week,
        area=asked.area,
        below=asked.below,
        over=tuple(day for day in asked.week.days if day < asked.today),
        first=first,
        indicators=asked.indicators,
        series=series,
        charts=charted(
            asked.indicators, series, cuts, weeks=place + asked.whole, judged=asked.whole
        ),
        cuts=cuts,
        days=days,
        hidden_days=weeks.hidden_days(conn, asked.catalogue, codes, {*here, *others}),
        bases=like,
        heard=heard(conn, states, keys),
        began=_began(conn, keys, asked, series, first),
    )


def nothing_of(asked: Asked) -> Facts:
    """Return the facts of a week that has not begun."""
    return Facts(
        catalogue=asked.catalogue,
        week=asked.week,
        area=asked.area,
        below=asked.below,
        over=(),
        first=asked.week.first,
        indicators={},
        series={},
        charts={},
        cuts={},
        days={},
        hidden_days=(),
        bases=bases(asked.week.first, asked.catalogue.calendar),
        heard={},
    )


def _began(
    conn: Connection,
    keys: Keys,
    asked: Asked,
    series: Mapping[Pair, Series],
    first: date,
) -> dict[str, date]:
    """Return when each indicator began to be told of the area; the store is asked if need be."""
    told = {c: series[c, asked.area] for c in asked.indicators}
    silent = [code for code, one in told.items() if not one.told]
    known = {code: first + one.began * WEEK for code, one in told.items() if one.told}
    return known | weeks.began(conn, keys, silent, asked.area)


def _days(asked: Asked, like: Mapping[str, Basis]) -> tuple[list[date], list[date]]:
    """Return the days of the week, and those it is compared with."""
    compared = {date.fromisoformat(b) for basis in like.values() for _, b in basis["pairs"]}
    return list(asked.week.days), sorted(compared)


def loop_of(conn: Connection, keys: Keys, asked: Asked) -> Loop:
    """Return the closed loop of the week."""
    where = flow.within(keys, asked.area, asked.level)
    cuts = flow.cuts_of(asked.start, asked.at)
    late, more = late_cases(conn, asked.catalogue, keys, asked.at, where)
    return Loop(
        stays=flow.stays(conn, cuts, where),
        end=len(cuts),
        due=flow.fell_due(conn, asked.start, asked.at, where),
        last_due=flow.fell_due(conn, asked.start - 7 * DAY, asked.start, where),
        departments=department_lines(conn, asked.catalogue, keys, asked.start, asked.at, where),
        late=late,
        more_late=more,
    )


def flaws_of(conn: Connection, keys: Keys, asked: Asked) -> Flaws:
    """Return what is known of the week's data."""
    states = states_at(conn, asked.catalogue, keys, asked.at)
    return flaws(conn, asked.catalogue, keys, states, asked.start, asked.at, asked.now)


def towns_of(
    conn: Connection, keys: Keys, asked: Asked, facts: Facts, rows: Sequence[ScoreRow]
) -> list[Fair]:
    """Return how towns compare in what calls for it, as far as cases tell."""
    towns = [
        a.code
        for a in asked.catalogue.areas.values()
        if a.level == TOWN_LEVEL and asked.area in _above(asked.catalogue, a.code)
    ]
    found: list[Fair] = []
    for indicator in flagged(facts, rows) if towns else ():
        if len(found) < MOST_OF_TOWNS and counts_towns(indicator):
            told = town_counts(conn, keys, indicator, asked.start, asked.at, towns)
            one = of_towns(facts, indicator, towns, told)
            if one is not None:
                found.append(one)
    return found


def _above(catalogue: Catalogue, code: str) -> list[str]:
    found, at = [], catalogue.areas[code].parent
    while at is not None:
        found.append(at)
        at = catalogue.areas[at].parent
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC)
