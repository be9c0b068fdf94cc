"""What became of each row of a push, in the order of the rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, tuple_

from data import models as m
from data.connectors.connector import Parsed, Problem
from data.ingest.run import Outcome
from data.queries.keys import read_keys
from data.vocabulary import Observed

CHUNK = 500
Key = tuple[int, int, int, datetime]

o = m.observation.c


def row_verdicts(conn: Connection, parsed: Parsed[Any], outcome: Outcome) -> list[dict[str, Any]]:
    """Return one entry a row: row, verdict, and for a refused one field, reason and detail.

    Verdicts: new, changed, same (as known already, or as an earlier row),
    outdated (something newer is known), refused. A row taken without a part of
    it carries warnings.
    """
    verdicts = dict(outcome.verdicts)
    refused: dict[int, Problem] = {}
    warnings: dict[int, list[dict[str, Any]]] = {}
    for problem in outcome.problems:
        row = problem.row or 0
        if problem.refused:
            refused.setdefault(row, problem)
        else:
            warnings.setdefault(row, []).append(_complaint(problem))
    observed = [r for r in parsed.records if isinstance(r, Observed) and r.row not in refused]
    verdicts |= _observed(conn, observed, outcome.run_id)
    found = []
    for row in sorted({*verdicts, *refused}):
        if row in refused:
            entry = {"row": row, "verdict": "refused", **_complaint(refused[row])}
        else:
            entry = {"row": row, "verdict": verdicts[row]}
        if row in warnings:
            entry["warnings"] = warnings[row]
        found.append(entry)
    return found


def _complaint(problem: Problem) -> dict[str, Any]:
    return {"field": problem.field, "reason": problem.reason, "detail": problem.detail}


def _observed(conn: Connection, rows: list[Observed], run_id: int) -> dict[int, str]:
    """Return the verdict of each row by what the store holds under its key now."""
    keys = read_keys(conn)
    places: dict[int, Key] = {}
    for seen in rows:
        if seen.row is not None:
            start = seen.period_start.replace(microsecond=0)
            places[seen.row] = (
                keys.indicators[seen.indicator], keys.areas[seen.area], int(seen.grain), start,
            )  # fmt: skip
    stored = _stored(conn, sorted(set(places.values())))
    return {
        seen.row: _verdict(seen, stored[places[seen.row]], run_id)
        for seen in rows
        if seen.row is not None
    }


def _stored(conn: Connection, wanted: list[Key]) -> dict[Key, Any]:
    place = tuple_(o.indicator_id, o.area_id, o.grain, o.period_start)
    found: dict[Key, Any] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(
            o.indicator_id, o.area_id, o.grain, o.period_start, o.num, o.den, o.run_id, o.rev,
            o.row_no,
        ).where(place.in_(wanted[start : start + CHUNK]))  # fmt: skip
        for row in conn.execute(query):
            found[row.indicator_id, row.area_id, row.grain, row.period_start] = row
    return found


def _verdict(seen: Observed, row: Any, run_id: int) -> str:
    if row.run_id == run_id and row.row_no == seen.row:
        return "changed" if row.rev else "new"
    return "same" if (row.num, row.den) == (seen.numerator, seen.denominator) else "outdated"
