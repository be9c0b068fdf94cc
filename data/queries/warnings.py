"""Which warnings are in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, or_, select

from data import models as m
from data.vocabulary import Disposition


@dataclass(frozen=True)
class ActiveWarning:
    """One warning in force."""

    id: int
    level: int
    event: str
    headline: str
    response: str | None
    sent: datetime
    expires: datetime | None
    signed: bool
    areas: frozenset[str]


def in_force(
    conn: Connection, *, now: datetime, source_id: int | None = None
) -> list[ActiveWarning]:
    """Return warnings in force for any of our areas, gravest then newest first.

    A warning holds from its effective time to the earlier of its expiry and
    the message that ended it. Tests, cancels and warnings for places that are
    not ours are left out.
    """
    statement, values = _IN_FORCE, {"now": now}
    if source_id is not None:
        statement = _IN_FORCE.where(m.external_alert.c.source_id == source_id)
    found: dict[int, Any] = {}
    areas: dict[int, set[str]] = {}
    for row in conn.execute(statement, values).all():
        found[row.id] = row
        areas.setdefault(row.id, set()).add(row.code)
    warnings = [
        ActiveWarning(
            row.id, row.level, row.event, row.headline, row.response, row.sent, row.expires,
            row.signed, frozenset(areas[row.id]),
        )
        for row in found.values()
    ]  # fmt: skip
    return sorted(warnings, key=lambda w: (w.level or 9, -w.sent.timestamp()))


def _in_force() -> Select[Any]:
    a, link, area = m.external_alert.c, m.external_alert_area.c, m.area.c
    present: BindParameter[datetime] = bindparam("now")
    return (
        select(
            a.id, a.level, a.event, a.headline, a.response, a.sent, a.expires, a.signed, area.code
        )
        .join(m.external_alert_area, link.alert_id == a.id)
        .join(m.area, area.id == link.area_id)
        .where(a.disposition.in_([Disposition.RAISE.value, Disposition.UPDATE.value]))
        .where(a.effective <= present, or_(a.expires.is_(None), a.expires > present))
        .where(or_(a.ended_at.is_(None), a.ended_at > present))
    )


_IN_FORCE = _in_force()
