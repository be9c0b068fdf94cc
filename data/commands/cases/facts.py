"""What only the store or the catalogue can tell is wrong with an act. Asked after the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from data import models as m
from data.cases.bars import covers
from data.cases.change import Code, Refusal, Request
from data.cases.loop import allowed
from data.catalogue import Catalogue
from data.queries.case_now import Stood
from data.queries.keys import Keys
from data.queries.procedures import in_force
from data.vocabulary import ENDED, CaseAct, CaseState, LinkKind, Role

MARKS = {"arrived": "arrived_at", "started": "started_at", "ended": "ended_at"}
"""How a task moves, in this order."""


@dataclass(frozen=True)
class Asked:
    """One act with all that its facts are looked up in."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    stood: Stood
    request: Request

    def get(self, name: str) -> Any:
        """Return one field of the request."""
        return self.request.fields.get(name)

    def refuse(self, code: Code, field: str, **params: Any) -> Refusal:
        """Return the refusal in the form of the rules."""
        case, told = self.stood.case, {"act": self.request.act, "state": self.stood.case.state}
        return Refusal(code, {**told, "field": field, **params}, allowed(case, self.request.actor))

    def no_such(self, field: str) -> Refusal:
        """Return that a field names nothing that is there."""
        return self.refuse(Code.UNKNOWN_CHOICE, field, value=str(self.get(field))[:60], choices=())


def wrong(
    conn: Connection, catalogue: Catalogue, keys: Keys, stood: Stood, request: Request
) -> Refusal | None:
    """Return why an act that the rules allow cannot be, None if it can."""
    asked = Asked(conn, catalogue, keys, stood, request)
    look = _LOOKS.get(request.act)
    return look(asked) if look else None


def _departments(asked: Asked) -> Refusal | None:
    for name in ("department", "suggests"):
        if asked.get(name) and asked.get(name) not in asked.keys.departments:
            return asked.no_such(name)
    strange = [d for d in asked.get("co_departments") or () if d not in asked.keys.departments]
    return asked.no_such("co_departments") if strange else None


_OTHER: Select[Any] = select(
    m.cases.c.id, m.cases.c.state, m.cases.c.parent_id, m.cases.c.area_id
).where(m.cases.c.case_no == bindparam("no"))


def case_row(conn: Connection, case_no: str) -> Row[Any] | None:
    """Return id, state, parent and area of a case, None if there is none."""
    return conn.execute(_OTHER, {"no": case_no}).first()


def _other(asked: Asked, field: str, *, anywhere: bool = False) -> Row[Any] | None:
    """Return the case that a field names; None if it is not there, or not for who asks to see."""
    found = case_row(asked.conn, asked.get(field))
    if found is None or anywhere:
        return found
    area = next(code for code, i in asked.keys.areas.items() if i == found.area_id)
    above = asked.catalogue.areas[area].parent or area
    return found if covers(asked.request.actor.area, (area, above)) else None


def _merge(asked: Asked) -> Refusal | None:
    parent = _other(asked, "parent")
    if parent is None:
        return asked.no_such("parent")
    ended, turned = CaseState(parent.state) in ENDED, parent.parent_id == asked.stood.id
    if ended or turned:
        return asked.refuse(Code.UNKNOWN_CHOICE, "parent", choices=())
    return None


_WARNING = select(m.external_alert.c.id).where(m.external_alert.c.identifier == bindparam("ref"))
_LINKED = select(m.case_link.c.id).where(
    m.case_link.c.case_id == bindparam("case"),
    m.case_link.c.kind == bindparam("kind"),
    m.case_link.c.other_case_id.is_not_distinct_from(bindparam("other")),
    m.case_link.c.ref.is_not_distinct_from(bindparam("ref")),
)


