"""Cases as alarm rules see them: over their limit, taken by nobody, counted, reported lately."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from data import models as m
from data.alarms.facts import OneCase
from data.alarms.plan import CaseNeeds
from data.queries.keys import Keys
from data.vocabulary import CaseState

c = m.cases.c
UNTAKEN = (
    CaseState.REPORTED.value, CaseState.VERIFIED.value, CaseState.OPENED.value,
    CaseState.DISPATCHED.value,
)  # fmt: skip
"""Nobody has taken it yet: not verified, not dispatched, or not accepted."""
_COLUMNS = (
    c.case_no, c.category_id, c.county_id, c.level, c.reported_at, c.due_at, c.held_since, c.state,
    c.lon, c.lat,
)  # fmt: skip
_SINCE = func.coalesce(c.held_since, c.reported_at)


def standing_cases(
    conn: Connection, keys: Keys, late: CaseNeeds | None, untaken: CaseNeeds | None, now: datetime
) -> tuple[list[OneCase], list[OneCase]]:
    """Return open cases over their limit, and those nobody took, for at least so long.

    A suspended case is neither: its clock stands still by an approval.
    """
    asked = [w for w in (_late(late, keys, now), _untaken(untaken, keys, now)) if w is not None]
    level = max(needs.level for needs in (late, untaken) if needs is not None)
    # no order by: it would tempt SQLite from the index of open cases to one of all that ever were
    query = select(*_COLUMNS).where(c.closed_at.is_(None), c.level <= level, or_(*asked))
    found = (_case(row, keys) for row in conn.execute(query).all())
    rows = sorted(found, key=lambda one: (one.reported_at, one.no))
    return (
        [one for one in rows if one.due_at is not None and one.due_at <= now] if late else [],
        [one for one in rows if not one.taken] if untaken else [],
    )


def _late(needs: CaseNeeds | None, keys: Keys, now: datetime) -> ColumnElement[bool] | None:
    if needs is None:
        return None
    until = now - timedelta(minutes=needs.shortest)
    own = (c.due_at <= until) & (c.state != CaseState.SUSPENDED.value)
    return own & _kind(needs, keys)


def _untaken(needs: CaseNeeds | None, keys: Keys, now: datetime) -> ColumnElement[bool] | None:
    if needs is None:
        return None
    until = now - timedelta(minutes=needs.shortest)
    return c.state.in_(UNTAKEN) & (until >= _SINCE) & _kind(needs, keys)


def _kind(needs: CaseNeeds, keys: Keys) -> ColumnElement[bool]:
    grave = c.level <= needs.level
    if not needs.categories:
        return grave
    ids = [keys.categories[code] for code in needs.categories if code in keys.categories]
    return grave & c.category_id.in_(sorted(ids))


def recent_cases(conn: Connection, keys: Keys, needs: CaseNeeds, now: datetime) -> list[OneCase]:
    """Return the cases reported within the minutes, open or not."""
    since = now - timedelta(minutes=needs.longest)
    query = select(*_COLUMNS).where(
        c.source_id.in_(sorted(keys.sources.values())),  # opens the index by time
        c.reported_at > since,
        c.reported_at <= now,
        _kind(needs, keys),
    )
    return [_case(row, keys) for row in conn.execute(query.order_by(c.reported_at, c.id))]


def open_counts(conn: Connection, keys: Keys) -> dict[tuple[str, str, int], int]:
    """Return how many cases are open by category, county and level."""
    codes, kinds = keys.area_codes(), {id_: code for code, id_ in keys.categories.items()}
    query = (
        select(c.category_id, c.county_id, c.level, func.count())
        .where(c.closed_at.is_(None))
        .group_by(c.category_id, c.county_id, c.level)
    )
    return {
        (kinds.get(category, ""), codes.get(county, ""), level): number
        for category, county, level, number in conn.execute(query)
    }


def _case(row: Any, keys: Keys) -> OneCase:
    codes, kinds = _codes(keys)
    return OneCase(
        row.case_no, kinds.get(row.category_id, ""), codes.get(row.county_id, ""), row.level,
        row.reported_at, row.due_at, row.held_since or row.reported_at, row.state not in UNTAKEN,
        row.lon, row.lat,
    )  # fmt: skip


_turned: dict[int, tuple[Keys, dict[int, str], dict[int, str]]] = {}


def _codes(keys: Keys) -> tuple[dict[int, str], dict[int, str]]:
    """Return area and category codes by id, turned once."""
    kept = _turned.get(id(keys))
    if kept is None or kept[0] is not keys:
        _turned.clear()
        kept = (keys, keys.area_codes(), {v: k for k, v in keys.categories.items()})
        _turned[id(keys)] = kept
    return kept[1], kept[2]
