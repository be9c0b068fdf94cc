"""CPU of one wall tick: publish what one poll changed, take it over, draw it. Server and database."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import bindparam, text

from callbacks.hub import Hub, Scope
from components.wall import render_panel
from data import panels
from data.catalogue import Catalogue, catalogue
from data.catalogue.entries import Source
from data.queries.keys import read_keys
from data.snapshots import Watch
from data.store import Store, utc_now
from tests.bench import naive_wall
from tests.bench.report import emit
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import cpu_s

STIR = """update latest set num = num + 1 where indicator_id in :ids"""
STIR_CASE = """update cases set title = substr(title, 1, 150) || '.' where id = (select id from cases
  where closed_at is null and source_id = :source order by matter desc, level, due_at limit 1)"""


class Ticks:
    """A store, a Hub that follows it, and the CPU that both use."""

    def __init__(self, store: Store, database: Callable[[], Iterable[Any]]) -> None:
        self.store, self.database, self.facts = store, database, catalogue()
        self.scope = Scope("zh", self.facts.city.code)
        self.hub = Hub(store, _render, build="bench")
        self.watch = Watch(store)
        self.follow()

    def follow(self) -> int:
        """Take over what is new and draw the city's panels; return how many were drawn."""
        rev, epoch = self.hub.rev, self.hub.epoch
        self.hub._pull(self.watch)
        return len(self.hub.since(rev, epoch, [self.scope]))

    def cpu(self, work: Callable[[], Any]) -> tuple[float, float]:
        """Return the CPU milliseconds that `work` takes here and in the database.

        Looking at the database's processes costs CPU here: it stays outside.
        """
        before = cpu_s(list(self.database()))
        start = time.process_time()
        work()
        here = time.process_time() - start
        return here * 1000, (cpu_s(list(self.database())) - before) * 1000

    def stir(self, source: Source) -> None:
        """Change the facts that a poll of this source would change; not part of the tick."""
        with self.store.write() as conn:
            keys = read_keys(conn)
            ids = [keys.indicators[i.code] for i in self.facts.of_source(source.key) if i.wall]
            statement = text(STIR).bindparams(bindparam("ids", expanding=True))
            conn.execute(statement, {"ids": ids or [0]})
            if source.connector == "open311":
                conn.execute(text(STIR_CASE), {"source": keys.sources[source.key]})

    def tick(self, publish: Callable[[Any], int]) -> int:
        """Publish in a transaction of its own, take over, draw."""
        with self.store.write() as conn:
            publish(conn)
        return self.follow()

    def typical(
        self, work: Callable[[], Any], times: int, before: Callable[[], Any] = bool
    ) -> float:
        """Return the CPU milliseconds of `work`; `before` is not counted.

        Here the median, for this machine is shared; of the database the mean, for
        the system counts its time in steps of 10 ms.
        """
        before()
        work()
        gc.collect()
        found = []
        for _ in range(times):
            before()
            found.append(self.cpu(work))
        return statistics.median(f[0] for f in found) + statistics.fmean(f[1] for f in found)


def _render(panel: str, payload: Any, lang: str, area: str) -> dict[str, dict[str, Any]]:
    return render_panel(panel, payload, lang=lang, area=area)


def measure(stage: Stage) -> None:
    """Measure ticks, floor and naive twin on each database."""
    for name in DATABASES:
        system = stage.system(name)
        try:
            with system.store() as store:
                _on(stage, name, store)
        finally:
            stage.forget(system)


def _on(stage: Stage, name: str, store: Store) -> None:
    ticks = Ticks(store, lambda: stage.postgres.processes if name == "postgres" else [])
    times = 8 if stage.quick else 30
    try:
        by_source, drawn = _sources(ticks, times)
        whole = ticks.typical(
            lambda: ticks.tick(lambda c: panels.publish_all(c, ticks.facts, utc_now())),
            times,
            lambda: [ticks.stir(s) for s in _wall_sources(ticks.facts)],
        )
        parts = _parts(ticks, times)
        floor, naive, answer = _yardsticks(ticks, times)
    finally:
        ticks.watch.close()
    stage.yardsticks[f"naive.{name}"] = naive
    emit(
        f"wall_tick.{name}", _weighted(by_source, ticks.facts), "ms CPU",
        yardstick=("six raw queries and JSON", floor), worst=max(by_source.values()),
        by_source=_rounded(by_source), panels_drawn=drawn, parts_of_hotline=_rounded(parts),
        naive_twin_ms=round(naive, 1),
    )  # fmt: skip
    emit(f"wall_whole.{name}", whole, "ms CPU", yardstick=("naive dcc.Interval twin", naive),
         what="every panel of city and counties published, the city's drawn")  # fmt: skip
    emit(f"naive_refresh.{name}", naive, "ms CPU a display and refresh",
         yardstick=("six raw queries and JSON", floor), answer_bytes=answer)  # fmt: skip
    emit(f"floor.{name}", floor, "ms CPU", json_bytes=naive_wall.floor(naive_wall.Questions(store)))


def _yardsticks(ticks: Ticks, times: int) -> tuple[float, float, int]:
    questions = naive_wall.Questions(ticks.store)
    floor = ticks.typical(lambda: naive_wall.floor(questions), times * 2)
    twin = naive_wall.create_twin(ticks.store)
    answer = naive_wall.refresh(twin)
    naive = ticks.typical(lambda: naive_wall.refresh(twin), max(4, times // 4))
    return floor, naive, answer


def _wall_sources(facts: Catalogue) -> list[Source]:
    return [
        s
        for s in facts.sources.values()
        if s.connector == "open311" or any(i.wall for i in facts.of_source(s.key))
    ]


def _sources(ticks: Ticks, times: int) -> tuple[dict[str, float], dict[str, int]]:
    found: dict[str, float] = {}
    drawn: dict[str, int] = {}
    for source in _wall_sources(ticks.facts):

        def tick(source: Source = source) -> None:
            drawn[source.key] = ticks.tick(
                lambda c: panels.publish_for(c, ticks.facts, source, utc_now())
            )

        found[source.key] = ticks.typical(tick, times, partial(ticks.stir, source))
    return found, drawn


def _parts(ticks: Ticks, times: int) -> dict[str, float]:
    """Return where a tick of the hotline goes: publishing with its commit, taking over, drawing."""
    source, hub = ticks.facts.sources["hotline"], ticks.hub
    parts = dict.fromkeys(("publish", "pull", "draw"), 0.0)

    def publish() -> None:
        with ticks.store.write() as conn:
            panels.publish_for(conn, ticks.facts, source, utc_now())

    for _ in range(times):
        ticks.stir(source)
        rev, epoch = hub.rev, hub.epoch
        parts["publish"] += sum(ticks.cpu(publish)) / times
        parts["pull"] += sum(ticks.cpu(lambda: hub._pull(ticks.watch))) / times
        drawing = ticks.cpu(partial(hub.since, rev, epoch, [ticks.scope]))
        parts["draw"] += sum(drawing) / times
    return parts


def _weighted(costs: dict[str, float], facts: Catalogue) -> float:
    """Return the mean over polls: a source asked twice as often counts twice."""
    rates = {key: 1 / facts.sources[key].every for key in costs}
    return sum(costs[k] * rates[k] for k in costs) / sum(rates.values())


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {k: round(v, 1) for k, v in values.items()}
