"""Small words for the store's tests: put facts in, look at what became of them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, event, func, select

from data import models as m
from data import panels
from data.catalogue import catalogue
from data.ingest.observations import Counts, check, store_observations
from data.ingest.run import Outcome, ingest
from data.ingest.voids import void
from data.panels.single import evidence_of
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import LOCAL, Grain, Observed
from tests.conftest import NOW

CITY, YUANCHENG, ZIJIN, LONGCHUAN = "441600", "441602", "441621", "441622"
CALLS, DISPUTES_ON_TIME, TICKETS_OPEN, HANDLING, WARNINGS = (
    "PS-01",
    "PS-24",
    "GS-28",
    "GS-36",
    "PS-33",
)
"""A sum, a percentage, a gauge, a mean, an indicator whose areas do not add up."""

DAY = "2026-11-16"
"""The Monday of the week of NOW."""

EARLIER, LATER = NOW - timedelta(hours=2), NOW + timedelta(hours=2)

TOWNS = [a.code for a in catalogue().areas.values() if a.parent == YUANCHENG]

pg_only = pytest.mark.parametrize(
    "store", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
sqlite_only = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

_numbers = itertools.count(1)


def local(text: str) -> datetime:
    """Return a local time as an aware instant."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def observed(
    indicator: str,
    area: str,
    start: datetime | str,
    num: float,
    den: float | None = None,
    grain: Grain = Grain.HOUR,
) -> Observed:
    """Return one observation; a text is a local time."""
    at = local(start) if isinstance(start, str) else start
    return Observed(indicator, area, grain, at, num, den, 1)


def on_time(area: str, num: float, den: float, day: str = DAY) -> Observed:
    """Return the disputes settled in time in an area on a day."""
    return observed(DISPUTES_ON_TIME, area, f"{day}T00:00", num, den, Grain.DAY)


def begin_run(conn: Connection, source: str, as_of: datetime, now: datetime) -> int:
    """Record an extract cut at `as_of`."""
    values = {
        "source_id": read_keys(conn).sources[source],
        "sha256": f"{next(_numbers):064d}",
        "as_of": as_of,
        "recorded_at": now,
        "status": "ok",
    }
    run = m.ingest_run.insert().values(values).returning(m.ingest_run.c.id)
    return int(conn.execute(run).scalar_one())


def put_in(conn: Connection, *rows: Observed, as_of: datetime = NOW, now: datetime = NOW) -> Counts:
    """Store observations of one extract; none of them may be refused."""
    facts, keys = catalogue(), read_keys(conn)
    good, bad = check(rows, facts, keys, now=now)
    assert bad == []
    source = facts.indicators[rows[0].indicator].source
    run_id = begin_run(conn, source, as_of, now)
    return store_observations(
        conn, good, source_id=keys.sources[source], run_id=run_id, as_of=as_of, now=now
    )


def put(store: Store, *rows: Observed, as_of: datetime = NOW, now: datetime = NOW) -> Counts:
    """Store observations of one extract in a transaction of their own."""
    with store.write() as conn:
        return put_in(conn, *rows, as_of=as_of, now=now)


def take_back(
    store: Store, indicator: str, area: str, start: datetime, grain: Grain, now: datetime = LATER
) -> None:
    """Void one observation."""
    with store.write() as conn:
        keys = read_keys(conn)
        key = (keys.indicators[indicator], keys.areas[area], int(grain), start)
        void(conn, [key], run_id=begin_run(conn, "yuepingan", now, now), now=now)


class UndoneError(Exception):
    """Everything of a block is taken back."""


@contextmanager
def undone(store: Store) -> Iterator[Connection]:
    """Open a transaction that leaves nothing behind."""
    try:
        with store.write() as conn:
            yield conn
            raise UndoneError
    except UndoneError:
        pass


BUCKETS = {
    "hour": m.rollup_hour,
    "day": m.rollup_day,
    "week": m.rollup_week,
    "month": m.rollup_month,
}


