"""What is told is written with what it tells: grouped, filtered, marked, without a person in it."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.commands.alarms.heartbeat import beat, carry
from data.commands.alarms.notices import tell
from data.queries.alarms.notices import target_states, undelivered
from data.queries.alarms.self_check import watch_readings
from data.queries.keys import read_keys
from data.vocabulary.alarms import AlarmAct
from tests.conftest import NOW
from tests.store.alarms_made import alarms, use_targets
from tests.store.watch_rules import rule

n = m.notice.c
MINUTE = timedelta(minutes=1)


def tell_of(store, ids, why=AlarmAct.RAISE, now=NOW):
    with store.write() as conn:
        return tell(conn, catalogue(), read_keys(conn), ids, why, now)


def notices(store, target=None):
    with store.read() as conn:
        query = select(m.notice).order_by(n.id)
        return conn.execute(query.where(n.target == target) if target else query).all()


def test_nobody_is_told_while_no_target_has_an_address(store):
    assert tell_of(store, alarms(store)) == 0
    assert notices(store) == []


def test_each_target_gets_its_priorities_once(store):
    use_targets(store, "duty_wecom", "platform", "heartbeat")
    assert tell_of(store, alarms(store, priority=3)) == 1
    (only,) = notices(store)
    assert only.target == "platform"
    assert (only.sent_at, only.tries, only.due_at) == (None, 0, NOW)


def test_alarms_of_one_situation_are_one_notice_the_gravest_first(store):
    use_targets(store, "duty_wecom")
    ids = alarms(store, 3, priority=2, situation=9)
    ids += alarms(store, 30, priority=1, situation=9, first=10)
    assert tell_of(store, ids) == 1
    (only,) = notices(store)
    assert only.body["count"] == 33
    assert len(only.body["alarms"]) == 20
    assert only.body["alarms"][0]["priority"] == only.body["priority"] == 1


def test_what_comes_before_a_notice_went_out_joins_it_and_what_comes_after_waits_a_minute(store):
    use_targets(store, "duty_wecom")
    tell_of(store, alarms(store, situation=9))
    assert tell_of(store, alarms(store, situation=9, first=2), now=NOW + MINUTE / 6) == 0
    assert notices(store)[0].body["count"] == 2
    sent = {"sent_at": NOW + MINUTE / 5, "tries": 1}
    with store.write() as conn:
        conn.execute(m.notice.update().values(sent))
    assert tell_of(store, alarms(store, situation=9, first=3), now=NOW + MINUTE / 4) == 1
    assert tell_of(store, alarms(store, situation=9, first=4), now=NOW + MINUTE / 3) == 0
    later = notices(store)[1]
    assert later.due_at == NOW.replace(second=0) + MINUTE
    assert later.body["count"] == 2


def test_a_flood_is_a_few_notices_and_one_of_the_rest_and_no_alarm_is_forgotten(store):
    use_targets(store, "duty_wecom")
    grave = alarms(store, 2, priority=1)
    assert tell_of(store, alarms(store, 1000, priority=2, first=100) + grave) == 6
    found = notices(store)
    assert sum(r.body["count"] for r in found) == 1002
    assert sorted(r.body["priority"] for r in found) == [1, 1, 2, 2, 2, 2]
    assert tell_of(store, alarms(store, 50, priority=2, first=2000), now=NOW + MINUTE / 2) == 0
    assert sum(r.body["count"] for r in notices(store)) == 1052


def test_no_person_leaves_the_house_and_every_message_of_a_demo_is_marked(store):
    use_targets(store, "duty_wecom")
    with store.write() as conn:
        conn.execute(m.store_info.insert(), [
            {"key": "demo", "value": "true"}, {"key": "exercise", "value": "false"},
        ])  # fmt: skip
    tell_of(store, alarms(store))
    body = notices(store)[0].body
    assert "13812345678" not in json.dumps(body, ensure_ascii=False)
    assert body["marks"] == ["demo"]


def test_undelivered_is_what_waits_too_long_or_was_given_up(store):
    use_targets(store, "duty_wecom", "platform")
    tell_of(store, alarms(store))
    with store.write() as conn:
        late = NOW + 6 * MINUTE
        assert undelivered(conn, catalogue(), NOW + MINUTE) == 0
        assert undelivered(conn, catalogue(), late) == 2
        conn.execute(m.notice.update().where(n.target == "platform").values(sent_at=NOW))
        new = {"given_up_at": late, "error": "answered 500"}
        conn.execute(m.notice.update().where(n.target == "duty_wecom").values(new))
        assert undelivered(conn, catalogue(), late) == 1
        states = {s.key: s for s in target_states(conn, catalogue(), late)}
        assert undelivered(conn, catalogue(), NOW + timedelta(days=2)) == 0
    assert states["duty_wecom"].error == "answered 500"
    assert states["duty_wecom"].undelivered == 1
    assert states["platform"].undelivered == 0
    assert states["platform"].sent_at == NOW
    assert not states["duty_mail"].connected


def test_the_heartbeat_goes_its_way_once_an_event_and_no_alarm_comes_of_it(store):
    use_targets(store, "heartbeat")
    rules = [rule("heartbeat", 10)]

    def way(at):
        with store.write() as conn:
            readings = watch_readings(conn, catalogue(), read_keys(conn), rules, at)
            return carry(conn, catalogue(), readings, at)

    assert way(NOW) == 0
    with store.write() as conn:
        assert beat(conn, NOW) == 1
    assert way(NOW) == 1
    assert way(NOW + MINUTE) == 0
    with store.write() as conn:
        beat(conn, NOW + 5 * MINUTE)
    assert way(NOW + 5 * MINUTE) == 1
    assert way(NOW + 20 * MINUTE) == 0
    assert [r.ref for r in notices(store)] == ["heartbeat 1", "heartbeat 2"]
    with store.read() as conn:
        assert conn.execute(select(m.alarm.c.id)).first() is None
        assert undelivered(conn, catalogue(), NOW + timedelta(hours=1)) == 0
