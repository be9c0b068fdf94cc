"""Writes alarms, their events and their situations: many at once, in few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, func, select, text

from data import models as m
from data.alarms.states import E, Step, Stood
from data.models.columns import Instant
from data.vocabulary.alarms import AlarmAct, AlarmState

a = m.alarm.c
RULES = "rules"
"""Who moves alarms when no person does."""


@dataclass(frozen=True)
class Author:
    """Who a step is by. id None: the rules, the clock or a window."""

    id: int | None
    name: str
    reason: str = ""


BY_RULE = Author(None, RULES)


@dataclass
class Moved:
    """One open alarm that moves: its steps, from version on."""

    id: int
    version: int
    before: Stood
    steps: Sequence[Step]
    details: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What is kept beside a step, by its place among the steps."""
    value: float | None = None

    @property
    def after(self) -> Stood:
        """How it stands when all is done."""
        return self.steps[-1].after


def next_ids(conn: Connection, table: Table, count: int) -> Sequence[int]:
    """Return ids for new rows. The writer's place is held, so nobody else takes them."""
    if not count:
        return ()
    if conn.dialect.name == "sqlite":
        first = (conn.execute(select(func.max(table.c.id))).scalar() or 0) + 1
        return range(first, first + count)
    wanted = text("select nextval(pg_get_serial_sequence(:t, 'id')) from generate_series(1, :n)")
    return list(conn.scalars(wanted, {"t": table.name, "n": count}))


def events(moved: Moved, author: Author, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of `alarm_event` for the steps of one alarm."""
    return [
        event(moved.id, moved.version + 1 + n, step, author, now, moved.value, moved.details.get(n))
        for n, step in enumerate(moved.steps)
    ]


def event(
    alarm_id: int, seq: int, step: Step, author: Author, now: datetime, value: float | None,
    detail: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    """Return one row of `alarm_event`. recorded_at is never before the event itself."""
    return {
        "alarm_id": alarm_id,
        "seq": seq,
        "at": step.at,
        "recorded_at": now,
        "act": step.act.value,
        "from_state": step.before.value,
        "to_state": step.after.state.value,
        "active": step.after.active,
        "priority": step.after.priority,
        "value": value,
        "actor_id": author.id,
        "actor": author.name[:60],
        "reason": author.reason[:500],
        "detail": dict(detail) if detail else None,
    }


_MOVE = (
    m.alarm.update()
    .where(a.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        active=bindparam("b_active"),
        latched=bindparam("b_latched"),
        priority=bindparam("b_priority"),
        count=a.count + bindparam("b_again"),
        changed_at=bindparam("b_changed"),
        returned_at=case(
            (bindparam("b_kept") == 1, a.returned_at),
            else_=bindparam("b_returned", type_=Instant()),
        ),
        ended_at=bindparam("b_ended"),
        shelved_until=bindparam("b_until"),
        owner_id=case((bindparam("b_shelved") == 1, a.owner_id), else_=None),
        owner_name=case((bindparam("b_shelved") == 1, a.owner_name), else_=None),
        acknowledged_at=case((bindparam("b_unseen") == 1, None), else_=a.acknowledged_at),
        acknowledged_by=case((bindparam("b_unseen") == 1, None), else_=a.acknowledged_by),
        acknowledged_name=case((bindparam("b_unseen") == 1, None), else_=a.acknowledged_name),
        version=bindparam("b_version"),
    )
)


def write_moves(conn: Connection, moves: Sequence[Moved], author: Author, now: datetime) -> None:
    """Write what became of open alarms, one event a step."""
    if not moves:
        return
    conn.execute(_MOVE, [_columns(moved, now) for moved in moves])
    conn.execute(m.alarm_event.insert(), [e for moved in moves for e in events(moved, author, now)])


def _columns(moved: Moved, now: datetime) -> dict[str, Any]:
    after, last = moved.after, moved.steps[-1]
    returned = next((s.at for s in reversed(moved.steps) if s.act is AlarmAct.RETURN), None)
    return {
        "b_id": moved.id,
        "b_state": after.state.value,
        "b_active": after.active,
        "b_latched": after.latched,
        "b_priority": after.priority,
        "b_again": _again(moved),
        "b_changed": last.at,
        "b_returned": None if after.active else returned,
        "b_kept": int(not after.active and returned is None),
        "b_ended": max(now, last.at) if after.over else None,
        "b_until": after.until,
        "b_shelved": int(after.state is E),
        "b_unseen": int(_unseen(moved)),
        "b_version": moved.version + len(moved.steps),
    }


def _again(moved: Moved) -> int:
    """Return how often the condition came back in these steps."""
    was, found = moved.before.active, 0
    for step in moved.steps:
        found += step.after.active and not was
        was = step.after.active
    return found


def _unseen(moved: Moved) -> bool:
    """Return whether nobody has seen the alarm as it stands now: it came up anew."""
    unseen = AlarmState.UNACKNOWLEDGED
    return any(s.after.state is unseen and s.before is not unseen for s in moved.steps)


def write_new(
    conn: Connection, alarms: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert alarms and their events; all rows have the same columns."""
    if alarms:
        conn.execute(m.alarm.insert(), list(alarms))
        conn.execute(m.alarm_event.insert(), list(rows))
