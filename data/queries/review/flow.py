"""Cases of a week: what was open, came, came back and ended, counted from their times.

A case that was reopened is followed by its events; of all others the row says it all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, text

from data import models as m
from data.queries.keys import Keys
from data.queries.supervision import OWED
from data.review.totals import Due, Stay, place, stays_of
from data.vocabulary import COUNTY_LEVEL, TOWN_LEVEL, CaseState

c, e = m.cases.c, m.case_event.c
DAY = timedelta(days=1)
SET_ASIDE = c.state == CaseState.SUSPENDED.value
REOPENED = text(m.REOPENED)


def within(keys: Keys, area: str, level: int) -> tuple[ColumnElement[bool], ...]:
    """Return what chooses the cases of an area."""
    if level == COUNTY_LEVEL:
        return (c.county_id == keys.areas[area],)
    return (c.area_id == keys.areas[area],) if level == TOWN_LEVEL else ()


def cuts_of(start: datetime, end: datetime) -> list[datetime]:
    """Return the instants that cut a week up to `end`: a week before, each day, the end."""
    days = [start + n * DAY for n in range(7)]
    return [start - 7 * DAY, *(day for day in days if day < end), end]


def stays(
    conn: Connection, cuts: Sequence[datetime], where: Sequence[ColumnElement[bool]]
) -> list[Stay]:
    """Return the stays of all cases open at or after the first cut and begun before the last."""
    known = c.source_id.in_(list(conn.scalars(select(m.source.c.id))))  # opens their indexes
    chosen = (known, c.reported_at < cuts[-1], *where)
    again = _reopened(conn, cuts, chosen)
    ids = list(again)
    plain = (*chosen, c.id.not_in(ids)) if ids else chosen
    late = case((and_(c.due_at < cuts[-1], ~SET_ASIDE), 1), else_=0).label("late")
    found = []
    for ended in (c.closed_at.is_(None), c.closed_at >= cuts[0]):
        start, end = _placed(c.reported_at, cuts), _placed(c.closed_at, cuts)
        groups = (start.label("start"), end.label("end"), late)
        query = select(*groups, func.count()).where(ended, *plain).group_by("start", "end", "late")
        found += [
            Stay(s, None if t < 0 else t, int(n), late=bool(over))
            for s, t, over, n in conn.execute(query).all()
        ]
    return found + [stay for one in again.values() for stay in one]


def _placed(when: Any, cuts: Sequence[datetime]) -> ColumnElement[int]:
    """Return the place of a time; of none -1."""
    steps = [(when < cut, n) for n, cut in enumerate(cuts)]
    return case((when.is_(None), -1), *steps, else_=len(cuts))


def _reopened(
    conn: Connection, cuts: Sequence[datetime], chosen: Sequence[ColumnElement[bool]]
) -> dict[int, list[Stay]]:
    """Return the stays of the cases that were reopened since the first cut, by their row ids."""
    ids = set(conn.scalars(select(e.case_id).where(REOPENED, e.at >= cuts[0])))
    if not ids:
        return {}
    rows = conn.execute(
        select(c.id, c.reported_at, c.closed_at, c.due_at, c.state).where(c.id.in_(ids), *chosen)
    ).all()
    moves = _moves(conn, [row.id for row in rows])
    found = {}
    for row in rows:
        over = row.due_at is not None and row.due_at < cuts[-1]
        late = over and row.state != CaseState.SUSPENDED.value
        told = _as_the_row(moves[row.id], row.closed_at)
        found[row.id] = [replace(s, late=late) for s in stays_of(row.reported_at, told, cuts)]
    return found


def _moves(conn: Connection, ids: Sequence[int]) -> dict[int, list[tuple[datetime, bool]]]:
    found: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    moved = or_(e.to_stage == "closed", e.from_stage == "closed")
    query = select(e.case_id, e.at, e.to_stage).where(e.case_id.in_(ids), moved)
    for case_id, at, to_stage in conn.execute(query.order_by(e.case_id, e.seq)).all():
        if to_stage is not None:
            found[case_id].append((at, to_stage == "closed"))
    return found


def _as_the_row(
    moves: list[tuple[datetime, bool]], closed_at: datetime | None
) -> list[tuple[datetime, bool]]:
    """Return moves whose last agrees with the row: what is open there is open here."""
    ends = bool(moves) and moves[-1][1]
    if closed_at is not None and not ends:
        return [*moves, (closed_at, True)]
    if closed_at is None and ends:
        return [*moves, (moves[-1][0], False)]
    return moves


def fell_due(
    conn: Connection, start: datetime, end: datetime, where: Sequence[ColumnElement[bool]]
) -> Due:
    """Return the cases whose limit fell into a period; what was never owed is not counted."""
    known = c.source_id.in_(list(conn.scalars(select(m.source.c.id))))
    met = case((and_(c.closed_at.is_not(None), c.closed_at <= c.due_at), 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(met), 0)).where(
        known, OWED, c.due_at >= start, c.due_at < end,
        or_(c.closed_at.is_not(None), ~SET_ASIDE), *where,
    )  # fmt: skip
    due, on_time = conn.execute(query).one()
    return Due(int(due), int(on_time))


def open_at(
    conn: Connection, at: datetime, where: Sequence[ColumnElement[bool]]
) -> dict[int, tuple[int, int]]:
    """Return by department how many cases were open at an instant, and past their limit then.

    A case that was reopened since counts as open between its two ends.
    """
    known = c.source_id.in_(list(conn.scalars(select(m.source.c.id))))
    over = func.coalesce(func.sum(case((and_(c.due_at < at, ~SET_ASIDE), 1), else_=0)), 0)
    found: dict[int, tuple[int, int]] = {}
    for ended in (c.closed_at.is_(None), c.closed_at >= at):
        query = select(c.department_id, func.count(), over).where(
            ended, known, OWED, c.reported_at < at, *where
        )
        for key, n, late in conn.execute(query.group_by(c.department_id)).all():
            there = found.get(key, (0, 0))
            found[key] = (there[0] + int(n), there[1] + int(late))
    return found


__all__ = ["cuts_of", "fell_due", "open_at", "place", "stays", "within"]
