"""What a view of the desk asks of the store, in SQL: the scope of who reads comes first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, false, or_, select

from data import models as m
from data.cases.twice import Told, told_twice
from data.queries.duplicates import SETTLED
from data.queries.holds import holds
from data.queries.keys import Keys
from data.queries.scope import Scope
from data.vocabulary import LOCAL, CaseState, Holder, Role
from data.vocabulary.desk import DeskView, Left, Only, Sort

c = m.cases.c
OPEN = c.closed_at.is_(None)
Where = ColumnElement[bool]


@dataclass(frozen=True)
class Reader:
    """Who looks at the desk. account: row id; department: catalogue code."""

    account: int | None
    role: Role
    scope: Scope
    department: str | None = None


def narrowed(
    conn: Connection,
    keys: Keys,
    reader: Reader,
    view: DeskView,
    *,
    now: datetime,
    chips: bool = True,
) -> list[Where]:
    """Return every condition of a view. chips: also state, level and time left."""
    found = [OPEN, *within(keys, reader.scope), *_places(keys, view), *_text(view.q)]
    found += [_only(conn, keys, reader, word) for word in sorted(view.only)]
    if chips:
        found += _chips(view, now)
    return found


def within(keys: Keys, scope: Scope) -> list[Where]:
    """Return what holds a query to a scope: areas, and cases a department leads or works on."""
    found: list[Where] = []
    if scope.areas is not None:
        found.append(c.area_id.in_(_ids(keys.areas, scope.areas)))
    if scope.departments is not None:
        ids = _ids(keys.departments, scope.departments)
        t = m.case_task.c
        task = select(1).where(t.case_id == c.id, t.department_id.in_(ids)).exists()
        found.append(or_(c.department_id.in_(ids), task))
    return found


def _ids(known: dict[str, int], codes: Collection[str]) -> list[int]:
    return sorted(known[code] for code in codes if code in known)


def _places(keys: Keys, view: DeskView) -> list[Where]:
    """Return domain, area with all below it, and department; an unknown one holds nothing."""
    found: list[Where] = []
    if view.domain:
        found.append(c.domain_id == keys.domains.get(view.domain, -1))
    if view.area:
        id_ = keys.areas.get(view.area, -1)
        below = [i for i, above in keys.parents.items() if id_ in above]
        found.append(c.area_id.in_([id_, *sorted(below)]))
    if view.dept:
        found.append(c.department_id == keys.departments.get(view.dept, -1))
    return found


def _text(q: str) -> list[Where]:
    """Return that every word is somewhere in what a case says."""
    return [_says(word) for word in q.split()[:8]]


def _says(word: str) -> Where:
    """Return that a case says a word, in any of what is written of it."""
    return or_(*[holds(column, word) for column in (c.title, c.address, c.case_no, c.body)])


def _chips(view: DeskView, now: datetime) -> list[Where]:
    found: list[Where] = []
    if view.state:
        found.append(c.state.in_(sorted(view.state)))
    if view.level:
        found.append(c.level.in_([int(x) for x in sorted(view.level)]))
    if view.left:
        edges = _edges(now)
        found.append(or_(*[edges[Left(x)] for x in sorted(view.left)]))
    return found


def _edges(now: datetime) -> dict[Left, Where]:
    """Return what each word for time left means; every case is in exactly one.

    A suspended case is never over and never pressing: its limit moves on with the suspension.
    """
    hour, runs = now + timedelta(hours=1), c.state != CaseState.SUSPENDED.value
    day = now.astimezone(LOCAL).date() + timedelta(days=1)
    midnight = max(hour, datetime.combine(day, time(), LOCAL))
    return {
        Left.NONE: c.due_at.is_(None),
        Left.OVERDUE: and_(c.due_at < now, runs),
        Left.HOUR: and_(c.due_at >= now, c.due_at < hour, runs),
        Left.TODAY: and_(c.due_at >= hour, c.due_at < midnight, runs),
        Left.LATER: or_(c.due_at >= midnight, and_(c.due_at < midnight, ~runs)),
    }


def time_left(now: datetime) -> ColumnElement[str]:
    """Return the word for how much time a case has left."""
    return case(*[(where, word.value) for word, where in _edges(now).items()])


def _only(conn: Connection, keys: Keys, reader: Reader, word: str) -> Where:
    if word == Only.UNSEEN:
        return c.acknowledged_at.is_(None)
    if word == Only.ASKED:
        a = m.case_approval.c
        return c.id.in_(select(a.case_id).where(a.decided_at.is_(None)))
    if word == Only.MINE:
        return _acted_on(reader.account)
    if word == Only.TWICE:
        return c.id.in_(sorted(_twice(conn)))
    return _turn(keys, reader)


def _acted_on(account: int | None) -> Where:
    """Return that somebody acted on a case.

    One probe of the events of each open case: written as EXISTS, PostgreSQL reads the events of
    all closed ones instead.
    """
    e = m.case_event.c
    own = select(e.seq).where(e.case_id == c.id, e.actor_id == account).limit(1)
    return own.scalar_subquery().is_not(None)


COURTS = {
    Role.OPERATOR: (Holder.CENTRE,),
    Role.LEADER: (Holder.CENTRE, Holder.APPROVER),
    Role.DEPARTMENT: (Holder.DEPARTMENT,),
}


def _turn(keys: Keys, reader: Reader) -> Where:
    """Return that a case waits for the one who reads, by role; nothing waits for the others."""
    courts = COURTS.get(reader.role)
    if courts is None:
        return false()
    waits = c.holder.in_([h.value for h in courts])
    if reader.role is Role.DEPARTMENT:
        return and_(waits, c.department_id == keys.departments.get(reader.department or "", -1))
    return waits


def _twice(conn: Connection) -> set[int]:
    """Return open cases that look reported twice, except pairs that somebody looked at."""
    town = case((c.area_id != c.county_id, c.area_id))  # of a whole county that says nothing
    found = conn.execute(
        select(c.id, c.category_id, town, c.reported_at, c.lon, c.lat).where(OPEN)
    ).all()
    link = m.case_link.c
    apart = select(link.case_id, link.other_case_id).where(link.kind.in_(SETTLED))
    settled = {frozenset(pair) for pair in conn.execute(apart).all()}
    return told_twice([Told(*row) for row in found], settled)


def order(view: DeskView) -> tuple[ColumnElement[Any], ...]:
    """Return the order of a view; a case without a limit comes after those that have one."""
    late = (c.due_at.is_(None), c.due_at, c.id)
    orders: dict[str, tuple[ColumnElement[Any], ...]] = {
        Sort.LEFT: late,
        Sort.NEWEST: (c.reported_at.desc(), c.id.desc()),
        Sort.MOVED: (c.updated_at.desc(), c.id.desc()),
    }
    return orders.get(view.sort, (c.level, *late))
