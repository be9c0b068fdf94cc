"""Another database as a source: reading only, from where the last stored batch ended."""

from __future__ import annotations

import csv
import io
import json
import sys
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from data import models as m
from data.catalogue import catalogue
from data.catalogue.entries import SqlQuery
from data.collector import loop, sql
from data.collector.loop import Collector
from data.collector.outbound import AllowList, FetchError
from data.settings import Settings
from tests.store.support import count, rows_of
from tests.store.test_collector import Clock, Log, rounds

QUERY = "select id, town, n, changed from tickets where changed > :since order by changed, id"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bureau(request, tmp_path):
    """A bureau's database: (URL, a function that runs SQL in it)."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bureau.sqlite'}"
        yield from _bureau(url)
        return
    server = request.getfixturevalue("server")
    url = server.create()
    yield from _bureau(make_url(url).set(drivername="postgresql+psycopg").render_as_string(False))
    server.drop(url)


def _bureau(url):
    engine = create_engine(url)

    def run(statement):
        with engine.begin() as conn:
            conn.execute(text(statement))

    run("create table tickets (id integer, town text, n numeric, changed timestamp)")
    yield url, run
    engine.dispose()


@pytest.fixture
def small(tmp_path):
    """The store side does not depend on the bureau's database: one is enough here."""
    from data.ingest.reference import load_catalogue
    from data.models import schema
    from data.store import Store

    found = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with found.write() as conn:
        schema.upgrade(conn)
        load_catalogue(conn, catalogue())
    yield found
    found.dispose()


def source(**query):
    entry = SqlQuery(**{"address": "BUREAU_DB", "query": QUERY, "watermark": "changed", **query})
    return (
        catalogue().sources["hotline"].model_copy(update={"sql": entry, "urls": (), "timeout": 5})
    )


def ticket(number, minute, town="老城", n=1):
    return f"insert into tickets values ({number}, '{town}', {n}, '2026-11-18 10:{minute:02d}:00')"


def ask(store, url, entry, *, keep=True):
    """Ask once; return the ids that came."""
    found = sql.fetch(store, entry, frozenset(), environ={"BUREAU_DB": url})
    for fetched in found if keep else ():
        sql.remember(store, entry, fetched)
    return [int(row["id"]) for f in found for row in rows(f.payload)]


def rows(raw):
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"))))


def test_rows_become_csv_with_a_header(small, bureau):
    url, run = bureau
    run(ticket(1, 0, town='老城，"东"埔\n二', n=2.5))
    run("insert into tickets values (2, null, null, '2026-11-18 10:01:00')")
    (found,) = sql.fetch(small, source(), frozenset(), environ={"BUREAU_DB": url})
    first, second = rows(found.payload)
    assert list(first) == ["id", "town", "n", "changed"]
    assert (first["town"], float(first["n"])) == ('老城，"东"埔\n二', 2.5)
    assert datetime.fromisoformat(first["changed"]) == datetime.fromisoformat("2026-11-18T10:00:00")
    assert (second["town"], second["n"]) == ("", "")
    assert found.origin == "sql:BUREAU_DB"


def test_a_second_question_goes_on_where_the_first_ended(small, bureau):
    url, run = bureau
    run(ticket(1, 0))
    assert ask(small, url, source()) == [1]
    assert ask(small, url, source()) == []
    run(ticket(2, 5))
    assert ask(small, url, source()) == [2]


def test_a_batch_that_was_not_stored_comes_again(small, bureau):
    url, run = bureau
    run(ticket(1, 0))
    assert ask(small, url, source(), keep=False) == [1]
    assert ask(small, url, source()) == [1]
    assert ask(small, url, source()) == []


def test_rows_that_come_late_are_seen_within_the_overlap(small, bureau):
    url, run = bureau
    run(ticket(1, 10))
    assert ask(small, url, source(overlap=300)) == [1]
    run(ticket(2, 8))
    run(ticket(3, 1))
    assert ask(small, url, source(overlap=300)) == [2, 1]


