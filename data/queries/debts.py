"""The data-debt board: open promises, those that ended, and the story of each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.sharing.words import DebtRow, DebtState
from data.vocabulary import LOCAL, Names

RECENT = timedelta(days=84)
"""How long an ended promise stays on the board: as long as the page's history."""

d, e = m.data_debt.c, m.data_debt_event.c


def debts(
    conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime, ended: bool = False
) -> list[DebtRow]:
    """Return the open debts, the soonest due first; ended: those of the last 12 weeks instead."""
    chosen = (d.state == "open", d.id > 0)
    if ended:
        chosen = (d.state != "open", d.closed_at > now - RECENT)
    order = d.closed_at.desc() if ended else d.due
    rows = conn.execute(_with_name(select(m.data_debt)).where(*chosen).order_by(order, d.id))
    return [_row(r, catalogue, keys, now.astimezone(LOCAL).date()) for r in rows]


def debt(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int, *, now: datetime
) -> DebtRow | None:
    """Return one debt, None if there is none of that number."""
    row = conn.execute(_with_name(select(m.data_debt)).where(d.id == number)).first()
    return _row(row, catalogue, keys, now.astimezone(LOCAL).date()) if row else None


def _with_name(query: Select[Any]) -> Select[Any]:
    """Add who is said to have made the newest entry."""
    said = (
        select(e.said_by).where(e.debt_id == d.id).order_by(e.id.desc()).limit(1).scalar_subquery()
    )
    return query.add_columns(said.label("said_by"))


def _row(r: Any, catalogue: Catalogue, keys: Keys, today: date) -> DebtRow:
    codes = {i: key for key, i in keys.sources.items()}
    source = catalogue.sources.get(codes.get(r.source_id, ""))
    department = catalogue.departments.get(r.department)
    area = catalogue.areas.get(r.area or "")
    unknown: Names = {"zh": r.department, "en": r.department}
    return {
        "id": r.id,
        "source": codes.get(r.source_id),
        "source_name": source.name if source else None,
        "department": r.department,
        "department_name": department.name if department else unknown,
        "area": r.area,
        "area_name": area.name if area else None,
        "kind": r.kind,
        "title": r.title,
        "why": r.why,
        "owner": r.owner,
        "due": r.due.isoformat(),
        "state": r.state,
        "overdue": r.state == DebtState.OPEN and r.due < today,
        "created_at": r.created_at.timestamp(),
        "closed_at": r.closed_at.timestamp() if r.closed_at else None,
        "note": r.note,
        "said_by": r.said_by or "",
    }
