"""What the alarm console's scripts ask over HTTP: rows, one alarm, acts, cases."""

from __future__ import annotations

import json
import re

import pytest

from app import create_app
from callbacks import alert_acts, alert_performance, alerts, identity, login
from data import models as m
from data.vocabulary import Role
from data.vocabulary.alarms import AlarmAct
from tests.conftest import NOW
from tests.store.alarming import LI, MINUTE, done, hears, log, reading, row
from tests.store.people import GOOD, make, quick  # noqa: F401
from tests.store.support import CITY, YUANCHENG, ZIJIN, rows_of, sqlite_only

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


@pytest.fixture
def server(store, monkeypatch):
    for module in (alerts, alert_acts, alert_performance, login):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)
    real = identity.register
    monkeypatch.setattr(identity, "register", lambda *given: real(*given, clock=lambda: NOW))
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


def signed_in(server, store, name="wang.min", role=Role.OPERATOR, **scope):
    make(store, name, role, display=f"{name} 先生", **scope)
    client = server.test_client()
    page = client.get("/_dash-layout", headers={"Referer": "http://localhost/login"})
    token = re.search(r'"name":"token"[^}]*"value":"([^"]+)"|"value":"([^"]+)"[^}]*"name":"token"',
                      page.get_data(as_text=True))  # fmt: skip
    word = token.group(1) or token.group(2)
    answer = client.post("/login", data={"token": word, "name": name, "password": GOOD})
    assert answer.status_code == 303
    return client


@pytest.fixture
def client(server, store):
    return signed_in(server, store)


def get(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def act(client, id_, what, version=1, status=200, **fields):
    answer = client.post(
        "/alerts/act", json={"lang": "zh", "id": id_, "act": what, "v": version, **fields}
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def raised(store, *given, **more):
    return hears(store, *(given or [reading(**more)])).raised


# ---- who may ----


@pytest.mark.parametrize("path", ["/alerts/rows", "/alerts/one/1"])
def test_nobody_is_told_anything_without_a_sign_in(server, store, path):
    raised(store)
    assert set(get(server.test_client(), path, 401)) == {"refused"}


def test_nobody_does_anything_without_a_sign_in(server, store):
    (id_,) = raised(store)
    assert "登录" in act(server.test_client(), id_, "acknowledge", status=401)["refused"]
    assert row(store, id_).state == "unacknowledged"


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY])
def test_who_runs_the_machine_is_not_shown_alarms(server, store, role):
    assert "refused" in get(signed_in(server, store, role=role), "/alerts/rows", 403)


def test_who_only_looks_on_may_not_act_and_is_told_who_may(server, store):
    (id_,) = raised(store)
    found = act(signed_in(server, store, role=Role.VIEWER), id_, "acknowledge")
    assert "值班员" in found["refused"]
    assert found["one"]["allowed"] == []
    assert row(store, id_).state == "unacknowledged"


def test_a_form_of_another_site_is_not_taken(client, store):
    (id_,) = raised(store)
    answer = client.post("/alerts/act", data={"id": id_, "act": "acknowledge", "v": 1})
    assert answer.status_code == 400
    assert row(store, id_).state == "unacknowledged"


def test_an_alarm_of_another_county_is_not_there(server, store):
    mine, theirs = raised(store, reading(area=ZIJIN), reading(area=YUANCHENG))
    client = signed_in(server, store, area=ZIJIN)
    assert [r["id"] for r in get(client, "/alerts/rows?lang=zh")["rows"]] == [mine]
    assert "没有这条告警" in get(client, f"/alerts/one/{theirs}?lang=zh")["refused"]
    assert "没有这条告警" in act(client, theirs, "acknowledge")["refused"]
    assert row(store, theirs).state == "unacknowledged"


# ---- rows and one ----


def test_rows_come_worded_in_the_language_that_is_asked(client, store):
    raised(store, priority=1)
    (zh,), (en,) = (get(client, f"/alerts/rows?lang={x}")["rows"] for x in ("zh", "en"))
    assert (zh["word"], en["word"]) == ("未确认", "Unacknowledged")
    assert zh["place"] == "源城区"
    assert zh["since"] == "10:20"


@pytest.mark.parametrize(
    "asked", ["pages=x", "open=1,b", "situation=9e9", "state=none", "priority=9", "q=%00"]
)
def test_an_address_that_is_not_understood_breaks_nothing(client, store, asked):
    raised(store)
    answer = client.get(f"/alerts/rows?{asked}")
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.get_data(as_text=True)


def test_one_alarm_says_what_may_be_done_and_for_how_long(client, store):
    (id_,) = raised(store, priority=1)
    found = get(client, f"/alerts/one/{id_}?lang=zh")
    assert {"acknowledge", "shelve", "note", "outcome", "make_case"} <= set(found["allowed"])
    assert "unshelve" not in found["allowed"]
    assert found["shelf_s"] == 3600
    assert "告警原因" in found["html"]
    assert "<script" not in found["html"]


def test_words_from_outside_are_escaped(client, store):
    (id_,) = raised(store, reading("<img src=x onerror=alert(1)>"))
    found = get(client, f"/alerts/one/{id_}?lang=zh")
    assert "<img src=x" not in found["head"] + found["html"]


# ---- acts ----


def test_an_alarm_is_acknowledged_by_name(client, store):
    (id_,) = raised(store)
    found = act(client, id_, "acknowledge")
    assert "done" in found
    assert found["one"]["v"] == 2
    assert "acknowledge" not in found["one"]["allowed"]
    assert row(store, id_).acknowledged_name == "wang.min 先生"


