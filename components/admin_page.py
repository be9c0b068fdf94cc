"""The page of whoever runs accounts: people, displays, tokens of the API. Reads no audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.admin_forms import account_form, display_form, token_form
from components.admin_ids import PANEL, PATH, AdminIds, AdminView, act_id, address, field_id
from components.empty import failed
from components.formats import day_time
from components.i18n import N_, _, name, use
from components.loop_terms import role_word
from components.page_frame import page_frame
from components.person import Signed, reach
from data.vocabulary import Names
from data.vocabulary.people import Account, Display

TAB_WORDS: dict[str, str] = {
    "accounts": N_("Accounts"),
    "displays": N_("Displays"),
    "tokens": N_("API tokens"),
}
FIELDS = ("name", "display", "role", "department", "area", "source", "days", "note")


@dataclass(frozen=True)
class AdminShown:
    """Everything the page shows. departments, areas, sources: names by code."""

    now: datetime
    accounts: Sequence[Account] = ()
    displays: Sequence[Display] = ()
    tokens: Sequence[Any] = ()
    departments: Mapping[str, Names] = field(default_factory=dict)
    areas: Mapping[str, Names] = field(default_factory=dict)
    sources: Mapping[str, Names] = field(default_factory=dict)
    demo: bool = False
    me: int = 0


@dataclass(frozen=True)
class Place:
    """Where the page stands."""

    area: str
    city: Names
    build: str


def admin_page(
    shown: AdminShown | None, view: AdminView, place: Place, signed: Signed | None, *,
    lang: str, now: float,
) -> html.Div:  # fmt: skip
    """Return the whole page; shown None: the store cannot be asked."""
    with use(lang):
        unseen: list[Component] = [
            dcc.Location(id=AdminIds.URL, refresh=False),
            dcc.Store(id=AdminIds.NUDGE, data=0),
        ]
        inside = [
            html.Div(id=AdminIds.SAID, className="said once", role="status"),
            html.Div(admin_body(shown, view), id=AdminIds.BODY, className="adminp"),
        ]
        return page_frame(
            inside, title=_("Accounts and displays"), path=PATH, address=address(view),
            signed=signed, area=place.area, city=place.city, build=place.build, now=now,
            demo=bool(shown and shown.demo), id_=AdminIds.ROOT, only=PANEL,
            foot=_("Every act here stands in the audit, which this role cannot read."),
            unseen=unseen,
        )  # fmt: skip


def page_parts() -> html.Div:
    """Return everything that callbacks touch, also what is drawn only now and then."""
    page = admin_page(None, AdminView(), Place("", {"zh": "", "en": ""}, ""), None,
                      lang="zh", now=0.0)  # fmt: skip
    fields: list[Component] = [dcc.Input(id=field_id(f)) for f in FIELDS]
    return html.Div([page, *fields, html.Button(id=act_id("x", "x"), n_clicks=0)])


def admin_body(shown: AdminShown | None, view: AdminView) -> list[Component]:
    """Return everything between head and foot."""
    if shown is None:
        return [html.Section(failed(), className="panel alone")]
    tabs = [
        dcc.Link(_(word), href=address(AdminView(), view=key),
                 className="chip on" if key == view.view else "chip")
        for key, word in TAB_WORDS.items()
    ]  # fmt: skip
    table, form = _tab(shown, view)
    head = html.Div([html.H2(_(TAB_WORDS[view.view])), html.Span(className="st"), *tabs],
                    className="ph")  # fmt: skip
    return [
        html.Section([head, html.Div(table, className="scroll", tabIndex=0)], className="panel"),
        html.Aside(html.Section(form, className="panel"), className="side"),
    ]


def _tab(shown: AdminShown, view: AdminView) -> tuple[Component, list[Component]]:
    if view.view == "displays":
        return _displays(shown), display_form()
    if view.view == "tokens":
        return _tokens(shown), token_form(shown.sources)
    chosen = next((a for a in shown.accounts if a.name == view.account), None)
    form = account_form(
        chosen, shown.departments, shown.areas, state=_state(chosen, shown.now) if chosen else "",
        own=bool(chosen and chosen.id == shown.me), back=address(view, account=""),
    )  # fmt: skip
    return _accounts(shown, view), form


def _accounts(shown: AdminShown, view: AdminView) -> html.Table:
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(a.name, href=address(view, account=a.name), className="go")),
                html.Td(a.display),
                html.Td(role_word(a.role)),
                html.Td(reach(shown.departments.get(a.department or ""),
                              shown.areas.get(a.area or ""))),
                html.Td(_state(a, shown.now)),
                html.Td(_("yes") if a.second else _("no")),
                html.Td(_time(a.last_seen_at) if a.last_seen_at else _("never"), className="num"),
            ],
            className="chosen" if a.name == view.account else "",
        )
        for a in shown.accounts
    ]  # fmt: skip
    heads = (_("Account"), _("Name"), _("Role"), _("Scope"), _("State"), _("Second factor"),
             _("Last sign-in"))  # fmt: skip
    return _table(heads, rows, _("No account yet"))


def _state(a: Account, now: datetime) -> str:
    if a.disabled_at is not None:
        return _("shut")
    if a.locked(now):
        return _("locked until {time}").format(time=_time(a.locked_until))
    return _("must choose a password") if a.must_change else _("open")


def _displays(shown: AdminShown) -> html.Table:
    rows = [
        html.Tr(
            [
                html.Td(d.name),
                html.Td(_("revoked {time}").format(time=_time(d.revoked_at))
                        if d.revoked_at else _("stands")),
                html.Td(_time(d.enrolled_at), className="num"),
                html.Td(_time(d.seen_at), className="num"),
                html.Td(d.origin),
                html.Td(None if d.revoked_at else _button("revoke-display", d.id, _("Revoke"))),
            ]
        )
        for d in shown.displays
    ]  # fmt: skip
    heads = (_("Display"), _("State"), _("Enrolled"), _("Last seen"), _("Address"), "")
    return _table(heads, rows, _("No display was ever enrolled"))


def _tokens(shown: AdminShown) -> html.Table:
    rows = [
        html.Tr(
            [
                html.Td(f"zz_{t.prefix}_…"),
                html.Td(name(shown.sources.get(t.source)) or t.source or _("reads only")),
                html.Td(_token_state(t, shown.now)),
                html.Td(_time(t.created_at), className="num"),
                html.Td(_time(t.last_used_at) if t.last_used_at else _("never"), className="num"),
                html.Td(t.note),
                html.Td(None if t.revoked_at else _button("revoke-token", str(t.id), _("Revoke"))),
            ]
        )
        for t in shown.tokens
    ]
    heads = (_("Token"), _("Source"), _("State"), _("Made"), _("Last used"), _("Note"), "")
    return _table(heads, rows, _("No token was ever made"))


def _token_state(t: Any, now: datetime) -> str:
    if t.revoked_at is not None:
        return _("revoked {time}").format(time=_time(t.revoked_at))
    if t.expires_at is None:
        return _("stands")
    word = _("ran out {time}") if t.expires_at <= now else _("until {time}")
    return word.format(time=_time(t.expires_at))


def _table(heads: Sequence[str], rows: Sequence[Component], none: str) -> html.Table:
    empty = [html.Tr(html.Td(none, colSpan=len(heads), className="dim2"))]
    return html.Table(
        [html.Thead(html.Tr([html.Th(h, scope="col") for h in heads])),
         html.Tbody(list(rows) or empty)],
        className="plain admin",
    )  # fmt: skip


def _button(act: str, key: str, word: str) -> html.Button:
    return html.Button(word, id=act_id(act, key), n_clicks=0, className="btn")


def _time(at: datetime | None) -> str:
    return day_time(at.timestamp()) if at else ""
