"""Reads observations that a department pushes: JSON, JSON lines or CSV, one row a value.

{"observations": [{"indicator": "GS-40", "area": "441602", "grain": "hour",
"period_start": "2026-11-18T10:00:00+08:00", "numerator": 42}], "as_of": "…"}
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from data.connectors.connector import (
    Connector,
    Findings,
    Options,
    Parsed,
    PayloadError,
    RefusedError,
)
from data.connectors.instants import NoTimeZoneError, parse_instant
from data.connectors.push_documents import read_document
from data.connectors.push_rows import SMALLEST, ObservationRow, checked, required
from data.vocabulary import LOCAL, Grain, Observed

NUMBERS = frozenset({"numerator", "denominator"})
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse(payload: bytes, options: Options) -> Parsed[Observed]:
    """Return the observations of one document; raise PayloadError if it is none."""
    columns = required(ObservationRow)
    document = read_document(payload, options, "observations", columns=columns, numbers=NUMBERS)
    findings, found = Findings(), []
    for place, value in enumerate(document.rows, 1):
        try:
            found.append(_observed(checked(ObservationRow, value), place, options.tz))
        except RefusedError as refusal:
            findings.refuse(refusal, place)
    summary = {"rows": len(document.rows), "form": document.form}
    return findings.conclude(found, summary | said_as_of(document.as_of, options.tz))


def said_as_of(text: str, tz: str) -> dict[str, str]:
    """Return when the sender says the document was cut; raise PayloadError if that is no time."""
    if not text:
        return {}
    try:
        return {"as_of": parse_instant(text.strip(), tz).isoformat()}
    except ValueError as error:
        raise PayloadError(f"as_of: {error}") from error


def _observed(row: ObservationRow, place: int, tz: str) -> Observed:
    grain = Grain[row.grain.upper()]
    for name in NUMBERS:
        count = getattr(row, name)
        if count and abs(count) < SMALLEST:
            raise RefusedError("out_of_range", name, str(count), "too near to zero to add up")
    start = _start(row.period_start, grain, tz)
    return Observed(row.indicator, row.area, grain, start, row.numerator, row.denominator, place)


def _start(text: str, grain: Grain, tz: str) -> datetime:
    try:
        if grain >= Grain.DAY and _DATE.fullmatch(text):
            start = datetime.combine(date.fromisoformat(text), datetime.min.time(), LOCAL)
        else:
            start = parse_instant(text, tz)
    except NoTimeZoneError as error:
        raise RefusedError("no_time_zone", "period_start", text, str(error)) from error
    except (ValueError, OverflowError) as error:
        raise RefusedError("bad_period_start", "period_start", text, str(error)) from error
    if start < EARLIEST:
        raise RefusedError("too_old", "period_start", text, "before the year 2000")
    return start.astimezone(UTC)


CONNECTOR = Connector(key="push-observations", row_word="row", parse=parse)
