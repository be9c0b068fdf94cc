"""What a shift hands over, gathered from what is open now; and the handovers that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, func, or_, select

from data import models as m
from data.cases.shifts import Shift
from data.catalogue import Catalogue
from data.queries.debts import debts
from data.queries.keys import Keys
from data.queries.sources import source_rows
from data.queries.warnings import in_force
from data.vocabulary import LOCAL, CaseState, Holder, Level, Names, SourceState
from data.vocabulary.handover import (
    HandoverBody,
    HandoverCase,
    HandoverPromise,
    HandoverQuiet,
    HandoverRow,
    HandoverWarning,
)

c, h = m.cases.c, m.handover.c
MOST = 40
NOT_HEARD = frozenset({SourceState.SILENT.value, SourceState.NEVER.value, SourceState.FAILED.value})


def gather(
    conn: Connection, catalogue: Catalogue, keys: Keys, area: str, shift: Shift, now: datetime
) -> HandoverBody:
    """Return what is open in an area, for whoever comes after `shift`.

    Matters that are grave, late, due in the next shift, or that wait for a decision; what was
    promised for the next shift; sources that are not heard; warnings in force.
    """
    here = _within(catalogue, keys, area)
    until = shift.end + (shift.end - shift.start)
    cases, more = _cases(conn, catalogue, keys, here, until, now)
    return {
        "as_of": now.timestamp(),
        "cases": cases,
        "more_cases": more,
        "totals": _totals(conn, here, shift, now),
        "promises": _promises(conn, catalogue, keys, area, here, until, now),
        "quiet": _quiet(conn, catalogue, keys, now),
        "warnings": _warnings(conn, catalogue, area, now),
    }


def _within(catalogue: Catalogue, keys: Keys, area: str) -> list[ColumnElement[bool]]:
    if area == catalogue.city.code:
        return []
    return [c.county_id == keys.areas[area]]


def _cases(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    here: Sequence[ColumnElement[bool]],
    until: datetime,
    now: datetime,
) -> tuple[list[HandoverCase], int]:
    waiting = c.holder == Holder.APPROVER.value
    grave = c.level <= Level.ORANGE.value
    matters = or_(c.matter, c.led_since.is_not(None))
    wanted = or_(grave, c.due_at < until, waiting, c.supervised > 1)
    asked = (c.closed_at.is_(None), matters, wanted, *here)
    query = select(m.cases).where(*asked).order_by(c.level, c.due_at, c.id).limit(MOST)
    rows = conn.execute(query).all()
    whole = conn.execute(select(func.count()).select_from(m.cases).where(*asked)).scalar_one()
    areas, departments = keys.area_codes(), {i: k for k, i in keys.departments.items()}
    found: list[HandoverCase] = [
        {
            "case_no": r.case_no,
            "title": r.title,
            "level": r.level,
            "state": r.state,
            "holder": r.holder,
            "department": _department(catalogue, departments[r.department_id]),
            "county": catalogue.areas[areas[r.county_id]].short,
            "due_at": r.due_at.timestamp() if r.due_at else None,
            "why": _why(r, until, now),
        }
        for r in rows
    ]
    return found, int(whole) - len(found)


def _why(row: Any, until: datetime, now: datetime) -> list[str]:
    """Return why a matter is handed over: overdue, due_next, grave, approval, marked, set_aside."""
    set_aside = row.state == CaseState.SUSPENDED.value
    late = row.due_at is not None and row.due_at < now and not set_aside
    soon = row.due_at is not None and now <= row.due_at < until and not set_aside
    told = {
        "overdue": late,
        "due_next": soon,
        "grave": row.level <= Level.ORANGE.value,
        "approval": row.holder == Holder.APPROVER.value,
        "marked": row.supervised > 1,
        "set_aside": set_aside,
    }
    return [name for name, hit in told.items() if hit]


def _department(catalogue: Catalogue, key: str) -> Names:
    found = catalogue.departments.get(key)
    return (found.short or found.name) if found else {"zh": key, "en": key}


def _totals(
    conn: Connection, here: Sequence[ColumnElement[bool]], shift: Shift, now: datetime
) -> dict[str, int]:
    """Return what came in and what ended in the shift, and what is open: of matters."""
    matters = or_(c.matter, c.led_since.is_not(None))
    conditions = {
        "received": (c.reported_at >= shift.start, c.reported_at < min(shift.end, now)),
        "closed": (c.closed_at >= shift.start, c.closed_at < min(shift.end, now)),
        "open": (c.closed_at.is_(None),),
        "overdue": (
            c.closed_at.is_(None), c.due_at < now, c.state != CaseState.SUSPENDED.value,
        ),
    }  # fmt: skip
    return {
        name: int(
            conn.execute(
                select(func.count()).select_from(m.cases).where(*asked, matters, *here)
            ).scalar_one()
        )
        for name, asked in conditions.items()
    }


def _promises(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    area: str,
    here: Sequence[ColumnElement[bool]],
    until: datetime,
    now: datetime,
) -> list[HandoverPromise]:
    found = [
        *_approvals(conn, here),
        *_marks(conn, catalogue, keys, here, until),
        *_owners(conn, catalogue, keys, here),
    ]
    if area == catalogue.city.code:
        found += _debts(conn, catalogue, keys, until, now)
    return sorted(found, key=lambda p: (p["due_at"] is None, p["due_at"] or 0.0))[:MOST]


def _approvals(conn: Connection, here: Sequence[ColumnElement[bool]]) -> list[HandoverPromise]:
    a = m.case_approval.c
    query = (
        select(a.kind, a.asked_at, a.asked_name, a.reason, c.case_no, c.title)
        .join_from(m.case_approval, m.cases, c.id == a.case_id)
        .where(a.decided_at.is_(None), c.closed_at.is_(None), *here)
        .order_by(a.asked_at)
        .limit(MOST)
    )
    return [
        {
            "kind": f"approval_{r.kind}",
            "what": f"{r.title} · {r.reason}",
            "who": {"zh": r.asked_name, "en": r.asked_name},
            "due_at": None,
            "ref": r.case_no,
        }
        for r in conn.execute(query)
    ]


def _marks(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    here: Sequence[ColumnElement[bool]],
    until: datetime,
) -> list[HandoverPromise]:
    s = m.supervision_card.c
    departments = {i: k for k, i in keys.departments.items()}
    query = (
        select(s.department_id, s.next_step_at, c.case_no, c.title)
        .join_from(m.supervision_card, m.cases, c.id == s.case_id)
        .where(s.ended_at.is_(None), s.next_step_at < until, *here)
        .order_by(s.next_step_at)
        .limit(MOST)
    )
    return [
        {
            "kind": "mark",
            "what": r.title,
            "who": _department(catalogue, departments[r.department_id]),
            "due_at": r.next_step_at.timestamp(),
            "ref": r.case_no,
        }
        for r in conn.execute(query)
    ]


def _owners(
    conn: Connection, catalogue: Catalogue, keys: Keys, here: Sequence[ColumnElement[bool]]
) -> list[HandoverPromise]:
    o = m.ownership_item.c
    query = (
        select(c.department_id, c.case_no, c.title)
        .join_from(m.ownership_item, m.cases, c.id == o.case_id)
        .where(o.decided_at.is_(None), c.closed_at.is_(None), *here)
        .limit(MOST)
    )
    departments = {i: k for k, i in keys.departments.items()}
    return [
        {
            "kind": "owner",
            "what": r.title,
            "who": _department(catalogue, departments[r.department_id]),
            "due_at": None,
            "ref": r.case_no,
        }
        for r in conn.execute(query)
    ]


def _debts(
    conn: Connection, catalogue: Catalogue, keys: Keys, until: datetime, now: datetime
) -> list[HandoverPromise]:
    found: list[HandoverPromise] = []
    for debt in debts(conn, catalogue, keys, now=now):
        due = date.fromisoformat(debt["due"])
        if due <= until.astimezone(LOCAL).date() + timedelta(days=1):
            day = datetime.combine(due, time(23, 59), LOCAL)
            who: Names = {"zh": debt["owner"], "en": debt["owner"]}
            found.append(
                {
                    "kind": "debt",
                    "what": debt["title"],
                    "who": who,
                    "due_at": day.timestamp(),
                    "ref": str(debt["id"]),
                }
            )
    return found


def _quiet(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime
) -> list[HandoverQuiet]:
    rows = source_rows(conn, catalogue, keys, now=now, counted=False, waiting=False)
    return [
        {"name": r["name"], "state": r["state"], "last": r["last_ok_at"]}
        for r in rows
        if r["state"] in NOT_HEARD
    ]


def _warnings(
    conn: Connection, catalogue: Catalogue, area: str, now: datetime
) -> list[HandoverWarning]:
    whole = area == catalogue.city.code
    return [
        {
            "headline": w.headline or w.event,
            "level": w.level,
            "expires": w.expires.timestamp() if w.expires else None,
        }
        for w in in_force(conn, now=now)
        if whole or area in w.areas
    ]


# ---- kept ----


def handovers(
    conn: Connection, catalogue: Catalogue, keys: Keys, area: str, *, limit: int = 14
) -> list[HandoverRow]:
    """Return the handovers of an area that are kept, newest first."""
    query = (
        select(m.handover)
        .where(h.area_id == keys.areas[area])
        .order_by(h.ends_at.desc(), h.id.desc())
        .limit(limit)
    )
    return [_row(r, catalogue, area) for r in conn.execute(query)]


def _row(r: Any, catalogue: Catalogue, area: str) -> HandoverRow:
    names = {s.key: s.name for s in catalogue.loop.shifts}
    return {
        "id": r.id,
        "area": area,
        "position": r.position,
        "shift": names.get(r.position, {"zh": r.position, "en": r.position}),
        "starts_at": r.starts_at.timestamp(),
        "ends_at": r.ends_at.timestamp(),
        "made_at": r.made_at.timestamp(),
        "body": cast(HandoverBody, r.body),
        "out_by": r.out_by,
        "out_name": r.out_name,
        "out_at": r.out_at.timestamp() if r.out_at else None,
        "in_by": r.in_by,
        "in_name": r.in_name,
        "in_at": r.in_at.timestamp() if r.in_at else None,
        "in_note": r.in_note,
        "agreed": r.agreed,
    }
