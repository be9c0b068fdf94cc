"""What the desk's scripts ask over HTTP: rows, one case, acts, cases by hand, kept views."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from callbacks import desk, desk_acts, identity, login
from data import models as m
from data.vocabulary import CaseAct, Role
from tests.conftest import NOW
from tests.store.acting import OTHER, Loop
from tests.store.desk_cases import put
from tests.store.people import GOOD, make, quick  # noqa: F401
from tests.store.support import TOWNS, YUANCHENG, ZIJIN, rows_of, sqlite_only

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


@pytest.fixture
def server(store, monkeypatch):
    for module in (desk, desk_acts, login):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)
    real = identity.register
    monkeypatch.setattr(identity, "register", lambda *given: real(*given, clock=lambda: NOW))
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


def signed_in(server, store, name="wang.min", role=Role.OPERATOR, **scope):
    """Return a client of somebody who signed in, with their number."""
    number = make(store, name, role, display=f"{name} 先生", **scope)
    client = server.test_client()
    page = client.get("/_dash-layout", headers={"Referer": "http://localhost/login"})
    token = _token(page.get_json())
    answer = client.post("/login", data={"token": token, "name": name, "password": GOOD})
    assert answer.status_code == 303
    client.number = number
    return client


def _token(part):
    """Return the hidden word of a page's form."""
    parts = (
        list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
    )
    if isinstance(part, dict) and part.get("name") == "token":
        return part["value"]
    return next((found for child in parts if (found := _token(child))), "")


@pytest.fixture
def client(server, store):
    return signed_in(server, store)


def get(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def post(client, path, status=200, **body):
    answer = client.post(path, json={"lang": "zh", **body})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def act(client, no, what, seen, **fields):
    return post(client, "/desk/act", no=no, act=what, v=seen, fields=fields)


# ---- who may ask ----


@pytest.mark.parametrize("path", ["/desk/rows", "/desk/case/X"])
def test_nobody_is_told_anything_without_a_sign_in(server, store, path):
    put(store)
    said = get(server.test_client(), path, 401)
    assert set(said) == {"refused"}


@pytest.mark.parametrize("path", ["/desk/act", "/desk/report", "/desk/views"])
def test_nobody_does_anything_without_a_sign_in(server, store, path):
    assert "登录" in post(server.test_client(), path, 401)["refused"]


def test_the_page_leads_to_the_sign_in_and_back(server):
    answer = server.test_client().get("/desk?left=overdue")
    assert answer.status_code == 302
    assert "next=%2Fdesk%3Fleft%3Doverdue" in answer.headers["Location"]


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY])
def test_who_runs_the_machine_is_not_shown_cases(server, store, role):
    client = signed_in(server, store, role=role)
    assert "refused" in get(client, "/desk/rows", 403)


def test_a_form_of_another_site_is_not_taken(client, store):
    no = put(store)
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        body = json.dumps({"no": no, "act": "acknowledge", "v": 1})
        answer = client.post("/desk/act", data=body, headers=headers)
        assert answer.status_code == 400
    assert rows_of(store, m.cases)[0].acknowledged_at is None


# ---- rows ----


def test_rows_come_worded_in_the_language_that_is_asked(client, store):
    put(store, area=TOWNS[0], due=-1)
    zh, en = get(client, "/desk/rows?lang=zh"), get(client, "/desk/rows?lang=en")
    (row,), (same,) = zh["rows"], en["rows"]
    assert row["has"] == "指挥中心"
    assert same["has"] == "Command centre"
    assert row["place"].startswith("源城 · ")
    assert zh["counts"]["overdue"] == 1
    assert zh["told"] == {"seq": 0, "cases": []}


def test_rows_are_held_to_the_scope_whatever_is_asked(server, store):
    other = put(store, area=ZIJIN)
    client = signed_in(server, store, area=YUANCHENG)
    assert get(client, "/desk/rows")["rows"] == []
    assert get(client, f"/desk/rows?cases={other}")["rows"] == []
    assert get(client, f"/desk/case/{other}")["no"] == ""


def test_a_few_cases_come_with_the_numbers_that_stand_in_the_view(client, store):
    late, calm = put(store, due=-1), put(store)
    found = get(client, f"/desk/rows?left=overdue&cases={late},{calm}")
    assert [r["no"] for r in found["rows"]] == [late]
    assert found["numbers"] == [late]


