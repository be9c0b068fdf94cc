"""Pages and callbacks that are not for everybody: the way in, the refusal, and the net below."""

from __future__ import annotations

import json

import pytest
from dash import Dash, Input, Output, html
from flask import Flask
from sqlalchemy.exc import OperationalError

from callbacks import identity, login, pages
from callbacks.pages import Page
from data.catalogue import catalogue
from data.settings import Settings
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.people import GOOD, make, quick  # noqa: F401
from tests.store.support import ZIJIN, sqlite_only
from tests.unit.login.signing_in import hidden

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]

SECRET = "the case of the burning warehouse"
OPERATORS = frozenset({Role.OPERATOR, Role.LEADER})


def desk_page(roles, path="/desk", prefix="desk"):
    def layout(_asked):
        return html.Div(SECRET, id=f"{prefix}-root")

    def parts():
        ids = (f"{prefix}-root", f"{prefix}-rows", f"{prefix}-nudge", "shared", f"{prefix}-own")
        return html.Div([html.Div(id=i) for i in ids])

    return Page(path, layout, parts, roles=roles)


def open_page():
    parts = [html.Div(id=i) for i in ("wall-rows", "wall-nudge", "shared")]
    return Page("/", lambda _asked: html.Div("the wall"), lambda: html.Div(parts))


@pytest.fixture
def app(store):
    server = Flask("guarded")
    found = Dash("guarded", server=server, suppress_callback_exceptions=True)
    config = Settings(secret_key="k" * 40)
    identity.register(server, store, catalogue(), config, clock=lambda: NOW)
    guarded = [desk_page(OPERATORS), desk_page(frozenset(), "/nobody", "nobody")]
    pages.register(found, [open_page(), *guarded, login.page(store, catalogue())])
    login.register(found, store)

    def answer(name):
        @found.callback(
            Output(f"{name}-rows", "children"), Input(f"{name}-nudge", "n_clicks"),
        )  # fmt: skip
        def forgot_to_ask(_clicks: int):
            return SECRET

    for name in ("desk", "wall", "nobody"):
        answer(name)

    @found.callback(Output("desk-own", "children"), Input("shared", "n_clicks"))
    def asks_itself(_clicks: int):
        actor = identity.require(Role.OPERATOR)
        return f"{SECRET} for {actor.name} of {actor.area}"

    return found


@pytest.fixture
def client(app):
    return app.server.test_client()


def ask(client, output="desk-rows", source="desk-nudge", **more):
    body = {
        "output": f"{output}.children",
        "outputs": {"id": output, "property": "children"},
        "inputs": [{"id": source, "property": "n_clicks", "value": 1}],
        "changedPropIds": [f"{source}.n_clicks"],
        **more,
    }
    return client.post("/_dash-update-component", json=body)


def layout(client, path="/desk"):
    headers = {"Referer": f"http://localhost{path}"}
    answer = client.get("/_dash-layout", headers=headers)
    assert answer.status_code == 200
    return answer


def enter(client, name="wang.min"):
    fields = hidden(layout(client, "/login").get_json())
    form = {"token": fields["token"], "name": name, "password": GOOD}
    assert client.post("/login", data=form).status_code == 303


# ---- pages ----


def test_an_open_page_asks_for_nobody(client):
    assert client.get("/").status_code == 200
    assert "the wall" in layout(client, "/").get_data(as_text=True)


def test_a_guarded_page_leads_to_the_sign_in_and_back(client, store):
    answer = client.get("/desk?area=441621&q=%E6%B0%B4")
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith("/login?next=%2Fdesk%3Farea%3D441621%26q%3D")
    assert "said=first" in location


def test_its_layout_is_not_given_to_nobody_however_it_is_asked(client):
    for path in ("/desk", "/desk?x=1", "/desk?lang=en"):
        text = layout(client, path).get_data(as_text=True)
        assert SECRET not in text
        assert "login?next=%2Fdesk" in text


def test_who_has_the_role_sees_it(client, store):
    make(store)
    enter(client)
    assert client.get("/desk").status_code == 200
    answer = layout(client)
    assert SECRET in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/desk").headers["Cache-Control"] == "no-store"


