"""What moves: of all readings and open alarms those whose state changes, and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.alarms.chatter import ENDS, LOOK_BACK, chatters, ends_of
from data.alarms.states import NORMAL, SILENT, Heard, Step, expire, hear
from data.commands.alarms.outside import window_over
from data.commands.alarms.writing import Moved
from data.queries.alarms.opened import OpenAlarm
from data.vocabulary.alarms import AlarmAct, AlarmState, Reading

a, e = m.alarm.c, m.alarm_event.c
KEY = 200
"""Letters of a key that are kept."""


@dataclass
class Found:
    """What a look brings, before anything is written. born: new alarms with their readings."""

    moves: list[tuple[OpenAlarm, Moved]] = field(default_factory=list)
    born: list[tuple[Reading, tuple[Step, ...]]] = field(default_factory=list)
    drifted: list[tuple[OpenAlarm, Reading]] = field(default_factory=list)


def joined(readings: Iterable[Reading]) -> dict[str, Reading]:
    """Return one reading a key: what holds before what is unknown before what does not, gravest."""
    found: dict[str, Reading] = {}
    for reading in readings:
        key = reading.key[:KEY]
        other = found.get(key)
        if other is None or _weight(reading) < _weight(other):
            found[key] = reading
    return found


def _weight(reading: Reading) -> tuple[int, int]:
    holds = 1 if reading.unknown else 0 if reading.active else 2
    return holds, reading.priority


def look_at(
    conn: Connection, told: Mapping[str, Reading], stands: Mapping[str, OpenAlarm], now: datetime
) -> Found:
    """Return what readings, shelves that end and windows do to the alarms that stand."""
    cover = window_over(conn, now)
    ends = _ends(conn, now)
    found = Found()
    for key, reading in told.items():
        if key not in stands and reading.active and not reading.unknown:
            heard = _heard(reading, cover(reading.rule, reading.area, reading.object), ends, now)
            found.born.append((reading, hear(NORMAL, heard, now)))
    for key, alarm in stands.items():
        covered = cover(alarm.rule, alarm.area, alarm.object)
        own = told.get(key)
        steps = _steps(alarm, own, covered, ends, now)
        if steps:
            value = own.value if own is not None and not own.unknown else alarm.value
            found.moves.append((alarm, _moved(alarm, own, steps, value)))
        if own is not None and _drifted(alarm, own, bool(steps)):
            found.drifted.append((alarm, own))
    return found


def _steps(
    alarm: OpenAlarm, reading: Reading | None, cover: AlarmState | None,
    ends: Mapping[str, list[datetime]], now: datetime,
) -> tuple[Step, ...]:  # fmt: skip
    """Return what moves one open alarm: the end of its shelf first, then its condition."""
    stood = alarm.stood
    if reading is None and not cover and alarm.state not in SILENT:
        return ()
    heard = _heard(reading, cover, ends, now) if reading is not None else None
    heard = heard or Heard(alarm.active, alarm.priority, now, unknown=True, cover=cover)
    first = expire(stood, heard, now)
    stood = first[-1].after if first else stood
    return first + hear(stood, heard, now)


def _heard(
    reading: Reading, cover: AlarmState | None, ends: Mapping[str, list[datetime]], now: datetime
) -> Heard:
    known = ends.get(reading.key[:KEY], [])
    gone = [] if reading.active or reading.unknown else [now]
    chattering = bool(known) and chatters([*known, *gone], now)
    return Heard(
        reading.active, reading.priority, reading.at, reading.unknown, cover, chattering
    )  # fmt: skip


def _ends(conn: Connection, now: datetime) -> dict[str, list[datetime]]:
    """Return when conditions ended lately, by key: of alarms that are open and of those before."""
    found: dict[str, list[tuple[AlarmAct, datetime]]] = defaultdict(list)
    for key, act, at in conn.execute(_LATELY, {"since": now - LOOK_BACK}).all():
        found[key].append((AlarmAct(act), at))
    return {key: ends_of(events) for key, events in found.items()}


_LATELY = (
    select(a.key, e.act, e.at)
    .join_from(m.alarm_event, m.alarm, a.id == e.alarm_id)
    .where(e.recorded_at > bindparam("since"))
    .where(e.act.in_([act.value for act in (*ENDS, AlarmAct.RESET)]))
    .order_by(e.recorded_at, e.alarm_id, e.seq)
)


def _drifted(alarm: OpenAlarm, reading: Reading, moved: bool) -> bool:
    """Return whether what an alarm says of itself is no longer so, though it may stand as it did.

    Once its condition is over it keeps what it said last.
    """
    if reading.unknown or not reading.active:
        return False
    now = (reading.value, reading.limit, reading.cause, reading.version)
    return moved or now != (alarm.value, alarm.limit, alarm.cause, alarm.rule_version)


def _moved(
    alarm: OpenAlarm, reading: Reading | None, steps: tuple[Step, ...], value: float | None
) -> Moved:
    detail = {} if reading is None or not reading.active else detail_of(reading)
    details = {n: detail for n, step in enumerate(steps) if step.act in _SAYS and detail}
    return Moved(alarm.id, alarm.version, alarm.stood, steps, details, value)


_SAYS = frozenset({AlarmAct.RAISE, AlarmAct.WORSEN, AlarmAct.EASE, AlarmAct.UNSUPPRESS,
                   AlarmAct.RESTORE, AlarmAct.SUPPRESS, AlarmAct.REMOVE})  # fmt: skip


def detail_of(reading: Reading) -> dict[str, Any]:
    """Return what an event keeps of its reading, so that the alarm can be told as it was then."""
    return {
        "said": reading.said,
        "limit": reading.limit,
        "unit": reading.unit,
        "rule_version": reading.version,
        "cause": reading.cause,
    }
