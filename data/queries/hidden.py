"""Which stored values must not be shown, decided from all that is stored, never from a question.

This is the one gate for numbers that leave the store: tiles, drawer, evidence, API, exports.
Indicators without `small_count` cost nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Integer, Select, select, type_coerce

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.suppression import Month, suppress, suppress_gauge
from data.indicators.suppression_table import Cell, Counts
from data.models.columns import EPOCH_DAY
from data.queries.keys import Keys, read_keys
from data.vocabulary import LOCAL, Aggregation, Grain

HiddenCell = tuple[str, str, datetime]
"""indicator code, area code, start of the period (UTC)"""
_OFFSET_H, _DAY = 8, timedelta(days=1)
_LONG = {Grain.DAY: m.rollup_day, Grain.WEEK: m.rollup_week, Grain.MONTH: m.rollup_month}
_kept: WeakKeyDictionary[Engine, dict[tuple[str, date], tuple[int, frozenset[Cell]]]]
_kept = WeakKeyDictionary()


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
            for month in _months(start, end, grain):
                found |= {
                    (code, area, at)
                    for g, area, place in veil.month(code, month)
                    if g is grain and start <= (at := _start(g, place)) < end
                }
    return found


class Veil:
    """Says of single cells whether they must not be shown; asks the store once a month of them."""

    def __init__(self, conn: Connection, catalogue: Catalogue) -> None:
        self.conn, self.catalogue = conn, catalogue
        self.keys = read_keys(conn)
        self._months: dict[tuple[str, date], frozenset[Cell]] = {}

    def hides(self, code: str, area: str, grain: Grain, start: datetime) -> bool:
        """Return whether one value must not be shown. By the minute nothing protected is."""
        if not self.catalogue.indicators[code].small_count:
            return False
        if grain is Grain.MINUTE:
            return True
        cell = (grain, area, _place(grain, start))
        first = start.astimezone(LOCAL).date()
        months = {first.replace(day=1)}
        if grain is Grain.WEEK:
            months.add((first + timedelta(days=6)).replace(day=1))
        return any(cell in self.month(code, month) for month in months)

    def month(self, code: str, first: date) -> frozenset[Cell]:
        """Return what is hidden of one indicator in one local month and the weeks it touches."""
        if (code, first) not in self._months:
            indicator = self.catalogue.indicators[code]
            self._months[code, first] = _month(
                self.conn, self.catalogue, self.keys, indicator, first
            )
        return self._months[code, first]


def _month(
    conn: Connection, catalogue: Catalogue, keys: Keys, indicator: Indicator, first: date
) -> frozenset[Cell]:
    """Return the hidden cells of a month, from the last answer while the store says the same."""
    rows = _cells(conn, keys, indicator, first)
    mark = hash((tuple(rows), indicator.small_count, _running(conn, keys, indicator)))
    kept = _kept.setdefault(conn.engine, {})
    known = kept.get((indicator.code, first))
    if known is None or known[0] != mark:
        if len(kept) > 500:
            kept.clear()
        known = (mark, _decide(conn, catalogue, keys, indicator, first, rows))
        kept[indicator.code, first] = known
    return known[1]


Row = tuple[Grain, int, int, float, float | None, float | None]
"""grain, area id, period, num, den, last"""


def _cells(conn: Connection, keys: Keys, indicator: Indicator, first: date) -> list[Row]:
    """Return the stored roll-ups of a month and of the weeks it touches."""
    iid, after = keys.indicators[indicator.code], _next(first)
    found: list[Row] = []
    hour = m.rollup_hour.c
    lo, hi = _midnight(first), _midnight(after)
    query = _counted(m.rollup_hour, iid).where(hour.bucket >= lo, hour.bucket < hi)
    found += [(Grain.HOUR, a, _hour(at), n, d, x) for a, at, n, d, x in conn.execute(query)]
    for grain, table in _LONG.items():
        since = first - timedelta(days=6 if grain is Grain.WEEK else 0)
        query = _counted(table, iid).where(table.c.bucket >= since, table.c.bucket < after)
        found += [(grain, a, _day(at), n, d, x) for a, at, n, d, x in conn.execute(query)]
    return found


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
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    indicator: Indicator,
    first: date,
    rows: list[Row],
) -> frozenset[Cell]:
    names, gauge = keys.area_codes(), indicator.aggregation is Aggregation.LAST
    counts: dict[Cell, Counts] = {}
    for grain, area, at, num, den, last in rows:
        counts[grain, names[area], at] = _counts(indicator, last or 0.0 if gauge else num, den)
    if not counts:
        return frozenset()
    above = {a.code: a.parent if indicator.rolls_up else None for a in catalogue.areas.values()}
    least, running = indicator.small_count, _running(conn, keys, indicator)
    month = Month(counts, above, day_of, week_of, first.toordinal(), least, running)
    return frozenset(suppress_gauge(month) if gauge else suppress(month))


def _counts(indicator: Indicator, num: float, den: float | None) -> Counts:
    """Return what is counted: of a mean only how many, since its sum counts nobody."""
    if indicator.aggregation is Aggregation.MEAN:
        return (den or 0.0,)
    return (num,) if indicator.denominator is None else (num, den or 0.0)


def _running(conn: Connection, keys: Keys, indicator: Indicator) -> frozenset[tuple[Grain, int]]:
    """Return those of day, week and month that the newest hour lies in and that are not over."""
    lt = m.latest.c
    query = select(lt.period_start).where(
        lt.indicator_id == keys.indicators[indicator.code], lt.grain <= int(Grain.HOUR)
    )
    newest = max((at for (at,) in conn.execute(query)), default=None)
    if newest is None:
        return frozenset()
    last = newest.astimezone(LOCAL)
    today = last.date()
    week, month = week_of(today.toordinal()), _first(today.toordinal())
    found = {(Grain.DAY, today.toordinal())} if last.hour < 23 else set()
    if found or today.weekday() < 6:
        found.add((Grain.WEEK, week))
    if found & {(Grain.DAY, today.toordinal())} or _next(today.replace(day=1)) > today + _DAY:
        found.add((Grain.MONTH, month))
    return frozenset(found)


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
