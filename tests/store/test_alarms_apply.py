"""Readings become alarms, and nothing of them is lost."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from data import models as m
from data.store import Store
from data.vocabulary.alarms import AlarmAct, AlarmState
from tests.conftest import NOW
from tests.store.alarming import LI, MINUTE, WANG, does, done, hears, log, reading, row, stands
from tests.store.support import LONGCHUAN, YUANCHENG, ZIJIN, count


def test_a_reading_that_holds_raises_an_alarm_once(store: Store) -> None:
    first = hears(store, reading())
    again = hears(store, reading(value=4.0), now=NOW + MINUTE)
    (alarm,) = stands(store)
    assert first.raised == (alarm["id"],)
    assert again.raised == ()
    assert alarm["state"] == "unacknowledged"
    assert alarm["said"]["en"] == "rain is 4.0"
    assert row(store, alarm["id"]).version == 1


def test_one_that_does_not_hold_or_is_unknown_raises_none(store: Store) -> None:
    hears(store, reading(active=False), reading(rule="x", unknown=True))
    assert stands(store) == []


def test_two_readings_of_one_key_are_one_alarm_and_the_gravest_counts(store: Store) -> None:
    hears(store, reading(priority=3), reading(priority=1), reading(active=False))
    (alarm,) = stands(store)
    assert alarm["priority"] == 1


def test_what_went_away_unseen_waits_for_a_look(store: Store) -> None:
    hears(store, reading())
    (alarm,) = stands(store)
    back = hears(store, reading(active=False, at=NOW + MINUTE), now=NOW + MINUTE)
    assert back.returned == (alarm["id"],)
    (alarm,) = stands(store)
    assert alarm["state"] == "returned_unacknowledged"
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE, now=NOW + 2 * MINUTE)
    assert stands(store) == []
    gone = row(store, alarm["id"])
    assert (gone.state, gone.acknowledged_name) == ("normal", "王敏")
    assert gone.returned_at == NOW + MINUTE
    assert [e.act for e in log(store, gone.id)] == ["raise", "return", "acknowledge"]


def test_what_was_seen_is_over_when_its_condition_is(store: Store) -> None:
    hears(store, reading())
    (alarm,) = stands(store)
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE)
    ended = hears(store, reading(active=False), now=NOW + MINUTE)
    assert ended.ended == (alarm["id"],)
    assert stands(store) == []


def test_an_acknowledged_alarm_that_gets_graver_asks_again(store: Store) -> None:
    hears(store, reading(priority=3))
    (alarm,) = stands(store)
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE)
    worse = hears(store, reading(priority=1), now=NOW + MINUTE)
    assert worse.worsened == (alarm["id"],)
    (alarm,) = stands(store)
    assert (alarm["state"], alarm["priority"], alarm["owner"]) == ("unacknowledged", 1, None)


def test_an_unknown_condition_leaves_an_alarm_as_it_is(store: Store) -> None:
    hears(store, reading())
    hears(store, reading(active=False, unknown=True), now=NOW + MINUTE)
    (alarm,) = stands(store)
    assert alarm["state"] == "unacknowledged"
    assert alarm["active"]


def test_a_chattering_alarm_is_latched_until_a_person_resets_it(store: Store) -> None:
    at = NOW
    for _ in range(4):
        hears(store, reading(at=at), now=at)
        at += timedelta(seconds=10)
        hears(store, reading(active=False, at=at), now=at)
        at += timedelta(seconds=5)
    (alarm,) = stands(store)
    assert alarm["latched"]
    assert alarm["state"] == "unacknowledged"
    assert not alarm["active"]
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE, now=at)
    assert stands(store)[0]["state"] == "acknowledged"
    done(store, alarm["id"], AlarmAct.RESET, now=at)
    assert stands(store) == []
    hears(store, reading(at=at), now=at + MINUTE)
    (new,) = stands(store)
    assert not new["latched"]


def test_chattering_counts_over_alarms_that_were_acknowledged_each_time(store: Store) -> None:
    at = NOW
    for _ in range(5):
        hears(store, reading(at=at), now=at)
        if stands(store)[0]["state"] == "unacknowledged":
            done(store, stands(store)[0]["id"], AlarmAct.ACKNOWLEDGE, now=at)
        at += timedelta(seconds=40)
        hears(store, reading(active=False, at=at), now=at)
        at += timedelta(seconds=40)
    assert [a["latched"] for a in stands(store)] == [True]


def test_a_shelf_ends_by_the_clock_and_the_condition_decides(store: Store) -> None:
    hears(store, reading(), reading(rule="other"))
    ids = {a["rule"]: a["id"] for a in stands(store)}
    until = NOW + timedelta(hours=2)
    for alarm in ids.values():
        done(store, alarm, AlarmAct.SHELVE, reason="检修", until=until)
    hears(store, reading(rule="other", active=False), now=NOW + MINUTE)
    hears(store, now=until - MINUTE)
    assert {a["state"] for a in stands(store)} == {"shelved"}
    hears(store, now=until)
    (alarm,) = stands(store)
    assert (alarm["rule"], alarm["state"], alarm["until"]) == ("rain", "unacknowledged", None)
    shelved = log(store, ids["rain"])[1]
    assert (shelved.actor, shelved.reason) == ("王敏", "检修")
    assert shelved.detail["until"] == until.timestamp()
    assert log(store, ids["rain"])[-1].actor == "rules"


def test_two_people_never_overwrite_each_other(store: Store) -> None:
    hears(store, reading())
    (alarm,) = stands(store)
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE, WANG, seen=1)
    refused = does(
        store, alarm["id"], AlarmAct.SHELVE, LI, seen=1, reason="x", until=NOW + timedelta(hours=1)
    )
    assert refused.code == "out_of_date"
    (since,) = refused.params["since"]
    assert (since.actor, since.act) == ("王敏", AlarmAct.ACKNOWLEDGE)


def test_what_the_condition_did_and_made_nothing_graver_is_no_conflict(store: Store) -> None:
    hears(store, reading())
    (alarm,) = stands(store)
    hears(store, reading(active=False), now=NOW + MINUTE)
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE, seen=1, now=NOW + MINUTE)
    hears(store, reading(priority=3), now=NOW + 2 * MINUTE)
    (alarm,) = stands(store)
    hears(store, reading(priority=1), now=NOW + 3 * MINUTE)
    graver = does(store, alarm["id"], AlarmAct.ACKNOWLEDGE, seen=1, now=NOW + 3 * MINUTE)
    assert graver.code == "out_of_date"


def test_every_event_begins_where_the_one_before_ended(store: Store) -> None:
    hears(store, reading())
    (alarm,) = stands(store)
    id_ = alarm["id"]
    done(store, id_, AlarmAct.ACKNOWLEDGE)
    done(store, id_, AlarmAct.NOTE, reason="已派人")
    hears(store, reading(priority=1), now=NOW + MINUTE)
    done(
        store,
        id_,
        AlarmAct.SHELVE,
        reason="误报",
        until=NOW + timedelta(minutes=30),
        now=NOW + MINUTE,
    )
    done(store, id_, AlarmAct.UNSHELVE, now=NOW + 2 * MINUTE)
    events = log(store, id_)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert events[0].from_state == "normal"
    for before, after in pairwise(events):
        assert before.to_state == after.from_state
        assert before.at <= after.at
    assert row(store, id_).version == events[-1].seq
    assert row(store, id_).state == events[-1].to_state


def test_the_log_cannot_be_changed(store: Store) -> None:
    hears(store, reading())
    with pytest.raises(DatabaseError, match=r"append-only|refuse"), store.write() as conn:
        conn.execute(m.alarm_event.update().values(actor="nobody"))


def test_one_warning_over_counties_is_one_situation(store: Store) -> None:
    over = [reading("warned", area, cause="warning:1") for area in (YUANCHENG, ZIJIN, LONGCHUAN)]
    hears(store, *over, reading("other", ZIJIN))
    found = {(a["rule"], a["area"]): a for a in stands(store)}
    together = {a["situation"] for (rule, _), a in found.items() if rule == "warned"}
    assert len(together) == 1
    assert None not in together
    assert found["other", ZIJIN]["situation"] is None
    assert sorted(a["folded"] for a in found.values()) == [0, 0, 0, 2]
    assert log(store, found["warned", ZIJIN]["id"])[0].detail["why"]["en"]


def test_an_alarm_that_stood_alone_is_pulled_in_and_says_why(store: Store) -> None:
    hears(store, reading("warned", ZIJIN, cause="warning:1"))
    (first,) = stands(store)
    hears(store, reading("warned", LONGCHUAN, cause="warning:1", priority=1), now=NOW + MINUTE)
    rows = stands(store)
    assert len({a["situation"] for a in rows}) == 1
    linked = log(store, first["id"])[-1]
    assert linked.act == "link"
    assert linked.detail["tie"] == "cause"
    with store.read() as conn:
        (situation,) = conn.execute(select(m.situation)).all()
    assert (situation.cause, situation.priority) == ("warning:1", 1)
    assert situation.lead_alarm_id != first["id"]


def test_a_situation_ends_with_the_last_of_its_alarms(store: Store) -> None:
    both = [reading("warned", area, cause="warning:1") for area in (YUANCHENG, ZIJIN)]
    hears(store, *both)
    for alarm in stands(store):
        done(store, alarm["id"], AlarmAct.ACKNOWLEDGE)
    gone = [reading("warned", a, active=False, cause="warning:1") for a in (YUANCHENG, ZIJIN)]
    hears(store, gone[0], now=NOW + MINUTE)
    assert count(store, m.situation, m.situation.c.ended_at.is_(None)) == 1
    hears(store, gone[1], now=NOW + MINUTE)
    assert count(store, m.situation, m.situation.c.ended_at.is_(None)) == 0


def test_it_can_be_told_as_it_was_known_at_an_instant(store: Store) -> None:
    hears(store, reading(priority=2, value=3.0))
    (alarm,) = stands(store)
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE, now=NOW + MINUTE)
    hears(store, reading(priority=1, value=9.0), now=NOW + 2 * MINUTE)
    done(store, alarm["id"], AlarmAct.ACKNOWLEDGE, now=NOW + 3 * MINUTE)
    hears(store, reading(active=False), now=NOW + 4 * MINUTE)
    half = timedelta(seconds=30)
    assert stands(store, as_of=NOW - half) == []
    then = [stands(store, as_of=NOW + n * MINUTE + half) for n in range(5)]
    assert [a["state"] for (a,) in then[:4]] == [
        "unacknowledged", "acknowledged", "unacknowledged", "acknowledged",
    ]  # fmt: skip
    assert [a["priority"] for (a,) in then[:4]] == [2, 2, 1, 1]
    assert [a["owner"] for (a,) in then[:4]] == [None, "王敏", None, "王敏"]
    assert then[2][0]["said"]["en"] == "rain is 9.0"
    assert then[4] == []


def test_a_clock_that_jumps_to_1970_turns_no_log_around(store: Store) -> None:
    hears(store, reading())
    (alarm,) = stands(store)
    early = NOW.replace(year=1970)
    hears(store, reading(active=False, at=early), now=early)
    events = log(store, alarm["id"])
    assert [e.at for e in events] == [NOW, NOW]
    assert stands(store)[0]["state"] == AlarmState.RETURNED.value


def test_a_burst_of_readings_is_as_many_alarms(store: Store) -> None:
    many = [reading("r", YUANCHENG, f"o{n}", priority=1 + n % 4) for n in range(2000)]
    found = hears(store, *many)
    assert len(found.raised) == 2000
    rows = stands(store)
    assert len(rows) == 2000
    assert [a["priority"] for a in rows] == sorted(a["priority"] for a in rows)
    assert count(store, m.alarm_event) == 2000
