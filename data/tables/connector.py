"""The table connector: any table of moderate size, by a mapping given in Options.extra."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data.catalogue.mapping import Mapping
from data.connectors.connector import (
    Connector,
    Options,
    Parsed,
    PayloadError,
    Problem,
    refuse_oversize,
)
from data.connectors.records import ServiceRequest
from data.tables.stream import read_frames
from data.vocabulary import Grain, Observed


def parse(payload: bytes, options: Options) -> Parsed[Observed | ServiceRequest]:
    """Return facts or requests of a table; raise PayloadError if it does not fit the mapping.

    options.extra["mapping"] says how to read it, options.extra["patches"] which cells were put
    right; summary["was"] then tells what stood there. accepted and quarantined count data rows.
    """
    refuse_oversize(payload, options)
    mapping = options.extra.get("mapping")
    if not isinstance(mapping, Mapping):
        raise PayloadError("a table needs a mapping: name one, or let `profile` propose one")
    reading = read_frames(payload, mapping, options=options)
    records: list[Observed | ServiceRequest] = []
    problems: list[Problem] = []
    rows = 0
    for frame in reading:
        rows += frame.accepted
        records += frame.requests or observed(frame.values)
        problems += frame.problems
    if mapping.layout == "cases":
        records = _newest(records, problems)
        rows = len(records)
    warnings = pd.Series([p.reason for p in problems if not p.refused], dtype=object)
    counts = {str(k): int(v) for k, v in warnings.value_counts().sort_index().items()}
    summary: dict[str, Any] = {**reading.summary, "warnings": counts}
    if reading.patches:
        summary["was"] = [reading.patches.was[n] for n in range(len(reading.patches.asked))]
    return Parsed(tuple(records), tuple(problems), summary, usable_rows=rows)


def observed(values: pd.DataFrame) -> list[Observed]:
    """Return the rows of a frame as records."""
    if values.empty:
        return []
    starts = values["period_start"].astype("int64").tolist()
    moments = {s: datetime.fromtimestamp(s, UTC) for s in set(starts)}
    return [
        Observed(str(i), str(a), Grain(g), moments[s], n, None if d != d else d, r)
        for i, a, g, s, n, d, r in zip(
            values["indicator"].tolist(),
            values["area"].tolist(),
            values["grain"].tolist(),
            starts,
            values["numerator"].tolist(),
            values["denominator"].tolist(),
            values["row"].tolist(),
            strict=True,
        )
    ]


def _newest(records: list[Any], problems: list[Problem]) -> list[Any]:
    """Return one request per number, the newest; the others become problems."""
    kept: dict[str, ServiceRequest] = {}
    for request in records:
        other = kept.setdefault(request.request_id, request)
        if other is request:
            continue
        newer, older = (request, other) if _moment(request) > _moment(other) else (other, request)
        kept[request.request_id] = newer
        detail = f"row {newer.row} has the same number and is as new or newer"
        problems.append(Problem("duplicate", older.row, "id", older.request_id, detail))
    return [r for r in records if kept[r.request_id] is r]


def _moment(request: ServiceRequest) -> datetime:
    return request.updated_at or request.requested_at


CONNECTOR = Connector(key="table", row_word="row", parse=parse)
