"""What the city is made of and what is measured, read once from the data files beside this one.

Another city changes the files, or points ZHIZHI_CATALOGUE at a folder of its own.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from data.catalogue.entries import Area, Category, City, Department, Domain, Indicator, Source
from data.catalogue.mapping import Mapping, load_mapping
from data.settings import settings

T = TypeVar("T")


class CatalogueError(ValueError):
    """A catalogue file is wrong; the message names file and entry. The steward must mend it."""


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

    def counties(self) -> list[Area]:
        """Return counties and functional zones, in file order."""
        return [a for a in self.areas.values() if a.level == 2]

    def wall_indicators(self, domain: str) -> list[Indicator]:
        """Return the indicators of one wall panel, in slot order."""
        chosen = [i for i in self.indicators.values() if i.domain == domain and i.wall]
        return sorted(chosen, key=lambda i: i.wall.slot if i.wall else 0)

    def of_source(self, source: str) -> list[Indicator]:
        """Return the indicators that `source` feeds."""
        return [i for i in self.indicators.values() if i.source == source]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of this process. Raises CatalogueError when a file is wrong."""
    return load(settings().catalogue)


def load(folder: Path) -> Catalogue:
    """Read and check one catalogue folder."""
    read = _reader(folder)
    indicators: list[Indicator] = []
    for path in sorted((folder / "indicators").glob("*.yaml")):
        rows = _yaml(path)
        indicators += [_entry(Indicator, {"domain": path.stem, **row}, path) for row in rows]
    city = _entry(City, _yaml(folder / "city.yaml"), folder / "city.yaml")
    found = Catalogue(
        city=city,
        areas=_keyed(_areas(folder / "areas.csv"), lambda a: a.code, "areas.csv"),
        departments=_keyed(read("departments", Department), lambda d: d.key, "departments.yaml"),
        domains=_keyed(read("domains", Domain), lambda d: d.key, "domains.yaml"),
        categories=_keyed(read("categories", Category), lambda c: c.code, "categories.yaml"),
        sources=_keyed(read("sources", Source), lambda s: s.key, "sources.yaml"),
        indicators=_keyed(indicators, lambda i: i.code, "indicators/"),
        shapes=_shapes(folder / str(city.map.get("shapes"))),
        mappings=_mappings(folder / "sources"),
    )
    _check_references(found)
    return found


def _reader(folder: Path) -> Callable[[str, type[T]], list[T]]:
    def read(name: str, kind: type[T]) -> list[T]:
        path = folder / f"{name}.yaml"
        return [_entry(kind, row, path) for row in _yaml(path)]

    return read


def _mappings(folder: Path) -> dict[str, Mapping]:
    try:
        return {path.stem: load_mapping(path) for path in sorted(folder.glob("*.yaml"))}
    except ValueError as error:
        raise CatalogueError(f"sources/: {error}") from error


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _entry(kind: type[T], row: dict[str, Any], path: Path) -> T:
    try:
        return kind(**row)
    except (TypeError, ValueError) as error:
        name = row.get("code") or row.get("key") if isinstance(row, dict) else row
        raise CatalogueError(f"{path.name}, entry {name}: {error}") from error


def _shapes(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _areas(path: Path) -> list[Area]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return [_entry(Area, _area(row), path) for row in csv.DictReader(lines)]
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

    def known(what: str, name: str | None, names: object, who: str) -> None:
        if name is not None and name not in names:  # type: ignore[operator]
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
        known("mapping", source.mapping, found.mappings, f"source {source.key}")
        if source.mapping:
            for code in sorted(found.mappings[source.mapping].indicators()):
                known("indicator", code, found.indicators, f"mapping {source.mapping}")
        for other in (source.static, source.sites):
            known("source", other, found.sources, f"source {source.key}")
    for indicator in found.indicators.values():
        who = f"indicator {indicator.code}"
        known("domain", indicator.domain, found.domains, who)
        known("department", indicator.department, found.departments, who)
        known("source", indicator.source, found.sources, who)
        for code in (*indicator.feed.categories, *indicator.feed.of):
            known("category", code, found.categories, who)
