"""The forms of the second factor: the code after the password, to begin and to end one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, Response, current_app, request, session
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.csrf import is_ours
from callbacks.session_bounds import half
from components.login_second import Second
from components.person import CODE, SECOND
from data.commands import totp
from data.commands.accounts import AccountError
from data.commands.second_factor import begin_second, check_second, end_second, new_nonce
from data.store import Store, utc_now
from data.vocabulary.people import Account

NEW, CODES = "second", "codes"
"""Of a session: the nonce of a second factor that is begun, recovery codes shown now."""
CODES_S = 600
ISSUER = "Zhizhi"

Again = Callable[..., Response]


class Waits(Protocol):
    """Who counts attempts."""

    def wait(self, name: str) -> int:
        """Count one and return after how many seconds another may be made."""


def shown(found: Account, view: str) -> Second | None:
    """Return what the page shows of somebody's second factor; None where it is not asked for."""
    must = identity.must_begin_second(found)
    if view != "second" and not must:
        return None
    codes = _fresh_codes()
    if found.second:
        return Second(on=True, codes=codes)
    nonce = str(session.setdefault(NEW, new_nonce()))
    secret = totp.secret_of(_key(), nonce)
    address = totp.address(secret, found.name, ISSUER)
    return Second(secret=totp.written(secret), address=address, must=must)


def register(
    server: Flask, store: Store, slow: Waits, entered: Callable[[Account, str], Response],
    again: Again,
) -> None:  # fmt: skip
    """Attach the forms."""

    @server.post(CODE)
    def code() -> Response:
        awaited = half(utc_now())
        if awaited is None:
            return again("", "ended")
        number, epoch, back = awaited
        if not is_ours(request.form.get("token", "")):
            return again(back, "stale", view="code")
        if wait := slow.wait(f"code {number}"):
            return again(back, "too_many", wait=wait, view="code")
        try:
            found = check_second(
                store, number, epoch, request.form.get("code", "")[:40], key=_key(),
                now=utc_now(), origin=identity.origin(),
            )  # fmt: skip
        except SQLAlchemyError:
            return again(back, "busy", view="code")
        return entered(found, back) if found else again(back, "code-wrong", view="code")

    @server.post(SECOND)
    def second() -> Response:
        try:
            found = identity.account()
            if found is None or found.must_change:
                return again("", "ended")
            if not is_ours(request.form.get("token", "")):
                return again("", "stale", view="second")
            if wait := slow.wait(f"code {found.id}"):
                return again("", "too_many", wait=wait, view="second")
            return again("", _done(store, found), view="second")
        except AccountError as wrong:
            return again("", f"{wrong.field}-{wrong.reason}", view="second")
        except (SQLAlchemyError, identity.StoreLost):
            return again("", "busy", view="second")


def _done(store: Store, found: Account) -> str:
    """Do what a form asks and return what is said of it."""
    form, now = request.form, utc_now()
    facts: dict[str, Any] = {"key": _key(), "now": now, "origin": identity.origin()}
    act, typed = form.get("act", ""), form.get("code", "")[:40]
    if act == "written":
        session.pop(CODES, None)
        return ""
    if act == "end" and found.second:
        end_second(store, found, typed, **facts)
        return "second-off"
    if act == "begin" and not found.second:
        codes = begin_second(store, found, str(session.get(NEW, "")), typed, **facts)
        session.pop(NEW, None)
        session[CODES] = [int(now.timestamp()), *codes]
        return "second-on"
    return "stale"


def _fresh_codes() -> tuple[str, ...]:
    """Return recovery codes made just now; afterwards nobody can show them again."""
    kept = session.get(CODES)
    if not isinstance(kept, list) or not kept:
        return ()
    if not 0 <= utc_now().timestamp() - kept[0] + 60 < CODES_S:
        session.pop(CODES, None)
        return ()
    return tuple(str(code) for code in kept[1:])


def _key() -> str:
    return str(current_app.secret_key)
