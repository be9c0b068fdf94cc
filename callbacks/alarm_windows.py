"""Planned-work and service windows: what the alarm page shows of them, and its two forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.csrf import form_token, is_ours
from callbacks.pages import Asked
from components.alarm_ids import PATH, WINDOWS
from components.alarm_windows import END, FIELDS, MAKE, TIME, WindowsShown
from data.alarms.windows import LONG, Scope, Window, WindowRefusal, WindowWish
from data.catalogue import Catalogue
from data.commands.alarms.tick import publish_all
from data.commands.alarms.windows import MAKERS, end_window, make_window
from data.logs import logger
from data.panels.board import is_demo
from data.queries.alarms.rules import rules_in_force
from data.queries.alarms.windows import open_windows
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary import LOCAL

log = logger("windows")
KEPT = "f_"
"""What was typed comes back in the address under these names, so that nobody types it twice."""
MOST_BACK = 120
REASON_BACK = 150
"""Letters of a reason that come back: in an address each Chinese one takes nine."""
YEARS = range(1971, 2200)


def shown(store: Store, catalogue: Catalogue, asked: Asked) -> WindowsShown:
    """Return what the view shows to whoever asks; without the store it says so."""
    now, actor = utc_now(), identity.current()
    may = actor is not None and actor.role.value in MAKERS
    facts: dict[str, Any] = {
        "areas": {c: a.name for c, a in catalogue.areas.items() if a.level < 3},
        "typed": {f: asked[KEPT + f][:LONG] for f in FIELDS if KEPT + f in asked},
        "said": asked.get("said", "")[:40],
        "what": asked.get("what", "")[:MOST_BACK],
        "now": now.timestamp(),
    }
    try:
        with store.read() as conn:
            windows = open_windows(conn, now)
            rules = rules_in_force(conn, catalogue).rules
            facts["demo"] = is_demo(conn)
    except SQLAlchemyError:
        log.exception("windows cannot be asked of the store")
        return WindowsShown(**facts)
    names = {code: rule.name for code, rule in rules.items() if rule.enabled}
    return WindowsShown(windows, names, token=form_token() if may else "", **facts)


def register(server: Flask, store: Store, catalogue: Catalogue) -> None:
    """Attach the forms. They come back to the page, which says what became of them."""

    @server.post(MAKE)
    def make() -> Response:
        form = {f: request.form.get(f, "").strip()[: LONG + 1] for f in FIELDS}
        if not is_ours(request.form.get("token", "")):
            return _back("stale", typed=form)
        times = [_time(form[f]) for f in ("start", "end")]
        if times[0] is None or times[1] is None:
            wrong = form["start"] if times[0] is None else form["end"]
            return _back("not_a_time", wrong, form)
        scope = Scope(form["rule"] or None, form["area"] or None, form["object"] or None)
        wish = WindowWish(form["kind"], scope, times[0], times[1], form["reason"])
        try:
            found = _make(store, catalogue, wish)
        except SQLAlchemyError:
            log.exception("a window cannot be written")
            return _back("busy", typed=form)
        if isinstance(found, WindowRefusal):
            return _back(found.fault.value, found.what, form)
        return _back("made", str(found.id))

    @server.post(END)
    def end() -> Response:
        if not is_ours(request.form.get("token", "")):
            return _back("stale")
        number = request.form.get("id", "")
        known = number.isascii() and number.isdigit() and len(number) < 16
        try:
            found = _end(store, catalogue, int(number) if known else 0)
        except SQLAlchemyError:
            log.exception("a window cannot be ended")
            return _back("busy")
        if isinstance(found, WindowRefusal):
            return _back(found.fault.value, found.what)
        return _back("ended", str(found.id))


def _make(store: Store, catalogue: Catalogue, wish: WindowWish) -> Window | WindowRefusal:
    by, now = identity.by(identity.require()), utc_now()
    with store.write(wait_s=5) as conn:
        rules = frozenset(rules_in_force(conn, catalogue).rules)
        found = make_window(conn, catalogue, read_keys(conn), wish, by, now, rules=rules)
        if isinstance(found, Window):
            publish_all(conn, catalogue, now)
    return found


def _end(store: Store, catalogue: Catalogue, number: int) -> Window | WindowRefusal:
    by, now = identity.by(identity.require()), utc_now()
    with store.write(wait_s=5) as conn:
        found = end_window(conn, number, by, now)
        if isinstance(found, Window):
            publish_all(conn, catalogue, now)
    return found


def _time(text: str) -> datetime | None:
    """Return a local time as an instant, None if it is none."""
    try:
        found = datetime.strptime(text.replace("T", " "), TIME).replace(tzinfo=LOCAL)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _back(said: str, what: str = "", typed: Mapping[str, str] | None = None) -> Response:
    """Return to the page; a form that was refused comes back as it was typed."""
    query = {"view": WINDOWS, "said": said, "what": what[:MOST_BACK]}
    query |= {KEPT + f: v[:REASON_BACK] for f, v in (typed or {}).items() if v}
    found: Response = redirect(f"{PATH}?{urlencode(query)}", 303)  # type: ignore[assignment]
    return found
