"""The counts of one MeasureReport, one for each population of each group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.connectors.connector import Findings, RefusedError
from data.connectors.instants import required_instant
from data.connectors.json_document import as_dict, as_list, as_text
from data.connectors.records import Measure

ROLES = "terminology.hl7.org/CodeSystem/measure-population"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MISSING = "missing"
"""absent_reason where the report has neither a count nor a reason."""

_MAX_COUNT = 2**31 - 1  # FHIR integers are signed 32-bit
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def read_report(
    report: dict[str, Any], key: str, row: int, days: ZoneInfo, tz: str, findings: Findings
) -> list[Measure]:
    """Return the counts; raise RefusedError for a report that is none or not finished.

    Args:
        report: the resource.
        key: its id.
        row: its place in the file.
        days: zone in which a bare date is a whole day.
        tz: zone of times without offset, "" when they are refused.
        findings: where single bad counts are noted.
    """
    _refuse_unfinished(as_text(report.get("status")))
    measure, subject = as_text(report.get("measure")), _subject(report)
    if not measure:
        raise RefusedError("no_measure", "measure", detail="the report does not say of what")
    start, end = _period(as_dict(report.get("period")), days, tz)
    measures: dict[tuple[str, str], Measure] = {}
    for group, population in _populations(report):
        try:
            code, role = _population_code(population)
            if (group, code) in measures:
                raise RefusedError("duplicate", "population", code, "twice in one group")
            value, absent = _count(population, row, findings)
        except RefusedError as refusal:
            findings.refuse(refusal, row)
            continue
        measures[group, code] = Measure(
            row, key, measure, subject, start, end, group, code, role, value, absent
        )
    return list(measures.values())


def _refuse_unfinished(status: str) -> None:
    if status != "complete":
        reason = f"status_{status}" if status in ("pending", "error") else "bad_status"
        raise RefusedError(reason, "status", status or None, "only complete reports are taken")


def group_scores(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return report, group and score of each group; a score that is absent is None."""
    return [
        {
            "report": as_text(report.get("id")) or _identifier(report),
            "group": _group_code(group, place),
            "score": _finite(as_dict(group.get("measureScore")).get("value")),
        }
        for place, group in enumerate(map(as_dict, as_list(report.get("group"))), 1)
    ]


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e300 else None


def _identifier(report: dict[str, Any]) -> str:
    identifiers = map(as_dict, as_list(report.get("identifier")))
    return next((v for i in identifiers if (v := as_text(i.get("value")))), "")


def _subject(report: dict[str, Any]) -> str:
    """Return whom the counts are about; never a person."""
    for party in (as_dict(report.get("subject")), as_dict(report.get("reporter"))):
        reference = as_text(party.get("reference"))
        if "Patient/" in reference or as_text(party.get("type")) == "Patient":
            detail = "the report is about one person"
            raise RefusedError("individual_report", "subject", detail=detail)
        identifier = as_text(as_dict(party.get("identifier")).get("value"))
        name = reference or identifier or as_text(party.get("display"))
        if name:
            return name
    return ""


def _period(period: dict[str, Any], days: ZoneInfo, tz: str) -> tuple[datetime, datetime]:
    """Return start and the instant after the end. A FHIR period includes its end."""
    start = _moment(as_text(period.get("start")), days, tz, "start")[0]
    end = _moment(as_text(period.get("end")), days, tz, "end")[1]
    if end <= start:
        raise RefusedError("bad_period", "period", detail="the period ends before it starts")
    return start, end


def _moment(text: str, days: ZoneInfo, tz: str, name: str) -> tuple[datetime, datetime]:
    """Return where the year, month, day, second or less that `text` names begins and is over."""
    field = f"period.{name}"
    if not text:
        raise RefusedError("no_period", field, detail=f"the period has no {name}")
    whole = _DAY.fullmatch(text)
    try:
        if whole:
            return _calendar_span(whole, days)
        moment = required_instant(text, tz, field)
        fraction = re.search(r"[.,]([0-9]{1,6})", text)
        step = timedelta(seconds=10 ** -len(fraction[1])) if fraction else timedelta(seconds=1)
        over = (moment.astimezone(UTC) + step).astimezone(moment.tzinfo)
    except (ValueError, OverflowError) as error:
        raise RefusedError("bad_time", field, text, "not a date of the calendar") from error
    return moment, over


def _calendar_span(found: re.Match[str], days: ZoneInfo) -> tuple[datetime, datetime]:
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    start = datetime(year, month, day, tzinfo=days)
    if found[3]:
        over = start + timedelta(days=1)
    elif found[2]:
        over = (start + timedelta(days=32)).replace(day=1)
    else:
        over = start.replace(year=year + 1)
    for moment in (start, over):
        moment.astimezone(UTC)  # raises OverflowError at the ends of the calendar
    return start, over


def _populations(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (group code, population)."""
    for place, group in enumerate(map(as_dict, as_list(report.get("group"))), 1):
        for population in as_list(group.get("population")):
            yield _group_code(group, place), as_dict(population)


def _group_code(group: dict[str, Any], place: int) -> str:
    """Return the code of a group; a measure of one group need not name it."""
    return _first_code(group) or as_text(group.get("id")) or str(place)


def _codings(coded: dict[str, Any]) -> list[dict[str, Any]]:
    return [as_dict(c) for c in as_list(as_dict(coded.get("code")).get("coding"))]


def _first_code(coded: dict[str, Any]) -> str:
    codes = (as_text(coding.get("code")) for coding in _codings(coded))
    return next(filter(None, codes), "") or as_text(as_dict(coded.get("code")).get("text"))


def _population_code(population: dict[str, Any]) -> tuple[str, str]:
    """Return code and role (numerator, denominator, ...) of a population."""
    code = _first_code(population)
    if not code:
        raise RefusedError("no_population_code", "population.code", detail="counts what?")
    roles = (
        as_text(coding.get("code"))
        for coding in _codings(population)
        if as_text(coding.get("system")).endswith(ROLES)
    )
    return code, next(roles, "")


def _count(
    population: dict[str, Any], row: int, findings: Findings
) -> tuple[float | None, str | None]:
    """Return (count, None), or (None, why it is absent). Null is not 0."""
    count, reason = population.get("count"), _absent_reason(population)
    if reason and count is not None:
        detail = f"a count beside the reason for having none ({reason}); left out"
        findings.warn("count_and_absent", row, "population.count", as_text(count), detail)
    if reason or count is None:
        return None, reason or MISSING
    if isinstance(count, bool) or not isinstance(count, int | float) or count != count // 1:
        raise RefusedError("bad_count", "population.count", as_text(count), "not a whole number")
    if not 0 <= count <= _MAX_COUNT:
        raise RefusedError("bad_count", "population.count", as_text(count), "not a possible count")
    return float(count), None


def _absent_reason(population: dict[str, Any]) -> str | None:
    for extension in map(as_dict, as_list(as_dict(population.get("_count")).get("extension"))):
        if as_text(extension.get("url")) == ABSENT:
            concept = as_dict(extension.get("valueCodeableConcept"))
            code = as_text(extension.get("valueCode")) or _first_code({"code": concept})
            return code or "unknown"
    return None
