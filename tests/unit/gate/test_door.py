"""What is refused before it is looked at: hosts, sites, tokens, sizes, kinds, paths, rates."""

from __future__ import annotations

import json

import pytest

from tests.store.people import GOOD, make
from tests.store.support import sqlite_only
from tests.unit.login.signing_in import enter, hidden, who

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]

CALL = "/_dash-update-component"


def given(*settings):
    return pytest.mark.parametrize("settings", settings, indirect=True)


def refused(answer, status):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
    return answer.get_json().get("error")


# ---- from where ----


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "x y", "a@b", "", "[::1",
                                  "127.0.0.1:x", "localhost/evil", "хост", "a" * 300])  # fmt: skip
def test_a_name_that_is_not_ours_is_answered_by_nobody(client, host):
    for path in ("/", "/login", "/healthz", "/api/v1/areas", "/assets/wall.css", "/live"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code in (400, 421), path


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8050", "127.0.0.1", "10.4.5.6:80", "[::1]:8"]
)
def test_addresses_and_this_machine_are_ours(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
        {"Origin": "http://localhost.evil.example"}, {"Origin": "http://["}, {"Origin": "localhost"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
        {"Origin": "ftp://localhost"}, {"Origin": ""},
    ],
)  # fmt: skip
def test_another_sites_page_asks_nothing(client, store, headers):
    make(store)
    enter(client)
    for path in (CALL, "/desk/act", "/login", "/logout", "/login/alive"):
        assert refused(client.post(path, json={}, headers=headers), 403) == "refused"
    assert who(client)


def test_our_own_page_does(client, store):
    make(store)
    enter(client)
    for headers in ({"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
        assert client.post("/login/alive", headers=headers).status_code == 200


def test_another_site_may_lead_here_but_not_read(client):
    there = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/", headers={**there, "Sec-Fetch-Mode": "navigate"}).status_code == 200
    for path in ("/", "/_dash-layout", "/desk/rows", "/live/since?scopes=zh:441600"):
        assert client.get(path, headers={**there, "Sec-Fetch-Mode": "no-cors"}).status_code == 403


# ---- tokens ----


def test_an_act_of_somebody_signed_in_needs_the_token_of_that_session(client, bare, server, store):
    make(store)
    make(store, "li.si", display="李四")
    enter(client)
    own = client.get_cookie("zhizhi-page").value
    bare.set_cookie("zhizhi", client.get_cookie("zhizhi").value)
    other = server.test_client()
    enter(other, "li.si")
    theirs = other.get_cookie("zhizhi-page").value
    assert theirs != own
    for path in (CALL, "/desk/act", "/desk/views", "/login/alive"):
        for token in (None, "", "x", theirs, own[:-1], own + "0", "é"):
            headers = (
                {} if token is None else {"X-CSRFToken": token.encode("utf-8").decode("latin-1")}
            )
            assert refused(bare.post(path, json={}, headers=headers), 403) == "refused"
    assert bare.post("/login/alive", headers={"X-CSRFToken": own}).status_code == 200


def test_a_form_without_its_own_token_does_nothing(client, bare, store):
    make(store)
    for form in ({}, {"token": "x"}, {"token": "x.y.z"}):
        answer = bare.post("/login", data={"name": "wang.min", "password": GOOD, **form})
        assert "said=stale" in answer.headers["Location"]


def test_the_token_goes_with_the_session(client, store):
    make(store)
    enter(client)
    assert client.get_cookie("zhizhi-page")
    fields = hidden(
        client.get("/_dash-layout", headers={"Referer": "http://localhost/login"}).get_json()
    )
    client.post("/logout", data={"token": fields["token"]})
    assert client.get_cookie("zhizhi-page") is None


@given({"https": True, "public_url": "https://ops.city.example"})
def test_behind_https_cookies_are_bound_to_it_and_browsers_told(client, store):
    make(store)
    answer = enter(client)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-zhizhi")
        assert "Secure" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/" in cookie
    assert "HttpOnly" in next(c for c in cookies if c.startswith("__Host-zhizhi="))
    assert (
        client.get("/healthz").headers["Strict-Transport-Security"].startswith("max-age=31536000")
    )
    plain = {"Origin": "http://localhost"}
    assert client.post("/login/alive", headers=plain).status_code == 403


# ---- size, kind, shape ----


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"data": "x" * 3_000_000, "content_type": "application/json"}, 413),
        ({"data": "{}", "content_type": "text/plain"}, 415),
        ({"data": "{}"}, 415),
        ({"data": "output=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ({"data": '{"output": NaN}', "content_type": "application/json"}, 400),
        ({"data": '{"output": 1e999}', "content_type": "application/json"}, 400),
        ({"data": "[" * 100_000, "content_type": "application/json"}, 400),
        ({"data": '{"a":' * 2000 + "1" + "}" * 2000, "content_type": "application/json"}, 400),
    ],
)
def test_what_no_page_sends_is_refused_by_its_kind(client, more, status):
    refused(client.post(CALL, **more), status)


def test_a_body_of_unknown_length_is_refused(client):
    answer = client.post(
        CALL, headers={"Transfer-Encoding": "chunked"}, content_type="application/json"
    )
    assert answer.status_code in (400, 411)


@pytest.mark.parametrize("path", ["/login", "/display", "/setup", "/login/password"])
def test_a_form_is_small_and_plain(client, path):
    assert refused(client.post(path, data={"name": "x" * 70_000}), 413) == "too_large"
    assert refused(client.post(path, data={"name": "a\x00b"}), 400) == "bad_request"


