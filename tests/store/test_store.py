"""What the store promises whoever uses it: types, an unchangeable past, two doors."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, StatementError

from data import models as m
from tests.conftest import NOW
from tests.store.support import (
    CALLS,
    EARLIER,
    LATER,
    ZIJIN,
    begin_run,
    count,
    hour,
    local,
    noted,
    observed,
    on_time,
    pg_only,
    put,
    sqlite_only,
    undone,
)


def test_a_naive_time_is_refused_by_the_column(store):
    run = m.ingest_run.insert().values(
        source_id=1,
        sha256="x",
        status="ok",
        as_of=datetime(2026, 1, 1),  # noqa: DTZ001
        recorded_at=NOW,
    )
    with pytest.raises(StatementError, match="naive datetime refused"), store.write() as conn:
        conn.execute(run)


def test_an_instant_comes_back_aware_and_the_same(store):
    at = local("2026-11-16T00:30")
    with undone(store) as conn:
        run = begin_run(conn, "yuepingan", at, NOW)
        back = conn.scalar(select(m.ingest_run.c.as_of).where(m.ingest_run.c.id == run))
    assert back == at
    assert back.tzinfo is UTC


def test_a_calendar_day_comes_back_the_same(store):
    days = [date(1969, 12, 31), date(1970, 1, 1), date(2028, 2, 29)]
    with undone(store) as conn:
        for id_, day in enumerate(days, 900):
            conn.execute(
                m.area.insert().values(
                    id=id_,
                    code=str(id_),
                    name_zh="x",
                    name_en="x",
                    level=3,
                    kind="town",
                    valid_from=day,
                )
            )
        found = conn.scalars(
            select(m.area.c.valid_from).where(m.area.c.id >= 900).order_by(m.area.c.id)
        )
        assert list(found) == days


def test_a_percent_sign_in_a_text_is_only_a_percent_sign(store):
    with undone(store) as conn:
        conn.execute(
            m.store_info.insert(),
            [{"key": "100%", "value": "%(a)s :b %%"}, {"key": "%s", "value": "?"}],
        )
        found = dict(conn.execute(select(m.store_info.c.key, m.store_info.c.value)).all())
    assert {k: v for k, v in found.items() if "%" in k} == {"100%": "%(a)s :b %%", "%s": "?"}


# ---- append-only ----


@pytest.mark.parametrize("statement", ["update {t} set run_id = 9", "delete from {t}"])
@pytest.mark.parametrize("table", ["case_event", "observation_history"])
def test_the_record_of_the_past_cannot_be_changed(store, table, statement):
    put(store, on_time(ZIJIN, 1, 2), as_of=EARLIER)
    put(store, on_time(ZIJIN, 2, 2), as_of=LATER)
    _case_with_event(store)
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), store.write() as conn:
        conn.exec_driver_sql(statement.format(t=table))
    assert count(store, getattr(m, table)) == 1


def _case_with_event(store):
    with store.write() as conn:
        case = {
            "case_no": "a-1", "source_id": 1, "ext_id": "1", "category_id": 1, "domain_id": 1, "matter": False,
            "level": 4, "stage": "opened", "area_id": 1, "county_id": 1, "department_id": 1, "title": "x",
            "reported_at": NOW, "updated_at": NOW, "recorded_at": NOW, "run_id": 1,
        }  # fmt: skip
        case_id = conn.execute(m.cases.insert().values(case).returning(m.cases.c.id)).scalar_one()
        event = {
            "seq": 1,
            "at": NOW,
            "recorded_at": NOW,
            "actor": "a",
            "action": "reported",
            "run_id": 1,
        }
        conn.execute(m.case_event.insert().values(case_id=case_id, **event))


# ---- two doors ----


def test_a_reader_sees_one_snapshot_while_another_writes(store):
    put(store, observed(CALLS, ZIJIN, hour(-2), 1))
    with store.read() as conn:
        first = conn.scalar(select(func.count()).select_from(m.observation))
        put(store, observed(CALLS, ZIJIN, hour(-1), 1))
        assert conn.scalar(select(func.count()).select_from(m.observation)) == first == 1
    assert count(store, m.observation) == 2


@pg_only
def test_a_reader_cannot_write(store):
    with pytest.raises(DBAPIError, match="read-only transaction"), store.read() as conn:
        conn.execute(m.store_info.insert().values(key="a", value="b"))


def test_a_block_that_fails_leaves_nothing(store):
    with undone(store) as conn:
        conn.execute(m.store_info.insert().values(key="a", value="b"))
    assert noted(store) == set()


@sqlite_only
def test_a_load_gives_the_connection_back_as_it_was(store):
    def cache():
        with store.write() as conn:
            return conn.exec_driver_sql("pragma cache_size").scalar()

    before = cache()
    with store.write(load=True) as conn:
        assert conn.exec_driver_sql("pragma cache_size").scalar() > before  # fewer: counted below 0
    assert cache() == before
    with pytest.raises(ZeroDivisionError), store.write(load=True):
        raise ZeroDivisionError
    assert cache() == before
