"""Planned-work and service windows as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select

from data import models as m
from data.alarms.windows import Scope, Window, WindowKind
from data.queries.keys import Keys, read_keys

w = m.alarm_window.c


def standing_windows(conn: Connection, now: datetime) -> list[Window]:
    """Return the windows that hold now, the first to end first."""
    return _windows(conn, w.ended_at.is_(None), w.starts_at <= now, w.ends_at > now)


def open_windows(conn: Connection, now: datetime) -> list[Window]:
    """Return the windows that hold or are yet to come, the first to end first."""
    return _windows(conn, w.ended_at.is_(None), w.ends_at > now)


def windows_at(conn: Connection, at: datetime) -> list[Window]:
    """Return the windows that held at an instant as it was known then."""
    over = w.ended_at.is_(None) | (w.ended_at > at)
    return _windows(conn, w.made_at <= at, w.starts_at <= at, w.ends_at > at, over)


def known_objects(conn: Connection, names: Sequence[str]) -> frozenset[str]:
    """Return those of `names` that an alarm or a screen is called."""
    wanted = list(names)
    alarms = conn.scalars(select(m.alarm.c.object).where(m.alarm.c.object.in_(wanted)).distinct())
    screens = conn.scalars(select(m.screen.c.id).where(m.screen.c.id.in_(wanted)))
    return frozenset(alarms) | frozenset(screens)


def _windows(conn: Connection, *chosen: ColumnElement[bool]) -> list[Window]:
    rows = conn.execute(select(m.alarm_window).where(*chosen).order_by(w.ends_at, w.id)).all()
    if not rows:
        return []
    keys = read_keys(conn)
    codes = keys.area_codes()
    return [_window(row, keys, codes) for row in rows]


def _window(row: Row[tuple[object, ...]], keys: Keys, codes: dict[int, str]) -> Window:
    area = codes.get(row.area_id) if row.area_id is not None else None
    return Window(
        id=row.id,
        kind=WindowKind(row.kind),
        scope=Scope(row.rule, area, row.object),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        made_name=row.made_name,
        areas=None if row.area_id is None else _below(row.area_id, keys, codes),
    )


def _below(area: int, keys: Keys, codes: dict[int, str]) -> frozenset[str]:
    """Return the codes of an area and of all below it."""
    inner = (i for i, above in keys.parents.items() if area in above)
    return frozenset(codes[i] for i in (area, *inner))
