"""Reads GTFS-Realtime feeds: trip updates, vehicle positions and notices.

A delay the feed does not state is unknown (None), never 0. A message cut exactly
between two entities cannot be told from a whole one: the format has no length.

Source: gtfs.org/documentation/realtime/reference.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from google.protobuf.message import DecodeError
from google.transit import gtfs_realtime_pb2 as pb

from data.connectors.connector import (
    Connector,
    Findings,
    Options,
    Parsed,
    PayloadError,
    RefusedError,
    refuse_oversize,
)
from data.connectors.gtfs_rt_entities import read_alert, read_trip, read_vehicle, told
from data.connectors.instants import from_epoch
from data.connectors.records import ServiceAlert, TripUpdate, Vehicle
from data.connectors.zip_tables import ZipTables, cell

_VERSION = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3}){0,2}")

Record = TripUpdate | Vehicle | ServiceAlert

_NOT_IN_TIMETABLE = ("ADDED", "NEW")
"""Trips that no timetable is expected to have."""


def parse(payload: bytes, options: Options) -> Parsed[Record]:
    """Return the entities of one feed message; raise PayloadError if it is none."""
    message = read_message(payload, options)
    findings = Findings()
    header = from_epoch(message.header.timestamp)
    if header is None:
        detail = "the feed does not say when it was made; every notice is taken as active"
        findings.warn("no_header_time", None, "header.timestamp", None, detail)
    records, counts, seen = list[Record](), Counter[str](), set[str]()
    for row, entity in enumerate(message.entity, 1):
        try:
            key = _key(entity, seen)
            if entity.is_deleted:
                counts["deleted"] += 1
            else:
                records += _read(entity, key, row, header, findings)
        except RefusedError as refusal:
            counts[refusal.reason] += 1
            findings.refuse(refusal, row)
    facts = _facts(message, records, header)
    facts["deleted"] = counts["deleted"]
    facts["duplicate_entity_ids"] = counts["duplicate_entity_id"]
    return findings.conclude(records, facts | _unknown_trips(records, options))


def read_message(payload: bytes, options: Options) -> pb.FeedMessage:
    """Return the decoded message; raise PayloadError if it is no GTFS-Realtime."""
    refuse_oversize(payload, options)
    message = pb.FeedMessage()
    try:
        message.ParseFromString(payload)
    except DecodeError as error:
        raise PayloadError(f"not a GTFS-Realtime message: {_looks_like(payload)}") from error
    version: object = message.header.gtfs_realtime_version
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise PayloadError("not a GTFS-Realtime message: it has no header with a version")
    return message


def _looks_like(payload: bytes) -> str:
    start = payload.lstrip()[:1]
    if payload[:2] == b"PK":
        return "this is a zip file"
    if start in (b"<", b"{", b"["):
        return f"this looks like {'XML or HTML' if start == b'<' else 'JSON'}"
    return "it is truncated, or something else"


def _key(entity: pb.FeedEntity, seen: set[str]) -> str:
    key = told(entity.id)
    if not key:
        raise RefusedError("no_entity_id", "id", detail="the entity has no id")
    if key in seen:
        raise RefusedError("duplicate_entity_id", "id", key, "an earlier entity has the same id")
    seen.add(key)
    return key


def _read(
    entity: pb.FeedEntity, key: str, row: int, header: datetime | None, findings: Findings
) -> list[Record]:
    """Return what one entity carries: as a rule one record."""
    records = list[Record]()
    if entity.HasField("trip_update"):
        records.append(read_trip(entity.trip_update, row, header, findings))
    if entity.HasField("vehicle"):
        records.append(read_vehicle(entity.vehicle, key, row, header, findings))
    if entity.HasField("alert"):
        records.append(read_alert(entity.alert, key, row, header, findings))
    if not entity.ListFields()[1:]:
        raise RefusedError("empty_entity", "id", key, "the entity carries nothing")
    return records


def _facts(
    message: pb.FeedMessage, records: list[Record], header: datetime | None
) -> dict[str, Any]:
    trips = [r for r in records if isinstance(r, TripUpdate)]
    alerts = [r for r in records if isinstance(r, ServiceAlert)]
    known = sum(trip.delay is not None for trip in trips)
    relation = pb.TripUpdate.StopTimeUpdate.ScheduleRelationship
    # Stops are counted over the entities that were taken, so that the counts agree.
    stops = Counter(
        relation.Name(stop.schedule_relationship)
        for trip in trips
        for stop in message.entity[trip.row - 1].trip_update.stop_time_update
    )
    return {
        "header_time": header.isoformat() if header else None,
        "version": message.header.gtfs_realtime_version,
        "incrementality": pb.FeedHeader.Incrementality.Name(message.header.incrementality),
        "entities": len(message.entity),
        "trip_updates": len(trips),
        "vehicles": sum(isinstance(r, Vehicle) for r in records),
        "alerts": len(alerts),
        "trip_schedule_relationship": dict(sorted(Counter(t.relationship for t in trips).items())),
        "stop_schedule_relationship": dict(sorted(stops.items())),
        "delay_known": known,
        "delay_unknown": len(trips) - known,
        "alerts_active_at_header": sum(alert.active for alert in alerts),
    }


def _unknown_trips(records: list[Record], options: Options) -> dict[str, Any]:
    """Return which trips the timetable beside the feed does not have."""
    if options.static is None:
        return {}
    try:
        # Only trips.txt is asked for: a timetable without stop times still tells its trips.
        table = ZipTables(options.static, options, ("trips",)).table("trips")
        if table is None:
            raise PayloadError("it has no trips.txt")
        table.need("trip_id")
        place = table.columns["trip_id"]
        known = {cell(cells, place) for _, cells in table.rows()}
    except PayloadError as error:
        raise PayloadError(f"the static feed cannot be used: {error}") from error
    added = {
        r.trip_id
        for r in records
        if isinstance(r, TripUpdate) and r.relationship in _NOT_IN_TIMETABLE
    }
    running = {r.trip_id for r in records if isinstance(r, TripUpdate | Vehicle) and r.trip_id}
    unknown = sorted(running - known - added)
    return {"trips_not_in_static": len(unknown), "trip_ids_not_in_static": unknown[:20]}


CONNECTOR = Connector(key="gtfs-rt", row_word="entity", parse=parse)
