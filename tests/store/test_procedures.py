"""What holds after a second person's word, who answers for what, and who dispatched wrongly."""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from click.testing import CliRunner

from data import models as m
from data.catalogue import catalogue
from data.cli import main
from data.commands.cases import Actor, Code, decide_ownership, decide_sop, in_force, propose_sop
from data.queries.case_plans import plan, plan_of
from data.queries.dispatches import dispatch_board
from data.queries.duties import propose
from data.queries.duty_board import duty_lines
from data.queries.keys import read_keys
from data.queries.procedures import sop_for, sop_versions
from data.queries.scope import EVERYTHING, scope_of
from data.vocabulary import CaseAct, Role
from data.vocabulary.supervision import Period
from tests.conftest import NOW
from tests.store.acting import LEADER, OPERATOR, TO_HANDLING, WATER, Loop
from tests.store.people import make, quick  # noqa: F401
from tests.store.support import YUANCHENG, count, rows_of

STEWARD = Actor(11, "目录管理员", Role.STEWARD)
COUNTY = Actor(12, "县区领导", Role.LEADER, None, "441621")
CODE = "flood_risk"


@pytest.fixture
def loop(store):
    return Loop(store)


def body(change=None, *, keep=2):
    kept = catalogue().sop(CODE).model_dump(mode="json", exclude={"code", "version"})
    return kept | {"steps": kept["steps"][:keep]} | (change or {})


def proposes(conn, told=None, actor=OPERATOR, **more):
    return propose_sop(
        conn, catalogue(), CODE, told or body(), "精简", actor=actor, now=NOW, **more
    )


def decides(conn, number, actor=STEWARD, *, approved=True, reason=""):
    return decide_sop(
        conn, catalogue(), number, approved=approved, reason=reason, actor=actor, now=NOW
    )


def approved(store, told=None, actor=OPERATOR):
    with store.write() as conn:
        return decides(conn, proposes(conn, told, actor))


def test_a_case_that_is_opened_starts_from_the_approved_version(loop):
    assert approved(loop.store) == 2
    loop.does(CaseAct.VERIFY)
    loop.does(CaseAct.OPEN)
    steps = loop.beside(m.case_step)
    assert [(s.no, s.sop_version) for s in steps] == [(1, 2), (2, 2)]
    assert loop.events()[-1].rule == f"sop {CODE}@2"
    with loop.store.read() as conn:
        assert set(plan_of(conn, catalogue(), CODE, 2)) == {1, 2}


def test_a_case_that_runs_keeps_the_version_it_began_with(loop):
    loop.does(CaseAct.VERIFY)
    loop.does(CaseAct.OPEN)
    before = len(loop.beside(m.case_step))
    approved(loop.store)
    assert {s.sop_version for s in loop.beside(m.case_step)} == {1}
    with loop.store.read() as conn:
        assert len(plan_of(conn, catalogue(), CODE, 1)) == before


def test_the_rule_of_the_approved_version_starts_it_not_that_of_the_catalogue(loop):
    by_hand = body({"started_by": "hand", "rule": None})
    approved(loop.store, by_hand)
    with loop.store.read() as conn:
        assert sop_for(conn, catalogue(), CODE, 1) is None
        assert (
            propose(conn, catalogue(), read_keys(conn), CODE, YUANCHENG, on=NOW, severity=1).sop
            == catalogue().duty_of(CODE, 2, NOW).sop
        )
    loop.does(CaseAct.VERIFY)
    loop.does(CaseAct.OPEN)
    assert loop.beside(m.case_step) == []


def test_what_is_only_proposed_or_refused_holds_nowhere(store):
    with store.write() as conn:
        number = proposes(conn)
        assert plan(conn, catalogue(), CODE, 2) is None
        assert decides(conn, number, approved=False).code is Code.MISSING_FIELD
        assert decides(conn, number, approved=False, reason="步骤不足") == 2
        assert in_force(conn, catalogue(), CODE).version == 1
        told = sop_versions(conn, catalogue())[CODE]
    assert [(x.sop.version, x.state, x.in_force) for x in told] == [
        (2, "refused", False),
        (1, "shipped", True),
    ]
    assert (told[0].reason, told[0].proposed_name, told[0].decided_name) == (
        "精简\n步骤不足", OPERATOR.name, STEWARD.name,
    )  # fmt: skip


