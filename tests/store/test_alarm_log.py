"""The log of a period, out of the events that the program itself writes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.alarms.performance import performance
from data.catalogue import catalogue
from data.queries.alarms.log import alarm_log
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary.alarm_log import Load
from data.vocabulary.alarms import AlarmAct, Outcome
from tests.conftest import NOW
from tests.store.alarming import MINUTE, done, hears, reading
from tests.store.support import CITY, YUANCHENG, ZIJIN

START = NOW - timedelta(hours=6)


@pytest.fixture
def began(store: Store) -> Store:
    """A store that has taken things in since before the period."""
    with store.write() as conn:
        keys = read_keys(conn)
        conn.execute(
            m.ingest_run.insert().values(
                source_id=keys.sources["hotline"], sha256="0" * 64, as_of=START - timedelta(days=9),
                recorded_at=START - timedelta(days=9), status="ok",
            )
        )  # fmt: skip
    return store


def counted(store: Store, end=NOW, start=START, **more):
    with store.read() as conn:
        return performance(alarm_log(conn, read_keys(conn), start, end, **more))


def figure(found, key, position=0):
    return next(f for f in found.positions[position].figures if f.key == key).value


def comes(store, at, rule="r", area=YUANCHENG, **more):
    return hears(store, reading(rule, area, at=at, **more), now=at).raised


def goes(store, at, rule="r", area=YUANCHENG):
    hears(store, reading(rule, area, active=False, at=at), now=at)


def test_an_empty_log_of_a_store_that_was_there_is_quiet(began: Store):
    found = counted(began)
    assert found.seconds == 6 * 3600
    assert figure(found, "hour_mean") == 0.0
    assert found.load is Load.GOOD


def test_a_store_that_never_took_anything_says_nothing(store: Store):
    assert counted(store).load is Load.UNKNOWN


def test_alarms_of_the_period_are_counted_and_earlier_ones_only_stand(began: Store):
    comes(began, START - timedelta(hours=1), "before")
    comes(began, START + timedelta(hours=1), "r1")
    comes(began, START + timedelta(hours=2), "r2", ZIJIN)
    found = counted(began)
    assert found.whole.alarms == 2
    assert figure(found, "standing") == pytest.approx((6 + 5 + 4) / 6)
    assert {r.rule for r in found.rules} == {"r1", "r2"}


def test_coming_back_and_getting_graver_are_told_anew_and_easing_is_not(began: Store):
    at = START + timedelta(hours=1)
    (one,) = comes(began, at, priority=3)
    goes(began, at + 30 * MINUTE)
    comes(began, at + 60 * MINUTE, priority=3)
    done(began, one, AlarmAct.ACKNOWLEDGE, now=at + 61 * MINUTE)
    comes(began, at + 90 * MINUTE, priority=2)
    comes(began, at + 120 * MINUTE, priority=4)
    found = counted(began)
    assert found.whole.alarms == 3
    assert [p.parts[0] for p in found.priorities] == [0, 1, 2, 0]


def test_the_first_answer_is_what_counts(began: Store):
    at = START + timedelta(hours=1)
    (one,) = comes(began, at)
    done(began, one, AlarmAct.ACKNOWLEDGE, now=at + 3 * MINUTE)
    goes(began, at + 20 * MINUTE)
    found = counted(began, within={"r": 300.0})
    assert figure(found, "acknowledged_median") == 180.0
    assert figure(found, "in_time") == 100.0


def test_what_happened_after_the_end_is_not_known(began: Store):
    at = START + timedelta(hours=1)
    (one,) = comes(began, at)
    done(began, one, AlarmAct.ACKNOWLEDGE, now=at + timedelta(hours=2))
    early = counted(began, end=at + timedelta(hours=1))
    assert figure(early, "acknowledged_median") is None
    assert figure(early, "standing_now") == 1.0


def test_heartbeats_and_tests_are_no_alarms(began: Store):
    at = START + timedelta(hours=1)
    comes(began, at, "heartbeat")
    (test,) = comes(began, at, "drill", ZIJIN)
    done(began, test, AlarmAct.OUTCOME, outcome=Outcome.TEST, now=at + MINUTE)
    comes(began, at, "real", ZIJIN)
    found = counted(began, left_out={"heartbeat"})
    assert [r.rule for r in found.rules] == ["real"]
    assert found.whole.alarms == 1


def test_a_town_is_watched_at_its_county_s_desk(began: Store):
    town = next(code for code, x in catalogue().areas.items() if x.parent == ZIJIN)
    at = START + timedelta(hours=1)
    comes(began, at, "t", town)
    comes(began, at, "c", CITY)
    found = counted(began)
    assert len(found.positions) == 3
    assert CITY in {p.key for p in found.positions}
    assert town not in {p.key for p in found.positions}


def test_only_the_areas_asked_for_are_counted(began: Store):
    at = START + timedelta(hours=1)
    comes(began, at, "a", YUANCHENG)
    comes(began, at, "b", ZIJIN)
    found = counted(began, areas={ZIJIN})
    assert [r.rule for r in found.rules] == ["b"]


def test_shelving_with_a_reason_is_allowed_and_counted(began: Store):
    at = START + timedelta(hours=1)
    (one,) = comes(began, at)
    done(began, one, AlarmAct.SHELVE, reason="检修", until=at + 30 * MINUTE, now=at + MINUTE)
    found = counted(began)
    assert figure(found, "shelved") == 1.0
    assert figure(found, "unauthorised") == 0.0


def test_a_chattering_alarm_is_counted_once(began: Store):
    at = START + timedelta(hours=1)
    for i in range(6):
        comes(began, at + timedelta(seconds=20 * i))
        goes(began, at + timedelta(seconds=20 * i + 10))
    found = counted(began)
    assert figure(found, "chattering") == 1.0
    assert found.rules[0].chattering == 1


def test_a_burst_is_one_flood(began: Store):
    at = START + timedelta(hours=1)
    for i in range(14):
        comes(began, at + timedelta(seconds=i), f"r{i}")
    found = counted(began)
    (flood,) = found.whole.floods
    assert flood.alarms == 14
    assert flood.end == (at + timedelta(seconds=9)).timestamp() + 600
    assert figure(found, "ten_max") == 14.0
