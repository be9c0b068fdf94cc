"""From an event to the alarm on the glass: a warning is brought, the stream of displays tells."""

from __future__ import annotations

import json
import time

from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.commands.alarms import tick
from data.ingest.run import ingest
from data.store import Store, utc_now
from tests.bench.burst import warning
from tests.bench.load import begun
from tests.bench.report import emit, quantile, say
from tests.bench.stage import DATABASES, Stage

DISPLAYS = 20
TAIL_S = 4


def measure(stage: Stage) -> None:
    """Measure each database: one warning a second, each raises alarms of its own."""
    events = 20 if stage.quick else 60
    for database in DATABASES:
        system = stage.system(database, ZHIZHI_WORKERS="2")
        try:
            system.start("web").wait("/healthz")
            wanted = ("--url", system.url, "--count", DISPLAYS, "--seconds", events + TAIL_S)
            say(f"{events} events, {DISPLAYS} displays on {database} ...")
            with system.store() as store:
                _event(store, 0)
                with begun(system, "displays", *wanted) as displays:
                    told = _play(store, events)
                    assert displays.stdout is not None
                    got = json.loads(displays.stdout.read())
        finally:
            stage.forget(system)
        late = [
            (at - began) * 1000 for rev, began in told for at in got["arrivals"].get(str(rev), [])
        ]
        emit(
            f"alarm_to_glass_p99.{database}", quantile(late, 0.99), "ms", events=events,
            displays=DISPLAYS, lost=events * DISPLAYS - len(late), broken=got["broken"],
            p50=round(quantile(late, 0.5), 1), max=round(max(late, default=0), 1),
        )  # fmt: skip


def _play(store: Store, events: int) -> list[tuple[int, float]]:
    """Bring one event a second; return the revision of each and when it came in."""
    start, told = time.monotonic(), []
    for number in range(1, events + 1):
        time.sleep(max(0.0, start + number - 1 - time.monotonic()))
        told.append(_event(store, number))
    return told


def _event(store: Store, number: int) -> tuple[int, float]:
    """Bring a warning; return the revision of the city's panel of alarms, and when it began."""
    facts, body = catalogue(), warning(number, utc_now())
    began = time.time()
    ingest(
        store, facts, facts.sources["warnings"], body, origin="bench", now=utc_now(),
        publish=lambda conn, source, at: tick.publish_for(conn, facts, source, at),
    )  # fmt: skip
    p = m.panel_snapshot.c
    with store.read() as conn:
        asked = select(p.rev).where(p.panel == "alarms", p.area == facts.city.code)
        return int(conn.scalar(asked) or -1), began
