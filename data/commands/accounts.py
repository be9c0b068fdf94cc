"""Make, change and shut accounts. Each is one entry in the audit; no password stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.commands.audit import SHELL, By, note
from data.commands.passwords import hashed, weakness
from data.queries.accounts import find_account, plain_name
from data.queries.keys import Keys
from data.vocabulary import Role
from data.vocabulary.people import ACCOUNT_ROLES, APART, Account

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LONGEST_DISPLAY = 60
ROLES = ACCOUNT_ROLES

a = m.account.c


class AccountError(ValueError):
    """An account cannot be made or changed like that. `field` and `reason` are for the screen."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True)
class Wanted:
    """A new account. department None: any; area None: the whole city."""

    name: str
    display: str
    role: Role
    department: str | None = None
    area: str | None = None
    must_change: bool = True


def create(
    conn: Connection, catalogue: Catalogue, keys: Keys, wanted: Wanted, password: str, *,
    by: By, now: datetime,
) -> int:  # fmt: skip
    """Make an account and return its number.

    Raises:
        AccountError: a name that is taken or none, an unknown department or area, a department's
            account without a department, a weak password.
    """
    name = plain_name(wanted.name)
    display = _display(wanted.display)
    may_manage(by)
    _fits(catalogue, wanted)
    if not NAME.fullmatch(name):
        raise AccountError("name", "form")
    if find_account(conn, name) is not None:
        raise AccountError("name", "taken")
    _strong(password, name)
    return insert(conn, keys, wanted, name, display, hashed(password), by=by, now=now)


def insert(
    conn: Connection, keys: Keys, wanted: Wanted, name: str, display: str, kept: str, *,
    by: By, now: datetime,
) -> int:  # fmt: skip
    """Write an account whose facts were checked and whose password is hashed already."""
    values = {
        "name": name,
        "display": display,
        "role": wanted.role.value,
        "department_id": keys.departments[wanted.department] if wanted.department else None,
        "area_id": keys.areas[wanted.area] if wanted.area else None,
        "password": kept,
        "must_change": wanted.must_change,
        "created_at": now,
        "password_at": now,
    }
    made = conn.execute(m.account.insert().values(values).returning(a.id)).scalar_one()
    told = {
        "role": wanted.role.value,
        "department": wanted.department,
        "area": wanted.area,
        "display": display,
    }
    note(conn, by, "account_create", _object(name), at=now, after=told)
    return int(made)


def set_password(
    conn: Connection, name: str, password: str, *, by: By, now: datetime, must_change: bool = True
) -> None:
    """Give an account another password: its sessions end, its lock is opened.

    Raises:
        AccountError: no such account, or a weak password.
    """
    found = _theirs(conn, name, by)
    _strong(password, found.name)
    values: dict[str, Any] = {
        "must_change": must_change, "failed": 0, "locked_until": None, "password_at": now,
    }  # fmt: skip
    _change(conn, found, {**values, "password": hashed(password), "epoch": a.epoch + 1})
    note(conn, by, "account_password", _object(found.name), at=now)


def disable(conn: Connection, name: str, *, by: By, now: datetime) -> None:
    """Shut an account and end its sessions. Raises AccountError: unknown, or shut already."""
    found = _theirs(conn, name, by)
    if found.disabled_at is not None:
        raise AccountError("name", "disabled")
    _not_the_last(conn, found, by)
    _change(conn, found, {"disabled_at": now, "epoch": a.epoch + 1})
    note(conn, by, "account_disable", _object(found.name), at=now)


def enable(conn: Connection, name: str, *, by: By, now: datetime) -> None:
    """Open an account that was shut or locked. Raises AccountError: no such account."""
    found = _theirs(conn, name, by)
    _change(conn, found, {"disabled_at": None, "failed": 0, "locked_until": None})
    note(conn, by, "account_enable", _object(found.name), at=now)


