"""Sign in and out, change one's own password. Whatever is wrong at the door has one answer."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.commands.accounts import AccountError
from data.commands.audit import By, note
from data.commands.passwords import hashed, is_old, matches, policy, weakness
from data.queries.accounts import account_by_id, find_account, session_object
from data.settings import settings
from data.store import Store
from data.vocabulary.people import Account

FAILURES = 10
"""So many wrong passwords in a row shut an account for a while, unless the house says another."""

ADDRESS_FAILURES = 100
"""So many failures from one address, whatever the names, without an hour's rest between."""
ADDRESS_LOCK, LONGEST_ADDRESS_LOCK = timedelta(minutes=1), timedelta(hours=1)
QUIET = timedelta(hours=1)

FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=15), timedelta(hours=24)
WAIT_S = 10
"""How long a sign-in waits for the writer's place."""

NOBODY = By(None, "-", "")
a, d = m.account.c, m.door_address.c


class Slowed(Exception):  # noqa: N818 - no error of the program
    """Too many failures came from this address. seconds: until it may try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


def lock_after(failed: int, most: int = FAILURES) -> timedelta:
    """Return how long an account is shut after so many failures: 15 min, then twice as long."""
    return _doubled(failed - most, FIRST_LOCK, LONGEST_LOCK)


def address_lock(failed: int) -> timedelta:
    """Return how long an address must rest after so many failures: 1 min, then twice as long."""
    return _doubled(failed - ADDRESS_FAILURES, ADDRESS_LOCK, LONGEST_ADDRESS_LOCK)


def _doubled(over: int, first: timedelta, longest: timedelta) -> timedelta:
    if over < 0:
        return timedelta(0)
    doubled: int = 2 ** min(over, 10)
    return min(first * doubled, longest)


def still_holds(
    *, begun: float, seen: float, now: float, idle: timedelta, longest: timedelta
) -> bool:
    """Return whether a session is neither idle nor old; times in epoch seconds.

    One that begins or was seen in the future is none: no clock is trusted backwards.
    """
    slack = 60
    rests, lives = now - seen, now - begun
    inside = -slack <= rests < idle.total_seconds() and -slack <= lives < longest.total_seconds()
    return inside and begun <= seen + slack


def sign_in(
    store: Store, name: str, password: str, *, now: datetime, origin: str = ""
) -> Account | None:
    """Return the account that name and password open; None if they open none.

    An unknown name, a wrong password, a locked and a disabled account are one answer. The
    hash is compared outside of any transaction: it takes longer than everything else. An
    account with a second factor is not in yet: `check_second` decides.

    Raises:
        Slowed: too many failures from this address.
    """
    with store.read() as conn:
        _rested(conn, origin, now)
        found = find_account(conn, name)
    good = matches(found[1] if found else None, password)
    fresh = hashed(password) if good and found and is_old(found[1]) else None
    with store.write(wait_s=WAIT_S) as conn:
        if found is None:
            by = By(None, NOBODY.name, NOBODY.role, origin)
            note(conn, by, "sign_in", "account/?", at=now, outcome="unknown")
            _count_address(conn, origin, now)
            return None
        return _decide(conn, found[0].id, found[1], good=good, fresh=fresh, now=now, origin=origin)


def _decide(
    conn: Connection, number: int, kept: str, *, good: bool, fresh: str | None, now: datetime,
    origin: str,
) -> Account | None:  # fmt: skip
    """Judge by what stands in the store now: others may have tried meanwhile."""
    account = account_by_id(conn, number)
    newest = find_account(conn, account.name) if account else None
    if account is None or newest is None:
        return None
    outcome = "done" if good and newest[1] == kept else "wrong"
    if account.locked(now):
        outcome = "locked"
    elif account.disabled_at is not None:
        outcome = "disabled"
    by = By(account.id, account.display, account.role.value, origin)
    note(conn, by, "sign_in", f"account/{account.name}", at=now, outcome=outcome)
    if outcome == "done":
        return _opened(conn, account, fresh, now)
    _count_address(conn, origin, now)
    if outcome == "wrong":
        count_failure(conn, account, now)
    return None


def _opened(conn: Connection, account: Account, fresh: str | None, now: datetime) -> Account:
    """Write what a right password changes. Failures are forgotten only with the last factor."""
    values: dict[str, Any] = {"password": fresh} if fresh else {}
    if not account.second:
        values |= {"failed": 0, "locked_until": None, "last_seen_at": now}
    if policy().is_old(account.password_at, now) and not account.must_change:
        values["must_change"] = True
        account = replace(account, must_change=True)
    if values:
        conn.execute(m.account.update().where(a.id == account.id).values(values))
    return account


def _rested(conn: Connection, origin: str, now: datetime) -> None:
    until = conn.execute(select(d.locked_until).where(d.origin == origin)).scalar()
    if until is not None and until > now:
        raise Slowed(max(1, math.ceil((until - now).total_seconds())))


def _count_address(conn: Connection, origin: str, now: datetime) -> None:
    """Count a failure from an address; what was quiet for an hour is forgotten."""
    conn.execute(m.door_address.delete().where(d.failed_at < now - QUIET))
    query = m.door_address.update().where(d.origin == origin)
    failed = conn.execute(query.values(failed=d.failed + 1, failed_at=now).returning(d.failed))
    count = failed.scalar()
    if count is None:
        conn.execute(m.door_address.insert().values(origin=origin, failed=1, failed_at=now))
    elif rest := address_lock(count):
        conn.execute(query.values(locked_until=now + rest))


def count_failure(conn: Connection, account: Account, now: datetime) -> None:
    """Count a failure of an account; too many shut it for a while."""
    failed = min(account.failed + 1, 1000)
    shut = lock_after(failed, settings().lock_after)
    values: dict[str, Any] = {"failed": failed, "locked_until": now + shut if shut else None}
    conn.execute(m.account.update().where(a.id == account.id).values(values))


def outside_sign_in(
    conn: Connection, name: str, *, now: datetime, origin: str, how: str
) -> Account | None:
    """Return the account of whom a proxy or an identity provider names; None if there is none.

    They looked at the password, and at a second factor if they ask for one: ours is not asked.
    """
    found = find_account(conn, name)
    account = found[0] if found else None
    outcome = "done" if account else "unknown"
    if account is not None and account.disabled_at is not None:
        outcome = "disabled"
    by = By(account.id, account.display, account.role.value, origin) if account else NOBODY
    object_ = f"account/{account.name}" if account else "account/?"
    note(conn, by, "sign_in", object_, at=now, outcome=outcome, after={"how": how})
    if account is None or outcome != "done":
        return None
    values = {"last_seen_at": now, "failed": 0, "locked_until": None, "must_change": False}
    conn.execute(m.account.update().where(a.id == account.id).values(values))
    return replace(account, must_change=False)


def sign_out(conn: Connection, by: By, session: str, *, now: datetime) -> None:
    """End one session for good: a kept copy of its cookie opens nothing any more."""
    note(conn, by, "sign_out", session_object(session), at=now)


def change_password(
    store: Store, account: Account, old: str, new: str, again: str, *, now: datetime, origin: str
) -> int:
    """Change one's own password and return the new epoch: every other session ends.

    Raises:
        AccountError: the old one is wrong, the new ones differ, are the old one, or are weak.
    """
    with store.read() as conn:
        found = find_account(conn, account.name)
    if found is None or not matches(found[1], old):
        _tell_failure(store, account, now=now, origin=origin)
        raise AccountError("old", "wrong")
    if new != again:
        raise AccountError("again", "differs")
    if new == old:
        raise AccountError("password", "same")
    reason = weakness(new, account.name)
    if reason is not None:
        raise AccountError("password", reason)
    kept, by = hashed(new), By(account.id, account.display, account.role.value, origin)
    values = {"password": kept, "must_change": False, "epoch": a.epoch + 1, "password_at": now}
    with store.write(wait_s=WAIT_S) as conn:
        same = (a.id == account.id, a.password == found[1])
        query = m.account.update().where(*same).values(values).returning(a.epoch)
        epoch = conn.execute(query).scalar()
        if epoch is None:  # somebody else changed it meanwhile
            raise AccountError("old", "wrong")
        note(conn, by, "password_change", f"account/{account.name}", at=now)
    return int(epoch)


def _tell_failure(store: Store, account: Account, *, now: datetime, origin: str) -> None:
    """Count a wrong old password as a failed sign-in: an open desk is no way around the lock."""
    by = By(account.id, account.display, account.role.value, origin)
    with store.write(wait_s=WAIT_S) as conn:
        newest = account_by_id(conn, account.id)
        if newest is not None:
            count_failure(conn, newest, now)
            note(conn, by, "password_change", f"account/{account.name}", at=now, outcome="wrong")
