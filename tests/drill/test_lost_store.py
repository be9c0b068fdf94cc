"""Drills: the store goes away in the middle of the work and comes back."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from callbacks.hub import Hub, Scope
from data import models as m
from data import snapshots
from data.store import Store
from tests.helpers import payloads
from tests.store.payloads import request, requests
from tests.store.support import (
    CITY,
    FACTS,
    contents,
    count,
    noted,
    pg_only,
    sqlite_only,
    take,
    until,
)

pytestmark = pytest.mark.drill
SCOPE = Scope("zh", CITY)


def publish(store, value):
    with store.write() as conn:
        snapshots.publish(conn, {("a", CITY): value}, now=float(value), ttl=60)


@pytest.fixture
def hub(store):
    found = Hub(store, lambda panel, payload, lang, area: {"x": {"children": payload}}, build="b")
    yield found
    found.close()


def kick_everybody(store, server):
    """End every connection to the store's database, as a restart of PostgreSQL does."""
    name = store.engine.url.database
    server.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")


@pg_only
def test_every_connection_is_cut_and_the_next_question_is_answered(store, server):
    take(store, "yuepingan", requests(request("1")))
    kick_everybody(store, server)
    assert count(store, m.cases) == 1
    kick_everybody(store, server)
    assert take(store, "yuepingan", requests(request("1"), request("2"))).counts.new == 1


@pg_only
def test_a_connection_cut_in_the_middle_of_a_file_leaves_nothing_of_it(store, server):
    take(store, "yuepingan", requests(request("1")))
    before = contents(store, *FACTS, m.ingest_run, m.fetch)

    def cut(_conn, _source, _now):
        kick_everybody(store, server)

    with pytest.raises(DBAPIError):
        take(store, "yuepingan", requests(request("2")), publish=cut)
    assert contents(store, *FACTS, m.ingest_run, m.fetch) == before
    assert take(store, "yuepingan", requests(request("2"))).counts.new == 1


def test_a_long_write_elsewhere_is_no_lost_store(store, hub, monkeypatch):
    """Telling which counties are looked at needs the writer's place; it can wait."""
    monkeypatch.setattr("callbacks.hub.TELL_S", 1)
    hub.look([SCOPE, Scope("zh", "441602")])
    with store.write():
        hub._tell_looked()
    hub._tell_looked()
    assert count(store, m.watched_area) == 2


@pg_only
def test_the_hub_finds_the_store_again_after_a_restart(store, server, hub):
    publish(store, 1)
    hub.start()
    kick_everybody(store, server)
    until(lambda: not hub.db_ok or hub.rev == 1)
    publish(store, 2)
    until(lambda: hub.db_ok and hub.rev == 2, 15)
    assert payloads(hub, CITY) == {"a": 2}


@sqlite_only
def test_another_file_in_the_place_of_the_store_is_noticed(store, hub, tmp_path, sqlite_template):
    """A demo store that is made again under a running wall."""
    publish(store, 1)
    hub.start()
    first = hub.epoch
    path = Path(str(store.engine.url.database))
    other = tmp_path / "other.sqlite"
    shutil.copy(sqlite_template, other)
    fresh = Store(f"sqlite:///{other}")
    publish(fresh, 7)
    fresh.checkpoint()
    fresh.dispose()
    store.dispose()
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()
    shutil.copy(other, path)
    until(lambda: hub.epoch not in ("", first), 6.5)
    assert payloads(hub, CITY) == {"a": 7}


@sqlite_only
def test_a_writer_that_waits_too_long_says_so_and_nothing_is_lost(store):
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="a", value="1"))
        other = Store(store.engine.url.render_as_string(hide_password=False))
        with other.read() as reading:
            reading.exec_driver_sql("select 1")
        raw = other.engine.raw_connection()
        raw.cursor().execute("pragma busy_timeout=50")
        with pytest.raises(Exception, match="locked"):
            raw.cursor().execute("begin immediate")
        raw.close()
        other.dispose()
    assert noted(store) == {"a"}


@sqlite_only
def test_a_damaged_file_is_an_error_and_never_an_empty_city(store):
    take(store, "yuepingan", requests(request("1")))
    store.checkpoint()
    store.dispose()
    path = Path(str(store.engine.url.database))
    whole = path.read_bytes()
    path.write_bytes(b"not a database at all" + whole[21:])
    with pytest.raises((OperationalError, DBAPIError)):
        count(store, m.cases)
    store.dispose()
    path.write_bytes(whole)
    assert count(store, m.cases) == 1
