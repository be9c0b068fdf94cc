"""The API's cases: each as it stands, or as it was known to stand then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from data import models as m
from data.catalogue import Catalogue
from data.connectors.privacy import mask
from data.queries.api_pages import Page, area_codes, known, moment
from data.queries.api_params import CaseQuery, instant, make_cursor, read_cursor
from data.queries.keys import Keys, read_keys
from data.vocabulary import Stage

c, e = m.cases.c, m.case_event.c
Case = dict[str, Any]

TURNS = 20
"""A page looks at this many times its limit; it may come back short, with more to follow."""

_NUMBERS = ("level", "category_id", "area_id", "department_id")
_INSTANTS = ("due_at", "closed_at")


def cases(conn: Connection, catalogue: Catalogue, query: CaseQuery, *, now: datetime) -> Page:
    """Return one page of cases, in the order they became known.

    Raises:
        AskedError: the query cannot be answered.
    """
    keys, as_of = read_keys(conn), instant("as_of", query.as_of)
    wanted = _wanted(catalogue, keys, query)
    base = _fixed(keys, catalogue, query)
    place = read_cursor(query.cursor, (int,))
    after = place[0] if place else 0
    if as_of is None or as_of >= now:
        for name, ids in wanted.items():
            base = base.where(c[name].in_(ids))
        if query.open is not None:
            base = base.where(c.closed_at.is_(None) if query.open else c.closed_at.is_not(None))
        rows = _rows(conn, base, after, query.limit + 1)
        more, rows = len(rows) > query.limit, rows[: query.limit]
        items = [_item(row, catalogue, keys, now) for row in rows]
        return Page(items, make_cursor([rows[-1]["id"]]) if more else None)
    return _then(conn, catalogue, keys, query, wanted, base, after, as_of)


def _rows(conn: Connection, base: Select[Any], after: int, limit: int) -> list[Case]:
    found = conn.execute(base.where(c.id > after).order_by(c.id).limit(limit))
    return [dict(row) for row in found.mappings()]


def _wanted(catalogue: Catalogue, keys: Keys, query: CaseQuery) -> dict[str, list[Any]]:
    """Return the filters on what can change, by column: the values that fit."""
    found: dict[str, list[Any]] = {}
    if query.area:
        codes = area_codes(catalogue, query.area, descendants=query.descendants)
        found["area_id"] = [keys.areas[code] for code in codes]
    if query.department:
        named = known("department", query.department, catalogue.departments)
        found["department_id"] = [keys.departments[d] for d in named]
    if query.category:
        named = known("category", query.category, catalogue.categories)
        found["category_id"] = [keys.categories[x] for x in named]
    if query.stage:
        found["stage"] = list(query.stage)
    if query.severity:
        found["level"] = [int(s) for s in query.severity]
    return found


def _fixed(keys: Keys, catalogue: Catalogue, query: CaseQuery) -> Select[Any]:
    """Return the cases by what never changes: domain, source, time of report."""
    base = select(m.cases)
    if query.domain:
        named = known("domain", query.domain, catalogue.domains)
        base = base.where(c.domain_id.in_([keys.domains[d] for d in named]))
    if query.source:
        named = known("source", query.source, catalogue.sources)
        base = base.where(c.source_id.in_([keys.sources[s] for s in named]))
    if query.matter is not None:
        base = base.where(c.matter.is_(query.matter))
    start, end = instant("from", query.start), instant("to", query.end)
    if start is not None:
        base = base.where(c.reported_at >= start)
    if end is not None:
        base = base.where(c.reported_at < end)
    return base


# ---- as it was known ----


def _then(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    query: CaseQuery,
    wanted: dict[str, list[Any]],
    base: Select[Any],
    after: int,
    as_of: datetime,
) -> Page:
    """Take cases back to a time and choose among them; a short page may have more after it."""
    items: list[Case] = []
    for _ in range(TURNS):
        rows = _rows(conn, base, after, query.limit)
        for row in taken_back(conn, rows, as_of):
            if _fits(row, wanted, query):
                items.append(_item(row, catalogue, keys, as_of))
                if len(items) == query.limit:
                    return Page(items, make_cursor([row["id"]]))
        if len(rows) < query.limit:
            return Page(items)
        after = rows[-1]["id"]
    return Page(items, make_cursor([after]))


def _fits(row: Case, wanted: dict[str, list[Any]], query: CaseQuery) -> bool:
    if query.open is not None and query.open != (row["closed_at"] is None):
        return False
    return all(row[name] in values for name, values in wanted.items())


def taken_back(conn: Connection, rows: Sequence[Case], as_of: datetime) -> list[Case]:
    """Return cases as they were known then, from their events; those unknown then are left out."""
    events = _events(conn, [row["id"] for row in rows])
    found = []
    for row in rows:
        mine = events.get(row["id"], [])
        first = mine[0].recorded_at if mine else row["recorded_at"]
        if first <= as_of:
            found.append(_undone(row, mine, as_of))
    return found


def _events(conn: Connection, ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    query = select(m.case_event).where(e.case_id.in_(ids)).order_by(e.case_id, e.seq)
    for row in conn.execute(query):
        found[row.case_id].append(row)
    return found


def _undone(row: Case, events: Sequence[Any], as_of: datetime) -> Case:
    """Take back, newest first, what became known after `as_of`."""
    then = dict(row)
    for event in reversed(events):
        if event.recorded_at <= as_of:
            break
        for name, text in (event.before or {}).items():
            then[name] = _value(name, text)
    held = [event for event in events if event.recorded_at <= as_of]
    if len(held) < len(events) and held:
        moved = [event.at for event in held if event.to_stage]
        then["updated_at"] = max(moved, default=row["reported_at"])
        then["recorded_at"] = held[-1].recorded_at
        then["run_id"] = held[-1].run_id or row["run_id"]
        then["version"] = held[-1].seq
        then["department_id"] = held[-1].department_id or row["department_id"]
        then["holder"] = held[-1].holder or row["holder"]
        if then["led_since"] is not None and then["led_since"] > as_of:
            then["led_since"] = None
    return then


def _value(name: str, text: str) -> Any:
    if text == "None":
        return None
    if name in _INSTANTS:
        return datetime.fromisoformat(text)
    return int(text) if name in _NUMBERS else text


# ---- written out ----


def _item(row: Case, catalogue: Catalogue, keys: Keys, at: datetime) -> Case:
    areas = keys.area_codes()
    category = _code(keys.categories, row["category_id"])
    closed, due = row["closed_at"], row["due_at"]
    shown = row["matter"]
    return {
        "case_no": row["case_no"],
        "source": _code(keys.sources, row["source_id"]),
        "category": category,
        "domain": catalogue.categories[category].domain,
        "matter": row["matter"],
        "severity": row["level"],
        "stage": row["stage"],
        "state": row["state"],
        "holder": row["holder"],
        "led_here": row["led_since"] is not None,
        "open": row["stage"] != Stage.CLOSED.value,
        "overdue": closed is None and due is not None and due < at,
        "area": areas[row["area_id"]],
        "county": areas[keys.county_of[row["area_id"]]],
        "department": _code(keys.departments, row["department_id"]),
        "title": mask(row["title"]) if shown else None,
        "address": mask(row["address"]) if shown else None,
        "lon": row["lon"] if shown else None,
        "lat": row["lat"] if shown else None,
        "reported_at": moment(row["reported_at"]),
        "due_at": moment(due),
        "closed_at": moment(closed),
        "updated_at": moment(row["updated_at"]),
        "recorded_at": moment(row["recorded_at"]),
        "run_id": row["run_id"],
        "row": row["row_no"],
        "version": row["version"],
    }


def _code(codes: dict[str, int], id_: int) -> str:
    return next(code for code, known_id in codes.items() if known_id == id_)
