"""Signing in and out over HTTP: one answer for what is wrong, forged forms, time-outs."""

from __future__ import annotations

import pytest

from data import models as m
from data.commands import accounts as commands
from data.commands.audit import SHELL
from tests.conftest import NOW
from tests.store.people import GOOD, OTHER, make
from tests.store.support import ZIJIN, rows_of, sqlite_only
from tests.unit.login.signing_in import enter, led, page, post, token, who

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


# ---- in and out ----


def test_name_and_password_open_a_session_that_says_who_it_is(client, store):
    number = make(store, area=ZIJIN)
    assert who(client) is None
    assert led(enter(client)) == ("/desk", {})
    assert who(client) == str(number)
    shown = page(client)
    assert "王敏" in shown
    assert "紫金县" in shown
    assert "值班员" in shown


def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(client, store):
    make(store)
    cookies = enter(client).headers.getlist("Set-Cookie")
    (cookie,) = [c for c in cookies if c.startswith("zhizhi=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert "Expires" not in cookie


@pytest.mark.parametrize("settings", [{"https": True}], indirect=True)
def test_behind_https_the_cookie_travels_no_other_way(server, store):
    make(store)
    client = server.test_client()
    answer = client.get(
        "/_dash-layout",
        base_url="https://localhost",
        headers={"Referer": "https://localhost/login"},
    )
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-zhizhi=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize(
    "form",
    [
        {"name": "wang.min", "password": OTHER},
        {"name": "nobody", "password": GOOD},
        {"name": "wang.min'--", "password": "x"},
        {"name": "x" * 5000, "password": "y" * 50000},
        {"demo": "operator-city", "name": "a", "password": "b"},
    ],
)
def test_whatever_is_wrong_is_one_answer_and_the_name_stays_typed(client, store, form):
    make(store)
    assert led(post(client, **form)) == ("/login", {"said": "wrong"})
    assert who(client) is None
    shown = page(client, "?said=wrong")
    assert "账号或口令不正确" in shown
    assert OTHER not in shown


def test_the_typed_name_is_given_back_but_never_the_password(client, store):
    make(store)
    post(client, name="wang.min", password="my secret word")
    shown = page(client)
    assert '"wang.min"' in shown
    assert "my secret word" not in shown


@pytest.mark.parametrize(
    "form", [{"name": "", "password": GOOD}, {"name": "a", "password": ""}, {}]
)
def test_an_empty_form_is_told_so(client, store, form):
    make(store)
    assert led(post(client, **form))[1] == {"said": "missing"}


def test_signing_out_ends_the_session_for_a_kept_copy_of_the_cookie_too(client, server, store):
    make(store)
    enter(client)
    kept = client.get_cookie("zhizhi").value
    assert led(post(client, "/logout")) == ("/login", {"said": "out"})
    assert who(client) is None
    thief = server.test_client()
    thief.set_cookie("zhizhi", kept)
    assert who(thief) is None
    assert [r.act for r in rows_of(store, m.audit)][-1] == "sign_out"


def test_signing_out_keeps_the_language_and_other_sessions(client, server, store):
    number = make(store)
    other = server.test_client()
    enter(other)
    client.get("/login?lang=en")
    enter(client)
    post(client, "/logout")
    assert client.get_cookie("lang").value == "en"
    assert who(other) == str(number)


def test_a_sign_in_forgets_what_stood_in_the_cookie_before(client, store):
    make(store)
    first = token(client)
    client.post("/login", data={"token": first, "name": "wang.min", "password": GOOD})
    assert led(client.post("/logout", data={"token": first}))[1] == {"said": "stale"}


def test_nobody_signs_out_by_a_link(client, store):
    make(store)
    enter(client)
    assert client.get("/logout").status_code in (404, 405)
    assert who(client)


# ---- forged forms ----


@pytest.mark.parametrize("path", ["/login", "/logout", "/login/password"])
def test_a_form_without_its_token_does_nothing(client, server, store, path):
    make(store)
    enter(client)
    stranger = server.test_client()
    form = {"name": "wang.min", "password": GOOD, "old": GOOD, "new": OTHER, "again": OTHER}
    for forged in ("", "x", token(stranger)):
        answer = client.post(path, data={**form, "token": forged})
        assert led(answer)[1]["said"] == "stale"
    assert who(client)
    assert [r.act for r in rows_of(store, m.audit)] == ["account_create", "sign_in"]


def test_a_token_is_none_without_the_cookie_it_was_given_with(client, server, store):
    make(store)
    given = token(client)
    bare = server.test_client()
    answer = bare.post("/login", data={"token": given, "name": "wang.min", "password": GOOD})
    assert led(answer)[1]["said"] == "stale"


def test_a_cookie_that_we_did_not_sign_is_nobody(server, store):
    number = make(store)
    client = server.test_client()
    client.set_cookie("zhizhi", f"eyJfdXNlcl9pZCI6Ii{number}.forged.x")
    assert who(client) is None
    client.set_cookie("remember_token", f"{number}.1|forged")
    assert who(client) is None


def test_another_machine_with_the_same_cookie_is_nobody(client, server, store):
    make(store)
    enter(client)
    thief = server.test_client()
    thief.set_cookie("zhizhi", client.get_cookie("zhizhi").value)
    thief.set_cookie("zhizhi-page", client.get_cookie("zhizhi-page").value)
    answer = thief.post("/login/alive", environ_base={"REMOTE_ADDR": "10.9.9.9"})
    assert answer.status_code == 401
    lying = {"X-Forwarded-For": "127.0.0.1"}
    answer = thief.post("/login/alive", environ_base={"REMOTE_ADDR": "10.9.9.9"}, headers=lying)
    assert answer.status_code == 401


# ---- time ----


def test_an_idle_session_ends_after_half_an_hour(client, store, clock):
    make(store)
    enter(client)
    clock.move(minutes=29)
    assert who(client)
    clock.move(minutes=29)
    assert who(client)
    clock.move(minutes=30)
    assert who(client) is None


def test_what_a_page_asks_by_itself_keeps_no_session_awake(client, store, clock):
    make(store)
    enter(client)
    for _ in range(3):
        clock.move(minutes=9)
        page(client)
    clock.move(minutes=4)
    assert who(client) is None


def test_a_busy_session_ends_after_twelve_hours(client, store, clock):
    make(store)
    enter(client)
    for _ in range(12 * 3 - 1):
        clock.move(minutes=20)
        assert who(client)
    clock.move(minutes=20)
    assert who(client) is None


@pytest.mark.parametrize("settings", [{"idle_minutes": 5, "session_hours": 1}], indirect=True)
def test_both_times_are_settings(client, store, clock):
    make(store)
    enter(client)
    clock.move(minutes=5)
    assert who(client) is None


def test_a_session_ends_when_the_account_is_shut_or_given_another_role(client, store):
    make(store)
    enter(client)
    with store.write() as conn:
        commands.disable(conn, "wang.min", by=SHELL, now=NOW)
    assert who(client) is None
