"""Reads OpenAQ v3 answers: measurements and hours of a sensor, latest of a location.

A value without a stated unit or pollutant is refused, and a share of volume
becomes a mass only at a declared temperature and pressure.

Source: docs.openaq.org, API v3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from data.connectors.connector import (
    Connector,
    Findings,
    Options,
    Parsed,
    PayloadError,
    RefusedError,
)
from data.connectors.instants import parse_instant
from data.connectors.json_document import as_dict, as_list, as_text, read_json
from data.connectors.pollutants import (
    LIMITS,
    OTHER_LIMIT,
    UNITS,
    GasState,
    UnitError,
    converted,
    substance_of,
)
from data.connectors.positions import optional_position
from data.connectors.records import Reading, StationReport

HOUR = timedelta(hours=1)


def parse(payload: bytes, options: Options) -> Parsed[StationReport]:
    """Return one report a value; raise PayloadError if the file is no answer of OpenAQ v3.

    options.extra may hold "gas_state" (GasState: the state at which shares of volume
    become masses) and "sensors" (sensor id -> "pm25 µg/m³", for answers that name only the
    sensor). A list of answers (pages) is read as one.
    """
    pages = _pages(read_json(payload, options))
    results = [result for page in pages for result in as_list(page.get("results"))]
    if results and not any(_known(as_dict(r)) for r in results):
        raise PayloadError("not OpenAQ v3: no result has a value or sensors")
    reader = _Reader(options, Findings())
    reports = []
    for row, result in enumerate(map(as_dict, results), 1):
        try:
            report = reader.report(result, row)
        except RefusedError as refusal:
            reader.findings.refuse(refusal, row)
        else:
            reports += [report] if report else []
    return reader.findings.conclude(reports, reader.facts(pages, len(results), reports))


def _pages(value: Any) -> list[dict[str, Any]]:
    pages = value if isinstance(value, list) else [value]
    for page in pages:
        if not isinstance(page, dict) or not isinstance(page.get("results"), list):
            detail = as_text(as_dict(page).get("detail")) or as_text(as_dict(page).get("message"))
            said = f": it says {detail[:200]}" if detail else ""
            raise PayloadError(f"not OpenAQ v3: there is no list of results{said}")
    return pages


def _known(result: dict[str, Any]) -> bool:
    return "value" in result or "sensors" in result or "latest" in result


class _Reader:
    """Reads result by result and remembers what was seen."""

    def __init__(self, options: Options, findings: Findings) -> None:
        self.findings = findings
        self.state: GasState | None = options.extra.get("gas_state")
        self.sensors: Mapping[str, str] = options.extra.get("sensors") or {}
        self.seen: set[tuple[str, str, datetime]] = set()
        self.listed: dict[str, str] = {}
        self.absent = self.flagged = 0
        self.converted: dict[str, int] = {}

    def report(self, result: dict[str, Any], row: int) -> StationReport | None:
        """Return the value of one result, None for a listed place or an absent value."""
        if "value" not in result:
            self._list(result)
            return None
        substance, unit = self._parameter(result)
        start, end = _period(result)
        station = self._station(result)
        if (station, substance, start) in self.seen:
            raise RefusedError("duplicate", "period", start.isoformat(), "the same hour twice")
        self.seen.add((station, substance, start))
        value = self._value(result, substance, unit)
        if value is None:
            self.absent += 1
            return None
        if as_dict(result.get("flagInfo")).get("hasFlags") is True:
            self.flagged += 1
            detail = "the publisher flags the value; kept as given"
            self.findings.warn("flagged", row, "flagInfo", f"{value:g}", detail)
        lat, lon = self._place(result, row)
        kept_in = UNITS.get(substance, unit)
        readings = (Reading(substance, value, kept_in),)
        name = as_text(as_dict(result.get("location")).get("name")) or as_text(result.get("name"))
        return StationReport(
            row, station, name, as_text(result.get("locality")), lat, lon, False, start, end,
            readings,
        )  # fmt: skip

    def _list(self, result: dict[str, Any]) -> None:
        """Note the sensors of a listed place: what a mapping needs to name."""
        sensors = map(as_dict, as_list(result.get("sensors")))
        for sensor in sensors:
            parameter = as_dict(sensor.get("parameter"))
            name, unit = as_text(parameter.get("name")), as_text(parameter.get("units"))
            self.listed[as_text(sensor.get("id"))] = f"{name} {unit}".strip()

    def _station(self, result: dict[str, Any]) -> str:
        """Return what tells one station from others; its place where no id is given."""
        for name in ("locationsId", "locationId", "sensorsId", "sensorId"):
            found = as_text(result.get(name))
            if found:
                return found
        for name in ("location", "sensor"):
            found = as_text(as_dict(result.get(name)).get("id"))
            if found:
                return found
        place = as_dict(result.get("coordinates"))
        return f"{as_text(place.get('latitude'))},{as_text(place.get('longitude'))}".strip(",")

    def _parameter(self, result: dict[str, Any]) -> tuple[str, str]:
        """Return (pollutant, unit); raise RefusedError when neither file nor mapping tells."""
        parameter = as_dict(result.get("parameter"))
        name, unit = as_text(parameter.get("name")), as_text(parameter.get("units"))
        if not name:
            sensor = as_text(result.get("sensorsId")) or as_text(result.get("sensorId"))
            declared = self.sensors.get(sensor) or self.listed.get(sensor, "")
            name, _, unit = declared.partition(" ")
            if not name:
                detail = "the answer names only the sensor; declare it under sensors"
                raise RefusedError("unknown_sensor", "sensorsId", sensor or None, detail)
        if not unit:
            raise RefusedError("no_unit", "parameter.units", name, "a value without a unit")
        return substance_of(name) or name[:40], unit

    def _value(self, result: dict[str, Any], substance: str, unit: str) -> float | None:
        value = result["value"]
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusedError("bad_value", "value", as_text(value) or str(value)[:40], "no number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        measured = substance in UNITS
        if not math.isfinite(number) or (measured and number < 0):
            reason = "negative_value" if number < 0 else "bad_value"
            detail = "concentrations are not negative (-999 stands for missing)"
            raise RefusedError(reason, "value", as_text(value), detail)
        if not measured:
            return number
        try:
            mass = converted(substance, number, unit, self.state)
        except UnitError as error:
            raise RefusedError("unit_not_declared", "parameter.units", unit, str(error)) from error
        if mass > LIMITS.get(substance, OTHER_LIMIT):
            detail = "no instrument reads that"
            raise RefusedError("implausible_value", "value", as_text(value), detail)
        if unit.strip() != UNITS[substance]:
            self.converted[unit] = self.converted.get(unit, 0) + 1
        return mass

    def _place(self, result: dict[str, Any], row: int) -> tuple[float, float] | tuple[None, None]:
        place = as_dict(result.get("coordinates"))
        lat, lon = as_text(place.get("latitude")), as_text(place.get("longitude"))
        return optional_position(lat, lon, self.findings, row, "coordinates")

    def facts(
        self, pages: list[dict[str, Any]], results: int, reports: list[StationReport]
    ) -> dict[str, Any]:
        """Return what the answer says of itself."""
        found = [as_text(as_dict(page.get("meta")).get("found")) for page in pages]
        stated = next(filter(None, found), None)
        readings = [x for r in reports for x in r.readings]
        return {
            "results": results,
            "found": stated,
            "more": _more(stated, results),
            "stations": len({r.station_id for r in reports}),
            "parameters": sorted({x.substance for x in readings}),
            "absent_values": self.absent,
            "flagged": self.flagged,
            "converted_units": dict(sorted(self.converted.items())),
            "sensors": dict(sorted(self.listed.items())),
            "first": min((r.period_start.isoformat() for r in reports), default=None),
            "last": max((r.period_end.isoformat() for r in reports), default=None),
        }


def _more(found: str | None, results: int) -> bool:
    """Return whether the answer is only a part; found is a number or ">1000"."""
    if not found:
        return False
    digits = found.lstrip("> ").split(".")[0]
    return found.startswith(">") or (digits.isdecimal() and int(digits[:12]) > results)


def _period(result: dict[str, Any]) -> tuple[datetime, datetime]:
    """Return [start, end) in UTC; a lone instant on the full hour ends the hour before it."""
    period = as_dict(result.get("period"))
    if period:
        start = _instant(as_dict(period.get("datetimeFrom")), "period.datetimeFrom")
        end = _instant(as_dict(period.get("datetimeTo")), "period.datetimeTo")
        if end <= start:
            raise RefusedError("bad_period", "period", detail="it ends before it starts")
        return start, end
    lone = result.get("datetime")
    at = _instant(lone if isinstance(lone, dict) else {"utc": lone}, "datetime")
    if (at.minute, at.second, at.microsecond) == (0, 0, 0):
        return at - HOUR, at
    minute = at.replace(second=0, microsecond=0)
    return minute, minute + timedelta(minutes=1)


def _instant(moment: dict[str, Any], field: str) -> datetime:
    """Return the UTC instant; the local form has its offset, so either will do."""
    text = as_text(moment.get("utc")) or as_text(moment.get("local"))
    if not text:
        raise RefusedError("no_time", field, detail="the value has no time")
    try:
        at = parse_instant(text, "").astimezone(UTC)
    except ValueError as error:
        raise RefusedError("bad_time", field, text, str(error)) from error
    if not 1970 <= at.year < 2100:
        raise RefusedError("bad_time", field, text, "no hour of our time")
    return at


CONNECTOR = Connector(key="openaq", row_word="result", parse=parse)
