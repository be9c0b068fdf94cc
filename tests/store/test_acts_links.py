"""Many agencies and many cases that are one matter: links, merges, procedures, the call back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.commands.cases import Code, Draft, decide_sop, in_force, propose_sop
from data.queries.call_backs import satisfaction
from data.queries.case_indicators import indicators_of
from data.queries.duplicates import duplicates
from data.vocabulary import CaseAct
from tests.store.acting import (
    LEADER,
    OPERATOR,
    OTHER,
    TO_CLOSED,
    TO_HANDLING,
    VIEWER,
    WATER,
    Loop,
)
from tests.store.support import YUANCHENG, rows_of

SPOT = (114.70, 23.73)
TOWN = "441602001"


@pytest.fixture
def loop(store):
    return Loop(store, lon=SPOT[0], lat=SPOT[1])


def another(loop, **draft):
    """Report one more case and return its number."""
    given = {"category": "flood_risk", "title": "堤防渗水", "area": YUANCHENG} | draft
    return loop.report(Draft(**given)).case_no


def alike(loop):
    with loop.store.read() as conn:
        return [(d.case_no, d.metres) for d in duplicates(conn, loop.row.id)]


def test_near_in_place_and_time_is_proposed_nearest_first(loop):
    far = another(loop, lon=SPOT[0] + 0.002, lat=SPOT[1])
    near = another(loop, lon=SPOT[0] + 0.0005, lat=SPOT[1])
    another(loop, lon=SPOT[0] + 0.0035, lat=SPOT[1])
    another(loop, lon=SPOT[0], lat=SPOT[1], category="geohazard")
    another(loop, lon=SPOT[0], lat=SPOT[1], reported_at=loop.now - timedelta(hours=25))
    found = alike(loop)
    assert [no for no, _ in found] == [near, far]
    assert 40 < found[0][1] < 60


def test_without_a_position_the_same_town_is_proposed(store):
    loop = Loop(store, area=TOWN)
    other = another(loop, area=TOWN)
    another(loop, area="441602002")
    another(loop, area=YUANCHENG)
    assert alike(loop) == [(other, None)]


def test_a_whole_county_is_no_place(store):
    loop = Loop(store, area=YUANCHENG)
    another(loop, area=YUANCHENG)
    assert alike(loop) == []


def test_what_somebody_found_not_to_be_the_same_is_not_proposed_again(loop):
    other = another(loop, lon=SPOT[0], lat=SPOT[1])
    loop.does(CaseAct.LINK, kind="not_the_same", other=other)
    assert alike(loop) == []
    loop.no = other
    assert alike(loop) == []


def test_a_merge_ends_the_child_and_nothing_else(loop):
    parent = another(loop, lon=SPOT[0], lat=SPOT[1])
    before = rows_of(loop.store, m.cases, m.cases.c.case_no == parent)
    loop.does(CaseAct.MERGE, parent=parent, note="同一渗漏点")
    assert (loop.row.state, loop.row.parent_id) == ("merged", before[0].id)
    assert loop.row.closed_at == loop.now
    assert rows_of(loop.store, m.cases, m.cases.c.case_no == parent) == before
    (link,) = loop.beside(m.case_link)
    assert (link.kind, link.other_case_id) == ("merged", before[0].id)
    assert loop.stood().case.parent == parent
    assert loop.tries(CaseAct.NOTE, note="x").code is Code.ENDED


def test_nothing_merges_into_itself_an_ended_case_or_its_own_child(loop):
    other = Loop(loop.store)
    assert loop.tries(CaseAct.MERGE, parent=loop.no).code is Code.UNKNOWN_CHOICE
    other.does(CaseAct.REJECT, reason="不属实")
    assert loop.tries(CaseAct.MERGE, parent=other.no).code is Code.UNKNOWN_CHOICE


def test_a_link_is_made_once_and_names_something_that_is_there(loop):
    other = another(loop)
    loop.does(CaseAct.LINK, kind="child", other=other)
    loop.does(CaseAct.LINK, kind="indicator", ref="PS-01")
    assert loop.tries(CaseAct.LINK, kind="child", other=other).code is Code.ALREADY_DONE
    assert loop.tries(CaseAct.LINK, kind="indicator", ref="PS-01").code is Code.ALREADY_DONE
    assert loop.tries(CaseAct.LINK, kind="cross_county", other="none").code is Code.UNKNOWN_CHOICE
    assert loop.tries(CaseAct.LINK, kind="merged", other=other).code is Code.UNKNOWN_CHOICE
    assert len(loop.beside(m.case_link)) == 2


def test_a_county_joins_only_what_it_may_see_but_points_to_its_neighbours(loop):
    far = another(loop, area="441621")
    county = type(OPERATOR)(56, "源城席", OPERATOR.role, None, YUANCHENG)
    hidden = loop.tries(CaseAct.MERGE, county, parent=far)
    assert (hidden.code, hidden.params["value"]) == (Code.UNKNOWN_CHOICE, far)
    assert loop.tries(CaseAct.LINK, county, kind="child", other=far).code is Code.UNKNOWN_CHOICE
    loop.does(CaseAct.LINK, county, kind="cross_county", other=far)


def test_the_indicators_of_a_case_are_those_that_count_its_category():
    found = indicators_of(catalogue(), "flood_risk", "yuepingan")
    assert all("flood_risk" in (*x.indicator.feed.categories, *x.indicator.feed.of) for x in found)
    assert indicators_of(catalogue(), "police_fraud", "yuepingan")[0].counted
    by_hand = indicators_of(catalogue(), "police_fraud", "desk")
    assert by_hand
    assert not any(x.counted for x in by_hand)


# ---- procedures ----


def test_a_rule_starts_the_procedure_of_a_case_that_is_opened(loop):
    sop = catalogue().sop_for("flood_risk", loop.row.level)
    loop.goes(TO_HANDLING[:2])
    if sop is None:
        assert loop.beside(m.case_step) == []
        return
    steps = loop.beside(m.case_step)
    assert [s.no for s in steps] == [s.no for s in sop.steps]
    assert steps[0].due_at == loop.now + timedelta(minutes=sop.steps[0].within)
    assert (loop.row.sop, loop.events()[-1].action) == (sop.code, "start_sop")
    assert loop.events()[-1].rule == f"sop {sop.code}@{sop.version}"
    assert loop.tries(CaseAct.START_SOP, sop=sop.code).code is Code.ALREADY_DONE


def by_hand(loop):
    """Return a procedure that no rule has started on the case."""
    running = {s.sop for s in loop.beside(m.case_step)}
    return next(code for code in catalogue().loop.sops if code not in running)


def test_steps_are_done_or_left_out_with_a_reason_once_each(loop):
    code = by_hand(loop)
    loop.does(CaseAct.START_SOP, sop=code)
    loop.does(CaseAct.STEP_SOP, sop=code, step=1, move="done")
    skipped = loop.tries(CaseAct.STEP_SOP, sop=code, step=2, move="skipped")
    assert skipped.code is Code.MISSING_FIELD
    loop.does(CaseAct.STEP_SOP, sop=code, step=2, move="skipped", note="已由消防完成")
    first, second = loop.beside(m.case_step)[:2]
    assert (first.skipped, first.done_name) == (False, OPERATOR.name)
    assert (second.skipped, second.note) == (True, "已由消防完成")
    again = loop.tries(CaseAct.STEP_SOP, sop=code, step=1, move="done")
    assert again.code is Code.ALREADY_DONE
    assert loop.tries(CaseAct.STEP_SOP, sop=code, step=99, move="done").code is Code.UNKNOWN_CHOICE


def body(code):
    kept = catalogue().sop(code).model_dump(mode="json", exclude={"code", "version"})
    return kept | {"steps": kept["steps"][:1]}


def test_a_procedure_changes_only_by_a_second_person(loop):
    code = by_hand(loop)
    shipped = catalogue().sop(code).version
    with loop.store.write() as conn:
        number = propose_sop(
            conn, catalogue(), code, body(code), "精简步骤", actor=LEADER, now=loop.now
        )

        def decides(actor, **more):
            given = {"approved": True, "reason": "", "now": loop.now} | more
            return decide_sop(conn, catalogue(), number, actor=actor, **given)

        assert in_force(conn, catalogue(), code).version == shipped
        assert decides(LEADER).code is Code.OWN_APPROVAL
        assert decides(OPERATOR).code is Code.WRONG_ROLE
        assert decides(type(LEADER)(77, "另一领导", LEADER.role)) == shipped + 1
        assert decides(type(LEADER)(77, "另一领导", LEADER.role)).code is Code.ALREADY_DONE
        assert in_force(conn, catalogue(), code).version == shipped + 1
    loop.does(CaseAct.START_SOP, sop=code)
    assert [s.no for s in loop.beside(m.case_step)] == [1]
    assert loop.beside(m.case_step)[0].sop_version == shipped + 1


@pytest.mark.parametrize(
    ("change", "reason", "actor", "code"),
    [
        ({"steps": []}, "x", LEADER, Code.BAD_VALUE),
        ({"surprise": 1}, "x", LEADER, Code.BAD_VALUE),
        ({}, " ", LEADER, Code.MISSING_FIELD),
        ({}, "长" * 501, LEADER, Code.TOO_LONG),
        ({}, "x", VIEWER, Code.WRONG_ROLE),
    ],
)
def test_a_procedure_that_cannot_be_is_not_proposed(loop, change, reason, actor, code):
    name = by_hand(loop)
    with loop.store.write() as conn:
        refused = propose_sop(
            conn, catalogue(), name, body(name) | change, reason, actor=actor, now=loop.now
        )
    assert refused.code is code
    assert rows_of(loop.store, m.sop_version) == []


# ---- the call back ----


def test_satisfaction_counts_everybody_who_could_not_be_asked(store):
    start = None
    for result in ("satisfied", "satisfied", "dissatisfied", "unreached", "refused", None):
        loop = Loop(store)
        start = start or loop.now
        loop.goes(TO_CLOSED)
        if result:
            loop.does(CaseAct.CALL_BACK, OTHER, result=result)
            assert loop.row.called_at == loop.now
    excluded = Loop(store)
    excluded.goes(TO_CLOSED)
    assert excluded.tries(CaseAct.CALL_BACK, result="excluded").code is Code.MISSING_FIELD
    excluded.does(CaseAct.CALL_BACK, result="excluded", reason="匿名诉求")
    with store.read() as conn:
        told = satisfaction(conn, start, start + timedelta(days=1))
        none = satisfaction(conn, start - timedelta(days=2), start - timedelta(days=1))
    assert (told.satisfied, told.answered, told.reached) == (2, 3, 4)
    assert (told.unreached, told.excluded, told.not_called) == (1, 1, 1)
    assert told.rate == pytest.approx(2 / 3)
    assert none.rate is None


def test_a_department_works_only_on_what_is_its_own(loop):
    loop.goes(TO_HANDLING[:3])
    other = type(WATER)(55, "公路", WATER.role, "highway")
    assert loop.tries(CaseAct.ACCEPT, other).code is Code.OTHER_DEPARTMENT
    county = type(OPERATOR)(56, "紫金席", OPERATOR.role, None, "441621")
    assert loop.tries(CaseAct.NOTE, county, note="x").code is Code.OTHER_AREA
    stale = loop.tries(CaseAct.NOTE, county, seen=1, note="x")
    assert stale.code is Code.OTHER_AREA
