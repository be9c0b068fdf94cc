"""The newest value of each indicator and area, and since when it is known."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from data import models as m
from data.queries.keys import read_keys
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store.support import (
    CALLS,
    LATER,
    YUANCHENG,
    ZIJIN,
    count,
    hour,
    observed,
    put,
    rows_of,
    take_back,
)


def test_latest_is_one_row_a_key_and_one_probe(store):
    put(
        store,
        *(observed(CALLS, area, hour(-h), h) for area in (YUANCHENG, ZIJIN) for h in range(1, 40)),
    )
    with store.read() as conn:
        keys = read_keys(conn)
        lt = m.latest.c
        query = select(m.latest).where(
            lt.indicator_id == keys.indicators[CALLS], lt.area_id == keys.areas[ZIJIN]
        )
        (row,) = conn.execute(query).all()
        assert (row.period_start, row.num) == (hour(-1), 1)
        if store.sqlite:
            text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
            (plan,) = conn.exec_driver_sql(f"explain query plan {text}").all()
            assert "USING PRIMARY KEY (indicator_id=? AND area_id=?)" in plan[-1]
    assert count(store, m.latest) == 2


def test_latest_is_not_moved_back_by_an_older_period(store):
    put(store, observed(CALLS, ZIJIN, hour(-1), 4))
    put(store, observed(CALLS, ZIJIN, hour(-5), 40), now=LATER, as_of=LATER)
    (row,) = rows_of(store, m.latest)
    assert (row.period_start, row.num) == (hour(-1), 4)


def test_latest_is_known_when_its_period_was_over_or_now_while_it_runs(store):
    put(store, observed(CALLS, ZIJIN, hour(-3), 4), observed(CALLS, YUANCHENG, hour(), 4))
    known = {r.area_id: r.known_at for r in rows_of(store, m.latest)}
    assert sorted(known.values()) == [hour(-2), NOW]


def test_a_confirming_poll_moves_known_at_only(store):
    put(store, observed(CALLS, ZIJIN, hour(), 4))
    put(store, observed(CALLS, ZIJIN, hour(), 4), now=NOW + timedelta(minutes=1))
    (row,) = rows_of(store, m.latest)
    assert (row.known_at, row.num) == (NOW + timedelta(minutes=1), 4)
    (fact,) = rows_of(store, m.observation)
    assert fact.recorded_at == NOW


def test_latest_goes_back_to_the_newest_value_that_still_stands(store):
    put(store, observed(CALLS, ZIJIN, hour(-2), 4), observed(CALLS, ZIJIN, hour(-1), 9))
    take_back(store, CALLS, ZIJIN, hour(-1), Grain.HOUR)
    (row,) = rows_of(store, m.latest)
    assert (row.period_start, row.num, row.flag) == (hour(-2), 4, 0)
    take_back(store, CALLS, ZIJIN, hour(-2), Grain.HOUR)
    (row,) = rows_of(store, m.latest)
    assert row.flag == 9
