"""Indicators that are questions about cases and warnings, answered after every good poll.

A poll that brings nothing new still says "no calls this hour": zero is written
only while the source is heard, so a dead source leaves gaps, never zeros.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Feed, Indicator
from data.models.columns import Instant
from data.queries.keys import Keys
from data.vocabulary import Grain, Observed

c = m.cases.c
STOCKS = ("open", "overdue")
"""Measures of this moment, not of an hour."""
Split = dict[int, tuple[float, float | None]]
"""county id -> numerator, denominator"""


def case_indicators(
    conn: Connection,
    source: str,
    hours: Iterable[datetime],
    *,
    due_hours: Iterable[datetime] = (),
    catalogue: Catalogue,
    keys: Keys,
    now: datetime,
    live: bool = True,
) -> list[Observed]:
    """Return the observations of every case-fed indicator of `source`.

    hours: hours whose counts may have changed; the present and the last hour
    are always asked too. due_hours: hours nobody asked about; what fell due in
    them is known all the same, what came in is not. live: the source was just
    heard; an old file read again says nothing of the present.
    """
    present = now.replace(minute=0, second=0, microsecond=0)
    always = {present, present - timedelta(hours=1)} if live else set()
    asked = {h for h in hours if h <= present} | always
    late = asked | {h for h in due_hours if h <= present}
    found: list[Observed] = []
    for indicator in catalogue.of_source(source):
        if indicator.feed.kind != "cases" or not (live or indicator.feed.measure not in STOCKS):
            continue
        wanted = late if indicator.feed.measure == "due_on_time" else asked
        found += _observed(conn, indicator, wanted, catalogue, keys, now)
    return found


def _observed(
    conn: Connection,
    indicator: Indicator,
    hours: set[datetime],
    catalogue: Catalogue,
    keys: Keys,
    now: datetime,
) -> list[Observed]:
    counties = {keys.areas[a.code]: a.code for a in catalogue.counties()}
    if indicator.feed.measure in STOCKS:
        split = _stock(conn, indicator, keys, now)
        start, grain = now.replace(second=0, microsecond=0), Grain.MINUTE
        return [_row(indicator, code, grain, start, split.get(i)) for i, code in counties.items()]
    found = []
    many = _flows(conn, indicator, keys, hours, now) if len(hours) > FEW else None
    for hour in sorted(hours):
        end = min(hour + timedelta(hours=1), now)
        split = _flow(conn, indicator, keys, hour, end) if many is None else many.get(hour, {})
        for i, code in counties.items():
            found.append(_row(indicator, code, Grain.HOUR, hour, split.get(i)))
    return found


def _row(
    indicator: Indicator,
    area: str,
    grain: Grain,
    start: datetime,
    counted: tuple[float, float | None] | None,
) -> Observed:
    num, den = counted or (0.0, 0.0)
    return Observed(
        indicator.code, area, grain, start, num, (den or 0.0) if indicator.denominator else None
    )


def _ids(codes: Iterable[str], keys: Keys) -> list[int]:
    return [keys.categories[code] for code in codes]


def _stock(conn: Connection, indicator: Indicator, keys: Keys, now: datetime) -> Split:
    chosen = [
        c.closed_at.is_(None),
        c.source_id == keys.sources[indicator.source],
        c.category_id.in_(_ids(indicator.feed.categories, keys)),
    ]
    if indicator.feed.measure == "overdue":
        chosen.append(c.due_at < now)
    query = select(c.county_id, func.count()).where(*chosen).group_by(c.county_id)
    return {county: (float(n), None) for county, n in conn.execute(query)}


def _flow(
    conn: Connection, indicator: Indicator, keys: Keys, start: datetime, end: datetime
) -> Split:
    when, num, den, categories = _measure(indicator.feed, keys)
    query = (
        select(c.county_id, num, den)
        .where(
            c.source_id == keys.sources[indicator.source],
            c.category_id.in_(categories),
            when >= start,
            when < end,
        )
        .group_by(c.county_id)
    )
    return {county: (float(n or 0), d) for county, n, d in conn.execute(query)}


FEW = 6
"""More hours than this are asked together."""


def _flows(
    conn: Connection, indicator: Indicator, keys: Keys, hours: set[datetime], now: datetime
) -> dict[datetime, Split]:
    """Return the same for many hours, asked in one statement."""
    when, num, den, categories = _measure(indicator.feed, keys)
    hour = _HourOf(when)
    query = (
        select(hour, c.county_id, num, den)
        .where(
            c.source_id == keys.sources[indicator.source],
            c.category_id.in_(categories),
            when >= min(hours),
            when < min(max(hours) + timedelta(hours=1), now),
        )
        .group_by(literal_column("1"), c.county_id)
    )
    found: dict[datetime, Split] = {}
    for at, county, n, d in conn.execute(query):
        found.setdefault(at, {})[county] = (float(n or 0), d)
    return found


def _measure(
    feed: Feed, keys: Keys
) -> tuple[ColumnElement[datetime], ColumnElement[float], ColumnElement[float], list[int]]:
    """Return (which time counts, numerator, denominator, categories) of a flow measure."""
    own = _ids(feed.categories, keys)
    n = cast(func.count(), Float)
    if feed.measure == "received":
        return c.reported_at, n, n, own
    if feed.measure == "closed":
        return c.closed_at, n, n, own
    if feed.measure == "due_on_time":
        met = and_(c.closed_at.is_not(None), c.closed_at <= c.due_at)
        return c.due_at, func.sum(case((met, 1.0), else_=0.0)), n, own
    if feed.measure == "share":
        mine = func.sum(case((c.category_id.in_(own), 1.0), else_=0.0))
        return c.reported_at, mine, n, _ids(feed.of, keys)
    if feed.measure == "handling_hours":
        return c.closed_at, func.sum(_HandlingHours()), n, own
    raise ValueError(f"no such case measure: {feed.measure}")


class _HandlingHours(FunctionElement[float]):
    """Hours from report to closure."""

    inherit_cache = True
    type = Float()


@compiles(_HandlingHours, "sqlite")
def _on_sqlite(_element: _HandlingHours, _compiler: SQLCompiler, **_options: object) -> str:
    return "((cases.closed_at - cases.reported_at) / 3600.0)"


@compiles(_HandlingHours, "postgresql")
def _on_postgresql(_element: _HandlingHours, _compiler: SQLCompiler, **_options: object) -> str:
    return "(extract(epoch from cases.closed_at - cases.reported_at) / 3600.0)::float8"


class _HourOf(FunctionElement[datetime]):
    """The hour an instant lies in."""

    inherit_cache = True
    type = Instant()


@compiles(_HourOf, "sqlite")
def _hour_on_sqlite(element: _HourOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} / 3600 * 3600)"


@compiles(_HourOf, "postgresql")
def _hour_on_postgresql(element: _HourOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"date_trunc('hour', {compiler.process(element.clauses, **options)})"
