"""Reads what happened to cases: progress that the department in charge pushes.

{"events": [{"service_request_id": "2026-0001", "event": "arrived",
"at": "2026-11-18T10:20:00+08:00"}]}
"""

from __future__ import annotations

from data.connectors.connector import Connector, Findings, Options, Parsed, RefusedError, clean
from data.connectors.instants import required_instant
from data.connectors.privacy import mask
from data.connectors.push_documents import read_document
from data.connectors.push_observations import said_as_of
from data.connectors.push_rows import STATE_AFTER, EventRow, checked, required
from data.connectors.records import CaseEvent


def parse(payload: bytes, options: Options) -> Parsed[CaseEvent]:
    """Return the events of one document; raise PayloadError if it is none."""
    document = read_document(payload, options, "events", columns=required(EventRow))
    findings, found = Findings(), []
    for place, value in enumerate(document.rows, 1):
        try:
            found.append(_event(checked(EventRow, value), place, options.tz))
        except RefusedError as refusal:
            findings.refuse(refusal, place)
    summary = {"rows": len(document.rows), "form": document.form}
    return findings.conclude(found, summary | said_as_of(document.as_of, options.tz))


def _event(row: EventRow, place: int, tz: str) -> CaseEvent:
    request_id = clean(row.service_request_id)
    if not request_id:
        raise RefusedError("no_service_request_id", "service_request_id")
    return CaseEvent(
        row=place,
        request_id=request_id,
        event=row.event,
        state=STATE_AFTER[row.event],
        at=required_instant(row.at.strip(), tz, "at", bad="bad_at"),
        department=row.department,
        note=mask(clean(row.note or "")),
    )


CONNECTOR = Connector(key="push-events", row_word="row", parse=parse)
