"""A look at the rules on what is stored: hold times, unknown values, faults, what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.commands.alarms import look as looking
from data.commands.alarms import tick as ticking
from data.commands.alarms.look import look
from data.commands.alarms.tick import publish_for, tick
from data.ingest.ledger import note_heard
from data.queries.alarms.failing import failing_rules
from data.queries.keys import read_keys
from data.vocabulary import Grain
from tests.alarm_rules import rule, threshold
from tests.conftest import NOW
from tests.store.support import YUANCHENG, ZIJIN, observed, put, rows_of, statements, take

MINUTE = timedelta(minutes=1)


def city_with(*rules):
    return replace(catalogue(), alarms={one.code: one for one in rules})


def punctual(store, percent, *, area=YUANCHENG, at=NOW, known=None):
    put(
        store, observed("TR-01", area, at.replace(second=0, microsecond=0), percent, 100, Grain.MINUTE),
        as_of=known or at, now=known or at,
    )  # fmt: skip


def looked(store, city, now=NOW, source=None):
    with store.write() as conn:
        return {r.key: r for r in look(conn, city, read_keys(conn), now, source=source)}


def ticked(store, city, now=NOW, source=None):
    with store.write() as conn:
        return tick(conn, city, read_keys(conn), now, source=source)


def open_alarms(store):
    return {r.key: r for r in rows_of(store, m.alarm, m.alarm.c.ended_at.is_(None))}


LATE = f"late|{YUANCHENG}|"


def test_what_holds_is_said_with_what_it_stands_on(store):
    punctual(store, 50)
    one = looked(store, city_with(rule(threshold(), code="late")), source="bus_trips")[LATE]
    assert (one.active, one.unknown, one.value, one.limit) == (True, False, 50.0, 65)
    assert one.evidence["rows"] == [["TR-01", YUANCHENG, 1, int(NOW.timestamp())]]
    assert one.evidence["version"] == 1
    assert one.at <= NOW


def test_another_source_asks_nothing_of_it(store):
    punctual(store, 50)
    city = city_with(rule(threshold(), code="late"))
    with statements(store) as asked:
        assert looked(store, city, source="hotline") == {}
    assert not any("latest" in s for s in asked)


def test_it_waits_its_hold_time_from_look_to_look(store):
    city = city_with(rule(threshold(), code="late", hold_s=60))
    for seconds, expected in ((0, False), (30, False), (59, False), (61, True)):
        at = NOW + timedelta(seconds=seconds)
        punctual(store, 50, at=at)
        ticked(store, city, at, "bus_trips")
        assert bool(open_alarms(store)) is expected, seconds
    assert open_alarms(store)[LATE].raised_at == NOW
    assert rows_of(store, m.alarm_pending) == []


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), datetime(1970, 1, 1, tzinfo=UTC) - NOW]
)
def test_a_clock_that_jumps_raises_nothing(store, jump):
    city = city_with(rule(threshold(), code="late", hold_s=60))
    punctual(store, 50)
    ticked(store, city, NOW)
    ticked(store, city, NOW + jump)
    ticked(store, city, NOW + timedelta(seconds=21))
    assert open_alarms(store) == {}
    assert all(r.since <= r.seen_at for r in rows_of(store, m.alarm_pending))


def test_values_from_the_future_are_not_believed(store):
    punctual(store, 50)
    city = city_with(rule(threshold(), code="late"))
    assert looked(store, city, NOW - timedelta(hours=1)) == {}
    assert LATE in looked(store, city, NOW)


def test_a_stale_value_raises_nothing_and_ends_nothing(store):
    city = city_with(rule(threshold(), code="late"))
    punctual(store, 50)
    ticked(store, city)
    later = NOW + timedelta(hours=2)
    one = looked(store, city, later)[LATE]
    assert (one.active, one.unknown) == (True, True)
    assert one.value is None
    ticked(store, city, later)
    assert open_alarms(store)[LATE].active


def test_it_ends_past_its_clear_value_only(store):
    city = city_with(rule(threshold(clear=75), code="late"))
    for minutes, percent, active in ((0, 50, True), (1, 70, True), (2, 80, False)):
        at = NOW + minutes * MINUTE
        punctual(store, percent, at=at)
        assert looked(store, city, at, "bus_trips")[LATE].active is active
        ticked(store, city, at, "bus_trips")


def test_a_protected_small_count_is_not_judged(store):
    """HE-10 protects counts below ten: whether there are any must not be told by an alarm."""
    hour = NOW.replace(minute=0) - timedelta(hours=1)
    put(store, observed("HE-10", YUANCHENG, hour, 3))
    asked = rule(threshold(indicator="HE-10", side="above", limit=1, window="hour"), code="stays")
    assert looked(store, city_with(asked)) == {}


def test_a_rule_that_is_switched_off_ends_what_it_raised(store):
    on = rule(threshold(), code="late")
    punctual(store, 50)
    ticked(store, city_with(on))
    assert LATE in open_alarms(store)
    ticked(store, city_with(on.model_copy(update={"enabled": False})))
    assert not open_alarms(store).get(LATE) or not open_alarms(store)[LATE].active


def test_an_area_that_is_left_out_ends_there(store):
    on = rule(threshold(), code="late")
    punctual(store, 50)
    ticked(store, city_with(on), source="bus_trips")
    said = looked(
        store, city_with(rule(threshold(), code="late", areas=[ZIJIN])), source="bus_trips"
    )
    assert said[LATE].active is False


# ---- warnings, silence ----


def warn(store, *areas, level=2, event="暴雨", expires=60, identifier="w1"):
    with store.write() as conn:
        keys = read_keys(conn)
        made = m.external_alert.insert().values(
            source_id=keys.sources["warnings"], sender="s", identifier=identifier, sent=NOW,
            disposition="raise", msg_type="Alert", level=level, event=event, headline=f"{event}预警",
            effective=NOW, expires=NOW + expires * MINUTE, signed=False, recorded_at=NOW, run_id=1,
            message={},
        ).returning(m.external_alert.c.id)  # fmt: skip
        number = conn.execute(made).scalar_one()
        for area in areas:
            values = {"alert_id": number, "area_id": keys.areas[area]}
            conn.execute(m.external_alert_area.insert().values(values))


def test_a_warning_is_an_alarm_in_each_county_until_it_expires(store):
    city = city_with(rule({"kind": "warning"}, code="rain", priority=1))
    warn(store, YUANCHENG, ZIJIN)
    said = looked(store, city, source="warnings")
    assert set(said) == {f"rain|{YUANCHENG}|暴雨", f"rain|{ZIJIN}|暴雨"}
    assert {(r.priority, r.cause) for r in said.values()} == {(2, "warning:w1")}
    ticked(store, city, source="warnings")
    over = looked(store, city, NOW + timedelta(hours=2))
    assert {r.active for r in over.values()} == {False}


def test_a_source_that_fell_silent_is_an_alarm_of_the_city(store):
    city = city_with(rule({"kind": "silence", "factor": 3}, code="quiet", where="city"))
    with store.write() as conn:
        note_heard(conn, read_keys(conn), city.sources["warnings"], now=NOW)
    assert looked(store, city, NOW + 4 * MINUTE) == {}
    said = looked(store, city, NOW + 6 * MINUTE)
    assert set(said) == {"quiet|441600|warnings"}
    assert looked(store, city, NOW - timedelta(hours=1)) == {}


def test_a_part_of_a_combination_is_remembered_for_its_minutes(store):
    both = {"kind": "combination", "minutes": 30, "of": [{"kind": "warning"}, threshold()]}
    city = city_with(rule(both, code="storm"))
    warn(store, YUANCHENG, expires=5)
    punctual(store, 90)
    ticked(store, city)
    at = NOW + 20 * MINUTE
    punctual(store, 50, at=at)
    assert looked(store, city, at)[f"storm|{YUANCHENG}|"].active
    much_later = NOW + 40 * MINUTE
    punctual(store, 50, at=much_later)
    ticked(store, city, much_later)
    assert not [k for k in open_alarms(store) if k.startswith("storm")]


# ---- faults ----


def test_a_rule_that_fails_is_reported_and_the_others_go_on(store, monkeypatch):
    city = city_with(rule(threshold(), code="late"), rule(threshold(limit=70), code="later"))
    real = looking.judge

    def broken(one, *more):
        if one.code == "late":
            raise ZeroDivisionError("a fault")
        return real(one, *more)

    monkeypatch.setattr(looking, "judge", broken)
    punctual(store, 50)
    assert {r.rule for r in looked(store, city).values()} == {"later"}
    with store.read() as conn:
        assert failing_rules(conn)["late"]["error"] == "ZeroDivisionError: a fault"
    monkeypatch.undo()
    assert {r.rule for r in looked(store, city, source="bus_trips").values()} == {"late", "later"}
    looked(store, city)
    with store.read() as conn:
        assert failing_rules(conn) == {}


def test_a_question_that_fails_takes_only_its_own_rules_along(store, monkeypatch):
    city = city_with(rule(threshold(), code="late"), rule({"kind": "warning"}, code="rain"))
    punctual(store, 50)
    warn(store, YUANCHENG)

    def broken(conn, *_more):
        conn.exec_driver_sql("select * from no_such_table")

    monkeypatch.setattr("data.queries.alarms.inputs.warnings_in_force", broken)
    assert {r.rule for r in looked(store, city).values()} == {"late"}
    with store.read() as conn:
        assert set(failing_rules(conn)) == {"rain"}


def test_a_fault_in_the_whole_look_stops_no_ingest(store, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("a fault")

    monkeypatch.setattr(ticking, "look", broken)
    city = catalogue()

    def publish(conn, source, now):
        publish_for(conn, city, source, now)

    done = take(store, "warnings", b"no feed", publish=publish)
    assert done.status == "failed"
    with store.read() as conn:
        assert conn.scalar(select(m.ingest_run.c.status)) == "failed"
    with store.write() as conn:
        assert tick(conn, city, read_keys(conn), NOW).alarms == frozenset()


def test_a_tick_asks_a_few_questions_however_many_rules_there_are(store):
    many = [rule(threshold(limit=10 + n / 20), code=f"r{n}") for n in range(1000)]
    few = city_with(rule(threshold(limit=10), code="r0"))
    punctual(store, 90)
    for city in (few, city_with(*many)):
        looked(store, city, source="bus_trips")
    with statements(store) as one:
        looked(store, few, source="bus_trips")
    with statements(store) as thousand:
        looked(store, city_with(*many), source="bus_trips")
    assert len(thousand) <= len(one) <= 12


def test_every_rule_of_the_city_can_be_asked_on_an_empty_store(store):
    looked(store, catalogue())
    with store.read() as conn:
        assert failing_rules(conn) == {}
