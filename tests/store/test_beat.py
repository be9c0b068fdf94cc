"""Displays post what they are: written seldom, garbage refused, nobody invents a thousand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from callbacks import beat as hearing
from data import models as m
from data.commands.audit import By
from data.commands.screens import Beat, ScreenFault, forget_screens, note_beats, rename, retire
from data.queries.alarms.screens import screen_rows
from data.store import utc_now
from tests.conftest import NOW

STEWARD = By(1, "李维", "steward")
ID = "d-0123456789ab"


@pytest.fixture
def client(store):
    server = Flask("t")
    hearing.register(server, store)
    return server.test_client()


def screens(store):
    with store.read() as conn:
        return conn.execute(select(m.screen).order_by(m.screen.c.id)).all()


def test_a_beat_makes_a_display_known_without_a_sign_in(store, client):
    told = {
        "id": ID, "page": "/?area=441602", "build": "abc-1", "painted": 2.5, "memory": 81.3,
        "w": 3840, "h": 2160, "closed": False,
    }  # fmt: skip
    assert client.post("/beat", json=told).status_code == 204
    (row,) = screens(store)
    assert (row.id, row.page, row.build, row.memory_mb) == (ID, "/?area=441602", "abc-1", 81.3)
    assert (row.width, row.height, row.closed_at) == (3840, 2160, None)
    assert timedelta(seconds=1) <= row.seen_at - row.painted_at <= timedelta(seconds=4)


@pytest.mark.parametrize("body", [
    b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"id":"x"}', b'{"id":"../../../etc/passwd"}',
    b'{"id":"d-0123456789ab","more":1}', b'{"id":"d-0123456789ab","painted":-1}',
    b'{"id":"d-0123456789ab","painted":NaN}', b'{"id":"d-0123456789ab","painted":1e999}',
    b'{"id":"d-0123456789ab","memory":"8"}', b'{"id":"d-0123456789ab","w":0}',
    b'{"id":"d-0123456789ab","page":"a\\u0000b"}', b'{"id":"d-0123456789ab","closed":"no"}',
    b'{"id":"d-0123456789ab","build":"<script>"}', b"[" * 1500,
])  # fmt: skip
def test_garbage_is_refused_with_a_reason_and_nothing_is_written(store, client, body):
    answer = client.post("/beat", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert len(answer.data) < 200
    assert screens(store) == []


def test_what_is_too_large_of_another_kind_or_from_another_site_is_refused(store, client):
    large = json.dumps({"id": ID, "page": "x" * 4000})
    assert client.post("/beat", data=large, content_type="application/json").status_code == 413
    assert client.post("/beat", data="a=1").status_code == 415
    other = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/beat", json={"id": ID}, headers=other).status_code == 403
    assert client.get("/beat").status_code == 405
    assert screens(store) == []


def test_who_beats_too_often_or_invents_displays_is_slowed_down(store, client):
    answers = [client.post("/beat", json={"id": ID}).status_code for _ in range(20)]
    assert answers.count(204) == hearing.A_SCREEN
    assert set(answers) == {204, 429}
    more = [client.post("/beat", json={"id": f"{ID}-{n}"}).status_code for n in range(150)]
    assert more.count(204) == hearing.NEW_ONES - 1


def beat(at=NOW, **more):
    values = {
        "id": ID, "at": at, "page": "/", "build": "b", "painted_at": at, "memory_mb": None,
        "width": None, "height": None, "closed": False, "origin": "10.0.0.7",
    }  # fmt: skip
    return Beat(**(values | more))


def test_a_display_is_written_at_most_once_in_half_a_minute_by_all_workers(store):
    ears = [hearing.Ear(store), hearing.Ear(store)]
    written = set()
    for second in range(0, 300, 15):
        ears[second // 15 % 2].hear(beat(NOW + timedelta(seconds=second)), 1000.0 + second)
        written.add(screens(store)[0].seen_at)
    assert len(written) <= 11
    assert max(written) >= NOW + timedelta(seconds=255)


def test_a_page_that_is_closed_is_written_at_once_and_so_is_one_that_comes_back(store):
    ear = hearing.Ear(store)
    ear.hear(beat(), 1000.0)
    ear.hear(beat(NOW + timedelta(seconds=5), closed=True), 1005.0)
    assert screens(store)[0].closed_at == NOW + timedelta(seconds=5)
    ear.hear(beat(NOW + timedelta(seconds=9)), 1009.0)
    assert screens(store)[0].closed_at is None


def test_a_clock_that_went_back_does_not_silence_a_display(store):
    with store.write() as conn:
        assert note_beats(conn, [beat()]) == 1
        assert note_beats(conn, [beat(NOW - timedelta(hours=1))]) == 1


def test_a_store_that_is_lost_is_told_and_beats_are_kept(store, client, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def lost(**_more):
        raise OperationalError("x", {}, Exception("gone"))

    monkeypatch.setattr(store, "write", lost)
    assert client.post("/beat", json={"id": ID}).status_code == 503


def test_a_steward_names_and_retires_and_it_is_audited(store):
    viewer = By(2, "看", "viewer")
    with store.write() as conn:
        note_beats(conn, [beat(), beat(id="d-9999999999")])
        assert rename(conn, ID, " 大厅 主屏 ", viewer, NOW) is ScreenFault.NO_RIGHT
        assert rename(conn, ID, " 大厅  主屏 ", STEWARD, NOW) is None
        assert rename(conn, "d-9999999999", "大厅 主屏", STEWARD, NOW) is ScreenFault.NAME_TAKEN
        assert rename(conn, ID, "  ", STEWARD, NOW) is ScreenFault.NAME_MISSING
        assert rename(conn, ID, "长" * 61, STEWARD, NOW) is ScreenFault.NAME_TOO_LONG
        assert rename(conn, "nobody", "x", STEWARD, NOW) is ScreenFault.UNKNOWN
        assert retire(conn, ID, STEWARD, NOW) is None
        rows = {r["id"]: r for r in screen_rows(conn, NOW)}
        assert rows[ID]["state"] == "retired"
        assert retire(conn, ID, STEWARD, NOW, back=True) is None
        rows = {r["id"]: r for r in screen_rows(conn, NOW)}
        assert (rows[ID]["state"], rows[ID]["name"]) == ("fresh", "大厅 主屏")
        acts = list(conn.scalars(select(m.audit.c.act).order_by(m.audit.c.id)))
    assert acts == ["screen.name", "screen.retire", "screen.back"]


def test_a_retired_display_that_still_beats_stays_retired(store):
    with store.write() as conn:
        note_beats(conn, [beat()])
        retire(conn, ID, STEWARD, NOW)
        note_beats(conn, [beat(NOW + timedelta(minutes=5))])
    assert screens(store)[0].retired_at == NOW


def test_displays_that_nobody_named_are_forgotten_and_named_ones_are_not(store):
    with store.write() as conn:
        note_beats(conn, [beat(), beat(id="d-9999999999")])
        rename(conn, ID, "主屏", STEWARD, NOW)
        forget_screens(conn, NOW + timedelta(days=8))
        assert [r.retired_at is None for r in conn.execute(select(m.screen)).all()] != []
        forget_screens(conn, NOW + timedelta(days=60))
    assert [r.name for r in screens(store)] == ["主屏"]


def test_the_clock_of_the_page_is_not_asked(store, client):
    client.post("/beat", json={"id": ID, "painted": 0})
    assert abs((utc_now() - screens(store)[0].painted_at).total_seconds()) < 60


def test_an_enrolled_display_is_kept_alive_by_itself_alone(store):
    with store.write() as conn:
        values = {"id": ID, "name": "大厅", "first_seen_at": NOW, "seen_at": NOW, "token": "x" * 64,
                  "enrolled_at": NOW}  # fmt: skip
        conn.execute(m.screen.insert().values(values))
        assert note_beats(conn, [beat(NOW + timedelta(minutes=9))]) == 0
        assert note_beats(conn, [beat(NOW + timedelta(minutes=9), device=True)]) == 1


def test_an_enrolled_display_counts_under_its_own_id(store):
    server = Flask("t")
    hearing.register(server, store, lambda: "d-enrolled")
    assert server.test_client().post("/beat", json={"id": ID}).status_code == 204
    assert [r.id for r in screens(store)] == ["d-enrolled"]
