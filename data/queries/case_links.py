"""Ties of a case to others, and what another case is in a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, or_, select

from data import models as m
from data.cases.page import Brief, LinkRow
from data.connectors.privacy import mask
from data.queries.case_places import Places
from data.queries.scope import Scope
from data.vocabulary import LinkKind

c, k = m.cases.c, m.case_link.c

BRIEF = (
    c.id, c.case_no, c.title, c.level, c.state, c.department_id, c.area_id, c.county_id,
    c.due_at, c.lon, c.lat,
)  # fmt: skip
"""Columns that `brief` reads."""


def brief(places: Places, row: Any, scope: Scope, tasked: Iterable[str] = ()) -> Brief:
    """Return a case in a line; outside the reader's scope only its number and state.

    tasked: departments that have a task on it.
    """
    mine = [d for d in (places.department(row.department_id), *tasked) if d]
    if not scope.covers(places.area(row.area_id), mine):
        return Brief(row.case_no, None, 0, row.state)
    return Brief(
        no=row.case_no,
        title=mask(row.title),
        level=row.level,
        state=row.state,
        department_name=places.department_name(row.department_id),
        county_name=places.names_of(row.county_id)[0],
        due_at=row.due_at,
        at=(row.lon, row.lat) if row.lon is not None and row.lat is not None else None,
    )


def links(conn: Connection, places: Places, row: Any, scope: Scope) -> tuple[LinkRow, ...]:
    """Return the ties told on the case and those told of it elsewhere, oldest first.

    A parent without a row of its own (a merge long ago) is a tie as well.
    """
    chosen = or_(k.case_id == row.id, k.other_case_id == row.id)
    rows = conn.execute(select(m.case_link).where(chosen).order_by(k.at, k.id)).all()
    others = {x.other_case_id if x.case_id == row.id else x.case_id for x in rows}
    known = briefs(conn, places, {*others, row.parent_id} - {None}, scope)
    found = [_link(x, row.id, known) for x in rows]
    if row.parent_id in known and row.parent_id not in others:
        made = LinkRow(LinkKind.CHILD, row.updated_at, "", False, known[row.parent_id])
        found.insert(0, made)
    return tuple(found)


def _link(x: Any, case_id: int, known: dict[int, Brief]) -> LinkRow:
    out = x.case_id == case_id
    other = x.other_case_id if out else x.case_id
    return LinkRow(x.kind, x.at, x.by_name, out, known.get(other), x.ref, mask(x.note))


def briefs(conn: Connection, places: Places, ids: set[Any], scope: Scope) -> dict[int, Brief]:
    """Return cases in a line by row id."""
    if not ids:
        return {}
    rows = conn.execute(select(*BRIEF).where(c.id.in_(ids))).all()
    return {x.id: brief(places, x, scope) for x in rows}
