"""Who asks? Tokens of the API, found by their public part and compared by their hash."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue

KINDS = ("observations", "cases", "events")
"""What a source may push."""

LENGTH = 200
"""No token is longer; anything that is, is none."""

_FORM = re.compile("zz_([0-9a-f]{8})_")
t = m.api_token.c


@dataclass(frozen=True)
class Token:
    """One valid token. None means everything that its source has."""

    id: int
    purpose: str
    source: str | None
    indicators: frozenset[str] | None
    areas: frozenset[str] | None
    kinds: frozenset[str]
    last_used_at: datetime | None

    def may_push(self, kind: str) -> bool:
        """Return whether this kind of push is within the token's scope."""
        return self.purpose == "push" and kind in self.kinds


def digest(secret: str) -> str:
    """Return what is kept of a token. The secret is random, so one plain hash keeps it safe."""
    return hashlib.sha256(secret.encode()).hexdigest()


def prefix_of(text: str) -> str:
    """Return the public part of a token, "" if the text has none."""
    found = _FORM.match(text)
    return found[1] if found else ""


def find_token(conn: Connection, text: str, *, now: datetime) -> Token | None:
    """Return the token that `text` is, None if it is unknown, revoked or expired.

    The three are one answer, and each costs one look-up and one comparison in
    constant time, so that nobody can tell them apart.
    """
    query = (
        select(m.api_token, m.source.c.code.label("source"))
        .outerjoin(m.source, m.source.c.id == t.source_id)
        .where(t.prefix == prefix_of(text[:LENGTH]))
    )
    row = conn.execute(query).first()
    kept = row.sha256 if row else digest("")
    same = hmac.compare_digest(kept, digest(text[:LENGTH]))
    valid = (
        row is not None
        and row.revoked_at is None
        and (row.expires_at is None or row.expires_at > now)
    )
    return _token(row) if same and valid else None


def _token(row: Any) -> Token:
    return Token(
        row.id,
        row.purpose,
        row.source,
        _set(row.indicators),
        _set(row.areas),
        _set(row.kinds) or frozenset(KINDS),
        row.last_used_at,
    )


def _set(codes: Iterable[str] | None) -> frozenset[str] | None:
    return frozenset(codes) if codes else None


def allowed_indicators(token: Token, catalogue: Catalogue) -> frozenset[str]:
    """Return the indicators a token may push: those named, else all that its source feeds."""
    own = {i.code for i in catalogue.of_source(token.source or "")}
    return frozenset(own if token.indicators is None else own & token.indicators)


def allowed_areas(token: Token, catalogue: Catalogue) -> frozenset[str] | None:
    """Return the areas a token may push for, with all below them; None is everywhere."""
    if token.areas is None:
        return None
    return frozenset(code for code in catalogue.areas if _within(code, token.areas, catalogue))


def _within(code: str, areas: frozenset[str], catalogue: Catalogue) -> bool:
    at: str | None = code
    while at is not None:
        if at in areas:
            return True
        at = catalogue.areas[at].parent
    return False


def token_rows(conn: Connection) -> list[Any]:
    """Return every token ever made, newest first, without anything secret."""
    query = select(
        t.id, t.prefix, t.purpose, m.source.c.code.label("source"), t.indicators, t.areas, t.kinds,
        t.note, t.created_at, t.expires_at, t.revoked_at, t.last_used_at,
    )  # fmt: skip
    joined = query.outerjoin(m.source, m.source.c.id == t.source_id)
    return list(conn.execute(joined.order_by(t.id.desc())))
