"""The table of days that a notice or the city sets: read, and refused row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from data.calendar import library
from data.calendar.days import Day, DayKind
from data.vocabulary import Names

COLUMNS = ("date", "state", "key", "name_zh", "name_en", "notice")
STATES = ("off", "worked")
KEYS = (*library.HOLIDAYS, "other")
MOST_BYTES = 1_000_000
YEARS = range(2000, 2100)
LONGEST = 60
"""Letters of a name or of a notice's number."""


@dataclass(frozen=True)
class TableRow:
    """One day of the table; line: where it stands in the file, the heading is 1."""

    date: date
    off: bool
    key: str
    name: Names
    notice: str
    line: int

    def day(self) -> Day:
        """Return it as a day of the calendar."""
        kind = DayKind.HOLIDAY if self.off else DayKind.MAKE_UP
        return Day(self.date, kind, self.key, self.name, self.notice)


@dataclass(frozen=True)
class RowError:
    """One thing wrong. line 0: with the file as a whole."""

    line: int
    column: str
    said: str
    wrong: str

    def __str__(self) -> str:
        """Return where and what in one line."""
        where = f"line {self.line}" if self.line else "the file"
        field = f", {self.column}" if self.column else ""
        said = f" {self.said!r}" if self.said else ""
        return f"{where}{field}{said}: {self.wrong}"


class CalendarError(ValueError):
    """A table cannot be used; `errors` names every row that is wrong."""

    def __init__(self, name: str, errors: tuple[RowError, ...]) -> None:
        self.errors = errors
        super().__init__(f"{name}: " + "; ".join(str(e) for e in errors))


def read_table(content: bytes, country: str, name: str = "the table") -> tuple[TableRow, ...]:
    """Return the rows in the order of their days.

    Args:
        content: CSV with the columns of COLUMNS, UTF-8 or (as spreadsheets save it) GB 18030.
        country: of the calendar, for what the library knows of the years.
        name: of the file, for the error.

    Raises:
        CalendarError: names every row that is wrong, and every year that is not whole.
    """
    rows, errors = _rows(content, country)
    errors += list(_repeated(rows))
    if not errors:
        errors = list(_not_whole(rows, country))
    if errors:
        raise CalendarError(name, tuple(sorted(errors, key=lambda e: e.line)))
    return tuple(sorted(rows, key=lambda row: row.date))


def _rows(content: bytes, country: str) -> tuple[list[TableRow], list[RowError]]:
    if len(content) > MOST_BYTES:
        return [], [RowError(0, "", "", f"more than {MOST_BYTES} bytes")]
    try:
        read = csv.DictReader(io.StringIO(_text(content), newline=""), strict=True)
        missing = [c for c in COLUMNS if c not in (read.fieldnames or ())]
        if missing:
            return [], [RowError(1, "", "", f"columns missing: {', '.join(missing)}")]
        rows: list[TableRow] = []
        errors: list[RowError] = []
        for raw in read:
            if not any(v for v in raw.values() if isinstance(v, str) and v.strip()):
                continue
            row = _row(raw, read.line_num, country)
            if isinstance(row, TableRow):
                rows.append(row)
            else:
                errors += row
    except (csv.Error, UnicodeDecodeError) as error:
        return [], [RowError(0, "", "", f"is no CSV text: {error}")]
    return rows, errors


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _row(raw: dict[str, str | None], line: int, country: str) -> TableRow | list[RowError]:
    said = {c: (raw.get(c) or "").strip() for c in COLUMNS}
    day = _date(said["date"])
    wrong = dict(_wrong_fields(said))
    if day is None:
        wrong["date"] = "is no day as YYYY-MM-DD"
    elif day.year not in YEARS:
        wrong["date"] = f"the year must be {YEARS.start} to {YEARS.stop - 1}"
    elif "state" not in wrong and said["state"] == "worked" and _works_anyway(day, country):
        wrong["state"] = "is a day of the week that is worked anyway; a make-up day is a weekend"
    if wrong or day is None:
        return [RowError(line, c, said[c], wrong[c]) for c in COLUMNS if c in wrong]
    name = Names(zh=said["name_zh"], en=said["name_en"])
    return TableRow(day, said["state"] == "off", said["key"], name, said["notice"], line)


def _wrong_fields(said: dict[str, str]) -> Iterator[tuple[str, str]]:
    if said["state"] not in STATES:
        yield "state", f"must be one of {', '.join(STATES)}"
    if said["key"] not in KEYS:
        yield "key", f"must be one of {', '.join(KEYS)}"
    for column in ("name_zh", "name_en", "notice"):
        if not said[column]:
            yield column, "is missing"
        elif len(said[column]) > LONGEST:
            yield column, f"has more than {LONGEST} letters"


def _date(said: str) -> date | None:
    """Return the day; 2027/1/1 is how spreadsheets write it back."""
    found = re.fullmatch(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})", said)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _works_anyway(day: date, country: str) -> bool:
    if day.weekday() in library.weekend(country):
        return False
    known = library.known_days(country, day.year).get(day)
    return known is None or known.worked


def _repeated(rows: list[TableRow]) -> Iterator[RowError]:
    first: dict[date, int] = {}
    for row in rows:
        if row.date in first:
            said = f"stands in line {first[row.date]} too"
            yield RowError(row.line, "date", row.date.isoformat(), said)
        first.setdefault(row.date, row.line)


def _not_whole(rows: list[TableRow], country: str) -> Iterator[RowError]:
    """Yield the years after the library's last notice that lack days the law fixes.

    Such a year is taken from the table alone, so half of a notice would lose holidays.
    """
    last = library.last_notice(country)
    for year in sorted({row.date.year for row in rows}):
        if last is None or year <= last:
            continue
        off = {row.date for row in rows if row.off}
        lacks = sorted(library.fixed_days(country, year) - off)
        if lacks:
            days = ", ".join(d.isoformat() for d in lacks)
            yield RowError(0, "year", str(year), f"the whole notice is needed; not off: {days}")
