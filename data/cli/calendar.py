"""Which days of a year are off or made up for, and whether a table of them is right."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from data.calendar import BasisKind, Calendar, CalendarError, Day, DayKind, load, read_table
from data.cli.refused import Refused
from data.settings import settings

_WORDS = {
    DayKind.HOLIDAY: "off, holiday",
    DayKind.WEEKEND: "off, weekend",
    DayKind.MAKE_UP: "worked, make-up day",
    DayKind.WORKDAY: "worked",
}


@click.command()
@click.argument("year", type=click.IntRange(2000, 2099), required=False)
@click.option("--country", default=None, help="Country of the calendar; that of the city if none.")
@click.option("--check", "file", type=click.Path(path_type=Path), help="Only check this table.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def calendar(year: int | None, country: str | None, file: Path | None, as_json: bool) -> None:
    """Print the holidays and make-up working days of YEAR and what they are based on.

    With --check FILE nothing of the catalogue is printed: the file is read as
    calendars/<country>.csv would be, and every wrong row is named. Ends with 2 if one is.
    """
    from data.catalogue import catalogue

    chosen = country or catalogue().city.calendar_country
    if file is None and year is None:
        raise click.UsageError("name a YEAR, or a table with --check FILE")
    try:
        found = _checked(file, chosen) if file else load(chosen, _folder())
    except CalendarError as error:
        raise Refused("\n".join(["the table is refused", *map(str, error.errors)])) from error
    except NotImplementedError as error:
        raise Refused(f"no such country: {chosen}") from error
    years = [year] if year is not None else found.years
    for one in years:
        click.echo(_as_json(found, one) if as_json else _as_text(found, one))


def _folder() -> Path:
    return settings().catalogue / "calendars"


def _checked(file: Path, country: str) -> Calendar:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
    return Calendar(country, read_table(content, country, file.name))


def _told(found: Calendar, year: int) -> list[Day]:
    kinds = (DayKind.HOLIDAY, DayKind.MAKE_UP)
    return [day for day in found.days(year) if day.kind in kinds]


def _as_text(found: Calendar, year: int) -> str:
    days = found.days(year)
    worked = sum(day.worked for day in days)
    lines = [f"{year}: {found.basis(year)}; {worked} of {len(days)} days worked; {found.version}"]
    if found.basis(year).kind is BasisKind.FIXED:
        lines.append(f"  add the notice's days to calendars/{found.country}.csv when it is out")
    for day in _told(found, year):
        name = f"{day.name['zh']} {day.name['en']}" if day.name else ""
        lines.append(f"  {day.date} {_WEEKDAYS[day.date.weekday()]}  {_WORDS[day.kind]:20} {name}")
    return "\n".join([*lines, *(f"  look: {note}" for note in found.doubts(year))])


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _as_json(found: Calendar, year: int) -> str:
    basis = found.basis(year)
    told: dict[str, Any] = {
        "year": year,
        "country": found.country,
        "version": found.version,
        "basis": basis.kind.value,
        "notice": basis.notice,
        "doubts": list(found.doubts(year)),
        "days": [_day(day) for day in _told(found, year)],
    }
    return json.dumps(told, ensure_ascii=False)


def _day(day: Day) -> dict[str, Any]:
    return {
        "date": date.isoformat(day.date),
        "kind": day.kind.value,
        "key": day.key,
        "name": day.name,
        "notice": day.notice,
    }
