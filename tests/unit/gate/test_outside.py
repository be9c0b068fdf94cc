"""Sign-in elsewhere: at an identity provider, at the proxy; and displays, set-up, second factor."""

from __future__ import annotations

import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from app import create_app
from data import models as m
from data.commands import totp
from data.commands.audit import SHELL
from data.commands.displays import offer, revoke
from data.commands.set_up import new_link
from data.settings import Settings
from data.store import utc_now
from data.vocabulary import Role
from tests.store.people import GOOD, make
from tests.store.provider import Provider
from tests.store.support import sqlite_only
from tests.unit.login.signing_in import enter, hidden, led, page, token, who

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]


@pytest.fixture(scope="module")
def provider():
    found = Provider()
    yield found
    found.close()


@pytest.fixture
def settings(request, provider):
    more = getattr(request, "param", {})
    if more == "oidc":
        more = {"oidc_issuer": provider.base, "oidc_client_id": "zhizhi"}
    return Settings(**more)


def given(*settings):
    return pytest.mark.parametrize("settings", settings, indirect=True)


# ---- identity provider ----


def through(client, provider, name="wang.min", **wrong):
    answer = client.get("/login/oidc?next=/sources")
    assert answer.status_code == 303
    code, state = provider.visit(answer.headers["Location"], name)
    return client.get(
        f"/login/oidc/back?code={wrong.get('code', code)}&state={wrong.get('state', state)}"
    )


@given("oidc")
def test_the_provider_says_who_somebody_is_and_the_account_what_they_may(client, provider, store):
    make(store)
    assert "统一身份认证登录" in page(client)
    answer = through(client, provider)
    assert answer.status_code == 200
    assert 'url=/sources"' in answer.get_data(as_text=True)
    assert who(client)
    assert client.get_cookie("zhizhi-oidc", path="/login/oidc") is None


@given("oidc")
@pytest.mark.parametrize("name", ["nobody", "", "shut.one"])
def test_who_has_no_account_here_stays_outside(client, provider, store, name):
    make(store)
    make(store, "shut.one")
    with store.write() as conn:
        conn.execute(
            m.account.update().where(m.account.c.name == "shut.one").values(disabled_at=utc_now())
        )
    assert led(through(client, provider, name))[1]["said"] == "outside"
    assert who(client) is None


@given("oidc")
@pytest.mark.parametrize(
    "claims",
    [{"iss": "http://127.0.0.1:1"}, {"aud": "another"}, {"aud": ["zhizhi", "another"]}, {"exp": 1},
     {"exp": None}, {"exp": "soon"}, {"iat": 9999999999}, {"nonce": "x"}, {"nonce": None}],
)  # fmt: skip
def test_a_token_that_is_not_for_us_now_and_of_this_flow_opens_nothing(
    client, provider, store, claims
):
    make(store)
    provider.claims = claims
    try:
        assert led(through(client, provider))[1]["said"] == "outside"
    finally:
        provider.claims = {}
    assert who(client) is None


@given("oidc")
@pytest.mark.parametrize("kind", ["another key", "shared secret", "none"])
def test_a_token_that_another_signed_opens_nothing(client, provider, store, kind):
    make(store)
    honest = provider.signs, provider.header
    if kind == "another key":
        provider.signs = RSAKey.generate_key(2048, {"kid": "1"})
    elif kind == "shared secret":
        provider.signs, provider.header = OctKey.import_key("zhizhi" * 8), {"alg": "HS256"}
    try:
        if kind == "none":
            answer = client.get("/login/oidc/back?code=x&state=y")
        else:
            answer = through(client, provider)
        assert led(answer)[1]["said"] == "outside"
    finally:
        provider.signs, provider.header = honest
    assert who(client) is None


@given("oidc")
@pytest.mark.parametrize("wrong", [{"state": "x"}, {"state": ""}, {"code": "x"}, {"code": ""}])
def test_an_answer_to_another_question_opens_nothing(client, provider, store, wrong):
    make(store)
    assert led(through(client, provider, **wrong))[1]["said"] == "outside"


