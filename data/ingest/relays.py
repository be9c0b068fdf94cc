"""Warnings of relays, which seldom say what they replace: ended by who sent what, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from data import models as m
from data.connectors.records import AlertMessage
from data.vocabulary import Disposition

LOOK_BACK = timedelta(days=30)
LISTED = "list"
"""ended_by of a warning that a complete list no longer held."""

a = m.external_alert.c
_HOLDS = (Disposition.RAISE.value, Disposition.UPDATE.value)
_ENDS = (Disposition.UPDATE.value, Disposition.CANCEL.value)


def learn_expiry(conn: Connection, source_id: int, messages: Iterable[AlertMessage]) -> None:
    """Keep the end that a detail tells of a warning which a list had told without one."""
    for message in messages:
        expires = message.infos[0].expires if message.infos else None
        if expires is None:
            continue
        chosen = (
            a.source_id == source_id,
            a.sender == message.sender,
            a.identifier == message.identifier,
            a.sent == message.sent,
            a.expires.is_(None),
        )
        conn.execute(m.external_alert.update().where(*chosen).values(expires=expires))


def end_superseded(conn: Connection, source_id: int, *, now: datetime) -> None:
    """End warnings that a later update or lifting of the same issuer and type replaces.

    An issuer has one signal of a type in force at a time. Works in whatever order
    the messages came.
    """
    later = m.external_alert.alias("later")
    same = and_(
        later.c.source_id == a.source_id,
        later.c.sender == a.sender,
        later.c.event == a.event,
        later.c.sent > a.sent,
        later.c.disposition.in_(_ENDS),
    )
    query = (
        select(a.id, later.c.sent, later.c.identifier)
        .join(later, same)
        .where(a.source_id == source_id, a.ended_at.is_(None), a.event != "")
        .where(a.disposition.in_(_HOLDS), a.sent > now - LOOK_BACK)
        .order_by(later.c.sent)
    )
    ended: dict[int, tuple[datetime, str]] = {}
    for alert, sent, identifier in conn.execute(query).all():
        ended.setdefault(alert, (sent, identifier))
    for alert, (sent, identifier) in ended.items():
        _end(conn, a.id == alert, sent, identifier)


def end_unlisted(
    conn: Connection, source_id: int, listed: Collection[str], *, now: datetime
) -> None:
    """End warnings without an expiry of their own that a complete list no longer holds."""
    open_ones = select(a.id, a.identifier).where(
        a.source_id == source_id,
        a.ended_at.is_(None),
        a.expires.is_(None),
        a.disposition.in_(_HOLDS),
        a.sent <= now,
    )
    for alert, identifier in conn.execute(open_ones).all():
        if identifier not in listed:
            _end(conn, a.id == alert, now, LISTED)


def _end(conn: Connection, chosen: Any, at: datetime, by: str) -> None:
    conn.execute(m.external_alert.update().where(chosen).values(ended_at=at, ended_by=by))
