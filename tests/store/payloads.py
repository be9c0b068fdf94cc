"""Small files of every format, about places of the demonstration city."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from typing import Any

from google.transit import gtfs_realtime_pb2 as pb

from data.vocabulary import LOCAL
from tests.conftest import NOW

SPOTS = {
    "441602": (114.60, 23.66),
    "441621": (115.05, 23.52),
    "441622": (115.35, 24.33),
}
"""A place (lon, lat) within some counties."""

# ---- CAP ----


def alert(
    identifier: str,
    *,
    sent: datetime = NOW,
    msg_type: str = "Alert",
    status: str = "Actual",
    references: tuple[tuple[str, datetime], ...] = (),
    expires: datetime | None = None,
    effective: datetime | None = None,
    colour: str = "Orange",
    geocode: str = "441621",
    sender: str = "heyuan@weather.example",
    response: str | None = None,
    area: str = "",
) -> str:
    """Return one CAP alert about Zijin county."""
    linked = " ".join(f"{sender},{i},{_stamp(at)}" for i, at in references)
    level = (
        f"<parameter><valueName>responseLevel</valueName><value>{response}</value></parameter>"
        if response
        else ""
    )
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>
      <sender>{sender}</sender>{_moment("sent", sent)}<status>{status}</status>
      <msgType>{msg_type}</msgType><scope>Public</scope>
      {f"<references>{linked}</references>" if linked else ""}
      <info><language>zh-CN</language><category>Met</category><event>暴雨</event>
      <urgency>Immediate</urgency><severity>Moderate</severity><certainty>Observed</certainty>
      {_moment("effective", effective)}{_moment("expires", expires)}
      <headline>暴雨预警信号 {identifier}</headline>
      <parameter><valueName>ColorCode</valueName><value>{colour}</value></parameter>{level}
      <area><areaDesc>{area}</areaDesc>
      {f"<geocode><valueName>GB/T 2260</valueName><value>{geocode}</value></geocode>" if geocode else ""}
      </area></info></alert>"""


def _stamp(at: datetime) -> str:
    return at.astimezone(LOCAL).isoformat(timespec="seconds")


def _moment(name: str, at: datetime | None) -> str:
    return f"<{name}>{_stamp(at)}</{name}>" if at else ""


def feed(*alerts: str) -> bytes:
    """Return an Atom feed of alerts."""
    entries = "".join(f"<entry><content>{a}</content></entry>" for a in alerts)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


# ---- Open311 ----


def request(
    request_id: str,
    code: str = "110-02",
    area: str = "441602",
    *,
    at: datetime = NOW - timedelta(minutes=10),
    **more: Any,
) -> dict[str, Any]:
    """Return one open request in a county."""
    lon, lat = SPOTS.get(area, (None, None))
    return {
        "service_request_id": request_id,
        "status": "open",
        "service_code": code,
        "service_name": "x",
        "description": f"诉求 {request_id}",
        "requested_datetime": at.isoformat(),
        "updated_datetime": at.isoformat(),
        "lat": lat,
        "long": lon,
        **more,
    }


def requests(*rows: dict[str, Any]) -> bytes:
    """Return an Open311 answer."""
    return json.dumps({"service_requests": list(rows)}, ensure_ascii=False).encode()


# ---- FHIR ----


def location(key: str, area: str, **more: Any) -> dict[str, Any]:
    """Return one hospital in a county."""
    lon, lat = SPOTS[area]
    position = {"latitude": lat, "longitude": lon}
    return {
        "resourceType": "Location",
        "id": key,
        "name": f"医院 {key}",
        "position": position,
        **more,
    }


def report(
    key: str,
    place: str,
    group: str,
    counts: dict[str, int | None],
    start: str = "2026-11-18T09:00:00+08:00",
    end: str = "2026-11-18T09:59:59+08:00",
) -> dict[str, Any]:
    """Return one report of an hour; a count of None is absent."""
    absent = {
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        "valueCode": "unknown",
    }
    populations = [
        {"code": {"coding": [{"code": code}]}, "count": n}
        if n is not None
        else {
            "code": {"coding": [{"code": code}]},
            "count": None,
            "_count": {"extension": [absent]},
        }
        for code, n in counts.items()
    ]
    return {
        "resourceType": "MeasureReport",
        "id": key,
        "status": "complete",
        "type": "summary",
        "measure": "urn:capacity",
        "subject": {"reference": f"Location/{place}"},
        "period": {"start": start, "end": end},
        "group": [{"code": {"coding": [{"code": group}]}, "population": populations}],
    }


def bundle(*resources: dict[str, Any]) -> bytes:
    """Return a FHIR bundle."""
    entries = [{"resource": r} for r in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


# ---- GTFS ----

TIMETABLE = {
    "agency": "agency_name,agency_timezone\n公交,Asia/Shanghai\n",
    "routes": "route_id,route_short_name,route_long_name,route_type\nR1,1路,城区,3\nR2,2路,紫金,3\n",
    "stops": (
        "stop_id,stop_name,stop_lat,stop_lon\n"
        "S1,甲,23.66,114.60\nS2,乙,23.67,114.61\nS3,丙,23.52,115.05\nS4,丁,,\n"
    ),
    "trips": "route_id,service_id,trip_id\nR1,WD,T1\nR1,WD,T2\nR2,WD,T3\n",
    "stop_times": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "T1,08:00:00,08:00:00,S1,1\nT1,08:10:00,08:10:00,S2,2\nT1,08:20:00,08:20:00,S3,3\n"
        "T3,09:00:00,09:00:00,S3,1\nT3,09:10:00,09:10:00,S4,2\n"
    ),
    "calendar": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "WD,1,1,1,1,1,0,0,20261116,20261122\n"
    ),
}


def timetable(**tables: str) -> bytes:
    """Return a GTFS zip; two routes, one in Yuancheng, one in Zijin. The same text, the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (TIMETABLE | tables).items():
            archive.writestr(zipfile.ZipInfo(f"{name}.txt", (2026, 1, 1, 0, 0, 0)), text.encode())
    return buffer.getvalue()


def realtime(at: datetime = NOW) -> pb.FeedMessage:
    """Return an empty realtime feed made at an instant."""
    message = pb.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.timestamp = int(at.timestamp())
    return message


def trip(message: pb.FeedMessage, key: str, route: str, delay: int | None, **relation: Any) -> Any:
    """Add one trip; a delay of None is not known."""
    update = message.entity.add(id=key).trip_update
    update.trip.trip_id, update.trip.route_id = key, route
    for name, value in relation.items():
        setattr(update.trip, name, value)
    if delay is not None:
        update.delay = delay
    return update


def vehicle(
    message: pb.FeedMessage, key: str, area: str, *, speed: float | None, at: datetime
) -> Any:
    """Add one bus on a trip."""
    found = message.entity.add(id=key).vehicle
    found.vehicle.id, found.trip.trip_id, found.timestamp = key, f"T-{key}", int(at.timestamp())
    found.position.longitude, found.position.latitude = SPOTS[area]
    if speed is not None:
        found.position.speed = speed
    return found
