"""The records that connectors yield. All instants are aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from data.vocabulary import CaseState, Disposition


@dataclass(frozen=True)
class AlertArea:
    """Where a warning holds: text, polygons and circles as (lat, lon) in WGS-84, codes."""

    description: str
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()  # lat, lon, km
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AlertInfo:
    """One language block of a warning."""

    language: str
    event: str
    categories: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    headline: str
    description: str
    instruction: str
    sender_name: str
    response_types: tuple[str, ...]
    effective: datetime | None
    onset: datetime | None
    expires: datetime | None
    parameters: tuple[tuple[str, str], ...]
    areas: tuple[AlertArea, ...]


@dataclass(frozen=True)
class AlertMessage:
    """One CAP alert. references are (sender, identifier, sent)."""

    row: int
    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    references: tuple[tuple[str, str, datetime], ...]
    infos: tuple[AlertInfo, ...]
    signed: bool
    disposition: Disposition


@dataclass(frozen=True)
class StaticFeed:
    """A GTFS static feed, shaped for what is asked of it."""

    timezone: str
    routes: tuple[TransitRoute, ...]
    stops: tuple[TransitStop, ...]
    trips: tuple[tuple[str, str, str], ...]  # trip_id, route_id, service_id
    service_dates: tuple[tuple[date, str], ...]  # (date, service_id) that runs
    route_stops: tuple[tuple[str, str], ...]  # route_id, stop_id


@dataclass(frozen=True)
class TransitRoute:
    """One line."""

    row: int
    route_id: str
    short_name: str
    long_name: str
    route_type: int


@dataclass(frozen=True)
class TransitStop:
    """One stop; position may be unknown."""

    row: int
    stop_id: str
    name: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class Vehicle:
    """One vehicle position. Unknown is None, never 0. speed in m/s."""

    row: int
    vehicle_id: str
    trip_id: str | None
    route_id: str | None
    lat: float | None
    lon: float | None
    speed: float | None
    occupancy: str | None
    at: datetime | None


@dataclass(frozen=True)
class TripUpdate:
    """One trip now. delay is the newest known delay in seconds, None when the feed does not say."""

    row: int
    trip_id: str
    route_id: str | None
    start_date: str | None
    relationship: str
    delay: int | None
    stops: int
    stops_skipped: int
    at: datetime | None


@dataclass(frozen=True)
class ServiceAlert:
    """One transit notice. end is None for open-ended (also for year-3000 ends)."""

    row: int
    entity_id: str
    cause: str
    effect: str
    header: str
    description: str
    routes: tuple[str, ...]
    stops: tuple[str, ...]
    periods: tuple[tuple[datetime | None, datetime | None], ...]
    active: bool


@dataclass(frozen=True)
class Facility:
    """A place that reports: a hospital, a county's health site. Positions are WGS-84."""

    row: int
    location_id: str
    name: str
    lat: float | None
    lon: float | None
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Measure:
    """One population count of one group of a MeasureReport; value None means absent, not 0."""

    row: int
    report_id: str
    measure: str
    subject: str
    period_start: datetime
    period_end: datetime
    group: str
    population: str
    role: str
    value: float | None
    absent_reason: str | None = None


@dataclass(frozen=True)
class Reading:
    """One substance at a station: µg/m³, CO in mg/m³, aqi as an index, else as `unit` says."""

    substance: str
    value: float
    unit: str


@dataclass(frozen=True)
class StationReport:
    """What one station measured in one period. A value that is missing is not there at all.

    place is the city or district as the file names it; control marks a background
    station (对照点), which is in no mean of a city. period is [start, end).
    """

    row: int
    station_id: str
    name: str
    place: str
    lat: float | None
    lon: float | None
    control: bool
    period_start: datetime
    period_end: datetime
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class ServiceRequest:
    """One Open311 request. Contact data is never read."""

    row: int
    request_id: str
    status: str
    status_notes: str
    service_code: str
    service_name: str
    description: str
    agency: str
    requested_at: datetime
    updated_at: datetime | None
    expected_at: datetime | None
    address: str
    lat: float | None
    lon: float | None
    priority: str
    call_back: str = ""


@dataclass(frozen=True)
class ServiceType:
    """One entry of an Open311 service list; codes stay text."""

    row: int
    service_code: str
    service_name: str
    group: str


@dataclass(frozen=True)
class CaseEvent:
    """What happened to a known case, and where it stands since. note is masked."""

    row: int
    request_id: str
    event: str
    state: CaseState
    at: datetime
    department: str | None = None
    note: str = ""
