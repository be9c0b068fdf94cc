"""The forms of the page of accounts: a person, a display, a token; and what was made, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.admin_ids import act_id, field_id
from components.i18n import N_, _, name
from components.loop_terms import role_word
from data.vocabulary import Names
from data.vocabulary.people import ACCOUNT_ROLES, Account

REFUSED: dict[tuple[str, str], str] = {
    ("name", "form"): N_("A name has 2 to 40 of the letters a-z, 0-9, dot, hyphen, underscore."),
    ("name", "taken"): N_("There is an account of that name already."),
    ("name", "unknown"): N_("There is no such account."),
    ("name", "disabled"): N_("This account is shut already."),
    ("name", "own"): N_("Nobody changes their own account here."),
    ("name", "last"): N_("This is the last account that runs accounts."),
    ("name", "no_second"): N_("This account has no second factor."),
    ("display", "missing"): N_("Fill in the person's name."),
    ("display", "too_long"): N_("The person's name has at most 60 letters."),
    ("role", "unknown"): N_("Choose a role."),
    ("role", "apart"): N_(
        "An administrator's account never becomes another administrator's: shut it and make a new "
        "one."
    ),
    ("department", "missing"): N_("A department officer needs a department."),
    ("department", "unknown"): N_("There is no such department."),
    ("area", "unknown"): N_("There is no such area."),
    ("by", "role"): N_("Only the security administrator runs accounts."),
    ("display", "name"): N_("A display has a name of 1 to 60 letters."),
    ("display", "taken"): N_("There is a display of that name; revoke it first."),
    ("display", "unknown"): N_("There is no such display, or it was revoked before."),
    ("token", "unknown"): N_("There is no such token, or it was revoked before."),
    ("token", "source"): N_("There is no such source."),
    ("token", "days"): N_("Days are a whole number from 1 to 3650."),
}


def refused(field: str, reason: str) -> list[Component]:
    """Return why something was not done."""
    words = _(REFUSED[field, reason]) if (field, reason) in REFUSED else f"{field}: {reason}"
    return [html.P(_("Not done: {why}").format(why=words), className="told bad", role="alert")]


def done(words: str, secret: str = "", hint: str = "") -> list[Component]:
    """Return what was done; secret: shown now and never again."""
    told: list[Component] = [html.P(words, className="told")]
    if secret:
        told += [html.Code(secret, className="secret"), html.P(hint, className="hint")]
    return told


def account_form(
    chosen: Account | None, departments: Mapping[str, Names], areas: Mapping[str, Names], *,
    state: str, own: bool, back: str,
) -> list[Component]:  # fmt: skip
    """Return the form of a new account, or of the one that is chosen. own: it is the reader's."""
    if chosen is not None and own:
        return [
            _head(chosen.name, back),
            html.P(_("Nobody changes their own account here."), className="hint"),
        ]
    scope = [
        _choose(_("Role"), "role", {r: role_word(r) for r in ACCOUNT_ROLES},
                chosen.role if chosen else ""),
        _choose(_("Department"), "department", _named(departments),
                (chosen.department if chosen else "") or "", _("any")),
        _choose(_("Area"), "area", _named(areas), (chosen.area if chosen else "") or "",
                _("The whole city")),
    ]  # fmt: skip
    if chosen is None:
        return [
            html.Div(html.H2(_("New account")), className="ph"),
            html.Div(
                [_text(_("Account"), "name"), _text(_("Person's name"), "display"), *scope,
                 _act("create", "", _("Make the account"), main=True)],
                className="form",
            ),
            html.P(_("The first password is shown once; the person chooses another."),
                   className="hint"),
        ]  # fmt: skip
    shut = chosen.disabled_at is not None
    acts = [
        _act("role", chosen.name, _("Change role and scope"), main=True),
        _act("password", chosen.name, _("New first password")),
        _act("sessions", chosen.name, _("End all sessions")),
        _act("drop-second", chosen.name, _("Drop second factor")) if chosen.second else None,
        _act("enable", chosen.name, _("Open") if shut else _("Unlock")),
        None if shut else _act("disable", chosen.name, _("Shut")),
    ]
    return [
        _head(chosen.name, back),
        html.P(f"{chosen.display} · {state}", className="hint"),
        html.Div([*scope, html.Div(acts, className="acts")], className="form"),
    ]


def display_form() -> list[Component]:
    """Return the form that gives a code."""
    return [
        html.Div(html.H2(_("Enrol a display")), className="ph"),
        html.Div(
            [_text(_("Name of the display"), "name"),
             _act("offer", "", _("Give a code"), main=True)],
            className="form",
        ),
        html.P(_("The code is typed once at /display in the browser of that wall, within the hour. "
                 "A display shows the wall and the sources, nothing of persons."),
               className="hint"),
    ]  # fmt: skip


def token_form(sources: Mapping[str, Names]) -> list[Component]:
    """Return the form that makes a token."""
    return [
        html.Div(html.H2(_("New token")), className="ph"),
        html.Div(
            [
                _choose(_("Source"), "source", _named(sources), "", _("reads only")),
                _text(_("Valid for days (empty: for good)"), "days"),
                _text(_("Who has it, and what for"), "note"),
                _act("token", "", _("Make the token"), main=True),
            ],
            className="form",
        ),
    ]


def _head(title: str, back: str) -> html.Div:
    return html.Div(
        [html.H2(title), html.Span(className="st"), dcc.Link(_("New account"), href=back,
                                                             className="chip")],
        className="ph",
    )  # fmt: skip


def _named(names: Mapping[str, Names]) -> dict[str, str]:
    return {code: name(words) for code, words in names.items()}


def _choose(
    word: str, field: str, options: Mapping[Any, str], value: str, none: str = ""
) -> html.Label:
    listed = [{"value": str(code), "label": label} for code, label in options.items()]
    box = dcc.Dropdown(
        ([{"value": "", "label": none}] if none else []) + listed, value, id=field_id(field),
        clearable=False, className="pick2",
    )  # fmt: skip
    return html.Label([html.Span(word), box])


def _text(word: str, field: str) -> html.Label:
    box = dcc.Input(id=field_id(field), value="", maxLength=200, autoComplete="off",
                    spellCheck="false", className="inp")  # fmt: skip
    return html.Label([html.Span(word), box])


def _act(act: str, key: str, word: str, *, main: bool = False) -> html.Button:
    return html.Button(word, id=act_id(act, key), n_clicks=0,
                       className="btn main" if main else "btn")  # fmt: skip
