"""Which stored values must not be shown, decided from all that is stored, never from a question.

This is the one gate for numbers that leave the store: tiles, drawer, evidence, API, exports.
Indicators without `small_count` cost nothing here.

An hour that is still counted is hidden for every area, and so are the day, week and month it lies
in. The rest is decided from closed hours, so it holds until the mark in `data.veil` changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Integer, Select, select, type_coerce

from data import models as m
from data import veil as marks
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.suppression import Memo, Month, small, suppress_gauge
from data.indicators.suppression_layers import suppress_told
from data.indicators.suppression_table import Cell, Counts
from data.models.columns import EPOCH_DAY
from data.queries.hidden_kept import (
    Decision,
    past_months,
    rules_of,
    rules_until,
    running_month,
)
from data.queries.keys import Keys, read_keys
from data.vocabulary import LOCAL, Aggregation, Grain

HiddenCell = tuple[str, str, datetime]
"""indicator code, area code, start of the period (UTC)"""
_OFFSET_H, _DAY = 8, timedelta(days=1)
_LONG = {Grain.DAY: m.rollup_day, Grain.WEEK: m.rollup_week, Grain.MONTH: m.rollup_month}
Period = tuple[Grain, int]
"""A grain and its period as a number, see Cell."""


@dataclass(frozen=True)
class Standing:
    """How far an indicator is told. shut: periods that are hidden whatever they hold."""

    mark: marks.Mark
    running: frozenset[Period]
    shut: frozenset[Period]


@dataclass(frozen=True)
class _Decided:
    """What was hidden of a month, by which mark, and which content that was."""

    by: tuple[marks.Mark, int]
    content: int
    cells: frozenset[Cell]
    memo: Memo
    """What helps to decide the month again when little of it has changed; of old months nothing."""
    hours: bool
    """Whether the hours are among the cells: of old months only once they were asked for."""


_kept: WeakKeyDictionary[Engine, dict[tuple[str, date], _Decided]] = WeakKeyDictionary()


def hidden(
    conn: Connection,
    catalogue: Catalogue,
    *,
    indicators: Iterable[str],
    grain: Grain,
    start: datetime,
    end: datetime,
) -> set[HiddenCell]:
    """Return the cells of periods that begin in [start, end) and must not be shown.

    A cell may be named that holds no value: whether it holds one is not to be told either.
    """
    found: set[HiddenCell] = set()
    veil = Veil(conn, catalogue)
    for code in indicators:
        if catalogue.indicators[code].small_count:
            if grain is Grain.MINUTE:
                found |= _minutes(conn, veil.keys, code, start, end)
                continue
            found |= {
                (code, area, at)
                for g, place in veil.standing(code).shut
                if g is grain and start <= (at := _start(g, place)) < end
                for area in catalogue.areas
            }
            for month in _months(start, end, grain):
                found |= {
                    (code, area, at)
                    for g, area, place in veil.month(code, month, hours=grain is Grain.HOUR)
                    if g is grain and start <= (at := _start(g, place)) < end
                }
    return found


class Veil:
    """Says of single cells whether they must not be shown; asks the store once a month of them."""

    def __init__(self, conn: Connection, catalogue: Catalogue) -> None:
        self.conn, self.catalogue = conn, catalogue
        self.keys = read_keys(conn)
        self._standings: dict[str, Standing] = {}
        self._months: dict[tuple[str, date, bool], frozenset[Cell]] = {}
        self._past: dict[str, dict[date, frozenset[Cell]]] = {}

    def hides(self, code: str, area: str, grain: Grain, start: datetime) -> bool:
        """Return whether one value must not be shown. By the minute nothing protected is."""
        if not self.catalogue.indicators[code].small_count:
            return False
        if grain is Grain.MINUTE:
            return True
        place = _place(grain, start)
        if (grain, place) in self.standing(code).shut:
            return True
        first = start.astimezone(LOCAL).date()
        months = {first.replace(day=1)}
        if grain is Grain.WEEK:
            months.add((first + timedelta(days=6)).replace(day=1))
        hours = grain is Grain.HOUR
        return any((grain, area, place) in self.month(code, one, hours=hours) for one in months)

    def standing(self, code: str) -> Standing:
        """Return how far a protected indicator is told."""
        if code not in self._standings:
            indicator = self.catalogue.indicators[code]
            mark = marks.read_mark(self.conn, self.keys.indicators[code])
            self._standings[code] = _standing(indicator, mark)
        return self._standings[code]

    def closed(self, code: str, hour: datetime) -> bool:
        """Return whether an hour of a protected indicator is no longer counted on."""
        return (Grain.HOUR, _place(Grain.HOUR, hour)) not in self.standing(code).shut

    def month(self, code: str, first: date, *, hours: bool = True) -> frozenset[Cell]:
        """Return what is hidden of one indicator in one local month and the weeks it touches.

        Periods that are shut are hidden beside it. hours: False may leave the hours out.
        """
        place = (code, first, hours)
        if place not in self._months:
            indicator, standing = self.catalogue.indicators[code], self.standing(code)
            known = None
            if not hours and marks.is_past(first, standing.mark):
                known = self.past(code).get(first)
            if known is None:
                known = _month(self, indicator, first, standing, hours=hours)
            self._months[place] = known
        return self._months[place]

    def past(self, code: str) -> dict[date, frozenset[Cell]]:
        """Return what stands decided of past months, without their hours; asked once."""
        if code not in self._past:
            indicator = self.catalogue.indicators[code]
            by = rules_of(self.catalogue, indicator)
            self._past[code] = past_months(self.conn, self.keys.indicators[code], by)
        return self._past[code]

    def running(self, code: str, first: date) -> frozenset[Cell] | None:
        """Return what stands decided of a month that still moves, while nothing moved."""
        by = rules_until(
            rules_of(self.catalogue, self.catalogue.indicators[code]),
            self.standing(code).mark.token or "",
        )
        return running_month(self.conn, self.keys.indicators[code], first, by)


def undecided(veil: Veil, code: str, most: int) -> tuple[str | None, list[Decision]]:
    """Decide up to `most` months that nobody keeps as they are now, the newest first.

    Returns the token that held: what was decided may be kept only while it still does.
    """
    indicator, standing = veil.catalogue.indicators[code], veil.standing(code)
    gauge = indicator.aggregation is Aggregation.LAST
    if standing.mark.token is None or gauge:
        return None, []
    iid, by = veil.keys.indicators[code], rules_of(veil.catalogue, indicator)
    r = m.rollup_month.c
    told = veil.conn.execute(select(r.bucket).where(r.indicator_id == iid).distinct())
    months = sorted({month for (month,) in told} - set(veil.past(code)), reverse=True)
    found = []
    for month in months:
        past = marks.is_past(month, standing.mark)
        if past or veil.running(code, month) is None:
            rules = by if past else rules_until(by, standing.mark.token)
            found.append(Decision(iid, month, rules, veil.month(code, month, hours=not past)))
        if len(found) == most:
            break
    return standing.mark.token, found


def _month(
    veil: Veil, indicator: Indicator, first: date, standing: Standing, *, hours: bool
) -> frozenset[Cell]:
    """Return the hidden cells of a month, from the last answer while the store says the same."""
    kept = _kept.setdefault(veil.conn.engine, {})
    known, by = kept.get((indicator.code, first)), (standing.mark, indicator.small_count)
    if known is not None and hours and not known.hours:
        known = None
    marked = standing.mark.token is not None and indicator.aggregation is not Aggregation.LAST
    if known is not None and marked and known.by == by:
        return known.cells
    past = marks.is_past(first, standing.mark)
    memo: Memo = known.memo if known is not None else {}
    told = veil.running(indicator.code, first) if marked and not past else None
    if told is not None:
        kept[indicator.code, first] = _Decided(by, 0, told, memo, hours=True)
        return told
    rows = _cells(veil.conn, veil.keys, indicator, first, standing)
    content = hash((tuple(rows), indicator.small_count, standing.running))
    if known is not None and known.content == content:
        cells, whole = known.cells, known.hours
    else:
        cells, whole = _decide(veil, indicator, first, rows, standing, memo), True
        if not hours and past:
            cells, whole = frozenset(c for c in cells if c[0] is not Grain.HOUR), False
    if len(kept) > 500:
        kept.clear()
    kept[indicator.code, first] = _Decided(by, content, cells, {} if past else memo, whole)
    return cells


Row = tuple[Grain, int, int, float, float | None, float | None]
"""grain, area id, period, num, den, last"""


def _cells(
    conn: Connection, keys: Keys, indicator: Indicator, first: date, standing: Standing
) -> list[Row]:
    """Return the stored roll-ups of a month and of the weeks it touches, but for what is shut.

    With all days of those weeks: a week tells more than its days where it was told as a week.
    """
    iid, after = keys.indicators[indicator.code], _next(first)
    found: list[Row] = []
    hour = m.rollup_hour.c
    lo, hi = _midnight(first), _midnight(after)
    query = _counted(m.rollup_hour, iid).where(hour.bucket >= lo, hour.bucket < hi)
    found += [(Grain.HOUR, a, _hour(at), n, d, x) for a, at, n, d, x in conn.execute(query)]
    monday, sunday = _monday(first), _monday(after - _DAY) + timedelta(days=6)
    for grain, table in _LONG.items():
        since = first if grain is Grain.MONTH else monday
        until = sunday if grain is Grain.DAY else after - _DAY
        query = _counted(table, iid).where(table.c.bucket >= since, table.c.bucket <= until)
        found += [(grain, a, _day(at), n, d, x) for a, at, n, d, x in conn.execute(query)]
    shut = standing.shut
    return [row for row in found if (row[0], row[2]) not in shut] if shut else found


def _counted(table: Any, indicator: int) -> Select[Any]:
    """Ask for a roll-up, its bucket as the driver gives it: this reads thousands of rows."""
    t = table.c
    columns = (t.area_id, type_coerce(t.bucket, Integer), t.num, t.den, t.last)
    areas = select(m.area.c.id)  # lets both databases walk the primary key
    return select(*columns).where(t.indicator_id == indicator, t.area_id.in_(areas))


def _hour(at: Any) -> int:
    return (at if type(at) is int else int(at.timestamp())) // 3600


def _day(at: Any) -> int:
    return at + EPOCH_DAY if type(at) is int else int(at.toordinal())


def _decide(
    veil: Veil,
    indicator: Indicator,
    first: date,
    rows: list[Row],
    standing: Standing,
    memo: Memo,
) -> frozenset[Cell]:
    names, gauge = veil.keys.area_codes(), indicator.aggregation is Aggregation.LAST
    counts: dict[Cell, Counts] = {}
    beside: dict[Cell, Counts] = {}
    days = range(first.toordinal(), _next(first).toordinal())
    for grain, area, at, num, den, last in rows:
        own = beside if grain is Grain.DAY and at not in days else counts
        own[grain, names[area], at] = _counts(indicator, last or 0.0 if gauge else num, den)
    if not counts:
        return frozenset()
    areas = veil.catalogue.areas.values()
    above = {a.code: a.parent if indicator.rolls_up else None for a in areas}
    least, ordinal = indicator.small_count, first.toordinal()
    month = Month(counts, above, day_of, week_of, ordinal, least, standing.running)
    return frozenset(suppress_gauge(month) if gauge else suppress_told(month, beside, memo))


def _counts(indicator: Indicator, num: float, den: float | None) -> Counts:
    """Return what is counted: of a mean only how many, since its sum counts nobody."""
    if indicator.aggregation is Aggregation.MEAN:
        return (den or 0.0,)
    return (num,) if indicator.denominator is None else (num, den or 0.0)


def few(indicator: Indicator, num: float | None, den: float | None) -> bool:
    """Return whether a value is too small by itself, also while its roll-ups are still due."""
    if not indicator.small_count or num is None:
        return False
    return small(_counts(indicator, num, den), indicator.small_count)


def _standing(indicator: Indicator, mark: marks.Mark) -> Standing:
    """Return which of day, week and month the newest hour lies in and are not over.

    While that hour itself is still counted they are shut with it. A gauge has no part of an hour.
    """
    if mark.newest is None:
        return Standing(mark, frozenset(), frozenset())
    last = mark.newest.astimezone(LOCAL)
    today, hour = last.date(), _place(Grain.HOUR, mark.newest)
    day = (Grain.DAY, today.toordinal())
    week, month = (Grain.WEEK, week_of(day[1])), (Grain.MONTH, _first(day[1]))
    if mark.open and indicator.aggregation is not Aggregation.LAST:
        shut = frozenset({(Grain.HOUR, hour), day, week, month})
        return Standing(mark, shut, shut)
    found = {day} if last.hour < 23 else set()
    if found or today.weekday() < 6:
        found.add(week)
    if found & {day} or _next(today.replace(day=1)) > today + _DAY:
        found.add(month)
    return Standing(mark, frozenset(found), frozenset())


def _minutes(
    conn: Connection, keys: Keys, code: str, start: datetime, end: datetime
) -> set[HiddenCell]:
    """Return every stored minute: what is counted by the minute is too little to show."""
    o, names = m.observation.c, keys.area_codes()
    query = select(o.area_id, o.period_start).where(
        o.indicator_id == keys.indicators[code],
        o.grain == int(Grain.MINUTE),
        o.period_start >= start,
        o.period_start < end,
    )
    return {(code, names[a], at) for a, at in conn.execute(query)}


# ---- periods as numbers ----


def day_of(hour: int) -> int:
    """Return the ordinal of the local day of an hour."""
    return (hour + _OFFSET_H) // 24 + EPOCH_DAY


def week_of(day: int) -> int:
    """Return the ordinal of the Monday of a day's ISO week."""
    return day - date.fromordinal(day).weekday()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _first(day: int) -> int:
    return date.fromordinal(day).replace(day=1).toordinal()


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC)


def _place(grain: Grain, start: datetime) -> int:
    if grain is Grain.HOUR:
        return int(start.timestamp()) // 3600
    return start.astimezone(LOCAL).date().toordinal()


def _start(grain: Grain, place: int) -> datetime:
    if grain is Grain.HOUR:
        return datetime.fromtimestamp(place * 3600, UTC)
    return _midnight(date.fromordinal(place))


def _months(start: datetime, end: datetime, grain: Grain) -> Iterator[date]:
    """Yield the months that know of periods beginning in [start, end)."""
    day = start.astimezone(LOCAL).date().replace(day=1)
    last = end.astimezone(LOCAL).date() + timedelta(days=6 if grain is Grain.WEEK else 0)
    while day <= last:
        yield day
        day = _next(day)
