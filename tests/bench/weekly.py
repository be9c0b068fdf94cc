"""The weekly page over a whole city's roll-ups, of three years and of twelve.

300 indicators in 110 areas are written straight into the roll-up tables. Times are of the CPU here
and in the database, for the machine is shared. Sizes for a try: WEEKLY_INDICATORS, WEEKLY_AREAS,
WEEKLY_YEARS ("3,12") in the environment.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from data.calendar.week import Week
from data.catalogue import Catalogue, catalogue
from data.catalogue.entries import Indicator
from data.cli.store import prepare
from data.ingest.reference import load_catalogue
from data.models.columns import LocalDay
from data.panels import weekly
from data.queries.keys import forget_keys, read_keys
from data.store import Store, utc_now
from data.vocabulary import LOCAL
from tests.bench.desk_cases import Made
from tests.bench.report import emit, say
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import System, exact_cpu_s

TURNS, ROUNDS = 20, 7
"""Databases tidy up after so many rows; the middle round is not theirs."""
DAYS_BACK = 800
"""Days are written so far back, of the indicators of the page: it compares with two years."""
CASES = 50_000

_WEEKS = """insert into rollup_week
    (indicator_id, area_id, bucket, num, den, n, vmin, vmax, last, flag, native)
  select i.id, a.id, w.bucket, {value}, case when i.aggregation in ('ratio','mean') then 2000.0 end,
    7, null, null, {value}, 0, case when a.level > 1 then 1 else 0 end
  from indicator i cross join area a cross join ({buckets}) w
  where i.id <= :indicators and a.id <= :areas
  order by i.id, a.id, w.bucket"""
_SQLITE = {
    "value": "1000.0 + abs(random() % 120)",
    "buckets": """with recursive s(bucket) as (select :first union all
      select bucket + :step from s where bucket + :step <= :last) select bucket from s""",
}
_POSTGRES = {
    "value": "1000.0 + floor(random() * 120)",
    "buckets": """select cast(:first as date) + n * cast(:step as integer) bucket
      from generate_series(0, (cast(:last as date) - cast(:first as date)) / :step) n""",
}


def measure(stage: Stage) -> None:
    """Measure each database with the first number of years, then with the second."""
    years = [int(y) for y in os.environ.get("WEEKLY_YEARS", "3,12").split(",")]
    if stage.quick and "WEEKLY_YEARS" not in os.environ:
        years = [1, 3]
    for name in DATABASES:
        url = stage.postgres.create() if name == "postgres" else ""
        city = City(stage, name, stage.folder(), url)
        found = []
        for before, now in zip([0, *years], years, strict=False):
            city.fill(before, now)
            found.append(city.figures(now))
        emit(
            f"weekly_flat.{name}", found[-1] / found[0], "times",
            first_ms=round(found[0], 2), then_ms=round(found[-1], 2),
        )  # fmt: skip
        city.store.dispose()


class City:
    """One database with years of weeks in it."""

    def __init__(self, stage: Stage, name: str, folder: Path, url: str) -> None:
        self.stage, self.name = stage, name
        quick = stage.quick
        self.indicators = int(os.environ.get("WEEKLY_INDICATORS", "80" if quick else "300"))
        self.areas = int(os.environ.get("WEEKLY_AREAS", "30" if quick else "110"))
        self.facts = widened(catalogue(), self.indicators)
        self.store = Store(System(folder, database_url=url, ZHIZHI_DEMO="false").store_url)
        prepare(self.store)
        with self.store.write() as conn:
            load_catalogue(conn, self.facts)
        with self.store.write() as conn:
            forget_keys(conn)
            self.keys = read_keys(conn)
            made = Made(self.facts, self.keys, utc_now())
            made.closed(conn, CASES // 10 if quick else CASES)
            made.open(conn, 500)
        self.last = (Week.of(utc_now().astimezone(LOCAL).date()) - 1).first

    def fill(self, before: int, years: int) -> None:
        """Write the weeks up to `years` back that are not there yet, and the days they compare."""
        first = self.last - timedelta(weeks=52 * years)
        last = self.last - timedelta(weeks=52 * before + 1) if before else self.last
        say(f"{self.indicators} indicators x {self.areas} areas, {years} years on {self.name} ...")
        with self.store.write() as conn:
            self._write(conn, "rollup_week", first, last, 7, self.indicators)
            if not before:
                since = self.last - timedelta(days=DAYS_BACK)
                self._write(conn, "rollup_day", since, self.last + timedelta(days=6), 1, 60)
        if self.name == "postgres":
            options = {"isolation_level": "AUTOCOMMIT"}
            with self.store.engine.connect().execution_options(**options) as conn:
                conn.exec_driver_sql("vacuum analyze rollup_week")
                conn.exec_driver_sql("vacuum analyze rollup_day")
                conn.exec_driver_sql("checkpoint")
        else:
            self.store.checkpoint()

    def _write(
        self, conn: Any, table: str, first: date, last: date, step: int, indicators: int
    ) -> None:
        parts = _POSTGRES if self.name == "postgres" else _SQLITE
        sql = text(_WEEKS.format(**parts).replace("rollup_week", table))
        day = LocalDay()
        values = {
            "first": day.process_bind_param(first, conn.dialect),
            "last": day.process_bind_param(last, conn.dialect),
            "step": step,
            "indicators": min(indicators, self.indicators),
            "areas": self.areas if table == "rollup_week" else min(self.areas, 9),
        }
        conn.execute(sql, values)

    def figures(self, years: int) -> float:
        """Measure the page made anew and the page that is kept; return the kept one's CPU."""
        week, area, now = str(Week.of(self.last)), self.facts.city.code, utc_now()
        detail = {"indicators": self.indicators, "areas": self.areas, "years": years}

        def build() -> None:
            with self.store.read() as conn:
                made.append(weekly.build(conn, self.facts, self.keys, week, area, now))

        made: list[Any] = []
        for turn in ("cold", "warm"):
            emit(f"weekly_build.{self.name}.{turn}", self.cpu(build), "ms CPU", **detail)
        weekly.keep(self.store, self.keys, made[-1])

        def page() -> None:
            for _ in range(TURNS):
                found = weekly.page(self.store, self.facts, self.keys, week, area, now)
                orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS)

        self.cpu(page)
        took = statistics.median(self.cpu(page) for _ in range(ROUNDS)) / TURNS
        size = len(orjson.dumps(made[-1], option=orjson.OPT_NON_STR_KEYS))
        emit(f"weekly_page.{self.name}", took, "ms CPU", **detail, rows=len(made[-1]["rows"]),
             json_kb=round(size / 1024))  # fmt: skip
        return took

    def cpu(self, work: Callable[[], Any]) -> float:
        """Return the CPU milliseconds of `work` here and in the database."""
        servers = self.stage.postgres.processes if self.name == "postgres" else []
        before, start = exact_cpu_s(servers), time.process_time()
        work()
        here = time.process_time() - start
        servers = self.stage.postgres.processes if self.name == "postgres" else []
        return 1000 * (here + exact_cpu_s(servers) - before)


def widened(facts: Catalogue, many: int) -> Catalogue:
    """Return the catalogue with so many indicators; what is added is not on the weekly page."""
    known = dict(facts.indicators)
    weekly_first = sorted(known.values(), key=lambda i: not i.weekly)
    found: dict[str, Indicator] = {i.code: i for i in weekly_first[:many]}
    like = known["PS-01"]
    for n in range(many - len(found)):
        code = f"XX-{n:03}"
        found[code] = like.model_copy(update={"code": code, "weekly": False, "wall": None})
    return replace(facts, indicators=found)