def test_a_large_answer_comes_in_batches_and_none_is_lost_between(small, bureau):
    url, run = bureau
    for number in range(10):
        run(ticket(number, number // 2))
    entry = source(max_rows=3, overlap=600)
    batches = [ask(small, url, entry) for _ in range(5)]
    assert batches == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_more_rows_of_one_watermark_than_a_batch_holds_is_an_error(small, bureau):
    url, run = bureau
    for number in range(5):
        run(ticket(number, 0))
    with pytest.raises(FetchError, match="have the same changed"):
        ask(small, url, source(max_rows=3))


def test_a_question_without_order_is_refused_when_it_is_cut(small, bureau):
    url, run = bureau
    for number in range(5):
        run(ticket(number, 9 - number))
    unordered = QUERY.replace("order by changed, id", "order by id")
    with pytest.raises(FetchError, match="must be ordered by changed"):
        ask(small, url, source(query=unordered, max_rows=3))
    assert ask(small, url, source(query=unordered)) == [0, 1, 2, 3, 4]
    assert ask(small, url, source(query=unordered)) == []


@pytest.mark.parametrize(
    "start", ["2026-11-18T10:01:00", datetime.fromisoformat("2026-11-18T10:01:00")]
)
def test_the_first_question_begins_where_the_entry_says(small, bureau, start):
    url, run = bureau
    run(ticket(1, 0))
    run(ticket(2, 2))
    assert ask(small, url, source(start=start)) == [2]


def test_a_number_may_be_the_watermark(small, bureau):
    url, run = bureau
    run(ticket(1, 0))
    run(ticket(2, 0))
    entry = source(query="select id from tickets where id > :since order by id", watermark="id",
                   start=0)  # fmt: skip
    assert ask(small, url, entry) == [1, 2]
    run(ticket(3, 0))
    assert ask(small, url, entry) == [3]


def test_nothing_can_be_written(small, bureau):
    """A function with a side effect gets past any reading of the query, not past the database."""
    url, run = bureau
    run(ticket(1, 0))
    if url.startswith("sqlite"):
        with (
            sql._reading(make_url(url), AllowList(()), 5) as conn,
            pytest.raises(OperationalError, match=r"readonly|read-only"),
        ):
            conn.exec_driver_sql("delete from tickets")
        return
    run("create function spoil() returns int language sql as 'delete from tickets; select 1'")
    with pytest.raises(FetchError, match="read-only"):
        ask(small, url, source(query="select spoil() as id, '' as changed"))


def test_an_sqlite_file_is_opened_for_reading_only(small, tmp_path):
    with pytest.raises(FetchError, match="no such file"):
        ask(small, f"sqlite:///{tmp_path / 'none.sqlite'}", source())
    assert not (tmp_path / "none.sqlite").exists()


def test_a_question_that_takes_too_long_is_ended(small, bureau):
    url, _ = bureau
    slow = ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000)"
            " select count(*) as id, 1 as changed from n")  # fmt: skip
    entry = source(query=slow).model_copy(update={"timeout": 1})
    with pytest.raises(FetchError, match="BUREAU_DB"):
        ask(small, url, entry)


def test_an_answer_that_is_too_big_is_ended(small, bureau):
    url, _ = bureau
    wide = "repeat('y', 2000000)" if url.startswith("postgresql") else "hex(zeroblob(1000000))"
    entry = source(query=f"select {wide} as id, 1 as changed")
    with pytest.raises(FetchError, match="more than 1 MB"):
        ask(small, url, entry.model_copy(update={"max_mb": 1}))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("delete from tickets", "not a SELECT"),
        ("select 1 as changed; drop table tickets", "more than one"),
        ("select id from tickets", "no column changed"),
        ("select id, id, changed from tickets", "alike"),
        ("select nothing from tickets", "BUREAU_DB"),
        ("select id, null as changed from tickets", "has no changed"),
    ],
)
def test_a_question_that_is_none_is_told_in_one_line(small, bureau, query, said):
    url, run = bureau
    run(ticket(1, 0))
    with pytest.raises(FetchError, match=said) as error:
        ask(small, url, source(query=query))
    assert "\n" not in str(error.value)


def test_a_variable_that_is_not_set_is_named(small):
    with pytest.raises(FetchError, match="BUREAU_DB is not set"):
        sql.fetch(small, source(), frozenset(), environ={})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cr%40t@127.0.0.1:1/d",
        "postgresql://u:s3cr%40t@db.example/d",
        "postgresql://u:s3cr%40t@/d?host=a,b",
        "postgresql://u:s3cr%40t@a/d?hostaddr=10.0.0.1",
        "postgresql://u:s3cr%40t@a:nan/d",
        "mysql+pymysql://u:s3cr%40t@127.0.0.1/d",
    ],
)
@pytest.mark.parametrize("allowed", [(), ("postgresql://127.0.0.1:1", "mysql://127.0.0.1:3306")])
def test_no_message_ever_shows_the_password(small, url, allowed):
    with pytest.raises(FetchError) as error:
        sql.fetch(small, source(), frozenset(allowed), environ={"BUREAU_DB": url})
    told = str(error.value) + repr(error.value.__cause__)
    assert "s3cr" not in told


