"""How often a rule would have fired, against a past that is written down here by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.queries.alarms.dry_run import dry_run
from data.queries.alarms.evaluations import last_evaluations
from data.queries.keys import read_keys
from data.vocabulary import Grain
from tests.alarm_rules import rule, threshold
from tests.conftest import NOW
from tests.store.support import YUANCHENG, ZIJIN, hour, observed, put

HOURS = [80, 60, 70, 50, 90, 90, 60, 90]
"""Bus punctuality in the hours before now, the oldest first."""


def with_hours(store):
    for n, percent in enumerate(HOURS):
        at = hour(n - len(HOURS))
        put(store, observed("TR-01", YUANCHENG, at, percent, 100, Grain.MINUTE), now=NOW)


def tried(store, one, **more):
    with store.read() as conn:
        return dry_run(conn, catalogue(), read_keys(conn), one, NOW, **more)


def test_it_fires_once_where_it_does_not_come_back_past_its_clear_value(store):
    with_hours(store)
    found = tried(store, rule(threshold(clear=75)), days=7)
    assert found.n == 2
    newest, first = found.occurrences
    assert (first.start, first.end, first.worst) == (hour(-7), hour(-4), 50.0)
    assert (newest.start, newest.end, newest.worst) == (hour(-2), hour(-1), 60.0)
    assert tried(store, rule(threshold()), days=7).n == 3
    assert found.busiest == 2


def test_hold_times_leave_out_what_was_too_short_and_join_short_breaks(store):
    with_hours(store)
    assert tried(store, rule(threshold(), hold_s=7200)).n == 0
    assert tried(store, rule(threshold(clear=75), hold_s=7200)).n == 1
    assert tried(store, rule(threshold(), clear_hold_s=3600)).n == 2


def test_what_it_cannot_answer_is_said(store):
    found = tried(store, rule(threshold()))
    assert any("whole hours" in note["en"] for note in found.notes)
    watch = rule({"kind": "watch", "measure": "store"}, where="city")
    assert tried(store, watch).notes[0]["zh"] == "系统自检状态不留历史，无法回放"


def test_another_area_and_another_time_are_left_out(store):
    with_hours(store)
    assert tried(store, rule(threshold(), areas=[ZIJIN])).n == 0
    with pytest.raises(ValueError, match="days: 0 is not within"):
        tried(store, rule(threshold()), days=0)


def warned(store, start, end, level=2, area=YUANCHENG, identifier="w"):
    with store.write() as conn:
        keys = read_keys(conn)
        made = m.external_alert.insert().values(
            source_id=keys.sources["warnings"], sender="s", identifier=identifier, sent=start,
            disposition="raise", msg_type="Alert", level=level, event="暴雨", headline="暴雨预警",
            effective=start, expires=end, signed=False, recorded_at=start, run_id=1, message={},
        ).returning(m.external_alert.c.id)  # fmt: skip
        values = {"alert_id": conn.execute(made).scalar_one(), "area_id": keys.areas[area]}
        conn.execute(m.external_alert_area.insert().values(values))


def test_warnings_that_follow_each_other_are_one_time(store):
    warned(store, hour(-9), hour(-6), level=3)
    warned(store, hour(-6), hour(-4), level=1, identifier="x")
    found = tried(store, rule({"kind": "warning"}))
    assert [(o.start, o.end, o.worst) for o in found.occurrences] == [(hour(-9), hour(-4), 1.0)]


def test_a_combination_fires_while_its_parts_are_near_each_other(store):
    with_hours(store)
    warned(store, hour(-9), hour(-6) - timedelta(minutes=30))
    both = {"kind": "combination", "minutes": 60, "of": [{"kind": "warning"}, threshold()]}
    found = tried(store, rule(both))
    assert found.n == 1
    assert (found.occurrences[0].area, found.occurrences[0].start) == (YUANCHENG, hour(-7))


def a_case(store, no, start, due, closed, taken=None):
    with store.write() as conn:
        keys = read_keys(conn)
        conn.execute(m.cases.insert().values(
            case_no=no, source_id=keys.sources["yuepingan"], ext_id=no, level=2, matter=True,
            category_id=keys.categories["flood_risk"], domain_id=1, stage="dispatched",
            area_id=keys.areas[YUANCHENG], county_id=keys.areas[YUANCHENG],
            department_id=keys.departments["water"], lon=114.69, lat=23.73, title="t",
            reported_at=start, due_at=due, closed_at=closed, updated_at=start, recorded_at=start,
            run_id=1, state="dispatched",
        ))  # fmt: skip


def test_cases_over_their_limit_and_bursts_are_found(store):
    for n in range(3):
        a_case(store, f"C{n}", hour(-20) + timedelta(minutes=n), hour(-10), hour(-8))
    late = {"kind": "cases", "measure": "overdue", "minutes": 60, "categories": ["flood_risk"]}
    found = tried(store, rule(late))
    assert {(o.object, o.start, o.end) for o in found.occurrences} == {
        (f"C{n}", hour(-9), hour(-8)) for n in range(3)
    }
    burst = {"kind": "cases", "measure": "burst", "count": 3, "minutes": 30, "radius_m": 500}
    (one,) = tried(store, rule(burst)).occurrences
    assert (one.area, one.start, one.worst) == (YUANCHENG, hour(-20) + timedelta(minutes=2), 3.0)
    many = {**burst, "radius_m": None, "count": 4}
    assert tried(store, rule(many)).n == 0
    untaken = {"kind": "cases", "measure": "untaken", "minutes": 30, "count": 3}
    (three,) = tried(store, rule(untaken)).occurrences
    assert three.end == hour(-8)


def test_every_rule_of_the_city_can_be_tried_on_an_empty_past(store):
    for one in catalogue().alarms.values():
        assert tried(store, one).n == 0, one.code


def test_the_last_judgements_are_told_newest_first(store):
    with_hours(store)
    late = replace(catalogue(), alarms={})
    with store.read() as conn:
        found = last_evaluations(
            conn, late, read_keys(conn), rule(threshold(window="hour", clear=75)), YUANCHENG, "",
            NOW, 8,
        )  # fmt: skip
    assert [f.holds for f in found] == [False, True, False, False, True, True, True, False]
    assert found[1].value == 60.0
    assert found[1].limit == 65
