"""Years of history in one go, the normal bands made of them, and what is let go."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from data import models as m
from data.catalogue import catalogue
from data.collector import upkeep
from data.connectors.connector import Options
from data.connectors.open311 import parse
from data.ingest import bulk
from data.ingest.baselines import refresh_baselines
from data.ingest.bulk import Series
from data.ingest.due import note_due
from data.ingest.observations import check
from data.queries.keys import read_keys
from data.settings import Settings
from data.vocabulary import Grain, Stage
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import (
    BUCKETS,
    CALLS,
    CITY,
    DISPUTES_ON_TIME,
    LONGCHUAN,
    TICKETS_OPEN,
    YUANCHENG,
    ZIJIN,
    contents,
    count,
    hour,
    observed,
    put,
    rows_of,
    sums,
    take,
)

DAYS = 30
COUNTIES = [YUANCHENG, ZIJIN, LONGCHUAN]


def blocks():
    """Return thirty days: calls by the hour, disputes by the day."""
    first = int(hour(-24 * DAYS).timestamp())
    hours = np.array([first + 3600 * n for n in range(24 * DAYS)])
    at, area = np.tile(hours, 3), np.repeat(COUNTIES, len(hours))
    yield Series(CALLS, Grain.HOUR, area, at, np.arange(len(at)) % 7, None)
    midnight = int(np.floor((first + 28800) / 86400) * 86400 - 28800)
    days = np.array([midnight + 86400 * n for n in range(DAYS)])
    yield Series(
        DISPUTES_ON_TIME,
        Grain.DAY,
        np.repeat([ZIJIN], DAYS),
        days,
        np.full(DAYS, 3),
        np.full(DAYS, 4),
    )


def load(store, series):
    facts = catalogue()
    with store.write() as conn:
        keys = read_keys(conn)
        runs = {
            key: bulk.begin_run(conn, keys, key, {"made": True}, now=NOW) for key in facts.sources
        }
        return bulk.load_series(conn, series, runs, facts, now=NOW), runs


def test_a_bulk_load_ends_in_the_same_tables_as_file_by_file(store):
    rows, _ = load(store, blocks())
    assert rows == 3 * 24 * DAYS + DAYS
    loaded = {k: [tuple(r) for r in rows_of(store, t)] for k, t in BUCKETS.items()}
    facts = [
        (r.indicator_id, r.area_id, r.grain, r.period_start, r.num, r.den)
        for r in rows_of(store, m.observation)
    ]
    with store.write() as conn:
        for table in (*BUCKETS.values(), m.latest, m.observation):
            conn.execute(table.delete())
        keys = read_keys(conn)
        names, areas = keys.indicator_codes(), keys.area_codes()
    for chosen in {f[0] for f in facts}:
        put(
            store,
            *(
                observed(names[i], areas[a], p, n, d, Grain(g))
                for i, a, g, p, n, d in facts
                if i == chosen
            ),
        )
    assert {k: [tuple(r) for r in rows_of(store, t)] for k, t in BUCKETS.items()} == loaded


def test_a_bulk_load_says_where_its_numbers_came_from(store):
    _, runs = load(store, blocks())
    (fetch,) = rows_of(store, m.fetch, m.fetch.c.source_id == 1)
    assert fetch.origin == "bulk load"
    assert {o.run_id for o in rows_of(store, m.observation)} == {runs["yuepingan"]}
    newest = {r.area_id: r.period_start for r in rows_of(store, m.latest) if r.grain == Grain.HOUR}
    assert set(newest.values()) == {hour(-1)}


def test_a_file_goes_on_where_the_history_ends(store):
    load(store, blocks())
    put(store, observed(CALLS, YUANCHENG, hour(), 100))
    with store.read() as conn:
        keys = read_keys(conn)
    (newest,) = rows_of(
        store,
        m.latest,
        m.latest.c.indicator_id == keys.indicators[CALLS],
        m.latest.c.area_id == keys.areas[YUANCHENG],
    )
    assert (newest.period_start, newest.num) == (hour(), 100)
    assert sums(store, "hour", CALLS, CITY, hour())[0] == 100


def test_past_cases_come_with_their_events_and_live_ones_follow(store):
    facts = catalogue()
    day = timedelta(days=1)
    old = [
        request(
            str(n),
            "ZZ-01",
            at=NOW - 3 * day,
            status="closed",
            updated_datetime=(NOW - day).isoformat(),
        )
        for n in range(5)
    ]
    odd = [request("x", "none"), request("y", area="none", address="广州")]
    parsed = parse(requests(*old, *odd), Options(tz="Asia/Shanghai"))
    steps = [(Stage.OPENED, NOW - 3 * day), (Stage.CLOSED, NOW - day)]
    with store.write() as conn:
        keys = read_keys(conn)
        runs = {"yuepingan": bulk.begin_run(conn, keys, "yuepingan", {}, now=NOW)}
        history = (("yuepingan", r, steps) for r in parsed.records)
        total = bulk.load_cases(conn, history, runs, facts, since=NOW - 5 * day, now=NOW)
    assert total == count(store, m.cases) == 5
    assert [(e.seq, e.action, e.from_stage) for e in rows_of(store, m.case_event)][:2] == [
        (1, "reported", None),
        (2, "closed", "opened"),
    ]
    done = take(store, "yuepingan", requests(request("new", "ZZ-01"), old[0]))
    assert (done.counts.new, done.counts.same) == (1, 1)
    known = {i.key: i.value for i in rows_of(store, m.store_info)}
    assert known["cases_since:yuepingan"] == (NOW - 5 * day).isoformat()


# ---- normal bands ----


def test_a_band_is_made_of_past_hours_of_such_days(store):
    load(store, blocks())
    with store.write() as conn:
        n = refresh_baselines(conn, catalogue(), now=NOW)
        keys = read_keys(conn)
    rows = rows_of(store, m.baseline)
    assert n == len(rows) > 0
    areas = {r.area_id for r in rows}
    assert areas == {keys.areas[a] for a in (CITY, *COUNTIES)}
    assert {r.indicator_id for r in rows} == {keys.indicators[CALLS]}
    workdays = [r for r in rows if r.slot < 24 and r.area_id == keys.areas[CITY]]
    assert len(workdays) == 24
    assert all(r.low <= r.centre <= r.high for r in rows)
    assert all(8 <= r.n <= 28 for r in rows)


def test_bands_are_made_again_and_never_twice(store):
    load(store, blocks())
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)
    before = contents(store, m.baseline)
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)
    assert contents(store, m.baseline) == before


def test_an_event_under_way_is_not_its_own_normal(store):
    load(store, blocks())
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)
    before = contents(store, m.baseline)
    put(store, *(observed(CALLS, YUANCHENG, hour(-h), 10000) for h in range(1, 6)))
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)
    assert contents(store, m.baseline) == before


def test_too_short_a_past_gives_no_band(store):
    put(store, *(observed(CALLS, YUANCHENG, hour(-24 * d - 8), 5) for d in range(7)))
    with store.write() as conn:
        assert refresh_baselines(conn, catalogue(), now=NOW) == 0


def test_a_gauge_has_the_band_of_its_last_values(store):
    rows = [observed(TICKETS_OPEN, a, hour(-24 * d - 8), 5) for d in range(28) for a in COUNTIES]
    put(store, *rows)
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)
        city = read_keys(conn).areas[CITY]
    assert {r.centre for r in rows_of(store, m.baseline, m.baseline.c.area_id == city)} == {15}


# ---- what is let go ----


def test_old_bytes_and_minutes_go_and_hours_stay(store):
    old = NOW - timedelta(days=40)
    take(store, "yuepingan", requests(request("1", at=old)), now=old)
    take(store, "yuepingan", requests(request("1", at=old)), now=old + timedelta(minutes=1))
    take(store, "yuepingan", requests(request("2")))
    hours = contents(store, m.rollup_hour, m.rollup_day)
    config = Settings(raw_days=3, minute_days=35, hour_days=400)
    upkeep.hourly(store, catalogue(), config, NOW)
    kept = rows_of(store, m.fetch)
    assert [f.raw is None for f in kept] == [True, False]
    assert all(f.sha256 for f in kept)
    minutes = [o for o in rows_of(store, m.observation) if o.grain == Grain.MINUTE]
    assert minutes
    assert all(o.period_start > NOW - timedelta(days=35) for o in minutes)
    assert contents(store, m.rollup_hour, m.rollup_day) == hours
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["ok", "ok"]


def test_a_late_correction_of_a_day_whose_hours_were_let_go_keeps_the_other_hours(store):
    put(store, *(observed(CALLS, ZIJIN, f"2025-06-02T{h:02d}:00", 1) for h in range(24)))
    upkeep.hourly(store, catalogue(), Settings(hour_days=400), NOW)
    assert sums(store, "day", CALLS, ZIJIN, "2025-06-02") == (24, None, 24)
    later = NOW + timedelta(hours=1)
    put(store, observed(CALLS, ZIJIN, "2025-06-02T08:00", 2), as_of=later, now=later)
    assert sums(store, "day", CALLS, ZIJIN, "2025-06-02") == (25, None, 24)


def test_a_late_minute_of_an_hour_whose_minutes_were_let_go_is_refused(store):
    """One minute alone would replace the whole of its hour."""
    rows = [
        observed(CALLS, ZIJIN, f"2026-10-05T08:{t:02d}", 1, grain=Grain.MINUTE) for t in range(30)
    ]
    then = rows[-1].period_start
    put(store, *rows, as_of=then, now=then)
    upkeep.hourly(store, catalogue(), Settings(minute_days=35), NOW)
    late = observed(CALLS, ZIJIN, "2026-10-05T08:45", 1, grain=Grain.MINUTE)
    with store.read() as conn:
        good, bad = check([late], catalogue(), read_keys(conn), now=NOW)
    assert (good, [p.reason for p in bad]) == ([], ["too_old"])
    assert sums(store, "hour", CALLS, ZIJIN, "2026-10-05T08:00") == (30, None, 30)


def test_the_parts_of_a_large_file_go_with_their_time(store):
    take(store, "yuepingan", requests(request("1")), now=NOW - timedelta(days=40))
    take(store, "yuepingan", requests(request("2")))
    with store.write() as conn:
        for fetch in conn.execute(m.fetch.select()).all():
            part = {"fetch_id": fetch.id, "seq": 0, "size": 1, "raw": b"x"}
            conn.execute(m.fetch_part.insert(), part)
    upkeep.hourly(store, catalogue(), Settings(raw_days=3), NOW)
    young = [f.id for f in rows_of(store, m.fetch) if f.raw is not None]
    assert [p.fetch_id for p in rows_of(store, m.fetch_part)] == young


@pytest.mark.parametrize(("status", "age", "made"), [("failed", 0, 1), ("running", 2, 1), ("running", 0, 0)])  # fmt: skip
def test_what_a_dead_load_owes_is_made(store, status, age, made):
    put(store, observed(CALLS, ZIJIN, "2026-06-02T08:00", 7))
    hours = contents(store, m.rollup_hour, m.rollup_day, m.rollup_week, m.rollup_month)
    with store.write() as conn:
        at = conn.execute(m.observation.select()).one()
        run = m.ingest_run.c
        began = NOW - timedelta(hours=age)
        conn.execute(m.ingest_run.update().where(run.id == at.run_id).values(status=status, recorded_at=began))  # fmt: skip
        owed = (at.indicator_id, int(Grain.HOUR), int(at.period_start.timestamp()))
        note_due(conn, at.run_id, [(*owed, owed[2])])
        for table in (m.rollup_hour, m.rollup_day, m.rollup_week, m.rollup_month):
            conn.execute(table.delete())
    assert (upkeep.settle_dead(store, NOW) > 0) == bool(made)
    after = contents(store, m.rollup_hour, m.rollup_day, m.rollup_week, m.rollup_month)
    assert (after == hours) == bool(made)
    assert (count(store, m.rollup_due) == 0) == bool(made)
