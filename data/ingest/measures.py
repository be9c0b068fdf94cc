"""Hospital reports to facts: places, and counts by group and population."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Problem
from data.connectors.records import Facility, Measure
from data.ingest.observations import Counts
from data.queries.keys import Keys
from data.vocabulary import Grain, Observed


def store_facilities(
    conn: Connection,
    places: list[Facility],
    *,
    source: Source,
    run_id: int,
    keys: Keys,
    replay_of: int | None = None,
) -> Counts:
    """Insert or move the places that report. A place no longer listed is kept.

    replay_of: an old file is read again; what later files said of a place stays.
    """
    f, source_id = m.facility.c, keys.sources[source.key]
    kept = conn.execute(select(m.facility).where(f.source_id == source_id)).mappings()
    known = {r["location_id"]: r for r in kept}
    counts = {"new": 0, "changed": 0, "same": 0}
    for place in places:
        values = _facility(place, source, keys)
        old = known.get(place.location_id)
        if old is None:
            own = {"source_id": source_id, "location_id": place.location_id, "run_id": run_id}
            conn.execute(m.facility.insert().values(**own, **values))
            counts["new"] += 1
        elif replay_of is not None and old["run_id"] > replay_of:
            counts["same"] += 1
        elif any(old[name] != value for name, value in values.items()):
            chosen = (f.source_id == source_id, f.location_id == place.location_id)
            conn.execute(m.facility.update().where(*chosen).values(**values, run_id=run_id))
            counts["changed"] += 1
        else:
            counts["same"] += 1
    return Counts(**counts)


def _facility(place: Facility, source: Source, keys: Keys) -> dict[str, Any]:
    lon, lat, area = None, None, None
    if place.lon is not None and place.lat is not None:
        lon, lat = geo.to_wgs84(place.lon, place.lat, source.crs)
        area = geo.county_of(lon, lat)
    coded = [value for _, value in place.identifiers if value in keys.areas]
    area = coded[0] if coded else area or geo.area_of(place.name, None, None)
    area = geo.county_code(area) or area if area else None
    return {
        "name": place.name[:200],
        "lon": lon,
        "lat": lat,
        "area_id": keys.areas[area] if area else None,
    }


def facility_areas(conn: Connection, source_id: int) -> dict[str, str]:
    """Return the area code of each known place."""
    f = m.facility.c
    query = select(f.location_id, m.area.c.code).join(m.area, m.area.c.id == f.area_id)
    return dict(conn.execute(query.where(f.source_id == source_id)).all())


def measure_facts(
    records: list[Measure], *, source: Source, places: dict[str, str], catalogue: Catalogue
) -> tuple[list[Observed], list[Problem]]:
    """Return one observation per indicator, county and period; absent counts give none.

    Several places of one county and period are added up. A ratio needs both of
    its counts from the same report, else the report says nothing of it.
    """
    reports, problems = _by_report(records, places)
    totals: dict[tuple[str, str, Grain, datetime], list[Any]] = {}
    for (area, grain, start, row), counts in reports.items():
        for indicator in catalogue.of_source(source.key):
            feed = indicator.feed
            num = counts.get((feed.group, feed.numerator))
            den = counts.get((feed.group, feed.denominator)) if indicator.denominator else 0.0
            if feed.kind != "measure_report" or num is None or den is None:
                continue
            total = totals.setdefault((indicator.code, area, grain, start), [0.0, 0.0, row])
            total[0] += num
            total[1] += den
    observed = [
        Observed(code, area, grain, start, num,
                 den if catalogue.indicators[code].denominator else None, row)
        for (code, area, grain, start), (num, den, row) in totals.items()
    ]  # fmt: skip
    return observed, problems


Report = tuple[str, Grain, datetime, int]


def _by_report(
    records: list[Measure], places: dict[str, str]
) -> tuple[dict[Report, dict[tuple[str, str], float]], list[Problem]]:
    reports: dict[Report, dict[tuple[str, str], float]] = {}
    problems: dict[tuple[int, str], Problem] = {}
    for record in records:
        area = places.get(record.subject.rsplit("/", 1)[-1])
        grain = _grain(record.period_end - record.period_start)
        if area is None:
            problem = Problem("unknown_place", record.row, "subject", record.subject)
            problems.setdefault((record.row, "subject"), problem)
        elif grain is None:
            value = f"{record.period_start.isoformat()}/{record.period_end.isoformat()}"
            problem = Problem("odd_period", record.row, "period", value)
            problems.setdefault((record.row, "period"), problem)
        elif record.value is not None:
            report = reports.setdefault((area, grain, record.period_start, record.row), {})
            report[(record.group, record.population)] = record.value
    return reports, list(problems.values())


def _grain(length: timedelta) -> Grain | None:
    """Return the grain of a period; an hour may end at :59 or at the next full hour."""
    minutes = length.total_seconds() / 60
    if 0 < minutes <= 1:
        return Grain.MINUTE
    if 1 < minutes <= 60:
        return Grain.HOUR
    if 1380 <= minutes <= 1500:
        return Grain.DAY
    if abs(minutes - 10080) <= 60:
        return Grain.WEEK
    if 40260 <= minutes <= 44700:
        return Grain.MONTH
    return None
