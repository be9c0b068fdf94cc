"""When sources and their counties were last heard, and how long a gap their rhythm allows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from data import models as m
from data.alarms.facts import Heard
from data.alarms.judging import City
from data.catalogue.alarm_checks import PERIODS
from data.catalogue.entries import Source
from data.quality.rhythm import Gap, Learned
from data.queries.keys import Keys

BY_HAND = ("table", "push")
"""What people send: an empty folder answers well for ever, so only new content counts."""
DESK = "desk"
"""Nothing is expected of it: it cannot fall silent."""
LONGEST = timedelta(weeks=13)
s = m.source_state.c
_STATES = select(s.source_id, s.last_ok_at, s.last_new_at)


def heard_sources(
    conn: Connection, city: City, keys: Keys, now: datetime
) -> tuple[dict[str, Heard], frozenset[str]]:
    """Return how each source was heard, and those that have been quiet until their values stale.

    A source that waits for its first file, or was never told, is not among the first.
    """
    states = {r.source_id: r for r in conn.execute(_STATES)}
    learned = _learned(conn, whole=True) if _by_hand(city) else {}
    found, quiet = {}, set()
    for key, source in city.catalogue.sources.items():
        row = states.get(keys.sources[key])
        if key == DESK:
            continue
        last = row.last_ok_at if row else None
        if last is None or (now - last).total_seconds() > source.stale_after:
            quiet.add(key)
        if row is not None and last is not None:
            rhythm = learned.get((keys.sources[key], 0))
            found[key] = _heard(source, row, rhythm, city)
    return found, frozenset(quiet)


def _by_hand(city: City) -> bool:
    return any(s.connector in BY_HAND for s in city.catalogue.sources.values())


def _heard(source: Source, row: Any, learned: Learned | None, city: City) -> Heard:
    if source.rhythm is not None:
        period = PERIODS[source.rhythm.every] * 60.0
        return Heard(source.key, city.code, row.last_new_at, period, content=True)
    if source.connector in BY_HAND:
        last = row.last_new_at
        limit = _limit(learned, last, city)
        return Heard(source.key, city.code, last, limit, content=True)
    every = max(float(source.every), source.stale_after / 3)
    return Heard(source.key, city.code, row.last_ok_at, every)


def _limit(learned: Learned | None, last: datetime | None, city: City) -> float | None:
    if learned is None or last is None:
        return None
    return learned.after(last, city.catalogue.city.calendar_country).limit_s


def heard_units(conn: Connection, city: City, keys: Keys, now: datetime) -> dict[str, list[Heard]]:
    """Return each county's share of each source that has a rhythm of its own, as learned."""
    t = m.reception.c
    query = (
        select(t.source_id, t.area_id, func.max(t.last_at))
        .where(t.grain == 3, t.bucket >= now - LONGEST, t.last_at.is_not(None))
        .where(t.indicator_id == 0, t.area_id != 0)
        .where(t.source_id.in_(list(keys.sources.values())))
        .group_by(t.source_id, t.area_id)
    )
    learned, codes = _learned(conn, whole=False), keys.area_codes()
    names = {id_: key for key, id_ in keys.sources.items()}
    found: dict[str, list[Heard]] = defaultdict(list)
    for source_id, area_id, last in conn.execute(query):
        area, key = codes.get(area_id, ""), names.get(source_id, "")
        if area in city.counties and key in city.catalogue.sources and key != DESK:
            limit = _limit(learned.get((source_id, area_id)), last, city)
            found[key].append(Heard(key, area, last, limit, content=True))
    return dict(found)


def _learned(conn: Connection, *, whole: bool) -> dict[tuple[int, int], Learned]:
    """Return the learned rhythms by source and area (0: the whole source)."""
    r = m.rhythm.c
    query = select(m.rhythm).where(r.indicator_id == 0, r.n > 0)
    rows = conn.execute(query.where(r.area_id == 0 if whole else r.area_id != 0))
    return {
        (x.source_id, x.area_id): Learned(
            Gap(x.median_s, x.spread_s, x.n), {k: Gap(*v) for k, v in x.classes.items()}
        )
        for x in rows
    }
