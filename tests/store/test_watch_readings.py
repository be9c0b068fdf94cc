"""What the watchers say of screens, collector, store, notices and clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.queries.alarms.marks import JUMP, leave_mark
from data.queries.alarms.screens import lost_screens, screen_rows
from data.queries.alarms.self_check import watch_readings
from data.queries.keys import read_keys
from tests.conftest import NOW
from tests.store.alarms_made import alarms, use_targets
from tests.store.test_notices import tell_of
from tests.store.watch_rules import rule

MINUTE = timedelta(minutes=1)


def readings(store, measure, now=NOW, minutes=2):
    with store.read() as conn:
        found = watch_readings(conn, catalogue(), read_keys(conn), [rule(measure, minutes)], now)
    assert all(r.at <= now and r.area == "441600" for r in found)
    return {r.object: r for r in found}


def screen(store, name="一号屏", *, id_="s1", seen=NOW, **more):
    values = {"id": id_, "name": name, "first_seen_at": NOW - MINUTE, "seen_at": seen} | more
    with store.write() as conn:
        conn.execute(m.screen.insert().values(values))


def test_a_screen_whose_beat_stopped_is_one_alarm_and_back_when_it_beats(store):
    screen(store)
    screen(store, "二号屏", id_="s2", seen=NOW + 3 * MINUTE)
    found = readings(store, "screen_lost", NOW + 3 * MINUTE)
    assert {k: r.active for k, r in found.items()} == {"s1": True, "s2": False}
    assert "自 11-18 10:20:00 起失联" in found["s1"].said["zh"]
    assert found["s1"] == readings(store, "screen_lost", NOW + 4 * MINUTE)["s1"]
    assert "一号屏" in found["s1"].title["zh"]
    assert found["s1"].at == NOW


@pytest.mark.parametrize("over", ["retired_at", "revoked_at", "closed_at"])
def test_a_screen_that_was_taken_off_the_wall_never_alarms(store, over):
    screen(store, **{over: NOW})
    found = readings(store, "screen_lost", NOW + 60 * MINUTE)
    assert [r.active for r in found.values()] == [False]
    assert readings(store, "screen_lost", NOW + timedelta(days=3)) == {}
    with store.read() as conn:
        assert lost_screens(conn, NOW + 60 * MINUTE) == 0


def test_a_screen_with_a_name_alarms_though_its_page_was_closed(store):
    screen(store, closed_at=NOW, named_at=NOW)
    assert readings(store, "screen_lost", NOW + 3 * MINUTE)["s1"].active
    with store.read() as conn:
        assert lost_screens(conn, NOW + 3 * MINUTE) == 1


def test_a_screen_that_beats_and_paints_nothing_is_frozen(store):
    later = NOW + 5 * MINUTE
    screen(store, seen=later, painted_at=NOW)
    found = readings(store, "screen_lost", later)["s1"]
    assert found.active
    assert "画面停住" in found.title["zh"]
    with store.read() as conn:
        (row,) = screen_rows(conn, later, build="b2")
        assert lost_screens(conn, later) == 1
    assert (row["state"], row["other_build"]) == ("frozen", False)


def test_a_beat_from_the_future_is_no_negative_age(store):
    screen(store, seen=NOW + 60 * MINUTE)
    found = readings(store, "screen_lost")["s1"]
    assert not found.active


def test_a_collector_that_was_never_heard_is_unknown_and_one_that_stopped_alarms(store):
    assert readings(store, "collector")["collector"].unknown
    with store.write() as conn:
        values = {"name": "collector", "holder": "h", "until": NOW, "beat_at": NOW,
                  "started_at": NOW}  # fmt: skip
        conn.execute(m.lease.insert().values(values))
    assert not readings(store, "collector", NOW + MINUTE)["collector"].active
    assert readings(store, "collector", NOW + 3 * MINUTE)["collector"].active
    said = readings(store, "collector", NOW + 3 * MINUTE)["collector"].said
    assert said["en"] == "no news of the collector since 11-18 10:20:00"


def test_the_store_tells_of_its_disk(store):
    assert not readings(store, "store")["disk"].unknown


def test_undelivered_notices_are_one_alarm_a_target(store):
    use_targets(store, "duty_wecom", "platform")
    tell_of(store, alarms(store))
    assert not any(r.active for r in readings(store, "undelivered").values())
    found = readings(store, "undelivered", NOW + 8 * MINUTE)
    assert {k for k, r in found.items() if r.active} == {"duty_wecom", "platform"}
    assert found["platform"].value == 1
    with store.write() as conn:
        conn.execute(m.notice.update().values(sent_at=NOW))
    assert not any(r.active for r in readings(store, "undelivered", NOW + 8 * MINUTE).values())


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_jumped_alarms_for_a_while(store, seconds):
    with store.write() as conn:
        leave_mark(conn, JUMP, {"at": NOW.timestamp(), "seconds": seconds})
    found = readings(store, "clock", NOW + MINUTE, minutes=30)["jump"]
    assert (found.active, found.value) == (True, seconds)
    assert not readings(store, "clock", NOW + 40 * MINUTE, minutes=30)["jump"].active


def test_other_rules_are_passed_over(store):
    with store.read() as conn:
        assert watch_readings(conn, catalogue(), read_keys(conn), [], NOW) == []
