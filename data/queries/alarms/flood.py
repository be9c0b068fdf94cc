"""How many new alarms came when, for the flood."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from data import models as m
from data.alarms.flood import Spell, floods
from data.vocabulary.alarms import AlarmAct, AlarmState

a, e = m.alarm.c, m.alarm_event.c
LOOK_BACK = timedelta(hours=12)
"""A flood that began earlier counts as begun then."""

_RAISED = (
    select(a.area_id, e.recorded_at, func.count())
    .join_from(m.alarm_event, m.alarm, a.id == e.alarm_id)
    .where(e.recorded_at > bindparam("since"), e.recorded_at <= bindparam("until"))
    .where(e.act == AlarmAct.RAISE.value, e.to_state == AlarmState.UNACKNOWLEDGED.value)
    .group_by(a.area_id, e.recorded_at)
)


def flood_now(
    conn: Connection, areas: dict[str, frozenset[int]], now: datetime
) -> dict[str, Spell]:
    """Return the flood that goes on in each of some areas; those without one are left out.

    areas: code -> the row ids of the areas whose alarms are seen there.
    """
    rows = conn.execute(_RAISED, {"since": now - LOOK_BACK, "until": now}).all()
    found: dict[str, Spell] = {}
    for code, inside in areas.items():
        raised: dict[datetime, int] = defaultdict(int)
        for area, at, count in rows:
            if area in inside:
                raised[at] += count
        spells = floods(raised.items(), now)
        if spells and spells[-1].until is None:
            found[code] = spells[-1]
    return found
