"""Reads hospital bed capacity as the NHSN import CSV has it, one hospital and day a row.

A blank is absent, never 0. Headers are matched without case and blanks.

Source: CDC NHSN, COVID-19 module, hospital capacity (57.130) CSV template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.connectors.connector import (
    Connector,
    Findings,
    Options,
    Parsed,
    PayloadError,
    RefusedError,
)
from data.connectors.csv_text import read_table
from data.connectors.instants import zone
from data.connectors.positions import number
from data.connectors.records import Measure

MEASURE = "NHSN hospital capacity"
GROUP = "beds"
POPULATIONS = (
    "numTotBeds", "numbeds", "numBedsOcc", "numICUBeds", "numNICUBeds", "numICUBedsOcc",
    "numNICUBedsOcc", "numVent", "numVentUse", "numC19HospPats", "numConfC19HospPats",
    "numC19MechVentPats", "numConfC19MechVentPats", "numC19HOPats", "numConfC19HOPats",
    "numC19OverflowPats", "numConfC19OverflowPats", "numC19OFMechVentPats",
    "numConfC19OFMechVentPats", "numC19Died", "numc19confnewadm", "numc19suspnewadm",
    "numc19honewpats", "numConfC19HONewPats", "numc19prevdied", "numConfC19PrevDied",
    "numC19ICUPats", "numConfC19ICUPats",
)  # fmt: skip
_BY_NAME = {name.lower(): name for name in POPULATIONS}
_SHARES = (
    ("numBedsOcc", "numbeds", "bed_occupancy_pct"),
    ("numICUBedsOcc", "numICUBeds", "icu_occupancy_pct"),
    ("numNICUBedsOcc", "numNICUBeds", "nicu_occupancy_pct"),
    ("numVentUse", "numVent", "ventilator_use_pct"),
)
"""Of what how much is taken, and the fact's name."""

_MISSING = frozenset({"", ".", "-", "--", "na", "n/a", "null", "none", "nan"})
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})(?: 0{1,2}:00(?::00)?)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})(?:[T ]00:00(?::00)?)?")
_MAX_COUNT = 2**31 - 1


def parse(payload: bytes, options: Options) -> Parsed[Measure]:
    """Return the counts of every row; raise PayloadError if the file is no NHSN bed table.

    A day is a whole local day of options.tz (UTC if there is none).
    """
    table = read_table(payload, options)
    places: dict[str, int] = {}
    for at, name in enumerate(table.header):
        places.setdefault(re.sub(r"\s", "", name).lower(), at)
    counted = {_BY_NAME[name]: at for name, at in places.items() if name in _BY_NAME}
    _refuse_other_tables(places, counted, table.header)
    reader = _Reader(places, counted, zone(options.tz or "UTC"), Findings())
    measures, rows = list[Measure](), 0
    for row, cells in table.rows:
        try:
            measures += reader.measures(row, cells, len(table.header))
            rows += 1
        except RefusedError as refusal:
            reader.findings.refuse(refusal, row)
    facts = reader.facts(table.header, len(table.rows))
    return reader.findings.conclude(measures, facts, usable_rows=rows)


def _refuse_other_tables(
    places: dict[str, int], counted: dict[str, int], header: tuple[str, ...]
) -> None:
    if "collectiondate" not in places or not counted:
        lacking = "collectionDate" if "collectiondate" not in places else "any bed count (numbeds)"
        near = ", ".join(name for name in header[:12] if name)
        raise PayloadError(f"not an NHSN bed table: no column {lacking}; there are {near}")