@pytest.mark.parametrize(
    "query", ["pages=x", "level=9,x", "left=never", "sort=best", "state=%00", "q=%25_"]
)
def test_a_view_that_cannot_be_understood_breaks_nothing(client, store, query):
    put(store)
    answer = client.get(f"/desk/rows?{query}")
    assert answer.status_code in (200, 400)
    assert answer.get_json()


def test_a_lost_store_is_said(client, store, monkeypatch):
    def lost(*_given, **_more):
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(desk, "desk_rows", lost)
    assert "refused" in get(client, "/desk/rows", 503)


# ---- one case ----


def test_a_case_comes_with_a_proposal_its_reason_and_what_may_be_done(client, store):
    no = put(store, body="堤脚渗水")
    found = get(client, f"/desk/case/{no}?lang=zh")
    assert found["body"] == "堤脚渗水"
    assert found["proposal"]["department"] == "water"
    assert "市水务局" in found["proposal"]["why"]
    assert "权责清单" in found["proposal"]["why"]
    assert {"acknowledge", "dispatch"} <= set(found["allowed"])
    assert found["not_dispatch"] == ""


def test_what_cannot_be_dispatched_yet_says_what_can_be_done(client, store):
    no = put(store, state="reported", stage="reported")
    found = get(client, f"/desk/case/{no}?lang=zh")
    assert "dispatch" not in found["allowed"]
    assert "核实" in found["not_dispatch"]


def test_a_viewer_may_do_nothing(server, store):
    no = put(store)
    client = signed_in(server, store, role=Role.VIEWER)
    assert get(client, f"/desk/case/{no}")["allowed"] == []
    assert "refused" in act(client, no, "acknowledge", 1)


# ---- acts ----


def test_a_case_is_acknowledged_and_dispatched_with_a_note(client, store):
    no = put(store)
    first = act(client, no, "acknowledge", 1)
    assert first["row"]["seen"]
    assert no in first["done"]
    second = act(client, no, "dispatch", first["row"]["v"], department="water", reason="先看堤脚")
    assert second["row"]["has"] == "市水务局"
    (row,) = rows_of(store, m.cases)
    assert row.state == "dispatched"
    assert row.led_since == NOW
    (sent,) = [e for e in rows_of(store, m.case_event) if e.action == "dispatch"]
    assert (sent.actor_id, sent.note) == (client.number, "先看堤脚")


def test_who_was_faster_is_told_with_what_and_when_and_nothing_is_changed(client, store):
    loop = Loop(store)
    loop.does(CaseAct.VERIFY)
    loop.does(CaseAct.OPEN)
    seen = loop.row.version
    loop.does(CaseAct.DISPATCH, OTHER, department="fire", reason="先行处置")
    before = rows_of(store, m.case_event)
    said = act(client, loop.no, "dispatch", seen, department="water")
    assert said["v"] == loop.row.version
    (line,) = said["conflict"]["lines"]
    assert "另一值班员" in line
    assert "市消防救援支队" in line
    assert "先行处置" in line
    assert rows_of(store, m.case_event) == before
    again = act(client, loop.no, "dispatch", said["v"], department="water", reason="改派")
    assert again["row"]["has"] == "市水务局"


def test_an_act_that_is_not_allowed_is_refused_in_words_of_both_languages(client, store):
    no = put(store, state="handling", stage="handling", holder="department")
    zh = post(client, "/desk/act", no=no, act="open", v=1)
    en = post(client, "/desk/act", no=no, act="open", v=1, lang="en")
    assert "立案" in zh["refused"]
    assert "Open the case" in en["refused"]
    assert zh["refused"] != en["refused"]


@pytest.mark.parametrize(
    "body",
    [
        {"act": "force_close", "v": 1},
        {"act": "no_such", "v": 1},
        {"act": "acknowledge"},
        {"act": "acknowledge", "v": "1"},
        {"act": "acknowledge", "v": True},
    ],
)
def test_what_the_desk_does_not_do_is_not_done(client, store, body):
    no = put(store)
    assert "refused" in post(client, "/desk/act", 400, no=no, **body)
    assert rows_of(store, m.cases)[0].version == 1


