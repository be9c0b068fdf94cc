"""Open cases that may be one matter told twice: proposed to people, never merged by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select

from data import geo
from data import models as m
from data.cases.twice import APART, NEAR_M
from data.vocabulary import LinkKind

SETTLED = (LinkKind.NOT_THE_SAME.value, LinkKind.CHILD.value)
"""Ties that say that somebody looked at a pair."""

MOST = 20
"""Proposals at most: more say that a whole area reports one thing, which a parent serves better."""

c, k = m.cases.c, m.case_link.c


@dataclass(frozen=True)
class Alike:
    """An open case that may be the same matter. metres: None where a position is missing."""

    id: int
    case_no: str
    title: str
    state: str
    reported_at: datetime
    metres: float | None


def duplicates(conn: Connection, case_id: int) -> list[Alike]:
    """Return the open cases of the same category near this one in time and place, nearest first.

    Near: at most NEAR_M apart; without a position of one of them in the same town. Reported
    within APART. Not those that somebody marked as not the same, nor its own parent or children.
    An ended case has none.
    """
    case = conn.execute(_CASE, {"id": case_id}).first()
    if case is None or case.closed_at is not None:
        return []
    asked = {
        "id": case_id,
        "category": case.category_id,
        "from": case.reported_at - APART,
        "to": case.reported_at + APART,
        "town": case.area_id,
        **_box(case.lon, case.lat),
    }
    found = [_alike(case, row) for row in conn.execute(_NEAR, asked)]
    near = [a for a in found if a.metres is None or a.metres <= NEAR_M]
    near.sort(key=lambda a: (a.metres is None, a.metres or 0.0, a.id))
    return near[:MOST]


def _alike(case: Row[Any], row: Row[Any]) -> Alike:
    known = None not in (case.lon, case.lat, row.lon, row.lat)
    metres = geo.metres(case.lon, case.lat, row.lon, row.lat) if known else None
    return Alike(row.id, row.case_no, row.title, row.state, row.reported_at, metres)


def _box(lon: float | None, lat: float | None) -> dict[str, float | None]:
    """Return the degrees around a point that hold all within NEAR_M; all None without one."""
    if lon is None or lat is None:
        return dict.fromkeys(("west", "east", "south", "north"))
    tall = NEAR_M / 111_000.0
    wide = tall / max(0.1, math.cos(math.radians(lat)))
    return {"west": lon - wide, "east": lon + wide, "south": lat - tall, "north": lat + tall}


_CASE: Select[Any] = select(
    c.id, c.category_id, c.area_id, c.lon, c.lat, c.reported_at, c.closed_at
).where(c.id == bindparam("id"))  # fmt: skip
_SETTLED = select(k.id).where(
    k.kind.in_(SETTLED),
    or_(
        and_(k.case_id == bindparam("id"), k.other_case_id == c.id),
        and_(k.case_id == c.id, k.other_case_id == bindparam("id")),
    ),
)
_INSIDE = and_(
    c.lon.between(bindparam("west"), bindparam("east")),
    c.lat.between(bindparam("south"), bindparam("north")),
)
_UNPLACED = and_(
    c.area_id == bindparam("town"),
    c.area_id != c.county_id,  # of a whole county that says nothing
    or_(c.lon.is_(None), c.lat.is_(None), bindparam("west", type_=c.lon.type).is_(None)),
)
_NEAR: Select[Any] = (
    select(c.id, c.case_no, c.title, c.state, c.reported_at, c.lon, c.lat)
    .where(
        c.category_id == bindparam("category"),
        c.closed_at.is_(None),
        c.id != bindparam("id"),
        c.reported_at.between(bindparam("from"), bindparam("to")),
        or_(_INSIDE, _UNPLACED),
        ~_SETTLED.exists(),
    )
    .order_by(c.id)
    .limit(500)
)
