"""Who has an account, and whether a session of it still holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from data import models as m
from data.vocabulary import Role
from data.vocabulary.people import Account

a = m.account.c


def find_account(conn: Connection, name: str) -> tuple[Account, str] | None:
    """Return the account of a name and its password's hash, None if there is none."""
    query = _whole().add_columns(a.password).where(a.name == plain_name(name))
    row = conn.execute(query).first()
    return (_account(row), str(row.password)) if row else None


def account_by_id(conn: Connection, number: int) -> Account | None:
    """Return one account, None if there is none of that number."""
    row = conn.execute(_whole().where(a.id == number)).first()
    return _account(row) if row else None


def account_in_session(
    conn: Connection, number: int, *, epoch: int, session: str
) -> Account | None:
    """Return whose session this is; None if it ended.

    It ends when the account is disabled, when its epoch was raised, and when
    somebody signed out of it: the entry in the audit is what ends it.
    """
    out = exists().where(m.audit.c.object == session_object(session), m.audit.c.act == "sign_out")
    query = _whole().where(a.id == number, a.epoch == epoch, a.disabled_at.is_(None), ~out)
    row = conn.execute(query).first()
    return _account(row) if row else None


def account_rows(conn: Connection) -> Sequence[Account]:
    """Return every account by name."""
    return [_account(r) for r in conn.execute(_whole().order_by(a.name))]


def any_account(conn: Connection) -> bool:
    """Return whether anybody can sign in at all."""
    return bool(conn.execute(select(func.count()).select_from(m.account).limit(1)).scalar())


def plain_name(name: str) -> str:
    """Return an account's name as it is kept: small letters, nothing around them."""
    return name.strip().casefold()[:80]


def session_object(session: str) -> str:
    """Return what the audit calls a session."""
    return f"session/{session[:64]}"


def _whole() -> Select[Any]:
    query = select(
        a.id, a.name, a.display, a.role, m.department.c.code.label("department"),
        m.area.c.code.label("area"), a.must_change, a.epoch, a.failed, a.created_at,
        a.disabled_at, a.locked_until, a.last_seen_at, a.password_at, a.second_nonce, a.second_at,
    )  # fmt: skip
    return query.select_from(
        m.account.outerjoin(m.department, m.department.c.id == a.department_id).outerjoin(
            m.area, m.area.c.id == a.area_id
        )
    )


def _account(row: Any) -> Account:
    return Account(
        row.id,
        row.name,
        row.display,
        Role(row.role),
        row.department,
        row.area,
        bool(row.must_change),
        row.epoch,
        row.failed,
        row.created_at,
        row.disabled_at,
        row.locked_until,
        row.last_seen_at,
        row.password_at,
        row.second_nonce,
        row.second_at,
    )


# ---- a demonstration ----

DEMO_PASSWORD, DEMO_NAMES = "demo_password", "demo_accounts"
"""Of store_info: only in the store of a demonstration."""


def demo_accounts(conn: Connection) -> Sequence[Account]:
    """Return the ready accounts of a demonstration that still open, in their order."""
    names = _info(conn, DEMO_NAMES).split()
    found = {r.name: r for r in account_rows(conn) if r.disabled_at is None}
    return [found[name] for name in names if name in found]


def demo_password(conn: Connection) -> str:
    """Return the password of the ready accounts, "" if there are none."""
    return _info(conn, DEMO_PASSWORD)


def _info(conn: Connection, key: str) -> str:
    i = m.store_info.c
    return str(conn.execute(select(i.value).where(i.key == key)).scalar() or "")
