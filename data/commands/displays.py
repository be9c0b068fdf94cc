"""Displays are devices: enrolled once by a code that is typed at the wall, read-only, revocable."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data import models as m
from data.commands.audit import SHELL, By, note
from data.vocabulary import Role

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10
CODE_VALID = timedelta(hours=1)
LONGEST_NAME = 60

d, s = m.display_code.c, m.screen.c


class DisplayError(ValueError):
    """A display cannot be enrolled or revoked like that; `reason` is for the screen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Enrolled:
    """A display as it was just enrolled: its id, its name, and the secret of its cookie."""

    id: str
    name: str
    secret: str


def offer(conn: Connection, name: str, *, by: By, now: datetime) -> str:
    """Return a code that makes one browser the display `name`, once, within the hour.

    Raises:
        DisplayError: no name, one that is too long, or of a display that stands.
    """
    _may(by)
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not plain or len(plain) > LONGEST_NAME:
        raise DisplayError("name")
    standing = (s.name == plain, s.token.is_not(None), s.revoked_at.is_(None))
    if conn.execute(m.screen.select().where(*standing).limit(1)).first():
        raise DisplayError("taken")
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    conn.execute(m.display_code.delete().where(d.expires_at < now - CODE_VALID))
    conn.execute(
        m.display_code.insert().values(
            name=plain, sha256=digest(code), made_at=now, made_by=by.id,
            expires_at=now + CODE_VALID,
        )
    )  # fmt: skip
    note(conn, by, "display_offer", f"display/{plain}", at=now)
    return f"{code[:5]}-{code[5:]}"


def enrol(conn: Connection, code: str, *, now: datetime, origin: str) -> Enrolled | None:
    """Return the display that a code makes; None for a code that is unknown, used or too old."""
    plain = "".join(c for c in code.upper() if c in LETTERS)[:40]
    good = (d.sha256 == digest(plain), d.used_at.is_(None), d.expires_at > now)
    query = m.display_code.update().where(*good).values(used_at=now)
    row = conn.execute(query.returning(d.name, d.made_by)).first()
    by = By(None, row.name if row else "?", "display", origin)
    if row is None:
        note(conn, by, "display_enrol", "display/?", at=now, outcome="wrong")
        return None
    made = Enrolled(secrets.token_hex(12), row.name, secrets.token_urlsafe(32))
    conn.execute(
        m.screen.insert().values(
            id=made.id, name=made.name, first_seen_at=now, seen_at=now, origin=origin[:60],
            enrolled_at=now, enrolled_by=row.made_by, token=digest(made.secret),
        )
    )  # fmt: skip
    note(conn, by, "display_enrol", f"display/{made.name}", at=now, after={"id": made.id})
    return made


def revoke(conn: Connection, id_: str, *, by: By, now: datetime) -> str:
    """Take a display's right away, at once and for good; return its name.

    Raises:
        DisplayError: there is no such display, or it was revoked before.
    """
    _may(by)
    standing = (s.id == id_[:40], s.token.is_not(None), s.revoked_at.is_(None))
    query = m.screen.update().where(*standing).values(revoked_at=now)
    name = conn.execute(query.returning(s.name)).scalar()
    if name is None:
        raise DisplayError("unknown")
    note(conn, by, "display_revoke", f"display/{name}", at=now, before={"id": id_})
    return str(name)


def _may(by: By) -> None:
    if by.role != Role.SECURITY.value and by.origin != SHELL.origin:
        raise DisplayError("role")


def digest(secret: str) -> str:
    """Return what is kept of a code or a cookie. Both are random, so one plain hash keeps them."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
