"""The sign-in page over HTTP: in, out, another password, time-outs, forged forms, leading back."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from callbacks import identity, login
from callbacks.login import local_path
from data import models as m
from data.catalogue import catalogue
from data.commands import accounts as commands
from data.commands.audit import SHELL
from data.commands.demo_accounts import make_demo_accounts
from data.settings import Settings
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.people import GOOD, OTHER, make, quick  # noqa: F401
from tests.store.support import ZIJIN, rows_of, sqlite_only

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def move(self, **more):
        self.now += timedelta(**more)


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(login, "utc_now", found)
    real = identity.register
    monkeypatch.setattr(identity, "register", lambda *given: real(*given, clock=found))
    return found


@pytest.fixture
def settings(request):
    return Settings(**getattr(request, "param", {}))


@pytest.fixture
def server(store, clock, monkeypatch, settings):
    monkeypatch.setattr("app.settings", lambda: settings)
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


@pytest.fixture
def client(server):
    return server.test_client()


def page(client, query=""):
    """Return the page's layout as text, with Chinese readable."""
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost/login{query}"})
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def token(client, query=""):
    headers = {"Referer": f"http://localhost/login{query}"}
    return _hidden(client.get("/_dash-layout", headers=headers).get_json()).get("token", "")


def _hidden(part):
    found = {}
    if isinstance(part, dict):
        props = part.get("props", {})
        if props.get("type") == "hidden":
            found[props["name"]] = props.get("value")
        for child in part.values():
            found |= _hidden(child)
    elif isinstance(part, list):
        for child in part:
            found |= _hidden(child)
    return found


def post(client, path="/login", **form):
    return client.post(path, data={"token": token(client), **form})


def enter(client, name="wang.min", password=GOOD, **more):
    return post(client, name=name, password=password, **more)


def led(answer):
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["Location"])
    return parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}


def who(client):
    answer = client.post("/login/alive")
    return answer.get_json()["id"] if answer.status_code == 200 else None


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
        {"name": "\x00", "password": "\x00"},
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
    answer = thief.post("/login/alive", environ_base={"REMOTE_ADDR": "10.9.9.9"})
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
