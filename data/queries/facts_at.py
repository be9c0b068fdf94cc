"""The facts a stored value is made of, as they stand now or as they were known at some instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, union_all

from data import models as m
from data.catalogue.entries import Indicator
from data.indicators.value import Counts
from data.models.facts import VOIDED
from data.queries.keys import Keys
from data.queries.periods import Period, midnight
from data.vocabulary import Aggregation, Grain

ROLLUPS = {
    Grain.HOUR: m.rollup_hour,
    Grain.DAY: m.rollup_day,
    Grain.WEEK: m.rollup_week,
    Grain.MONTH: m.rollup_month,
}
FINER = {
    Grain.HOUR: (Grain.MINUTE, Grain.HOUR),
    Grain.DAY: (Grain.MINUTE, Grain.HOUR, Grain.DAY),
    Grain.WEEK: (Grain.MINUTE, Grain.HOUR, Grain.DAY, Grain.WEEK),
    Grain.MONTH: (Grain.MINUTE, Grain.HOUR, Grain.DAY, Grain.MONTH),
}


@dataclass(frozen=True)
class Part:
    """One stored row that a total is the sum of."""

    area_id: int
    grain: Grain
    start: datetime
    counts: Counts


def natives(conn: Connection, keys: Keys, indicator: Indicator, area: str) -> list[int]:
    """Return the reporting areas whose facts make up the value of `area`."""
    lt, own = m.latest.c, keys.areas[area]
    told = select(lt.area_id).where(lt.indicator_id == keys.indicators[indicator.code])
    below = select(m.area_closure.c.descendant_id).where(m.area_closure.c.ancestor_id == own)
    chosen = lt.area_id.in_(below) if indicator.rolls_up else lt.area_id == own
    return sorted(conn.scalars(told.where(chosen)))


def stored(
    conn: Connection, keys: Keys, indicator: Indicator, area_id: int, period: Period
) -> Counts | None:
    """Return the stored roll-up of a period, None if there is none. Of a gauge its last value."""
    t = ROLLUPS[period.grain]
    key = period.start if period.grain is Grain.HOUR else period.first_day
    query = select(t.c.num, t.c.den, t.c.last).where(
        t.c.indicator_id == keys.indicators[indicator.code],
        t.c.area_id == area_id,
        t.c.bucket == key,
    )
    row = conn.execute(query).first()
    return _counts(indicator, row) if row else None


def _counts(indicator: Indicator, row: Any) -> Counts:
    if indicator.aggregation is Aggregation.LAST:
        return (row.last if row.last is not None else row.num), None
    return row.num, row.den


def area_parts(
    conn: Connection, keys: Keys, indicator: Indicator, areas: Sequence[int], period: Period
) -> list[Part]:
    """Return the roll-ups of reporting areas for one period: they add up to their parent's."""
    found = ((a, stored(conn, keys, indicator, a, period)) for a in areas)
    return [Part(a, period.grain, period.start, c) for a, c in found if c is not None]


def time_parts(
    conn: Connection, keys: Keys, indicator: Indicator, area_id: int, period: Period
) -> list[Part]:
    """Return what the roll-up of one reporting area is made of: shorter roll-ups, else facts."""
    below = {Grain.DAY: Grain.HOUR, Grain.WEEK: Grain.DAY, Grain.MONTH: Grain.DAY}
    found: list[Part] = []
    if period.grain in below:
        finer = below[period.grain]
        t = ROLLUPS[finer].c
        hours = finer is Grain.HOUR
        lo, hi = (period.start, period.end) if hours else _days(period)
        query = select(t.bucket, t.num, t.den, t.last).where(
            t.indicator_id == keys.indicators[indicator.code],
            t.area_id == area_id,
            t.native == 1,
            t.bucket >= lo,
            t.bucket < hi,
        )
        for row in conn.execute(query.order_by(t.bucket)):
            start = row.bucket if hours else midnight(row.bucket)
            found.append(Part(area_id, finer, start, _counts(indicator, row)))
    if found:
        return found
    facts = conn.execute(standing(keys, indicator, [area_id], period)).all()
    return [Part(area_id, Grain(r.grain), r.period_start, (r.num, r.den)) for r in facts]


def _days(period: Period) -> tuple[Any, Any]:
    return period.first_day, Period(Grain.DAY, period.end).first_day


def standing(keys: Keys, indicator: Indicator, areas: Sequence[int], period: Period) -> Select[Any]:
    """Ask for the facts of areas in a period that stand now, those taken back left out."""
    o = m.observation.c
    return (
        select(m.observation)
        .where(*_chosen(o, keys, indicator, areas, period), o.flag < VOIDED)
        .order_by(o.period_start.desc(), o.area_id)
    )


def _chosen(
    t: Any, keys: Keys, indicator: Indicator, areas: Sequence[int], period: Period
) -> list[Any]:
    return [
        t.indicator_id == keys.indicators[indicator.code],
        t.area_id.in_(areas),
        t.grain.in_([int(g) for g in FINER[period.grain]]),
        t.period_start >= period.start,
        t.period_start < period.end,
    ]


COLUMNS = (
    "indicator_id", "area_id", "grain", "period_start", "recorded_at", "num", "den", "run_id",
    "row_no", "flag", "rev",
)  # fmt: skip


def known_at(
    conn: Connection,
    keys: Keys,
    indicator: Indicator,
    areas: Sequence[int],
    period: Period,
    as_of: datetime,
) -> list[Any]:
    """Return the facts of a period as the store held them at `as_of`, newest period first."""
    o, h = m.observation.c, m.observation_history.c
    now = select(*(o[c] for c in COLUMNS)).where(
        *_chosen(o, keys, indicator, areas, period), o.recorded_at <= as_of
    )
    then = select(*(h[c] for c in COLUMNS)).where(
        *_chosen(h, keys, indicator, areas, period), h.recorded_at <= as_of, h.superseded_at > as_of
    )
    both = union_all(now, then).subquery()
    query = select(both).where(both.c.flag < VOIDED)
    return list(conn.execute(query.order_by(both.c.period_start.desc(), both.c.area_id)).all())


def add_up(facts: Sequence[Any], indicator: Indicator) -> Counts | None:
    """Return the total of facts of several areas and instants as the roll-ups make it.

    A finer fact wins over a coarser one of the same area and stretch; of a gauge the newest counts.
    """
    own: dict[int, list[Any]] = {}
    for row in facts:
        own.setdefault(row.area_id, []).append(row)
    chosen: list[Any] = []
    for rows in own.values():
        if indicator.aggregation is Aggregation.LAST:
            chosen.append(max(rows, key=lambda r: (r.period_start, -r.grain)))
            continue
        chosen += _finest(rows)
    if not chosen:
        return None
    dens = [r.den for r in chosen if r.den is not None]
    return sum(r.num for r in chosen), (sum(dens) if dens else None)


def _finest(rows: list[Any]) -> list[Any]:
    """Leave out a day that has hours, a week or month that has anything finer."""
    days = {Period(Grain.DAY, r.period_start).first_day for r in rows if r.grain <= Grain.HOUR}
    kept = [r for r in rows if r.grain <= Grain.HOUR]
    kept += [
        r for r in rows if r.grain == Grain.DAY
        and Period(Grain.DAY, r.period_start).first_day not in days
    ]  # fmt: skip
    return kept or [r for r in rows if r.grain > Grain.DAY]


def count_of(conn: Connection, query: Select[Any]) -> int:
    """Return how many rows a question has."""
    plain = query.order_by(None).subquery()
    return int(conn.scalar(select(func.count()).select_from(plain)) or 0)
