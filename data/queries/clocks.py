"""Where the clocks of open cases stand now, and when the next of them is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from data import models as m
from data.cases.clocks import Running, evaluate
from data.catalogue import Catalogue
from data.catalogue.clock_rule import ClockRule
from data.vocabulary import CaseState

c, k = m.cases.c, m.case_clock.c


@dataclass(frozen=True)
class ClockNow:
    """One clock in force of an open case.

    elapsed, left: as the clock counts; left is below 0 once it is late. None for a due time
    that was given without a rule: then only the calendar time to due_at is known.
    suspended: it stands still by an approval, and nobody is late.
    """

    case_id: int
    kind: str
    rule: ClockRule | None
    started_at: datetime
    due_at: datetime
    elapsed: timedelta | None
    left: timedelta | None
    suspended: bool


_OPEN_CLOCKS: Select[Any] = (
    select(k.case_id, k.kind, k.rule, k.rule_version, k.started_at, k.due_at, c.state)
    .join(m.cases, c.id == k.case_id)
    .where(k.replaced_by.is_(None), k.stopped_at.is_(None), c.closed_at.is_(None))
    .order_by(k.due_at, k.case_id)
)


def clocks_now(conn: Connection, catalogue: Catalogue, *, now: datetime) -> list[ClockNow]:
    """Return where every clock in force of every open case stands, the first due first."""
    rows = conn.execute(_OPEN_CLOCKS).all()
    rules = {(r.rule, r.rule_version) for r in rows}
    known = {key: catalogue.clock_version(*key) for key in rules}
    told = [(row, known[row.rule, row.rule_version]) for row in rows]
    counted = [Running(rule, r.started_at, r.due_at) for r, rule in told if rule is not None]
    standings = iter(evaluate(counted, now, catalogue.calendar))
    found = []
    for row, rule in told:
        at = next(standings) if rule is not None else None
        spent, rest = (at.elapsed, at.left) if at else (None, None)
        still = row.state == CaseState.SUSPENDED
        found.append(
            ClockNow(row.case_id, row.kind, rule, row.started_at, row.due_at, spent, rest, still)
        )
    return found


@dataclass(frozen=True)
class Crossed:
    """An open case whose limit, or that of its stage, has just passed."""

    case_no: str
    county_id: int
    matter: bool
    whole: bool


_RUNS = and_(c.closed_at.is_(None), c.state != CaseState.SUSPENDED.value)
_WITHIN: tuple[Any, Any] = (bindparam("since"), bindparam("now"))
_CROSSED: Select[Any] = (
    select(c.case_no, c.county_id, c.matter, c.due_at)
    .where(
        _RUNS,
        or_(
            and_(c.due_at >= _WITHIN[0], c.due_at < _WITHIN[1]),
            and_(c.stage_due_at >= _WITHIN[0], c.stage_due_at < _WITHIN[1]),
        ),
    )
    .order_by(c.level, c.due_at, c.id)
)


def crossed(conn: Connection, *, since: datetime, now: datetime) -> Sequence[Crossed]:
    """Return the cases whose limits passed in [since, now), the gravest first."""
    rows = conn.execute(_CROSSED, {"since": since, "now": now}).all()
    return [
        Crossed(r.case_no, r.county_id, r.matter, r.due_at is not None and since <= r.due_at < now)
        for r in rows
    ]


_NEXT: Select[Any] = select(
    func.min(c.due_at).filter(c.due_at >= bindparam("now")),
    func.min(c.stage_due_at).filter(c.stage_due_at >= bindparam("now")),
).where(_RUNS)


def next_due(conn: Connection, *, now: datetime) -> datetime | None:
    """Return when the next limit of an open case passes, None if none does."""
    row = conn.execute(_NEXT, {"now": now}).one()
    return min((at for at in row if at is not None), default=None)
