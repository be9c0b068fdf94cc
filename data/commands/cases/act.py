"""One act on a case: one transaction of whoever calls, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.cases.change import Code, Refusal, Request
from data.cases.fields import Problem, cleaned
from data.cases.loop import Actor, CaseNow, take
from data.cases.rules import RULES
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.alarms import tick
from data.commands.cases.beside import beside
from data.commands.cases.clocks import computed
from data.commands.cases.facts import wrong
from data.commands.cases.outcomes import Conflict, Done, Since
from data.commands.cases.write import write
from data.commands.cases.writing import Writing
from data.queries.case_now import Codes, Stood, stand
from data.queries.duties import Proposal, propose
from data.queries.keys import Keys
from data.queries.procedures import sop_for
from data.vocabulary import CaseAct, Role

SETS_DUE = frozenset({CaseAct.OPEN, CaseAct.DISPATCH})
"""From here on a case has a due time: where nobody gave one, the duties do."""
TRIED = frozenset({Code.WRONG_ROLE, Code.OTHER_AREA, Code.OTHER_DEPARTMENT})
"""Refusals that the audit keeps: somebody tried what is not theirs."""
BY_RULE = Actor(None, "rules", Role.SYSTEM_ACTOR)
"""Who starts a procedure that a rule starts."""


@dataclass(frozen=True)
class House:
    """What every act is done with. publish: whether the screens are told."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    publish: bool = True
    origin: str = ""


def act(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    case_no: str,
    request: Request,
    *,
    publish: bool = True,
    origin: str = "",
) -> Done | Refusal | Conflict:
    """Do one act, with everything that belongs to it, or nothing.

    conn: from `store.write()`: one writer at a time, so what is read here still holds when it
    is written. An exception must reach that block, or half an act would be kept.
    request.version: the version its author saw; None for who sees none (rules, platforms).
    publish: whether screens are told; a history that is made need not. origin: the address
    that asks, for the audit.

    Returns:
        Done; Refusal with a code, what is wrong and what is allowed; Conflict when somebody
        was faster. Nothing was changed unless it is Done.
    """
    house = House(conn, catalogue, keys, publish, origin)
    stood = stand(conn, keys, case_no)
    if stood is None:
        return Refusal(Code.UNKNOWN_CHOICE, _no_case(request, case_no))
    if request.version is not None and request.version != stood.case.version:
        return _overtaken(house, stood, request)
    done = _apply(house, stood, request)
    if isinstance(done, Refusal):
        _note_tried(house, done, case_no, request)
        return done
    _note(house, case_no, request, before=stood.case, after=done.change.case)
    last = _by_rule(house, done)
    if publish:
        tell(house, stood, request)
    case = last.change.case
    return Done(case_no, case.version, done.change.case.version, case.state, case.holder, done.made)


def tell(house: House, stood: Stood, request: Request) -> None:
    """Publish what the screens show of a case that moved."""
    row = stood.row
    tick.publish_moved(
        house.conn, house.catalogue, house.keys, [row.case_no], {row.county_id}, request.at,
        matter=bool(row.matter), look=False,
    )  # fmt: skip


def _apply(house: House, stood: Stood, request: Request) -> Writing | Refusal:
    conn, catalogue, keys = house.conn, house.catalogue, house.keys
    duty = propose(
        conn, catalogue, keys, stood.category, stood.area, on=request.at, severity=stood.row.level
    )
    request = _with_due(catalogue, duty, stood.case, request)
    change = take(stood.case, request)
    if isinstance(change, Refusal):
        return change
    told = cleaned(RULES[request.act].fields, request.fields, request.at)
    request = replace(request, fields={} if isinstance(told, Problem) else told)
    refused = wrong(conn, catalogue, keys, stood, request)
    if refused is not None:
        return refused
    writing = Writing(conn, catalogue, keys, stood, change, duty)
    beside(writing, request)
    write(writing)
    return writing


def _with_due(catalogue: Catalogue, duty: Proposal, case: CaseNow, request: Request) -> Request:
    """Give a case that is opened the due time of its duties, counted from its report."""
    if request.act not in SETS_DUE or case.due_at or request.fields.get("due_at"):
        return request
    due = computed(catalogue, duty.duty, "total", case.reported_at)
    if due is None:
        return request
    return replace(request, fields={**request.fields, "due_at": due.due_at})


def _by_rule(house: House, done: Writing) -> Writing:
    """Start the procedure that a rule starts once a case is opened, or taken over opened."""
    stood, act_ = done.stood, done.event.action
    taken = act_ is CaseAct.DISPATCH and bool(done.detail.get("took_lead"))
    if not (act_ is CaseAct.OPEN or taken) or stood.row.sop is not None:
        return done
    sop = sop_for(house.conn, house.catalogue, stood.category, done.change.case.level)
    now = stand(house.conn, house.keys, stood.case.no) if sop else None
    if sop is None or now is None:
        return done
    fields = {"sop": sop.code, "rule": f"sop {sop.code}@{sop.version}"}
    started = _apply(house, now, Request(CaseAct.START_SOP, BY_RULE, done.at, None, fields))
    return done if isinstance(started, Refusal) else started


def _overtaken(house: House, stood: Stood, request: Request) -> Refusal | Conflict:
    """Tell what happened since, but nothing to whom the case is none of their business."""
    asked = take(stood.case, replace(request, version=None))
    if isinstance(asked, Refusal) and asked.code in TRIED:
        _note_tried(house, asked, stood.case.no, request)
        return asked
    case, codes = stood.case, Codes.of(house.keys)
    rows = house.conn.execute(_SINCE, {"id": stood.id, "seen": request.version}).all()
    since = tuple(
        Since(r.seq, r.at, r.actor, r.action, r.to_state, codes.departments.get(r.department_id),
              r.note)
        for r in rows
    )  # fmt: skip
    return Conflict(case.no, case.version, case.state, case.holder, since)


e = m.case_event.c
_SINCE = (
    select(m.case_event)
    .where(e.case_id == bindparam("id"), e.seq > bindparam("seen"))
    .order_by(e.seq)
)


def _no_case(request: Request, case_no: str) -> dict[str, Any]:
    return {"act": request.act, "field": "case", "value": case_no[:40], "choices": ()}


def _note(house: House, case_no: str, request: Request, *, before: CaseNow, after: CaseNow) -> None:
    audit.note(
        house.conn, _by(request, house.origin), f"case.{request.act.value}", case_no,
        at=request.at, before=_facts(before), after=_facts(after),
    )  # fmt: skip


def _note_tried(house: House, refused: Refusal, case_no: str, request: Request) -> None:
    if refused.code in TRIED:
        audit.note(
            house.conn, _by(request, house.origin), f"case.{request.act.value}", case_no,
            at=request.at, outcome=refused.code.value,
        )  # fmt: skip


def _by(request: Request, origin: str) -> audit.By:
    actor = request.actor
    return audit.By(actor.id, actor.name, actor.role.value, origin)


def _facts(case: CaseNow) -> dict[str, Any]:
    """Return what the audit keeps of a case: not its words, which the events keep."""
    return {
        "version": case.version,
        "state": case.state.value,
        "holder": case.holder.value,
        "department": case.department,
        "level": int(case.level),
        "due_at": case.due_at.isoformat() if case.due_at else None,
    }
