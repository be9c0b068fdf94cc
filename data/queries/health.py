"""Is the store fit to serve: reachable, at head, its collector alive, its panels fresh."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from data import models as m
from data.models import schema

COLLECTOR_S, SNAPSHOT_S, DISK_FREE = 30, 120, 0.02


def reasons_not_ready(conn: Connection, *, now: datetime, var: Path) -> list[str]:
    """Return why the store cannot serve the wall; an empty list when it can."""
    if not schema.at_head(conn):
        return ["schema is not at head: run `python -m data migrate`"]
    found = []
    beat = conn.execute(select(m.lease.c.beat_at).where(m.lease.c.name == "collector")).scalar()
    if beat is None or (now - beat).total_seconds() > COLLECTOR_S:
        found.append("collector is not alive")
    newest = conn.execute(select(func.max(m.panel_snapshot.c.as_of))).scalar()
    if not newest or now.timestamp() - newest > SNAPSHOT_S:
        found.append("no fresh panel snapshot")
    usage = shutil.disk_usage(var if var.exists() else Path("/"))
    if usage.free / usage.total < DISK_FREE:
        found.append(f"disk is nearly full: {usage.free / 1e9:.1f} GB free")
    return found
