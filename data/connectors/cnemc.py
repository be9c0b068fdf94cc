"""Reads hourly air quality of monitoring stations as CNEMC publishes it, in CSV of any order.

One row a station (long form), or one column a station with a row for each
pollutant (wide form: date, hour, type, 1696A, 1697A, ...; or a column a city). A time marks the end
of its hour, as the national platform labels it: 08:00 is 07:00 to 08:00.

Source: GB 3095-2012, HJ 633-2012, the station list of the national platform.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from data.connectors.cnemc_columns import Columns, read_columns
from data.connectors.connector import Connector, Findings, Options, Parsed, RefusedError
from data.connectors.csv_text import read_table
from data.connectors.local_times import local_time
from data.connectors.pollutants import (
    LIMITS,
    OTHER_LIMIT,
    UNITS,
    substance_of,
    substances_in,
)
from data.connectors.positions import number, optional_position
from data.connectors.records import Reading, StationReport

HOUR = timedelta(hours=1)
MISSING = frozenset(
    {"", "-", "--", "---", "—", "——", "－", "–", "/", "\\n", "na", "n/a", "nan", "null", "none",
     "无", "缺测", "缺失", "无数据", "暂无", "-999", "-9999", "-99", "-999.0"}
)  # fmt: skip
"""What stands where nothing was measured."""

_CONTROL = re.compile("对照点|背景点|清洁对照|控制点|control|background", re.IGNORECASE)
_YES = frozenset({"1", "true", "yes", "y", "是"})
_UNIT_OF_CO = {"µg/m3": 0.001, "μg/m3": 0.001, "ug/m3": 0.001}
"""A header that says so overrules mg/m³, in which CO is published."""


def parse(payload: bytes, options: Options) -> Parsed[StationReport]:
    """Return one report a station and hour; raise PayloadError if it is no such table.

    Times without an offset are China Standard Time unless options.tz says otherwise.
    options.extra["stamp"] is "end" (the default) or "start": which end of its hour a time marks.
    """
    table = read_table(payload, options)
    columns = read_columns(table.header)
    findings, reports = Findings(), list[StationReport]()
    reader = _Reader(columns, options, findings)
    for row, cells in table.rows:
        try:
            reports += reader.reports(row, cells, len(table.header))
        except RefusedError as refusal:
            findings.refuse(refusal, row)
    if columns.wide:
        reports = reader.gathered()
    return findings.conclude(reports, _facts(reports, reader, len(table.rows)))


class _Reader:
    """Reads row by row; in the wide form gathers what belongs to one station and hour."""

    def __init__(self, columns: Columns, options: Options, findings: Findings) -> None:
        self.columns, self.tz, self.findings = columns, options.tz, findings
        self.at_end = options.extra.get("stamp", "end") == "end"
        self.seen: set[tuple[str, datetime]] = set()
        self.primary: list[tuple[str, ...]] = []
        self.times: set[datetime] = set()
        self.other_kinds: set[str] = set()
        self._wide: dict[tuple[str, datetime], list[Reading]] = {}
        self._rows: dict[tuple[str, datetime], int] = {}

    def reports(self, row: int, cells: tuple[str, ...], width: int) -> Iterator[StationReport]:
        """Yield what one line says; raise RefusedError if that cannot be told."""
        cells = self._fitted(cells, width)
        if self.columns.wide:
            self._gather(row, cells)
            return
        yield self._station(row, cells)

    def _fitted(self, cells: tuple[str, ...], width: int) -> tuple[str, ...]:
        """Return as many cells as there are columns; two pollutants may stand unquoted."""
        extra, place = len(cells) - width, self.columns.places.get("primary")
        if extra < 0 and not any(len(cells) <= p for p in self.columns.needed()):
            return cells + ("",) * -extra
        if extra > 0 and not any(cells[width:]):
            return cells[:width]
        if extra > 0 and place is not None:
            parts = cells[place : place + extra + 1]
            if all(substance_of(p) for p in parts):
                return (*cells[:place], ",".join(parts), *cells[place + extra + 1 :])
        if extra:
            detail = f"{len(cells)} cells where the header has {width}"
            raise RefusedError("bad_cell_count", detail=detail)
        return cells

    def _cell(self, cells: tuple[str, ...], name: str) -> str:
        place = self.columns.places.get(name)
        text = cells[place] if place is not None and place < len(cells) else ""
        return "" if text.lower() in MISSING else text

    def _station(self, row: int, cells: tuple[str, ...]) -> StationReport:
        station = self._cell(cells, "station") or self._cell(cells, "name")
        if not station:
            raise RefusedError("no_station", "station", detail="the row names no station")
        at = self._time(cells)
        if (station, at) in self.seen:
            raise RefusedError("duplicate", "station", station, "the same station and hour twice")
        self.seen.add((station, at))
        readings = tuple(self._readings(row, cells))
        _warn_of_particles(readings, row, self.findings)
        lat, lon = (self._cell(cells, name) for name in ("lat", "lon"))
        at_lat, at_lon = optional_position(lat, lon, self.findings, row, "longitude")
        name = self._cell(cells, "name")
        marked = self._cell(cells, "control").lower() in _YES
        self._note_primary(row, self._cell(cells, "primary"))
        start, end = self._hour(at)
        return StationReport(
            row, station, name, self._cell(cells, "place"), at_lat, at_lon,
            marked or bool(_CONTROL.search(name)), start, end, readings,
        )  # fmt: skip

    def _note_primary(self, row: int, text: str) -> None:
        found = substances_in(text)
        if text and not found:
            self.findings.warn("unknown_pollutant", row, "primary", text, "not a pollutant of AQI")
        if found:
            self.primary.append(found)

    def _time(self, cells: tuple[str, ...]) -> datetime:
        """Return the UTC instant a row carries, from one column or from a date and an hour."""
        text, hour = self._cell(cells, "time"), self._cell(cells, "hour")
        if not text:
            raise RefusedError("no_time", "time", detail="the row has no time")
        if hour:
            text = f"{text.split(' ')[0].split('T')[0]} {hour.rstrip('时点:').zfill(2)}"
        try:
            at = local_time(text.strip(), self.tz)
        except ValueError as error:
            raise RefusedError("bad_time", "time", text, str(error)) from error
        if not datetime(1970, 1, 2, tzinfo=UTC) < at < datetime(2100, 1, 1, tzinfo=UTC):
            raise RefusedError("bad_time", "time", text, "no hour of our time")
        self.times.add(at)
        return at

    def _hour(self, at: datetime) -> tuple[datetime, datetime]:
        return (at - HOUR, at) if self.at_end else (at, at + HOUR)

    def _readings(self, row: int, cells: tuple[str, ...]) -> Iterator[Reading]:
        for substance, (place, unit) in self.columns.substances.items():
            text = cells[place] if place < len(cells) else ""
            reading = self._reading(row, substance, text, unit)
            if reading:
                yield reading

    def _reading(self, row: int, substance: str, text: str, unit: str) -> Reading | None:
        """Return the value of a cell, None with a warning for one that cannot be."""
        if text.lower() in MISSING:
            return None
        value = number(text)
        if not math.isfinite(value):
            self.findings.warn("bad_value", row, substance, text, "not a number; left out")
            return None
        if substance == "co":
            value *= _UNIT_OF_CO.get(unit, 1.0)
        low = 1.0 if substance == "aqi" else 0.0
        if not low <= value <= LIMITS.get(substance, OTHER_LIMIT):
            detail = "no instrument reads that; left out"
            reason = "negative_value" if value < 0 else "implausible_value"
            self.findings.warn(reason, row, substance, text, detail)
            return None
        return Reading(substance, value, UNITS[substance])

    def _gather(self, row: int, cells: tuple[str, ...]) -> None:
        """Take one line of the wide form: one pollutant, hourly value, of every station."""
        kind = self._cell(cells, "type")
        substance = substance_of(kind)
        if not kind:
            raise RefusedError("no_pollutant", "type", detail="the row names no pollutant")
        if substance is None:
            self.other_kinds.add(kind[:40])  # averages over 8 and 24 hours follow from the hours
            return
        at = self._time(cells)
        for station, place in self.columns.stations.items():
            text = cells[place] if place < len(cells) else ""
            reading = self._reading(row, substance, text, "")
            held = self._wide.setdefault((station, at), [])
            self._rows.setdefault((station, at), row)
            if reading and any(r.substance == substance for r in held):
                self.findings.warn("duplicate", row, station, text, "given twice; the first counts")
            elif reading:
                held.append(reading)

    def gathered(self) -> list[StationReport]:
        """Return the reports of the wide form; stations without any value are left out."""
        found = []
        for (station, at), readings in self._wide.items():
            if not readings:
                continue
            row = self._rows[station, at]
            _warn_of_particles(tuple(readings), row, self.findings)
            start, end = self._hour(at)
            place = "" if station.isascii() else station
            found.append(StationReport(row, station, "", place, None, None, False, start, end,
                                       tuple(readings)))  # fmt: skip
        return found


def _warn_of_particles(readings: tuple[Reading, ...], row: int, findings: Findings) -> None:
    values = {r.substance: r.value for r in readings}
    fine, coarse = values.get("pm25"), values.get("pm10")
    if fine is not None and coarse is not None and fine > coarse:
        detail = "fine particles are part of PM10 and cannot outweigh it; kept as measured"
        findings.warn("pm25_above_pm10", row, "pm25", f"{fine:g} > {coarse:g}", detail)


def _facts(reports: list[StationReport], reader: _Reader, rows: int) -> dict[str, Any]:
    stations = {r.station_id for r in reports}
    return {
        "rows": rows,
        "form": "wide" if reader.columns.wide else "long",
        "stations": len(stations),
        "areas": len({r.place for r in reports if r.place}),
        "timepoints": [t.isoformat() for t in sorted(reader.times)],
        "substances": sorted(reader.columns.substances) or _measured(reports),
        "control_stations": sorted({r.station_id for r in reports if r.control}),
        "two_primary_pollutants": sum(len(p) > 1 for p in reader.primary),
        "blank_primary_pollutant": (
            len(reports) - len(reader.primary) if "primary" in reader.columns.places else None
        ),
        "pm25_above_pm10": _where_implausible(reports),
        "places": _places(reports),
        "ignored_columns": list(reader.columns.ignored),
        "ignored_kinds": sorted(reader.other_kinds),
    }


def _measured(reports: list[StationReport]) -> list[str]:
    return sorted(Counter(x.substance for r in reports for x in r.readings))


def _where_implausible(reports: list[StationReport]) -> list[str]:
    def outweighs(report: StationReport) -> bool:
        values = {r.substance: r.value for r in report.readings}
        return values.get("pm25", 0.0) > values.get("pm10", math.inf)

    return sorted({r.station_id for r in reports if outweighs(r)})


def _places(reports: list[StationReport]) -> list[dict[str, Any]]:
    """Return what the stations of each city say together; control stations are in no mean."""
    by_place: dict[str, list[StationReport]] = {}
    for report in reports:
        by_place.setdefault(report.place, []).append(report)
    return [
        {
            "area": name,
            "stations": len({r.station_id for r in own}),
            "control": len({r.station_id for r in own if r.control}),
            "mean": _means([r for r in own if not r.control]),
        }
        for name, own in sorted(by_place.items())
    ]


def _means(reports: list[StationReport]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for reading in (x for r in reports for x in r.readings):
        values.setdefault(reading.substance, []).append(reading.value)
    return {s: round(sum(v) / len(v), 4) for s, v in sorted(values.items())}


CONNECTOR = Connector(key="cnemc", row_word="line", parse=parse)