class _Reader:
    """Reads row by row and remembers which hospital and day was there."""

    def __init__(
        self, places: dict[str, int], counted: dict[str, int], tz: ZoneInfo, findings: Findings
    ) -> None:
        self.places, self.counted, self.tz, self.findings = places, counted, tz, findings
        self.seen: set[tuple[str, date]] = set()
        self.days: list[str] = []
        self.shares: dict[str, list[float | None]] = {name: [] for _, _, name in _SHARES}

    def measures(self, row: int, cells: tuple[str, ...], width: int) -> list[Measure]:
        """Return the counts of one row; raise RefusedError if whose or when is not told."""
        if any(cells[width:]):
            detail = f"{len(cells)} cells where the header has {width}"
            raise RefusedError("bad_cell_count", detail=detail)
        hospital = self._cell(cells, "orgid") or self._cell(cells, "facilityid")
        if not hospital and ({"orgid", "facilityid"} & set(self.places)):
            raise RefusedError("no_orgid", "orgid", detail="the row names no hospital")
        day = _day(self._cell(cells, "collectiondate"))
        if (hospital, day) in self.seen:
            raise RefusedError("duplicate", "collectionDate", day.isoformat(), "twice in the file")
        self.seen.add((hospital, day))
        start, end = (datetime(d.year, d.month, d.day, tzinfo=self.tz) for d in _span(day))
        values = dict(self._values(row, cells))
        self._note(row, values, day)
        report = f"{hospital}-{day.isoformat()}"
        return [
            Measure(row, report, MEASURE, hospital, start.astimezone(UTC), end.astimezone(UTC),
                    GROUP, name, "", value, None if value is not None else "missing")
            for name, value in values.items()
        ]  # fmt: skip

    def _cell(self, cells: tuple[str, ...], name: str) -> str:
        at = self.places.get(name)
        return cells[at] if at is not None and at < len(cells) else ""

    def _values(self, row: int, cells: tuple[str, ...]) -> Iterator[tuple[str, float | None]]:
        for name, at in self.counted.items():
            text = cells[at] if at < len(cells) else ""
            yield name, self._count(row, name, text)

    def _count(self, row: int, name: str, text: str) -> float | None:
        """Return a count; None where there is none, with a warning for one that cannot be."""
        if text.lower() in _MISSING:
            return None
        value = number(text.replace(",", ""))
        if not 0 <= value <= _MAX_COUNT or value != int(value):
            self.findings.warn("bad_count", row, name, text, "not a count; left out")
            return None
        return value

    def _note(self, row: int, values: dict[str, float | None], day: date) -> None:
        """Keep the shares of the row, and warn when more is taken than there is."""
        self.days.append(day.isoformat())
        for taken, there, name in _SHARES:
            num, den = values.get(taken), values.get(there)
            share = None if num is None or not den else round(100 * num / den, 4)
            self.shares[name].append(share)
            if num is not None and den is not None and num > den:
                detail = f"{num:g} taken of {den:g}"
                self.findings.warn("occupied_above_beds", row, taken, f"{num:g}", detail)

    def facts(self, header: tuple[str, ...], rows: int) -> dict[str, Any]:
        """Return what the table says, row by row."""
        known = {"orgid", "facilityid", "collectiondate", *_BY_NAME}
        return {
            "rows": rows,
            "columns": len(header),
            "hospitals": len({hospital for hospital, _ in self.seen}),
            "dates": self.days,
            **self.shares,
            "ignored_columns": [n for n in header if re.sub(r"\s", "", n).lower() not in known],
        }


def _span(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _day(text: str) -> date:
    """Return the day of M/D/YYYY, M/D/YY, YYYY-MM-DD or YYYYMMDD."""
    if not text:
        raise RefusedError("no_collection_date", "collectionDate", detail="the row has no date")
    american, iso = _MONTH_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    try:
        if american:
            year = int(american[3]) + (2000 if len(american[3]) == 2 else 0)
            day = date(year, int(american[1]), int(american[2]))
        elif iso:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        else:
            raise ValueError("not M/D/YYYY")
    except ValueError as error:
        raise RefusedError("bad_date", "collectionDate", text, str(error)) from error
    if not 1970 < day.year < 2100:
        raise RefusedError("bad_date", "collectionDate", text, "no day of our time")
    return day


CONNECTOR = Connector(key="nhsn", row_word="line", parse=parse)
