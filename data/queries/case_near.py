"""What lies about a case: other open ones, bus routes, hospitals, warnings."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from data import geo
from data import models as m
from data.cases.page import Brief, BusRoute, Head, Hospital, Point, Routes, WarningLine
from data.queries.case_links import BRIEF, brief
from data.queries.case_places import Places
from data.queries.scope import Scope
from data.queries.warnings import in_force
from data.vocabulary import TOWN_LEVEL

c = m.cases.c
NEAR_M, STOP_M, HOSPITAL_M = 2000.0, 500.0, 30000.0
"""Other cases, bus stops and hospitals count as near up to these distances."""
MOST, HOSPITALS, ROUTES = 8, 4, 30
DEGREE_M = 111195.0


def _box(at: Point, metres: float, lon: Any, lat: Any) -> Any:
    """Return the condition that a point lies in the square about `at`; exact distance later."""
    tall = metres / DEGREE_M
    wide = tall / max(0.1, math.cos(math.radians(at[1])))
    return and_(lon.between(at[0] - wide, at[0] + wide), lat.between(at[1] - tall, at[1] + tall))


def near_cases(
    conn: Connection, places: Places, head: Head, *, case_id: int, scope: Scope
) -> tuple[Brief, ...]:
    """Return open cases within 2 km or of the same town, nearest first, at most MOST."""
    own = places.catalogue.areas[head.area]
    town = places.keys.areas[head.area] if own.level == TOWN_LEVEL else None
    here = []
    if head.at is not None:
        here.append(_box(head.at, NEAR_M, c.lon, c.lat))
    if town is not None:
        here.append(c.area_id == town)
    if not here:
        return ()
    chosen = select(*BRIEF).where(c.closed_at.is_(None), c.id != case_id, or_(*here))
    rows = conn.execute(chosen.order_by(c.level, c.due_at, c.id)).all()
    found = [_nearby(places, x, head.at, town, scope) for x in rows]
    found = [b for b in found if b.title is not None and (b.same_town or b.metres is not None)]
    found.sort(key=lambda b: (b.metres is None, b.metres or 0.0, b.level, b.no))
    return tuple(found[:MOST])


def _nearby(places: Places, x: Any, at: Point | None, town: int | None, scope: Scope) -> Brief:
    told = brief(places, x, scope)
    away = geo.metres(*at, *told.at) if at and told.at else None
    near = away if away is not None and away <= NEAR_M else None
    return Brief(**{**vars(told), "metres": near, "same_town": town == x.area_id})


def routes_near(conn: Connection, places: Places, at: Point | None) -> Routes | None:
    """Return bus routes with a stop within 500 m, nearest first; None without a position.

    A timetable that was read before stops were kept by route says nothing: known is False then.
    """
    if at is None:
        return None
    s, r, t = m.transit_stop.c, m.transit_route.c, m.transit_route_stop.c
    near = select(s.source_id, s.stop_id, s.name, s.lon, s.lat).where(
        _box(at, STOP_M, s.lon, s.lat)
    )
    stops = {
        (x.source_id, x.stop_id): (geo.metres(*at, x.lon, x.lat), x.name)
        for x in conn.execute(near).all()
    }
    stops = {key: found for key, found in stops.items() if found[0] <= STOP_M}
    if not conn.execute(select(func.count()).select_from(m.transit_route)).scalar():
        return Routes(known=False)
    known = conn.execute(select(t.source_id).limit(1)).first() is not None
    if not stops or not known:
        return Routes(known=known)
    on = and_(t.source_id == r.source_id, t.route_id == r.route_id)
    query = select(r.source_id, r.route_id, r.short_name, r.long_name, r.trips, t.stop_id).join(
        m.transit_route_stop, on
    )
    rows = conn.execute(query.where(t.stop_id.in_({stop for _, stop in stops}))).all()
    return Routes(known=True, rows=_nearest(places, rows, stops))


def _nearest(
    places: Places, rows: Any, stops: dict[tuple[int, str], tuple[float, str]]
) -> tuple[BusRoute, ...]:
    found: dict[tuple[int, str], BusRoute] = {}
    for x in rows:
        stop = stops.get((x.source_id, x.stop_id))
        known = found.get((x.source_id, x.route_id))
        if stop is None or (known and known.metres <= stop[0]):
            continue
        source = places.catalogue.sources[places.source(x.source_id)]
        found[x.source_id, x.route_id] = BusRoute(
            x.short_name or x.route_id, x.long_name, stop[1], stop[0], x.trips, source.name
        )
    return tuple(sorted(found.values(), key=lambda b: (b.metres, b.name))[:ROUTES])


def hospitals_near(conn: Connection, places: Places, head: Head) -> tuple[Hospital, ...]:
    """Return the nearest places that report capacity; without a position those of the county."""
    f = m.facility.c
    query = select(f.name, f.lon, f.lat, f.area_id)
    rows = conn.execute(query.where(f.area_id.is_not(None)).order_by(f.name)).all()
    county = places.keys.county_of[places.keys.areas[head.area]]
    areas = {word for a in places.catalogue.areas.values() for word in a.name.values()}
    found: dict[str, Hospital] = {}
    for x in rows:
        if x.name in areas:  # a county that reports as a place of its own is no hospital
            continue
        at = (x.lon, x.lat) if x.lon is not None and x.lat is not None else None
        away = geo.metres(*head.at, *at) if head.at and at else None
        if x.area_id == county or (away is not None and away <= HOSPITAL_M):
            found.setdefault(x.name, Hospital(x.name, places.names_of(x.area_id)[0], away, at))
    nearest = sorted(found.values(), key=lambda h: (h.metres is None, h.metres or 0.0, h.name))
    return tuple(nearest[:HOSPITALS])


def warnings_here(
    conn: Connection, places: Places, head: Head, *, linked: frozenset[str], now: datetime
) -> tuple[WarningLine, ...]:
    """Return the warnings in force for the case's area or one above it, the gravest first.

    linked: ids of warnings that are tied to the case.
    """
    keys = places.keys
    own = keys.areas[head.area]
    codes = keys.area_codes()
    here = {head.area, *(codes[i] for i in keys.parents[own])}
    return tuple(
        WarningLine(w.id, w.level, w.headline, w.sent, w.expires, str(w.id) in linked)
        for w in in_force(conn, now=now)
        if w.areas & here or str(w.id) in linked
    )
