"""/metrics counts what happened, names no person, and is not for everybody."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from callbacks import metrics
from data.catalogue import catalogue
from data.collector.lease import Lease
from data.ingest.ledger import note_heard
from data.queries.keys import read_keys
from data.settings import settings
from data.store import Store, utc_now
from tests.store.payloads import request, requests
from tests.store.support import CITY, sqlite_only, take

TOKEN = "t" * 20
CAP = next(key for key, source in catalogue().sources.items() if source.connector == "cap")


@pytest.fixture
def app(store, fresh_settings):
    fresh_settings.setenv("ZHIZHI_METRICS_TOKEN", TOKEN)
    settings.cache_clear()
    made = create_app(store, build="test")
    yield made
    made.server.extensions["hub"].close()


@pytest.fixture
def client(app):
    return app.server.test_client()


def value(client, line):
    """Return the value of one line, 0 when it is not there yet."""
    text = client.get("/metrics").text
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def test_answers_are_counted_by_page_and_status(client):
    home = 'zhizhi_requests_total{page="/",status="200"}'
    case = 'zhizhi_requests_total{page="/case/",status="302"}'
    other = 'zhizhi_requests_total{page="other",status="404"}'
    before = [value(client, line) for line in (home, case, other)]
    client.get("/?q=secret")
    client.get("/case/P-17")
    client.get("/nothing-here")
    client.get("/nothing-there")
    after = [value(client, line) for line in (home, case, other)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 2]
    text = client.get("/metrics").text
    for word in ("secret", "P-17", "nothing-here"):
        assert word not in text


def test_callbacks_are_timed_by_what_they_write(app, client):
    known = metrics._callback
    with app.server.test_request_context("/", method="POST", json={"output": "none.such"}):
        assert known(app.callback_map) == "other"
    some = next(iter(app.callback_map))
    with app.server.test_request_context("/", method="POST", json={"output": some}):
        assert known(app.callback_map) not in ("", "other")
    client.post("/_dash-update-component", json={"output": "none.such"})
    assert value(client, 'zhizhi_callback_seconds_count{callback="other"}') >= 1


def test_statements_and_the_hub_are_seen(app, client):
    before = value(client, 'zhizhi_database_seconds_count{kind="select"}')
    assert value(client, 'zhizhi_database_seconds_count{kind="select"}') > before
    hub = app.server.extensions["hub"]
    assert value(client, "zhizhi_streams") == 0
    assert hub.enter(5)
    assert value(client, "zhizhi_streams") == 1
    hub.leave()
    assert value(client, "zhizhi_hub_store_ok") == 1
    assert value(client, "zhizhi_hub_revision") == hub.rev


def test_the_stores_own_figures(store, client):
    now = utc_now()
    Lease(store, "collector", seconds=15).hold(now)
    take(store, "yuepingan", requests(request("1")), now=now)
    with store.write() as conn:
        keys = read_keys(conn)
        note_heard(conn, keys, catalogue().sources[CAP], now=now, new=True)
    assert value(client, "zhizhi_store_up") == 1
    assert value(client, "zhizhi_store_bytes") > 100_000
    assert value(client, "zhizhi_disk_free_bytes") > 1
    assert 0 <= value(client, "zhizhi_collector_age_seconds") < 60
    assert value(client, 'zhizhi_source_runs_hour{source="yuepingan",status="ok"}') == 1
    assert 0 <= value(client, f'zhizhi_source_age_seconds{{source="{CAP}"}}') < 60
    assert f'zhizhi_source_failures{{source="{CAP}"}} 0.0' in client.get("/metrics").text


@sqlite_only
def test_a_lost_store_is_a_figure(store, client, monkeypatch):
    def lost(_self):
        raise OperationalError("select 1", {}, Exception("gone"))

    monkeypatch.setattr(Store, "read", lost)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "zhizhi_store_up 0.0" in answer.text


@sqlite_only
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Real-IP": "1.2.3.4"}, 403),
        ("10.1.2.3", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("10.1.2.3", {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "1.2.3.4"}, 200),
        ("127.0.0.1", {"Authorization": "Bearer wrong-wrong-wrong"}, 403),
        ("10.1.2.3", {"Authorization": "Bearer "}, 403),
    ],
)
def test_who_may_read(client, address, headers, status):
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("zhizhi_store_up" in answer.text) is (status == 200)


@sqlite_only
def test_a_token_that_could_be_guessed_opens_nothing(store, fresh_settings):
    fresh_settings.setenv("ZHIZHI_METRICS_TOKEN", "short")
    settings.cache_clear()
    app = create_app(store, build="test")
    answer = app.server.test_client().get(
        "/metrics",
        headers={"Authorization": "Bearer short"},
        environ_base={"REMOTE_ADDR": "10.1.2.3"},
    )
    assert answer.status_code == 403
    app.server.extensions["hub"].close()
    assert CITY not in answer.text


def test_two_workers_are_counted_together(tmp_path):
    """As under gunicorn: each worker counts into files, whoever is asked reads all of them."""
    import os
    import subprocess
    import sys

    code = (
        "from callbacks import metrics as m\n"
        "m.REQUESTS.labels('/', '200').inc(); m.STREAMS.set(3); m.HUB_REV.set({0})\n"
        "from prometheus_client import generate_latest\n"
        "print(generate_latest(m._all_workers()).decode())\n"
    )
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for number in (1, 2):
        told = subprocess.run(
            [sys.executable, "-c", code.format(number)],
            env=env, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    assert 'zhizhi_requests_total{page="/",status="200"} 2.0' in told
    assert "zhizhi_streams 6.0" in told
    assert len(re.findall(r"^zhizhi_hub_revision\{pid=", told, re.M)) == 2