ROLLUPS = tuple(BUCKETS.values())


def bucket(
    store: Store, kind: str, indicator: str, area: str, at: datetime | date | str
) -> Row[Any] | None:
    """Return one bucket of a roll-up, None if there is none."""
    table = BUCKETS[kind]
    if isinstance(at, str):
        at = local(at) if kind == "hour" else date.fromisoformat(at)
    with store.read() as conn:
        keys = read_keys(conn)
        query = select(table).where(
            table.c.indicator_id == keys.indicators[indicator],
            table.c.area_id == keys.areas[area],
            table.c.bucket == at,
        )
        return conn.execute(query).first()


def sums(
    store: Store, kind: str, indicator: str, area: str, at: datetime | date | str
) -> tuple[float, float | None, int] | None:
    """Return numerator, denominator and count of one bucket."""
    row = bucket(store, kind, indicator, area, at)
    return (row.num, row.den, row.n) if row else None


def rows_of(store: Store, table: Any, *where: Any) -> list[Row[Any]]:
    """Return every row of a table."""
    with store.read() as conn:
        return list(conn.execute(select(table).where(*where).order_by(*table.primary_key)))


def count(store: Store, table: Any, *where: Any) -> int:
    """Return how many rows a table has."""
    with store.read() as conn:
        return int(conn.scalar(select(func.count()).select_from(table).where(*where)) or 0)


def contents(store: Store, *tables: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that some tables hold."""
    return {t.name: [tuple(row) for row in rows_of(store, t)] for t in tables}


FACTS = (
    m.observation, m.observation_history, m.rollup_hour, m.rollup_day, m.rollup_week,
    m.rollup_month, m.cases, m.case_event, m.external_alert, m.external_alert_area, m.facility,
    m.transit_route, m.transit_stop, m.transit_route_stop, m.transit_trip_day,
)  # fmt: skip


def take(store: Store, source: str, payload: bytes, *, now: datetime = NOW, **more: Any) -> Outcome:
    """Ingest one file of a source of the catalogue."""
    facts = catalogue()
    return ingest(
        store, facts, facts.sources[source], payload, origin="file:///test", now=now, **more
    )


def values(store: Store, indicator: str) -> dict[tuple[str, datetime], tuple[float, float | None]]:
    """Return what is observed of an indicator, by area and period."""
    with store.read() as conn:
        keys = read_keys(conn)
        codes, o = keys.area_codes(), m.observation.c
        query = select(o.area_id, o.period_start, o.num, o.den).where(
            o.indicator_id == keys.indicators[indicator]
        )
        return {(codes[a], at): (n, d) for a, at, n, d in conn.execute(query)}


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Collect the statements that the store is asked meanwhile."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(" ".join(statement.split()))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def until(test: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is so; fail when it never is."""
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def hour(offset: int = 0) -> datetime:
    """Return the start of the hour of NOW, moved by some hours."""
    return NOW.replace(minute=0) + timedelta(hours=offset)


def utc(text: str) -> datetime:
    """Return a UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tile_of(store: Store, indicator: str, area: str = CITY, *, now: datetime = NOW) -> Any:
    """Return one indicator of one area as the wall shows it."""
    with store.read() as conn:
        return evidence_of(conn, catalogue(), indicator, area, now=now)["tile"]


def panel(store: Store, name: str, area: str = CITY, *, now: datetime = NOW) -> Any:
    """Return one panel as it would be published now."""
    with undone(store) as conn:
        panels.publish_all(conn, catalogue(), now)
        p = m.panel_snapshot.c
        found = conn.scalar(select(p.payload).where(p.panel == name, p.area == area))
    return json.loads(found)


def noted(store: Store) -> set[str]:
    """Return what a test noted beside the marks of protected indicators."""
    return {r.key for r in rows_of(store, m.store_info) if not r.key.startswith("veil:")}
