"""Bus feeds to facts: the timetable's routes and stops, and what vehicles and trips say now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Problem
from data.connectors.records import ServiceAlert, StaticFeed, TripUpdate, Vehicle
from data.ingest.observations import Counts
from data.queries.keys import Keys
from data.vocabulary import Grain, Observed

IN_SERVICE, FRESH = timedelta(minutes=5), timedelta(minutes=1)
EARLY_S, LATE_S = -60, 300
"""A trip is on time from one minute early to five minutes late."""

CROWDED = {"STANDING_ROOM_ONLY", "CRUSHED_STANDING_ROOM_ONLY", "FULL", "NOT_ACCEPTING_PASSENGERS"}
DETOURS = {"DETOUR", "NO_SERVICE", "REDUCED_SERVICE", "MODIFIED_SERVICE"}
Tally = dict[str, list[float]]
"""area -> [numerator, denominator]"""


def store_static(
    conn: Connection, feed: StaticFeed, *, source: Source, run_id: int, keys: Keys
) -> Counts:
    """Replace the routes, stops and planned trips of one feed. Same content, no change."""
    source_id = keys.sources[source.key]
    places = {s.stop_id: _place_of(s.lon, s.lat, source.crs) for s in feed.stops}
    stop_area = {key: geo.county_of(*p) if p else None for key, p in places.items()}
    route_area = _route_areas(feed, stop_area)
    trips = Counter(route for _, route, _ in feed.trips)
    rows: dict[Any, list[dict[str, Any]]] = {
        m.transit_route: [
            {
                "route_id": r.route_id,
                "short_name": r.short_name[:80],
                "long_name": r.long_name[:200],
                "route_type": r.route_type,
                "area_id": _id(keys, route_area.get(r.route_id)),
                "trips": trips[r.route_id],
            }
            for r in feed.routes
        ],
        m.transit_stop: [
            {
                "stop_id": s.stop_id,
                "name": s.name[:200],
                "lon": place[0] if (place := places[s.stop_id]) else None,
                "lat": place[1] if place else None,
                "area_id": _id(keys, stop_area[s.stop_id]),
            }
            for s in feed.stops
        ],
        m.transit_trip_day: _planned(feed),
    }
    _replace(conn, m.transit_route_stop, _calls(feed), source_id, run_id)  # counted as its parts
    total = Counts()
    for table, values in rows.items():
        counts = _replace(conn, table, values, source_id, run_id)
        total = Counts(*(x + y for x, y in zip(_tuple(total), _tuple(counts), strict=True)))
    return total


def _tuple(counts: Counts) -> tuple[int, int, int, int]:
    return counts.new, counts.changed, counts.same, counts.outdated


def _id(keys: Keys, code: str | None) -> int | None:
    return keys.areas[code] if code else None


def _place_of(lon: float | None, lat: float | None, crs: str) -> tuple[float, float] | None:
    return geo.to_wgs84(lon, lat, crs) if lon is not None and lat is not None else None


def _area(lon: float | None, lat: float | None, crs: str) -> str | None:
    place = _place_of(lon, lat, crs)
    return geo.county_of(*place) if place else None


def _route_areas(feed: StaticFeed, stop_area: dict[str, str | None]) -> dict[str, str]:
    """Return the county in which each route has most of its stops."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for route_id, stop_id in feed.route_stops:
        area = stop_area.get(stop_id)
        if area:
            seen[route_id][area] += 1
    return {route: counts.most_common(1)[0][0] for route, counts in seen.items()}


def _calls(feed: StaticFeed) -> list[dict[str, Any]]:
    """Return each stop that is known with each route that calls there."""
    known = {s.stop_id for s in feed.stops}
    pairs = sorted({(stop, route) for route, stop in feed.route_stops if stop in known})
    return [{"stop_id": stop, "route_id": route} for stop, route in pairs]


def _planned(feed: StaticFeed) -> list[dict[str, Any]]:
    per_service: dict[str, Counter[str]] = defaultdict(Counter)
    for _, route_id, service_id in feed.trips:
        per_service[service_id][route_id] += 1
    days: dict[Any, Counter[str]] = defaultdict(Counter)
    for day, service_id in feed.service_dates:
        days[day].update(per_service.get(service_id, {}))
    return [
        {"day": day, "route_id": route_id, "trips": n}
        for day, routes in days.items()
        for route_id, n in routes.items()
    ]


def _replace(
    conn: Connection, table: Any, rows: list[dict[str, Any]], source_id: int, run_id: int
) -> Counts:
    """Make the table hold exactly `rows` for this source; count what that changed."""
    own = [col.name for col in table.primary_key if col.name != "source_id"]
    kept = conn.execute(select(table).where(table.c.source_id == source_id)).mappings()
    known = {tuple(r[name] for name in own): r for r in kept}
    fresh, changed, same = [], [], 0
    for row in rows:
        old = known.pop(tuple(row[name] for name in own), None)
        if old is None:
            fresh.append({**row, "source_id": source_id, "run_id": run_id})
        elif any(old[name] != value for name, value in row.items()):
            changed.append((old, row))
        else:
            same += 1
    for old, row in changed:
        chosen = [table.c[n] == old[n] for n in own] + [table.c.source_id == source_id]
        conn.execute(table.update().where(*chosen).values(**row, run_id=run_id))
    for key in known:
        chosen = [table.c[n] == v for n, v in zip(own, key, strict=True)]
        conn.execute(table.delete().where(table.c.source_id == source_id, *chosen))
    if fresh:
        conn.execute(table.insert(), fresh)
    return Counts(len(fresh), len(changed) + len(known), same)


