"""The made-up officers at the alarms: seen after a while, sometimes shelved, told what it was.

As with matters they never fight with a person: what somebody else has touched they leave alone,
and one alarm in ten they leave to whoever looks at the demonstration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.states import B, C, D
from data.commands.alarms.act import Acted, act
from data.commands.audit import By
from data.simulate.alarm_lives import OUTCOMES, SHELF_WORDS
from data.simulate.officers_crew import ORIGIN, House
from data.simulate.officers_plan import OPERATOR
from data.simulate.randomness import share
from data.vocabulary.alarms import AlarmAct

LEFT = 0.1
"""Of the alarms: left to the visitor."""
SHELVED = 0.06
SAID = 0.7
SEEN_AFTER = {1: (3.0, 6.0), 2: (2.0, 8.0), 3: (3.0, 15.0), 4: (8.0, 40.0)}
"""Minutes until somebody looks, by priority: least and most. The gravest stay a while on the
wall's head, for there is something to see."""
ONCE = 3
"""An alarm to which more has happened is shelved no more."""
SAID_AFTER = (5.0, 30.0)
LOOK_BACK = timedelta(hours=2)
a, e = m.alarm.c, m.alarm_event.c


@dataclass(frozen=True)
class Due:
    """One act on an alarm that is due. version: how the alarm was seen."""

    at: datetime
    alarm: int
    version: int
    area: int
    act: AlarmAct
    more: dict[str, Any]

    @property
    def seen(self) -> tuple[int, int]:
        """Which alarm, as it was seen."""
        return self.alarm, self.version


def due(conn: Connection, now: datetime) -> list[Due]:
    """Return what is to be done with alarms now, what waits longest first."""
    return sorted(_due(conn, now), key=lambda x: x.at)


def _due(conn: Connection, now: datetime) -> Iterator[Due]:
    waits = a.ended_at.is_(None) & a.state.in_([B.value, C.value, D.value])
    over = a.ended_at.is_not(None) & a.outcome.is_(None) & (a.ended_at > now - LOOK_BACK)
    columns = (a.id, a.priority, a.state, a.area_id, a.version, a.changed_at, a.ended_at,
               a.acknowledged_at, a.latched, a.active)  # fmt: skip
    rows = conn.execute(select(*columns).where(waits | over)).all()
    theirs = _touched(conn, [r.id for r in rows])
    for row in rows:
        if share(0, "alarm left", row.id) >= LEFT and row.id not in theirs:
            found = _one(row, now)
            if found is not None and found.at <= now:
                yield found


def _one(row: Any, now: datetime) -> Due | None:
    """Return what comes next for one alarm, None if nothing does."""
    draw = share(0, "alarm", row.id, row.version)
    if row.ended_at is not None:
        if share(0, "alarm said", row.id) >= SAID:
            return None
        outcome = next(o for limit, o in OUTCOMES if draw < limit)
        at = row.ended_at + _between(SAID_AFTER, draw)
        return _do(row, at, AlarmAct.OUTCOME, outcome=outcome)
    if row.state in (B.value, D.value):
        return _do(row, row.changed_at + _between(SEEN_AFTER[row.priority], draw),
                   AlarmAct.ACKNOWLEDGE)  # fmt: skip
    if row.latched and not row.active:
        at = (row.acknowledged_at or row.changed_at) + timedelta(minutes=4)
        return _do(row, at, AlarmAct.RESET)
    fresh = row.acknowledged_at is not None and row.version <= ONCE
    if fresh and share(0, "alarm shelved", row.id) < SHELVED:
        word = SHELF_WORDS[int(draw * len(SHELF_WORDS))]
        until = now + timedelta(minutes=45)
        return _do(row, row.acknowledged_at + timedelta(minutes=3), AlarmAct.SHELVE,
                   reason=word, until=until)  # fmt: skip
    return None


def _do(row: Any, at: datetime, what: AlarmAct, **more: Any) -> Due:
    return Due(at, row.id, row.version, row.area_id, what, more)


def _between(span: tuple[float, float], draw: float) -> timedelta:
    return timedelta(minutes=span[0] + (span[1] - span[0]) * draw)


def _touched(conn: Connection, ids: list[int]) -> set[int]:
    """Return the alarms on which somebody else acted: the audit knows where an act came from."""
    u = m.audit.c
    names = [str(i) for i in ids]
    found: set[int] = set()
    for start in range(0, len(names), 500):
        part = u.object.in_(names[start : start + 500])
        asked = select(u.object).where(part, u.act.like("alarm.%"), u.origin != ORIGIN)
        found |= {int(name) for name in conn.scalars(asked.distinct())}
    return found


def do(conn: Connection, house: House, one: Due, now: datetime) -> bool:
    """Do one act; return whether it could be done."""
    county = house.codes["areas"][one.area]
    person = house.crew.who(OPERATOR, str(one.alarm), county)
    by = By(person.id, person.name, person.role.value, ORIGIN)
    done = act(
        conn, house.catalogue, house.keys, one.alarm, one.act, by, now,
        seen_version=one.version, **one.more,
    )  # fmt: skip
    return isinstance(done, Acted)