def test_shelving_needs_a_reason_and_an_end_that_is_allowed(client, store):
    (id_,) = raised(store, priority=1)
    assert set(act(client, id_, "shelve", minutes="30")["errors"]) == {"reason"}
    assert set(act(client, id_, "shelve", reason="检修")["errors"]) == {"minutes"}
    late = act(client, id_, "shelve", reason="检修", minutes="61")["errors"]["minutes"]
    assert "11:20" in late
    assert row(store, id_).state == "unacknowledged"
    assert "done" in act(client, id_, "shelve", reason="检修", minutes="60")
    shelved = row(store, id_)
    assert (shelved.state, shelved.shelved_until) == ("shelved", NOW + 60 * MINUTE)
    assert "done" in act(client, id_, "unshelve", 2)
    assert row(store, id_).state == "unacknowledged"


def test_who_comes_second_is_told_what_changed_and_nothing_is_saved(client, store):
    (id_,) = raised(store)
    done(store, id_, AlarmAct.ACKNOWLEDGE, by=LI)
    done(store, id_, AlarmAct.NOTE, by=LI, reason="已派人查看")
    found = act(client, id_, "shelve", 1, reason="检修", minutes="30")
    assert "未保存" in found["conflict"]["said"]
    lines = "\n".join(found["conflict"]["lines"])
    assert "李强" in lines
    assert "已派人查看" in lines
    assert "已确认" in lines
    assert found["one"]["v"] == 3
    assert row(store, id_).state == "acknowledged"


def test_an_act_that_its_state_does_not_take_says_what_would(client, store):
    (id_,) = raised(store)
    found = act(client, id_, "unshelve")
    assert "未确认" in found["refused"]
    assert "已搁置" in found["refused"]
    assert "确认" in found["refused"]


def test_a_whole_situation_is_acknowledged_as_it_was_seen(client, store):
    ids = raised(store, *[reading(f"r{i}", cause="warning:x") for i in range(3)])
    more = hears(store, reading("later", cause="warning:x", at=NOW)).raised
    found = act(client, ids[0], "acknowledge", 2, seen={str(i): row(store, i).version for i in ids})
    assert "3" in found["done"]
    assert [row(store, i).state for i in ids] == ["acknowledged"] * 3
    assert [row(store, i).state for i in more] == ["unacknowledged"]


def test_a_note_and_an_outcome_are_kept_in_the_log(client, store):
    (id_,) = raised(store)
    assert "done" in act(client, id_, "note", reason="x" * 500)
    assert set(act(client, id_, "note", 2, reason="x" * 501)["errors"]) == {"reason"}
    assert "done" in act(client, id_, "outcome", 2, outcome="false_alarm")
    assert [e.act for e in log(store, id_)] == ["raise", "note", "outcome"]
    assert "误报" in get(client, f"/alerts/one/{id_}?lang=zh")["html"]


@pytest.mark.parametrize(
    "body",
    [
        {"act": "raise"}, {"act": "link"}, {"act": "nonsense"}, {"id": "1"}, {"id": True}, {"v": "1"},
        {"id": 10**30}, {"minutes": "-5"}, {"minutes": "1e9"}, {"outcome": "maybe"}, {"seen": [1]},
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_not_understood(client, store, body):
    (id_,) = raised(store)
    sent = {"lang": "zh", "id": id_, "act": "acknowledge", "v": 1, **body}
    answer = client.post("/alerts/act", json=sent)
    assert answer.status_code == 400
    told = answer.get_json()
    assert told.get("refused") or told.get("error")  # the gate refuses what no number can be
    assert len(log(store, id_)) == 1


# ---- cases ----


def test_a_case_is_made_and_both_are_linked(client, store):
    (id_,) = raised(store)
    found = act(client, id_, "make_case", category="flood_risk", reason="请核实")
    assert found["case"] in found["done"]
    assert row(store, id_).case_no == found["case"]
    (case,) = rows_of(store, m.cases)
    assert case.case_no == found["case"]
    assert "请核实" in case.body
    assert f"/case/{found['case']}" in found["one"]["html"]
    assert "make_case" not in found["one"]["allowed"]
    again = act(client, id_, "make_case", 2, category="flood_risk")
    assert found["case"] in again["refused"]
    assert len(rows_of(store, m.cases)) == 1


def test_a_case_needs_a_category_and_a_place(client, store):
    (id_,) = raised(store, area=CITY)
    assert set(act(client, id_, "make_case")["errors"]) == {"category"}
    refused = act(client, id_, "make_case", category="flood_risk")
    assert set(refused.get("errors", {"": 1})) == {"place"}
    assert rows_of(store, m.cases) == []
    assert "done" in act(client, id_, "make_case", category="flood_risk", place=ZIJIN)


# ---- the page ----


@pytest.mark.parametrize("view", ["", "?view=performance", "?view=performance&span=hour",
                                  "?view=performance&from=2026-11-16&to=2026-11-17",
                                  "?view=performance&from=x&to=y", "?view=performance&to=9999-99",
                                  "?alarm=1&state=shelved", "?alarm=abc"])  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_drawn_whatever_is_asked(client, store, view, lang):
    raised(store, *[reading(f"r{i}", area=ZIJIN) for i in range(3)])
    sign = "&" if view else "?"
    page = client.get(
        "/_dash-layout", headers={"Referer": f"http://localhost/alerts{view}{sign}lang={lang}"}
    )
    assert page.status_code == 200
    text = json.dumps(page.get_json(), ensure_ascii=False)
    assert ("告警绩效" if lang == "zh" else "Alarm performance") in text


def test_the_page_leads_to_the_sign_in_and_back(server):
    answer = server.test_client().get("/alerts?priority=1")
    assert answer.status_code == 302
    assert "next=%2Falerts%3Fpriority%3D1" in answer.headers["Location"]
