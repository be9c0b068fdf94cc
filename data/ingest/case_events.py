"""Move known cases on by what is pushed about them: one event a happening, whatever the order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.cases import mirror
from data.connectors.connector import Problem
from data.connectors.records import CaseEvent
from data.ingest.cases import CaseBatch, Intake, hours_of
from data.ingest.observations import FUTURE
from data.vocabulary import ENDED, STAGE_OF, CaseAct, CaseState

CHUNK = 500


@dataclass(frozen=True)
class Standing:
    """A known case as it stands while its events are worked in."""

    id: int
    area: str
    state: str
    holder: str
    held_since: datetime | None
    led: bool
    source_said: str | None
    rework: int
    returns: int
    transfers: int
    suspensions: int
    department_id: int
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    version: int


def store_events(
    conn: Connection,
    events: tuple[CaseEvent, ...],
    intake: Intake,
    *,
    areas: frozenset[str] | None = None,
) -> CaseBatch:
    """Append each event to its case and move the case on; refuse what cannot be placed.

    An event older than what is known of the case is kept in its history and
    moves nothing. The same event twice is one.

    areas: cases elsewhere are out of the sender's scope; None is everywhere.
    """
    batch, rows = CaseBatch(), []
    known = _known(conn, [e.request_id for e in events], intake)
    before = {c.id: c for c in known.values()}
    told = _told(conn, [c.id for c in known.values()])
    for event in sorted(events, key=lambda e: (e.at, e.row)):
        case = known.get(event.request_id)
        problem = _problem(event, case, intake, areas)
        if problem is not None:
            batch.problems.append(problem)
        elif case is None:
            continue  # never: that is a problem
        elif (mark := _mark(case.id, event.event, event.at)) in told:
            batch.count("same", event.row)
        else:
            told.add(mark)
            known[event.request_id], row = _take(case, event, intake, batch)
            rows.append(row)
    if rows:
        conn.execute(m.case_event.insert(), rows)
        _save(conn, [c for c in known.values() if c != before[c.id]], before, intake)
    return batch


def _known(conn: Connection, ids: list[str], intake: Intake) -> dict[str, Standing]:
    c, codes, found = m.cases.c, intake.keys.area_codes(), {}
    own = c.source_id == intake.keys.sources[intake.source.key]
    unique = sorted(set(ids))
    for start in range(0, len(unique), CHUNK):
        query = select(m.cases).where(own, c.ext_id.in_(unique[start : start + CHUNK]))
        for r in conn.execute(query):
            found[r.ext_id] = Standing(
                r.id, codes[r.area_id], r.state, r.holder, r.held_since, r.led_since is not None,
                r.source_said, r.rework, r.returns, r.transfers, r.suspensions, r.department_id,
                r.reported_at, r.due_at, r.closed_at, r.updated_at, r.version,
            )  # fmt: skip
    return found


def _told(conn: Connection, ids: list[int]) -> set[tuple[int, str, int]]:
    """Return what was told of these cases already, to the second."""
    e, found = m.case_event.c, set()
    for start in range(0, len(ids), CHUNK):
        query = select(e.case_id, e.action, e.at).where(e.case_id.in_(ids[start : start + CHUNK]))
        found |= {_mark(case, action, at) for case, action, at in conn.execute(query)}
    return found


def _mark(case: int, event: str, at: datetime) -> tuple[int, str, int]:
    return case, event, int(at.timestamp())


def _refused(event: CaseEvent, reason: str, field: str, detail: str = "") -> Problem:
    values = {"at": event.at.isoformat(), "event": event.event, "department": event.department}
    return Problem(reason, event.row, field, values.get(field, event.request_id), detail)


def _problem(
    event: CaseEvent, case: Standing | None, intake: Intake, areas: frozenset[str] | None
) -> Problem | None:
    """Return why an event cannot be taken, None if it can."""
    if case is None:
        detail = "no case with this number was reported by this source"
        return _refused(event, "unknown_case", "service_request_id", detail)
    if areas is not None and case.area not in areas:
        return _refused(event, "out_of_scope", "service_request_id", f"area {case.area}")
    if event.at > intake.now + FUTURE:
        return _refused(event, "future_time", "at")
    if int(event.at.timestamp()) < int(case.reported_at.timestamp()):
        return _refused(event, "before_report", "at", "before the case was reported")
    if event.department is not None and event.department not in intake.keys.departments:
        return _refused(event, "unknown_department", "department")
    over = case.closed_at is not None and event.at >= case.closed_at
    if over and not case.led and event.event not in ("reopened", "closed"):
        return _refused(event, "case_closed", "event", "say first that it was reopened")
    return None


def _take(
    case: Standing, event: CaseEvent, intake: Intake, batch: CaseBatch
) -> tuple[Standing, dict[str, Any]]:
    """Return how the case stands after an event, and the event as it is appended."""
    late = int(event.at.timestamp()) < int(case.updated_at.timestamp())
    if case.led:
        batch.count("changed", event.row)
        return _heard(case, event, intake)
    after = case if late else _after(case, event, intake)
    after = replace(after, version=case.version + 1)
    before = {} if late else _replaced(case, after)
    row = _row(after, event, intake) | {
        "action": event.event,
        "from_stage": None if late else STAGE_OF[CaseState(case.state)].value,
        "to_stage": None if late else STAGE_OF[CaseState(after.state)].value,
        "from_state": None if late else case.state,
        "to_state": None if late else after.state,
        "note": event.note or None,
        "before": before or None,
    }
    batch.count("outdated" if late else "changed", event.row)
    batch.hours |= hours_of(_times(case)) | hours_of(_times(after))
    return after, row


def _replaced(case: Standing, after: Standing) -> dict[str, str]:
    """Return what the columns that change were, as they are written down."""
    old, new = (
        {"stage": STAGE_OF[CaseState(c.state)].value, "state": c.state, "closed_at": c.closed_at}
        for c in (case, after)
    )
    return {name: str(value) for name, value in old.items() if value != new[name]}


def _heard(case: Standing, event: CaseEvent, intake: Intake) -> tuple[Standing, dict[str, Any]]:
    """Note what a platform says of a case that is led here: it moves nothing."""
    after = replace(case, source_said=event.state.value, version=case.version + 1)
    said = f"{event.event}: {event.note}" if event.note else event.event
    return after, _row(after, event, intake) | {
        "action": CaseAct.SOURCE_SAID.value,
        "from_stage": None,
        "to_stage": None,
        "from_state": None,
        "to_state": None,
        "note": said,
        "before": {"source_said": case.source_said},
    }


def _row(after: Standing, event: CaseEvent, intake: Intake) -> dict[str, Any]:
    return {
        "case_id": after.id,
        "seq": after.version,
        "at": event.at,
        "recorded_at": intake.now,
        "actor": intake.source.key,
        "department_id": after.department_id,
        "holder": after.holder,
        "run_id": intake.run_id,
    }


def _after(case: Standing, event: CaseEvent, intake: Intake) -> Standing:
    given, state = event.department, event.state
    raised = mirror.counted(CaseState(case.state), state)
    counters: dict[str, Any] = {name: getattr(case, name) + 1 for name in raised}
    return replace(
        case,
        state=state.value,
        holder=mirror.holder_of(state).value,
        held_since=event.at,
        department_id=intake.keys.departments[given] if given else case.department_id,
        closed_at=(case.closed_at or event.at) if state in ENDED else None,
        updated_at=event.at,
        **counters,
    )


def _save(
    conn: Connection, changed: list[Standing], before: dict[int, Standing], intake: Intake
) -> None:
    """Write how the cases stand; events that all came late only count a version up."""
    c = m.cases.c
    mine = m.cases.update().where(c.id == bindparam("b_id"))
    counted = [
        {
            "b_id": a.id,
            "version": a.version,
            "source_said": a.source_said,
            "run_id": intake.run_id,  # by which the desks learn which cases are not as they were
        }
        for a in changed
    ]
    names = ("version", "source_said", "run_id")
    conn.execute(mine.values({name: bindparam(name) for name in names}), counted)
    moved = [
        _columns(after, intake)
        for after in changed
        if replace(after, version=0, source_said=None)
        != replace(before[after.id], version=0, source_said=None)
    ]
    if moved:
        conn.execute(mine, moved)


def _columns(after: Standing, intake: Intake) -> dict[str, Any]:
    same = ("state", "holder", "held_since", "rework", "returns", "transfers", "suspensions",
            "department_id", "closed_at", "updated_at")  # fmt: skip
    return {
        "b_id": after.id,
        "stage": STAGE_OF[CaseState(after.state)].value,
        **{name: getattr(after, name) for name in same},
        "recorded_at": intake.now,
        "run_id": intake.run_id,
    }


def _times(case: Standing) -> dict[str, Any]:
    return {"reported_at": case.reported_at, "due_at": case.due_at, "closed_at": case.closed_at}
