"""Earlier alarms like one, and what they turned out to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.queries.alarms.console_filter import House, within
from data.queries.scope import Scope
from data.vocabulary import LOCAL
from data.vocabulary.alarm_console import PastLine, Similar

a = m.alarm.c

BACK = timedelta(days=180)
MOST = 3000
NEWEST = 5
COLUMNS = (
    a.id, a.area_id, a.object, a.raised_at, a.returned_at, a.ended_at, a.outcome, a.case_no,
)  # fmt: skip
HOUR_S, DAY_S = 3600, 86400
"""An alarm came at this hour of the day if it did within an hour of it."""


def similar(
    conn: Connection, house: House, scope: Scope, alarm: Any
) -> tuple[Similar, Similar, Similar]:
    """Return earlier alarms of the same rule: here, elsewhere, and at this hour of the day.

    alarm: the row of `alarm`. Only what had been raised before it, and what the reader may see.
    """
    query = (
        select(*COLUMNS)
        .where(
            a.rule == alarm.rule,
            a.id != alarm.id,
            a.raised_at >= alarm.raised_at - BACK,
            a.raised_at <= alarm.raised_at,
            *within(house.keys, scope),
        )
        .order_by(a.raised_at.desc(), a.id.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = conn.execute(query).all()
    same = [r for r in rows if (r.area_id, r.object) == (alarm.area_id, alarm.object)]
    hour = [r for r in rows if _near(r.raised_at, alarm.raised_at)]
    there = [r for r in rows if (r.area_id, r.object) != (alarm.area_id, alarm.object)]
    return _told(same, house), _told(there, house), _told(hour, house)


def _near(one: datetime, other: datetime) -> bool:
    """Return whether both came at the same time of the day, within an hour."""
    seconds = abs(_of_day(one) - _of_day(other))
    return min(seconds, DAY_S - seconds) <= HOUR_S


def _of_day(at: datetime) -> int:
    local = at.astimezone(LOCAL)
    return local.hour * HOUR_S + local.minute * 60 + local.second


def _told(rows: Sequence[Any], house: House) -> Similar:
    lasted = [x for r in rows if (x := _lasted(r)) is not None]
    return {
        "alarms": len(rows),
        "outcomes": dict(Counter(r.outcome or "" for r in rows)),
        "half_lasted": median(lasted) if lasted else None,
        "newest": [_line(r, house) for r in rows[:NEWEST]],
    }


def _lasted(r: Any) -> float | None:
    over = r.returned_at or r.ended_at
    return max((over - r.raised_at).total_seconds(), 0.0) if over else None


def _line(r: Any, house: House) -> PastLine:
    code = house.codes.get(r.area_id, "")
    area = house.catalogue.areas.get(code)
    return {
        "id": r.id,
        "place": area.name if area else {"zh": code, "en": code},
        "raised_at": r.raised_at.timestamp(),
        "lasted": _lasted(r),
        "outcome": r.outcome,
        "case_no": r.case_no,
    }
