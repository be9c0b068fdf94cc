"""What the city is made of and what is measured, read once from the data files beside this one.

Another city changes the files, or points ZHIZHI_CATALOGUE at a folder of its own.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from data.calendar import Calendar, CalendarError
from data.calendar import load as load_calendar
from data.catalogue.alarm_data import check_alarms, read_alarms
from data.catalogue.alarm_entries import AlarmRule, NoticeTarget
from data.catalogue.clock_rule import ClockRule
from data.catalogue.entries import Area, Category, City, Department, Domain, Indicator, Source
from data.catalogue.loop_data import LoopData, check_loop, read_loop
from data.catalogue.loop_entries import Duty, Rung, Sop
from data.catalogue.mapping import Mapping, load_mapping
from data.catalogue.notices import read_notices
from data.catalogue.population import Population, load_population
from data.catalogue.reading import CatalogueError, read_entry, read_yaml
from data.catalogue.review_entries import ReviewRhythm, read_rhythm
from data.catalogue.stage_data import StageData, check_stage, read_stage
from data.settings import settings

T = TypeVar("T")

__all__ = ["Catalogue", "CatalogueError", "catalogue", "load"]


@dataclass(frozen=True)
class Catalogue:
    """Everything, by key, in file order."""

    city: City
    areas: dict[str, Area]
    departments: dict[str, Department]
    domains: dict[str, Domain]
    categories: dict[str, Category]
    sources: dict[str, Source]
    indicators: dict[str, Indicator]
    shapes: dict[str, Any]
    mappings: dict[str, Mapping]
    loop: LoopData
    calendar: Calendar
    review: ReviewRhythm
    population: Population
    alarms: dict[str, AlarmRule]
    """As the files have them; those in force: `data.queries.alarms.rules`."""
    notices: dict[str, NoticeTarget]
    stage: StageData

    def residents(self, area: str, day: date) -> tuple[int, int] | None:
        """Return the residents of an area and the year they were counted in.

        The newest year not after `day`; None: nobody told any. Where they are from, and whether
        they are an estimate, is in `population`.
        """
        found = self.population.of(area, day)
        return (found.residents, found.year) if found else None

    def counties(self) -> list[Area]:
        """Return counties and functional zones, in file order."""
        return [a for a in self.areas.values() if a.level == 2]

    def wall_indicators(self, domain: str) -> list[Indicator]:
        """Return the indicators of one wall panel, in slot order."""
        chosen = [i for i in self.indicators.values() if i.domain == domain and i.wall]
        return sorted(chosen, key=lambda i: i.wall.slot if i.wall else 0)

    def wall_domains(self) -> list[str]:
        """Return the domains that have a panel on the wall, in its order."""
        return [d for d in self.domains if self.wall_indicators(d)]

    def of_source(self, source: str) -> list[Indicator]:
        """Return the indicators that `source` feeds."""
        return [i for i in self.indicators.values() if i.source == source]

    def clock(self, code: str, on: date) -> ClockRule:
        """Return the clock `code` as it was valid on `on`. Raises KeyError: no such clock."""
        return self.loop.clock(code, on)

    def clock_version(self, code: str, version: int) -> ClockRule | None:
        """Return one version of a clock, None if the files no longer have it."""
        return self.loop.clock_version(code, version)

    def duty_of(self, category: str, area_level: int, on: date) -> Duty:
        """Return who answers for `category` at a level of areas (1 city, 2 county, 3 town).

        Without an entry at that level the one above answers. Raises KeyError: no such category.
        """
        return self.loop.duty_of(category, area_level, on)

    def sop(self, code: str, version: int | None = None) -> Sop:
        """Return a version of a procedure, the newest if none is named. Raises KeyError."""
        return self.loop.sop(code, version)

    def sop_for(self, category: str, severity: int) -> Sop | None:
        """Return the procedure that starts by itself for a case, None if none does."""
        return self.loop.sop_for(category, severity)

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The rungs of supervision, in file order."""
        return self.loop.ladder


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of this process. Raises CatalogueError when a file is wrong."""
    return load(settings().catalogue)


def load(folder: Path) -> Catalogue:
    """Read and check one catalogue folder."""
    read = _reader(folder)
    domains = _keyed(read("domains", Domain), lambda d: d.key, "domains.yaml")
    indicators: list[Indicator] = []
    for path in sorted((folder / "indicators").glob("*.yaml")):
        rows = read_yaml(path)
        known = domains.get(path.stem)
        own = {"domain": path.stem, "small_count": known.small_count if known else 0}
        indicators += [read_entry(Indicator, {**own, **row}, path) for row in rows]
    city = read_entry(City, read_yaml(folder / "city.yaml"), folder / "city.yaml")
    areas = _keyed(_areas(folder / "areas.csv"), lambda a: a.code, "areas.csv")
    found = Catalogue(
        city=city,
        areas=areas,
        departments=_keyed(read("departments", Department), lambda d: d.key, "departments.yaml"),
        domains=domains,
        categories=_keyed(read("categories", Category), lambda c: c.code, "categories.yaml"),
        sources=_keyed(read("sources", Source), lambda s: s.key, "sources.yaml"),
        indicators=_keyed(indicators, lambda i: i.code, "indicators/"),
        shapes=_shapes(folder / str(city.map.get("shapes"))),
        mappings=_mappings(folder / "sources"),
        loop=read_loop(folder),
        calendar=_calendar(city.calendar_country, folder),
        review=read_rhythm(folder),
        population=load_population(folder / "population.csv", areas),
        alarms=read_alarms(folder),
        notices=read_notices(folder),
        stage=read_stage(folder),
    )
    _check_references(found)
    check_loop(found.loop, found.categories, found.departments)
    check_alarms(found)
    check_stage(found)
    return found


def _calendar(country: str, folder: Path) -> Calendar:
    try:
        return load_calendar(country, folder / "calendars")
    except CalendarError as error:
        raise CatalogueError(str(error)) from error
    except NotImplementedError as error:
        raise CatalogueError(f"city.yaml: no calendar of the country {country}") from error


def _reader(folder: Path) -> Callable[[str, type[T]], list[T]]:
    def read(name: str, kind: type[T]) -> list[T]:
        path = folder / f"{name}.yaml"
        return [read_entry(kind, row, path) for row in read_yaml(path)]

    return read


def _mappings(folder: Path) -> dict[str, Mapping]:
    try:
        return {path.stem: load_mapping(path) for path in sorted(folder.glob("*.yaml"))}
    except ValueError as error:
        raise CatalogueError(f"sources/: {error}") from error


def _shapes(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _areas(path: Path) -> list[Area]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return [read_entry(Area, _area(row), path) for row in csv.DictReader(lines)]
    except (OSError, KeyError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _area(row: dict[str, str]) -> dict[str, Any]:
    """Return one line of areas.csv as the entry wants it; numbers are checked there."""
    return {
        "code": row["code"],
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "short": {"zh": row["short_zh"], "en": row["short_en"]},
        "parent": row["parent"] or None,
        "level": int(row["level"]) if row["level"].isdigit() else row["level"],
        "kind": row["kind"],
        "lon": row["lon"] or None,
        "lat": row["lat"] or None,
        "valid_from": row["valid_from"],
    }


def _keyed(rows: list[T], key: Callable[[T], str], name: str) -> dict[str, T]:
    found: dict[str, T] = {}
    for row in rows:
        if key(row) in found:
            raise CatalogueError(f"{name}: {key(row)} stands twice")
        found[key(row)] = row
    return found


def _check_references(found: Catalogue) -> None:
    """Raise CatalogueError when an entry names something that is not there."""

    def known(what: str, name: str | None, names: Container[str], who: str) -> None:
        if name is not None and name not in names:
            raise CatalogueError(f"{who}: no such {what}: {name}")

    for area in found.areas.values():
        known("area", area.parent, found.areas, f"area {area.code}")
    for category in found.categories.values():
        known("domain", category.domain, found.domains, f"category {category.code}")
        known("department", category.department, found.departments, f"category {category.code}")
    for source in found.sources.values():
        known("department", source.department, found.departments, f"source {source.key}")
        for code in source.categories.values():
            known("category", code, found.categories, f"source {source.key}")
        for code in source.areas:
            known("area", code, found.areas, f"source {source.key}")
        for code in source.places.values():
            known("area", code, found.areas, f"source {source.key}")
        known("mapping", source.mapping, found.mappings, f"source {source.key}")
        if source.mapping:
            for code in sorted(found.mappings[source.mapping].indicators()):
                known("indicator", code, found.indicators, f"mapping {source.mapping}")
        for other in (source.static, source.sites):
            known("source", other, found.sources, f"source {source.key}")
    for target in found.notices.values():
        for code in target.areas:
            known("area", code, found.areas, f"notices.yaml, target {target.key}")
    for indicator in found.indicators.values():
        who = f"indicator {indicator.code}"
        known("domain", indicator.domain, found.domains, who)
        known("department", indicator.department, found.departments, who)
        known("source", indicator.source, found.sources, who)
        for code in (*indicator.feed.categories, *indicator.feed.of):
            known("category", code, found.categories, who)
