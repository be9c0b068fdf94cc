"""Replay of any minute in two years: the wall and the desk of then, CPU here and in the database.

The demo city's two years, told as if they had been recorded when they happened, with minutes of
the last 35 days as a live city has them. Instants are drawn over the whole of it.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from callbacks.replay import panels_of
from components.replaying import Replay
from data import rollups
from data.catalogue import Catalogue, catalogue
from data.models.columns import instants
from data.queries.desk import desk_counts, desk_rows
from data.queries.desk_filter import Reader
from data.queries.keys import Keys, read_keys
from data.queries.scope import EVERYTHING
from data.queries.then.shadow import shadowed
from data.store import Store, utc_now
from data.vocabulary import Grain, Role
from data.vocabulary.desk import DeskView
from tests.bench.report import emit, quantile
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import exact_cpu_s

READER, VIEW = Reader(1, Role.OPERATOR, EVERYTHING), DeskView()
SPANS = {
    "minutes": (timedelta(hours=2), timedelta(days=2)),
    "hours": (timedelta(days=3), timedelta(days=35)),
    "days": (timedelta(days=40), timedelta(days=390)),
    "years": (timedelta(days=400), timedelta(days=720)),
}
"""How far back: where minutes are kept, where history has hours, where it has days."""
MINUTE_DAYS = 3
"""So many days are given by the minute: an instant is shown from the 26 hours before it."""


def measure(stage: Stage) -> None:
    """Measure each stretch on each database."""
    for name in DATABASES:
        system = stage.system(name)
        try:
            with system.store() as store:
                _on(stage, name, store)
        finally:
            stage.forget(system)


def _on(stage: Stage, name: str, store: Store) -> None:
    facts, now = catalogue(), utc_now()
    with store.write() as conn:
        _as_it_happened(conn, facts, read_keys(conn), now)
    _settle(store)

    def cpu(work: Callable[[], Any]) -> float:
        """Return milliseconds of CPU of some work, here and in the database."""
        database = stage.postgres.processes if name == "postgres" else []
        before, start = exact_cpu_s(list(database)), time.process_time()
        work()
        here = time.process_time() - start
        return (here + exact_cpu_s(list(database)) - before) * 1000

    times, worst = (4 if stage.quick else 25), 0.0
    for span, (near, far) in SPANS.items():
        draw = random.Random(span)
        found = list[float]()
        _wall(store, facts, now - near, now)  # the first reader of a server pays for all
        for _ in range(times):
            at = now - timedelta(seconds=draw.uniform(near.total_seconds(), far.total_seconds()))
            found.append(cpu(lambda at=at: _wall(store, facts, at, now)))
        worst = max(worst, quantile(found, 0.95))
        emit(f"replay.{name}.wall_{span}", quantile(found, 0.95), "ms CPU, p95",
             median=round(statistics.median(found), 1), most=round(max(found), 1))  # fmt: skip
        desks = [
            cpu(lambda at=now - back: _desk(store, facts, at)) for back in (near, (near + far) / 2)
        ]
        emit(f"replay.{name}.desk_{span}", max(desks), "ms CPU")


def _wall(store: Store, facts: Catalogue, at: datetime, now: datetime) -> None:
    replay = Replay(at, now, at)
    assert panels_of(store, facts, replay, facts.city.code, "zh")


def _desk(store: Store, facts: Catalogue, at: datetime) -> None:
    with shadowed(store, at) as conn:
        keys = read_keys(conn)
        desk_rows(conn, facts, keys, READER, VIEW, now=at)
        desk_counts(conn, keys, READER, VIEW, now=at)


def _as_it_happened(conn: Connection, facts: Catalogue, keys: Keys, now: datetime) -> None:
    """Give what was loaded at once the times it would have had."""
    sqlite = conn.dialect.name == "sqlite"
    if sqlite:
        for (trigger,) in conn.execute(
            text(
                "select name from sqlite_master where type = 'trigger' and tbl_name = 'case_event'"
            )
        ).all():
            conn.exec_driver_sql(f"drop trigger {trigger}")
    else:
        conn.exec_driver_sql("alter table case_event disable trigger user")
    conn.exec_driver_sql("update case_event set recorded_at = at")
    conn.exec_driver_sql("update cases set recorded_at = updated_at")
    second = "1" if sqlite else "interval '1 second'"
    length = "case grain when 3 then 86400 when 2 then 3600 else 60 end"
    conn.exec_driver_sql(f"update observation set recorded_at = period_start + {length} * {second}")
    early = now - timedelta(days=735)
    conn.execute(
        text(
            "update ingest_run set recorded_at = :at where id = (select min(id) from ingest_run)"
        ).bindparams(*instants("at")),
        {"at": early},
    )
    _minutes(conn, facts, keys, now)


def _minutes(conn: Connection, facts: Catalogue, keys: Keys, now: datetime) -> None:
    """Give the indicators that come by the minute the minutes of some days, one row each."""
    start = (now - timedelta(days=MINUTE_DAYS)).replace(minute=0, second=0, microsecond=0)
    ids = [keys.indicators[i.code] for i in facts.indicators.values()
           if i.wall and i.grain is Grain.MINUTE]  # fmt: skip
    many = MINUTE_DAYS * 1440
    step = ":start + n * 60"
    series = f"(with recursive c(n) as (select 0 union all select n + 1 from c where n < {many})"
    series += " select n from c)"
    if conn.dialect.name != "sqlite":
        step = "cast(:start as timestamptz) + n * interval '1 minute'"
        series = f"generate_series(0, {many}) c(n)"
    minute = "60" if conn.dialect.name == "sqlite" else "interval '1 minute'"
    conn.execute(
        text(
            f"""insert into observation (indicator_id, area_id, grain, period_start, recorded_at,
                num, den, run_id, source_id)
              select l.indicator_id, l.area_id, 1, {step}, {step} + {minute}, l.num,
                l.den, l.run_id, 1
              from latest l cross join {series}
              where l.indicator_id in ({", ".join(map(str, ids))})
              on conflict do nothing"""
        ).bindparams(*instants("start")),
        {"start": start},
    )
    hours = [start + timedelta(hours=h) for h in range(MINUTE_DAYS * 24)]
    rollups.refresh(
        conn,
        rollups.touched((i, Grain.HOUR, at) for i in ids for at in hours),
        levels=frozenset({"hour"}),
    )


def _settle(store: Store) -> None:
    options = {"isolation_level": "AUTOCOMMIT"}
    with store.engine.connect().execution_options(**options) as conn:
        conn.exec_driver_sql("analyze")
