"""The sign-in page and what its forms do."""

from __future__ import annotations

import math
import re
import threading
import time
from typing import Any
from urllib.parse import unquote, urlsplit

from dash import Dash
from dash.development.base_component import Component
from flask import Flask, Response, current_app, jsonify, redirect, request, session
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity, login_second, oidc
from callbacks.csrf import form_token, is_ours
from callbacks.gate.door import carries_token
from callbacks.pages import Asked, Page, chosen_language
from callbacks.session_bounds import begin_half, half
from components.login_page import DemoAccount, Door, login_page
from components.person import ALIVE, CODE, LOGIN, LOGOUT, PASSWORD, SECOND, login_address
from data.catalogue import Catalogue
from data.commands.accounts import AccountError
from data.commands.audit import By
from data.commands.passwords import policy
from data.commands.sign_in import Slowed, change_password, sign_in, sign_out
from data.logs import logger
from data.panels.board import is_demo
from data.queries.accounts import any_account, demo_accounts, demo_password
from data.settings import Settings
from data.store import Store, utc_now
from data.vocabulary import Names
from data.vocabulary.people import Account

log = logger("login")

PER_ADDRESS, PER_NAME = 60, 20
"""Attempts a minute, in each worker; the lock of an account counts over all of them."""

WAITING = 6
"""So many sign-ins may wait for their hash; more are told to come again."""

TYPED = "typed"
HOMES = ("/admin", "/desk", "/supervision", "/sources")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


def local_path(text: str | None) -> str:
    """Return an address of this server's own pages, "" for anything else.

    An address with a host, a scheme, a backslash or something invisible would lead elsewhere.
    """
    asked = (text or "")[:2000]
    if not asked.startswith("/") or asked.startswith("//") or _CONTROL.search(asked):
        return ""
    plain = unquote(asked.partition("?")[0])
    if plain.startswith("//") or _CONTROL.search(plain) or plain.startswith((LOGIN, LOGOUT)):
        return ""
    try:
        parts = urlsplit(asked)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else asked


def page(store: Store, catalogue: Catalogue) -> Page:
    """Return the sign-in page."""
    city = catalogue.city
    title: Names = city.title or city.name

    def layout(asked: Asked) -> Component:
        return login_page(_door(store, catalogue, asked), lang=chosen_language(asked), title=title)

    def parts() -> Component:
        return login_page(Door("", ""), lang="zh", title=title)

    return Page(LOGIN, layout, parts)


def _door(store: Store, catalogue: Catalogue, asked: Asked) -> Door:
    back, said = local_path(asked.get("next")), asked.get("said", "")[:40]
    facts: dict[str, Any] = {"back": back, "said": said, "wait": _number(asked.get("wait", ""))}
    rule = policy()
    facts |= {"shortest": rule.shortest, "kinds": rule.kinds}
    facts["outside"] = "oidc" in current_app.extensions
    try:
        found = identity.account()
        with store.read() as conn:
            facts |= {"is_demo": is_demo(conn), "empty": not any_account(conn)}
            if facts["is_demo"]:
                facts["demo"] = [_ready(catalogue, a) for a in demo_accounts(conn)]
                facts["demo_password"] = demo_password(conn)
    except (SQLAlchemyError, identity.StoreLost):
        return Door("", back, lost=True)
    must = found is not None and found.must_change
    change = found is not None and (must or asked.get("view") == "password")
    typed = str(session.get(TYPED, "")) if found is None else ""
    if found is not None:
        facts["home"] = _home(found)
        facts["second"] = None if must else login_second.shown(found, asked.get("view", ""))
    elif asked.get("view") == "code":
        facts["half"] = half(utc_now()) is not None
    return Door(
        form_token(), signed=identity.shown(), change=change, must=must, typed=typed, **facts
    )


