"""Promise to mend what a source or a unit owes, move the day, and say what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.sharing.words import CLOSED, DebtState
from data.vocabulary import LOCAL

LONGEST = timedelta(days=366)
"""A promise for later than this is none."""
SIZES = {"title": 200, "why": 500, "owner": 60, "said_by": 60, "note": 500}


class DebtError(ValueError):
    """A debt cannot be taken or closed like that. `field` and `reason` are for the screen."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True)
class Promise:
    """What somebody takes on. source, area None: the whole department, the whole city."""

    department: str
    kind: str
    title: str
    owner: str
    due: date
    source: str | None = None
    area: str | None = None
    why: str = ""


def take(
    conn: Connection, catalogue: Catalogue, keys: Keys, promise: Promise, *, said_by: str,
    now: datetime,
) -> int:  # fmt: skip
    """Put a debt on the board and return its number.

    Raises:
        DebtError: something is missing, unknown, too long, in the past, or on the board already.
    """
    _known(promise, catalogue)
    _due(promise.due, now)
    words = {
        "title": _text(promise.title, "title"),
        "owner": _text(promise.owner, "owner"),
        "why": _text(promise.why, "why", needed=False),
    }
    name = _text(said_by, "said_by")
    source_id = keys.sources[promise.source] if promise.source else None
    _not_twice(conn, promise, source_id)
    values = {
        **words,
        "source_id": source_id,
        "department": promise.department,
        "area": promise.area,
        "kind": promise.kind[:40],
        "due": promise.due,
        "state": DebtState.OPEN.value,
        "created_at": now,
    }
    debt = m.data_debt.insert().values(values).returning(m.data_debt.c.id)
    number = int(conn.execute(debt).scalar_one())
    _note(conn, number, "take", DebtState.OPEN, words["owner"], promise.due, name, "", now)
    return number


def move(
    conn: Connection, number: int, *, owner: str, due: date, said_by: str, note: str, now: datetime
) -> None:
    """Give an open debt another owner or day; the old ones stay in its story.

    Raises:
        DebtError: no such open debt, or what is said cannot be kept.
    """
    _open(conn, number)
    _due(due, now)
    who, name = _text(owner, "owner"), _text(said_by, "said_by")
    said = _text(note, "note")
    values = {"owner": who, "due": due}
    conn.execute(m.data_debt.update().where(m.data_debt.c.id == number).values(values))
    _note(conn, number, "move", DebtState.OPEN, who, due, name, said, now)


def close(
    conn: Connection, number: int, *, state: str, said_by: str, note: str, now: datetime
) -> None:
    """End an open debt as kept, broken or dropped, with a note that says why.

    Raises:
        DebtError: no such open debt, no such end, or no name or note.
    """
    row = _open(conn, number)
    if state not in CLOSED:
        raise DebtError("state", "unknown")
    name, said = _text(said_by, "said_by"), _text(note, "note")
    values = {"state": state, "closed_at": now, "note": said}
    conn.execute(m.data_debt.update().where(m.data_debt.c.id == number).values(values))
    _note(conn, number, "close", DebtState(state), row.owner, row.due, name, said, now)


def _known(promise: Promise, catalogue: Catalogue) -> None:
    if promise.department not in catalogue.departments:
        raise DebtError("department", "unknown")
    if promise.source is not None and promise.source not in catalogue.sources:
        raise DebtError("source", "unknown")
    if promise.area is not None and promise.area not in catalogue.areas:
        raise DebtError("area", "unknown")


def _due(due: date, now: datetime) -> None:
    today = now.astimezone(LOCAL).date()
    if due < today:
        raise DebtError("due", "past")
    if due - today > LONGEST:
        raise DebtError("due", "too_far")


def _text(text: str, field: str, *, needed: bool = True) -> str:
    """Return one line of text, without what is invisible; refuse nothing and too much."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if needed and not plain:
        raise DebtError(field, "missing")
    if len(plain) > SIZES[field]:
        raise DebtError(field, "too_long")
    return plain


def _not_twice(conn: Connection, promise: Promise, source_id: int | None) -> None:
    d = m.data_debt.c
    same = select(d.id).where(
        d.state == "open",
        d.kind == promise.kind,
        d.department == promise.department,
        d.source_id.is_not_distinct_from(source_id),
        d.area.is_not_distinct_from(promise.area),
    )
    if promise.kind != "other" and conn.execute(same).first():
        raise DebtError("kind", "taken")


def _open(conn: Connection, number: int) -> Any:
    d = m.data_debt.c
    row = conn.execute(select(m.data_debt).where(d.id == number)).first()
    if row is None:
        raise DebtError("debt", "unknown")
    if row.state != DebtState.OPEN:
        raise DebtError("debt", "closed")
    return row


def _note(
    conn: Connection, number: int, action: str, state: DebtState, owner: str, due: date,
    said_by: str, note: str, now: datetime,
) -> None:  # fmt: skip
    values = {
        "debt_id": number,
        "at": now,
        "said_by": said_by,
        "action": action,
        "state": state.value,
        "owner": owner,
        "due": due,
        "note": note,
    }
    conn.execute(m.data_debt_event.insert().values(values))