def test_a_database_of_the_network_must_be_on_the_allow_list(small):
    with pytest.raises(FetchError, match="is not on the allow-list"):
        sql.fetch(small, source(), frozenset(), environ={"BUREAU_DB": "postgresql://u@10.1.2.3/d"})


def test_what_is_remembered_is_kept_by_source(small, bureau):
    url, run = bureau
    run(ticket(1, 0))
    ask(small, url, source())
    assert sql.read_watermark(small, "hotline")["cut"] is False
    assert sql.read_watermark(small, "approvals") == {}
    before = count(small, m.store_info)
    run(ticket(2, 1))
    ask(small, url, source())
    assert count(small, m.store_info) == before


def test_a_time_with_a_zone_goes_there_and_back():
    marks = [datetime(2026, 11, 18, 2, 0, tzinfo=UTC)]
    assert sql._value(json.loads(sql._remembered(marks, cut=False))) == marks[0]


# ---- all the way into the store ----

ORDERS = (
    "select id as 工单编号, town as 诉求地址, '2026-11-18 09:00:00' as 受理时间, '办理中' as 工单状态,"
    " '投诉' as 诉求类型, changed from tickets where changed > :since order by changed, id"
)


@pytest.fixture
def collector(store, tmp_path, monkeypatch):
    """A collector whose one source is a bureau's SQLite file."""
    monkeypatch.setattr(loop, "log", Log())
    url = f"sqlite:///{tmp_path / 'bureau.sqlite'}"
    monkeypatch.setenv("BUREAU_DB", url)
    entry = SqlQuery(address="BUREAU_DB", query=ORDERS, watermark="changed")
    facts = catalogue()
    ours = facts.sources["hotline_cases"].model_copy(
        update={"sql": entry, "urls": (), "waits": False}
    )
    found = Collector(
        store, replace(facts, sources={**facts.sources, ours.key: ours}), Settings(), clock=Clock()
    )
    found.polls = [p for p in found.polls if p.source.key == ours.key]
    return found, next(_bureau(url))[1]


def test_rows_of_another_database_become_cases_with_their_way_back(store, collector):
    found, run = collector
    run(ticket(1, 0, town="源城区老城"))
    rounds(found)
    run(ticket(2, 5, town="紫金县"))
    rounds(found, 2)
    assert {c.ext_id for c in rows_of(store, m.cases)} == {"1", "2"}
    kept = rows_of(store, m.fetch)
    assert [f.origin for f in kept] == ["sql:BUREAU_DB"] * 2
    assert "工单编号" in zlib.decompress(kept[0].raw).decode()
    (state,) = rows_of(store, m.source_state)
    assert (state.failures, state.last_ok_at is not None) == (0, True)


def test_a_batch_the_store_lost_is_asked_for_again(store, collector, monkeypatch):
    found, run = collector
    run(ticket(1, 0, town="源城区"))
    real = loop.ingest

    def lost(*args, **more):
        monkeypatch.setattr(loop, "ingest", real)
        raise OperationalError("commit", {}, Exception("gone"))

    monkeypatch.setattr(loop, "ingest", lost)
    with pytest.raises(OperationalError):
        rounds(found)
    rounds(found)
    assert [c.ext_id for c in rows_of(store, m.cases)] == ["1"]


def test_a_question_that_fails_is_told_at_its_source(store, collector):
    found, run = collector
    run("drop table tickets")
    rounds(found)
    (state,) = rows_of(store, m.source_state)
    assert state.failures == 1
    assert "no such table: tickets" in state.error


@pytest.mark.parametrize(
    ("url", "port", "package", "spelled"),
    [
        ("mysql://u:s3cr%40t@127.0.0.1/d", 3306, "PyMySQL", "mysql+pymysql://"),
        ("mysql+pymysql://u:s3cr%40t@127.0.0.1/d", 3306, "PyMySQL", "mysql+pymysql://"),
        ("mariadb://u:s3cr%40t@127.0.0.1/d", 3306, "PyMySQL", "mariadb+pymysql://"),
        ("oracle://u:s3cr%40t@127.0.0.1/d", 1521, "oracledb", "oracle+oracledb://"),
    ],
)
def test_a_driver_that_is_not_there_is_named(small, url, port, package, spelled, monkeypatch):
    for module in ("pymysql", "oracledb", "cx_Oracle", "MySQLdb"):
        monkeypatch.setitem(sys.modules, module, None)  # whatever this machine has
    allowed = frozenset({f"{url.split(':')[0].split('+')[0]}://127.0.0.1:{port}"})
    with pytest.raises(FetchError) as error:
        sql.fetch(small, source(), allowed, environ={"BUREAU_DB": url})
    assert f"pip install {package}" in str(error.value)
    assert spelled in str(error.value)
    assert "s3cr" not in str(error.value)
