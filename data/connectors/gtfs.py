"""Reads a GTFS static feed: a zip of tables in, one feed out.

A row that cannot be used is refused and the rest of the feed stays. Times past
24:00 belong to the day the service began and stay as they are.

Source: gtfs.org/documentation/schedule/reference.
"""

from __future__ import annotations

from typing import Any

from data.connectors.connector import Connector, Findings, Options, Parsed, PayloadError
from data.connectors.gtfs_calendar import Calendar, read_calendar
from data.connectors.gtfs_tables import (
    Feed,
    frequency_departures,
    read_routes,
    read_stop_times,
    read_stops,
    read_trips,
)
from data.connectors.instants import zone
from data.connectors.records import StaticFeed
from data.connectors.zip_tables import Table, ZipTables, cell

REQUIRED = ("agency", "routes", "trips", "stops", "stop_times")
READ = (*REQUIRED, "calendar", "calendar_dates", "frequencies")
COUNTED = (
    "areas attributions booking_rules fare_attributes fare_leg_join_rules fare_leg_rules"
    " fare_media fare_products fare_rules fare_transfer_rules feed_info levels"
    " location_group_stops location_groups networks pathways rider_categories route_networks"
    " shapes stop_areas timeframes transfers translations"
)
"""Tables whose rows are counted and not read."""

KNOWN = frozenset((*READ, *COUNTED.split()))


def parse(payload: bytes, options: Options) -> Parsed[StaticFeed]:
    """Return the feed; raise PayloadError if a table that every feed has is missing."""
    tables = ZipTables(payload, options, KNOWN)
    _refuse_incomplete(tables.names)
    feed = Feed(Findings())
    for name in tables.names:
        if name not in READ:
            table = tables.table(name)
            feed.rows[name] = sum(1 for _ in table.rows()) if table else 0
    timezone = _timezone(_table(tables, "agency"), feed, options)
    read_routes(_table(tables, "routes"), feed)
    read_stops(_table(tables, "stops"), feed)
    calendar = read_calendar(tables.table("calendar"), tables.table("calendar_dates"), feed)
    read_trips(_table(tables, "trips"), feed, calendar.services)
    read_stop_times(_table(tables, "stop_times"), feed)
    departures = frequency_departures(tables.table("frequencies"), feed)
    record = StaticFeed(
        timezone=timezone,
        routes=tuple(feed.routes.values()),
        stops=tuple(feed.stops.values()),
        trips=tuple((trip, *of) for trip, of in feed.trips.items()),
        service_dates=tuple(calendar.running()),
        route_stops=tuple(sorted(feed.route_stops)),
    )
    facts = _facts(record, feed, calendar, options)
    facts["frequency_departures"] = departures
    usable = sum(feed.rows.values()) - feed.refused
    return feed.findings.conclude([record], facts, usable)


def _refuse_incomplete(names: list[str]) -> None:
    missing = [f"{name}.txt" for name in REQUIRED if name not in names]
    if not {"calendar", "calendar_dates"} & set(names):
        missing.append("calendar.txt or calendar_dates.txt")
    if missing:
        raise PayloadError(f"not a GTFS feed: it has no {', '.join(missing)}")


def _table(tables: ZipTables, name: str) -> Table:
    table = tables.table(name)
    if table is None:
        raise PayloadError(f"not a GTFS feed: it has no {name}.txt")
    return table


def _timezone(table: Table, feed: Feed, options: Options) -> str:
    """Return the feed's zone: its first agency's, as GTFS wants one for all."""
    found = []
    for line, cells in table.rows():
        feed.rows["agency"] += 1
        name = cell(cells, table.columns.get("agency_timezone"))
        try:
            found.append(zone(name).key)
        except PayloadError as error:
            feed.warn("bad_timezone", line, "agency.agency_timezone", name, str(error))
    if not found and not options.tz:
        raise PayloadError("agency.txt names no time zone that exists")
    if len(set(found)) > 1:
        feed.warn("several_timezones", None, "agency.agency_timezone", ", ".join(found))
    return found[0] if found else zone(options.tz).key


def _facts(record: StaticFeed, feed: Feed, calendar: Calendar, options: Options) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "rows": dict(sorted(feed.rows.items())),
        "timezone": record.timezone,
        "routes_with_trips": len({route for _, route, _ in record.trips}),
        "stop_times_at_or_after_24h": feed.after_midnight,
        "orphan_stop_times": feed.orphans,
        "service_range": calendar.span(),
    }
    if options.date:
        running = calendar.services_on(options.date)
        facts["trips_on"] = sum(service in running for _, _, service in record.trips)
    return facts


CONNECTOR = Connector(key="gtfs", row_word="line", parse=parse)
