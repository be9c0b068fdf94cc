"""The second factor of an account: begin it, ask for it, the codes for the day it is lost."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection

from data import models as m
from data.commands import totp
from data.commands.accounts import AccountError
from data.commands.audit import By, note
from data.commands.sign_in import WAIT_S, count_failure
from data.queries.accounts import account_by_id
from data.store import Store
from data.vocabulary.people import Account

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What nobody mistakes for another on paper."""
RECOVERY_CODES, HALF = 10, 5

a, r = m.account.c, m.recovery_code.c


def new_nonce() -> str:
    """Return what a new secret is made of."""
    return secrets.token_hex(16)


def begin_second(
    store: Store, account: Account, nonce: str, code: str, *, key: str, now: datetime, origin: str
) -> list[str]:
    """Ask for a code from now on, if one is shown that fits; return the recovery codes.

    They are shown once: only their hashes are kept.

    Raises:
        AccountError: there is a second factor already, or the code does not fit.
    """
    step = totp.step_of(totp.secret_of(key, nonce), code, now.timestamp())
    if step is None:
        raise AccountError("code", "wrong")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    with store.write(wait_s=WAIT_S) as conn:
        values = {"second_nonce": nonce, "second_at": now, "second_step": step}
        none_yet = (a.id == account.id, a.second_at.is_(None))
        query = m.account.update().where(*none_yet).values(values).returning(a.id)
        if conn.execute(query).first() is None:
            raise AccountError("code", "already")
        conn.execute(m.recovery_code.delete().where(r.account_id == account.id))
        conn.execute(
            m.recovery_code.insert(),
            [{"account_id": account.id, "sha256": _digest(key, account.id, c), "made_at": now}
             for c in codes],
        )  # fmt: skip
        note(conn, _by(account, origin), "second_begin", f"account/{account.name}", at=now)
    return codes


def check_second(
    store: Store, number: int, epoch: int, code: str, *, key: str, now: datetime, origin: str
) -> Account | None:
    """Return the account if the code opens it now: one of the minute, or a recovery code, once.

    A wrong one counts as a failed sign-in, so it leads to the same lock.
    """
    with store.write(wait_s=WAIT_S) as conn:
        account = account_by_id(conn, number)
        if account is None or account.epoch != epoch or account.disabled_at or not account.second:
            return None
        outcome = "locked" if account.locked(now) else _opened(conn, account, code, key, now)
        by = _by(account, origin)
        note(conn, by, "second_factor", f"account/{account.name}", at=now, outcome=outcome)
        if outcome in ("done", "recovery"):
            values = {"failed": 0, "locked_until": None, "last_seen_at": now}
            conn.execute(m.account.update().where(a.id == number).values(values))
            return account
        if outcome == "wrong":
            count_failure(conn, account, now)
        return None


def end_second(
    store: Store, account: Account, code: str, *, key: str, now: datetime, origin: str
) -> None:
    """Ask for no code any more, for whoever shows one. Raises AccountError: it does not fit."""
    if check_second(
        store, account.id, account.epoch, code, key=key, now=now, origin=origin
    ) is None:  # fmt: skip
        raise AccountError("code", "wrong")
    with store.write(wait_s=WAIT_S) as conn:
        values = {"second_at": None, "second_nonce": None}
        conn.execute(m.account.update().where(a.id == account.id).values(values))
        conn.execute(m.recovery_code.delete().where(r.account_id == account.id))
        note(conn, _by(account, origin), "second_end", f"account/{account.name}", at=now)


def _opened(conn: Connection, account: Account, code: str, key: str, now: datetime) -> str:
    secret = totp.secret_of(key, account.second_nonce or "")
    step = totp.step_of(secret, code, now.timestamp())
    if step is not None:
        unused = (a.id == account.id, a.second_step < step)
        query = m.account.update().where(*unused).values(second_step=step).returning(a.id)
        return "done" if conn.execute(query).first() else "wrong"  # a code opens only once
    mine = (r.account_id == account.id, r.sha256 == _digest(key, account.id, code))
    opens = m.recovery_code.update().where(*mine, r.used_at.is_(None)).values(used_at=now)
    used = conn.execute(opens.returning(r.id)).first()
    return "recovery" if used else "wrong"


def _recovery_code() -> str:
    text = "".join(secrets.choice(LETTERS) for _ in range(2 * HALF))
    return f"{text[:HALF]}-{text[HALF:]}"


def _digest(key: str, account: int, code: str) -> str:
    plain = "".join(c for c in code.casefold() if c in LETTERS)
    return hmac.new(
        key.encode(), f"recovery {account} {plain}".encode(), hashlib.sha256
    ).hexdigest()


def _by(account: Account, origin: str) -> By:
    return By(account.id, account.display, account.role.value, origin)
