"""What some acts write beside their event: tasks, steps, links, parents, the call back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from data import models as m
from data.cases.change import Request
from data.commands.cases.facts import MARKS, case_row
from data.commands.cases.writing import Writing
from data.queries.procedures import in_force
from data.vocabulary import CaseAct, LinkKind

ASSIST = "协办"
"""The activity of a department that is named beside the leading one."""

t, s = m.case_task.c, m.case_step.c


def beside(w: Writing, request: Request) -> None:
    """Write what an act adds beside its event; its facts were looked up before."""
    do = _BESIDE.get(request.act)
    if do is not None:
        do(w, dict(request.fields))


Fields = dict[str, Any]


def _dispatch(w: Writing, told: Fields) -> None:
    """Give each co-department a task of its own, with its own times, unless it has one."""
    wanted = [code for code in told.get("co_departments") or () if code != told["department"]]
    query = select(t.department_id).where(t.case_id == w.stood.id)
    known = set(w.conn.scalars(query)) if wanted else set()
    for code in dict.fromkeys(wanted):
        if w.keys.departments[code] not in known:
            _task(w, code, ASSIST, None, None)


def _assign(w: Writing, told: Fields) -> None:
    activity = told["activity"].strip()
    w.made = _task(w, told["department"], activity, told.get("due_at"), told.get("step"))


def _task(w: Writing, department: str, activity: str, due_at: Any, step: Any) -> int:
    values = {
        "case_id": w.stood.id,
        "department_id": w.keys.departments[department],
        "activity": activity[:80],
        "asked_at": w.at,
        "due_at": due_at,
        "step": step,
    }
    made = m.case_task.insert().values(values).returning(t.id)
    return int(w.conn.execute(made).scalar_one())


def _move_task(w: Writing, told: Fields) -> None:
    values: Fields = {MARKS[told["move"]]: told.get("moved_at") or w.at, "version": t.version + 1}
    if told.get("result"):
        values["result"] = told["result"][:500]
    w.conn.execute(m.case_task.update().where(t.id == told["task"]).values(values))
    w.made = told["task"]


def _start_sop(w: Writing, told: Fields) -> None:
    """Lay out the steps with the time each has; they are done in the case, one by one."""
    sop = in_force(w.conn, w.catalogue, told["sop"], told.get("version"))
    if sop is None:
        raise LookupError(told["sop"])
    rows = [
        {
            "case_id": w.stood.id,
            "sop": sop.code,
            "sop_version": sop.version,
            "no": step.no,
            "department_id": w.keys.departments[step.department],
            "due_at": w.at + timedelta(minutes=step.within),
        }
        for step in sop.steps
    ]
    w.conn.execute(m.case_step.insert(), rows)
    w.columns["sop"] = sop.code
    w.detail["version"] = sop.version


def _step_sop(w: Writing, told: Fields) -> None:
    own = (s.case_id == w.stood.id, s.sop == told["sop"], s.no == told["step"])
    values = {
        "done_at": w.at,
        "done_by": w.event.actor_id,
        "done_name": w.event.actor[:60],
        "skipped": told["move"] == "skipped",
        "note": (told.get("note") or "")[:500],
    }
    w.conn.execute(m.case_step.update().where(*own).values(values))


def _merge(w: Writing, told: Fields) -> None:
    parent = case_row(w.conn, told["parent"])
    if parent is None:
        raise LookupError(told["parent"])
    w.columns["parent_id"] = parent.id
    w.made = _link_row(w, LinkKind.MERGED, parent.id, None, w.event.note)


def _link(w: Writing, told: Fields) -> None:
    kind = LinkKind(told["kind"])
    if kind in (LinkKind.WARNING, LinkKind.INDICATOR):
        w.made = _link_row(w, kind, None, told["ref"], told.get("note") or "")
        return
    other = case_row(w.conn, told["other"])
    if other is None:
        raise LookupError(told["other"])
    w.made = _link_row(w, kind, other.id, None, told.get("note") or "")


def _link_row(w: Writing, kind: LinkKind, other: int | None, ref: str | None, note: str) -> int:
    values = {
        "case_id": w.stood.id,
        "kind": kind.value,
        "other_case_id": other,
        "ref": ref,
        "at": w.at,
        "actor_id": w.event.actor_id,
        "by_name": w.event.actor[:60],
        "note": note[:200],
    }
    made = m.case_link.insert().values(values).returning(m.case_link.c.id)
    return int(w.conn.execute(made).scalar_one())


def _call_back(w: Writing, told: Fields) -> None:
    w.columns["called_at"] = told.get("called_at") or w.at


_BESIDE: dict[CaseAct, Callable[[Writing, Fields], None]] = {
    CaseAct.DISPATCH: _dispatch,
    CaseAct.ASSIGN_TASK: _assign,
    CaseAct.MOVE_TASK: _move_task,
    CaseAct.START_SOP: _start_sop,
    CaseAct.STEP_SOP: _step_sop,
    CaseAct.MERGE: _merge,
    CaseAct.LINK: _link,
    CaseAct.CALL_BACK: _call_back,
}