def test_a_dispatch_without_a_department_is_refused_beside_its_field(client, store):
    no = put(store)
    assert set(act(client, no, "dispatch", 1)["errors"]) == {"department"}
    assert set(act(client, no, "dispatch", 1, department="no_such")["errors"]) == {"department"}
    said = act(client, no, "dispatch", 1, department="water", reason="长" * 501)
    assert set(said["errors"]) == {"reason"}
    assert "501" in said["errors"]["reason"]


def test_a_department_cannot_reach_another_ones_case(server, store):
    no = put(store, category="fire")
    client = signed_in(server, store, role=Role.DEPARTMENT, department="water")
    assert "refused" in act(client, no, "accept", 1)
    assert rows_of(store, m.cases)[0].version == 1


# ---- a case by hand ----


DRAFT = {"category": "flood_risk", "area": YUANCHENG, "title": "堤防渗漏", "channel": "phone"}


def test_a_case_by_hand_is_made_and_shown(client, store):
    said = post(
        client, "/desk/report", **DRAFT, address="新江路", body="脚槽冒水", point=[114.69, 23.74]
    )
    row = said["row"]
    assert row["no"] in said["done"]
    assert row["led"]
    assert (row["lon"], row["lat"]) == (114.69, 23.74)
    (kept,) = rows_of(store, m.cases)
    assert (kept.channel, kept.body, kept.level) == ("phone", "脚槽冒水", 2)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "no_such"}, "category"),
        ({"title": "   "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"area": "999999"}, "area"),
        ({"area": "", "point": [121.47, 31.23]}, "area"),
        ({"area": ""}, "area"),
        ({"body": "很长" * 50_000}, "body"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(client, store, more, field):
    said = post(client, "/desk/report", **(DRAFT | more))
    assert field in said["errors"]
    assert said["errors"][field]
    assert rows_of(store, m.cases) == []


def test_a_book_that_was_pasted_is_refused_before_it_is_read(client, store):
    said = post(client, "/desk/report", **(DRAFT | {"body": "x" * 3_000_000}))
    assert "过长" in said["refused"]
    assert rows_of(store, m.cases) == []


def test_sent_again_after_a_lost_answer_it_is_still_one_case(client, store):
    first = post(client, "/desk/report", **DRAFT)
    again = post(client, "/desk/report", **DRAFT, again=True)
    assert again["row"]["no"] == first["row"]["no"]
    assert len(rows_of(store, m.cases)) == 1
    post(client, "/desk/report", **DRAFT)
    assert len(rows_of(store, m.cases)) == 2, "somebody who means it makes another"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STEWARD])
def test_who_may_not_make_cases_is_told_so(server, store, role):
    client = signed_in(server, store, role=role)
    assert "refused" in post(client, "/desk/report", 403, **DRAFT)
    assert rows_of(store, m.cases) == []


def test_a_county_makes_cases_of_its_own_only(server, store):
    client = signed_in(server, store, area=YUANCHENG)
    said = post(client, "/desk/report", **(DRAFT | {"area": ZIJIN}))
    assert "done" not in said
    assert rows_of(store, m.cases) == []


# ---- kept views, the page ----


def numbers(text):
    """Count case numbers; a token of a form may hold the same letters by chance."""
    return len(re.findall(r"T-[0-9]{4}", text))


def test_views_are_kept_and_the_page_begins_with_the_chosen_one(client, store):
    late = put(store, due=-1)
    put(store)
    post(client, "/desk/views", do="keep", name="超时", query="left=overdue")
    said = post(client, "/desk/views", do="begin", name="超时")
    assert said["views"] == [{"name": "超时", "query": "left=overdue", "home": True}]
    page = client.get("/_dash-layout", headers={"Referer": "http://localhost/desk"})
    text = json.dumps(page.get_json(), ensure_ascii=False)
    assert late in text
    assert numbers(text) == 1
    plain = client.get("/_dash-layout", headers={"Referer": "http://localhost/desk?sort=left"})
    assert numbers(json.dumps(plain.get_json())) == 2
    assert "名称" in post(client, "/desk/views", do="keep", name=" ", query="")["refused"]


def test_the_grids_script_is_on_the_desk_and_on_no_other_page(client):
    for path, wanted in (("/desk", True), ("/", False), ("/sources", False)):
        html = client.get(path).get_data(as_text=True)
        assert ("/dash_ag_grid/" in html) is wanted, path
        assert ("/assets/desk/" in html) is wanted, path
        assert "/assets/live.js" in html
        assert "unpkg" not in html
