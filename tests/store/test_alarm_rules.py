"""A rule is changed by two people, holds at once, and every version is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.catalogue import catalogue
from data.commands.alarms.rules import decide_rule, propose_rule, retire_rule
from data.queries.alarms.rules import rule_versions, rules_in_force
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.support import rows_of

WANG = Actor(1, "王敏", Role.OPERATOR)
CHEN = Actor(2, "陈局", Role.LEADER)
LIU = Actor(3, "刘工", Role.STEWARD)
COUNTY = Actor(4, "紫金", Role.LEADER, None, "441621")
CODE = "bus_late"


def body(**more):
    told = catalogue().alarms[CODE].model_dump(mode="json", exclude={"code", "version"})
    condition = told["condition"] | more.pop("condition", {})
    return told | {"condition": condition} | more


def propose(store, told=None, by=WANG, reason="太吵", **more):
    with store.write() as conn:
        return propose_rule(
            conn, catalogue(), CODE, told or body(condition={"limit": 60}), reason, actor=by,
            now=NOW, **more,
        )  # fmt: skip


def decide(store, number, by=CHEN, *, approved=True, reason=""):
    with store.write() as conn:
        return decide_rule(
            conn, catalogue(), number, approved=approved, reason=reason, actor=by,
            now=NOW + timedelta(hours=1),
        )  # fmt: skip


def in_force(store, code=CODE):
    with store.read() as conn:
        return rules_in_force(conn, catalogue()).rules.get(code)


def test_a_change_holds_at_once_when_a_second_person_approved_it(store):
    number = propose(store)
    assert in_force(store).version == 1
    assert decide(store, number) == 2
    rule = in_force(store)
    assert (rule.version, rule.condition.limit) == (2, 60)
    acts = [r.act for r in rows_of(store, m.audit)]
    assert acts == ["rule.propose", "rule.approved"]
    with store.read() as conn:
        newest, shipped = rule_versions(conn, catalogue())[CODE]
    assert (newest.in_force, newest.proposed_name, newest.decided_name) == (True, "王敏", "陈局")
    assert (shipped.in_force, shipped.state) == (False, "shipped")


def test_nobody_approves_their_own(store):
    number = propose(store, by=CHEN)
    refused = decide(store, number, CHEN)
    assert isinstance(refused, Refusal)
    assert refused.code is Code.OWN_APPROVAL
    assert decide(store, number, LIU) == 2


@pytest.mark.parametrize(
    ("actor", "code"),
    [(Actor(5, "看", Role.VIEWER), Code.WRONG_ROLE), (COUNTY, Code.OTHER_AREA),
     (Actor(6, "局", Role.DEPARTMENT, "transport"), Code.WRONG_ROLE)],
)  # fmt: skip
def test_who_may_not_change_rules_is_told_so(store, actor, code):
    refused = propose(store, by=actor)
    assert refused.code is code
    number = propose(store)
    assert decide(store, number, actor).code is code
    assert decide(store, number, WANG).code is Code.WRONG_ROLE


def test_a_rule_that_cannot_be_right_is_refused_with_its_field(store):
    refused = propose(store, body(condition={"limit": 101, "clear": None}))
    assert refused.code is Code.BAD_VALUE
    assert refused.params["field"] == "condition.limit"
    assert "101 always holds" in refused.params["said"]
    assert propose(store, body(priority=9)).code is Code.BAD_VALUE
    assert rows_of(store, m.rule_version) == []


def test_a_change_without_reason_or_over_a_newer_version_is_refused(store):
    assert propose(store, reason=" ").code is Code.MISSING_FIELD
    assert propose(store, reason="x" * 501).code is Code.TOO_LONG
    decide(store, propose(store))
    assert propose(store, seen=1).code is Code.OUT_OF_DATE


def test_a_refused_change_needs_a_reason_and_changes_nothing(store):
    number = propose(store)
    assert decide(store, number, approved=False).code is Code.MISSING_FIELD
    assert decide(store, number, approved=False, reason="不必") == 2
    assert in_force(store).version == 1
    assert decide(store, number).code is Code.ALREADY_DONE


def test_an_older_version_cannot_be_approved_over_a_newer_one(store):
    first, second = propose(store), propose(store, body(condition={"limit": 50}))
    assert decide(store, second) == 3
    assert decide(store, first).code is Code.OUT_OF_DATE
    assert decide(store, first, approved=False, reason="过时") == 2


def test_a_retired_rule_is_gone_and_can_come_back(store):
    with store.write() as conn:
        number = retire_rule(conn, catalogue(), CODE, "不再需要", actor=WANG, now=NOW)
    decide(store, number)
    assert in_force(store) is None
    with store.read() as conn:
        assert rule_versions(conn, catalogue())[CODE][0].retired
    decide(store, propose(store))
    assert in_force(store).version == 3


def test_a_kept_rule_that_the_catalogue_no_longer_fits_leaves_the_one_before(store):
    told = body(condition={"limit": 60})
    with store.write() as conn:
        conn.execute(m.rule_version.insert().values(
            family="alarm", code=CODE, version=2, state="approved", reason="x", proposed_at=NOW,
            proposed_name="x", body=told | {"condition": told["condition"] | {"indicator": "XX"}},
        ))  # fmt: skip
    assert in_force(store).version == 1
    with store.read() as conn:
        assert "no such name: XX" in rules_in_force(conn, catalogue()).failing[CODE]
