"""The tables of a GTFS feed, row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from data.connectors.connector import Findings, RefusedError, clean
from data.connectors.positions import optional_position
from data.connectors.records import TransitRoute, TransitStop
from data.connectors.zip_tables import Table, cell

_TIME = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")
_DAY_S = 24 * 3600
_MAX_ROUTE_TYPE = 1799  # the extended types end at 1702


@dataclass
class Feed:
    """What is known so far of one feed."""

    findings: Findings
    rows: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    routes: dict[str, TransitRoute] = field(default_factory=dict)
    stops: dict[str, TransitStop] = field(default_factory=dict)
    trips: dict[str, tuple[str, str]] = field(default_factory=dict)  # route_id, service_id
    trip_ids: set[str] = field(default_factory=set)  # of refused trips too
    route_stops: set[tuple[str, str]] = field(default_factory=set)
    after_midnight: int = 0
    orphans: int = 0

    def refuse(self, refusal: RefusedError, line: int) -> None:
        """Note a row that is not taken."""
        self.refused += 1
        self.findings.refuse(refusal, line)

    def warn(self, reason: str, line: int | None, name: str, value: str, detail: str = "") -> None:
        """Note a row that is taken without the part complained about."""
        self.findings.warn(reason, line, name, value, detail)


def key_of(cells: list[str], table: Table, column: str) -> str:
    """Return an id; raise RefusedError for a row without it."""
    value = clean(cell(cells, table.columns.get(column)))
    if not value:
        detail = f"a row of {table.name}.txt without {column}"
        raise RefusedError(f"no_{column}", f"{table.name}.{column}", detail=detail)
    return value


def once(key: str, seen: Collection[str], table: Table, column: str) -> str:
    """Return `key`; raise RefusedError if an earlier row has it."""
    if key in seen:
        detail = f"an earlier row of {table.name}.txt has it"
        raise RefusedError(f"duplicate_{column}", f"{table.name}.{column}", key, detail)
    return key


def seconds(text: str, name: str) -> int | None:
    """Return H:MM:SS in seconds since the service day began, None where it is left blank."""
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if not found:
        raise RefusedError("bad_time", name, text, "not H:MM:SS")
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])


def whole(text: str, name: str, most: int) -> int:
    """Return the whole number `text` writes, between 0 and `most`."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
        raise RefusedError("bad_number", name, text, f"not a whole number from 0 to {most}")
    return int(text)


def read_routes(table: Table, feed: Feed) -> None:
    """Fill feed.routes."""
    table.need("route_id", "route_type")
    short, long = (table.columns.get(f"route_{name}_name") for name in ("short", "long"))
    kind = table.columns["route_type"]
    for line, cells in table.rows():
        feed.rows["routes"] += 1
        try:
            key = once(key_of(cells, table, "route_id"), feed.routes, table, "route_id")
            route_type = whole(cell(cells, kind), "routes.route_type", _MAX_ROUTE_TYPE)
        except RefusedError as refusal:
            feed.refuse(refusal, line)
            continue
        names = clean(cell(cells, short)), clean(cell(cells, long))
        feed.routes[key] = TransitRoute(line, key, *names, route_type)


def read_stops(table: Table, feed: Feed) -> None:
    """Fill feed.stops; a stop without a place that exists keeps its name."""
    table.need("stop_id")
    name, lat, lon = (table.columns.get(f"stop_{part}") for part in ("name", "lat", "lon"))
    for line, cells in table.rows():
        feed.rows["stops"] += 1
        try:
            key = once(key_of(cells, table, "stop_id"), feed.stops, table, "stop_id")
        except RefusedError as refusal:
            feed.refuse(refusal, line)
            continue
        place = optional_position(
            cell(cells, lat), cell(cells, lon), feed.findings, line, "stops.stop_lat"
        )
        feed.stops[key] = TransitStop(line, key, clean(cell(cells, name)), *place)


