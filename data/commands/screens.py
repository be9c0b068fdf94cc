"""Displays tell that they live; a steward names them and takes them off the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from data import models as m
from data.commands import audit
from data.commands.audit import By
from data.vocabulary import Role

s = m.screen.c
KEEPERS = frozenset({Role.STEWARD.value, Role.LEADER.value})
EVERY = timedelta(seconds=30)
"""A display is written once in so long, whatever it tells; that it was closed at once."""
FORGOTTEN, LET_GO = timedelta(days=7), timedelta(days=30)
"""One that nobody named and nobody heard of: taken off the list, then forgotten."""
MOST = 2000
"""So many displays are known; a house has fewer, and whoever invents them ends here."""
NAME = 60


@dataclass(frozen=True)
class Beat:
    """What one display told. painted_at: when it last painted; closed: nobody looks at it."""

    id: str
    at: datetime
    page: str
    build: str
    painted_at: datetime | None
    memory_mb: float | None
    width: int | None
    height: int | None
    closed: bool
    origin: str
    device: bool = False
    """Whether it comes from the very display that was enrolled under this id."""


class ScreenFault(StrEnum):
    """Why a display cannot be changed."""

    NO_RIGHT = "no_right"
    UNKNOWN = "unknown"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"


def note_beats(conn: Connection, beats: Iterable[Beat]) -> int:
    """Write what displays told, each at most once in 30 s; return how many were written.

    Several workers hear one display: what another wrote just now is not written again.
    """
    newest = {beat.id: beat for beat in beats}
    if not newest:
        return 0
    query = select(m.screen).where(s.id.in_(list(newest)))
    known = {row.id: row for row in conn.execute(query).all()}
    count = int(conn.execute(select(func.count()).select_from(m.screen)).scalar_one())
    written = 0
    for beat in newest.values():
        row = known.get(beat.id)
        if row is None and count < MOST:
            conn.execute(m.screen.insert().values(_new(beat)))
            count, written = count + 1, written + 1
        elif row is not None and _due(row, beat):
            conn.execute(m.screen.update().where(s.id == beat.id).values(_told(row, beat)))
            written += 1
    return written


def _due(row: Row[Any], beat: Beat) -> bool:
    """Return whether a display is to be written; also after its clock went back.

    Nobody else keeps an enrolled display alive: its beats count with its own secret only.
    """
    if row.token is not None and not beat.device:
        return False
    changed = (row.closed_at is not None) != beat.closed
    return changed or abs(beat.at - row.seen_at) >= EVERY - timedelta(seconds=5)


def _new(beat: Beat) -> dict[str, Any]:
    told = _told(None, beat)
    return told | {"id": beat.id, "name": beat.id.removeprefix("d-")[:6], "first_seen_at": beat.at}


def _told(row: Row[Any] | None, beat: Beat) -> dict[str, Any]:
    before = row.closed_at if row is not None else None
    return {
        "seen_at": beat.at,
        "painted_at": beat.painted_at,
        "build": beat.build,
        "page": beat.page,
        "memory_mb": beat.memory_mb,
        "width": beat.width,
        "height": beat.height,
        "origin": beat.origin[:60],
        "closed_at": (before or beat.at) if beat.closed else None,
    }


def rename(
    conn: Connection, screen: str, name: str, by: By, now: datetime
) -> ScreenFault | None:  # fmt: skip
    """Give a display a name: from then on it is one of the house's, and missed when it is gone."""
    row, fault = _mine(conn, screen, by)
    wanted = " ".join(name.split())
    taken = select(s.id).where(s.name == wanted, s.id != screen, s.retired_at.is_(None))
    if fault is not None or row is None:
        return fault or ScreenFault.UNKNOWN
    if not wanted:
        return ScreenFault.NAME_MISSING
    if len(wanted) > NAME:
        return ScreenFault.NAME_TOO_LONG
    if conn.execute(taken).first() is not None:
        return ScreenFault.NAME_TAKEN
    new = {"name": wanted, "named_at": row.named_at or now}
    conn.execute(m.screen.update().where(s.id == screen).values(new))
    before, after = {"name": row.name}, {"name": wanted}
    audit.note(conn, by, "screen.name", f"screen {screen}", at=now, before=before, after=after)
    return None


def retire(
    conn: Connection, screen: str, by: By, now: datetime, *, back: bool = False
) -> ScreenFault | None:  # fmt: skip
    """Take a display off the list, or put it back on it: a retired one never alarms."""
    row, fault = _mine(conn, screen, by)
    if fault is not None or row is None:
        return fault or ScreenFault.UNKNOWN
    new = {"retired_at": None if back else (row.retired_at or now)}
    conn.execute(m.screen.update().where(s.id == screen).values(new))
    act = "screen.back" if back else "screen.retire"
    audit.note(conn, by, act, f"screen {screen}", at=now, before={"name": row.name})
    return None


def _mine(
    conn: Connection, screen: str, by: By
) -> tuple[Row[Any] | None, ScreenFault | None]:  # fmt: skip
    if by.role not in KEEPERS:
        return None, ScreenFault.NO_RIGHT
    row = conn.execute(select(m.screen).where(s.id == screen)).first()
    return row, None if row is not None else ScreenFault.UNKNOWN


def forget_screens(conn: Connection, now: datetime) -> None:
    """Retire displays that nobody named and nobody heard of for long; forget them later."""
    nobodys = (s.named_at.is_(None), s.enrolled_at.is_(None))
    silent = m.screen.update().where(*nobodys, s.retired_at.is_(None), s.seen_at < now - FORGOTTEN)
    conn.execute(silent.values(retired_at=now))
    gone = (s.retired_at < now - LET_GO, s.seen_at < now - LET_GO)
    conn.execute(m.screen.delete().where(*nobodys, *gone))
