"""Station reports to facts: sums over the stations of a county, control stations left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from data import geo
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Problem
from data.connectors.records import StationReport
from data.vocabulary import Grain, Observed

GOOD_AIR = 100.0
"""AQI up to this is grade I or II (HJ 633)."""

Value = Callable[[dict[str, float]], float | None]


def _of(substance: str) -> Value:
    return lambda values: values.get(substance)


def _good(values: dict[str, float]) -> float | None:
    aqi = values.get("aqi")
    return None if aqi is None else float(aqi <= GOOD_AIR)


MEASURES: dict[str, Value] = {
    **{name: _of(name) for name in ("aqi", "pm25", "pm10", "o3", "no2", "so2", "co")},
    "good_air": _good,
    "reporting": lambda values: 1.0 if values else None,
}
"""What an indicator may ask of a station's hour; None leaves the station out."""


@dataclass
class _Sum:
    """Numerator, how many stations are in it, and the first row it came from."""

    total: float = 0.0
    stations: int = 0
    row: int = 0


def station_facts(
    reports: Iterable[StationReport], *, source: Source, catalogue: Catalogue
) -> tuple[list[Observed], list[Problem]]:
    """Return one observation per indicator, area and period; absent values give none.

    The mean of an area is the sum of its stations' values over the number of
    stations that gave one. Stations of other cities are not ours; one warning
    says how many there were.
    """
    placed, problems = _placed(list(reports), source, catalogue)
    sums: dict[tuple[str, str, Grain, datetime], _Sum] = {}
    wanted = [i for i in catalogue.of_source(source.key) if i.feed.kind == "stations"]
    for report, area in placed:
        grain = grain_of(report.period_end - report.period_start)
        if grain is None:
            said = f"{report.period_start.isoformat()}/{report.period_end.isoformat()}"
            problems.append(Problem("odd_period", report.row, "period", said))
            continue
        if report.control:
            continue
        values = {x.substance: x.value for x in report.readings}
        for indicator in wanted:
            value = MEASURES[indicator.feed.measure](values)
            if value is None:
                continue
            key = (indicator.code, area, grain, report.period_start)
            held = sums.setdefault(key, _Sum(row=report.row))
            held.total += value
            held.stations += 1
    observed = [
        Observed(code, area, grain, start, held.total,
                 float(held.stations) if catalogue.indicators[code].denominator else None, held.row)
        for (code, area, grain, start), held in sums.items()
    ]  # fmt: skip
    return observed, problems


def grain_of(length: timedelta) -> Grain | None:
    """Return the grain of a period, None if it has no name."""
    return {
        timedelta(minutes=1): Grain.MINUTE,
        timedelta(hours=1): Grain.HOUR,
        timedelta(days=1): Grain.DAY,
    }.get(length)


def _placed(
    reports: list[StationReport], source: Source, catalogue: Catalogue
) -> tuple[list[tuple[StationReport, str]], list[Problem]]:
    """Return the reports of our own stations with their area, and what could not be placed.

    Where some stations are known by county, one known only by city is refused:
    a city's own figure beside those of its counties could not be added up.
    """
    ours, problems, elsewhere = list[tuple[StationReport, str]](), list[Problem](), 0
    for report in reports:
        area, problem = _area(report, source, catalogue)
        if area:
            ours.append((report, area))
        elif problem:
            problems.append(problem)
        else:
            elsewhere += 1
    city = catalogue.city.code
    if any(area != city for _, area in ours):
        vague = [report for report, area in ours if area == city]
        problems += [_unplaced(r, "in the city, but in which county?") for r in vague]
        ours = [(r, area) for r, area in ours if area != city]
    if elsewhere:
        detail = "stations of other cities are not kept"
        if not ours:
            detail = "no station of the file is known to lie in the city; name them under places"
        problems.append(
            Problem("outside_area", None, "station", str(elsewhere), detail, refused=not ours)
        )
    return ours, problems


def _unplaced(report: StationReport, detail: str) -> Problem:
    return Problem("unknown_place", report.row, "station", report.station_id, detail)


def _area(
    report: StationReport, source: Source, catalogue: Catalogue
) -> tuple[str | None, Problem | None]:
    """Return (area, None), (None, problem), or (None, None) for a station of another city."""
    declared = source.places.get(report.station_id)
    if declared:
        return declared, None
    name = catalogue.city.name["zh"]
    named_ours = name.removesuffix("市") in report.place
    if report.lat is not None and report.lon is not None:
        county = geo.county_of(*geo.to_wgs84(report.lon, report.lat, source.crs))
        if county is None and named_ours:
            detail = "named as ours, but its position lies outside of the city"
            return None, _unplaced(report, detail)
        return county, None
    found = geo.area_of(f"{report.place}{report.name}", None, None)
    county = geo.county_code(found) if found else None
    if county and (named_ours or catalogue.areas[county].name["zh"] in report.place):
        return county, None
    return (catalogue.city.code, None) if named_ours else (None, None)