@given("oidc")
def test_a_code_opens_once_and_only_where_it_was_asked(client, server, provider, store):
    make(store)
    answer = client.get("/login/oidc")
    code, state = provider.visit(answer.headers["Location"], "wang.min")
    thief = server.test_client()
    way = f"/login/oidc/back?code={code}&state={state}"
    assert led(thief.get(way))[1]["said"] == "outside", "another browser began nothing"
    assert client.get(way).status_code == 200
    assert led(client.get(way))[1]["said"] == "outside"


@given({"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "zhizhi"})
def test_a_provider_that_does_not_answer_is_said(client):
    assert led(client.get("/login/oidc"))[1]["said"] == "outside"


def test_without_a_provider_there_is_no_such_address(client):
    assert client.get("/login/oidc").status_code == 404
    assert "统一身份认证登录" not in page(client)


def test_a_provider_in_the_clear_is_refused_at_the_start(store, monkeypatch):
    config = Settings(oidc_issuer="http://login.example", oidc_client_id="x")
    monkeypatch.setattr("app.settings", lambda: config)
    with pytest.raises(Exception, match="https"):
        create_app(store, build="b1")


# ---- proxy ----

PROXIED = {"proxy_user_header": "X-Remote-User", "trusted_proxies": "127.0.0.1"}


@given(PROXIED)
def test_a_declared_proxy_names_who_signed_in(client, store):
    make(store)
    header = {"X-Remote-User": "Wang.Min"}
    assert client.get("/desk", headers=header).status_code == 303
    assert client.get("/desk", headers=header).status_code == 200
    assert who(client)


@given(PROXIED)
def test_another_machine_that_sends_the_header_is_refused(client, store):
    make(store)
    answer = client.get("/desk", headers={"X-Remote-User": "wang.min", "X-Forwarded-For": "127.0.0.1"},
                        environ_base={"REMOTE_ADDR": "10.9.9.9"})  # fmt: skip
    assert answer.status_code == 403
    assert who(client) is None


@given(PROXIED)
def test_the_proxys_next_person_is_not_the_one_before(client, store):
    first = make(store)
    second = make(store, "li.si", display="李四")
    client.get("/desk", headers={"X-Remote-User": "wang.min"})
    assert who(client) == str(first)
    client.get("/desk", headers={"X-Remote-User": "li.si"})
    assert who(client) == str(second)
    client.get("/desk", headers={"X-Remote-User": "nobody"})
    assert who(client) is None


def test_the_header_is_nothing_where_it_was_not_named(client, store):
    make(store)
    assert client.get("/desk", headers={"X-Remote-User": "wang.min"}).status_code == 302


def test_a_header_without_a_declared_proxy_is_refused_at_the_start(store, monkeypatch):
    monkeypatch.setattr("app.settings", lambda: Settings(proxy_user_header="X-Remote-User"))
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        create_app(store, build="b1")


# ---- displays ----


def code_for(store, name="大厅一号"):
    with store.write() as conn:
        return offer(conn, name, by=SHELL, now=utc_now())


def form_of(client, path):
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost{path}"})
    return hidden(answer.get_json())


@given({"walls": "enrolled"}, {"walls": "auto"})
def test_a_wall_is_for_enrolled_displays_and_people(client, server, store):
    for path in ("/", "/sources"):
        assert client.get(path).status_code == 302
    assert client.get("/live/since?scopes=zh:441600").status_code == 401
    fields = form_of(client, "/display")
    answer = client.post("/display", data={"token": fields["token"], "code": code_for(store)})
    assert answer.headers["Location"] == "/"
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("zhizhi-display"))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.get("/").status_code == 200
    assert client.get("/live/since?scopes=zh:441600").status_code == 200
    for path in ("/desk", "/weekly", "/admin", "/supervision"):
        assert client.get(path).status_code == 302, "a device is nobody"
    assert client.get("/desk/rows").status_code == 401
    assert server.test_client().get("/").status_code == 302


@given({"walls": "enrolled"})
def test_a_revoked_display_and_a_forged_one_see_nothing(client, server, store):
    fields = form_of(client, "/display")
    client.post("/display", data={"token": fields["token"], "code": code_for(store)})
    assert client.get("/").status_code == 200
    with store.read() as conn:
        id_ = conn.execute(select(m.screen.c.id)).scalar()
    with store.write() as conn:
        revoke(conn, id_, by=SHELL, now=utc_now())
    assert client.get("/").status_code == 302
    assert client.get("/live/since?scopes=zh:441600").status_code == 401
    for cookie in ("x", "", '["a","b"].x', "é" * 99):
        other = server.test_client()
        other.set_cookie("zhizhi-display", cookie)
        assert other.get("/").status_code == 302


def test_a_wrong_code_is_said_and_cannot_be_tried_for_ever(client, store):
    said = set()
    for _ in range(22):
        fields = form_of(client, "/display")
        answer = client.post("/display", data={"token": fields["token"], "code": "AAAAA-AAAAA"})
        said.add(answer.status_code if answer.status_code != 303 else led(answer)[1]["said"])
    assert said == {"wrong", 429}


# ---- set-up ----


def trio(word, **more):
    people = {"security": "an.quan", "system": "xi.tong"}
    form = {"word": word}
    for role, name in people.items():
        form |= {f"{role}-name": name, f"{role}-display": name, f"{role}-password": GOOD}
    return {**form, **more}


def test_the_set_up_link_makes_the_first_accounts_and_dies(client, store):
    with store.write() as conn:
        word = new_link(conn, now=utc_now())
    way = f"/setup?word={word}"
    fields = form_of(client, way)
    assert fields["word"] == word
    answer = client.post(
        "/setup", data={**trio(word), "token": fields["token"], "system-password": "x"}
    )
    assert led(answer)[1]["said"] == "system-password-too_short"
    assert "x" not in led(answer)[1]["word"][:0]
    answer = client.post("/setup", data={**trio(word), "token": fields["token"]})
    assert led(answer) == ("/login", {"said": "made"})
    assert "token" not in form_of(client, way)
    answer = client.post("/setup", data={**trio(word), "token": fields["token"]})
    assert led(answer)[1]["said"] == "link-dead"
    assert led(enter(client, "an.quan"))[0] == "/admin"


def test_a_guessed_link_shows_no_form(client, store):
    for word in ("", "x", "x" * 3000, "%00"):
        answer = client.get(
            "/_dash-layout", headers={"Referer": f"http://localhost/setup?word={word}"}
        )
        assert answer.status_code in (200, 400)
        assert "token" not in hidden(answer.get_json() if answer.status_code == 200 else {})


# ---- second factor ----


def begin_second(client, server):
    client.get("/_dash-layout", headers={"Referer": "http://localhost/login?view=second"})
    fields = form_of(client, "/login?view=second")
    with client.session_transaction() as kept:
        nonce = kept["second"]
    secret = totp.secret_of(str(server.secret_key), nonce)
    code = totp.code_at(secret, int(utc_now().timestamp() // 30))
    answer = client.post(
        "/login/second", data={"token": fields["token"], "act": "begin", "code": code}
    )
    assert led(answer)[1]["said"] == "second-on"
    with client.session_transaction() as kept:
        codes = kept["codes"][1:]
    assert codes[0] in page(client, "?view=second")
    return codes


def test_after_the_password_a_code_is_asked_and_before_it_nothing_is_open(client, server, store):
    make(store)
    enter(client)
    codes = begin_second(client, server)
    other = server.test_client()
    assert led(enter(other)) == ("/login", {"view": "code"})
    assert other.get("/desk").status_code == 302
    assert who(other) is None
    assert "恢复码" in page(other, "?view=code")
    wrong = other.post("/login/code", data={"token": token(other, "?view=code"), "code": "000000"})
    assert led(wrong)[1]["said"] == "code-wrong"
    good = other.post("/login/code", data={"token": token(other, "?view=code"), "code": codes[0]})
    assert led(good)[0] == "/desk"
    assert who(other)


def test_a_code_without_a_password_opens_nothing(client, store):
    make(store)
    answer = client.post("/login/code", data={"token": token(client), "code": "000000"})
    assert led(answer)[1]["said"] == "ended"


@given({"second_factor": "admins"})
def test_administrators_must_begin_one_where_the_house_says_so(client, server, store):
    make(store, "an.quan", Role.SECURITY)
    make(store)
    assert led(enter(client, "an.quan"))[1]["view"] == "second"
    assert client.get("/admin").status_code == 302
    assert "须启用双因素验证" in page(client)
    begin_second(client, server)
    assert client.get("/admin").status_code == 200
    other = server.test_client()
    assert led(enter(other))[0] == "/desk"
