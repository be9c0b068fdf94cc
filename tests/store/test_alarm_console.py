"""The console's list and one alarm: order, folding, filters, scope, what was like it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from data import models as m
from data.alarms.windows import Scope as Span
from data.alarms.windows import Window, WindowKind
from data.catalogue import catalogue
from data.queries.alarms import console
from data.queries.alarms.console_filter import House
from data.queries.alarms.one import log_since, one_alarm
from data.queries.alarms.rules import rules_in_force
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING, Scope
from data.store import Store
from data.vocabulary.alarm_console import ConsoleView
from data.vocabulary.alarms import AlarmAct, Outcome
from tests.conftest import NOW
from tests.store.alarming import MINUTE, WANG, done, hears, log, reading
from tests.store.alarms_made import alarms
from tests.store.payloads import alert, feed
from tests.store.support import CITY, LONGCHUAN, YUANCHENG, ZIJIN, take

RAIN = "warning:rain-1"


def house(store: Store, windows=()):
    with store.read() as conn:
        rules = rules_in_force(conn, catalogue()).rules
        return House(catalogue(), read_keys(conn), rules, windows)


def rows(store: Store, scope=EVERYTHING, unfolded=(), limit=500, windows=(), **view):
    with store.read() as conn:
        found = console.rows(
            conn, house(store, windows), scope, ConsoleView(**view), unfolded=unfolded, limit=limit
        )
    return found


def counts(store: Store, scope=EVERYTHING, **view):
    with store.read() as conn:
        return console.counts(conn, house(store), scope, ConsoleView(**view))


def one(store: Store, id_: int, scope=EVERYTHING, now=NOW):
    with store.read() as conn:
        return one_alarm(conn, house(store), scope, id_, now=now)


def rules_of(found):
    return [r["rule"] for r in found]


# ---- order and folding ----


def test_the_gravest_come_first_then_the_newest(store: Store):
    hears(
        store,
        reading("old", priority=2, at=NOW - 9 * MINUTE),
        reading("grave", priority=1, at=NOW - 20 * MINUTE),
    )
    hears(
        store,
        reading("new", priority=2, at=NOW - MINUTE, area=ZIJIN),
        reading("light", priority=4, area=LONGCHUAN),
    )
    assert rules_of(rows(store)) == ["grave", "new", "old", "light"]


def test_alarms_of_one_cause_are_one_line_that_unfolds(store: Store):
    hears(
        store, *[reading(f"r{i}", priority=3, cause=RAIN, at=NOW - i * MINUTE) for i in range(1, 4)]
    )
    hears(store, reading("single", priority=2, area=LONGCHUAN))
    head = rows(store)[1]
    assert rules_of(rows(store)) == ["single", "r1"]
    assert (head["folded"], head["waiting"], head["under"]) == (2, 3, False)
    assert head["situation"] is not None
    unfolded = rows(store, unfolded=[head["group"]])
    assert rules_of(unfolded) == ["single", "r1", "r2", "r3"]
    assert [r["under"] for r in unfolded] == [False, False, True, True]


def test_what_waits_stands_for_its_group_before_what_was_seen(store: Store):
    made = hears(store, *[reading(f"r{i}", cause=RAIN, at=NOW - i * MINUTE) for i in range(1, 3)])
    done(store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    (head,) = rows(store)
    assert head["rule"] == "r2"
    assert (head["folded"], head["waiting"]) == (1, 1)


def test_a_filter_folds_only_what_it_leaves(store: Store):
    hears(store, *[reading(f"r{i}", cause=RAIN, priority=i) for i in range(1, 4)])
    (head,) = rows(store, priority=frozenset("23"))
    assert (head["rule"], head["folded"]) == ("r2", 1)


def test_ten_thousand_alarms_are_read_by_the_page(store: Store):
    alarms(store, 5000, rule="many", area=YUANCHENG)
    alarms(store, 5000, rule="sit", area=ZIJIN, situation=1, first=6000)
    assert counts(store)["total"] == 10_000
    assert counts(store)["groups"] == 5001
    page = rows(store, limit=500)
    assert len(page) == 500
    assert len({r["id"] for r in page}) == 500
    assert sum(r["folded"] for r in rows(store, limit=6000)) == 4999


# ---- filters ----


def test_what_was_put_aside_is_listed_only_when_it_is_asked_for(store: Store):
    made = hears(store, reading("kept"), reading("shelf", area=ZIJIN))
    done(store, made.raised[1], AlarmAct.SHELVE, reason="试验", until=NOW + 10 * MINUTE)
    assert rules_of(rows(store)) == ["kept"]
    (shelved,) = rows(store, state=frozenset({"shelved"}))
    assert (shelved["rule"], shelved["owner"]) == ("shelf", "王敏")
    assert shelved["until"] == (NOW + 10 * MINUTE).timestamp()
    assert counts(store)["state"] == {"unacknowledged": 1, "shelved": 1}


def test_an_alarm_that_is_over_is_no_longer_listed(store: Store):
    made = hears(store, reading())
    done(store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    hears(store, reading(active=False, at=NOW + MINUTE), now=NOW + MINUTE)
    assert rows(store) == []


def test_an_area_means_all_below_it_and_nothing_else(store: Store):
    town = next(code for code, x in catalogue().areas.items() if x.parent == ZIJIN)
    hears(
        store, reading("county", area=ZIJIN), reading("town", area=town), reading("city", area=CITY)
    )
    assert set(rules_of(rows(store, area=ZIJIN))) == {"county", "town"}
    assert rows(store, area="999999") == []


def test_words_are_looked_for_in_title_reason_place_and_rule(store: Store):
    hears(store, reading("flooded"), reading("other", area=ZIJIN))
    assert rules_of(rows(store, q="flooded is")) == ["flooded"]
    assert rules_of(rows(store, q="紫金")) == ["other"]
    assert rows(store, q="flooded 紫金") == []
    assert rows(store, q="%' or 1=1") == []


def test_a_rule_a_situation_and_a_domain_narrow_the_list(store: Store):
    rule = next(r for r in catalogue().alarms.values() if r.domain == "transport")
    hears(
        store,
        reading(rule.code),
        reading("x", area=ZIJIN, cause=RAIN),
        reading("y", area=ZIJIN, cause=RAIN),
    )
    assert rules_of(rows(store, rule="x")) == ["x"]
    assert rules_of(rows(store, domain="transport")) == [rule.code]
    group = next(r["group"] for r in rows(store) if r["group"] > 0)
    assert len(rows(store, situation=str(group), unfolded=[group])) == 2
    assert rows(store, situation="abc") == []


def test_chips_count_as_if_they_alone_were_left_out(store: Store):
    made = hears(
        store,
        reading("a", priority=1),
        reading("b", priority=2, area=ZIJIN),
        reading("c", priority=2, area=LONGCHUAN),
    )
    done(store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    found = counts(store, priority=frozenset("2"))
    assert found["total"] == 2
    assert found["priority"] == {"1": 1, "2": 2}
    assert found["state"] == {"unacknowledged": 2}


def test_nobody_is_shown_what_lies_outside_of_their_areas(store: Store):
    made = hears(store, reading("mine", area=ZIJIN), reading("theirs", area=YUANCHENG))
    scope = Scope(frozenset({ZIJIN}), None)
    assert rules_of(rows(store, scope)) == ["mine"]
    assert counts(store, scope)["total"] == 1
    assert one(store, made.raised[1], scope) is None
    assert one(store, made.raised[0], scope) is not None


def test_planned_work_is_told_with_its_end(store: Store):
    hears(store, reading("pump"))
    window = Window(
        1, WindowKind.PLANNED, Span(rule="pump"), NOW, NOW + 30 * MINUTE, "检修泵站", "王敏"
    )
    (row,) = rows(store, windows=(window,))
    assert (row["planned"], row["until"]) == ("检修泵站", (NOW + 30 * MINUTE).timestamp())


# ---- one alarm ----


def test_one_alarm_tells_its_rule_values_and_log(store: Store):
    rule = next(r for r in catalogue().alarms.values() if r.condition.kind == "threshold")
    made = hears(store, reading(rule.code))
    done(store, made.raised[0], AlarmAct.NOTE, reason="已电话核实")
    found = one(store, made.raised[0])
    assert found["rule_name"] == rule.name
    assert (found["value"], found["limit"]) == (3.0, 2.0)
    assert found["answer"] == rule.answer
    assert [x["act"] for x in found["log"]] == ["note", "raise"]
    assert found["log"][0]["reason"] == "已电话核实"
    assert found["log"][0]["by_hand"]
    assert not found["log"][1]["by_hand"]
    assert found["indicators"][0][0] == rule.condition.indicator
    assert found["seq"] == found["row"]["version"] == 2


def test_what_happened_since_is_told_oldest_first(store: Store):
    made = hears(store, reading())
    done(store, made.raised[0], AlarmAct.NOTE, reason="一")
    done(store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    with store.read() as conn:
        lines = log_since(conn, made.raised[0], 1)
    assert [x["act"] for x in lines] == ["note", "acknowledge"]


def test_similar_alarms_and_what_they_turned_out_to_be(store: Store):
    def over(area, ago, outcome):
        at = NOW - ago
        made = hears(store, reading(area=area, at=at), now=at)
        done(store, made.raised[0], AlarmAct.ACKNOWLEDGE, now=at)
        hears(store, reading(area=area, active=False, at=at + 10 * MINUTE), now=at + 10 * MINUTE)
        if outcome:
            done(store, made.raised[0], AlarmAct.OUTCOME, outcome=outcome, now=at + 11 * MINUTE)

    day = timedelta(days=1)
    over(YUANCHENG, 3 * day, Outcome.FALSE_ALARM)
    over(YUANCHENG, 2 * day + timedelta(hours=5), Outcome.ACTED_ON)
    over(ZIJIN, day, None)
    made = hears(store, reading())
    found = one(store, made.raised[0])
    assert found["here"]["outcomes"] == {"false_alarm": 1, "acted_on": 1}
    assert found["here"]["half_lasted"] == 600.0
    assert found["elsewhere"]["outcomes"] == {"": 1}
    assert found["this_hour"]["alarms"] == 2
    assert [x["outcome"] for x in found["here"]["newest"]] == ["acted_on", "false_alarm"]


def test_a_warning_behind_an_alarm_is_shown_in_its_own_words(store: Store):
    take(store, "warnings", feed(alert("A1")))
    with store.read() as conn:
        identifier = conn.scalar(
            m.external_alert.select().with_only_columns(m.external_alert.c.identifier)
        )
    made = hears(store, reading(cause=f"warning:{identifier}"))
    (warned,) = one(store, made.raised[0])["warnings"]
    assert warned["headline"]
    assert warned["in_force"]


def test_notices_say_whether_they_arrived(store: Store):
    made = hears(store, reading())
    times = {"made_at": NOW, "due_at": NOW, "ref": "x", "body": {}, "alarm_id": made.raised[0]}
    lines = [
        {"target": "a", "sent_at": NOW, "tries": 1, **times},
        {"target": "b", "tries": 3, "error": "timed out", **times},
        {"target": "c", "tries": 9, "given_up_at": NOW, **times},
        {"target": "d", "tries": 0, **times},
    ]  # fmt: skip
    with store.write() as conn:
        for line in lines:
            conn.execute(insert(m.notice).values(line))
    told = {x["target"]["zh"]: x["state"] for x in one(store, made.raised[0])["notices"]}
    assert told == {"a": "sent", "b": "failing", "c": "given_up", "d": "waiting"}


def test_the_value_over_a_day_is_that_of_the_rolled_hours(store: Store):
    rule = next(
        r for r in catalogue().alarms.values()
        if (r.condition.kind == "threshold" and r.condition.indicator == "PS-22")
        or r.condition.kind == "threshold"
    )  # fmt: skip
    made = hears(store, reading(rule.code))
    assert one(store, made.raised[0])["chart"] == []  # nothing was heard: no line, and no zeros


def test_an_alarm_that_is_over_is_still_told(store: Store):
    made = hears(store, reading())
    done(store, made.raised[0], AlarmAct.ACKNOWLEDGE)
    hears(store, reading(active=False, at=NOW + MINUTE), now=NOW + MINUTE)
    found = one(store, made.raised[0], now=NOW + 2 * MINUTE)
    assert found["row"]["state"] == "normal"
    assert found["ended_at"] is not None
    assert found["acknowledged_by"] == WANG.name


def test_there_is_no_alarm_of_a_number_that_was_never_given(store: Store):
    assert one(store, 999) is None
    assert log(store, 999) == []
