"""Refresh the normal bands of the wall's and the alarm rules' indicators from five weeks."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.band import normal_band, slot
from data.indicators.calendar import is_day_off
from data.indicators.value import value_of
from data.queries.alarms.rules import rules_in_force
from data.queries.keys import read_keys
from data.vocabulary import LOCAL, Aggregation

WEEKS = 5


def refresh_baselines(conn: Connection, catalogue: Catalogue, *, now: datetime) -> int:
    """Make the bands again from whole past hours; return how many slots have one.

    The last six hours are left out, so that an event under way does not become
    its own normal.
    """
    keys, total = read_keys(conn), 0
    areas = [keys.areas[catalogue.city.code], *(keys.areas[a.code] for a in catalogue.counties())]
    named = rules_in_force(conn, catalogue).plan.banded
    for indicator in catalogue.indicators.values():
        if indicator.wall is None and indicator.code not in named:
            continue
        iid = keys.indicators[indicator.code]
        rows = []
        for area in areas:
            rows += _area_rows(conn, indicator, iid, area, catalogue, now)
        conn.execute(m.baseline.delete().where(m.baseline.c.indicator_id == iid))
        if rows:
            conn.execute(m.baseline.insert(), rows)
        total += len(rows)
    made = m.band_made.c.at
    conn.execute(m.band_made.delete().where(made == now))
    conn.execute(m.band_made.insert().values(at=now))
    return total


def _area_rows(
    conn: Connection, indicator: Indicator, iid: int, area: int, catalogue: Catalogue, now: datetime
) -> list[dict[str, object]]:
    t = m.rollup_hour.c
    query = select(t.bucket, t.num, t.den, t.last).where(
        t.indicator_id == iid,
        t.area_id == area,
        t.bucket >= now - timedelta(weeks=WEEKS),
        t.bucket < now - timedelta(hours=6),
    )
    slots: dict[int, list[float]] = defaultdict(list)
    gauge = indicator.aggregation is Aggregation.LAST
    for bucket, num, den, last in conn.execute(query):
        counts = (last or 0.0, None) if gauge else (num, den)
        value = value_of(counts, indicator.aggregation, indicator.factor)
        if value is not None:
            local = bucket.astimezone(LOCAL)
            off = is_day_off(local.date(), catalogue.city.calendar_country)
            slots[slot(local.hour, day_off=off)].append(value)
    rows: list[dict[str, object]] = []
    for place, values in slots.items():
        band = normal_band(values, indicator.aggregation)
        if band:
            rows.append(
                {
                    "indicator_id": iid,
                    "area_id": area,
                    "slot": place,
                    "centre": band.centre,
                    "low": band.low,
                    "high": band.high,
                    "n": band.n,
                }
            )
    return rows
