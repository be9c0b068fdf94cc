"""What an indicator counts in each town of an area, from the cases themselves.

Cases name their town, the numbers of platforms stand by county: roll-ups know no towns then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, and_, case, cast, func, select

from data import models as m
from data.catalogue.entries import Feed, Indicator
from data.queries.keys import Keys

c = m.cases.c


def counts_towns(indicator: Indicator) -> bool:
    """Return whether towns can be counted: by cases, and none of it protected."""
    told = indicator.feed.measure in ("received", "closed", "due_on_time", "share")
    return indicator.feed.kind == "cases" and told and not indicator.small_count


def town_counts(
    conn: Connection,
    keys: Keys,
    indicator: Indicator,
    start: datetime,
    end: datetime,
    towns: Sequence[str],
) -> dict[str, tuple[float, float]]:
    """Return numerator and denominator of each town that has any."""
    when, num, categories = _measure(indicator.feed, keys)
    ids = {keys.areas[town]: town for town in towns}
    query = (
        select(c.area_id, num, cast(func.count(), Float))
        .where(
            c.source_id == keys.sources[indicator.source],
            c.category_id.in_(categories),
            when >= start,
            when < end,
            c.area_id.in_(list(ids)),
        )
        .group_by(c.area_id)
    )
    found = conn.execute(query).all()
    return {ids[area]: (float(n or 0.0), float(d)) for area, n, d in found}


def _measure(
    feed: Feed, keys: Keys
) -> tuple[ColumnElement[datetime], ColumnElement[Any], list[int]]:
    """Return which time counts, the numerator, and the categories of the denominator."""
    own = [keys.categories[code] for code in feed.categories]
    if feed.measure == "received":
        return c.reported_at, cast(func.count(), Float), own
    if feed.measure == "closed":
        return c.closed_at, cast(func.count(), Float), own
    if feed.measure == "due_on_time":
        met = and_(c.closed_at.is_not(None), c.closed_at <= c.due_at)
        return c.due_at, func.sum(case((met, 1.0), else_=0.0)), own
    mine = func.sum(case((c.category_id.in_(own), 1.0), else_=0.0))
    return c.reported_at, mine, [keys.categories[code] for code in feed.of]
