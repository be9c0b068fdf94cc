"""Addresses: what is served, what is not, in which language."""

from __future__ import annotations

import json

import pytest

from app import create_app
from data import panels
from data.catalogue import catalogue
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import CITY, sqlite_only, take

pytestmark = sqlite_only


@pytest.fixture
def server(store):
    take(store, "yuepingan", requests(request("1", "ZD-01")))
    with store.write() as conn:
        panels.publish_all(conn, catalogue(), NOW)
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


@pytest.fixture
def hub(server):
    return server.extensions["hub"]


@pytest.fixture
def client(server):
    return server.test_client()


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/_dash-layout", "/_dash-dependencies", "/assets/favicon.ico"]
)
def test_what_is_known_is_served(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    answer.close()


@pytest.mark.parametrize(
    "path",
    [
        "/ready", "/index.html", "/administrator", "/.env", "/en", "/wall/", "/%00",
        "/readyzz/x",
        "/livez",
        "/healthz2",
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_found(client, path):
    assert client.get(path).status_code in (400, 404, 405), path


def test_every_answer_carries_its_safety_headers(client):
    for path in ("/", "/healthz", "/nowhere"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


# ---- the language ----


def layout(client, **headers):
    return json.loads(client.get("/_dash-layout", headers=headers).data)


def language(found):
    """Return the language that the page was made in."""

    def search(part):
        if isinstance(part, dict):
            if "lang" in part and part["lang"] in ("zh", "en"):
                return part["lang"]
            part = list(part.values())
        if isinstance(part, list):
            return next((x for x in map(search, part) if x), None)
        return None

    return search(found)


def test_a_page_is_chinese_unless_the_browser_wants_english(client):
    assert language(layout(client)) == "zh"
    assert language(layout(client, **{"Accept-Language": "en-GB,en;q=0.9"})) == "en"
    assert language(layout(client, **{"Accept-Language": "zh-CN,en;q=0.5"})) == "zh"
    assert language(layout(client, **{"Accept-Language": "fr"})) == "zh"


def test_the_address_decides_and_travels_as_the_referrer_of_the_layout(client):
    assert language(layout(client, Referer="http://localhost/?lang=en")) == "en"
    english = {"Accept-Language": "en", "Referer": "http://localhost/?lang=zh"}
    assert language(layout(client, **english)) == "zh"
    assert language(layout(client, Referer="http://localhost/?lang=xx")) == "zh"
    assert language(layout(client, Referer="not a url")) == "zh"


def test_a_choice_is_kept_in_a_cookie(client):
    answer = client.get("/?lang=en")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("lang=en;")
    for word in ("HttpOnly", "SameSite=Strict", "Max-Age="):
        assert word in cookie
    assert language(layout(client)) == "en"
    assert language(layout(client, Referer="http://localhost/?lang=zh")) == "zh"


@pytest.mark.parametrize("path", ["/?lang=xx", "/", "/healthz?lang=en"])
def test_only_a_real_choice_sets_a_cookie(client, path):
    assert client.get(path).headers.getlist("Set-Cookie") == []


def test_an_area_of_the_address_is_shown_and_an_unknown_one_is_the_city(client):
    county = layout(client, Referer="http://localhost/?area=441621&lang=en")
    city = layout(client, Referer="http://localhost/?area=nowhere&lang=en")
    assert county != city
    assert city == layout(client, Referer="http://localhost/?lang=en") or "441600" in json.dumps(
        city
    )
    town = layout(client, Referer="http://localhost/?area=441602001&lang=en")
    assert '"441602001"' not in json.dumps(town)


# ---- /live ----


@pytest.mark.parametrize(
    "scopes",
    [
        "",
        "zh",
        "zh:",
        "fr:441600",
        "zh:999",
        ",,,",
        "zh:441600,zh:nowhere",
        ",".join(["zh:441600"] * 21),
    ],
)
@pytest.mark.parametrize("path", ["/live", "/live/since"])
def test_scopes_that_are_none_are_refused_and_take_no_place(client, hub, path, scopes):
    assert client.get(f"{path}?scopes={scopes}").status_code == 400
    assert hub.streams == 0


def test_since_answers_once_with_everything_and_a_heartbeat(client):
    text = client.get("/live/since?scopes=zh:441600").get_data(as_text=True)
    panels_ = [json.loads(x[6:]) for x in text.split("\n") if x.startswith("data: ") and '"p"' in x]
    assert {"queue", "map", "header", "sources"} <= {p["p"] for p in panels_}
    assert {p["s"] for p in panels_} == {"zh:441600"}
    beat = json.loads(text.split("event: hb\ndata: ")[1])
    assert (beat["db"], beat["build"], beat["rev"]) == (True, "b1", 1)
    more = client.get(f"/live/since?scopes=zh:441600&rev={beat['rev']}&epoch={beat['epoch']}")
    assert "event: p" not in more.get_data(as_text=True)
    assert more.headers["Cache-Control"] == "no-store"


def test_a_revision_that_is_no_number_is_none(client):
    assert "event: p" in client.get("/live/since?scopes=zh:441600&rev=x").get_data(as_text=True)


def test_a_stream_sends_what_there_is_and_a_heartbeat_and_ends_when_told(client, hub):
    answer = client.get("/live?scopes=zh:441600,en:441621")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    parts = answer.iter_encoded()
    assert next(parts) == b"retry: 2000\n\n"
    first = next(parts)
    assert b'"s":"zh:441600"' in first
    assert b'"s":"en:441621"' in first
    assert b"event: hb" in first
    assert hub.streams == 1
    hub.close()
    assert [p for p in parts if b"event: p" in p] == []
    answer.close()
    assert hub.streams == 0


def test_a_display_that_goes_away_frees_its_place(client, hub):
    answer = client.get("/live?scopes=zh:441600")
    next(answer.iter_encoded())
    assert hub.streams == 1
    answer.close()
    assert hub.streams == 0


@pytest.mark.parametrize("method", ["head", "get"])
def test_a_stream_that_is_never_read_frees_its_place(client, hub, method):
    """HEAD, or a display that is gone before the first byte."""
    getattr(client, method)("/live?scopes=zh:441600").close()
    assert hub.streams == 0


def test_when_every_place_is_taken_the_next_is_told_to_come_back(client, hub, server):
    hub.streams = 10**6
    answer = client.get("/live?scopes=zh:441600")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    hub.streams = 0


def test_a_server_that_is_closing_takes_no_new_display(client, hub):
    hub.close()
    assert client.get("/live?scopes=zh:441600").status_code == 503


def test_two_scopes_of_one_page_are_both_sent(client):
    text = client.get("/live/since?scopes=zh:441600,en:441600").get_data(as_text=True)
    assert '"s":"zh:441600"' in text
    assert '"s":"en:441600"' in text
    assert CITY in text


def test_only_the_page_with_a_map_announces_its_script(client):
    assert "async-graph.js" in client.get("/").headers["Link"]
    assert "Link" not in client.get("/healthz").headers
