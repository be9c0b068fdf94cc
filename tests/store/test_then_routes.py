"""Pages under `at=`: the band, what cannot be shown, and that nothing is changed or followed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app import create_app
from callbacks import login
from tests.conftest import NOW
from tests.store.people import quick  # noqa: F401
from tests.store.support import CITY, YUANCHENG, observed, sqlite_only
from tests.store.test_desk_routes import signed_in
from tests.store.then import Day

pytestmark = [sqlite_only, pytest.mark.usefixtures("quick")]
AT = "2026-11-18T10:40"


@pytest.fixture
def server(store, monkeypatch):
    day = Day(store)
    day.counts(observed("HE-05", YUANCHENG, NOW.replace(minute=0), 70, 100))
    day.reports(title="堤防渗漏")
    day.later(minutes=50)
    day.counts(observed("HE-05", YUANCHENG, NOW.replace(minute=0), 20, 100))
    now = day.later(hours=2)
    monkeypatch.setattr(login, "utc_now", lambda: now)
    found = create_app(store, build="b1").server
    found.extensions["instants"].clock = lambda: now
    yield found
    found.extensions["hub"].close()


def layout(client, address):
    """Return the layout that a page asks for, as text."""
    answer = client.get("/_dash-layout", headers={"Referer": f"http://localhost{address}"})
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def test_the_wall_stands_under_its_band_with_the_values_of_then(server):
    found = layout(server.test_client(), f"/?at={AT}&lang=zh")
    assert "replay-band" in found
    assert "2026-11-18 星期三 10:40" in found
    assert "replaying" in found
    assert '"70.0"' in found
    assert '"20.0"' not in found
    assert "data-at" in found


def test_without_at_there_is_no_band(server):
    found = layout(server.test_client(), "/?lang=zh")
    assert "replay-band" not in found
    assert "data-at" not in found


@pytest.mark.parametrize("text", ["x", "2030-01-01", "1970-01-01T00:00", "%00"])
def test_an_instant_that_cannot_be_shown_gets_a_plain_page(server, text):
    found = layout(server.test_client(), f"/?at={text}&lang=zh")
    assert "无法回放这一时刻" in found
    assert "可回放的时刻" in found
    assert "domain-health" not in found


@pytest.mark.parametrize("path", ["/weekly", "/supervision", "/indicator/HE-05", "/area/441602"])
def test_a_page_without_a_state_of_a_minute_says_so_and_shows_nothing_of_now(
    server, store, path, monkeypatch
):
    client = signed_in(server, store)
    found = layout(client, f"{path}?at={AT}&lang=zh")
    assert "本页不能回放" in found
    assert "replay-band" in found


@pytest.mark.parametrize("path", ["/desk", "/duties", "/handover", "/sources", "/alerts", "/stage"])
def test_pages_that_look_back_stand_under_the_band_and_offer_no_act(server, store, path):
    client = signed_in(server, store)
    found = layout(client, f"{path}?at={AT}&lang=zh")
    assert "replay-band" in found
    assert "本页不能回放" not in found
    assert '"data-acting": "1"' not in found
    assert '"data-centre": "1"' not in found


def test_panels_of_an_instant_come_ready_for_the_page(server):
    answer = server.test_client().get(f"/replay?at={AT}&area={CITY}&lang=zh")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["at"] == (NOW + timedelta(minutes=20)).timestamp()
    names = {frame["p"] for frame in body["panels"]}
    assert {"header", "map", "queue", "sources", "stage", "alarms", "domain-health"} <= names
    assert all(frame["s"] == f"zh:{CITY}" for frame in body["panels"])
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "why"),
    [("at=x", "unreadable"), ("at=2031-01-01", "future"), ("", "unreadable"),
     (f"at={AT}&area=441602001", "unknown"), (f"at={AT}&lang=fr", "unknown")],
)  # fmt: skip
def test_what_is_asked_wrongly_is_answered_with_what_is_allowed(server, query, why):
    answer = server.test_client().get(f"/replay?{query}")
    assert answer.status_code == 400
    assert why in answer.get_data(as_text=True)


def test_nothing_is_changed_or_followed_from_a_page_that_looks_back(server, store):
    client = signed_in(server, store)
    then = {"X-Zhizhi-At": AT}
    page = {"Referer": f"http://localhost/desk?at={AT}"}
    for headers in (then, page):
        acted = client.post("/desk/act", json={"no": "x", "act": "open"}, headers=headers)
        assert acted.status_code == 409
        assert client.get("/live/since?scopes=zh:441600", headers=headers).status_code == 409
        nudge = {"output": "sources-body.children", "inputs": [], "changedPropIds": []}
        assert (
            client.post("/_dash-update-component", json=nudge, headers=headers).status_code == 204
        )
    assert client.get("/live/since?scopes=zh:441600").status_code == 200


def test_the_desk_asks_of_then(server, store):
    client = signed_in(server, store)
    now = client.get("/desk/rows?lang=zh").get_json()["rows"]
    early = {"X-Zhizhi-At": "2026-11-18T10:19"}
    assert [r["no"] for r in now]
    assert client.get("/desk/rows?lang=zh", headers={"X-Zhizhi-At": AT}).get_json()["rows"]
    assert client.get("/desk/rows?lang=zh", headers=early).get_json()["rows"] == []
    assert client.get("/desk/rows?lang=zh", headers={"X-Zhizhi-At": "x"}).status_code == 400


def test_the_next_event_is_told(server):
    found = server.test_client().get("/replay/next?at=2026-11-18T10:00").get_json()
    assert found == {"at": None} or found["kind"] in {"alarm", "stage", "case"}
