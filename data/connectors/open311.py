"""Reads Open311 GeoReport v2: request lists and service lists, XML or JSON.

Contact data (mail, phone, names, account, device) is never looked at; free text is masked.

Source: wiki.open311.org/GeoReport_v2.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from data.connectors.connector import Connector, Findings, Options, Parsed, RefusedError
from data.connectors.instants import optional_instant, required_instant
from data.connectors.open311_items import Item, read_items
from data.connectors.positions import optional_position
from data.connectors.privacy import mask
from data.connectors.records import ServiceRequest, ServiceType

STATUSES = ("open", "closed")


def parse(payload: bytes, options: Options) -> Parsed[ServiceRequest | ServiceType]:
    """Return the requests or the services of one file; raise PayloadError if it is neither."""
    kind, items = read_items(payload, options)
    findings = Findings()
    read: list[ServiceRequest | ServiceType] = []
    seen: set[str] = set()
    for row, item in enumerate(items, 1):
        try:
            if kind == "services":
                read.append(_service(item, row, seen))
            else:
                read.append(_request(item, row, options.tz, findings))
        except RefusedError as refusal:
            findings.refuse(refusal, row)
    records = _newest_of_each(read, findings)
    by_status = Counter(r.status for r in records if isinstance(r, ServiceRequest))
    facts: dict[str, Any] = {"requests": 0, "services": 0, kind: len(records)}
    return findings.conclude(records, {**facts, "by_status": dict(sorted(by_status.items()))})


def _service(item: Item, row: int, seen: set[str]) -> ServiceType:
    code = item.get("service_code", "")
    if not code:
        raise RefusedError("no_service_code", "service_code", detail="the service has no code")
    if code in seen:
        detail = "the same code stands earlier in the file"
        raise RefusedError("duplicate", "service_code", code, detail)
    seen.add(code)
    return ServiceType(row, code, item.get("service_name", ""), item.get("group", ""))


def _request(item: Item, row: int, tz: str, findings: Findings) -> ServiceRequest:
    """Return the request; raise RefusedError when it lacks what every request has."""
    request_id, status = _identity(item)
    written = mask(_iso(item.get("requested_datetime", "")))
    requested = required_instant(written, tz, "requested_datetime")
    lat, lon = optional_position(item.get("lat", ""), item.get("long", ""), findings, row, "lat")
    return ServiceRequest(
        row=row,
        request_id=request_id,
        status=status,
        status_notes=mask(item.get("status_notes", "")),
        service_code=item.get("service_code", ""),
        service_name=item.get("service_name", ""),
        description=mask(item.get("description", "")),
        agency=item.get("agency_responsible", ""),
        requested_at=requested,
        updated_at=_updated(item, requested, row, tz, findings),
        expected_at=_optional(item, "expected_datetime", row, tz, findings),
        address=mask(item.get("address", "")),
        lat=lat,
        lon=lon,
        priority=next((v for k in ("priority", "severity", "level") if (v := item.get(k))), ""),
        call_back=next((mask(v) for k in ("call_back", "satisfaction") if (v := item.get(k))), ""),
    )


def _identity(item: Item) -> tuple[str, str]:
    """Return id and status; raise RefusedError without them."""
    request_id, status = item.get("service_request_id", ""), item.get("status", "")
    if not request_id:
        token = " (a token only)" if item.get("token") else ""
        detail = f"the request has no service_request_id{token}"
        raise RefusedError("no_request_id", "service_request_id", detail=detail)
    if not status:
        raise RefusedError("no_status", "status", detail="the request has no status")
    if status.lower() not in STATUSES:
        raise RefusedError("bad_status", "status", mask(status), "a request is open or closed")
    return request_id, status.lower()


def _optional(item: Item, field: str, row: int, tz: str, findings: Findings) -> datetime | None:
    return optional_instant(mask(_iso(item.get(field, ""))), tz, findings, row, field)


def _updated(
    item: Item, requested: datetime, row: int, tz: str, findings: Findings
) -> datetime | None:
    updated = _optional(item, "updated_datetime", row, tz, findings)
    if updated and updated < requested:
        detail = "updated before it was reported; left out"
        written = item.get("updated_datetime")
        findings.warn("updated_before_requested", row, "updated_datetime", written, detail)
        return None
    return updated


def _iso(written: str) -> str:
    """Return the compact "20100414T06:37:38-08:00" some cities write as extended ISO 8601."""
    return re.sub(r"^([0-9]{4})([0-9]{2})([0-9]{2})(?=[T ])", r"\1-\2-\3", written)


def _newest_of_each(
    read: list[ServiceRequest | ServiceType], findings: Findings
) -> list[ServiceRequest | ServiceType]:
    """Return one request per id, the newest; the first of equals stays. Services stay."""
    kept: dict[str, ServiceRequest] = {}
    for request in read:
        if not isinstance(request, ServiceRequest):
            continue
        other = kept.setdefault(request.request_id, request)
        if other is request:
            continue
        newer, older = (request, other) if _moment(request) > _moment(other) else (other, request)
        kept[request.request_id] = newer
        detail = f"{newer.row} in the file has the same id and is as new or newer"
        refusal = RefusedError("duplicate", "service_request_id", older.request_id, detail)
        findings.refuse(refusal, older.row)
    return [r for r in read if isinstance(r, ServiceType) or kept[r.request_id] is r]


def _moment(request: ServiceRequest) -> datetime:
    return request.updated_at or request.requested_at


CONNECTOR = Connector(key="open311", row_word="request", parse=parse)
