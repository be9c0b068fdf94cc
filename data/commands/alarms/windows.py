"""Make and end planned-work and service windows; every one of them is in the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.windows import (
    KnownNames,
    Window,
    WindowFault,
    WindowRefusal,
    WindowWish,
    refused,
)
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.audit import By
from data.queries.alarms.windows import known_objects, open_windows
from data.queries.keys import Keys
from data.vocabulary import Role

w = m.alarm_window.c
MAKERS = frozenset({Role.OPERATOR.value, Role.LEADER.value, Role.STEWARD.value})
"""Who keeps alarms down for planned work; equipment is taken out of service by the same."""


def make_window(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    wish: WindowWish,
    by: By,
    now: datetime,
    *,
    rules: frozenset[str],
) -> Window | WindowRefusal:
    """Make a window, or say why not. rules: the codes of the rules in force."""
    if by.role not in MAKERS:
        return WindowRefusal(WindowFault.NO_RIGHT)
    standing = open_windows(conn, now)
    why = refused(wish, _known(conn, catalogue, keys, wish, rules), standing, now)
    if why is not None:
        return why
    values = _row(keys, wish, by, now)
    number = int(conn.execute(m.alarm_window.insert().values(values).returning(w.id)).scalar_one())
    audit.note(conn, by, "alarm.window.make", f"window {number}", at=now, after=_told(values))
    return next(x for x in open_windows(conn, now) if x.id == number)


def end_window(
    conn: Connection, number: int, by: By, now: datetime
) -> Window | WindowRefusal:  # fmt: skip
    """End a window before its time, or call off one that has not begun; return what it was."""
    if by.role not in MAKERS:
        return WindowRefusal(WindowFault.NO_RIGHT)
    found = next((x for x in open_windows(conn, now) if x.id == number), None)
    if found is None:
        known = conn.execute(select(w.id).where(w.id == number)).first()
        fault = WindowFault.ENDED_ALREADY if known else WindowFault.UNKNOWN_WINDOW
        return WindowRefusal(fault, str(number))
    new = {"ended_at": now, "ended_name": by.name[:60]}
    conn.execute(m.alarm_window.update().where(w.id == number).values(new))
    told = {"ends_at": found.ends_at.isoformat()}
    audit.note(conn, by, "alarm.window.end", f"window {number}", at=now, before=told)
    return found


def _known(
    conn: Connection, catalogue: Catalogue, keys: Keys, wish: WindowWish, rules: frozenset[str]
) -> KnownNames:
    objects = {*catalogue.sources, *catalogue.notices}
    if wish.scope.object is not None and wish.scope.object not in objects:
        objects |= known_objects(conn, [wish.scope.object])
    return KnownNames(rules, frozenset(keys.areas), objects)


def _row(keys: Keys, wish: WindowWish, by: By, now: datetime) -> dict[str, Any]:
    return {
        "kind": wish.kind,
        "rule": wish.scope.rule,
        "area_id": keys.areas[wish.scope.area] if wish.scope.area else None,
        "object": wish.scope.object,
        "starts_at": wish.starts_at,
        "ends_at": wish.ends_at,
        "reason": wish.reason.strip(),
        "made_at": now,
        "made_by": by.id,
        "made_name": by.name[:60],
    }


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the audit keeps it."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}
