"""Tables of any size: what a large file leaves in the store, and what a broken-off one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.catalogue.mapping import Mapping
from data.ingest import table_files
from data.ingest.frame_check import Verdicts
from data.ingest.frames import Load, store_frame
from data.ingest.frames import Totals as Progress
from data.ingest.observations import check, store_observations
from data.ingest.table_files import ingest_table
from data.queries.keys import read_keys
from data.queries.raw import excerpt_of, raw_bytes
from data.store import Store
from data.tables.connector import observed as as_observed
from tests.bench.facts import Made, made_frames
from tests.conftest import NOW
from tests.store.support import (
    CALLS,
    DISPUTES_ON_TIME,
    LONGCHUAN,
    YUANCHENG,
    ZIJIN,
    begin_run,
    count,
    rows_of,
)

DERIVED = (m.rollup_hour, m.rollup_day, m.rollup_week, m.rollup_month)
FACTS = catalogue()
MAPPING = Mapping.model_validate(
    {
        "layout": "long",
        "indicator": {"column": ["indicator"]},
        "area": {"column": ["area"]},
        "period": {"column": ["period"], "grain": "hour"},
        "number": {"column": ["num"]},
        "time_zone": "UTC",
        "totals": {"detect": False, "words": ["合计"]},
    }
)
SOURCE = FACTS.sources["county_monthly"].model_copy(update={"mapping": "large"})
LARGE = replace(FACTS, mappings={**FACTS.mappings, "large": MAPPING})


def csv(path, rows):
    lines = ["indicator,area,period,num,den"]
    lines += [f"{i},{a},{p:%Y-%m-%d %H:%M},{n},{d}" for i, a, p, n, d in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def hours(number, *, num=1, first=datetime(2026, 9, 1, tzinfo=UTC)):
    for n in range(number):
        at = first + timedelta(hours=n)
        yield CALLS, YUANCHENG, at, num + n % 7, ""
        yield CALLS, ZIJIN, at, num + n % 5, ""
        yield CALLS, LONGCHUAN, at, 1 + n % 3, ""


def give(store, path, *, now=NOW, batch_rows=50, **more):
    return ingest_table(
        store, LARGE, SOURCE, path, origin="test", now=now, batch_rows=batch_rows, **more
    )


def state(store):
    """Return facts and everything derived from them, without runs and times of arrival."""
    o = m.observation.c
    with store.read() as conn:
        facts = conn.execute(
            select(o.indicator_id, o.area_id, o.grain, o.period_start, o.num, o.den, o.flag)
        ).all()
        found = {"facts": sorted(map(tuple, facts), key=str)}
        for table in DERIVED:
            rows = conn.execute(table.select()).all()
            found[table.name] = sorted((plain(r) for r in rows), key=str)
        n = m.latest.c
        rows = conn.execute(select(n.indicator_id, n.area_id, n.period_start, n.grain, n.num)).all()
        found["latest"] = sorted(map(tuple, rows), key=str)
    return found


def plain(row):
    return tuple(round(v, 6) if isinstance(v, float) else v for v in row)


def by_rows(store, values):
    """Store a frame the way of small files."""
    with store.write() as conn:
        keys = read_keys(conn)
        run = begin_run(conn, "hotline", NOW, NOW)
        rows, _ = check(as_observed(values), FACTS, keys, now=NOW)
        store_observations(
            conn, rows, source_id=keys.sources["hotline"], run_id=run, as_of=NOW, now=NOW
        )


def by_frames(store, frames, *, whole):
    with store.write() as conn:
        keys = read_keys(conn)
        run = begin_run(conn, "hotline", NOW, NOW)
        load = Load(FACTS.sources["hotline"], FACTS, run, 0, NOW, NOW)
        totals = Progress()
        for place, frame in enumerate(frames):
            store_frame(conn, load, frame, totals, later=place > 0, whole=whole)
        assert keys
    if not whole:
        table_files.settle(store, run)
    return totals


def values_of(rows, grain=2):
    frame = pd.DataFrame(
        rows, columns=["indicator", "area", "period_start", "numerator", "denominator"]
    )
    frame["period_start"] = pd.to_datetime(frame["period_start"], utc=True).dt.as_unit("s")
    frame["denominator"] = pd.to_numeric(frame["denominator"], errors="coerce")
    frame["numerator"] = frame["numerator"].astype(float)
    frame["grain"], frame["row"] = grain, range(2, len(frame) + 2)
    return frame


@pytest.mark.parametrize("grain", [1, 2, 3])
@pytest.mark.parametrize("whole", [True, False])
def test_frames_leave_what_single_rows_leave(store, tmp_path, grain, whole):
    step = {1: timedelta(minutes=15), 2: timedelta(hours=1), 3: timedelta(days=1)}[grain]
    first = (
        datetime(2026, 11, 14, 16, tzinfo=UTC)
        if grain == 1
        else datetime(2026, 9, 27, 16, tzinfo=UTC)
    )
    rows = [
        (
            code,
            area,
            first + step * n,
            float(n % 11 + 1),
            20.0 if code == DISPUTES_ON_TIME else None,
        )
        for n in range(40 if grain == 3 else 130)
        for code, area in ((CALLS, YUANCHENG), (CALLS, ZIJIN), (DISPUTES_ON_TIME, ZIJIN))
    ]
    values = values_of(rows, grain)
    parts = [values] if whole else [values[n : n + 100] for n in range(0, len(values), 100)]
    by_frames(store, [Made(p.reset_index(drop=True)) for p in parts], whole=whole)
    found = state(store)
    with store.write() as conn:
        for table in (m.observation, m.latest, *DERIVED):
            conn.execute(table.delete())
    by_rows(store, values)
    assert found == state(store)
    assert found["facts"]


def test_what_is_known_already_goes_the_way_of_small_files(store):
    values = values_of(list(hours(60)))
    by_frames(store, [Made(values)], whole=True)
    before = state(store)
    again = by_frames(store, [Made(values)], whole=True)
    assert (again.counts.same, again.counts.new) == (len(values), 0)
    assert state(store) == before
    later = values.assign(numerator=values["numerator"] + 1)
    changed = by_frames(store, [Made(later[:50]), Made(later[50:])], whole=False)
    assert changed.counts.changed == len(values)
    assert count(store, m.observation_history) == len(values)


def test_a_key_told_twice_in_one_file_is_refused_across_batches(store, tmp_path):
    rows = [*hours(40), (CALLS, YUANCHENG, datetime(2026, 9, 1, tzinfo=UTC), 999, "")]
    outcome = give(store, csv(tmp_path / "a.csv", rows))
    assert (outcome.status, outcome.quarantined) == ("ok", 1)
    problem = rows_of(store, m.quarantine)[0]
    assert (problem.reason, problem.row_no) == ("conflicting_duplicate", 122)
    assert count(store, m.observation, m.observation.c.num == 999) == 0


def test_bad_rows_are_listed_with_row_field_and_value_and_the_others_stay(store, tmp_path):
    rows = [*hours(40), ("XX-99", ZIJIN, datetime(2026, 9, 1, tzinfo=UTC), 5, "")]
    rows.insert(7, (CALLS, YUANCHENG, NOW + timedelta(days=3), 5, 4))
    outcome = give(store, csv(tmp_path / "a.csv", rows))
    assert (outcome.counts.new, outcome.quarantined) == (120, 2)
    found = {(p.row_no, p.reason) for p in rows_of(store, m.quarantine)}
    assert found == {(9, "future_period"), (123, "unknown_indicator")}


def test_the_same_bytes_again_are_a_duplicate_and_change_nothing(store, tmp_path):
    path = csv(tmp_path / "a.csv", hours(60))
    assert give(store, path).counts.new == 180
    before = state(store)
    assert give(store, path).status == "duplicate"
    assert state(store) == before
    assert [f.seen for f in rows_of(store, m.fetch)] == [2]


def test_a_small_table_is_one_transaction_and_kept_whole(store, tmp_path):
    path = csv(tmp_path / "a.csv", hours(10))
    outcome = give(store, path, batch_rows=1000)
    assert outcome.counts.new == 30
    with store.read() as conn:
        fetch = conn.execute(m.fetch.select()).one()
        assert raw_bytes(conn, fetch.id) == path.read_bytes()
        assert excerpt_of(conn, fetch.id, "table", 3) == f"{CALLS},{ZIJIN},2026-09-01 00:00,1,"
    assert count(store, m.rollup_due) == count(store, m.fetch_part) == 0


def test_a_large_file_is_kept_in_parts_and_its_lines_are_found(store, tmp_path, monkeypatch):
    for place in (table_files, sys.modules["data.ingest.parts"]):
        monkeypatch.setattr(place, "WHOLE", 1000)
    path = csv(tmp_path / "a.csv", hours(200))
    assert give(store, path).status == "ok"
    lines = path.read_text().splitlines()
    with store.read() as conn:
        fetch = conn.execute(m.fetch.select()).one()
        assert (fetch.raw, raw_bytes(conn, fetch.id)) == (None, path.read_bytes())
        for row in (1, 2, 40, 333, len(lines)):
            assert excerpt_of(conn, fetch.id, "table", row) == lines[row - 1].strip()
        assert excerpt_of(conn, fetch.id, "table", len(lines) + 1) is None
    assert count(store, m.fetch_part) > 10


def test_a_table_that_cannot_be_read_is_kept_with_its_error(store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("<html>not a table</html>")
    outcome = give(store, path)
    assert outcome.status == "failed"
    assert "HTML" in (outcome.error or "")
    with store.read() as conn:
        assert raw_bytes(conn, rows_of(store, m.fetch)[0].id) == path.read_bytes()
    assert count(store, m.observation) == 0


def test_a_source_without_a_mapping_says_so(store, tmp_path):
    source = SOURCE.model_copy(update={"mapping": None})
    path = csv(tmp_path / "a.csv", hours(3))
    outcome = ingest_table(store, LARGE, source, path, origin="t", now=NOW)
    assert outcome.status == "failed"
    assert "mapping" in (outcome.error or "")


WORKER = """
import sys, time
from pathlib import Path
from data.ingest import frames
from data.store import Store
from tests.store.test_frames import LARGE, SOURCE, ingest_table
from tests.conftest import NOW
real = frames.note_progress
def slow(conn, load, totals):
    real(conn, load, totals)
    if totals.frames == 3:
        print("in the third", flush=True)
        time.sleep(60)
