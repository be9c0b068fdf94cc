"""What the watchers leave in the store for one another: the heartbeat's event, a clock's jump."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m

BEAT, JUMP = "heartbeat_event", "clock_jump"
"""Keys of store_info."""


def read_mark(conn: Connection, key: str) -> dict[str, Any]:
    """Return one mark, {} if it was never left."""
    i = m.store_info.c
    found = conn.execute(select(i.value).where(i.key == key)).scalar()
    try:
        told = json.loads(found) if found else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def leave_mark(conn: Connection, key: str, told: dict[str, Any]) -> None:
    """Leave a mark in place of the last one."""
    i, value = m.store_info, json.dumps(told)
    if not conn.execute(i.update().where(i.c.key == key).values(value=value)).rowcount:
        conn.execute(i.insert().values(key=key, value=value))


def instant(told: dict[str, Any]) -> datetime | None:
    """Return the moment of a mark."""
    at = told.get("at")
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else None
