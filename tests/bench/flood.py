"""A flood: ten thousand events at once, stored, judged, grouped and told while others read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from sqlalchemy import func, select

from data import models as m
from data.catalogue import catalogue
from data.commands.alarms import tick
from data.commands.alarms.apply import apply
from data.ingest.run import ingest
from data.panels import publish_alarms
from data.panels.alarms import alarms_panels
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary.alarms import Reading
from tests.bench.burst import requests
from tests.bench.report import emit, quantile, say
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import ROOT, System

EVENTS, A_FILE = 10_000, 1_000


def measure(stage: Stage) -> None:
    """Measure each database, with the web server running and read from all the while."""
    for database in DATABASES:
        system = stage.system(database, ZHIZHI_WORKERS="2")
        try:
            system.start("web").wait("/healthz")
            with system.store() as store:
                say(f"{EVENTS} events at once on {database} ...")
                _events(store, system, database)
                _alarms(store, database)
        finally:
            stage.forget(system)


class Readers:
    """A process that reads for as long as the block lasts; took: milliseconds by kind of read."""

    def __init__(self, system: System) -> None:
        command = [sys.executable, "-m", "tests.bench.reader", "--url", system.url]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=system.env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.took: dict[str, list[float]] = {}

    def __enter__(self) -> Readers:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"
        return self

    def __exit__(self, *_exc: object) -> None:
        told, _ = self.process.communicate("")
        self.took = json.loads(told) if told.strip() else {}
        self.process.wait(10)

    @property
    def every(self) -> list[float]:
        """All reads."""
        return [ms for found in self.took.values() for ms in found]


def _count(store: Store, table: Any) -> int:
    with store.read() as conn:
        return int(conn.scalar(select(func.count()).select_from(table)) or 0)


def _events(store: Store, system: System, database: str) -> None:
    facts, now = catalogue(), utc_now()
    files = requests(EVENTS, A_FILE, now)
    cases, alarms = _count(store, m.cases), _count(store, m.alarm)
    with Readers(system) as readers:
        start, cpu = time.perf_counter(), time.process_time()
        for body in files:
            outcome = ingest(
                store, facts, facts.sources["hotline"], body, origin="bench", now=utc_now(),
                publish=lambda conn, source, at: tick.publish_for(conn, facts, source, at),
            )  # fmt: skip
            assert outcome.status == "ok", (outcome.status, outcome.error)
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
    lost = EVENTS - (_count(store, m.cases) - cases)
    assert lost == 0, f"{lost} events lost"
    with store.read() as conn:
        keys = read_keys(conn)
        panel = alarms_panels(conn, facts, keys, [facts.city.code], utc_now())
        (city,) = panel.values()
    emit(
        f"flood_ingest.{database}", took, "s", events=EVENTS, files=len(files),
        cpu_s=round(cpu, 2), lost=lost, alarms=_count(store, m.alarm) - alarms,
        on_the_wall=len(city["top"]), flood=city["flood"] is not None,
    )  # fmt: skip
    emit(
        f"flood_reads_p95.{database}", quantile(readers.every, 0.95), "ms", reads=len(readers.every),
        p50=round(quantile(readers.every, 0.5), 1), max=round(max(readers.every, default=0), 1),
        by_kind={k: round(quantile(v, 0.95), 1) for k, v in readers.took.items()},
    )  # fmt: skip


def _alarms(store: Store, database: str) -> None:
    """Ten thousand alarms at once: one rule over ten thousand things, under nine causes."""
    facts, now = catalogue(), utc_now()
    counties = [a.code for a in facts.counties()]
    words = {"zh": "压力测试", "en": "burst"}
    readings = [
        Reading(
            "warning_in_force", 1, counties[n % len(counties)], f"bench {n}", True, 1 + n % 4, now,
            words, words, float(n), 1.0, cause=f"warning:bench-{n % 9}",
        )
        for n in range(EVENTS)
    ]  # fmt: skip
    start = time.perf_counter()
    with store.write() as conn:
        keys = read_keys(conn)
        done = apply(conn, facts, keys, readings, now)
        publish_alarms(conn, facts, keys, done.areas, now)
    took = time.perf_counter() - start
    with store.read() as conn:
        open_ = conn.scalar(select(func.count()).where(m.alarm.c.ended_at.is_(None)))
        (panel,) = alarms_panels(conn, facts, keys, [facts.city.code], now).values()
    order = [row["priority"] for row in panel["top"]]
    assert len(done.raised) == EVENTS
    assert panel["flood"] is not None
    assert order == sorted(order)
    emit(
        f"flood_alarms.{database}", took, "s", alarms=EVENTS, open=open_,
        situations=len({row["situation"] for row in panel["top"] if row["situation"]}),
    )  # fmt: skip
