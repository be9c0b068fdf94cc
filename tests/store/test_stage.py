"""The stage in the store: proposed after its hold time, decided by a person, kept for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from data import models as m
from data.catalogue import catalogue
from data.commands.stage import change_response, end_response, start_response
from data.panels import publish_all
from data.panels.stage import stage_panel
from data.queries.keys import read_keys
from data.queries.stage import history, responses, spent, stage_now
from data.stage import Code, Refusal
from tests.conftest import NOW
from tests.store.staging import (
    COUNTY,
    COUNTY_LEADER,
    LEADER,
    OFFICER,
    VIEWER,
    alarm,
    decides,
    looks,
    over,
)
from tests.store.support import CITY, LONGCHUAN, YUANCHENG, ZIJIN, rows_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def panel(store, now=NOW, **more):
    with store.read() as conn:
        return stage_panel(conn, catalogue(), read_keys(conn), now, **more)


# ---- proposals ----


def test_nothing_stands_and_nothing_is_proposed(store):
    assert looks(store, NOW, seconds=300) == []
    found = panel(store)
    assert (found["stage"], found["proposed"], found["undecided"], found["lower"]) == (
        None,
        1,
        False,
        None,
    )
    assert rows_of(store, m.alarm_pending) == []


def test_a_red_alarm_is_proposed_as_stage_three_after_its_hold_time_with_its_row(store):
    number = alarm(store)
    moved = looks(store, NOW, seconds=300)
    assert moved == [NOW + timedelta(seconds=120)]
    (event,) = rows_of(store, m.stage_event)
    assert (event.kind, event.stage, event.actor) == ("proposed", 3, "rules")
    (rule,) = event.why["rules"]
    assert (rule["code"], rule["n"], rule["rows"][0]["alarm"]) == ("any_red", 1, number)
    assert rule["rows"][0]["links"] == [["indicator", "PS-01"], ["case", "ZD-1"]]
    found = panel(store)
    assert (found["stage"], found["proposed"], found["undecided"]) == (None, 3, True)
    assert "源城" in found["lower"]["zh"]
    assert "阶段1" in found["lower"]["zh"]
    assert found["firing"] == ["any_red"]


@pytest.mark.parametrize(
    ("state", "proposed"),
    [
        ("unacknowledged", 3),
        ("acknowledged", 3),
        ("shelved", 3),
        ("suppressed_by_design", 1),
        ("out_of_service", 1),
    ],
)
def test_planned_work_and_broken_instruments_count_for_nothing(store, state, proposed):
    alarm(store, state=state)
    looks(store, NOW, seconds=200)
    assert panel(store)["proposed"] == proposed


def test_an_alarm_that_returned_counts_no_more(store):
    alarm(store, active=False, state="returned_unacknowledged")
    looks(store, NOW, seconds=200)
    assert panel(store)["proposed"] == 1


def test_an_alarm_that_comes_and_goes_makes_no_proposal(store):
    for n in range(4):
        at = NOW + n * timedelta(seconds=120)
        number = alarm(store)
        looks(store, at, seconds=80)
        over(store, number, at)
        looks(store, at + timedelta(seconds=100))
    assert rows_of(store, m.stage_event) == []


def test_the_proposal_is_let_go_only_after_its_hold_time_and_says_so_meanwhile(store):
    number = alarm(store)
    looks(store, NOW, seconds=200)
    over(store, number, NOW + 5 * MINUTE)
    assert looks(store, NOW + 5 * MINUTE, seconds=3540, every=60) == []
    held = panel(store, NOW + 60 * MINUTE)
    assert held["proposed"] == 3
    assert "保持时间" in held["lower"]["zh"]
    assert "源城" in held["why"]["zh"]  # why it was proposed
    assert looks(store, NOW + 65 * MINUTE) == [NOW + 65 * MINUTE]
    assert panel(store)["proposed"] == 1
    assert rows_of(store, m.alarm_pending) == []


def test_reds_in_several_counties_go_on_to_stage_four(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    alarm(store, area=ZIJIN)
    alarm(store, area=LONGCHUAN)
    looks(store, NOW + 5 * MINUTE, seconds=100)
    found = panel(store)
    assert found["proposed"] == 4
    assert found["lower"]["zh"].endswith("规则只要求阶段3")


# ---- decisions ----


def test_a_leader_confirms_and_the_sentence_and_the_reasons_are_kept(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    assert isinstance(decides(store, 3, at=NOW + 5 * MINUTE), int)
    found = panel(store)
    assert (found["stage"], found["by"], found["undecided"]) == (3, "值班领导", False)
    assert found["since"] == (NOW + 5 * MINUTE).timestamp()
    assert found["sentence"] == catalogue().stage.levels[3].sentence
    (note,) = rows_of(store, m.audit)
    assert (note.act, note.actor, note.after["stage"], note.before["proposed"]) == (
        "stage.set",
        "值班领导",
        3,
        3,
    )
    event = rows_of(store, m.stage_event)[-1]
    assert event.why["rules"][0]["code"] == "any_red"


def test_the_duty_officer_raises_at_night_and_only_a_leader_lowers(store):
    number = alarm(store)
    looks(store, NOW, seconds=200)
    assert isinstance(decides(store, 3, actor=OFFICER), int)
    over(store, number, NOW + 5 * MINUTE)
    looks(store, NOW + 5 * MINUTE, seconds=3700, every=60)
    assert panel(store)["proposed"] == 1
    assert panel(store)["stage"] == 3  # nothing but a person lowers it
    refused = decides(store, 1, "险情解除", actor=OFFICER)
    assert refused.code == Code.WRONG_ROLE
    assert isinstance(decides(store, 1, "险情解除"), int)
    assert panel(store)["stage"] == 1


@pytest.mark.parametrize("actor", [COUNTY, COUNTY_LEADER])
def test_a_county_does_not_set_the_stage_of_the_city(store, actor):
    alarm(store)
    looks(store, NOW, seconds=200)
    assert decides(store, 3, actor=actor).code == Code.OTHER_AREA
    assert decides(store, 3, actor=VIEWER).code == Code.WRONG_ROLE


def test_a_kept_stage_is_calm_until_there_is_another_reason(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    assert decides(store, 1).code == Code.MISSING_FIELD
    assert isinstance(decides(store, 1, "演练用水，无险情", at=NOW + 4 * MINUTE), int)
    assert not panel(store)["undecided"]
    assert looks(store, NOW + 5 * MINUTE, seconds=600) == []
    for area in (YUANCHENG, ZIJIN, LONGCHUAN, LONGCHUAN):
        alarm(store, 2, area)  # the rule of the spread fires too
    assert looks(store, NOW + 20 * MINUTE) == [NOW + 20 * MINUTE]
    assert panel(store)["undecided"]
    decides(store, 1, "均在可控范围", at=NOW + 25 * MINUTE)
    assert looks(store, NOW + 30 * MINUTE, seconds=300) == []  # both reasons are known by now


def test_two_at_once_do_not_decide_over_each_other(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    with store.read() as conn:
        seen = stage_now(conn).seen
    assert isinstance(decides(store, 3, seen=seen), int)
    late = decides(store, 1, "误报", seen=seen, at=NOW + 5 * MINUTE)
    assert isinstance(late, Refusal)
    assert (late.code, late.params["by"], late.params["stage"]) == (Code.OUT_OF_DATE, "值班领导", 3)
    assert panel(store)["stage"] == 3


def test_what_happened_is_never_changed_nor_removed(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    for statement in (m.stage_event.update().values(stage=1), m.stage_event.delete()):
        with pytest.raises(DatabaseError), store.write() as conn:
            conn.execute(statement)


# ---- history ----


def test_history_says_who_when_why_and_how_long(store):
    number = alarm(store)
    looks(store, NOW, seconds=200)
    decides(store, 3, "按规则", at=NOW + 10 * MINUTE)
    decides(store, 3, "继续观察", at=NOW + 30 * MINUTE)
    over(store, number, NOW + 40 * MINUTE)
    decides(store, 2, "险情减轻", at=NOW + 60 * MINUTE)
    end = NOW + 90 * MINUTE
    with store.read() as conn:
        found = history(conn, end)
        since = stage_now(conn, NOW + 50 * MINUTE).since
        before = stage_now(conn, NOW + 5 * MINUTE)
    assert [(x["act"], x["stage"], x["reason"], x["lasted"]) for x in found] == [
        ("lowered", 2, "险情减轻", 1800.0), ("kept", 3, "继续观察", 1800.0),
        ("first", 3, "按规则", 1200.0), ("proposed", 3, "", None),
    ]  # fmt: skip
    assert since == NOW + 10 * MINUTE
    assert before.confirmed is None
    assert before.proposal is not None
    assert spent(found, NOW, end) == {"3": 3000.0, "2": 1800.0}


def test_the_panel_of_a_past_minute_is_what_was_known_then(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    decides(store, 3, at=NOW + 10 * MINUTE)
    first = panel(store, NOW + HOUR, as_of=NOW + MINUTE)
    then = panel(store, NOW + HOUR, as_of=NOW + 5 * MINUTE)
    assert (first["proposed"], first["stage"]) == (1, None)
    assert (then["proposed"], then["stage"], then["undecided"]) == (3, None, True)
    assert "阶段1" in then["lower"]["zh"]
    assert panel(store, NOW + HOUR, as_of=NOW + 20 * MINUTE)["stage"] == 3


# ---- clocks ----


def test_a_clock_of_1970_proposes_and_decides_nothing(store):
    alarm(store)
    old = datetime(1970, 1, 1, tzinfo=UTC)
    assert looks(store, old, seconds=600) == []
    assert decides(store, 3, at=old).code == Code.CLOCK
    assert rows_of(store, m.stage_event) == []


def test_a_clock_set_back_an_hour_keeps_the_order_and_no_age_is_negative(store):
    alarm(store)
    looks(store, NOW, seconds=200)
    decides(store, 3, at=NOW + 5 * MINUTE)
    decides(store, 2, "可控", at=NOW - HOUR)
    with store.read() as conn:
        found = history(conn, NOW - HOUR)
        assert stage_now(conn).decided.stage == 2
    assert all(x["lasted"] is None or x["lasted"] >= 0 for x in found)
    assert [x["at"] for x in found] == sorted((x["at"] for x in found), reverse=True)


def test_a_clock_that_jumps_an_hour_ahead_skips_no_hold_time(store):
    alarm(store)
    looks(store, NOW)
    assert looks(store, NOW + HOUR) == [NOW + HOUR]  # at most two minutes of it count: just enough
    over(store, 1, NOW + HOUR)


# ---- response levels ----


def responds(store, kind, *args, actor=LEADER, now=NOW):
    do = {"start": start_response, "change": change_response, "end": end_response}[kind]
    with store.write() as conn:
        return do(conn, catalogue(), read_keys(conn), *args, actor=actor, now=now, origin="here")


def standing(store, as_of=None):
    with store.read() as conn:
        return responses(conn, catalogue(), read_keys(conn), as_of=as_of)


def test_a_response_level_begins_changes_and_ends_by_document(store):
    first = responds(store, "start", "flood", CITY, 4, "河防指〔2026〕5号", NOW)
    assert isinstance(first, int)
    assert responds(store, "start", "flood", CITY, 3, "x", NOW).code == Code.IN_FORCE_ALREADY
    county = responds(store, "start", "flood", ZIJIN, 2, "紫防指〔2026〕2号", NOW)
    later = NOW + HOUR
    second = responds(store, "change", first, 3, "河防指〔2026〕6号", later, now=later)
    assert responds(store, "change", first, 2, "x", later, now=later).code == Code.ENDED
    assert [(x["id"], x["level"], x["area"], x["basis"]) for x in standing(store)] == [
        (county, 2, ZIJIN, "紫防指〔2026〕2号"), (second, 3, CITY, "河防指〔2026〕6号"),
    ]  # fmt: skip
    assert {x["level"] for x in standing(store, NOW + MINUTE)} == {4, 2}
    end = later + HOUR
    assert responds(store, "end", second, "河防指〔2026〕7号 终止响应", end, now=end) == second
    assert responds(store, "end", second, "again", end, now=end).code == Code.ENDED
    assert [x["id"] for x in standing(store)] == [county]
    assert [n.act for n in rows_of(store, m.audit)] == [
        "response.start", "response.start", "response.change", "response.end",
    ]  # fmt: skip
    assert panel(store)["stage"] is None  # never merged


def test_a_county_writes_down_its_own_response_levels_only(store):
    assert (
        responds(store, "start", "flood", ZIJIN, 4, "x", NOW, actor=COUNTY).code == Code.OTHER_AREA
    )
    assert (
        responds(store, "start", "flood", CITY, 4, "x", NOW, actor=COUNTY).code == Code.OTHER_AREA
    )
    assert isinstance(responds(store, "start", "flood", YUANCHENG, 4, "x", NOW, actor=COUNTY), int)
    assert (
        responds(store, "start", "flood", ZIJIN, 4, "x", NOW, actor=VIEWER).code == Code.WRONG_ROLE
    )
    assert responds(store, "start", "flood", "440000", 4, "x", NOW).code == Code.UNKNOWN_CHOICE


# ---- walls ----


def published(store):
    query = select(m.panel_snapshot.c.area, m.panel_snapshot.c.payload).where(
        m.panel_snapshot.c.panel == "stage"
    )
    with store.read() as conn:
        return {area: json.loads(body) for area, body in conn.execute(query).all()}


def test_every_wall_shows_the_stage_of_the_city_and_its_own_response_levels(store):
    responds(store, "start", "flood", CITY, 4, "河防指〔2026〕5号", NOW)
    responds(store, "start", "flood", ZIJIN, 2, "紫防指〔2026〕2号", NOW)
    walls = published(store)
    assert len(walls) == 1 + len(catalogue().counties())
    assert {area: [r["level"] for r in wall["responses"]] for area, wall in walls.items()
            if area in (CITY, ZIJIN, YUANCHENG)} == {CITY: [2, 4], ZIJIN: [2, 4], YUANCHENG: [4]}  # fmt: skip
    with store.write() as conn:
        publish_all(conn, catalogue(), NOW)
    assert published(store).keys() == walls.keys()


# ---- conditions of its own ----


def warned(store, *areas):
    """Put a red rainstorm warning into the store."""
    a, at = m.external_alert, NOW - MINUTE
    with store.write() as conn:
        keys = read_keys(conn)
        values = {
            "source_id": keys.sources["warnings"], "identifier": "w1", "sender": "气象局", "sent": at, "effective": at,
            "msg_type": "Alert", "disposition": "raise", "level": 1, "event": "暴雨", "headline": "暴雨红色预警", "signed": False,
            "recorded_at": at, "run_id": 1, "message": {},
        }  # fmt: skip
        number = conn.execute(a.insert().values(values).returning(a.c.id)).scalar_one()
        cover(conn, number, *areas)
    return number


def cover(conn, number, *areas):
    keys = read_keys(conn)
    rows = [{"alert_id": number, "area_id": keys.areas[code]} for code in areas]
    conn.execute(m.external_alert_area.insert(), rows)


def test_red_warnings_in_three_counties_ask_for_stage_four_by_themselves(store):
    number = warned(store, YUANCHENG, ZIJIN)
    assert looks(store, NOW, seconds=200) == []
    with store.write() as conn:
        cover(conn, number, LONGCHUAN)
    looks(store, NOW + 10 * MINUTE, seconds=120)
    found = panel(store, NOW + 12 * MINUTE)
    assert (found["proposed"], found["firing"]) == (4, ["storm_red_wide"])
    assert "阶段1" in found["lower"]["zh"]
