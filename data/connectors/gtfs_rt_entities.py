"""One entity of a GTFS-Realtime feed as a record."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from google.transit import gtfs_realtime_pb2 as pb

from data.connectors.connector import Findings, RefusedError, clean
from data.connectors.instants import LATEST, from_epoch
from data.connectors.positions import known_place
from data.connectors.privacy import mask
from data.connectors.records import ServiceAlert, TripUpdate, Vehicle

FUTURE = timedelta(hours=1)
MAX_DELAY_S = 24 * 3600
MAX_SPEED = 150.0  # m/s; the fastest train makes 130

_LANGUAGES = ("zh", "en", "")
"""Which translation of a notice is read, in order of preference."""

Period = tuple[datetime | None, datetime | None]


def told(value: object) -> str:
    """Return a text of the feed; the decoder hands over bytes where it is not UTF-8."""
    if not isinstance(value, str):
        raise RefusedError("bad_text", detail="a text in the entity is not UTF-8")
    return clean(value)


def read_trip(
    trip: pb.TripUpdate, row: int, header: datetime | None, findings: Findings
) -> TripUpdate:
    """Return one trip now; raise RefusedError if it cannot be told which."""
    key = told(trip.trip.trip_id)
    if not key:
        detail = "the update does not name its trip"
        raise RefusedError("no_trip_id", "trip_update.trip.trip_id", detail=detail)
    at = _moment(trip.timestamp, header, "trip_update.timestamp")
    relations = pb.TripUpdate.StopTimeUpdate
    skipped = [s.schedule_relationship == relations.SKIPPED for s in trip.stop_time_update]
    return TripUpdate(
        row=row,
        trip_id=key,
        route_id=told(trip.trip.route_id) or None,
        start_date=told(trip.trip.start_date) or None,
        relationship=pb.TripDescriptor.ScheduleRelationship.Name(trip.trip.schedule_relationship),
        delay=_delay(trip, row, findings),
        stops=len(skipped),
        stops_skipped=sum(skipped),
        at=at or header,
    )


def _delay(trip: pb.TripUpdate, row: int, findings: Findings) -> int | None:
    """Return the delay at the last stop that states one, else that of the whole trip.

    Stops outrank the trip (GTFS-Realtime reference, TripUpdate.delay). A predicted
    time without a delay leaves it unknown: the timetable is not asked here. A trip
    that does not run has none.
    """
    if trip.trip.schedule_relationship in (pb.TripDescriptor.CANCELED, pb.TripDescriptor.DELETED):
        return None
    relations = pb.TripUpdate.StopTimeUpdate
    stated = [trip.delay] if trip.HasField("delay") else []
    for stop in trip.stop_time_update:
        if stop.schedule_relationship in (relations.SKIPPED, relations.NO_DATA):
            continue
        events = (e for e in (stop.arrival, stop.departure) if e.HasField("delay"))
        stated += [event.delay for event in events]
    if not stated:
        return None
    if abs(stated[-1]) > MAX_DELAY_S:
        detail = "more than a day; taken as unknown"
        findings.warn("implausible_delay", row, "delay", str(stated[-1]), detail)
        return None
    return stated[-1]


def _moment(seconds: int, header: datetime | None, field: str) -> datetime | None:
    """Return the instant, None if not stated; raise RefusedError for one yet to come."""
    if not seconds:
        return None
    at = from_epoch(seconds)
    if at is None or (header and at - header > FUTURE):
        detail = "more than an hour later than the feed that reports it"
        raise RefusedError("future_time", field, str(seconds), detail)
    return at


def read_vehicle(
    vehicle: pb.VehiclePosition, key: str, row: int, header: datetime | None, findings: Findings
) -> Vehicle:
    """Return one vehicle; what it does not state is None."""
    at = _moment(vehicle.timestamp, header, "vehicle.timestamp")
    lat, lon = _position(vehicle, row, findings)
    occupancy = None
    if vehicle.HasField("occupancy_status"):
        occupancy = pb.VehiclePosition.OccupancyStatus.Name(vehicle.occupancy_status)
    return Vehicle(
        row=row,
        vehicle_id=told(vehicle.vehicle.id) or told(vehicle.vehicle.label) or key,
        trip_id=told(vehicle.trip.trip_id) or None,
        route_id=told(vehicle.trip.route_id) or None,
        lat=lat,
        lon=lon,
        speed=_speed(vehicle, row, findings),
        occupancy=occupancy,
        at=at,
    )


def _position(
    vehicle: pb.VehiclePosition, row: int, findings: Findings
) -> tuple[float, float] | tuple[None, None]:
    if not vehicle.HasField("position"):
        return None, None
    lat, lon = vehicle.position.latitude, vehicle.position.longitude
    if not known_place(lat, lon):
        detail = "not a place on earth; left out"
        findings.warn("bad_position", row, "vehicle.position", f"{lat}, {lon}", detail)
        return None, None
    # The feed has 32-bit floats: more digits than these are noise.
    return round(lat, 6), round(lon, 6)


def _speed(vehicle: pb.VehiclePosition, row: int, findings: Findings) -> float | None:
    if not vehicle.HasField("position") or not vehicle.position.HasField("speed"):
        return None
    speed = vehicle.position.speed
    if math.isfinite(speed) and 0 <= speed <= MAX_SPEED:
        return round(speed, 3)
    findings.warn("bad_speed", row, "vehicle.position.speed", str(speed), "left out")
    return None


def read_alert(
    alert: pb.Alert, key: str, row: int, header: datetime | None, findings: Findings
) -> ServiceAlert:
    """Return one notice; active is judged at the time of the feed."""
    periods = [_period(period) for period in alert.active_period]
    if any(start and end and end < start for start, end in periods):
        findings.warn("bad_period", row, "alert.active_period", None, "ends before it starts")
    about = alert.informed_entity
    routes = (route for e in about for route in (told(e.route_id), told(e.trip.route_id)))
    stops = (told(e.stop_id) for e in about)
    return ServiceAlert(
        row=row,
        entity_id=key,
        cause=pb.Alert.Cause.Name(alert.cause),
        effect=pb.Alert.Effect.Name(alert.effect),
        header=mask(_text(alert.header_text)),
        description=mask(_text(alert.description_text)),
        routes=tuple(dict.fromkeys(filter(None, routes))),
        stops=tuple(dict.fromkeys(filter(None, stops))),
        periods=tuple(periods),
        active=header is None or not periods or any(_within(header, p) for p in periods),
    )


def _period(period: pb.TimeRange) -> Period:
    """Return (start, end); an end that is missing or after 2100 is open, a start never is."""
    return from_epoch(min(period.start, LATEST - 1)), from_epoch(period.end)


def _within(moment: datetime, period: Period) -> bool:
    start, end = period
    return (start is None or start <= moment) and (end is None or moment < end)


def _text(text: pb.TranslatedString) -> str:
    by_language: dict[str, str] = {}
    for translation in text.translation:
        by_language.setdefault(told(translation.language)[:2].lower(), told(translation.text))
    first = next(iter(by_language.values()), "")
    return next((by_language[code] for code in _LANGUAGES if by_language.get(code)), first)
