"""Where the clocks of open cases stand now, and when the next of them is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    cast,
    extract,
    func,
    or_,
    select,
    type_coerce,
)

from data import models as m
from data.cases.clocks import Running, evaluate
from data.catalogue import Catalogue
from data.catalogue.clock_rule import ClockRule
from data.vocabulary import CaseState

c, k = m.cases.c, m.case_clock.c


class ClockNow(NamedTuple):
    """One clock in force of an open case. Times are epoch seconds.

    elapsed_s, left_s: as the clock counts; left is below 0 once it is late. None for a due time
    that was given without a rule: then only the calendar time to `due` is known.
    suspended: it stands still by an approval, and nobody is late.
    """

    case_id: int
    kind: str
    rule: ClockRule | None
    start: int
    due: int
    elapsed_s: int | None
    left_s: int | None
    suspended: bool


SUSPENDED = CaseState.SUSPENDED.value
_SUSPENDED = select(c.id).where(c.closed_at.is_(None), c.state == SUSPENDED)


def _in_force(epoch: Callable[[Any], ColumnElement[int]]) -> Select[Any]:
    """No join: the end of a case stops its clocks. No datetimes: making them cost most of it."""
    columns = (k.case_id, k.kind, k.rule, k.rule_version, epoch(k.started_at), epoch(k.due_at))
    return select(*columns).where(k.replaced_by.is_(None), k.stopped_at.is_(None))


_SQLITE = _in_force(lambda column: type_coerce(column, BigInteger()))
_POSTGRES = _in_force(lambda column: cast(extract("epoch", column), BigInteger()))


def clocks_now(conn: Connection, catalogue: Catalogue, *, now: datetime) -> list[ClockNow]:
    """Return where every clock in force of every open case stands, in no order."""
    rows = conn.execute(_POSTGRES if conn.dialect.name == "postgresql" else _SQLITE).all()
    still, second = set(conn.scalars(_SUSPENDED)), int(now.timestamp())
    rules: dict[tuple[str, int], ClockRule | None] = {}
    found, others = [], []
    for case, kind, code, version, start, due in rows:
        if (code, version) not in rules:
            rules[code, version] = catalogue.clock_version(code, version)
        rule = rules[code, version]
        if rule is None:
            found.append(ClockNow(case, kind, None, start, due, None, None, case in still))
        elif rule.plain:
            spent, rest = max(second - start, 0), due - max(second, start)
            found.append(ClockNow(case, kind, rule, start, due, spent, rest, case in still))
        else:
            others.append(ClockNow(case, kind, rule, start, due, 0, 0, case in still))
    return found + _counted(others, catalogue, now)


def _counted(clocks: list[ClockNow], catalogue: Catalogue, now: datetime) -> list[ClockNow]:
    """Return clocks with what the calendar makes of them."""
    running = [Running(x.rule, _at(x.start), _at(x.due)) for x in clocks if x.rule is not None]
    standings = evaluate(running, now, catalogue.calendar)
    return [
        clock._replace(elapsed_s=_seconds(told.elapsed), left_s=_seconds(told.left))
        for clock, told in zip(clocks, standings, strict=True)
    ]


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _seconds(time: timedelta) -> int:
    return time.days * 86_400 + time.seconds


@dataclass(frozen=True)
class Crossed:
    """An open case whose limit, or that of its stage, has just passed."""

    case_no: str
    county_id: int
    matter: bool
    whole: bool


_RUNS = and_(c.closed_at.is_(None), c.state != SUSPENDED)
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
