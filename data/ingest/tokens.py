"""Give and take back the tokens of the API."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import read_keys
from data.queries.tokens import KINDS, Token, digest

USED_EVERY = timedelta(hours=1)
"""last_used_at is moved at most this often: it is for the steward, not for statistics."""

t = m.api_token.c


class TokenError(ValueError):
    """A token cannot be made as asked; one line for the person who asked."""


@dataclass(frozen=True)
class Wanted:
    """What a new token shall be good for. Empty: everything that its source has."""

    source: str | None
    indicators: Sequence[str] = ()
    areas: Sequence[str] = ()
    kinds: Sequence[str] = ()
    days: int | None = None
    note: str = ""


def create_token(
    conn: Connection, catalogue: Catalogue, wanted: Wanted, *, now: datetime
) -> tuple[int, str]:
    """Make a token and return its id and its text, which is kept nowhere.

    source None makes a token that may only read.

    Raises:
        TokenError: an unknown source, indicator, area or kind.
    """
    _check(catalogue, wanted)
    prefix = secrets.token_hex(4)
    whole = f"zz_{prefix}_{secrets.token_urlsafe(32)}"
    keys = read_keys(conn)
    source_id = keys.sources[wanted.source] if wanted.source else None
    values = {
        "prefix": prefix,
        "sha256": digest(whole),
        "purpose": "push" if wanted.source else "read",
        "source_id": source_id,
        "indicators": sorted(wanted.indicators) or None,
        "areas": sorted(wanted.areas) or None,
        "kinds": sorted(wanted.kinds) or None,
        "note": wanted.note[:200],
        "created_at": now,
        "expires_at": now + timedelta(days=wanted.days) if wanted.days else None,
    }
    made = conn.execute(m.api_token.insert().values(values).returning(t.id)).scalar_one()
    if source_id is not None:
        _await(conn, source_id)
    return int(made), whole


def _await(conn: Connection, source_id: int) -> None:
    """From now on something is expected of this source, so it is shown even while silent."""
    conn.execute(
        text("insert into source_state (source_id) values (:s) on conflict do nothing"),
        {"s": source_id},
    )


def _check(catalogue: Catalogue, wanted: Wanted) -> None:
    if wanted.source is None and (wanted.indicators or wanted.areas or wanted.kinds):
        raise TokenError("a token that reads has no scope: it sees what every screen shows")
    if wanted.source is not None and wanted.source not in catalogue.sources:
        raise TokenError(f"no such source: {wanted.source}")
    own = {i.code for i in catalogue.of_source(wanted.source or "")}
    for code in wanted.indicators:
        if code not in own:
            raise TokenError(f"{code} is no indicator of {wanted.source}")
    for code in wanted.areas:
        if code not in catalogue.areas:
            raise TokenError(f"no such area: {code}")
    for kind in wanted.kinds:
        if kind not in KINDS:
            raise TokenError(f"no such kind: {kind}; known: {', '.join(KINDS)}")


def revoke_token(conn: Connection, token_id: int, *, now: datetime) -> bool:
    """Take a token back for good; return whether there was one that held."""
    held = (t.id == token_id, t.revoked_at.is_(None))
    return bool(conn.execute(m.api_token.update().where(*held).values(revoked_at=now)).rowcount)


def note_used(conn: Connection, token: Token, *, now: datetime) -> None:
    """Remember that a token is in use, once an hour."""
    if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
        conn.execute(m.api_token.update().where(t.id == token.id).values(last_used_at=now))