def test_nobody_approves_their_own_nor_out_of_a_county_nor_twice(store):
    with store.write() as conn:
        number = proposes(conn, actor=LEADER)
        assert decides(conn, number, LEADER).code is Code.OWN_APPROVAL
        assert decides(conn, number, COUNTY).code is Code.OTHER_AREA
        assert decides(conn, number, OPERATOR).code is Code.WRONG_ROLE
        assert decides(conn, number, WATER).code is Code.WRONG_ROLE
        assert decides(conn, 99).code is Code.UNKNOWN_CHOICE
        assert in_force(conn, catalogue(), CODE).version == 1
        assert decides(conn, number) == 2
        assert decides(conn, number).code is Code.ALREADY_DONE


def test_an_older_proposal_does_not_come_back_over_a_newer_version(store):
    with store.write() as conn:
        first, second = proposes(conn), proposes(conn, body(keep=3))
        assert decides(conn, second) == 3
        assert decides(conn, first).code is Code.OUT_OF_DATE
        assert decides(conn, first, approved=False, reason="已有新版本") == 2
        assert proposes(conn, seen=1).code is Code.OUT_OF_DATE
        assert isinstance(proposes(conn, seen=3), int)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rule": {"categories": ["none_such"], "level": 2}}, Code.UNKNOWN_CHOICE),
        ({"steps": [{**body()["steps"][0], "department": "none_such"}]}, Code.UNKNOWN_CHOICE),
        ({"steps": [{**body()["steps"][0], "within": 0}]}, Code.BAD_VALUE),
        ({"steps": [{**body()["steps"][0], "no": n} for n in range(1, 62)]}, Code.TOO_LONG),
    ],
)
def test_a_version_that_names_what_is_not_there_is_not_kept(store, change, code):
    with store.write() as conn:
        assert proposes(conn, body(change)).code is code
    assert count(store, m.sop_version) == 0


# ---- duties ----


def lines(store, scope=EVERYTHING):
    with store.read() as conn:
        return duty_lines(conn, catalogue(), read_keys(conn), scope, NOW + timedelta(days=1))


def test_every_category_has_every_level_once(store):
    found = [(x.duty.category, level) for x in lines(store) for level in x.levels]
    assert sorted(found) == sorted((c, n) for c in catalogue().categories for n in (1, 2, 3))


def decided_line(loop):
    """Let a case wander until somebody decides whose it is."""
    keys_of = rows_of(loop.store, m.category, m.category.c.code == CODE)[0].id
    with loop.store.write() as conn:
        area = read_keys(conn).areas[YUANCHENG]
        made = m.ownership_item.insert().values(
            case_id=loop.row.id, category_id=keys_of, area_id=area, why="transfers",
            raised_at=NOW, up_to="441600",
        )  # fmt: skip
        number = conn.execute(made.returning(m.ownership_item.c.id)).scalar_one()
        decide_ownership(
            conn, catalogue(), read_keys(conn), number, "housing", "三次转派", actor=LEADER,
            now=NOW,
        )  # fmt: skip


def test_a_decision_stands_over_the_duty_and_names_its_case_within_scope_only(loop):
    decided_line(loop)
    (found,) = [x for x in lines(loop.store) if x.decided]
    (one,) = found.decided
    assert (one.lead, one.area, one.name, one.reason) == ("housing", None, LEADER.name, "三次转派")
    assert (one.case_no, one.hidden, one.in_force) == (loop.no, False, True)
    other = scope_of(catalogue(), role=Role.OPERATOR, department=None, area="441621")
    (found,) = [x for x in lines(loop.store, other) if x.decided]
    assert (found.decided[0].case_no, found.decided[0].hidden) == (None, True)


