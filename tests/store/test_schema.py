"""Migrations make the models, up and down, with and without facts; the catalogue follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from data import models as m
from data.catalogue import CatalogueError, catalogue
from data.ingest.reference import load_catalogue, prepare_partitions
from data.models import schema
from tests.conftest import NOW
from tests.store.payloads import alert, feed, request, requests, timetable
from tests.store.support import (
    CALLS,
    ZIJIN,
    contents,
    count,
    hour,
    observed,
    pg_only,
    put,
    rows_of,
    statements,
    take,
    undone,
)

REFERENCE = (
    m.area, m.area_closure, m.department, m.domain, m.category, m.indicator,
    m.indicator_version, m.source, m.target,
)  # fmt: skip


def tables(store):
    names = set(inspect(store.engine).get_table_names())
    return {n for n in names if not n.startswith("observation_2")}


def test_the_tables_go_up_down_and_up_again(bare_store):
    every = set(m.metadata.tables) | {"alembic_version"}
    for _ in range(2):
        with bare_store.write() as conn:
            schema.upgrade(conn)
            assert schema.at_head(conn)
        assert tables(bare_store) == every
        with bare_store.write() as conn:
            schema.downgrade(conn, "base")
            assert not schema.at_head(conn)
        assert tables(bare_store) == {"alembic_version"}


def test_the_tables_go_down_with_facts_in_them(store):
    put(store, observed(CALLS, ZIJIN, hour(-1), 1), as_of=NOW)
    put(store, observed(CALLS, ZIJIN, hour(-1), 2), as_of=NOW + timedelta(hours=1))
    take(store, "yuepingan", requests(request("1"), request("2", code="999")))
    take(store, "warnings", feed(alert("A1")))
    take(store, "bus_static", timetable())
    with store.write() as conn:
        schema.downgrade(conn, "base")
    assert tables(store) == {"alembic_version"}
    with store.write() as conn:
        schema.upgrade(conn)
        load_catalogue(conn, catalogue())
    assert take(store, "yuepingan", requests(request("1"))).counts.new == 1


def test_migrating_a_store_at_head_changes_nothing(store):
    put(store, observed(CALLS, ZIJIN, hour(-1), 1))
    before = contents(store, m.observation, *REFERENCE)
    with store.write() as conn:
        schema.upgrade(conn)
    assert contents(store, m.observation, *REFERENCE) == before


def test_a_migration_that_breaks_leaves_nothing(bare_store):
    with undone(bare_store) as conn:
        schema.upgrade(conn)
    assert tables(bare_store) == set()


def test_the_migrations_make_what_the_models_say(store):
    def ours(_obj, name, kind, _reflected, _to):
        return not (kind == "table" and name.startswith("observation_2"))

    options = {"compare_type": False, "include_object": ours}
    with store.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts=options)
        found = compare_metadata(context, m.metadata)
    assert [
        str(d) for d in found if "brin_observation_period" not in str(d) or not store.sqlite
    ] == []


@pg_only
def test_postgresql_has_the_range_index_and_a_partition_a_month(store):
    with store.write() as conn:
        prepare_partitions(conn, hour(), hour() + timedelta(days=70))
        indexes = conn.execute(
            text("select indexname from pg_indexes where tablename = 'observation'")
        )
        assert "brin_observation_period" in set(indexes.scalars())
    parts = {n for n in inspect(store.engine).get_table_names() if n.startswith("observation_2")}
    assert parts == {"observation_202611", "observation_202612", "observation_202701"}
    put(
        store,
        observed(CALLS, ZIJIN, "2026-11-01T00:00", 1),
        observed(CALLS, ZIJIN, "2026-10-31T23:00", 2),
    )
    with store.read() as conn:
        assert conn.scalar(text("select sum(num) from observation_202611")) == 1
        assert conn.scalar(text("select sum(num) from observation_202610")) == 2


# ---- the catalogue in the store ----


def test_loading_the_catalogue_again_writes_nothing_but_the_tree(store):
    before = contents(store, *REFERENCE)
    with statements(store) as asked, store.write() as conn:
        load_catalogue(conn, catalogue())
    assert contents(store, *REFERENCE) == before
    written = {s for s in asked if s.lower().startswith(("insert", "delete", "update"))}
    assert {s.split("WHERE")[0].strip() for s in written if "area SET parent_id" not in s} == set()


def test_every_entry_has_a_row_and_every_area_its_ancestors(store):
    facts = catalogue()
    assert count(store, m.indicator) == count(store, m.indicator_version) == len(facts.indicators)
    assert count(store, m.area) == len(facts.areas)
    depths = [r.depth for r in rows_of(store, m.area_closure)]
    assert (depths.count(0), depths.count(1), depths.count(2)) == (110, 109, 101)


def changed(code, **changes):
    facts = catalogue()
    entry = facts.indicators[code].model_copy(update=changes)
    return replace(facts, indicators={**facts.indicators, code: entry})


@pytest.mark.parametrize(
    "change",
    [
        {"factor": 1000.0},
        {"definition": {"zh": "新", "en": "new"}},
        {"unit": {"zh": "次", "en": "times"}},
    ],
)
def test_a_changed_definition_without_a_new_version_is_refused(store, change):
    before = contents(store, *REFERENCE)
    with (
        pytest.raises(CatalogueError, match="indicator PS-01: the definition changed"),
        store.write() as conn,
    ):
        load_catalogue(conn, changed(CALLS, **change))
    assert contents(store, *REFERENCE) == before


def test_a_changed_definition_with_a_new_version_keeps_the_old_one(store):
    new = changed(CALLS, factor=2.0, version=2, valid_from=date(2027, 1, 1))
    with store.write() as conn:
        load_catalogue(conn, new)
    versions = [v for v in rows_of(store, m.indicator_version) if v.entry["code"] == CALLS]
    assert [(v.version, v.entry["factor"]) for v in versions] == [(1, 1.0), (2, 2.0)]
    assert versions[1].valid_from == date(2027, 1, 1)


def test_a_new_name_keeps_the_id_and_a_new_target_is_added(store):
    (before,) = rows_of(store, m.indicator, m.indicator.c.code == "PS-24")
    target = catalogue().indicators["PS-24"].target.model_copy(update={"levels": {4: 90.0}})
    with store.write() as conn:
        load_catalogue(conn, changed("PS-24", name={"zh": "新名", "en": "New"}, target=target))
    (after,) = rows_of(store, m.indicator, m.indicator.c.code == "PS-24")
    assert (after.id, after.name_zh) == (before.id, "新名")
    limits = [
        t.limits["levels"] for t in rows_of(store, m.target, m.target.c.indicator_id == after.id)
    ]
    assert limits == [{"4": 95.0, "3": 90.0, "2": 80.0}, {"4": 90.0}]


def test_a_new_indicator_takes_the_next_id_and_disturbs_no_other(store):
    facts = catalogue()
    entry = facts.indicators[CALLS].model_copy(update={"code": "PS-99", "wall": None})
    ids = {r.code: r.id for r in rows_of(store, m.indicator)}
    with store.write() as conn:
        load_catalogue(conn, replace(facts, indicators={"PS-99": entry, **facts.indicators}))
    after = {r.code: r.id for r in rows_of(store, m.indicator)}
    assert after == ids | {"PS-99": max(ids.values()) + 1}


def test_the_quality_tables_go_down_and_up_with_refused_rows(store):
    """The columns of replay come and go without touching the runs and rows they were added to."""
    take(store, "yuepingan", requests(request("1"), request("2", code="999")))
    before = count(store, m.quarantine), count(store, m.ingest_run)
    with store.write() as conn:
        schema.downgrade(conn, "0001")
    assert "quality_finding" not in tables(store)
    with store.write() as conn:
        schema.upgrade(conn)
    assert (count(store, m.quarantine), count(store, m.ingest_run)) == before
    assert {r.unlisted for r in rows_of(store, m.ingest_run)} == {0}


def test_a_correction_once_written_stays(store):
    outcome = take(store, "yuepingan", requests(request("1")))
    row = {
        "run_id": outcome.run_id, "row_no": 1, "field": "service_code", "old": "x", "new": "y",
        "made_by": "clerk", "why": "typed wrong", "made_at": NOW,
    }  # fmt: skip
    with store.write() as conn:
        conn.execute(m.correction.insert().values(row))
    for change in (m.correction.update().values(new="z"), m.correction.delete()):
        with pytest.raises(DBAPIError, match="append-only"), store.write() as conn:
            conn.execute(change)
