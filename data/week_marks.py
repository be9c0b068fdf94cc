"""A mark that says whether weeks that are over were counted anew.

A poll of the running week moves nothing here. What reaches a week before the newest one leaves a
token under the earliest week it touched, in the transaction that wrote it: pages of that week and
of all later ones, whose limits stand on it, are made again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select, text

from data import models as m
from data.vocabulary import LOCAL, Grain

_i = m.store_info.c
_PREFIX, _NEWEST = "week:", "week-newest"
KEYS = "week%"
"""What the keys of all marks are like."""
_SET = text(
    """insert into store_info (key, value) values (:key, :value)
      on conflict (key) do update set value = excluded.value"""
)
_ONE = select(_i.value).where(_i.key == _NEWEST)


def touch(conn: Connection, starts: Iterable[tuple[Grain, datetime]]) -> None:
    """Say that roll-ups of these facts were made. Months and longer are in no week."""
    days = {at.astimezone(LOCAL).date() for grain, at in starts if grain <= Grain.WEEK}
    if days:
        touch_days(conn, min(days), max(days))


def touch_days(conn: Connection, first: date, last: date) -> None:
    """Say that roll-ups of a stretch of days were made."""
    earliest, latest = _monday(first), _monday(last)
    newest = conn.execute(_ONE).scalar() or ""
    if latest > newest:
        conn.execute(_SET, {"key": _NEWEST, "value": latest})
    if earliest < max(newest, latest):
        _leave(conn, earliest)


def _leave(conn: Connection, week: str) -> None:
    conn.execute(_SET, {"key": f"{_PREFIX}{week}", "value": secrets.token_hex(8)})


def _monday(day: date) -> str:
    return (day - timedelta(days=day.weekday())).isoformat()


def mark_of(told: Mapping[str, str], week: date) -> str:
    """Return a mark that is another one whenever a week up to `week` was counted anew.

    Also once the first facts of a later week are there, as a leading "+": until then its last
    hours may still come without leaving a token.

    Args:
        told: rows of store_info, those of KEYS among them.
        week: a Monday.
    """
    last = f"{_PREFIX}{week.isoformat()}"
    rows = sorted((k, v) for k, v in told.items() if k.startswith(_PREFIX) and k <= last)
    tokens = "\n".join(f"{key} {value}" for key, value in rows)
    later = "+" if told.get(_NEWEST, "") > week.isoformat() else "-"
    return later + hashlib.blake2b(tokens.encode(), digest_size=8).hexdigest()
