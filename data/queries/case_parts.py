"""What a case keeps beside itself: clocks, approvals, tasks, steps, supervision cards."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Table, select

from data import models as m
from data.cases.due import Due
from data.cases.page import AskedRow, CardRow, CardTurn, ClockRow, StepRow, TaskRow
from data.catalogue import Catalogue
from data.connectors.privacy import mask
from data.queries.case_places import Places
from data.queries.case_plans import plan_of
from data.vocabulary import Names


def _of(conn: Connection, table: Table, case_id: int, *order: str) -> list[Any]:
    query = select(table).where(table.c.case_id == case_id)
    return list(conn.execute(query.order_by(*(table.c[name] for name in order))).all())


def clocks(conn: Connection, catalogue: Catalogue, case_id: int) -> tuple[ClockRow, ...]:
    """Return every clock the case ever had, in the order they were made."""
    return tuple(
        ClockRow(
            id=x.id,
            kind=x.kind,
            started_at=x.started_at,
            due_at=x.due_at,
            rule=x.rule,
            rule_version=x.rule_version,
            calendar_version=x.calendar_version,
            due=_due(catalogue, x),
            made_at=x.made_at,
            stopped_at=x.stopped_at,
            approval_id=x.approval_id,
            replaced_by=x.replaced_by,
        )
        for x in _of(conn, m.case_clock, case_id, "id")
    )


def _due(catalogue: Catalogue, x: Any) -> Due | None:
    """Return what explains a clock, read with the version of the rule that computed it."""
    rule = catalogue.clock_version(x.rule, x.rule_version)
    return Due.read(x.why, rule) if rule is not None and "bases" in x.why else None


def asked(conn: Connection, places: Places, case_id: int) -> tuple[AskedRow, ...]:
    """Return what was asked of approvers: what waits first, then the newest."""
    rows = _of(conn, m.case_approval, case_id, "id")
    rows.sort(key=lambda x: (x.decided_at is not None, -x.id))
    return tuple(
        AskedRow(
            id=x.id,
            kind=x.kind,
            asked_at=x.asked_at,
            asked_name=x.asked_name,
            reason=mask(x.reason),
            wanted=x.wanted or {},
            granted=x.granted,
            decided_at=x.decided_at,
            decided_name=x.decided_name,
            decision=mask(x.decision or ""),
            suggests=places.name_of_department((x.wanted or {}).get("suggests")),
        )
        for x in rows
    )


def tasks(conn: Connection, places: Places, case_id: int) -> tuple[TaskRow, ...]:
    """Return each agency's part, in the order they were asked."""
    return tuple(
        TaskRow(
            id=x.id,
            department=places.department(x.department_id) or str(x.department_id),
            department_name=places.department_name(x.department_id) or _number(x.department_id),
            activity=x.activity,
            asked_at=x.asked_at,
            due_at=x.due_at,
            arrived_at=x.arrived_at,
            started_at=x.started_at,
            ended_at=x.ended_at,
            result=mask(x.result),
            step=x.step,
            version=x.version,
        )
        for x in _of(conn, m.case_task, case_id, "asked_at", "id")
    )


def _number(id_: int) -> Names:
    return {"zh": str(id_), "en": str(id_)}


def steps(
    conn: Connection, catalogue: Catalogue, places: Places, case_id: int
) -> tuple[StepRow, ...]:
    """Return the steps of the plans that run on the case, with their names of that version."""
    found = []
    for x in _of(conn, m.case_step, case_id, "sop", "no"):
        step = plan_of(conn, catalogue, x.sop, x.sop_version).get(x.no)
        found.append(
            StepRow(
                sop=x.sop,
                version=x.sop_version,
                no=x.no,
                name=step.name if step else _number(x.no),
                condition=step.condition if step else None,
                department=places.department(x.department_id),
                department_name=places.department_name(x.department_id),
                due_at=x.due_at,
                done_at=x.done_at,
                done_name=x.done_name,
                skipped=x.skipped,
                note=mask(x.note),
            )
        )
    return tuple(found)


def cards(conn: Connection, places: Places, case_id: int) -> tuple[CardRow, ...]:
    """Return the supervision cards with what was done to each: standing first, then the newest."""
    rows = _of(conn, m.supervision_card, case_id, "id")
    turns = _turns(conn, [x.id for x in rows])
    rungs = {rung.code: rung.name for rung in places.catalogue.ladder}
    rows.sort(key=lambda x: (x.ended_at is not None, -x.id))
    return tuple(
        CardRow(
            id=x.id,
            rule=x.rule,
            rule_version=x.rule_version,
            colour=x.colour,
            state=x.state,
            raised_at=x.raised_at,
            evidence=x.evidence or {},
            department_name=places.department_name(x.department_id) or _number(x.department_id),
            next_step_at=x.next_step_at,
            answer=mask(x.answer or ""),
            ended_at=x.ended_at,
            turns=tuple(turns[x.id]),
            rule_name=rungs.get(x.rule),
        )
        for x in rows
    )


def _turns(conn: Connection, ids: list[int]) -> dict[int, list[CardTurn]]:
    found: dict[int, list[CardTurn]] = defaultdict(list)
    s = m.supervision_event.c
    query = select(m.supervision_event).where(s.card_id.in_(ids)).order_by(s.id)
    for x in conn.execute(query) if ids else ():
        found[x.card_id].append(CardTurn(x.at, x.action, x.actor, mask(x.note)))
    return found
