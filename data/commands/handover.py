"""Make a handover when a shift ends, and sign it: who goes, and who comes and agrees or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from data import models as m
from data.cases.shifts import Shift, before, shift_at, signs_both
from data.catalogue import Catalogue
from data.commands import audit
from data.queries.handover import gather
from data.queries.keys import Keys
from data.vocabulary import Role

h = m.handover.c
SIGNERS = frozenset({Role.OPERATOR, Role.LEADER})
LATE = timedelta(hours=6)
"""After so long nothing is made of a shift that nobody kept: it would tell of another time."""
NOTE = 500


class HandoverError(ValueError):
    """A handover cannot be signed like that. reason: a short code for the screen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Signer:
    """Who signs. area: code, None is the whole city."""

    id: int | None
    name: str
    role: Role
    area: str | None
    origin: str = ""


def make_due(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> list[int]:
    """Make the handover of the shift that just ended, once for each area with a duty officer."""
    if not catalogue.loop.shifts:
        return []
    ended = before(catalogue.loop.shifts, shift_at(catalogue.loop.shifts, now))
    if now - ended.end > LATE:
        return []
    made = [_make(conn, catalogue, keys, area, ended, now) for area in _areas(conn, catalogue)]
    return [number for number in made if number is not None]


def _areas(conn: Connection, catalogue: Catalogue) -> list[str]:
    """Return the areas that have duty officers: the city always."""
    a = m.account.c
    query = (
        select(m.area.c.code)
        .join_from(m.account, m.area, m.area.c.id == a.area_id)
        .where(a.role == Role.OPERATOR.value, a.disabled_at.is_(None))
        .distinct()
    )
    counties = {x.code for x in catalogue.counties()}
    return [catalogue.city.code, *sorted(counties.intersection(conn.scalars(query)))]


def _make(
    conn: Connection, catalogue: Catalogue, keys: Keys, area: str, shift: Shift, now: datetime
) -> int | None:
    known = select(h.id).where(
        h.area_id == keys.areas[area], h.position == shift.key, h.ends_at == shift.end
    )
    if conn.execute(known).first() is not None:
        return None
    values = {
        "area_id": keys.areas[area],
        "position": shift.key,
        "starts_at": shift.start,
        "ends_at": shift.end,
        "made_at": now,
        "body": dict(gather(conn, catalogue, keys, area, shift, now)),
    }
    return int(conn.execute(m.handover.insert().values(values).returning(h.id)).scalar_one())


def sign(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    number: int,
    signer: Signer,
    *,
    coming: bool,
    agreed: bool = True,
    note: str = "",
    now: datetime,
) -> None:
    """Sign a handover: first who goes, then who comes, another person.

    Whoever comes may disagree, and then says why. A signature once given stays.

    Raises:
        HandoverError: unknown, no_right, signed_already, out_first, same_person,
            note_missing, note_too_long.
    """
    row = conn.execute(select(m.handover).where(h.id == number)).first()
    if row is None:
        raise HandoverError("unknown")
    _may(row, catalogue, keys, signer)
    text = note.strip()
    _fits(row, signer, text, coming=coming, agreed=agreed)
    side = "in" if coming else "out"
    values: dict[str, Any] = {
        f"{side}_by": signer.id,
        f"{side}_name": signer.name[:60],
        f"{side}_at": now,
    }
    if coming:
        values |= {"agreed": agreed, "in_note": text or None}
    conn.execute(m.handover.update().where(h.id == number).values(values))
    by = audit.By(signer.id, signer.name, signer.role.value, signer.origin)
    told = {"agreed": agreed, "note": text} if coming else {}
    audit.note(conn, by, f"handover.{side}", f"handover {number}", at=now, after=told)


def _may(row: Row[Any], catalogue: Catalogue, keys: Keys, signer: Signer) -> None:
    reach = signer.area in (None, catalogue.city.code)
    own = signer.area is not None and keys.areas.get(signer.area) == row.area_id
    if signer.role not in SIGNERS or not (reach or own):
        raise HandoverError("no_right")


def _fits(row: Row[Any], signer: Signer, note: str, *, coming: bool, agreed: bool) -> None:
    if (row.in_at if coming else row.out_at) is not None:
        raise HandoverError("signed_already")
    if coming and row.out_at is None:
        raise HandoverError("out_first")
    if coming and signs_both(row.out_by, row.out_name, signer.id, signer.name):
        raise HandoverError("same_person")
    if coming and not agreed and not note:
        raise HandoverError("note_missing")
    if len(note) > NOTE:
        raise HandoverError("note_too_long")