def read_trips(table: Table, feed: Feed, services: Collection[str]) -> None:
    """Fill feed.trips; the services are those any calendar names."""
    table.need("trip_id", "route_id", "service_id")
    for line, cells in table.rows():
        feed.rows["trips"] += 1
        try:
            key = once(key_of(cells, table, "trip_id"), feed.trip_ids, table, "trip_id")
            feed.trip_ids.add(key)
            route, service = key_of(cells, table, "route_id"), key_of(cells, table, "service_id")
            if route not in feed.routes:
                detail = "routes.txt has no such route"
                raise RefusedError("unknown_route", "trips.route_id", route, detail)
        except RefusedError as refusal:
            feed.refuse(refusal, line)
            continue
        if service not in services:
            feed.warn("unknown_service", line, "trips.service_id", service, "runs on no day")
        feed.trips[key] = route, service


def read_stop_times(table: Table, feed: Feed) -> None:
    """Fill feed.route_stops and count the rows of trips that do not exist."""
    table.need("trip_id", "stop_id", "stop_sequence")
    at = table.columns
    places = (at["trip_id"], at["stop_id"], at["stop_sequence"])
    times = (at.get("arrival_time"), at.get("departure_time"))
    # Stops on demand have a group or an outline instead of a stop.
    on_demand = [at[name] for name in ("location_group_id", "location_id") if name in at]
    for line, cells in table.rows():
        feed.rows["stop_times"] += 1
        try:
            trip, stop, sequence = (cell(cells, place) for place in places)
            moments = [seconds(cell(cells, place), "stop_times.arrival_time") for place in times]
            _refuse_unlinked(trip, stop, feed, any(cell(cells, place) for place in on_demand))
            whole(sequence, "stop_times.stop_sequence", 10**9)
        except RefusedError as refusal:
            feed.orphans += refusal.reason == "orphan_stop_time"
            feed.refuse(refusal, line)
            continue
        feed.after_midnight += any(m is not None and m >= _DAY_S for m in moments)
        if stop and trip in feed.trips:
            feed.route_stops.add((feed.trips[trip][0], stop))


def _refuse_unlinked(trip: str, stop: str, feed: Feed, on_demand: bool) -> None:
    if not trip:
        raise RefusedError("no_trip_id", "stop_times.trip_id", detail="a time of no trip")
    if trip not in feed.trip_ids:
        detail = "trips.txt has no such trip"
        raise RefusedError("orphan_stop_time", "stop_times.trip_id", trip, detail)
    if not stop and not on_demand:
        raise RefusedError("no_stop_id", "stop_times.stop_id", detail="a time at no stop")
    if stop and stop not in feed.stops:
        detail = "stops.txt has no such stop"
        raise RefusedError("unknown_stop", "stop_times.stop_id", stop, detail)


def frequency_departures(table: Table | None, feed: Feed) -> int:
    """Return how many departures the headways stand for: start <= t < end, summed over rows."""
    if table is None:
        return 0
    table.need("trip_id", "start_time", "end_time", "headway_secs")
    columns = [table.columns[name] for name in ("start_time", "end_time", "headway_secs")]
    departures = 0
    for line, cells in table.rows():
        feed.rows["frequencies"] += 1
        try:
            trip = key_of(cells, table, "trip_id")
            if trip not in feed.trip_ids:
                detail = "trips.txt has no such trip"
                raise RefusedError("unknown_trip", "frequencies.trip_id", trip, detail)
            start, end, headway = (cell(cells, place) for place in columns)
            departures += _departures(start, end, headway)
        except RefusedError as refusal:
            feed.refuse(refusal, line)
    return departures


def _departures(start: str, end: str, headway: str) -> int:
    first = seconds(start, "frequencies.start_time")
    last = seconds(end, "frequencies.end_time")
    step = whole(headway, "frequencies.headway_secs", _DAY_S)
    if first is None or last is None or last <= first or step == 0:
        detail = "not a span of time with a headway"
        raise RefusedError("bad_frequency", "frequencies.end_time", f"{start}-{end}", detail)
    return -(-(last - first) // step)
