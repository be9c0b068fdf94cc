"""How many people live in an area, year by year: for counts by so many residents."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from data.catalogue.entries import Entry
from data.catalogue.reading import CatalogueError

COLUMNS = ("area", "year", "residents", "source")
COVERS = "covers"
"""A column that may be left out: other areas whose residents are among them, by code."""
ESTIMATE = "演示估计"
"""A source that begins with it is no published figure."""


class Residents(Entry):
    """Residents (常住人口) of one area at the end of a year, or at its census.

    covers: areas that stand for themselves and whose residents are counted here, such as the
    zones of a district: what is set against these residents is counted of all of them.
    """

    area: str
    year: int = Field(ge=1949, le=2100)
    residents: int = Field(gt=0, le=2_000_000_000)
    source: str = Field(min_length=1)
    covers: tuple[str, ...] = ()

    @property
    def estimate(self) -> bool:
        """Whether nobody published it."""
        return self.source.startswith(ESTIMATE)


class Population(NamedTuple):
    """Every figure, by area and oldest first."""

    rows: dict[str, tuple[Residents, ...]]

    def of(self, area: str, day: date) -> Residents | None:
        """Return the newest figure of a year not after that of `day`, None if there is none."""
        known = [row for row in self.rows.get(area, ()) if row.year <= day.year]
        return known[-1] if known else None


def load_population(path: Path, areas: Collection[str]) -> Population:
    """Read the table; a folder without one has no residents.

    Raises:
        CatalogueError: names the line that is wrong.
    """
    if not path.is_file():
        return Population({})
    rows: dict[str, dict[int, Residents]] = {}
    read = csv.DictReader(io.StringIO(_text(path), newline=""))
    missing = [c for c in COLUMNS if c not in (read.fieldnames or ())]
    if missing:
        raise CatalogueError(f"{path.name}: columns missing: {', '.join(missing)}")
    for raw in read:
        where = f"{path.name}, line {read.line_num}"
        row = _row(raw, where)
        for area in (row.area, *row.covers):
            if area not in areas:
                raise CatalogueError(f"{where}: no such area: {area}")
        of_area = rows.setdefault(row.area, {})
        if row.year in of_area:
            raise CatalogueError(f"{where}: {row.area} has residents of {row.year} twice")
        of_area[row.year] = row
    return Population({a: tuple(of[y] for y in sorted(of)) for a, of in rows.items()})


def _row(raw: dict[str, str | None], where: str) -> Residents:
    said = {column: (raw.get(column) or "").strip() for column in COLUMNS}
    for column in ("year", "residents"):
        if not said[column].isdecimal():
            wrong = f"{column} {said[column]!r} is no whole number above 0"
            raise CatalogueError(f"{where}: {wrong}, without commas or units")
    try:
        covers = tuple((raw.get(COVERS) or "").split())
        return Residents.model_validate({**said, COVERS: covers})
    except ValidationError as error:
        wrong = "; ".join(f"{e['loc'][0]} {e['input']!r}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{where}: {wrong}") from error


def _text(path: Path) -> str:
    """Return what the file says, UTF-8 or (as spreadsheets save it) GB 18030."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
