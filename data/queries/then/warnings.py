"""Which external warnings were in force at an instant, by what had been received then."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from data import models as m
from data.queries.then.cases import Moment
from data.queries.warnings import ActiveWarning
from data.vocabulary import Disposition


def in_force_then(conn: Connection, moment: Moment) -> list[ActiveWarning]:
    """Return the warnings in force, gravest then newest first, as the wall sorts them.

    A warning whose end was told later was still in force for all that anybody knew.
    """
    a, link, area = m.external_alert.c, m.external_alert_area.c, m.area.c
    at, known = moment.at, moment.known
    ender = m.external_alert.alias()
    late = exists().where(
        ender.c.source_id == a.source_id,
        ender.c.identifier == a.ended_by,
        ender.c.sent == a.ended_at,
        ender.c.recorded_at > known,
    )
    ended = and_(a.ended_at.is_not(None), a.ended_at <= at, ~late)
    query = (
        select(
            a.id, a.level, a.event, a.headline, a.response, a.sent, a.expires, a.signed, area.code
        )
        .join(m.external_alert_area, link.alert_id == a.id)
        .join(m.area, area.id == link.area_id)
        .where(a.disposition.in_([Disposition.RAISE.value, Disposition.UPDATE.value]))
        .where(a.effective <= at, or_(a.expires.is_(None), a.expires > at))
        .where(a.recorded_at <= known, ~ended)
    )
    rows: dict[int, Any] = {}
    areas: dict[int, set[str]] = {}
    for row in conn.execute(query).all():
        rows[row.id] = row
        areas.setdefault(row.id, set()).add(row.code)
    found = [
        ActiveWarning(
            r.id, r.level, r.event, r.headline, r.response, r.sent, r.expires, r.signed,
            frozenset(areas[r.id]),
        )
        for r in rows.values()
    ]  # fmt: skip
    return sorted(found, key=lambda w: (w.level or 9, -w.sent.timestamp()))
