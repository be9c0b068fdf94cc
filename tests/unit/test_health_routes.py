"""/healthz says that the process lives; /readyz says why the wall cannot be served."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from callbacks import health
from data import models as m
from data import panels
from data.catalogue import catalogue
from data.collector.lease import Lease
from data.models import schema
from data.queries.health import reasons_not_ready
from data.settings import Settings
from data.store import Store
from tests.conftest import NOW
from tests.store.support import sqlite_only


def client_of(store, monkeypatch, now=NOW):
    monkeypatch.setattr(health, "utc_now", lambda: now)
    server = Flask("test")
    health.register(server, store, Settings())
    return server.test_client()


def make_ready(store):
    Lease(store, "collector", seconds=15).hold(NOW)
    with store.write() as conn:
        panels.publish_all(conn, catalogue(), NOW)


def test_a_store_that_is_served_is_ready(store, monkeypatch):
    make_ready(store)
    answer = client_of(store, monkeypatch).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "reasons": []})


def test_an_empty_store_says_everything_that_is_missing(store, monkeypatch):
    answer = client_of(store, monkeypatch).get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reasons"] == ["collector is not alive", "no fresh panel snapshot"]


@pytest.mark.parametrize(
    ("age", "reasons"),
    [
        (30, []),
        (31, ["collector is not alive"]),
        (121, ["collector is not alive", "no fresh panel snapshot"]),
    ],
)
def test_what_is_old_is_named(store, monkeypatch, age, reasons):
    make_ready(store)
    answer = client_of(store, monkeypatch, NOW + timedelta(seconds=age)).get("/readyz")
    assert answer.json["reasons"] == reasons
    assert answer.status_code == (503 if reasons else 200)


def test_a_store_without_tables_says_how_to_make_them(bare_store, monkeypatch):
    answer = client_of(bare_store, monkeypatch).get("/readyz")
    assert answer.status_code == 503
    assert "python -m data migrate" in answer.json["reasons"][0]


def test_a_store_of_an_older_form_is_not_ready(store):
    make_ready(store)
    with store.write() as conn:
        conn.exec_driver_sql("update alembic_version set version_num = '0000'")
    with store.read() as conn:
        (reason,) = reasons_not_ready(conn, now=NOW, var=Settings().var)
    assert "schema" in reason
    assert schema.SCRIPTS.is_dir()


@sqlite_only
def test_a_lost_store_is_a_reason_and_the_process_still_lives(store, monkeypatch):
    client = client_of(store, monkeypatch)

    def lost(_self):
        raise OperationalError("select 1", {}, Exception("secret host name"))

    monkeypatch.setattr(Store, "read", lost)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reasons"]) == (503, ["store: OperationalError"])
    assert "secret" not in answer.text
    assert client.get("/healthz").json == {"status": "ok"}


@sqlite_only
def test_a_full_disk_is_a_reason(store, monkeypatch, tmp_path):
    make_ready(store)
    from data.queries import health as asked

    usage = type("Usage", (), {"total": 100e9, "free": 1e9})
    monkeypatch.setattr(asked.shutil, "disk_usage", lambda _path: usage)
    with store.read() as conn:
        (reason,) = reasons_not_ready(conn, now=NOW, var=tmp_path)
    assert reason == "disk is nearly full: 1.0 GB free"
    with store.read() as conn:
        assert reasons_not_ready(conn, now=NOW, var=tmp_path / "none") == [reason]


def test_the_collector_of_another_name_is_not_the_collector(store):
    Lease(store, "other", seconds=15).hold(NOW)
    with store.read() as conn:
        assert "collector is not alive" in reasons_not_ready(conn, now=NOW, var=Settings().var)
    assert m.lease.name == "lease"


def test_a_clock_that_is_behind_the_collectors_is_a_reason(store):
    """Else a collector that died would look alive until the clock caught up."""
    make_ready(store)
    with store.read() as conn:
        reasons = reasons_not_ready(conn, now=NOW - timedelta(minutes=10), var=Settings().var)
    assert reasons == ["clock: the collector's is 600 s ahead of this machine's"]


def test_a_database_with_another_clock_is_a_reason(store, monkeypatch):
    from data.queries import health as asked

    make_ready(store)
    real = asked.utc_now
    monkeypatch.setattr(asked, "utc_now", lambda: real() + timedelta(seconds=60))
    with store.read() as conn:
        reasons = reasons_not_ready(conn, now=NOW, var=Settings().var)
    said = [] if store.sqlite else ["clock: the database's is 60 s behind this machine's"]
    assert reasons == said


@sqlite_only
def test_a_worker_that_lost_the_store_is_not_ready(store, monkeypatch):
    import time

    from callbacks.hub import Hub

    make_ready(store)
    monkeypatch.setattr(health, "utc_now", lambda: NOW)
    hub = Hub(store, lambda *_: {}, build="b")
    server = Flask("test")
    health.register(server, store, Settings(), hub)
    said = ["this web worker does not hear from the store"]
    client = server.test_client()
    assert client.get("/readyz").json["reasons"] == said
    hub.db_ok, hub.checked = True, time.time()
    assert client.get("/readyz").json["reasons"] == []
    hub.checked -= 60
    assert client.get("/readyz").json["reasons"] == said
