"""Take the totals out of a file that gives their parts too, and say when they do not add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from data.connectors.connector import Problem
from data.quality.totals import Total, differs, find_totals
from data.queries.keys import Keys

Row = tuple[int, int, int, datetime, float, float | None, int | None]


def totals_apart(
    rows: Sequence[Row], known: Mapping[int, set[int]], added_up: set[int], keys: Keys
) -> tuple[list[Row], list[Problem]]:
    """Return the rows without totals of other rows, and a warning for each total.

    known: areas that have reported each indicator before. A source that has
    always told the total alone goes on doing so; its parts are refused later.
    added_up: indicators whose areas add up; only theirs are looked at.
    """
    areas = {row[1] for row in rows}
    if not any(areas & keys.parents[area] for area in areas):
        return list(rows), []
    looked = [n for n, row in enumerate(rows) if row[0] in added_up]
    found = find_totals(
        [(rows[n][0], rows[n][2], rows[n][3]) for n in looked],
        [rows[n][1] for n in looked],
        keys.parents,
    )
    placed = {looked[t.place]: t for t in found}
    totals = {n: t for n, t in placed.items() if rows[n][1] not in known.get(rows[n][0], ())}
    problems = [_problem(rows, place, t, looked, keys) for place, t in sorted(totals.items())]
    return [row for n, row in enumerate(rows) if n not in totals], problems


def _problem(
    rows: Sequence[Row], place: int, total: Total, looked: Sequence[int], keys: Keys
) -> Problem:
    """Return the warning that a row is a total: left out, for its parts are stored."""
    row = rows[place]
    parts = [rows[looked[n]] for n in total.parts]
    where = f"{keys.indicator_codes()[row[0]]} {keys.area_codes()[row[1]]} {row[3].isoformat()}"
    nums = [p[4] for p in parts]
    wrong = differs(row[4], nums, total.expected)
    if row[5] is not None and all(p[5] is not None for p in parts):
        wrong = wrong or differs(row[5], [p[5] or 0.0 for p in parts], total.expected)
    told = f"{row[4]:g}, parts {sum(nums):g}" if wrong else f"{row[4]:g}"
    detail = f"{where}; {len(parts)} of {total.expected} parts in the file"
    reason = "total_differs" if wrong else "total_row"
    return Problem(reason, row[6], "area", told, detail, refused=False)
