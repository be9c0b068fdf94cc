"""Which displays there are, and whether one still stands."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from sqlalchemy import Connection, select

from data import models as m
from data.vocabulary.people import Display

s = m.screen.c


def display_of(conn: Connection, id_: str, sha256: str) -> Display | None:
    """Return the display that shows this secret's hash; None if there is none or it was revoked."""
    row = conn.execute(
        select(s.id, s.name, s.origin, s.enrolled_at, s.seen_at, s.revoked_at, s.token)
        .where(s.id == id_[:40])
    ).first()  # fmt: skip
    kept = str(row.token or "-") if row else "-"
    same = hmac.compare_digest(kept, sha256)
    if row is None or not same or row.revoked_at is not None:
        return None
    return Display(row.id, row.name, row.origin, row.enrolled_at, row.seen_at, None)


def display_rows(conn: Connection) -> Sequence[Display]:
    """Return every display that was ever enrolled, those that stand first."""
    query = select(s.id, s.name, s.origin, s.enrolled_at, s.seen_at, s.revoked_at)
    known = query.where(s.enrolled_at.is_not(None))
    rows = conn.execute(known.order_by(s.revoked_at.is_not(None), s.name, s.enrolled_at)).all()
    return [Display(*row) for row in rows]


def revoked_ids(conn: Connection) -> frozenset[str]:
    """Return the displays whose right was taken away."""
    return frozenset(conn.scalars(select(s.id).where(s.revoked_at.is_not(None))))
