"""Notices as they stand: what waits, what was not delivered, which targets are in use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from data import models as m
from data.catalogue import Catalogue

n = m.notice.c
TARGETS = "notice_targets"
"""Of store_info: the targets that the sender has an address for, as JSON."""
LATE = timedelta(minutes=5)
"""A notice that waits longer is undelivered, though it is still tried."""
SHOWN = timedelta(hours=24)
"""One that was given up is shown for so long."""
MARKS = ("demo", "exercise")


@dataclass(frozen=True)
class TargetState:
    """How one target does. undelivered: late or given up. error: of the newest that failed."""

    key: str
    connected: bool
    waiting: int
    undelivered: int
    sent_at: datetime | None
    error: str
    since: datetime | None = None
    """Since when the oldest undelivered one waits."""


def targets_in_use(conn: Connection) -> frozenset[str]:
    """Return the keys of targets that have an address, as the sender told last."""
    i = m.store_info.c
    found = conn.execute(select(i.value).where(i.key == TARGETS)).scalar()
    return frozenset(json.loads(found)) if found else frozenset()


def marks(conn: Connection) -> list[str]:
    """Return what this store is, if it is not the city's own: "demo", "exercise"."""
    i = m.store_info.c
    rows = conn.execute(select(i.key, i.value).where(i.key.in_(MARKS))).all()
    found = {r.key for r in rows if r.value not in ("", "false", "0")}
    return [mark for mark in MARKS if mark in found]


def undelivered(conn: Connection, catalogue: Catalogue, now: datetime) -> int:
    """Return how many notices did not reach their target in time; heartbeats are none."""
    beats = [t.key for t in catalogue.notices.values() if t.kind == "heartbeat"]
    query = select(func.count()).select_from(m.notice)
    return int(conn.execute(query.where(_failed(now), n.target.not_in(beats))).scalar_one())


def target_states(conn: Connection, catalogue: Catalogue, now: datetime) -> list[TargetState]:
    """Return every target of the catalogue, in file order."""
    used = targets_in_use(conn)
    failed = _failed(now)
    waits = and_(n.sent_at.is_(None), n.given_up_at.is_(None))
    query = select(
        n.target,
        func.sum(case((waits, 1), else_=0)).label("waiting"),
        func.sum(case((failed, 1), else_=0)).label("undelivered"),
        func.min(case((failed, n.made_at))).label("since"),
    ).where(or_(waits, failed))
    rows = {r.target: r for r in conn.execute(query.group_by(n.target)).all()}
    sent = _last_sent(conn, now)
    return [
        TargetState(
            key=key,
            connected=key in used,
            waiting=int(rows[key].waiting) if key in rows else 0,
            undelivered=int(rows[key].undelivered) if key in rows else 0,
            sent_at=sent.get(key),
            error=_error(conn, key, now) if key in rows else "",
            since=rows[key].since if key in rows else None,
        )
        for key in catalogue.notices
    ]


def _failed(now: datetime) -> ColumnElement[bool]:
    late = and_(n.sent_at.is_(None), n.given_up_at.is_(None), n.made_at < now - LATE)
    return or_(late, and_(n.given_up_at >= now - SHOWN, n.made_at >= now - SHOWN - SHOWN))


def _last_sent(conn: Connection, now: datetime) -> dict[str, datetime]:
    query = select(n.target, func.max(n.sent_at).label("at")).where(
        n.made_at > now - timedelta(days=7), n.sent_at.is_not(None)
    )
    return {r.target: r.at for r in conn.execute(query.group_by(n.target)).all()}


def _error(conn: Connection, target: str, now: datetime) -> str:
    query = (
        select(n.error)
        .where(_failed(now), n.target == target, n.error.is_not(None))
        .order_by(n.id.desc())
        .limit(1)
    )
    return str(conn.execute(query).scalar() or "")
