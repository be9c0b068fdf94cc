"""Make the store of an exercise from the city's own, and tell it what happens when it is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue import Catalogue
from data.exercise import Exercise, PlanError
from data.ingest import bulk
from data.ingest.baselines import refresh_baselines
from data.ingest.bulk import Series
from data.ingest.ledger import note_heard
from data.ingest.run import Publish, ingest, no_publish
from data.models.facts import VOIDED
from data.queries.exercise import EXERCISE
from data.queries.keys import Keys, read_keys
from data.queries.past_day import told
from data.store import Store
from data.vocabulary import Grain, period_end

BEFORE = timedelta(days=15)
"""So much of what was counted before comes along: normal bands need days alike."""
MINUTES = timedelta(hours=26)
AT_ONCE = 40
"""Documents told in one look."""


def make(real: Store, own: Store, catalogue: Catalogue, plan: Exercise, *, now: datetime) -> int:
    """Fill the empty store of an exercise; return how many documents it will tell.

    The city's own store is only read.

    Raises:
        PlanError: the store holds something already, or nothing happened in that stretch.
    """
    with real.read() as past, own.write() as conn:
        keys, there = read_keys(conn), read_keys(past)
        if conn.execute(select(func.count()).select_from(m.ingest_run)).scalar():
            raise PlanError("the store of an exercise must be empty; it is made anew for each")
        demo = past.execute(select(m.store_info.c.value).where(m.store_info.c.key == "demo"))
        kept = {EXERCISE: plan.written(), "demo": demo.scalar() or "false"}
        conn.execute(
            m.store_info.insert(), [{"key": key, "value": value} for key, value in kept.items()]
        )
        _accounts(past, conn, there, keys)
        runs = {
            key: bulk.begin_run(conn, keys, key, {"exercise": plan.title}, now=now)
            for key in catalogue.sources
        }
        bulk.load_series(conn, _before(past, catalogue, there, plan), runs, catalogue, now=now)
        documents = list(told(past, catalogue, there, plan))
        if not documents:
            raise PlanError("nothing is known of that stretch")
        conn.execute(m.exercise_item.insert(), [_item(one) for one in documents])
        for source in catalogue.sources.values():
            if not source.waits:
                note_heard(conn, keys, source, now=now, new=True)
        refresh_baselines(conn, catalogue, now=now)
    return len(documents)


def _item(one: Any) -> dict[str, Any]:
    return {
        "due_at": one.due_at,
        "source": one.source,
        "connector": one.connector,
        "payload": one.payload,
    }


def _accounts(past: Connection, conn: Connection, there: Keys, keys: Keys) -> None:
    """Let everybody sign in as they do: the same names, roles and passwords, no sessions."""
    codes, departments = there.area_codes(), {n: k for k, n in there.departments.items()}
    rows = []
    for row in past.execute(select(m.account).where(m.account.c.disabled_at.is_(None))):
        values = dict(row._mapping)
        if row.area_id is not None:
            values["area_id"] = keys.areas.get(codes[row.area_id])
        if row.department_id is not None:
            values["department_id"] = keys.departments.get(departments[row.department_id])
        rows.append(values)
    if rows:
        conn.execute(m.account.insert(), rows)


def _before(
    past: Connection, catalogue: Catalogue, there: Keys, plan: Exercise
) -> Iterator[Series]:
    """Yield what was counted before the stretch, shifted with it."""
    o, codes = m.observation.c, there.area_codes()
    shift = int(plan.shift.total_seconds())
    for indicator in catalogue.indicators.values():
        rows = past.execute(
            select(o.grain, o.area_id, o.period_start, o.num, o.den).where(
                o.indicator_id == there.indicators[indicator.code],
                o.grain <= int(Grain.HOUR),
                o.period_start >= plan.since - BEFORE,
                o.period_start < plan.since,
                o.flag < VOIDED,
            )
        ).all()
        by: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            over = period_end(row.period_start, Grain(row.grain)) <= plan.since
            if over and (row.grain == Grain.HOUR or row.period_start >= plan.since - MINUTES):
                by[row.grain].append(row)
        for grain, own in by.items():
            yield Series(
                indicator.code,
                Grain(grain),
                np.array([codes[r.area_id] for r in own]),
                np.array([int(r.period_start.timestamp()) + shift for r in own]),
                np.array([r.num for r in own], dtype=float),
                np.array([r.den or 0.0 for r in own], dtype=float)
                if indicator.denominator
                else None,
            )


def feed(store: Store, catalogue: Catalogue, now: datetime, publish: Publish = no_publish) -> int:
    """Tell what is due by `now`, oldest first; return how many documents.

    What was told and not noted, because the process ended between, is told again: the same rows
    change nothing.
    """
    x = m.exercise_item.c
    query = select(m.exercise_item).where(x.done_at.is_(None), x.due_at <= now)
    with store.read() as conn:
        due = conn.execute(query.order_by(x.due_at, x.id).limit(AT_ONCE)).all()
    for item in due:
        source = catalogue.sources[item.source]
        done = ingest(
            store, catalogue, source, item.payload, origin=EXERCISE, now=now, publish=publish,
            connector=item.connector,
        )  # fmt: skip
        with store.write() as conn:
            moved = m.exercise_item.update().where(x.id == item.id)
            conn.execute(moved.values(done_at=now, outcome=done.status))
    return len(due)
