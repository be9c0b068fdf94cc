"""A ticket opens one page once, as whoever asked for it stands now, and nothing else ever."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from dash import Dash, Input, Output, html
from flask import Flask, jsonify
from sqlalchemy.exc import OperationalError

from callbacks import identity, login, pages, print_ticket
from callbacks.pages import Page
from callbacks.print_ticket import HEADER, VALID_S
from data import models as m
from data.catalogue import catalogue
from data.commands.accounts import disable
from data.commands.audit import SHELL
from data.settings import Settings
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.people import GOOD, make, quick  # noqa: F401
from tests.store.support import ZIJIN, rows_of
from tests.unit.login.signing_in import hidden

pytestmark = pytest.mark.usefixtures("quick")

ADDRESS = "/weekly?week=2026-W47&area=441600&print=1&lang=zh"
KEY = "k" * 40
READERS = frozenset({Role.VIEWER, Role.OPERATOR})


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def weekly(asked):
    actor = identity.current()
    scope = identity.scope(actor)
    shown = identity.shown()
    said = f"{asked.get('week')} {asked.get('area')} for {actor.name} {scope.areas} "
    return html.Div(f"{said} token={shown.token!r}", id="weekly")


@pytest.fixture
def server(store, clock):
    server = Flask("printed")
    dash = Dash("printed", server=server, suppress_callback_exceptions=True)
    identity.register(server, store, catalogue(), Settings(secret_key=KEY), clock=clock)
    parts = html.Div([html.Div(id=i) for i in ("weekly", "nudge", "said")])
    first = Page("/", lambda _asked: html.Div("wall"), lambda: html.Div(html.Div(id="wall")))
    week = Page("/weekly", weekly, lambda: parts, roles=READERS)
    desk = Page("/desk", lambda _a: html.Div("secret desk"), lambda: html.Div(id="desk"),
                roles=READERS)  # fmt: skip
    pages.register(dash, [first, week, desk, login.page(store, catalogue())])
    login.register(dash, store)

    @dash.callback(Output("said", "children"), Input("nudge", "n_clicks"))
    def act(_clicks: int | None):
        return f"done by {identity.require(Role.OPERATOR).name}"

    @server.get("/weekly/ticket")
    def ticket():
        return jsonify(ticket=identity.tickets_for(ADDRESS)())

    @server.get("/rows")
    def rows():
        return identity.require().name

    return server


def signed_in(server, store, name="wang.min", **scope):
    number = make(store, name, display="王敏", **scope)
    client = server.test_client()
    answer = client.get("/_dash-layout", headers={"Referer": "http://localhost/login"})
    token = hidden(answer.get_json())["token"]
    assert client.post(
        "/login", data={"token": token, "name": name, "password": GOOD}
    ).status_code == 303  # fmt: skip
    client.number = number
    return client


@pytest.fixture
def asker(server, store):
    return signed_in(server, store, area=ZIJIN)


@pytest.fixture
def ticket(asker):
    return asker.get("/weekly/ticket").get_json()["ticket"]


@pytest.fixture
def browser(server):
    return server.test_client()


def page(browser, ticket, address=ADDRESS, **more):
    return browser.get(address, headers={HEADER: ticket}, **more)


def layout(browser, ticket, address=ADDRESS):
    headers = {HEADER: ticket, "Referer": f"http://localhost{address}"}
    return browser.get("/_dash-layout", headers=headers).get_data(as_text=True)


# ---- what it is for ----


def test_it_opens_the_page_and_its_layout_as_whoever_asked(browser, ticket):
    assert page(browser, ticket).status_code == 200
    said = layout(browser, ticket)
    assert "2026-W47 441600 for " in said
    assert ZIJIN in said  # the scope of the one who asked


def test_nothing_of_it_is_kept_and_no_session_begins(browser, ticket, asker):
    answer = page(browser, ticket)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "zhizhi" not in str(answer.headers.getlist("Set-Cookie"))
    assert "token=''" in layout(browser, ticket)  # no form can be sent with it
    assert not browser.get_cookie("zhizhi")


def test_each_use_stands_in_the_audit_under_the_name_of_who_asked(browser, ticket, asker, store):
    page(browser, ticket)
    layout(browser, ticket)
    used = [r for r in rows_of(store, m.audit) if r.object.startswith("print/")]
    assert [r.act for r in used] == ["print_page", "print_layout"]
    assert {r.actor_id for r in used} == {asker.number}


# ---- it cannot be used again ----


def test_the_page_opens_once(browser, ticket, server):
    page(browser, ticket)
    for other in (browser, server.test_client()):
        again = page(other, ticket)
        assert again.status_code == 302
        assert again.headers["Location"].startswith("/login")


def test_the_layout_opens_once(browser, ticket):
    assert " for " in layout(browser, ticket)
    assert " for " not in layout(browser, ticket)


# ---- it ends ----


def test_it_ends_in_a_minute(browser, ticket, clock):
    clock.now += timedelta(seconds=VALID_S + 1)
    assert page(browser, ticket).status_code == 302


def test_it_still_holds_just_before(browser, ticket, clock):
    clock.now += timedelta(seconds=VALID_S - 1)
    assert page(browser, ticket).status_code == 200


def test_it_ends_with_the_session_that_asked(browser, ticket, asker):
    form = hidden(asker.get("/_dash-layout", headers={"Referer": "http://localhost/login"}).json)
    assert asker.post("/logout", data={"token": form["token"]}).status_code == 303
    assert page(browser, ticket).status_code == 302


def test_it_ends_with_the_account(browser, ticket, store):
    with store.write() as conn:
        disable(conn, "wang.min", by=SHELL, now=NOW)
    assert page(browser, ticket).status_code == 302


# ---- it cannot be widened ----


@pytest.mark.parametrize(
    "address",
    [
        "/weekly?week=2026-W46&area=441600&print=1&lang=zh",
        "/weekly?week=2026-W47&area=441602&print=1&lang=zh",
        "/weekly?week=2026-W47&area=441600&print=1&lang=zh&x=1",
        "/weekly?area=441600&week=2026-W47&print=1&lang=zh",
        "/weekly",
        "/desk",
        "/rows",
        "/weekly/ticket",
    ],
)
def test_no_other_address_opens(browser, ticket, address):
    answer = page(browser, ticket, address)
    assert answer.status_code in (302, 401)
    assert "secret" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "page_of_it", ["/desk", "/weekly?week=2026-W46&area=441600&print=1&lang=zh", "/weekly"]
)
def test_no_other_layout_opens(browser, ticket, page_of_it):
    said = layout(browser, ticket, page_of_it)
    assert "secret" not in said
    assert " for " not in said


@pytest.mark.parametrize("method", ["post", "put", "head", "delete"])
def test_it_is_for_reading_only(browser, ticket, method):
    answer = getattr(browser, method)(ADDRESS, headers={HEADER: ticket})
    assert answer.status_code in (302, 401, 404, 405)


def test_no_callback_listens_to_it(browser, ticket):
    body = {
        "output": "said.children",
        "outputs": {"id": "said", "property": "children"},
        "inputs": [{"id": "nudge", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["nudge.n_clicks"],
    }
    headers = {HEADER: ticket, "Referer": f"http://localhost{ADDRESS}"}
    answer = browser.post("/_dash-update-component", json=body, headers=headers)
    assert answer.status_code == 401
    assert page(browser, ticket).status_code == 200  # nor was it used up by that


def test_it_is_no_way_to_another_ticket(browser, ticket):
    answer = browser.get("/weekly/ticket", headers={HEADER: ticket})
    assert answer.status_code == 401
    assert "ticket" not in answer.get_json()


@pytest.mark.parametrize("spoil", [lambda t: t[:-2] + "xx", lambda t: "x" * 5000, lambda t: "",
                                   lambda t: t.partition(".")[0]])  # fmt: skip
def test_a_changed_one_opens_nothing(browser, ticket, spoil):
    assert page(browser, spoil(ticket)).status_code == 302


def test_one_signed_for_another_use_or_with_another_key_opens_nothing(browser, asker):
    given = {"account": asker.number, "epoch": 0, "session": "x", "now": NOW.timestamp()}
    strange = print_ticket.issue("z" * 40, ADDRESS, **given)
    assert page(browser, strange).status_code == 302
    with browser.application.app_context():
        assert print_ticket.read(KEY, strange, now=NOW.timestamp()) is None


def test_an_old_epoch_opens_nothing(browser, asker, ticket, clock):
    found = print_ticket.read(KEY, ticket, now=NOW.timestamp())
    given = dataclasses.asdict(found) | {"epoch": found.epoch + 1}
    del given["until"], given["nonce"]
    address = given.pop("address")
    other = print_ticket.issue(KEY, address, **given, now=NOW.timestamp())
    assert page(browser, other).status_code == 302


def test_the_wrong_role_stays_outside(browser, server, store):
    other = signed_in(server, store, "zhao", role=Role.SECURITY)
    ticket = other.get("/weekly/ticket").get_json()["ticket"]
    assert page(browser, ticket).status_code == 403
    assert " for " not in layout(browser, ticket)


def test_a_session_counts_more_than_a_ticket(server, store, ticket):
    other = signed_in(server, store, "li", role=Role.VIEWER)
    assert ZIJIN not in layout(other, ticket)


def test_a_lost_store_is_no_way_in(browser, ticket, store, monkeypatch):
    def lost(*_given, **_more):
        raise OperationalError("insert", {}, Exception("gone"))

    monkeypatch.setattr(identity, "spend", lost)
    assert page(browser, ticket).status_code == 503
    assert " for " not in layout(browser, ticket)


# ---- the shell's own ----


def shell_ticket(address=ADDRESS):
    given = {"account": print_ticket.SHELL, "epoch": 0, "session": ""}
    return print_ticket.issue(KEY, address, **given, now=NOW.timestamp())


def test_a_server_of_people_takes_no_ticket_of_the_shell(browser):
    assert page(browser, shell_ticket()).status_code == 302


def test_a_server_made_for_one_print_takes_it_once(browser, server):
    identity.open_to_shell(server)
    ticket = shell_ticket()
    assert page(browser, ticket).status_code == 200
    assert "for shell" in layout(browser, ticket)
    assert page(browser, ticket).status_code == 302