# ---- wrong dispatches ----


def board(store, **more):
    period = Period(NOW - timedelta(days=7), NOW + timedelta(days=7))
    with store.read() as conn:
        return dispatch_board(conn, catalogue(), read_keys(conn), period, **more)


def test_a_return_that_is_granted_counts_against_whoever_dispatched(loop):
    loop.goes(TO_HANDLING[:3])
    loop.does(CaseAct.ASK_RETURN, WATER, reason="不属本部门")
    assert board(loop.store).whole == (0, 1), "asked is not yet wrong"
    loop.does(CaseAct.GRANT, LEADER, note="同意退回")
    loop.does(CaseAct.DISPATCH, OPERATOR, department="housing")
    (line,) = board(loop.store).lines
    assert (line.name, line.wrong, line.dispatched) == (OPERATOR.name, 1, 2)
    assert line.by == {CODE: [1, 2]}


def test_a_return_that_is_denied_is_nobody_s_wrong_dispatch(loop):
    loop.goes(TO_HANDLING[:3])
    loop.does(CaseAct.ASK_RETURN, WATER, reason="不属本部门")
    loop.does(CaseAct.DENY, LEADER, note="属本部门")
    assert board(loop.store).whole == (0, 1)


def test_only_what_is_looked_at_is_counted_and_another_period_is_not(loop):
    loop.goes(TO_HANDLING[:3])
    assert board(loop.store, where=[m.cases.c.county_id == -1]).lines == ()
    period = Period(NOW + timedelta(days=2), NOW + timedelta(days=3))
    with loop.store.read() as conn:
        found = dispatch_board(conn, catalogue(), read_keys(conn), period)
    assert found.lines == ()


# ---- from a shell ----


def run(*words):
    answer = CliRunner().invoke(main, ["sop", *words])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer
    return answer


@pytest.fixture
def shell(store, quick, fresh_settings):  # noqa: F811
    fresh_settings.setenv("DATABASE_URL", store.engine.url.render_as_string(hide_password=False))
    make(store, "one", Role.OPERATOR, display="王敏")
    make(store, "two", Role.LEADER, display="陈立国")
    return store


def test_a_house_proposes_its_yaml_and_a_second_person_approves(shell, tmp_path):
    shown = run("show", CODE)
    entry = yaml.safe_load(shown.output)[0]
    entry["steps"] = entry["steps"][:2]
    file = tmp_path / "flood.yaml"
    file.write_text(yaml.safe_dump([entry], allow_unicode=True), encoding="utf-8")
    assert run("propose", str(file), "--by", "one").exit_code == 2, "no reason"
    assert "flood_risk@2" in run("propose", str(file), "--by", "one", "--reason", "精简").output
    assert "waits for a decision: flood_risk@2" in run("list").output
    assert run("approve", "flood_risk@2", "--by", "one").exit_code == 2
    assert run("approve", "flood_risk@2", "--by", "two").exit_code == 0
    assert "version 2, 2 steps" in run("list").output
    assert "# approved, in force" in run("show", CODE).output
    assert "# - 7" in run("show", "flood_risk@2").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "flod_risk"), "nearest: flood_risk"),
        (("show", "flood_risk@9"), "known: 1"),
        (("approve", "flood_risk@1", "--by", "two"), "nothing to decide"),
        (("approve", "flood_risk", "--by", "two"), "say which version"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(shell, words, said):
    found = run(*words)
    assert found.exit_code == 2
    assert said in found.output


@pytest.mark.parametrize("written", ["- [", "hello", "[]", "- {name: x}", "- {code: Bad Code}"])
def test_a_file_that_is_no_procedure_changes_nothing(shell, tmp_path, written):
    file = tmp_path / "bad.yaml"
    file.write_text(written, encoding="utf-8")
    assert run("propose", str(file), "--by", "one", "--reason", "x").exit_code == 2
    assert count(shell, m.sop_version) == 0
