"""A rule of the stage holds as the files have it until two people changed it."""

from __future__ import annotations

import pytest

from data import models as m
from data.cases.loop import Actor
from data.catalogue import catalogue
from data.commands.stage import decide_stage_rule, propose_stage_rule
from data.queries.keys import read_keys
from data.queries.stage_asked import asked
from data.queries.stage_rules import rules_in_force, stage_rules
from data.stage import Code, Refusal
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.staging import COUNTY_LEADER, LEADER, OFFICER, VIEWER, alarm
from tests.store.support import rows_of

STEWARD = Actor(7, "数据管理员", Role.STEWARD)
NAME = {"zh": "出现一级告警", "en": "An alarm of priority 1"}
TWO = {"name": NAME, "stage": 3, "priority": 1, "count": 2}


def proposes(
    store, body=TWO, reason="单条一级告警过于敏感", actor=OFFICER, code="any_red", seen=None
):
    with store.write() as conn:
        return propose_stage_rule(
            conn, catalogue(), code, body, reason, actor=actor, now=NOW, seen=seen, origin="here"
        )


def rules(store, number, approved=True, reason="", actor=LEADER):
    with store.write() as conn:
        return decide_stage_rule(
            conn, catalogue(), number, approved=approved, reason=reason, actor=actor, now=NOW
        )


def held(store, code="any_red"):
    with store.read() as conn:
        return rules_in_force(conn, catalogue()).get(code)


def code_of(found):
    assert isinstance(found, Refusal), found
    return found.code


def test_a_change_holds_once_a_second_person_approved_it(store):
    alarm(store)
    number = proposes(store)
    assert held(store).version == 1
    assert code_of(rules(store, number, actor=OFFICER)) == Code.WRONG_ROLE
    assert rules(store, number) == 2
    assert (held(store).count, held(store).version) == (2, 2)
    with store.read() as conn:
        found = asked(conn, catalogue(), read_keys(conn), NOW)
    assert found.judged.minimum == 1
    assert [n.act for n in rows_of(store, m.audit)] == ["stage_rule.propose", "stage_rule.approved"]
    assert code_of(rules(store, number)) == Code.ALREADY_DONE


def test_nobody_approves_their_own_proposal(store):
    number = proposes(store, actor=LEADER)
    assert code_of(rules(store, number, actor=LEADER)) == Code.OWN_APPROVAL
    assert rules(store, number, actor=STEWARD) == 2


def test_a_rule_that_is_retired_fires_no_more(store):
    number = proposes(store, {"retired": True})
    assert rules(store, number) == 2
    assert held(store) is None
    with store.read() as conn:
        row = next(r for r in stage_rules(conn, catalogue()) if r["code"] == "any_red")
    assert (row["in_force"], row["versions"][0]["state"]) == (False, "approved")
    assert code_of(proposes(store, {"retired": True}, code="nobody")) == Code.UNKNOWN_CHOICE


def test_a_refused_proposal_changes_nothing_and_says_why(store):
    number = proposes(store)
    assert code_of(rules(store, number, approved=False)) == Code.MISSING_FIELD
    assert rules(store, number, approved=False, reason="维持现行口径") == 2
    assert held(store).version == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (TWO | {"stage": 9}, "stage"),
        (TWO | {"counties": 30}, "at most 8"),
        (TWO | {"rules": ["nobody"]}, "no such alarm rule: nobody"),
        (TWO | {"cuont": 3}, "cuont"),
    ],
)
def test_a_rule_that_can_never_fire_is_refused_with_the_reason(store, body, said):
    found = proposes(store, body)
    assert code_of(found) == Code.BAD_VALUE
    assert said in found.params["said"]


def test_only_the_city_changes_its_rules_and_never_unseen(store):
    assert code_of(proposes(store, actor=VIEWER)) == Code.WRONG_ROLE
    assert code_of(proposes(store, actor=COUNTY_LEADER)) == Code.OTHER_AREA
    assert code_of(proposes(store, reason=" ")) == Code.MISSING_FIELD
    assert code_of(proposes(store, seen=4)) == Code.OUT_OF_DATE
    older, newer = proposes(store, seen=1), proposes(store, TWO | {"count": 3}, seen=1)
    assert rules(store, newer) == 3
    assert code_of(rules(store, older)) == Code.OUT_OF_DATE