def _ready(catalogue: Catalogue, found: Account) -> DemoAccount:
    department = catalogue.departments.get(found.department or "")
    area = catalogue.areas.get(found.area or "")
    return DemoAccount(
        found.name,
        found.display,
        found.role.value,
        (department.short or department.name) if department else None,
        area.name if area else None,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


# ---- forms ----


class Slow:
    """How often an address and a name may try, and how many may wait at once."""

    def __init__(self, per_address: int = PER_ADDRESS) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._address, self._name = (
            RateLimitItemPerMinute(per_address),
            RateLimitItemPerMinute(PER_NAME),
        )
        self.places = threading.BoundedSemaphore(WAITING)

    def wait(self, name: str) -> int:
        """Count an attempt and return after how many seconds another may be made; 0: now."""
        who = ((self._address, f"address {identity.origin()}"), (self._name, f"name {name}"))
        for limit, key in who:
            if not self._limiter.hit(limit, key):
                reset = self._limiter.get_window_stats(limit, key).reset_time
                return max(1, math.ceil(reset - time.time()))
        return 0


def register(app: Dash, store: Store, config: Settings | None = None) -> None:
    """Attach the forms: in, out, another password, and the word that a hand moved.

    config: where people may also sign in elsewhere.
    """
    server: Flask = app.server
    if config is not None:
        oidc.register(server, store, config, local_path, entered)
    slow = Slow()
    carries_token(server, LOGIN, LOGOUT, PASSWORD, CODE, SECOND)
    login_second.register(server, store, slow, entered, _again)
    _register_in(server, store, slow)
    _register_out(server, store)
    _register_password(server, store, slow)

    @server.post(ALIVE)
    def alive() -> tuple[Response, int]:
        """Say who is signed in and how long it holds; a hand moved."""
        try:
            found = identity.account()
        except identity.StoreLost:
            return jsonify(error="store_lost"), 503
        if found is None:
            return jsonify(error="not_signed_in"), 401
        identity.touch()
        return jsonify(id=str(found.id), left=int(identity.seconds_left())), 200


def _register_in(server: Flask, store: Store, slow: Slow) -> None:
    @server.post(LOGIN)
    def enter() -> Response:
        form = request.form
        back = local_path(form.get("next"))
        if not is_ours(form.get("token", "")):
            return _again(back, "stale")
        name, password = form.get("name", "").strip()[:80], form.get("password", "")
        try:
            name, password = _chosen(store, form.get("demo", "")) or (name, password)
            session[TYPED] = name
            if not name or not password:
                return _again(back, "missing")
            if wait := slow.wait(name.casefold()):
                return _again(back, "too_many", wait=wait)
            found = _tried(store, name, password, slow)
        except Slowed as slowed:
            return _again(back, "too_many", wait=slowed.seconds)
        except (SQLAlchemyError, Busy):
            log.warning("a sign-in could not be decided")
            return _again(back, "busy")
        if found is None:
            return _again(back, "wrong")
        if found.second:
            begin_half(found, back, utc_now())
            return _again(back, "", view="code")
        return entered(found, back)


def entered(found: Account, back: str) -> Response:
    """Begin a session and lead to where it may go first."""
    identity.begin(found)
    log.info("signed in", account=found.name)
    if found.must_change:
        return _again(back, "", view="password")
    if identity.must_begin_second(found):
        return _again(back, "", view="second")
    return _to(back or _home(found))


class Busy(Exception):  # noqa: N818 - no error of the program
    """Too many wait at the door."""


def _tried(store: Store, name: str, password: str, slow: Slow) -> Account | None:
    if not slow.places.acquire(blocking=False):
        raise Busy
    try:
        return sign_in(store, name, password, now=utc_now(), origin=identity.origin())
    finally:
        slow.places.release()


def _chosen(store: Store, name: str) -> tuple[str, str] | None:
    """Return a demo account that was clicked, with its password; only in a demonstration."""
    if not name:
        return None
    with store.read() as conn:
        if not is_demo(conn) or name not in {a.name for a in demo_accounts(conn)}:
            return None
        return name, demo_password(conn)


def _register_out(server: Flask, store: Store) -> None:
    @server.post(LOGOUT)
    def leave() -> Response:
        if not is_ours(request.form.get("token", "")):
            return _again("", "stale")
        try:
            found = identity.account()
            own = identity.end()
            if found is not None and own:
                by = By(found.id, found.display, found.role.value, identity.origin())
                with store.write(wait_s=5) as conn:
                    sign_out(conn, by, own, now=utc_now())
        except (SQLAlchemyError, identity.StoreLost):
            identity.end()
            log.warning("a session was forgotten here but not ended in the store")
        return _again("", "out")


def _register_password(server: Flask, store: Store, slow: Slow) -> None:
    @server.post(PASSWORD)
    def change() -> Response:
        form = request.form
        back = local_path(form.get("next"))
        try:
            found = identity.account()
            if found is None:
                return _again(back, "ended")
            if not is_ours(form.get("token", "")):
                return _again(back, "stale", view="password")
            if wait := slow.wait(found.name):
                return _again(back, "too_many", wait=wait, view="password")
            typed = [form.get(field, "") for field in ("old", "new", "again")]
            change_password(store, found, *typed, now=utc_now(), origin=identity.origin())
            _renew(store, found)
        except AccountError as wrong:
            return _again(back, f"{wrong.field}-{wrong.reason}", view="password")
        except (SQLAlchemyError, identity.StoreLost):
            return _again(back, "busy", view="password")
        return _to(back) if found.must_change and back else _again(back, "changed")


def _renew(store: Store, found: Account) -> None:
    """Begin this browser's session anew: a new password ended all of them."""
    from data.queries.accounts import account_by_id

    with store.read() as conn:
        newest = account_by_id(conn, found.id)
    if newest is not None:
        identity.begin(newest)


def _home(found: Account) -> str:
    """Return where a sign-in without an address leads: to the first page of theirs there is."""
    pages = current_app.extensions.get("pages", {})
    theirs = [p for p in HOMES if p in pages and (pages[p] is None or found.role in pages[p])]
    return theirs[0] if theirs else LOGIN


def _again(back: str, said: str, **more: Any) -> Response:
    return _to(login_address(back, said=said, **more))


def _to(address: str) -> Response:
    answer = redirect(address, 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer  # type: ignore[return-value]
