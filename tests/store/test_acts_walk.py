"""Any acts in any order: the row stays what the events add up to, and the promises hold."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from data import models as m
from data.cases.loop import allowed, project
from data.commands.cases import Conflict, Done
from data.queries.case_now import Codes, case_events
from data.queries.keys import read_keys
from data.vocabulary import CaseAct, CaseState
from tests.store.acting import HEALTH, LEADER, OPERATOR, OTHER, WATER, Loop
from tests.store.support import sqlite_only

pytestmark = sqlite_only

COLUMNS = (
    "version", "state", "holder", "due_at", "rework", "returns", "transfers", "extensions",
    "suspensions", "suspended_s", "supervised", "acknowledged_at", "call_back", "closing",
)  # fmt: skip
ENDS = {CaseAct.REJECT, CaseAct.FORCE_CLOSE}
ACTORS = (OPERATOR, OTHER, LEADER, WATER, HEALTH)


def wanted(loop, chance):
    """Return an act with fields that could be right."""
    stood, hours = loop.stood(), timedelta(hours=chance.randint(1, 90))
    tasks = [t.id for t in loop.beside(m.case_task)] or [0]
    cards = [c.id for c in loop.beside(m.supervision_card)] or [0]
    later = (stood.case.due_at or loop.now) + hours
    told = {
        CaseAct.REJECT: {"reason": "不属实"},
        CaseAct.DISPATCH: {"department": chance.choice(["water", "health"]), "reason": "转办"},
        CaseAct.REPORT_BACK: {"note": "已处置"},
        CaseAct.CHECK_BAD: {"note": "未整改"},
        CaseAct.FORCE_CLOSE: {"reason": "领导决定"},
        CaseAct.REOPEN: {"reason": "反复"},
        CaseAct.ASK_RETURN: {"reason": "非职责"},
        CaseAct.ASK_EXTENSION: {"reason": "材料", "until": later},
        CaseAct.ASK_SUSPENSION: {"reason": "停工", "review_at": loop.now + hours},
        CaseAct.DENY: {"note": "不同意"},
        CaseAct.SUPERVISE: {"colour": chance.choice([1, 2, 3]), "note": "督办"},
        CaseAct.APPEAL: {"card": chance.choice(cards), "reason": "不可抗力"},
        CaseAct.DECIDE_APPEAL: {"card": chance.choice(cards), "upheld": False, "reason": "属实"},
        CaseAct.NOTE: {"note": "补充"},
        CaseAct.CALL_BACK: {"result": "satisfied"},
        CaseAct.ASSIGN_TASK: {"department": "health", "activity": f"任务{chance.randint(1, 3)}"},
        CaseAct.MOVE_TASK: {
            "task": chance.choice(tasks), "department": "health", "result": "好",
            "move": chance.choice(["arrived", "started", "ended"]),
        },
    }  # fmt: skip
    plain = {CaseAct.VERIFY, CaseAct.OPEN, CaseAct.ACCEPT, CaseAct.START, CaseAct.CHECK_GOOD}
    plain |= {CaseAct.CLOSE, CaseAct.GRANT, CaseAct.RESUME, CaseAct.ACKNOWLEDGE}
    actor, known = chance.choice(ACTORS), sorted({*told, *plain})
    may = [act for act in allowed(stood.case, actor) if act in known]
    may = [act for act in may if act not in ENDS or chance.random() < 0.1] or may
    what = chance.choice(may if may and chance.random() < 0.9 else known)
    return what, actor, told.get(what, {})


def check(loop, before, what):
    """Every promise about one case, after one more act."""
    row, stood = loop.row, loop.stood()
    with loop.store.read() as conn:
        told = project(case_events(conn, stood.id, Codes.of(read_keys(conn))))
    for name in COLUMNS:
        assert getattr(row, name) == getattr(told, name), (what, name)
    assert (row.closed_at is not None) == told.ended, what
    clocks = [c for c in loop.beside(m.case_clock) if c.replaced_by is None]
    running = [c for c in clocks if c.stopped_at is None]
    assert len({c.kind for c in running}) == len(running), what
    totals = [c for c in running if c.kind == "total"]
    assert bool(totals) == (not told.ended), what
    if totals:
        assert totals[0].due_at == row.due_at, what
    if before.due_at is not None and row.due_at != before.due_at:
        assert what in (CaseAct.GRANT, CaseAct.RESUME)
        assert totals[0].approval_id in {a.id for a in loop.beside(m.case_approval) if a.granted}
    if row.state == CaseState.CLOSED and row.closing in ("normal", "timeout"):
        assert stood.case.checked_at is not None
    pending = [a for a in loop.beside(m.case_approval) if a.decided_at is None]
    assert len(pending) == len(told.pending) <= 1, what


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_row_events_clocks_and_approvals_agree(store, seed):
    chance, loop, done = random.Random(seed), Loop(store), 0
    for _ in range(70):
        before = loop.row
        what, actor, fields = wanted(loop, chance)
        found = loop.tries(what, actor, **fields)
        assert not isinstance(found, Conflict)
        if isinstance(found, Done):
            done += 1
            check(loop, before, what)
        else:
            assert loop.row == before, what
    assert done > 10
