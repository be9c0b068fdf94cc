"""The operator's queue: open cases within somebody's scope, filtered, gravest first."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.desk_filter import Reader, narrowed, order, time_left
from data.queries.keys import Keys
from data.vocabulary import DeskPanel, Names
from data.vocabulary.desk import MOST, DeskCounts, DeskRow, DeskView, Left

c = m.cases.c

COLUMNS = (
    c.id, c.case_no, c.version, c.level, c.state, c.holder, c.category_id, c.domain_id,
    c.area_id, c.county_id, c.department_id, c.lon, c.lat, c.title, c.address, c.reported_at,
    c.due_at, c.stage_due_at, c.updated_at, c.acknowledged_at, c.led_since, c.source_said,
    c.supervised, c.rework,
)  # fmt: skip


def desk_rows(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    reader: Reader,
    view: DeskView,
    *,
    now: datetime,
    limit: int = MOST,
    offset: int = 0,
    numbers: Collection[str] | None = None,
) -> list[DeskRow]:
    """Return the open cases of a view that `reader` may see, in its order.

    numbers: only these cases, and only those of them that are in the view.
    """
    query = select(*COLUMNS).where(*narrowed(conn, keys, reader, view, now=now))
    if numbers is not None:
        query = query.where(c.case_no.in_(list(numbers)[:MOST]))
    query = query.order_by(*order(view)).limit(min(limit, MOST)).offset(offset)
    found = conn.execute(query).all()
    asked = _asked(conn, [r.id for r in found])
    words = _Words(catalogue, keys)
    return [_row(r, words, asked.get(r.id, [])) for r in found]


def desk_counts(
    conn: Connection, keys: Keys, reader: Reader, view: DeskView, *, now: datetime
) -> DeskCounts:
    """Return how many open cases a view holds, and how many each chip of it would."""
    groups = conn.execute(_groups(conn, keys, reader, view, now)).all()
    codes = keys.area_codes()
    found = [_Group(r.state, str(r.level), r.time_left, codes[r.county_id], r.n) for r in groups]
    whole = [g for g in found if g.within(view)]
    return {
        "total": sum(g.n for g in whole),
        "overdue": sum(g.n for g in whole if g.left == Left.OVERDUE),
        "state": _facet(found, view, "state"),
        "level": _facet(found, view, "level"),
        "left": _facet(found, view, "left"),
        "county": _facet(found, view, "county"),
    }


@dataclass(frozen=True)
class _Group:
    state: str
    level: str
    left: str
    county: str
    n: int

    def within(self, view: DeskView, *, free: str = "") -> bool:
        """Return whether the view's chips hold it; `free`: the one facet that is not asked."""
        chips = {"state": view.state, "level": view.level, "left": view.left}
        return all(
            facet == free or not wanted or getattr(self, facet) in wanted
            for facet, wanted in chips.items()
        )


def _facet(found: Sequence[_Group], view: DeskView, facet: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for group in found:
        if group.within(view, free=facet):
            counts[getattr(group, facet)] += group.n
    return dict(counts)


def _groups(
    conn: Connection, keys: Keys, reader: Reader, view: DeskView, now: datetime
) -> Select[Any]:
    """Count by every chip at once: the groups are few, whatever the view."""
    left = time_left(now).label("time_left")
    by = (c.state, c.level, left, c.county_id)
    within = narrowed(conn, keys, reader, view, now=now, chips=False)
    return select(*by, func.count().label("n")).where(*within).group_by(*by)


def _asked(conn: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return what each case waits for an approver with."""
    a = m.case_approval.c
    found: dict[int, list[str]] = defaultdict(list)
    query = select(a.case_id, a.kind).where(a.decided_at.is_(None), a.case_id.in_(ids))
    for case_id, kind in conn.execute(query.order_by(a.asked_at)).all() if ids else ():
        found[case_id].append(kind)
    return found


NOWHERE: Names = {"zh": "", "en": ""}


class _Words:
    """Names by row id; what the catalogue no longer knows is shown by its code."""

    def __init__(self, catalogue: Catalogue, keys: Keys) -> None:
        areas = {k: area.name for k, area in catalogue.areas.items()}
        short = {k: area.short for k, area in catalogue.areas.items()}
        self.short = {i: short.get(k, _code(k)) for k, i in keys.areas.items()}
        self.areas = {i: areas.get(k, _code(k)) for k, i in keys.areas.items()}
        self.codes = keys.area_codes()
        departments = {k: d.short or d.name for k, d in catalogue.departments.items()}
        categories = {k: kind.name for k, kind in catalogue.categories.items()}
        self.departments = {i: departments.get(k, _code(k)) for k, i in keys.departments.items()}
        self.categories = {i: categories.get(k, _code(k)) for k, i in keys.categories.items()}
        self.domains = {i: code for code, i in keys.domains.items()}


def _code(code: str) -> Names:
    return {"zh": code, "en": code}


def _row(r: Any, words: _Words, asked: list[str]) -> DeskRow:
    places = [words.areas.get(r.area_id, NOWHERE)]
    if r.area_id != r.county_id:
        places.insert(0, words.short.get(r.county_id, NOWHERE))
    return {
        "id": r.id,
        "no": r.case_no,
        "version": r.version,
        "level": r.level,
        "state": r.state,
        "holder": r.holder,
        "category": words.categories.get(r.category_id, NOWHERE),
        "domain": words.domains.get(r.domain_id, ""),
        "county": words.codes.get(r.county_id, ""),
        "place": places,
        "department": words.departments.get(r.department_id, NOWHERE),
        "lon": r.lon,
        "lat": r.lat,
        "title": r.title,
        "address": r.address,
        "reported_at": r.reported_at.timestamp(),
        "due_at": _epoch(r.due_at),
        "stage_due_at": _epoch(r.stage_due_at),
        "moved_at": r.updated_at.timestamp(),
        "seen": r.acknowledged_at is not None,
        "led": r.led_since is not None,
        "said": r.source_said,
        "asked": asked,
        "supervised": r.supervised,
        "rework": r.rework,
    }


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def desk_numbers(
    conn: Connection, keys: Keys, reader: Reader, view: DeskView, *, now: datetime, limit: int
) -> list[str]:
    """Return the numbers of a view's first cases, in its order."""
    query = select(c.case_no).where(*narrowed(conn, keys, reader, view, now=now))
    return list(conn.scalars(query.order_by(*order(view)).limit(limit)))


def last_told(conn: Connection, city: str) -> DeskPanel:
    """Return what was last published about moved cases, as far as this connection sees."""
    p = m.panel_snapshot.c
    found = conn.scalar(select(p.payload).where(p.panel == "desk", p.area == city))
    told: DeskPanel = json.loads(found) if found else {"seq": 0, "cases": []}
    return told
