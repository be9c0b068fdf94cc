"""Large loads: facts and cases a second beside the bare insert, memory, redo, the tick after.

Rates are over the CPU of this process and of the database, for the machine is shared.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data import models as m
from data import panels
from data.catalogue import Catalogue, catalogue
from data.catalogue.entries import Source
from data.cli.store import prepare
from data.ingest import cases
from data.ingest.copying import copy_rows
from data.ingest.due import settle
from data.ingest.frame_check import check_frame
from data.ingest.frames import Load, ingest_frames
from data.ingest.observations import check, store_observations
from data.ingest.parts import file_hash
from data.ingest.reference import prepare_partitions
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary import Aggregation, Grain, Observed
from tests.bench.case_rows import made_requests
from tests.bench.facts import Made, made_frames
from tests.bench.report import emit
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import ROOT, exact_cpu_s

BATCH = 200_000


def measure(stage: Stage) -> None:
    """Measure each database over an empty store with the catalogue in it."""
    for name in DATABASES:
        url = stage.postgres.create() if name == "postgres" else f"sqlite:///{stage.folder()}/z.db"
        store = Store(url)
        prepare(store)
        bench = Bulk(stage, name, store)
        bench.facts()
        bench._settled()
        bench.tick(bench.rows // 1_000_000)
        if not stage.quick:
            bench.fill(2)
            bench.tick(2)
        bench.cases()  # after the ticks: the board of open cases is no part of them
        store.dispose()
    measure_memory(stage, *((20,) if stage.quick else (20, 100)))


class Bulk:
    """One database and what is loaded into it."""

    def __init__(self, stage: Stage, name: str, store: Store) -> None:
        self.stage, self.name, self.store = stage, name, store
        self.catalogue: Catalogue = catalogue()
        self.source: Source = self.catalogue.sources["hotline"]
        self.now = utc_now()
        self.rows = self.ticked = 0

    def cpu(self, work: Callable[[], Any]) -> float:
        """Return the CPU seconds of `work` here and in the database."""
        before, start = exact_cpu_s(self._servers()), time.process_time()
        work()
        here = time.process_time() - start
        return here + exact_cpu_s(self._servers()) - before

    def _servers(self) -> list[Any]:
        return self.stage.postgres.processes if self.name == "postgres" else []

    def load(self) -> Load:
        """Begin a run."""
        with self.store.write() as conn:
            source_id = read_keys(conn).sources[self.source.key]
            fetch = m.fetch.insert().values(
                source_id=source_id, received_at=self.now, last_seen_at=self.now,
                origin="bench", sha256="0", size=0,
            )  # fmt: skip
            fetch_id = conn.execute(fetch.returning(m.fetch.c.id)).scalar_one()
            run = m.ingest_run.insert().values(
                source_id=source_id, fetch_id=fetch_id, sha256="0", as_of=self.now,
                recorded_at=self.now, status="running",
            )  # fmt: skip
            run_id = conn.execute(run.returning(m.ingest_run.c.id)).scalar_one()
        return Load(self.source, self.catalogue, run_id, fetch_id, self.now, self.now)

    def facts(self) -> None:
        """Store new facts, then the same rows bare in the emptied table."""
        wanted = 200_000 if self.stage.quick else 1_000_000
        end = self.now - timedelta(days=2)
        frames = list(made_frames(self.catalogue, end=end, rows=wanted, batch=BATCH))
        rows = sum(len(f.values) for f in frames)
        took = self.cpu(lambda: self._take(frames))
        tuples = self._tuples(frames)
        bare = self.cpu(lambda: self._bare(tuples))
        more = {}
        if self.name == "postgres":
            binary = self.cpu(lambda: self._bare(tuples, binary=True))
            lines = [_lines(batch) for batch in tuples]
            written = self.cpu(lambda: self._bare(lines))
            more = {"binary_copy_rows_per_s": round(rows / binary),
                    "share_of_binary_copy": round(100 * binary / took, 1),
                    "copy_of_written_text_rows_per_s": round(rows / written),
                    "share_of_copy_of_written_text": round(100 * written / took, 1)}  # fmt: skip
        emit(
            f"bulk_facts_share.{self.name}", 100 * bare / took, "% of the bare rate", rows=rows,
            yardstick=("the bare insert of the same rows, rows/s of CPU", rows / bare),
            rows_per_s=round(rows / took), bare_rows_per_s=round(rows / bare), **more,
        )  # fmt: skip
        again = self.cpu(lambda: self._take(frames))
        emit(f"bulk_facts_again.{self.name}", rows / again, "rows/s of CPU, nothing new", rows=rows)
        self.rows = rows

    def _take(self, frames: Iterable[Made]) -> None:
        load = self.load()
        ingest_frames(self.store, load, frames)
        settle(self.store, load.run_id)

    def _tuples(self, frames: list[Made]) -> list[list[tuple[Any, ...]]]:
        """Return the rows as whoever inserts them himself has them."""
        with self.store.write() as conn:
            keys = read_keys(conn)
            tuples = []
            for frame in frames:
                columns, _ = check_frame(frame.values, self.catalogue, keys, now=self.now)
                tuples.append([(*r, 1, 1, self.now) for r in columns.rows()])
        return tuples

    def _bare(self, batches: Sequence[Any], *, binary: bool = False) -> None:
        """Insert rows into a table of the shape of `observation`, nothing else done.

        PostgreSQL: by COPY of psycopg, as text unless `binary`, into the same months. A batch of
        bytes is text already, as a file would hold it.
        """
        names = (
            "indicator_id, area_id, grain, period_start, num, den, row_no, source_id, run_id,"
            " recorded_at"
        )
        with self.store.write() as conn:
            self._bare_table(conn)
            raw: Any = conn.connection.driver_connection
            cursor = raw.cursor()
            for rows in batches:
                if self.name == "sqlite":
                    marks = ",".join("?" * 10)
                    at = int(self.now.timestamp())
                    cursor.executemany(
                        f"insert into bare ({names}) values ({marks})",
                        [(*r[:3], int(r[3].timestamp()), *r[4:9], at) for r in rows],
                    )
                    continue
                form = " (format binary)" if binary else ""
                with cursor.copy(f"copy bare ({names}) from stdin{form}") as copy:
                    if binary:
                        copy.set_types(_TYPES)
                    if isinstance(rows, bytes):
                        copy.write(rows)
                        continue
                    for row in rows:
                        copy.write_row(row)
        with self.store.write() as conn:
            conn.exec_driver_sql("drop table bare")

    def _bare_table(self, conn: Any) -> None:
        """Make the table that rows are inserted into bare: same columns, keys and months."""
        if self.name == "sqlite":
            made = conn.exec_driver_sql("select sql from sqlite_master where name = 'observation'")
            sql = made.scalar_one().replace("pk_observation", "pk_bare")
            conn.exec_driver_sql(sql.replace("TABLE observation", "TABLE bare", 1))
            return
        conn.exec_driver_sql(
            "create table bare (like observation including all) partition by range (period_start)"
        )
        months = conn.exec_driver_sql(
            """select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_inherits i
              join pg_class c on c.oid = i.inhrelid where i.inhparent = 'observation'::regclass"""
        )
        for month, bounds in months.all():
            conn.exec_driver_sql(f"create table bare_{month} partition of bare {bounds}")

    def cases(self) -> None:
        """Store new cases with their events, then the same rows bare."""
        wanted = 10_000 if self.stage.quick else 100_000
        requests = tuple(made_requests(self.catalogue, self.source, end=self.now, rows=wanted))
        load = self.load()
        rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
        real = cases.write_new

        def seen(conn: Any, new: Any) -> None:
            rows.extend(new)
            real(conn, new)

        def take() -> None:
            with self.store.write() as conn:
                keys = read_keys(conn)
                intake = cases.Intake(self.source, self.catalogue, keys, load.run_id, self.now)
                done = cases.store_requests(conn, requests, intake)
                assert (done.new, done.problems) == (wanted, []), done.problems[:3]

        cases.write_new = seen
        try:
            took = self.cpu(take)
        finally:
            cases.write_new = real
        bare = self.cpu(lambda: self._bare_cases(rows))
        emit(
            f"bulk_cases_share.{self.name}", 100 * bare / took, "% of the bare rate", rows=wanted,
            yardstick=("the bare insert of the same rows, cases/s of CPU", wanted / bare),
            cases_per_s=round(wanted / took), bare_cases_per_s=round(wanted / bare),
        )  # fmt: skip

    def _bare_cases(self, rows: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Insert the same cases and events again under other ids, as plainly as it goes."""
        shift = 10_000_000
        told = [
            {**c, "id": c["id"] + shift, "ext_id": f"x{c['ext_id']}", "case_no": f"x{c['case_no']}"}
            for c, _e in rows
        ]
        events = [{**e, "case_id": e["case_id"] + shift} for _c, e in rows]
        with self.store.write() as conn:
            for table, part in ((m.cases, told), (m.case_event, events)):
                if self.name == "postgres":
                    copy_rows(conn, table.name, part)
                else:
                    cases._many(conn, table, part)

    def fill(self, millions: int) -> None:
        """Load older facts until so many millions are there."""
        end = self.now - timedelta(days=2)
        wanted = millions * 1_000_000 - self.rows
        if wanted > 0:
            days = self.rows / (24 * len(self.catalogue.indicators) * 8)
            frames = made_frames(
                self.catalogue, end=end - timedelta(days=days + 1), rows=wanted, batch=BATCH
            )
            self._take(_without_partitions(self.store, frames))
            self.rows += wanted
        self._settled()

    def _settled(self) -> None:
        """Do what a PostgreSQL does by itself after a large load."""
        if self.name == "postgres":
            engine = self.store.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as conn:
                conn.exec_driver_sql("vacuum (analyze)")
                conn.exec_driver_sql("checkpoint")

    def tick(self, millions: int) -> None:
        """Store a poll of 160 values: facts, latest, roll-ups, panels of the wall."""
        counties = [a.code for a in self.catalogue.counties()]
        told = [i for i in self.catalogue.indicators.values() if i.rolls_up][: 160 // len(counties)]
        times = []
        for _ in range(14 if self.stage.quick else 26):
            # each poll tells the next minute: one told before would move nothing
            at = self.now.replace(second=0, microsecond=0) - timedelta(minutes=110 - self.ticked)
            self.ticked += 1
            rows = [
                Observed(i.code, a, Grain.MINUTE, at, 1.0 + self.ticked % 40, _den(i), 1)
                for i in told
                for a in counties
            ]
            load = self.load()
            times.append(self.cpu(lambda r=rows, x=load: self._poll(r, x)))  # type: ignore[misc]
        # a connection prepares a statement at its sixth turn and keeps a plan from its eleventh on
        first, steady = (statistics.median(t) * 1000 for t in (times[1:10], times[10:]))
        emit(f"bulk_tick.{self.name}.{millions}M", steady, "ms CPU", rows=len(rows),
             first_polls_of_a_connection=round(first, 1))  # fmt: skip

    def _poll(self, rows: list[Observed], load: Load) -> None:
        with self.store.write() as conn:
            keys = read_keys(conn)
            good, bad = check(rows, self.catalogue, keys, now=self.now)
            assert not bad, bad[:2]
            store_observations(
                conn, good, source_id=keys.sources[self.source.key], run_id=load.run_id,
                as_of=self.now, now=self.now,
            )  # fmt: skip
            panels.publish_for(conn, self.catalogue, self.source, self.now)


def _lines(rows: list[tuple[Any, ...]]) -> bytes:
    """Return rows as the text that COPY reads."""
    lines = ("\t".join(r"\N" if cell is None else str(cell) for cell in row) for row in rows)
    return ("\n".join(lines) + "\n").encode()


def _den(indicator: Any) -> float | None:
    return 50.0 if indicator.aggregation in (Aggregation.RATIO, Aggregation.MEAN) else None


def _without_partitions(store: Store, frames: Iterator[Made]) -> Iterator[Made]:
    for frame in frames:
        starts = frame.values["period_start"]
        with store.write() as conn:
            prepare_partitions(conn, starts.min().to_pydatetime(), starts.max().to_pydatetime())
        yield frame


_TYPES = ["int2", "int2", "int2", "timestamptz", "float8", "float8", "int4", "int2", "int8",
          "timestamptz"]  # fmt: skip


def measure_memory(stage: Stage, *sizes: int) -> None:
    """Load CSVs of so many MB in processes of their own; look at their greatest size."""
    for size in sizes:
        folder = stage.folder()
        path = folder / "large.csv"
        write_csv(path, size * 1_000_000)
        command = [
            sys.executable,
            "-m",
            "tests.store.large_table",
            f"sqlite:///{folder}/z.db",
            str(path),
        ]
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
        peak, rows = told.stdout.split()[-2:]
        start = time.process_time()
        file_hash(path)
        again = (time.process_time() - start) / (path.stat().st_size / 100e6)
        emit(f"bulk_memory.{size}MB", float(peak), "MB", rows=int(rows),
             rows_per_s_of_cpu=round(int(rows) / took), bytes=path.stat().st_size,
             what="greatest size of the process that loads a CSV")  # fmt: skip
        emit(f"bulk_redo.{size}MB", again, "s CPU a 100 MB", what="the same bytes again: the hash")
        shutil.rmtree(folder)


def write_csv(path: Path, size: int) -> None:
    """Write a table of facts of about `size` bytes."""
    facts, end = catalogue(), datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    with path.open("w", encoding="utf-8") as file:
        file.write("indicator,area,period,num,den\n")
        for frame in made_frames(facts, end=end, rows=size // 38, batch=100_000):
            v = frame.values
            when = v["period_start"].dt.strftime("%Y-%m-%d %H:%M")
            lines = v.assign(period=when)[["indicator", "area", "period", "numerator"]]
            lines = lines.assign(den=v["denominator"].fillna(1))
            lines.to_csv(file, index=False, header=False)
            if file.tell() > size:
                return
