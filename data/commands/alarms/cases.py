"""An alarm and the case that was made of it: what becomes of the case shows at the alarm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.alarms.states import Step, Stood
from data.commands.alarms.writing import BY_RULE, event
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct, AlarmState

a, c = m.alarm.c, m.cases.c

_MOVED = (
    select(a.id, a.case_no, a.state, a.active, a.latched, a.priority, a.changed_at, a.version,
           a.area_id, a.ended_at, c.closed_at, c.state.label("case_state"))
    .join_from(m.alarm, m.cases, c.case_no == a.case_no)
    .where(a.case_no.is_not(None))
    .where(a.case_closed_at.is_(None) != c.closed_at.is_(None))
)  # fmt: skip
_NOTE = (
    m.alarm.update()
    .where(a.id == bindparam("b_id"))
    .values(case_closed_at=bindparam("b_closed"), version=a.version + 1)
)


def note_closed(conn: Connection, keys: Keys, now: datetime) -> frozenset[str]:
    """Note at the alarms whose case was closed, or opened again, that it was; return their areas.

    Also at those that are over: what they turned out to be is often told by the case.
    """
    rows = conn.execute(_MOVED).all()
    if not rows:
        return frozenset()
    conn.execute(m.alarm_event.insert(), [_event(row, now) for row in rows])
    conn.execute(_NOTE, [{"b_id": r.id, "b_closed": r.closed_at} for r in rows])
    codes = keys.area_codes()
    return frozenset(codes[r.area_id] for r in rows if r.ended_at is None)


def _event(row: Any, now: datetime) -> dict[str, Any]:
    state, at = AlarmState(row.state), max(now, row.changed_at)
    stood = Stood(state, row.active, row.priority, row.latched, at)
    closed = row.closed_at.timestamp() if row.closed_at else None
    detail = {"case_no": row.case_no, "case_state": row.case_state, "case_closed_at": closed}
    step = Step(AlarmAct.LINK, at, state, stood)
    return event(row.id, row.version + 1, step, BY_RULE, now, None, detail)