frames.note_progress = slow
ingest_table(Store(sys.argv[1]), LARGE, SOURCE, Path(sys.argv[2]), origin="t", now=NOW, batch_rows=50)
"""


def test_a_worker_killed_in_a_batch_leaves_whole_batches_and_the_redo_completes(store, tmp_path):
    path = csv(tmp_path / "a.csv", hours(100))
    command = [sys.executable, "-c", WORKER, str(store.url), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=os.getcwd()) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"in the third\n"
        worker.send_signal(signal.SIGKILL)
    assert count(store, m.observation) == 100  # two batches of fifty, nothing of the third
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["running"]
    outcome = give(store, path)
    assert (outcome.status, outcome.counts.new, outcome.records) == ("ok", 300, 300)
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["ok"]
    found = state(store)
    with store.write() as conn:
        for table in (m.observation, m.latest, *DERIVED):
            conn.execute(table.delete())
    by_rows(store, values_of(list(hours(100))))
    assert found == state(store)


def test_two_workers_with_the_same_file_and_two_with_their_own_are_exact(store, tmp_path):
    shared = csv(tmp_path / "shared.csv", hours(100))
    own = csv(tmp_path / "own.csv", hours(100, first=datetime(2026, 10, 1, tzinfo=UTC)))
    done, errors = [], []

    def work(path):
        mine = Store(store.url)
        try:
            done.append(give(mine, path).status)
        except Exception as error:
            errors.append(error)
        finally:
            mine.dispose()

    threads = [threading.Thread(target=work, args=(p,)) for p in (shared, shared, own)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert set(done) <= {"ok", "duplicate"}
    found = state(store)
    assert len(found["facts"]) == 600
    with store.write() as conn:
        for table in (m.observation, m.latest, *DERIVED):
            conn.execute(table.delete())
    by_rows(store, values_of([*hours(100), *hours(100, first=datetime(2026, 10, 1, tzinfo=UTC))]))
    assert found == state(store)


def test_made_frames_are_frames_of_the_contract():
    frame = next(made_frames(FACTS, end=NOW, rows=500))
    assert set(frame.values) == {
        "indicator", "area", "grain", "period_start", "numerator", "denominator", "row",
    }  # fmt: skip
    assert Verdicts().refused == 0


def test_a_small_file_of_several_batches_keeps_its_bytes(store, tmp_path):
    path = csv(tmp_path / "small.csv", hours(40))
    assert give(store, path, batch_rows=20).status == "ok"
    (fetch,) = rows_of(store, m.fetch)
    assert fetch.raw is not None
    with store.read() as conn:
        assert raw_bytes(conn, fetch.id) == path.read_bytes()


def test_refused_rows_that_are_not_kept_one_by_one_are_counted(store, tmp_path):
    rows = [(CALLS, "nowhere", NOW, n, "") for n in range(1200)]
    outcome = give(store, csv(tmp_path / "bad.csv", rows), batch_rows=500)
    (run,) = rows_of(store, m.ingest_run)
    assert run.quarantined == 1200
    assert run.unlisted == outcome.unlisted == 1200 - count(store, m.quarantine)
