"""What an exercise is, how far it is, and how those who take part in it do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, func, select

from data import models as m
from data.cases.clocks import due_at
from data.catalogue import Catalogue
from data.exercise import Drilled, Exercise, Step
from data.queries.keys import Keys
from data.queries.past_day import NUMBER
from data.vocabulary import CaseState

EXERCISE = "exercise"
"""The key of store_info that makes a store the one of an exercise."""
FIRST_REPORT, DISPATCH = "report_30m", "dispatch_15m"
"""Clocks of matters whose duty has none for that stage."""

_known: WeakKeyDictionary[Engine, Exercise] = WeakKeyDictionary()


def exercise_of(conn: Connection) -> Exercise | None:
    """Return the exercise that a store is made for, None for a city's own store."""
    if conn.engine not in _known:
        i = m.store_info.c
        kept = conn.execute(select(i.value).where(i.key == EXERCISE)).scalar()
        if kept is None:
            return None
        _known[conn.engine] = Exercise.read(kept)
    return _known[conn.engine]


@dataclass(frozen=True)
class Progress:
    """How much has been told. refused: documents of which not one row could be taken."""

    told: int
    waiting: int
    refused: int
    next_at: datetime | None


def progress(conn: Connection) -> Progress:
    """Return how far an exercise is."""
    x = m.exercise_item.c
    query = select(x.outcome, func.count()).group_by(x.outcome)
    by: dict[str | None, int] = dict(conn.execute(query).all())
    waiting = by.pop(None, 0)
    next_at = conn.execute(select(func.min(x.due_at)).where(x.done_at.is_(None))).scalar()
    refused = sum(n for outcome, n in by.items() if outcome in ("failed", "refused"))
    return Progress(sum(by.values()), waiting, refused, next_at)


def drilled(
    conn: Connection, catalogue: Catalogue, keys: Keys, plan: Exercise, now: datetime
) -> list[Drilled]:
    """Return the new matters of an exercise with their first report and dispatch, newest last.

    Only what a person did counts; what a platform tells of its own work is not theirs.
    """
    c = m.cases.c
    chosen = c.ext_id.startswith(NUMBER), c.reported_at >= plan.starts, c.reported_at <= now
    rows = conn.execute(select(m.cases).where(*chosen, c.matter).order_by(c.reported_at, c.id))
    found = rows.all()
    done = _acts(conn, [row.id for row in found])
    return [_drilled(row, done[row.id], catalogue, keys) for row in found]


def _acts(conn: Connection, ids: list[int]) -> dict[int, dict[str, datetime]]:
    """Return by case when a person first did anything, and when they dispatched."""
    e = m.case_event.c
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for start in range(0, len(ids), 500):
        query = (
            select(e.case_id, e.at, e.to_state)
            .where(e.case_id.in_(ids[start : start + 500]), e.actor_id.is_not(None))
            .order_by(e.case_id, e.seq)
        )
        for case, at, state in conn.execute(query):
            if state is not None and state != CaseState.REPORTED:
                found[case].setdefault("first", at)
            if state == CaseState.DISPATCHED:
                found[case].setdefault("dispatch", at)
    return found


def _drilled(row: Row[Any], done: dict[str, datetime], catalogue: Catalogue, keys: Keys) -> Drilled:
    codes, categories = keys.area_codes(), {n: code for code, n in keys.categories.items()}
    area = catalogue.areas[codes[row.area_id]]
    duty = catalogue.duty_of(categories[row.category_id], area.level, row.reported_at)

    def step(clock: str | None, since: datetime, end: datetime | None) -> Step:
        rule = catalogue.clock(clock or "", since.date())
        return Step(since, due_at(rule, since, catalogue.calendar), end)

    first = step(duty.clocks.verify or FIRST_REPORT, row.reported_at, done.get("first"))
    dispatch = None
    if first.done is not None:
        dispatch = step(duty.clocks.dispatch or DISPATCH, first.done, done.get("dispatch"))
    return Drilled(row.case_no, row.title, row.level, codes[row.county_id], first, dispatch)


def soon(plan: Exercise, now: datetime) -> timedelta | None:
    """Return how long an exercise still lasts, None when it is over."""
    return plan.ends - now if now < plan.ends else None
