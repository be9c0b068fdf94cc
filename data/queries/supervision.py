"""How limits are kept, group by group. Rates are over cases that fell due, never over received.

What is rejected, merged or ended as an error was never owed and is not counted. A case that is
set aside with approval has its clock stopped: it is neither on time nor late until it goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from data import models as m
from data.indicators.interval import wilson
from data.indicators.survival import survival
from data.vocabulary import CaseState, Closing
from data.vocabulary.supervision import By, GroupLine, Period

c = m.cases.c
COLUMN = {"department": c.department_id, "county": c.county_id, "category": c.category_id}
NEVER_OWED = (CaseState.REJECTED.value, CaseState.MERGED.value)
WHOLE = -1

OWED = and_(c.state.not_in(NEVER_OWED), or_(c.closing.is_(None), c.closing != Closing.ERROR.value))
_SET_ASIDE = c.state == CaseState.SUSPENDED.value


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def group_lines(
    conn: Connection,
    by: By,
    period: Period,
    now: datetime,
    *,
    where: Sequence[ColumnElement[bool]] = (),
) -> dict[int, GroupLine]:
    """Return the figures of each group by its row id, and of all together under WHOLE.

    where: what the page is filtered by and what the reader may see, on `cases`.
    """
    known = c.source_id.in_(list(conn.scalars(select(m.source.c.id))))  # opens their indexes
    chosen = (OWED, known, *where)
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    _due(conn, by, period, now, chosen, found)
    _open(conn, by, now, chosen, found)
    _times(conn, by, period, now, chosen, found)
    _called(conn, by, period, chosen, found)
    _cards(conn, by, where, found)
    return {key: line_of(values) for key, values in found.items()}


def _due(conn: Connection, by: By, period: Period, now: datetime, chosen: Any, found: Any) -> None:
    kept = and_(c.closed_at.is_not(None), c.closed_at <= c.due_at)
    late = and_(c.closed_at.is_not(None), c.closed_at > c.due_at)
    counts = {
        "due": func.count(),
        "on_time": _sum(kept),
        "late": _sum(late),
        "rework": func.coalesce(func.sum(c.rework), 0),
        "returns": func.coalesce(func.sum(c.returns), 0),
        "suspensions": func.coalesce(func.sum(c.suspensions), 0),
        "extensions": func.coalesce(func.sum(c.extensions), 0),
    }
    fell = and_(c.due_at >= period.start, c.due_at < min(period.end, now))
    asked = and_(fell, or_(c.closed_at.is_not(None), ~_SET_ASIDE), *chosen)
    _add(conn, by, counts, asked, found)


def _open(conn: Connection, by: By, now: datetime, chosen: Any, found: Any) -> None:
    inside = or_(c.due_at.is_(None), c.due_at >= now, _SET_ASIDE)
    counts = {"open": func.count(), "inside": _sum(inside), "overdue": _sum(~inside)}
    _add(conn, by, counts, and_(c.closed_at.is_(None), *chosen), found)


def _add(conn: Connection, by: By, counts: dict[str, Any], asked: Any, found: Any) -> None:
    query = select(COLUMN[by], *counts.values()).where(asked).group_by(COLUMN[by])
    for key, *values in conn.execute(query).all():
        told = {name: int(v) for name, v in zip(counts, values, strict=True)}
        found[key].update(told)
        whole = found[WHOLE]
        for name, value in told.items():
            whole[name] = whole.get(name, 0) + value


def _times(
    conn: Connection, by: By, period: Period, now: datetime, chosen: Any, found: Any
) -> None:
    """Gather how long what was reported in the period took, what is open as long as it was seen."""
    asked = and_(c.reported_at >= period.start, c.reported_at < min(period.end, now), *chosen)
    lasted: dict[int, list[float]] = defaultdict(list)
    ended: dict[int, list[bool]] = defaultdict(list)
    for key, start, end in conn.execute(
        select(COLUMN[by], c.reported_at, c.closed_at).where(asked)
    ):
        for group in (key, WHOLE):
            lasted[group].append(((end or now) - start).total_seconds())
            ended[group].append(end is not None)
    for key, durations in lasted.items():
        told = survival(durations, ended[key])
        found[key].update(
            reported=told.n, ended=told.ended, median=told.median, p90=told.p90,
            longest=told.longest,
        )  # fmt: skip


def _called(conn: Connection, by: By, period: Period, chosen: Any, found: Any) -> None:
    asked = and_(c.closed_at >= period.start, c.closed_at < period.end,
                 c.call_back.is_not(None), *chosen)  # fmt: skip
    query = select(COLUMN[by], c.call_back, func.count()).where(asked)
    for key, kind, n in conn.execute(query.group_by(COLUMN[by], c.call_back)).all():
        for group in (key, WHOLE):
            told = found[group].setdefault("called", {})
            told[kind] = told.get(kind, 0) + n


def _cards(conn: Connection, by: By, where: Any, found: Any) -> None:
    """Count standing cards: against the department of the card, else by the case."""
    s = m.supervision_card.c
    column = s.department_id if by == "department" else COLUMN[by]
    query = (
        select(column, s.colour, func.count())
        .join_from(m.supervision_card, m.cases, c.id == s.case_id)
        .where(s.ended_at.is_(None), *where)
        .group_by(column, s.colour)
    )
    for key, colour, n in conn.execute(query).all():
        for group in (key, WHOLE):
            told = found[group].setdefault("cards", {})
            told[colour] = told.get(colour, 0) + n


_ZERO = ("due", "on_time", "late", "overdue", "open", "inside", "reported", "ended", "rework",
         "returns", "suspensions", "extensions")  # fmt: skip


def line_of(values: dict[str, Any]) -> GroupLine:
    """Return the line of a group without its name; what was not counted is none of it."""
    told: dict[str, Any] = dict.fromkeys(_ZERO, 0)
    told |= {"median": None, "p90": None, "longest": 0.0, "called": {}, "cards": {}}
    told |= values
    sure = wilson(told["on_time"], told["due"])
    low, high = sure or (None, None)
    line: GroupLine = {"key": "", "name": {"zh": "", "en": ""}, "low": low, "high": high, **told}  # type: ignore[typeddict-item]
    return line
