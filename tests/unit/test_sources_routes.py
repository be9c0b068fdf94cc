"""The sources page over HTTP: its paint, its views, its forms, the way to raw bytes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app import create_app
from callbacks import sources
from data import models as m
from data import panels
from data.catalogue import catalogue
from data.settings import Settings, settings
from data.store import utc_now
from data.vocabulary import Role
from tests.store.payloads import alert, feed, request, requests, timetable
from tests.store.people import GOOD, make, quick  # noqa: F401
from tests.store.support import rows_of, sqlite_only, take
from tests.unit.login.signing_in import hidden

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


@pytest.fixture
def acting(request):
    return getattr(request, "param", True)


@pytest.fixture
def server(store, monkeypatch, acting):
    monkeypatch.setattr("app.settings", lambda: Settings(steward=acting))
    take(
        store, "yuepingan", requests(request("1", "ZD-01"), request("2", code="999")), now=utc_now()
    )
    take(store, "warnings", feed(alert("A1")), now=utc_now())
    take(store, "bus_static", timetable(), now=utc_now())
    with store.write() as conn:
        panels.publish_all(conn, catalogue(), utc_now())
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


@pytest.fixture
def client(server):
    return server.test_client()


def layout(client, address):
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost{address}"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def body_of(client, search, lang="zh", nudge=1):
    inputs = [{"id": "board-url", "property": "search", "value": search},
              {"id": "board-nudge", "property": "data", "value": nudge}]  # fmt: skip
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": "board-body.children",
            "outputs": {"id": "board-body", "property": "children"},
            "inputs": inputs,
            "changedPropIds": ["board-url.search"],
            "state": [{"id": "board", "property": "lang", "value": lang}],
        },
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.dumps(answer.get_json(), ensure_ascii=False)


def act(client, act, search, **typed):
    ids = [{"type": "debt-field", "field": f} for f in typed]
    button = {"act": act, "type": "debt-act"}
    name = json.dumps(button, separators=(",", ":"))
    outputs = [{"id": "board-said", "property": "children"}, {"id": "board-url", "property": "search"},
               {"id": "board-nudge", "property": "data"}]  # fmt: skip
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": "..board-said.children...board-url.search...board-nudge.data..",
            "outputs": outputs,
            "inputs": [[{"id": button, "property": "n_clicks", "value": 1}]],
            "changedPropIds": [f"{name}.n_clicks"],
            "state": [
                [
                    {"id": i, "property": "value", "value": v}
                    for i, v in zip(ids, typed.values(), strict=True)
                ],
                [{"id": i, "property": "id", "value": i} for i in ids],
                {"id": "board-url", "property": "search", "value": search},
                {"id": "board-nudge", "property": "data", "value": 0},
                {"id": "board", "property": "lang", "value": "zh"},
            ],
        },
    )
    if answer.status_code == 204:
        return None
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["response"]


# ---- paint ----


def test_the_first_paint_is_the_page_and_the_root_is_the_wall(client):
    assert client.get("/sources").status_code == 200
    assert '"board"' in layout(client, "/sources")
    assert '"wall"' not in layout(client, "/sources")
    assert '"board"' not in layout(client, "/")
    assert '"wall"' in layout(client, "/nowhere-such-as-an-old-link")


def test_the_first_paint_shows_what_the_address_asks_for(client):
    english = layout(client, "/sources?lang=en&dept=politics_law")
    assert "Ping'an public safety" in english
    assert "12345 hotline" not in english.split("srct")[1]


@pytest.mark.parametrize(
    "path", ["/sources/", "/sources/raw", "/sources/raw/x", "/sourcesx", "/sources/raw/-1"]
)
def test_what_is_near_the_page_is_not_the_page(client, path):
    assert client.get(path).status_code == 404


def test_a_language_chosen_here_is_kept(client):
    (cookie,) = client.get("/sources?lang=en").headers.getlist("Set-Cookie")
    assert cookie.startswith("lang=en;")


def test_a_change_of_address_redraws_the_body(client):
    found = body_of(client, "?tab=debts")
    assert "in-debts" in found
    assert "Data debts" in body_of(client, "?tab=debts", lang="en")
    assert "没有该编号或名称的记录" in body_of(client, "?run=999999")


def test_a_lost_store_is_said_and_nothing_breaks(client, store, monkeypatch):
    def lost(*_values, **_more):
        raise ConnectionError("no store")

    monkeypatch.setattr(sources, "board", lost)
    assert "无法显示" in body_of(client, "")
    assert "无法显示" in json.loads(f'"{layout(client, "/sources")}"') if False else True
    assert (
        client.get("/_dash-layout", headers={"Referer": "http://localhost/sources"}).status_code
        == 200
    )


# ---- raw bytes ----


def fetch_of(store, source):
    key = {r.code: r.id for r in rows_of(store, m.source)}[source]
    return next(r for r in rows_of(store, m.fetch) if r.source_id == key)


def test_raw_bytes_come_as_an_attachment_that_no_browser_runs(client, store):
    row = fetch_of(store, "warnings")
    answer = client.get(f"/sources/raw/{row.id}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="warnings-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"<alert" in answer.data


def test_a_zip_comes_as_bytes(client, store):
    answer = client.get(f"/sources/raw/{fetch_of(store, 'bus_static').id}")
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    assert answer.data[:2] == b"PK"


def test_a_source_about_persons_gives_a_masked_copy(client, store):
    answer = client.get(f"/sources/raw/{fetch_of(store, 'yuepingan').id}")
    assert answer.status_code == 200
    assert "-masked.txt" in answer.headers["Content-Disposition"]


def test_bytes_that_never_were_or_were_let_go_are_two_different_answers(client, store):
    number = fetch_of(store, "warnings").id
    missing = client.get("/sources/raw/999999", headers={"Accept-Language": "en"})
    assert (missing.status_code, missing.mimetype) == (404, "text/plain")
    assert "There is no file" in missing.get_data(as_text=True)
    with store.write() as conn:
        conn.execute(m.fetch.update().values(raw=None))
    gone = client.get(f"/sources/raw/{number}")
    assert gone.status_code == 410
    assert "已按期限清理" in gone.get_data(as_text=True)


# ---- debts ----

PSB = "?tab=debts&propose=no_source..psb."


def due(days=7):
    return (utc_now() + timedelta(days=days)).date().isoformat()


def test_a_proposal_is_taken_and_the_debt_closed(client, store):
    answer = act(
        client, "take", PSB, owner="李警官", due=due(), note="接入警综平台", said_by="王科长"
    )
    assert answer["board-said"]["children"] == "欠账 1 号已列入台账"
    assert answer["board-url"]["search"] == "?tab=debts"
    assert "李警官" in body_of(client, "?tab=debts")
    closed = act(
        client, "kept", "?tab=debts&debt=1", owner="", due="", note="已接入", said_by="王科长"
    )
    assert closed["board-said"]["children"] == "欠账 1 号已办结"
    assert [r.state for r in rows_of(store, m.data_debt)] == ["kept"]
    assert {r.said_by for r in rows_of(store, m.data_debt_event)} == {"王科长"}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"said_by": ""}, "经办人姓名 未填写"),
        ({"owner": " "}, "责任人 未填写"),
        ({"due": "next week"}, "完成期限 不是有效日期（年-月-日）"),
        ({"due": "2020-01-01"}, "完成期限 早于今天"),
    ],
)
def test_a_wrong_form_is_told_what_is_wrong_and_stays_open(client, store, typed, error):
    said_ = {"owner": "李", "due": due(), "note": "", "said_by": "王", **typed}
    answer = act(client, "take", PSB, **said_)
    assert answer["board-said"]["children"] == error
    assert "board-url" not in answer
    assert rows_of(store, m.data_debt) == []


def test_a_proposal_that_is_gone_cannot_be_taken(client, store):
    answer = act(client, "take", "?propose=gone", owner="李", due=due(), note="", said_by="王")
    assert "已在台账中" in answer["board-said"]["children"]


@pytest.mark.parametrize("acting", [False], indirect=True)
def test_without_leave_nobody_acts_even_by_hand(client, store, acting):
    answer = act(client, "take", PSB, owner="李", due=due(), note="", said_by="王")
    assert not answer
    assert rows_of(store, m.data_debt) == []
    assert "python -m data debt" in body_of(client, "?tab=debts")


# ---- who acts ----


def enter(client, store, role=Role.STEWARD):
    make(store, role=role, now=utc_now())
    headers = {"Referer": "http://localhost/login"}
    fields = hidden(client.get("/_dash-layout", headers=headers).get_json())
    form = {"token": fields["token"], "name": "wang.min", "password": GOOD}
    assert client.post("/login", data=form).status_code == 303


def test_the_head_leads_to_the_sign_in_and_back(client):
    text = layout(client, "/sources?tab=debts")
    assert "/login?next=%2Fsources%3Ftab%3Ddebts" in text.replace("\\u002f", "/")


def test_who_is_signed_in_is_named_and_recorded_whatever_the_form_says(client, store):
    enter(client, store)
    assert "王敏" in layout(client, "/sources")
    form = body_of(client, PSB.replace("?", "?x=1&"))
    assert "按登录人实名记录" in form
    assert '"field": "said_by"' not in form
    answer = act(client, "take", PSB, owner="李", due=due(), note="", said_by="赵六")
    assert "已列入台账" in answer["board-said"]["children"]
    assert {r.said_by for r in rows_of(store, m.data_debt_event)} == {"王敏"}
    entry = rows_of(store, m.audit)[-1]
    assert (entry.act, entry.object, entry.actor) == ("debt_take", "debt/1", "王敏")


@pytest.mark.parametrize("acting", [False], indirect=True)
def test_a_steward_acts_where_not_everybody_may_and_a_viewer_does_not(
    client, server, store, acting
):
    enter(client, store, Role.VIEWER)
    assert not act(client, "take", PSB, owner="李", due=due(), note="")
    with store.write() as conn:
        conn.execute(m.account.update().values(role="steward"))
    assert act(client, "take", PSB, owner="李", due=due(), note="")
    assert len(rows_of(store, m.data_debt)) == 1


def test_a_form_of_a_session_that_ended_is_told_so_and_saves_nothing(client, store):
    answer = act(client, "take", PSB, owner="李", due=due(), note="字已打好")
    assert answer["board-said"]["children"] == "未保存：请先登录"
    assert "board-url" not in answer
    assert rows_of(store, m.data_debt) == []


def test_raw_bytes_of_a_real_city_are_for_who_may_look(store, fresh_settings):
    fresh_settings.setenv("ZHIZHI_WALLS", "enrolled")
    settings.cache_clear()
    app = create_app(store, build="b1")
    try:
        answer = app.server.test_client().get("/sources/raw/1", headers={"Accept-Language": "en"})
        assert answer.status_code == 403
        assert "Sign in" in answer.text
    finally:
        app.server.extensions["hub"].close()
