"""Open matters as they were known at an instant, in the shapes that the live panels are made of."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.panels.matters import POINTS, ROWS, Asked, Matters, Shown
from data.queries.cases import Flow, OpenCase, OpenCount
from data.queries.keys import Keys
from data.queries.then.cases import CaseThen, Moment, cases_then
from data.vocabulary import LOCAL, CaseState

c = m.cases.c


def matters_then(
    conn: Connection, catalogue: Catalogue, keys: Keys, area: str, moment: Moment
) -> Matters:
    """Return the matters of an area as they stood, ready to be made into panels."""
    midnight = moment.at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    found = cases_then(conn, moment, matters=True, since=midnight)
    stood = sorted((x for x in found if x.open), key=_order)
    county = None if area == catalogue.city.code else keys.areas[area]
    here = [x for x in stood if county is None or x.row["county_id"] == county]
    shown = Shown(
        [_open(x) for x in here[:ROWS]],
        [_open(x) for x in here if x.row["lon"] is not None and x.row["lat"] is not None][:POINTS],
    )
    flow = _flow(conn, found, midnight, moment.at)
    return Matters(Asked(_counts(stood, moment.at), {area: shown}, flow), catalogue, keys)


def _order(x: CaseThen) -> tuple[int, bool, float, int]:
    """Gravest first, then least time left, as the live queue is ordered.

    A matter always has a limit; where one has none the databases disagree, and so may this.
    """
    due = x.row["due_at"]
    return x.row["level"], due is None, due.timestamp() if due else 0.0, x.row["id"]


def _open(x: CaseThen) -> OpenCase:
    r = x.row
    return OpenCase(
        r["case_no"], r["level"], r["stage"], r["title"], r["category_id"], r["area_id"],
        r["county_id"], r["department_id"], r["lon"], r["lat"], r["due_at"], r["state"],
    )  # fmt: skip


def _counts(stood: list[CaseThen], at: datetime) -> list[OpenCount]:
    n: Counter[tuple[int, str, int]] = Counter()
    overdue: Counter[tuple[int, str, int]] = Counter()
    placed: Counter[tuple[int, str, int]] = Counter()
    for x in stood:
        r = x.row
        key = (r["county_id"], r["stage"], r["level"])
        n[key] += 1
        runs = r["state"] != CaseState.SUSPENDED.value
        overdue[key] += bool(r["due_at"] is not None and r["due_at"] < at and runs)
        placed[key] += r["lon"] is not None and r["lat"] is not None
    return [OpenCount(*key, found, overdue[key], placed[key]) for key, found in n.items()]


def _flow(
    conn: Connection, found: list[CaseThen], midnight: datetime, at: datetime
) -> dict[int, Flow]:
    """Return what ended and fell due since midnight; what ended before is asked for apart."""
    closed: Counter[int] = Counter()
    due: Counter[int] = Counter()
    met: Counter[int] = Counter()
    ids = {x.row["id"] for x in found}
    for x in found:
        county, limit = x.row["county_id"], x.row["due_at"]
        closed[county] += x.closed_at is not None and x.closed_at >= midnight
        if limit is not None and midnight <= limit < at:
            due[county] += 1
            met[county] += x.closed_at is not None and x.closed_at <= limit
    before = select(c.id, c.county_id).where(
        c.matter, c.due_at >= midnight, c.due_at < at, c.closed_at < midnight
    )
    for case_id, county in conn.execute(before).all():
        if case_id not in ids:
            due[county] += 1
            met[county] += 1
    counties = {*closed, *due}
    return {k: Flow(int(closed[k]), int(due[k]), int(met[k])) for k in counties}
