"""What people do to alarms: refused in words, audited, tied to cases, grouped by hand, kept down."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from data import models as m
from data.alarms.acts import AlarmRefusal
from data.alarms.windows import Scope as Span
from data.alarms.windows import Window, WindowWish
from data.catalogue import catalogue
from data.commands.alarms.act import Acted, act_on_situation
from data.commands.alarms.by_hand import join, take_out
from data.commands.alarms.make_case import make_case
from data.commands.alarms.windows import end_window, make_window
from data.commands.audit import By
from data.commands.cases import Actor, Done, Request, act
from data.panels.alarms import alarms_panel_at, alarms_panels
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING, Scope
from data.store import Store
from data.vocabulary import CaseAct, Role
from data.vocabulary.alarms import AlarmAct, Outcome
from tests.conftest import NOW
from tests.store.alarming import (
    LEADER,
    LI,
    MINUTE,
    WANG,
    does,
    done,
    hears,
    log,
    reading,
    row,
    stands,
)
from tests.store.support import CITY, LONGCHUAN, YUANCHENG, ZIJIN, rows_of

OPERATOR = Actor(7, "王敏", Role.OPERATOR)
HOUR = timedelta(hours=1)


def one(store: Store, **more: Any) -> int:
    hears(store, reading("warning_in_force", **more))
    return stands(store)[0]["id"]


def case_of(store: Store, alarm: int, **more: Any) -> Done | AlarmRefusal:
    with store.write() as conn:
        return make_case(
            conn, catalogue(), read_keys(conn), alarm, WANG, OPERATOR, EVERYTHING, NOW, **more
        )


def panel(store: Store, area: str = CITY, now: Any = NOW) -> Any:
    with store.read() as conn:
        return alarms_panels(conn, catalogue(), read_keys(conn), [area], now)["alarms", area]


@pytest.mark.parametrize(
    ("act_", "by", "more", "code"),
    [
        (AlarmAct.SHELVE, WANG, {"until": NOW + HOUR}, "missing_reason"),
        (AlarmAct.SHELVE, WANG, {"reason": "x"}, "missing_end"),
        (AlarmAct.SHELVE, WANG, {"reason": "x", "until": NOW - HOUR}, "not_later"),
        (AlarmAct.SHELVE, WANG, {"reason": "x", "until": NOW + 9 * HOUR}, "too_late"),
        (AlarmAct.NOTE, WANG, {"reason": "x" * 501}, "too_long"),
        (AlarmAct.NOTE, WANG, {"reason": "  "}, "missing_reason"),
        (AlarmAct.OUTCOME, WANG, {}, "unknown_choice"),
        (AlarmAct.UNSHELVE, WANG, {}, "not_allowed_in_state"),
        (AlarmAct.RESET, WANG, {}, "not_allowed_in_state"),
        (AlarmAct.REMOVE, WANG, {"reason": "x", "until": NOW + HOUR}, "wrong_role"),
        (AlarmAct.ACKNOWLEDGE, By(5, "访客", "viewer"), {}, "wrong_role"),
        (AlarmAct.RAISE, WANG, {}, "by_condition"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_is_allowed(
    store: Store, act_: AlarmAct, by: By, more: dict[str, Any], code: str
) -> None:
    alarm = one(store)
    refused = does(store, alarm, act_, by, **more)
    assert isinstance(refused, AlarmRefusal)
    assert refused.code == code
    assert (AlarmAct.ACKNOWLEDGE in refused.allowed) == (by.role != "viewer")
    assert len(log(store, alarm)) == 1


def test_an_alarm_outside_of_what_one_reaches_is_not_there(store: Store) -> None:
    alarm = one(store)
    elsewhere = Scope(frozenset({ZIJIN}), None)
    assert does(store, alarm, AlarmAct.ACKNOWLEDGE, scope=elsewhere).code == "no_such_alarm"
    assert does(store, 999, AlarmAct.ACKNOWLEDGE, seen=1).code == "no_such_alarm"


def test_every_act_is_in_the_audit_and_a_try_too(store: Store) -> None:
    alarm = one(store)
    done(store, alarm, AlarmAct.ACKNOWLEDGE)
    does(store, alarm, AlarmAct.ACKNOWLEDGE, By(5, "访客", "viewer"))
    found = rows_of(store, m.audit, m.audit.c.act == "alarm.acknowledge")
    assert [(a.actor, a.outcome, a.object) for a in found] == [
        ("王敏", "done", str(alarm)), ("访客", "wrong_role", str(alarm)),
    ]  # fmt: skip


def test_what_it_was_can_be_said_when_it_is_over(store: Store) -> None:
    alarm = one(store)
    done(store, alarm, AlarmAct.ACKNOWLEDGE)
    hears(store, reading("warning_in_force", active=False), now=NOW + MINUTE)
    done(store, alarm, AlarmAct.OUTCOME, outcome=Outcome.FALSE_ALARM, now=NOW + HOUR)
    assert row(store, alarm).outcome == "false_alarm"
    assert row(store, alarm).ended_at == NOW + MINUTE
    assert does(store, alarm, AlarmAct.ACKNOWLEDGE).code == "not_allowed_in_state"


def test_a_case_is_tied_to_the_alarm_and_to_all_of_its_situation(store: Store) -> None:
    places = (YUANCHENG, ZIJIN, LONGCHUAN)
    hears(store, *(reading("warning_in_force", a, cause="warning:1") for a in places))
    lead = next(a for a in stands(store) if a["folded"] == 2)
    made = case_of(store, lead["id"], note="请核实")
    assert isinstance(made, Done)
    assert {a["case_no"] for a in stands(store)} == {made.case_no}
    with store.read() as conn:
        situation = conn.execute(select(m.situation)).one()
        link = conn.execute(select(m.case_link)).one()
        case = conn.execute(select(m.cases).where(m.cases.c.case_no == made.case_no)).one()
    assert situation.case_no == made.case_no
    assert (link.kind, link.ref, link.case_id) == ("alarm", str(lead["id"]), case.id)
    assert "请核实" in case.body
    again = case_of(store, lead["id"])
    assert isinstance(again, AlarmRefusal)
    assert (again.code, again.params["case_no"]) == ("has_case", made.case_no)
    hears(store, reading("warning_in_force", YUANCHENG, "again", cause="warning:1"))
    assert {a["case_no"] for a in stands(store)} == {made.case_no}


def test_a_closed_case_shows_at_its_alarm_even_when_that_is_over(store: Store) -> None:
    alarm = one(store)
    made = case_of(store, alarm)
    assert isinstance(made, Done)
    done(store, alarm, AlarmAct.ACKNOWLEDGE)
    hears(store, reading("warning_in_force", active=False), now=NOW + MINUTE)
    with store.write() as conn:
        request = Request(CaseAct.REJECT, OPERATOR, NOW + MINUTE, None, {"reason": "重复"})
        closed = act(conn, catalogue(), read_keys(conn), made.case_no, request, publish=False)
        assert isinstance(closed, Done), closed
    hears(store, now=NOW + 2 * MINUTE)
    assert row(store, alarm).case_closed_at is not None
    last = log(store, alarm)[-1]
    assert (last.act, last.detail["case_state"]) == ("link", "rejected")
    before = len(log(store, alarm))
    hears(store, now=NOW + 3 * MINUTE)
    assert len(log(store, alarm)) == before


def test_what_a_case_cannot_be_made_of_says_why(store: Store) -> None:
    hears(store, reading("no_such_rule"))
    refused = case_of(store, stands(store)[0]["id"])
    assert isinstance(refused, AlarmRefusal)
    assert refused.code == "no_category"
    hears(store, reading("warning_in_force", CITY))
    alarm = next(a["id"] for a in stands(store) if a["area"] == CITY)
    refused = case_of(store, alarm)
    assert isinstance(refused, AlarmRefusal)
    assert refused.code == "case_refused"
    assert isinstance(case_of(store, alarm, area=YUANCHENG), Done)


def test_people_put_alarms_together_and_take_them_apart(store: Store) -> None:
    hears(store, reading("a", YUANCHENG), reading("b", ZIJIN))
    first, second = (a["id"] for a in sorted(stands(store), key=lambda a: a["rule"]))

    def moves(move: Any, *ids: int, seen: int, reason: str = "同一起事故") -> Any:
        with store.write() as conn:
            return move(
                conn, catalogue(), read_keys(conn), *ids, WANG, NOW, seen_version=seen,
                reason=reason,
            )  # fmt: skip

    assert moves(join, second, first, seen=1, reason=" ").code == "missing_reason"
    assert moves(join, second, first, seen=9).code == "out_of_date"
    assert isinstance(moves(join, second, first, seen=1), Acted)
    assert len({a["situation"] for a in stands(store)}) == 1
    told = log(store, second)[-1]
    assert (told.act, told.actor, told.reason) == ("link", "王敏", "同一起事故")
    assert isinstance(moves(take_out, second, seen=2), Acted)
    by_id = {a["id"]: a for a in stands(store)}
    assert by_id[second]["situation"] is None
    hears(store, reading("b", LONGCHUAN, cause="x:1"), reading("c", ZIJIN, cause="x:1"))
    assert {a["id"]: a for a in stands(store)}[second]["situation"] is None


def test_a_whole_situation_is_acknowledged_by_one_act(store: Store) -> None:
    hears(store, *(reading("w", a, cause="warning:1") for a in (YUANCHENG, ZIJIN)))
    rows = stands(store)
    hears(store, reading("w", LONGCHUAN, cause="warning:1"), now=NOW + MINUTE)
    seen = {a["id"]: row(store, a["id"]).version for a in rows}
    with store.write() as conn:
        found = act_on_situation(
            conn, catalogue(), read_keys(conn), rows[0]["situation"], AlarmAct.ACKNOWLEDGE, LI,
            NOW + MINUTE, seen=seen,
        )  # fmt: skip
    assert [type(x) for x in found] == [Acted, Acted]
    assert [a["state"] for a in stands(store)].count("unacknowledged") == 1


def window(store: Store, kind: str, rule: str, hours: int = 2, *, now: Any = NOW) -> int:
    with store.write() as conn:
        wish = WindowWish(kind, Span(rule, None, None), now, now + hours * HOUR, "计划检修")
        made = make_window(
            conn, catalogue(), read_keys(conn), wish, LEADER, now, rules=frozenset({rule})
        )
        assert isinstance(made, Window), made
        return made.id


def test_planned_work_keeps_an_alarm_down_and_gives_it_back(store: Store) -> None:
    hears(store, reading("w"))
    window(store, "planned", "w")
    hears(store, reading("w", LONGCHUAN), now=NOW + MINUTE)
    assert {a["state"] for a in stands(store)} == {"suppressed_by_design"}
    assert panel(store)["unacknowledged"] == 0
    hears(store, reading("w", LONGCHUAN, active=False), now=NOW + 2 * MINUTE)
    hears(store, now=NOW + 3 * HOUR)
    (alarm,) = stands(store)
    assert (alarm["area"], alarm["state"]) == (YUANCHENG, "unacknowledged")


def test_out_of_service_is_a_window_and_ends_with_it(store: Store) -> None:
    alarm = one(store)
    done(store, alarm, AlarmAct.REMOVE, LEADER, reason="传感器更换", until=NOW + 48 * HOUR)
    assert stands(store)[0]["state"] == "out_of_service"
    hears(store, reading("warning_in_force", priority=1), now=NOW + MINUTE)
    assert stands(store)[0]["state"] == "out_of_service"
    done(store, alarm, AlarmAct.RESTORE, LEADER, now=NOW + HOUR)
    assert stands(store)[0]["state"] == "unacknowledged"
    hears(store, reading("warning_in_force", priority=1), now=NOW + 2 * HOUR)
    assert stands(store)[0]["state"] == "unacknowledged"


def test_what_a_wider_window_keeps_down_cannot_be_put_back_alone(store: Store) -> None:
    alarm = one(store)
    number = window(store, "service", "warning_in_force", 24)
    hears(store, now=NOW + MINUTE)
    refused = does(store, alarm, AlarmAct.RESTORE, LEADER, now=NOW + MINUTE)
    assert (refused.code, refused.params["window"]) == ("under_window", number)
    with store.write() as conn:
        end_window(conn, number, LEADER, NOW + MINUTE)
    hears(store, now=NOW + 2 * MINUTE)
    assert stands(store)[0]["state"] == "unacknowledged"


# ---- the panel ----


def test_the_panel_shows_situations_once_the_gravest_first(store: Store) -> None:
    warned = [reading("w", a, cause="warning:1", priority=2) for a in (YUANCHENG, ZIJIN)]
    hears(store, *warned, reading("x", LONGCHUAN, priority=1), reading("y", ZIJIN, priority=4))
    city = panel(store)
    assert [(a["rule"], a["folded"]) for a in city["top"]] == [("x", 0), ("w", 1), ("y", 0)]
    assert city["red"]["rule"] == "x"
    assert city["counts"] == {"1": 1, "2": 2, "3": 0, "4": 1}
    assert (city["unacknowledged"], city["shelved"], city["flood"]) == (4, 0, None)
    own = panel(store, ZIJIN)
    assert {a["rule"] for a in own["top"]} == {"w", "y"}
    assert own["red"] is None
    json.dumps(city)


def test_what_was_acknowledged_takes_the_head_no_more(store: Store) -> None:
    alarm = one(store, priority=1)
    assert panel(store)["newest"] == NOW.timestamp()
    done(store, alarm, AlarmAct.ACKNOWLEDGE)
    assert (panel(store)["red"], panel(store)["newest"]) == (None, None)
    hears(store, reading("x", priority=2), now=NOW + MINUTE)
    assert panel(store)["newest"] == (NOW + MINUTE).timestamp()


def test_a_flood_is_told_and_ends(store: Store) -> None:
    hears(store, *(reading("w", object_=f"o{n}") for n in range(12)))
    assert panel(store)["flood"] == NOW.timestamp()
    assert panel(store)["flood_count"] == 12
    assert panel(store, now=NOW + 11 * MINUTE)["flood"] is None


def test_the_panel_can_be_told_as_it_was_known(store: Store) -> None:
    alarm = one(store, priority=1)
    now = panel(store)
    done(store, alarm, AlarmAct.ACKNOWLEDGE, now=NOW + MINUTE)
    with store.read() as conn:
        then = alarms_panel_at(conn, catalogue(), read_keys(conn), CITY, NOW)
    assert then == now


def test_an_act_is_published_at_once(store: Store) -> None:
    alarm = one(store)
    done(store, alarm, AlarmAct.ACKNOWLEDGE)
    p = m.panel_snapshot.c
    with store.read() as conn:
        asked = select(p.payload).where(p.panel == "alarms", p.area == CITY)
        told = json.loads(conn.execute(asked).scalar_one())
    assert told["top"][0]["state"] == "acknowledged"
    assert told["top"][0]["owner"] == "王敏"
