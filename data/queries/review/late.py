"""Cases that were past their limit at an instant, and those that would be soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.queries.review.flow import SET_ASIDE
from data.queries.review.names import department_name
from data.queries.supervision import OWED
from data.vocabulary.review import LateCase

c, e = m.cases.c, m.case_event.c
SOON = timedelta(days=3)
MOST_LATE, MOST_SOON = 30, 10
ROUTINE = 9
"""Where a case without a level stands: after the four."""


def late_cases(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    at: datetime,
    where: Sequence[ColumnElement[bool]],
) -> tuple[list[LateCase], int]:
    """Return cases past their limit at an instant and soon past it, and how many are left out.

    The gravest level first, then the longest late; of those that are late within three days only
    the ones with a level.
    """
    known = c.source_id.in_(list(conn.scalars(select(m.source.c.id))))
    still = or_(c.closed_at.is_(None), c.closed_at >= at)
    chosen = (known, still, OWED, ~SET_ASIDE, c.reported_at < at, *where)
    grave = case((c.level == 0, ROUTINE), else_=c.level)
    over = select(m.cases).where(c.due_at < at, *chosen)
    soon = select(m.cases).where(c.due_at >= at, c.due_at < at + SOON, c.level > 0, *chosen)
    found = conn.execute(over.order_by(grave, c.due_at, c.id).limit(MOST_LATE)).all()
    more = _count(conn, over) - len(found) if len(found) == MOST_LATE else 0
    rows = [*found, *conn.execute(soon.order_by(grave, c.due_at, c.id).limit(MOST_SOON)).all()]
    was = _limits_before(conn, [row.id for row in rows if row.extensions])
    areas = keys.area_codes()
    departments = {i: k for k, i in keys.departments.items()}
    return [_late(catalogue, r, areas, departments, was.get(r.id), at) for r in rows], more


def _count(conn: Connection, query: Select[Any]) -> int:
    return int(conn.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _limits_before(conn: Connection, ids: Sequence[int]) -> dict[int, float]:
    """Return the first limit of cases that were given more time, as their events remember it."""
    if not ids:
        return {}
    told = e.action.in_(("ask_extension", "grant", "corrected"))
    query = select(e.case_id, e.detail, e.before).where(e.case_id.in_(ids), told)
    found: dict[int, float] = {}
    for case_id, detail, before in conn.execute(query.order_by(e.case_id, e.seq)).all():
        limit = _instant((detail or {}).get("old_due_at")) or _instant((before or {}).get("due_at"))
        if limit is not None:
            found.setdefault(case_id, limit)
    return found


def _instant(text: object) -> float | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if at is None else at.replace(tzinfo=at.tzinfo or UTC).timestamp()


def _late(
    catalogue: Catalogue,
    row: Any,
    areas: Mapping[int, str],
    departments: Mapping[int, str],
    was_due: float | None,
    at: datetime,
) -> LateCase:
    area, department = areas[row.area_id], departments[row.department_id]
    place = catalogue.areas.get(areas[row.county_id])
    return LateCase(
        no=row.case_no,
        level=row.level,
        title=row.title,
        department=department_name(catalogue, department),
        area=place.short if place else {"zh": area, "en": area},
        was_due=was_due,
        due=row.due_at.timestamp(),
        late=row.due_at < at,
        stage=row.stage,
        area_code=area,
        department_code=department,
    )
