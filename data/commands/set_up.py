"""The first accounts of a real city: a link that is shown once, works once, and then is dead."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.commands.accounts import AccountError, Wanted, create
from data.commands.audit import SHELL, By, note
from data.queries.accounts import any_account
from data.queries.keys import read_keys
from data.vocabulary import Role

KEY = "setup_link"
"""Of store_info: the hash of the link that is good now and until when."""

VALID = timedelta(hours=24)
FIRST = (Role.SECURITY, Role.SYSTEM, Role.AUDITOR)
"""Who is made: who runs accounts, who runs the system, who reads the audit."""

i = m.store_info.c


@dataclass(frozen=True)
class First:
    """One of the first accounts, as it was typed. An empty name: nobody yet."""

    role: Role
    name: str
    display: str
    password: str


def new_link(conn: Connection, *, now: datetime) -> str | None:
    """Return the word of a new link; one made before is dead. None where there are accounts.

    Only its hash is kept.
    """
    if any_account(conn) or _is_demo(conn):
        return None
    word = secrets.token_urlsafe(32)
    kept = f"{_digest(word)} {(now + VALID).isoformat()}"
    conn.execute(m.store_info.delete().where(i.key == KEY))
    conn.execute(m.store_info.insert().values(key=KEY, value=kept))
    note(conn, SHELL, "setup_link", "setup", at=now)
    return word


def opens(conn: Connection, word: str, *, now: datetime) -> bool:
    """Return whether this is the link that is good now."""
    kept = conn.execute(select(i.value).where(i.key == KEY)).scalar()
    wanted, _, until = str(kept or "").partition(" ")
    same = hmac.compare_digest(wanted or "-", _digest(word[:200]))
    return same and now < datetime.fromisoformat(until) and not any_account(conn)


def make_first(
    conn: Connection, catalogue: Catalogue, word: str, wanted: Sequence[First], *,
    now: datetime, origin: str,
) -> list[str]:  # fmt: skip
    """Make the first accounts and end the link; return their names.

    The first is of whoever holds the link and keeps the password; the others choose another.

    Raises:
        AccountError: the link is dead, nobody runs accounts or the system, two have one name, or
            what `create` refuses; `field` is then `<role>-<field>`.
    """
    if not opens(conn, word, now=now):
        raise AccountError("link", "dead")
    named = [w for w in wanted if w.name.strip()]
    if not {Role.SECURITY, Role.SYSTEM} <= {w.role for w in named}:
        raise AccountError("roles", "missing")
    keys, by = read_keys(conn), By(None, "set-up", Role.SECURITY.value, origin)
    for one in named:
        own = one.role is Role.SECURITY
        fresh = Wanted(one.name, one.display, one.role, must_change=not own)
        try:
            create(conn, catalogue, keys, fresh, one.password, by=by, now=now)
        except AccountError as wrong:
            raise AccountError(f"{one.role.value}-{wrong.field}", wrong.reason) from None
    conn.execute(m.store_info.delete().where(i.key == KEY))
    note(conn, by, "setup_done", "setup", at=now)
    return [w.name for w in named]


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()


def _is_demo(conn: Connection) -> bool:
    return conn.execute(select(i.value).where(i.key == "demo")).scalar() == "true"