def route_areas(conn: Connection, static_source_id: int) -> dict[str, str]:
    """Return the county code of each known route."""
    r = m.transit_route.c
    query = select(r.route_id, m.area.c.code).join(m.area, m.area.c.id == r.area_id)
    return dict(conn.execute(query.where(r.source_id == static_source_id)).all())


def realtime_facts(
    records: Iterable[Vehicle | TripUpdate | ServiceAlert],
    *,
    source: Source,
    header_time: datetime,
    routes: dict[str, str],
    catalogue: Catalogue,
) -> tuple[list[Observed], list[Problem]]:
    """Return counts by county at the feed's own time, and what could not be placed.

    An indicator is observed only for what the feed holds: a trip feed says
    nothing of vehicles. Unknown delays, speeds and loads are in no denominator.
    """
    records = list(records)
    placed, problems = _place(records, source, routes, catalogue)
    if records and not placed:
        return [], problems  # a feed of some other place says nothing of this city
    held = {type(record) for record in records}
    start = header_time.replace(second=0, microsecond=0)
    found = []
    for indicator in catalogue.of_source(source.key):
        if indicator.feed.kind != "transit" or (held and NEEDS[indicator.feed.measure] not in held):
            continue
        tally = MEASURES[indicator.feed.measure](placed, header_time, catalogue)
        for area, (num, den) in tally.items():
            value = den if indicator.denominator else None
            found.append(Observed(indicator.code, area, Grain.MINUTE, start, num, value))
    return found, problems


Placed = list[tuple[str, Any]]


def _place(
    records: list[Any], source: Source, routes: dict[str, str], catalogue: Catalogue
) -> tuple[Placed, list[Problem]]:
    placed: Placed = []
    problems = []
    for record in records:
        if isinstance(record, ServiceAlert):
            areas = {routes[r] for r in record.routes if r in routes} or {catalogue.city.code}
            placed += [(area, record) for area in sorted(areas)]
            continue
        area = None
        if isinstance(record, Vehicle):
            area = _area(record.lon, record.lat, source.crs)
        area = area or routes.get(record.route_id or "")
        if area:
            placed.append((area, record))
        else:
            value = record.route_id or "no route"
            problems.append(Problem("outside_area", record.row, "route_id", value))
    return placed, problems


def _tally(
    placed: Placed, catalogue: Catalogue, count: Callable[[Any], tuple[float, float] | None]
) -> Tally:
    """Add up by county; counties without a record get zero over zero, for the feed was heard."""
    tally: Tally = {a.code: [0.0, 0.0] for a in catalogue.counties()}
    for area, record in placed:
        counted = count(record)
        if counted and area in tally:
            tally[area][0] += counted[0]
            tally[area][1] += counted[1]
    return tally


def _vehicles(test: Callable[[Vehicle, datetime], tuple[float, float] | None]) -> Any:
    def measure(placed: Placed, at: datetime, catalogue: Catalogue) -> Tally:
        return _tally(placed, catalogue, lambda r: test(r, at) if isinstance(r, Vehicle) else None)

    return measure


def _trips(test: Callable[[TripUpdate], tuple[float, float] | None]) -> Any:
    def measure(placed: Placed, _at: datetime, catalogue: Catalogue) -> Tally:
        return _tally(placed, catalogue, lambda r: test(r) if isinstance(r, TripUpdate) else None)

    return measure


def _alerts(chosen: Callable[[ServiceAlert], set[str]]) -> Any:
    """Count distinct things per area and for the city: an alert for two counties is one."""

    def measure(placed: Placed, _at: datetime, catalogue: Catalogue) -> Tally:
        city = catalogue.city.code
        things: dict[str, set[str]] = {a.code: set() for a in catalogue.counties()}
        things[city] = set()
        for area, record in placed:
            if isinstance(record, ServiceAlert) and record.active:
                things[area] |= chosen(record)
                things[city] |= chosen(record)
        return {area: [float(len(found)), 0.0] for area, found in things.items()}

    return measure


NEEDS: dict[str, type] = {
    "vehicles_in_service": Vehicle,
    "speed": Vehicle,
    "crowded": Vehicle,
    "positions_fresh": Vehicle,
    "on_time": TripUpdate,
    "delay": TripUpdate,
    "trips_run": TripUpdate,
    "skipped": TripUpdate,
    "alerts_active": ServiceAlert,
    "routes_detoured": ServiceAlert,
}
"""What a feed must hold to say anything of a measure. An empty feed says zero of all."""


def _seen_within(v: Vehicle, at: datetime, limit: timedelta) -> bool:
    return v.at is None or at - v.at <= limit


MEASURES: dict[str, Callable[[Placed, datetime, Catalogue], Tally]] = {
    "vehicles_in_service": _vehicles(
        lambda v, at: (1, 0) if v.trip_id and _seen_within(v, at, IN_SERVICE) else None
    ),
    "speed": _vehicles(lambda v, _at: None if v.speed is None else (v.speed, 1)),
    "crowded": _vehicles(
        lambda v, _at: None if v.occupancy is None else (float(v.occupancy in CROWDED), 1)
    ),
    "positions_fresh": _vehicles(
        lambda v, at: None if v.at is None else (float(at - v.at <= FRESH), 1)
    ),
    "on_time": _trips(
        lambda t: None if t.delay is None else (float(EARLY_S <= t.delay <= LATE_S), 1)
    ),
    "delay": _trips(lambda t: None if t.delay is None else (float(t.delay), 1)),
    "trips_run": _trips(lambda t: (float(t.relationship not in ("CANCELED", "DELETED")), 1)),
    "skipped": _trips(lambda t: (float(t.stops_skipped), float(t.stops)) if t.stops else None),
    "alerts_active": _alerts(lambda s: {s.entity_id}),
    "routes_detoured": _alerts(lambda s: set(s.routes) if s.effect in DETOURS else set()),
}
