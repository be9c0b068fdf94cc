"""What happened next after an instant: a new alarm, another stage, a matter of level 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from data import models as m
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct


@dataclass(frozen=True)
class NextEvent:
    """When something became known, and what: alarm, stage or case."""

    at: datetime
    kind: str


def next_event(
    conn: Connection, keys: Keys, at: datetime, *, area: str, city: str, until: datetime
) -> NextEvent | None:
    """Return the first event after an instant that the wall of an area would show, None: none."""
    asked = {
        "alarm": _alarm(keys, at, area, city),
        "stage": _stage(at),
        "case": _case(keys, at, area, city),
    }
    found = ((conn.scalar(query.limit(1)), kind) for kind, query in asked.items())
    told = [NextEvent(when, kind) for when, kind in found if when is not None and when <= until]
    return min(told, key=lambda e: e.at, default=None)


def _alarm(keys: Keys, at: datetime, area: str, city: str) -> Select[Any]:
    e, a = m.alarm_event.c, m.alarm.c
    query = (
        select(e.recorded_at)
        .join_from(m.alarm_event, m.alarm, a.id == e.alarm_id)
        .where(e.recorded_at > at, e.act == AlarmAct.RAISE.value)
        .order_by(e.recorded_at)
    )
    return query if area == city else query.where(a.area_id.in_(_inside(keys, area, city)))


def _stage(at: datetime) -> Select[Any]:
    e = m.stage_event.c
    return select(e.recorded_at).where(e.recorded_at > at).order_by(e.recorded_at)


def _case(keys: Keys, at: datetime, area: str, city: str) -> Select[Any]:
    """Return when matters that are of level 1 were reported: the index finds them by time."""
    c = m.cases.c
    query = (
        select(c.reported_at)
        .where(c.matter, c.level == 1, c.reported_at > at)
        .order_by(c.reported_at)
    )
    return query if area == city else query.where(c.county_id == keys.areas[area])


def _inside(keys: Keys, area: str, city: str) -> list[int]:
    own = keys.areas[area]
    below = [i for i, above in keys.parents.items() if own in above]
    return [own, keys.areas[city], *below]
