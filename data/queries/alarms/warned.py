"""Warnings in force as alarm rules see them: with the identifier that ties alarms together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from data import models as m
from data.alarms.facts import Warned
from data.queries.keys import Keys
from data.vocabulary import Disposition

a, link = m.external_alert.c, m.external_alert_area.c
RAISING = (Disposition.RAISE.value, Disposition.UPDATE.value)
_now = bindparam("now", type_=m.external_alert.c.sent.type)
_IN_FORCE = (
    select(
        a.id, a.source_id, a.identifier, a.level, a.event, a.headline, a.effective, a.expires,
        link.area_id,
    )
    .join(m.external_alert_area, link.alert_id == a.id)
    .where(a.disposition.in_(RAISING), a.effective <= _now)
    .where(or_(a.expires.is_(None), a.expires > _now))
    .where(or_(a.ended_at.is_(None), a.ended_at > _now))
    .order_by(a.id)
)  # fmt: skip


def warnings_in_force(conn: Connection, keys: Keys, now: datetime) -> list[Warned]:
    """Return the warnings in force for any of our areas; tests and cancels are none."""
    codes, names = keys.area_codes(), {id_: key for key, id_ in keys.sources.items()}
    rows, areas = {}, dict[int, set[str]]()
    for row in conn.execute(_IN_FORCE, {"now": now}):
        rows[row.id] = row
        if row.area_id in codes:
            areas.setdefault(row.id, set()).add(codes[row.area_id])
    return [
        Warned(
            row.identifier, names.get(row.source_id, ""), row.level or 4, row.event, row.headline,
            row.effective, row.expires, frozenset(areas[id_]),
        )
        for id_, row in rows.items()
        if id_ in areas
    ]  # fmt: skip
