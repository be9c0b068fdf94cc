"""A replay shows what the wall was told, and nothing that was recorded later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.queries.case_page import own_case
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING
from data.queries.then.events import next_event
from data.queries.then.shadow import shadowed
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import CITY, YUANCHENG, count, observed
from tests.store.then import PROTECTED, Day, still, told_day

HOUR = NOW.replace(minute=0)


@pytest.fixture
def day(store):
    return told_day(store)


def tile(panels, domain, code):
    return next(t for t in panels[f"domain-{domain}"]["tiles"] if t["code"] == code)


def test_each_instant_is_shown_as_it_was_published(day):
    day.later(hours=3)
    for (at, area), published in day.shown.items():
        then = day.at(at, area)
        assert set(then) == set(published)
        for panel in published:
            assert still(panel, then[panel]) == still(panel, published[panel]), (at, area, panel)


def test_of_protected_values_nothing_is_shown_that_was_not_or_is_another_number_now(day):
    day.later(hours=3)
    for (at, area), published in day.shown.items():
        one, was = tile(day.at(at, area), "health", PROTECTED), tile(published, "health", PROTECTED)
        assert one.get("hidden") or one["value"] == was["value"]
        assert all(p is None or p == q for p, q in zip(one["trend"], was["trend"], strict=True))
    small = {
        p for at, area in day.shown for p in tile(day.at(at, area), "health", PROTECTED)["trend"]
    }
    assert 3.0 not in small  # what was put right to a small count later


def test_what_comes_later_changes_nothing_of_then(day):
    instants = [at for at, area in day.shown if area == CITY]
    before = {at: day.at(at) for at in instants}
    day.later(hours=1)
    for hours in range(1, 6):
        day.counts(observed("HE-05", YUANCHENG, HOUR - timedelta(hours=hours), 1, 100))
    day.bands()
    no = day.reports(title="后来的事项")
    day.publishes()
    for at in instants:
        assert day.at(at) == before[at]
        assert no not in str(day.at(at))
    assert no in str(day.at(day.now))


def test_before_anything_was_known_there_is_no_data_and_no_zero(day):
    then = day.at(NOW - timedelta(days=3))
    assert then["queue"]["total"] == 0
    assert {t["status"] for t in then["domain-health"]["tiles"]} == {"no_data"}
    assert all(t["value"] is None for t in then["domain-health"]["tiles"])


def test_where_minutes_are_gone_whole_hours_are_shown_and_said(store):
    day = Day(store)
    for minute in range(0, 180, 5):
        day.now = NOW + timedelta(minutes=minute)
        at = day.now.replace(second=0)
        day.counts(observed("TR-20", YUANCHENG, at, 40 + minute, grain=1))
    at, later = NOW + timedelta(minutes=110), NOW + timedelta(days=36)
    fine = tile(day.at(at, now=NOW + timedelta(days=1)), "transport", "TR-20")
    assert fine["value"] == 150
    assert "grain" not in fine
    coarse = tile(day.at(at, now=later), "transport", "TR-20")
    assert coarse["grain"]["zh"] == "11–12时"
    assert "35" in coarse["kept"]["zh"]
    assert coarse["value"] == 135  # the last value of the whole hour before, none of a later one


def test_where_hours_are_gone_whole_days_are_shown_and_said(store):
    day = Day(store)
    for hours in range(72):
        day.now = NOW + timedelta(hours=hours)
        day.counts(observed("TR-20", YUANCHENG, day.now.replace(minute=0), hours, grain=1))
    with store.write() as conn:
        conn.execute(m.rollup_hour.delete())
    at, later = NOW + timedelta(hours=70), NOW + timedelta(days=420)
    one = tile(day.at(at, now=later), "transport", "TR-20")
    assert one["grain"]["zh"] == "日值 11-20"
    assert "400" in one["kept"]["zh"]
    assert one["value"] == 61  # of the day before, which was whole


def test_an_end_told_late_had_not_come_for_those_who_watched(store):
    day = Day(store)
    day.takes("yuepingan", requests(request("1", "ZD-02")))
    opened = day.later(minutes=10)
    ended = opened + timedelta(minutes=2)
    day.later(hours=2)
    day.takes(
        "yuepingan",
        requests(request("1", "ZD-02", status="closed", updated_datetime=ended.isoformat())),
    )
    between = day.at(opened + timedelta(hours=1))
    assert between["queue"]["total"] == 1
    assert day.at(day.now)["queue"]["total"] == 0


def test_a_clock_that_jumped_back_decides_nothing(store):
    day = Day(store, NOW - timedelta(hours=5))
    day.counts(observed("HE-05", YUANCHENG, HOUR - timedelta(hours=6), 50, 100))
    day.now = NOW
    day.counts(observed("HE-05", YUANCHENG, HOUR, 70, 100))
    day.now = NOW - timedelta(hours=1)  # the clock was put back by an hour
    day.counts(observed("HE-05", YUANCHENG, HOUR - timedelta(hours=1), 60, 100))
    day.now = NOW + timedelta(minutes=1)
    assert tile(day.at(NOW - timedelta(minutes=30)), "health", "HE-05")["value"] == 60
    assert tile(day.at(NOW), "health", "HE-05")["value"] == 70


def test_the_desk_is_shown_as_it_stood(day):
    day.later(hours=3)
    for at, stood in day.desks.items():
        assert day.desk_at(at) == stood, at


def test_after_looking_back_the_tables_are_the_real_ones(day):
    before = day.desk()
    first = min(day.desks)
    assert day.desk_at(first) != before
    assert day.desk() == before
    day.reports(title="还能写")
    assert count(day.store, m.cases, m.cases.c.title == "还能写") == 1


def test_a_case_is_shown_with_its_timeline_up_to_then(day):
    no = next(r["no"] for r in max(day.desks.values(), key=lambda d: len(d[0]))[0] if r["led"])
    lengths = []
    for at in day.desks:
        with shadowed(day.store, at, case_no=no) as conn:
            own = own_case(conn, catalogue(), read_keys(conn), no, scope=EVERYTHING, now=at)
        if own is None:
            lengths.append(0)
            continue
        assert all(t.recorded_at <= at for t in own.turns)
        assert all(k.made_at <= at for k in own.clocks)
        assert all(k.stopped_at is None or k.stopped_at <= at for k in own.clocks)
        assert own.head.state == (own.turns[-1].to_state or own.head.state)
        lengths.append(len(own.turns))
    assert lengths == sorted(lengths)
    assert lengths[0] == 0
    assert lengths[-1] == 10


def test_the_next_event_is_found_in_its_order(day):
    with day.store.read() as conn:
        keys, found, at = read_keys(conn), [], NOW - timedelta(days=1)
        while event := next_event(conn, keys, at, area=CITY, city=CITY, until=day.now):
            found.append((event.at, event.kind))
            at = event.at
    assert {"alarm", "case"} <= {kind for _, kind in found}
    assert found == sorted(found)
