"""The sign-in page over HTTP: how often, leading back, another password, what it says."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError

from callbacks import identity, login
from callbacks.login import local_path
from data import models as m
from data.catalogue import catalogue
from data.commands.demo_accounts import make_demo_accounts
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.people import GOOD, OTHER, make
from tests.store.support import sqlite_only
from tests.unit.login.signing_in import enter, led, page, post, token, who

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


# ---- how often ----


def test_a_name_may_be_tried_only_so_often(client, store):
    make(store)
    for _ in range(login.PER_NAME):
        assert led(enter(client, password=OTHER))[1]["said"] == "wrong"
    _path, query = led(enter(client))
    assert query["said"] == "too_many"
    assert 0 < int(query["wait"]) <= 60
    assert f"{query['wait']} 秒" in page(client, f"?said=too_many&wait={query['wait']}")
    assert led(enter(client, "somebody.else"))[1]["said"] == "wrong"


def test_an_address_may_try_only_so_many_names(client, store):
    make(store)
    for n in range(login.PER_ADDRESS):
        assert led(enter(client, f"name{n}"))[1]["said"] == "wrong"
    assert led(enter(client, "one.more"))[1]["said"] == "too_many"


# ---- leading back ----


@pytest.mark.parametrize("back", ["/sources?tab=debts", "/", "/case/441602-1?x=%E6%B0%B4"])
def test_a_sign_in_leads_back_to_a_page_of_ours(client, store, back):
    make(store)
    assert enter(client, next=back).headers["Location"] == back


def test_without_an_address_it_leads_to_the_first_page_that_is_theirs(client, server, store):
    make(store, role=Role.STEWARD)
    pages = {"/desk": frozenset({Role.OPERATOR}), "/sources": None}
    server.extensions["pages"] = pages
    assert led(enter(client))[0] == "/sources"
    server.extensions["pages"] = {"/desk": frozenset({Role.OPERATOR})}
    assert led(enter(client))[0] == "/login"


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)",
        "/%2f/evil.example", "/\tevil", "/a\r\nSet-Cookie: x=y", " /x", "evil", "/%5cevil.example",
        "/login?next=/login", "/logout", "http:/x", "///evil",
    ],
)  # fmt: skip
def test_and_nowhere_else(client, store, back):
    make(store)
    assert local_path(back) == ""
    assert led(enter(client, next=back))[0] == "/desk"
    assert "evil" not in page(client, f"?next={quote(back)}")


# ---- another password ----


def test_a_first_sign_in_leads_to_a_password_of_ones_own_and_nowhere_before(client, store, server):
    make(store, must_change=True)
    assert led(enter(client, next="/sources")) == (
        "/login",
        {"next": "/sources", "view": "password"},
    )
    assert "首次登录" in page(client)
    with server.test_request_context():
        assert identity.current() is None
    answer = post(client, "/login/password", old=GOOD, new=OTHER, again=OTHER, next="/sources")
    assert answer.headers["Location"] == "/sources"
    assert who(client)
    assert "首次登录" not in page(client, "?view=password")


@pytest.mark.parametrize(
    ("form", "said", "words"),
    [
        ({"old": OTHER, "new": OTHER, "again": OTHER}, "old-wrong", "当前口令不正确"),
        ({"old": GOOD, "new": OTHER, "again": "x"}, "again-differs", "不一致"),
        ({"old": GOOD, "new": "short", "again": "short"}, "password-too_short", "至少 10 个字符"),
        ({"old": GOOD, "new": "1234567890", "again": "1234567890"}, "password-common", "过于常见"),
        ({}, "old-wrong", "当前口令不正确"),
    ],
)
def test_a_refused_password_is_told_why(client, store, form, said, words):
    make(store)
    enter(client)
    _path, query = led(post(client, "/login/password", **form))
    assert query == {"said": said, "view": "password"}
    assert words in page(client, f"?said={said}&view=password")
    assert who(client)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client, server, store):
    make(store)
    other = server.test_client()
    enter(other)
    enter(client)
    assert (
        led(post(client, "/login/password", old=GOOD, new=OTHER, again=OTHER))[1]["said"]
        == "changed"
    )
    assert who(client)
    assert who(other) is None


def test_nobody_changes_a_password_without_a_session(client, store):
    make(store)
    assert (
        led(post(client, "/login/password", old=GOOD, new=OTHER, again=OTHER))[1]["said"] == "ended"
    )


# ---- the page ----


def test_without_any_account_it_says_how_to_make_the_first_one(client, store):
    assert "python -m data account add" in page(client)
    make(store)
    shown = page(client)
    assert "account add" not in shown
    assert "演示账号" not in shown


def test_a_demonstration_shows_its_accounts_and_a_click_signs_in(client, store):
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
        password = make_demo_accounts(conn, catalogue(), now=NOW)
    shown = page(client)
    assert password in shown
    assert "dept-water" in shown
    assert led(post(client, demo="dept-water"))[0] == "/desk"
    assert who(client)


def test_outside_a_demonstration_no_click_signs_in_and_no_password_is_shown(client, store):
    make(store, "operator-city")
    with store.write() as conn:
        rows = [("demo_password", GOOD), ("demo_accounts", "operator-city")]
        conn.execute(m.store_info.insert(), [{"key": k, "value": v} for k, v in rows])
    assert GOOD not in page(client)
    assert led(post(client, demo="operator-city"))[1] == {"said": "missing"}


def test_english_is_complete(client, store):
    make(store)
    shown = page(client, "?lang=en&said=wrong")
    assert "Name or password is wrong" in shown
    assert not re.search("[\u4e00-\u9fff]", shown.replace("中文", ""))


def test_a_lost_store_is_said_in_words(client, store, monkeypatch):
    make(store)
    given = token(client)

    def lost(*_given, **_more):
        raise OperationalError("select", {}, ConnectionError("gone"))

    monkeypatch.setattr(login, "sign_in", lost)
    answer = client.post("/login", data={"token": given, "name": "wang.min", "password": GOOD})
    assert led(answer)[1] == {"said": "busy"}
    monkeypatch.setattr(login, "is_demo", lost)
    assert "数据库暂不可用" in page(client)


@pytest.fixture
def crowded(monkeypatch):
    monkeypatch.setattr(login, "WAITING", 0)


def test_when_too_many_wait_the_next_is_told_to_come_again(crowded, client, store):
    make(store)
    assert led(enter(client))[1] == {"said": "busy"}


def test_files_streams_and_the_wall_know_nothing_of_sessions(client, store):
    make(store)
    enter(client)
    for path in ("/", "/healthz", "/assets/login.css", "/live/since?scopes=zh:441600"):
        answer = client.get(path)
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        assert answer.headers.getlist("Set-Cookie") == [], path
        answer.close()


def test_what_depends_on_the_person_is_kept_by_nobody(client, store):
    make(store)
    enter(client)
    answer = client.get("/_dash-layout", headers={"Referer": "http://localhost/login"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_single_acts_are_pushed_to_those_signed_in_only(client, store):
    make(store)
    acts, wall = "/live/since?scopes=zh:441600:desk", "/live/since?scopes=zh:441600"
    assert client.get(acts).status_code == 401
    assert client.get(f"{acts},zh:441600").status_code == 200  # the wall among the tabs goes on
    assert client.get(wall).status_code == 200
    enter(client)
    assert client.get(acts).status_code == 200
