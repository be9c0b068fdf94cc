"""/admin: the security administrator makes, changes and shuts accounts, displays and tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.admin_forms import done, refused
from components.admin_ids import PATH, AdminIds, AdminView, act_id, field_id, view_of
from components.admin_page import AdminShown, Place, admin_body, admin_page, page_parts
from components.i18n import _, use
from data.catalogue import Catalogue
from data.commands import accounts
from data.commands.accounts import AccountError, Wanted
from data.commands.audit import By, note
from data.commands.displays import DisplayError, offer, revoke
from data.commands.passwords import policy
from data.ingest import tokens
from data.logs import logger
from data.panels.board import is_demo
from data.queries.accounts import account_rows
from data.queries.displays import display_rows
from data.queries.keys import read_keys
from data.queries.tokens import token_rows
from data.store import Store, utc_now
from data.vocabulary import Role

log = logger("admin")

ROLES = frozenset({Role.SECURITY})
OWN = ("/assets/admin/",)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

Typed = Mapping[str, str]
Said = list[Component]


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    place = Place(catalogue.city.code, catalogue.city.name, hub.build)

    def layout(asked: Asked) -> Component:
        hub.start()
        actor, view = identity.require(*ROLES), view_of(asked)
        return admin_page(
            _shown(store, catalogue, actor.id), view, place, identity.shown(),
            lang=chosen_language(asked), now=utc_now().timestamp(),
        )  # fmt: skip

    return Page(PATH, layout, page_parts, roles=ROLES, own=OWN)


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks."""

    @app.callback(
        Output(AdminIds.BODY, "children"),
        Input(AdminIds.URL, "search"),
        Input(AdminIds.NUDGE, "data"),
        State(AdminIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, lang: str) -> Any:
        actor = identity.require(*ROLES)
        with use(lang):
            return admin_body(_shown(store, catalogue, actor.id), _view(search))

    @app.callback(
        Output(AdminIds.SAID, "children"),
        Output(AdminIds.NUDGE, "data"),
        Input(act_id(ALL, ALL), "n_clicks"),
        State(field_id(ALL), "value"),
        State(field_id(ALL), "id"),
        State(AdminIds.NUDGE, "data"),
        State(AdminIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def act(
        _clicks: Sequence[int],
        values: Sequence[str | None],
        ids: Sequence[Mapping[str, str]],
        nudge: int,
        lang: str,
    ) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update
        typed = {i["field"]: (v or "") for i, v in zip(ids, values, strict=False)}
        with use(lang):
            said = _done(store, catalogue, str(clicked["act"]), str(clicked["key"]), typed)
        return said, (nudge or 0) + 1


def _view(search: str | None) -> AdminView:
    return view_of({k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()})


def _shown(store: Store, catalogue: Catalogue, me: int | None) -> AdminShown | None:
    try:
        with store.read() as conn:
            return AdminShown(
                utc_now(), account_rows(conn), display_rows(conn), token_rows(conn),
                {k: d.short or d.name for k, d in catalogue.departments.items()},
                {k: a.name for k, a in catalogue.areas.items()},
                {k: s.name for k, s in catalogue.sources.items()},
                demo=is_demo(conn), me=me or 0,
            )  # fmt: skip
    except SQLAlchemyError:
        log.exception("the accounts cannot be read")
        return None


def _done(store: Store, catalogue: Catalogue, act: str, key: str, typed: Typed) -> Said:
    """Do what a button asks; return what is said of it."""
    by = identity.by(identity.require(*ROLES))
    work = ACTS.get(act)
    if work is None:
        return refused("act", "unknown")
    try:
        with store.write(wait_s=5) as conn:
            return work(conn, catalogue, key, typed, by)
    except AccountError as wrong:
        return refused(wrong.field, wrong.reason)
    except DisplayError as wrong:
        return refused("display", wrong.reason)
    except SQLAlchemyError:
        log.exception("an act on accounts cannot be written")
        return refused("store", _("Not saved: the store cannot be written"))


# ---- accounts ----


def _wanted(name: str, display: str, typed: Typed) -> Wanted:
    role = typed.get("role", "")
    if role not in {r.value for r in accounts.ROLES}:
        raise AccountError("role", "unknown")
    return Wanted(name, display, Role(role), typed.get("department") or None,
                  typed.get("area") or None)  # fmt: skip


def _create(conn: Connection, facts: Catalogue, _key: str, typed: Typed, by: By) -> Said:
    password = first_password()
    wanted = _wanted(typed.get("name", ""), typed.get("display", ""), typed)
    accounts.create(conn, facts, read_keys(conn), wanted, password, by=by, now=utc_now())
    return done(_("Account {name} is made.").format(name=wanted.name), password, _once())


def _role(conn: Connection, facts: Catalogue, key: str, typed: Typed, by: By) -> Said:
    accounts.set_role(conn, facts, read_keys(conn), _wanted(key, "", typed), by=by, now=utc_now())
    return done(_("Account {name} has another role or scope; its sessions ended.").format(name=key))


def _password(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    password = first_password()
    accounts.set_password(conn, key, password, by=by, now=utc_now())
    said = _("Account {name} has another first password; its sessions ended.").format(name=key)
    return done(said, password, _once())


def _sessions(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    accounts.end_sessions(conn, key, by=by, now=utc_now())
    return done(_("All sessions of {name} are ended.").format(name=key))


def _drop_second(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    accounts.drop_second(conn, key, by=by, now=utc_now())
    return done(_("Account {name} has no second factor any more.").format(name=key))


def _enable(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    accounts.enable(conn, key, by=by, now=utc_now())
    return done(_("Account {name} is open.").format(name=key))


def _disable(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    accounts.disable(conn, key, by=by, now=utc_now())
    return done(_("Account {name} is shut; its sessions ended.").format(name=key))


def first_password() -> str:
    """Return a password to be changed at once: of all kinds of letters, as long as asked."""
    groups = ["".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)]
    while len("-".join(groups)) + 3 < policy().shortest:
        groups.append("".join(secrets.choice(LETTERS) for _ in range(4)))
    return (
        f"{secrets.choice('ABCDEFGHJKMNPQRSTUVWXYZ')}{secrets.randbelow(8) + 2}-{'-'.join(groups)}"
    )


def _once() -> str:
    return _("It is shown only now.")


# ---- displays and tokens ----


def _offer(conn: Connection, _facts: Catalogue, _key: str, typed: Typed, by: By) -> Said:
    code = offer(conn, typed.get("name", ""), by=by, now=utc_now())
    return done(_("Type this code at /display, within the hour."), code, _once())


def _revoke_display(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    found = revoke(conn, key, by=by, now=utc_now())
    return done(_("Display {name} is revoked.").format(name=found))


def _token(conn: Connection, facts: Catalogue, _key: str, typed: Typed, by: By) -> Said:
    days = typed.get("days", "").strip()
    if days and not (days.isascii() and days.isdigit() and 0 < int(days[:6]) <= 3650):
        raise AccountError("token", "days")
    wanted = tokens.Wanted(
        typed.get("source") or None, days=int(days) if days else None, note=typed.get("note", "")
    )
    try:
        number, text = tokens.create_token(conn, facts, wanted, now=utc_now())
    except tokens.TokenError:
        raise AccountError("token", "source") from None
    after = {"source": wanted.source, "days": wanted.days, "note": wanted.note[:200]}
    note(conn, by, "token_create", f"token/{number}", at=utc_now(), after=after)
    return done(_("Token {n} is made.").format(n=number), text, _once())


def _revoke_token(conn: Connection, _facts: Catalogue, key: str, _typed: Typed, by: By) -> Said:
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else 0
    if not tokens.revoke_token(conn, number, now=utc_now()):
        raise AccountError("token", "unknown")
    note(conn, by, "token_revoke", f"token/{number}", at=utc_now())
    return done(_("Token {n} is revoked.").format(n=number))


ACTS = {
    "create": _create,
    "role": _role,
    "password": _password,
    "sessions": _sessions,
    "drop-second": _drop_second,
    "enable": _enable,
    "disable": _disable,
    "offer": _offer,
    "revoke-display": _revoke_display,
    "token": _token,
    "revoke-token": _revoke_token,
}