def test_letters_that_no_store_keeps_come_no_further(client, store):
    make(store)
    enter(client)
    for text in ("\x00", "a\ud800b"):
        body = json.dumps({"title": text}).encode()
        answer = client.post("/desk/report", data=body, content_type="application/json")
        assert refused(answer, 400) == "bad_request"
    assert client.get("/desk/rows?q=%00").status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/%2e%2e/etc/passwd", "/assets/..%2f..%2fapp.py", "/assets/%2e%2e/app.py", "/desk/case/%2e%2e",
     "/case/..%2F..%2Fx", "/a%00b", "/desk%0d%0aX: y", "/assets/..\\..\\app.py", "/%5c%5cevil",
     "/_dash-component-suites/dash/..%2f..%2f..%2fapp.py", "//evil.example/%2e%2e", "/%252e%252e/",
     "/.%2e/.env", "/case/%00", "/indicator/%ff%fe/data.csv"],
)  # fmt: skip
def test_tricks_with_paths_lead_nowhere(client, path):
    answer = client.get(path)
    assert 300 <= answer.status_code < 500, path
    assert b"create_app" not in answer.get_data()
    assert "evil.example" not in answer.headers.get("Location", "")


def test_a_huge_address_and_huge_headers_are_no_fault(client):
    assert client.get("/?x=" + "a" * 9000).status_code == 414
    for headers in ({"Cookie": "zhizhi=" + "x" * 60_000}, {"Referer": "http://localhost/" + "%ff" * 9000},
                    {"Accept-Language": "zh;q=" + "9" * 5000}, {"X-Forwarded-For": ", ".join(["1"] * 9000)},
                    {"If-None-Match": '"' * 5000}, {"Range": "bytes=" + "0-1," * 2000},
                    {"User-Agent": "\xff" * 2000}):  # fmt: skip
        assert client.get("/", headers=headers).status_code < 500
        assert client.get("/_dash-layout", headers=headers).status_code < 500


def test_headers_given_twice_are_no_fault(client):
    for name, values in (("Cookie", ("zhizhi=a", "zhizhi=b")), ("Referer", ("http://localhost/", "x")),
                         ("X-CSRFToken", ("a", "b")), ("Origin", ("http://localhost", "http://evil"))):  # fmt: skip
        headers = [(name, value) for value in values]
        assert client.post("/login/alive", headers=headers).status_code in (401, 403)


@pytest.mark.parametrize("cookie", ["", "x", "e30.x.y", ".eJw.x.y", "a" * 3000, "é", "\x7f"])
def test_forged_sessions_are_nobody(server, cookie):
    client = server.test_client()
    client.set_cookie("zhizhi", cookie)
    assert client.get("/desk").status_code == 302
    assert client.get("/desk/rows").status_code == 401


@pytest.mark.parametrize("token", ["", "zz_00000000_x", "zz_x", "é" * 300, "a b c", "\x00"])
def test_forged_tokens_of_the_api_are_nobody(client, token):
    headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    for ask in (client.get, client.post):
        answer = ask("/api/v1/observations", headers=headers)
        assert answer.status_code in (400, 401, 403, 415), answer.status_code


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "FOO"])
def test_other_methods_do_nothing(client, method):
    for path in ("/", "/desk/act", CALL, "/login", "/admin"):
        assert client.open(path, method=method).status_code in (200, 400, 403, 404, 405, 415)


# ---- how often ----


@given({"calls_per_second": 1, "calls_at_once": 20})
def test_who_asks_too_often_is_told_when_to_come_again(client, store):
    make(store)
    enter(client)
    codes = [client.post("/login/alive").status_code for _ in range(30)]
    assert codes.count(200) in range(17, 21)
    answer = client.post("/login/alive")
    assert refused(answer, 429) == "too_many"
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.get("/healthz").status_code == 200, "files, streams and health go on"


# ---- reports ----


def test_reports_of_browsers_are_told_and_kept_small(client, capsys):
    report = {"csp-report": {"document-uri": "http://localhost/case/1?name=secret",
                             "violated-directive": "script-src", "blocked-uri": "inline"}}  # fmt: skip
    said = {"data": json.dumps(report), "content_type": "application/csp-report"}
    assert client.post("/csp", **said).status_code == 204
    told = "".join(capsys.readouterr())  # to stderr once the log is set up
    assert "script-src" in told
    assert "secret" not in told
    assert client.post("/csp", data="x", content_type="text/plain").status_code == 415
    big = client.post("/csp", data="x" * 20_000, content_type="application/csp-report")
    assert big.status_code == 413
    for body in ("x", "[]", "{}", "[" * 5000, '{"csp-report": 1}'):
        answer = client.post("/csp", data=body, content_type="application/csp-report")
        assert answer.status_code == 400
    assert 429 in {client.post("/csp", **said).status_code for _ in range(30)}


def test_the_policy_lets_no_script_in_that_is_not_ours(client):
    headers = client.get("/").headers
    policy = dict(p.split(" ", 1) for p in headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in policy["script-src"]
    assert policy["script-src"].startswith("'self' 'sha256-")
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@given({"frames": "https://portal.city.example"})
def test_a_portal_that_was_named_may_frame_our_pages(client):
    headers = client.get("/").headers
    assert "frame-ancestors https://portal.city.example;" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