def _link(asked: Asked) -> Refusal | None:
    kind, other = LinkKind(asked.get("kind")), None
    if kind is LinkKind.MERGED:
        return asked.no_such("kind")  # a merge ends the case: it is an act of its own
    if kind is LinkKind.WARNING:
        if asked.conn.execute(_WARNING, {"ref": asked.get("ref")}).first() is None:
            return asked.no_such("ref")
    elif kind is LinkKind.INDICATOR:
        if asked.get("ref") not in asked.catalogue.indicators:
            return asked.no_such("ref")
    else:
        found = _other(asked, "other", anywhere=kind is LinkKind.CROSS_COUNTY)
        if found is None:
            return asked.no_such("other")
        other = found.id
    ref = asked.get("ref") if other is None else None
    same = {"case": asked.stood.id, "kind": kind.value, "other": other, "ref": ref}
    twice = asked.conn.execute(_LINKED, same).first() is not None
    return asked.refuse(Code.ALREADY_DONE, "other" if other else "ref") if twice else None


_TASK = select(m.case_task).where(
    m.case_task.c.id == bindparam("task"), m.case_task.c.case_id == bindparam("case")
)
_TASK_LIKE = select(m.case_task.c.id).where(
    m.case_task.c.case_id == bindparam("case"),
    m.case_task.c.department_id == bindparam("department"),
    m.case_task.c.activity == bindparam("activity"),
)


def _assign(asked: Asked) -> Refusal | None:
    refused = _departments(asked)
    if refused is not None:
        return refused
    like = {
        "case": asked.stood.id,
        "department": asked.keys.departments[asked.get("department")],
        "activity": asked.get("activity").strip(),
    }
    twice = asked.conn.execute(_TASK_LIKE, like).first() is not None
    return asked.refuse(Code.ALREADY_DONE, "activity") if twice else None


def _move_task(asked: Asked) -> Refusal | None:
    task = asked.conn.execute(_TASK, {"task": asked.get("task"), "case": asked.stood.id}).first()
    if task is None:
        return asked.no_such("task")
    if task.department_id != asked.keys.departments.get(asked.get("department")):
        return asked.no_such("department")
    if getattr(task, MARKS[asked.get("move")]) is not None or task.ended_at is not None:
        return asked.refuse(Code.ALREADY_DONE, "move", at=task.ended_at)
    at = asked.get("moved_at") or asked.request.at
    marks = [getattr(task, name) for name in MARKS.values()]
    last = max([mark for mark in marks if mark is not None], default=None)
    if last is not None and at < last:
        return asked.refuse(Code.NOT_LATER, "moved_at", than=last)
    return None


_STEPS = select(m.case_step).where(
    m.case_step.c.case_id == bindparam("case"), m.case_step.c.sop == bindparam("sop")
)


def _start_sop(asked: Asked) -> Refusal | None:
    if in_force(asked.conn, asked.catalogue, asked.get("sop"), asked.get("version")) is None:
        return asked.no_such("sop")
    running = {"case": asked.stood.id, "sop": asked.get("sop")}
    twice = asked.conn.execute(_STEPS, running).first() is not None
    return asked.refuse(Code.ALREADY_DONE, "sop") if twice else None


def _step_sop(asked: Asked) -> Refusal | None:
    running = {"case": asked.stood.id, "sop": asked.get("sop")}
    steps = {r.no: r for r in asked.conn.execute(_STEPS, running)}
    step = steps.get(asked.get("step"))
    if step is None:
        return asked.no_such("step" if steps else "sop")
    if step.done_at is not None:
        return asked.refuse(Code.ALREADY_DONE, "step", at=step.done_at)
    actor = asked.request.actor
    theirs = asked.keys.departments.get(actor.department or "") in (None, step.department_id)
    if actor.role is Role.DEPARTMENT and not theirs:
        return asked.refuse(Code.OTHER_DEPARTMENT, "step", department=actor.department)
    return None


_LOOKS: dict[CaseAct, Callable[[Asked], Refusal | None]] = {
    CaseAct.DISPATCH: _departments,
    CaseAct.ASK_RETURN: _departments,
    CaseAct.MERGE: _merge,
    CaseAct.LINK: _link,
    CaseAct.ASSIGN_TASK: _assign,
    CaseAct.MOVE_TASK: _move_task,
    CaseAct.START_SOP: _start_sop,
    CaseAct.STEP_SOP: _step_sop,
}
