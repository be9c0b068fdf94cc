"""What the screens are pushed: a revision for every change, silence for none."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from callbacks.hub import Hub, Scope
from data import models as m
from data import panels, snapshots
from data.catalogue import catalogue
from data.snapshots import Watch
from data.store import Store
from tests.conftest import NOW
from tests.helpers import payloads
from tests.store.payloads import request, requests
from tests.store.support import CITY, YUANCHENG, rows_of, take, until

T = NOW.timestamp()


def publish(store, content, *, now=T, moving=frozenset()):
    with store.write() as conn:
        return snapshots.publish(conn, content, now=now, ttl=60, moving=moving)


def confirm(store, known):
    with store.write() as conn:
        snapshots.confirm(conn, known)


@pytest.fixture
def watch(store):
    found = Watch(store)
    yield found
    found.close()


def test_an_empty_store_has_nothing_to_tell(watch):
    found = watch.changed(-1)
    assert (found.rev, found.epoch, found.panels, found.known) == (0, "", [], {})


def test_a_change_is_one_revision_whatever_the_number_of_panels(store, watch):
    assert publish(store, {("a", CITY): {"x": 1}, ("b", CITY): {"x": 1}}) == 2
    found = watch.changed(0)
    assert found.rev == 1
    assert {(p.panel, p.area, p.rev, p.ttl) for p in found.panels} == {
        ("a", CITY, 1, 60),
        ("b", CITY, 1, 60),
    }
    assert json.loads(found.panels[0].payload) == {"x": 1}


def test_the_same_content_moves_its_time_and_nothing_else(store, watch):
    publish(store, {("a", CITY): {"x": [1, {"y": 2}]}})
    assert publish(store, {("a", CITY): {"x": [1, {"y": 2}]}}, now=T + 5) == 0
    found = watch.changed(0)
    assert (found.rev, found.as_of) == (1, {"a": T + 5})
    assert watch.changed(1).panels == []


def test_the_order_of_keys_is_no_change(store):
    publish(store, {("a", CITY): {"x": 1, "y": 2}})
    assert publish(store, {("a", CITY): {"y": 2, "x": 1}}) == 0


def test_only_what_changed_gets_the_new_revision(store, watch):
    publish(store, {("a", CITY): 1, ("b", CITY): 1, ("a", YUANCHENG): 1})
    assert publish(store, {("a", CITY): 2, ("b", CITY): 1, ("a", YUANCHENG): 1}) == 1
    assert [(p.panel, p.area, p.rev) for p in watch.changed(1).panels] == [("a", CITY, 2)]
    assert len(watch.changed(-1).panels) == 3


def test_fields_that_move_with_every_poll_do_not_count(store, watch):
    def content(known, value):
        return {("a", CITY): {"tiles": [{"value": value, "known_at": known}]}}

    moving = frozenset({"known_at"})
    publish(store, content(1, 5), moving=moving)
    assert publish(store, content(2, 5), moving=moving) == 0
    assert publish(store, content(3, 6), moving=moving) == 1
    assert json.loads(watch.changed(1).panels[0].payload)["tiles"][0]["known_at"] == 3


def test_a_confirmation_travels_without_a_revision_and_without_a_panel(store, watch):
    publish(store, {("a", CITY): 1})
    first = {("safety", CITY): {"PS-01": T}, ("services", CITY): {"GS-04": T}}
    confirm(store, {**first, ("safety", YUANCHENG): {}})
    confirm(store, {("safety", CITY): {"PS-01": T + 9}})
    found = watch.changed(0)
    assert (found.rev, [p.panel for p in found.panels]) == (1, ["a"])
    assert found.known == {CITY: {"PS-01": T + 9, "GS-04": T}}
    assert "known" not in found.as_of


def test_the_epoch_tells_one_store_from_another(store, watch):
    publish(store, {("a", CITY): 1})
    first = watch.changed(0).epoch
    publish(store, {("a", CITY): 2})
    assert watch.changed(0).epoch == first
    with store.write() as conn:
        conn.execute(m.live_rev.delete())
        conn.execute(m.panel_snapshot.delete())
    publish(store, {("a", CITY): 1})
    assert watch.changed(0).epoch not in (first, "")


def test_two_publishers_take_turns_and_no_revision_is_lost(store, watch):
    def work(name):
        for n in range(10):
            publish(store, {(name, CITY): n})

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    found = watch.changed(0)
    assert found.rev == 20
    assert {p.panel: p.payload for p in found.panels} == {"a": "9", "b": "9"}


def test_a_watch_wakes_for_a_change_only(store, watch):
    publish(store, {("a", CITY): 1})
    watch.wait(0.2)
    assert watch.wait(0.05) is False
    publish(store, {("a", CITY): 2})
    assert watch.wait(5) is True
    assert watch.changed(1).rev == 2


@pytest.mark.parametrize(
    "store", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_confirmation_and_an_unchanged_panel_wake_nobody(store, watch):
    publish(store, {("a", CITY): 1})
    assert watch.wait(5) is True
    publish(store, {("a", CITY): 1}, now=T + 1)
    confirm(store, {("safety", CITY): {"PS-01": T}})
    assert watch.wait(0.15) is False


# ---- the wall's own panels ----


def publish_all(store, now=NOW):
    with store.write() as conn:
        return panels.publish_all(conn, catalogue(), now)


def test_every_area_gets_every_panel(store, watch):
    publish_all(store)
    found = {(p.panel, p.area) for p in watch.changed(0).panels}
    names = {
        "header",
        "queue",
        "map",
        "sources",
        "alarms",
        "stage",
        *(f"domain-{d}" for d in catalogue().wall_domains()),
    }
    areas = {CITY, *(a.code for a in catalogue().counties())}
    assert found == {(n, a) for n in names for a in areas}


def test_a_poll_without_news_wakes_no_screen(store, watch):
    file = requests(request("1"))
    take(store, "yuepingan", file, publish=published)
    publish_all(store)
    rev = watch.changed(0).rev
    take(store, "yuepingan", file, now=NOW + timedelta(seconds=15), publish=published)
    publish_all(store, NOW + timedelta(seconds=15))
    found = watch.changed(rev)
    assert (found.rev, found.panels) == (rev, [])
    assert found.known[CITY]["PS-01"] == (NOW + timedelta(seconds=15)).timestamp()


def published(conn, source, now):
    panels.publish_for(conn, catalogue(), source, now)


def look_at(store, *areas, now=NOW):
    with store.write() as conn:
        snapshots.watch_areas(conn, areas, now=now)


def test_a_county_that_nobody_looks_at_waits_for_the_whole_board(store, watch):
    """Nine times the work for each poll, if all were made for nobody."""
    take(store, "yuepingan", requests(request("1", "ZD-01")), publish=published)
    publish_all(store)
    rev = watch.changed(0).rev
    look_at(store, YUANCHENG, now=NOW - timedelta(minutes=2))
    two = requests(request("1", "ZD-01"), request("2", "ZD-01"))
    take(store, "yuepingan", two, now=NOW + timedelta(seconds=1), publish=published)
    assert {p.area for p in watch.changed(rev).panels} == {CITY}
    publish_all(store, NOW + timedelta(seconds=2))
    assert {p.area for p in watch.changed(rev).panels if p.panel == "queue"} == {CITY, YUANCHENG}


def test_a_new_matter_reaches_its_county_and_the_city_and_no_other(store, watch):
    look_at(store, *(a.code for a in catalogue().counties()))
    take(store, "yuepingan", requests(request("1", "ZD-01")), publish=published)
    publish_all(store)
    rev = watch.changed(0).rev
    two = requests(request("1", "ZD-01"), request("2", "ZD-01"))
    take(store, "yuepingan", two, now=NOW + timedelta(seconds=1), publish=published)
    queues = {p.area for p in watch.changed(rev).panels if p.panel == "queue"}
    assert queues == {CITY, YUANCHENG}


def test_a_source_that_fails_is_told_once(store, watch):
    publish_all(store)
    take(store, "yuepingan", b"{1", publish=published)
    take(store, "yuepingan", b"{2", now=NOW + timedelta(seconds=1), publish=published)
    rev = watch.changed(0).rev
    take(store, "yuepingan", b"{2", now=NOW + timedelta(seconds=2), publish=published)
    assert [p.panel for p in watch.changed(rev).panels] == []


# ---- the hub on a real store ----


@pytest.fixture
def hub(store):
    def render(panel, payload, lang, area):
        return {"x": {"children": [panel, payload, lang]}}

    found = Hub(store, render, build="b1")
    yield found
    found.close()


def test_the_hub_follows_what_is_published(store, hub):
    publish(store, {("a", CITY): 1})
    hub.start()
    scope = Scope("zh", CITY)
    assert hub.db_ok
    (frame,) = hub.since(-1, "", [scope])
    assert b"id: 1\nevent: p\n" in frame
    publish(store, {("a", CITY): 2})
    until(lambda: hub.rev == 2)
    assert len(hub.since(1, hub.epoch, [scope])) == 1
    assert hub.since(2, hub.epoch, [scope]) == []
    assert len(hub.since(2, "another", [scope])) == 1
    assert len(hub.since(99, hub.epoch, [scope])) == 1
    assert payloads(hub, CITY) == {"a": 2}
    assert payloads(hub, YUANCHENG) == {}


def test_the_hub_starts_afresh_on_another_store(store, hub):
    publish(store, {("a", CITY): 1, ("old", CITY): 1})
    hub.start()
    first = hub.epoch
    with store.write() as conn:
        conn.execute(m.live_rev.delete())
        conn.execute(m.panel_snapshot.delete())
        snapshots.publish(conn, {("a", CITY): 7}, now=T, ttl=60)
    until(lambda: hub.epoch not in (first, ""))
    until(lambda: payloads(hub, CITY) == {"a": 7})


def test_the_hub_says_that_the_store_is_lost_and_finds_it_again(store, hub, monkeypatch):
    publish(store, {("a", CITY): 1})
    hub.start()
    assert hub.db_ok
    lost = threading.Event()
    real = Watch.changed

    def changed(self, since):
        if lost.is_set():
            raise SQLAlchemyError("gone")
        return real(self, since)

    monkeypatch.setattr(Watch, "changed", changed)
    lost.set()
    publish(store, {("a", CITY): 2})  # what wakes it
    until(lambda: not hub.db_ok)
    assert b'"db":false' in hub.heartbeat([Scope("zh", CITY)])
    assert payloads(hub, CITY) == {"a": 1}
    lost.clear()
    until(lambda: hub.db_ok)
    assert payloads(hub, CITY) == {"a": 2}


def test_the_hub_waits_for_a_store_that_is_not_there_yet(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/new.sqlite")
    hub = Hub(store, lambda *_: {}, build="b")
    hub.start()
    assert not hub.db_ok
    assert hub.since(-1, "", [Scope("zh", CITY)]) == []
    from data.models import schema

    with store.write() as conn:
        schema.upgrade(conn)
    until(lambda: hub.db_ok)
    hub.close()
    store.dispose()


def test_a_screen_that_comes_back_gets_only_what_it_missed(store, hub):
    publish(store, {("a", CITY): 1, ("b", CITY): 1})
    publish(store, {("b", CITY): 2})
    hub.start()
    frames = hub.since(1, hub.epoch, [Scope("zh", CITY), Scope("en", CITY)])
    assert [f.split(b"\n")[0] for f in frames] == [b"id: 2", b"id: 2"]
    assert rows_of(store, m.live_rev)[0].rev == 2
