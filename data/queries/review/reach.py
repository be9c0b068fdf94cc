"""Which weeks of an area can be looked at."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from data import models as m
from data.calendar.week import Week
from data.catalogue import Catalogue
from data.queries.keys import Keys

r = m.rollup_week.c


def first_week(conn: Connection, catalogue: Catalogue, keys: Keys, area: str) -> Week | None:
    """Return the first week that any indicator of the review was told for; None: there is none."""
    codes = [code for code, i in catalogue.indicators.items() if i.weekly]
    wanted = [keys.indicators[code] for code in codes if code in keys.indicators]
    query = select(func.min(r.bucket)).where(
        r.indicator_id.in_(wanted), r.area_id == keys.areas[area]
    )
    found = conn.execute(query).scalar()
    return Week.of(found) if found is not None else None