def test_the_wrong_role_is_told_so_in_words(client, store):
    make(store, role=Role.VIEWER)
    enter(client)
    assert client.get("/desk").status_code == 403
    text = json.dumps(layout(client).get_json(), ensure_ascii=False)
    assert SECRET not in text
    for words in ("无权访问", "值班员", "值班领导", "王敏", "退出登录"):
        assert words in text
    assert "No access" in layout(client, "/desk?lang=en").get_data(as_text=True)


def test_a_page_open_to_no_role_is_open_to_nobody(client, store):
    make(store, role=Role.SYSTEM)
    enter(client)
    assert client.get("/nobody").status_code == 403
    assert ask(client, "nobody-rows", "nobody-nudge").status_code == 403


def test_who_must_change_the_password_is_not_in_yet(client, store):
    make(store, must_change=True)
    enter(client)
    assert client.get("/desk").status_code == 302
    assert ask(client).status_code == 401
    assert SECRET not in layout(client).get_data(as_text=True)


def test_while_the_store_is_lost_nobody_passes_and_that_is_said(client, store, monkeypatch):
    make(store)
    enter(client)

    def lost(*_given, **_more):
        raise OperationalError("select", {}, ConnectionError("gone"))

    monkeypatch.setattr(identity, "account_in_session", lost)
    assert client.get("/desk").status_code == 503
    text = json.dumps(layout(client).get_json(), ensure_ascii=False)
    assert "数据库不可用" in text or "暂时无法核验身份" in text
    assert ask(client).status_code == 503
    assert ask(client).get_json() == {"error": "lost"}


# ---- callbacks ----


def refused(answer, status):
    assert answer.status_code == status
    text = answer.get_data(as_text=True)
    assert SECRET not in text
    assert "Traceback" not in text
    return answer.get_json()["error"]


def test_an_unsigned_callback_of_a_guarded_page_is_refused_and_gives_away_nothing(client):
    assert refused(ask(client), 401) == "unsigned"


def test_a_referrer_or_other_parts_do_not_help(client):
    headers = {"Referer": "http://localhost/"}
    body = {
        "output": "desk-rows.children",
        "outputs": {"id": "wall-rows", "property": "children"},
        "inputs": [{"id": "wall-nudge", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["wall-nudge.n_clicks"],
    }
    answer = client.post("/_dash-update-component", json=body, headers=headers)
    assert refused(answer, 401) == "unsigned"


@pytest.mark.parametrize(
    "body",
    ['{"output": "nothing.children"}', "{}", "[]", "", "null", '{"output": ["desk-rows.children"]}',
     '{"output": " desk-rows.children"}', "[" * 5000],
)  # fmt: skip
def test_what_is_no_question_is_refused_without_a_fault(client, body):
    answer = client.post("/_dash-update-component", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert SECRET not in answer.get_data(as_text=True)


def test_the_wrong_role_gets_no_answer(client, store):
    make(store, role=Role.VIEWER)
    enter(client)
    assert refused(ask(client), 403) == "refused"


def test_the_right_role_gets_one(client, store):
    make(store)
    enter(client)
    assert SECRET in ask(client).get_data(as_text=True)


def test_a_callback_of_an_open_page_is_open(client):
    assert SECRET in ask(client, "wall-rows", "wall-nudge").get_data(as_text=True)


def test_require_names_who_acts_and_where(client, store):
    make(store, area=ZIJIN)
    enter(client)
    assert (
        f"{SECRET} for 王敏 of {ZIJIN}"
        in ask(client, "desk-own", "shared").get_json()["response"]["desk-own"]["children"]
    )


def test_require_refuses_by_itself_what_the_page_would_allow(client, store):
    make(store, role=Role.LEADER)
    enter(client)
    assert refused(ask(client, "desk-own", "shared"), 403) == "refused"


def test_without_a_session_nobody_is_current_and_reaches_nothing(app):
    with app.server.test_request_context("/"):
        assert identity.current() is None
        assert not identity.scope(None).covers(ZIJIN, ["water"])
        with pytest.raises(identity.NotSignedIn):
            identity.require()