def set_role(
    conn: Connection, catalogue: Catalogue, keys: Keys, wanted: Wanted, *, by: By, now: datetime
) -> None:
    """Give an account another role and scope; its sessions end.

    Raises:
        AccountError: no such account, a role that does not fit its scope, or one administrator's
            account made another's.
    """
    found = _theirs(conn, wanted.name, by)
    _fits(catalogue, wanted)
    if found.role is not wanted.role:
        if found.role in APART and wanted.role in APART:
            raise AccountError("role", "apart")
        _not_the_last(conn, found, by)
    values: dict[str, Any] = {
        "role": wanted.role.value,
        "department_id": keys.departments[wanted.department] if wanted.department else None,
        "area_id": keys.areas[wanted.area] if wanted.area else None,
        "epoch": a.epoch + 1,
    }
    _change(conn, found, values)
    before = {"role": found.role.value, "department": found.department, "area": found.area}
    after = {"role": wanted.role.value, "department": wanted.department, "area": wanted.area}
    note(conn, by, "account_role", _object(found.name), at=now, before=before, after=after)


def end_sessions(conn: Connection, name: str, *, by: By, now: datetime) -> None:
    """End every session of an account, on every machine. Raises AccountError if there is none."""
    found = _theirs(conn, name, by)
    _change(conn, found, {"epoch": a.epoch + 1})
    note(conn, by, "sessions_end", _object(found.name), at=now)


def drop_second(conn: Connection, name: str, *, by: By, now: datetime) -> None:
    """Take an account's second factor away, for one who lost it; its sessions end.

    Raises:
        AccountError: no such account, one's own, or one without a second factor.
    """
    found = _theirs(conn, name, by)
    if not found.second:
        raise AccountError("name", "no_second")
    _change(conn, found, {"second_at": None, "second_nonce": None, "epoch": a.epoch + 1})
    conn.execute(m.recovery_code.delete().where(m.recovery_code.c.account_id == found.id))
    note(conn, by, "second_drop", _object(found.name), at=now)


def may_manage(by: By) -> None:
    """Let only the security administrator and the machine's shell touch accounts.

    Raises:
        AccountError: anybody else, such as the system administrator.
    """
    if by.role != Role.SECURITY.value and by.origin != SHELL.origin:
        raise AccountError("by", "role")


def _theirs(conn: Connection, name: str, by: By) -> Account:
    """Return the account of somebody else: nobody changes what they may do themselves."""
    may_manage(by)
    found, _ = _find(conn, name)
    if by.id is not None and by.id == found.id:
        raise AccountError("name", "own")
    return found


def _not_the_last(conn: Connection, found: Account, by: By) -> None:
    """Refuse to take the last one who runs accounts away: only the shell could make another."""
    if found.role is not Role.SECURITY or found.disabled_at is not None or by.id is None:
        return
    others = (a.role == Role.SECURITY.value, a.id != found.id, a.disabled_at.is_(None))
    if conn.execute(select(a.id).where(*others).limit(1)).first() is None:
        raise AccountError("name", "last")


def _find(conn: Connection, name: str) -> tuple[Account, str]:
    found = find_account(conn, name)
    if found is None:
        raise AccountError("name", "unknown")
    return found


def _change(conn: Connection, account: Account, values: dict[str, Any]) -> None:
    conn.execute(m.account.update().where(a.id == account.id).values(values))


def _strong(password: str, name: str) -> None:
    reason = weakness(password, name)
    if reason is not None:
        raise AccountError("password", reason)


def _display(text: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not plain:
        raise AccountError("display", "missing")
    if len(plain) > LONGEST_DISPLAY:
        raise AccountError("display", "too_long")
    return plain


def _fits(catalogue: Catalogue, wanted: Wanted) -> None:
    if wanted.role not in ROLES:
        raise AccountError("role", "unknown")
    if wanted.department is not None and wanted.department not in catalogue.departments:
        raise AccountError("department", "unknown")
    if wanted.area is not None and wanted.area not in catalogue.areas:
        raise AccountError("area", "unknown")
    if wanted.role is Role.DEPARTMENT and wanted.department is None:
        raise AccountError("department", "missing")


def _object(name: str) -> str:
    return f"account/{name}"
