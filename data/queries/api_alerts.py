"""The API's external warnings: all that were taken, or as they were known then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.connectors.privacy import mask
from data.queries.api_pages import Page, ancestors, area_codes, moment
from data.queries.api_params import AlertQuery, instant, make_cursor, read_cursor
from data.queries.keys import read_keys
from data.vocabulary import Disposition

a, link = m.external_alert.c, m.external_alert_area.c
_IN_FORCE = (Disposition.RAISE.value, Disposition.UPDATE.value)


def alerts(conn: Connection, catalogue: Catalogue, query: AlertQuery, *, now: datetime) -> Page:
    """Return one page of warnings, in the order they were taken.

    Raises:
        AskedError: the query cannot be answered.
    """
    at = min(instant("as_of", query.as_of) or now, now)
    known = select(m.external_alert).where(a.recorded_at <= at)
    for condition in _conditions(conn, catalogue, query, at):
        known = known.where(condition)
    place = read_cursor(query.cursor, (int,))
    if place is not None:
        known = known.where(a.id > place[0])
    rows = conn.execute(known.order_by(a.id).limit(query.limit + 1)).all()
    more, rows = len(rows) > query.limit, rows[: query.limit]
    areas = _areas(conn, [r.id for r in rows])
    over = _ended(conn, [r.id for r in rows], at)
    ended = {r.id: r.ended_at for r in rows if r.id in over}
    sources = {v: k for k, v in read_keys(conn).sources.items()}
    items = [_item(r, areas.get(r.id, []), sources[r.source_id], ended.get(r.id), at) for r in rows]
    return Page(items, make_cursor([rows[-1].id]) if more else None)


def _conditions(
    conn: Connection, catalogue: Catalogue, query: AlertQuery, at: datetime
) -> list[Any]:
    found: list[Any] = []
    start, end = instant("from", query.start), instant("to", query.end)
    if start is not None:
        found.append(a.sent >= start)
    if end is not None:
        found.append(a.sent < end)
    if query.severity:
        found.append(a.level.in_([int(s) for s in query.severity]))
    if query.area:
        found.append(a.id.in_(_touching(conn, catalogue, query)))
    if query.open is not None:
        holds = and_(
            a.disposition.in_(_IN_FORCE),
            a.effective <= at,
            or_(a.expires.is_(None), a.expires > at),
            or_(a.ended_at.is_(None), a.ended_at > at, ~_ender_known(at)),
        )
        found.append(holds if query.open else ~holds)
    return found


def _touching(conn: Connection, catalogue: Catalogue, query: AlertQuery) -> Any:
    """Return the warnings of these areas; one for an area above holds for them too."""
    codes = area_codes(catalogue, query.area, descendants=query.descendants)
    for code in query.area:
        codes |= ancestors(catalogue, code)
    ids = [read_keys(conn).areas[c] for c in codes]
    return select(link.alert_id).where(link.area_id.in_(ids))


def _ender_known(at: datetime) -> Any:
    """Return whether the message that ended a warning was known by then."""
    ender = m.external_alert.alias("ender")
    e = ender.c
    return exists().where(
        e.source_id == a.source_id,
        e.identifier == a.ended_by,
        e.sent == a.ended_at,
        e.recorded_at <= at,
    )


def _ended(conn: Connection, ids: list[int], at: datetime) -> set[int]:
    query = select(a.id).where(a.id.in_(ids), a.ended_at.is_not(None), _ender_known(at))
    return set(conn.scalars(query))


def _areas(conn: Connection, ids: list[int]) -> dict[int, list[str]]:
    query = select(link.alert_id, m.area.c.code).join(m.area, m.area.c.id == link.area_id)
    found: dict[int, list[str]] = {}
    for alert, code in conn.execute(query.where(link.alert_id.in_(ids)).order_by(m.area.c.code)):
        found.setdefault(alert, []).append(code)
    return found


def _item(
    r: Any, areas: list[str], source: str, ended: datetime | None, at: datetime
) -> dict[str, Any]:
    held = r.effective <= at and (r.expires is None or r.expires > at)
    holds = held and r.disposition in _IN_FORCE and (ended is None or ended > at)
    return {
        "id": r.id,
        "source": source,
        "sender": mask(r.sender),
        "identifier": r.identifier,
        "disposition": r.disposition,
        "event": r.event,
        "headline": mask(r.headline),
        "severity": r.level,
        "response": r.response,
        "sent": moment(r.sent),
        "effective": moment(r.effective),
        "expires": moment(r.expires),
        "ended_at": moment(ended),
        "in_force": holds,
        "areas": areas,
        "signed": r.signed,
        "verified": False,
        "recorded_at": moment(r.recorded_at),
        "run_id": r.run_id,
        "row": r.row_no,
    }
