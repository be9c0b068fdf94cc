"""The page behind the one-time link: the first accounts of a real city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dash import dcc, html
from dash.development.base_component import Component

from components.i18n import N_, _, name, use
from components.loop_terms import role_word
from components.person import LOGIN, hidden
from data.vocabulary import Names, Role

PATH = "/setup"
FIRST = (Role.SECURITY, Role.SYSTEM, Role.AUDITOR)
SAID: dict[str, str] = {
    "stale": N_("This form was too old. Nothing was done; try again."),
    "busy": N_("The database cannot be written now. Try again shortly."),
    "roles-missing": N_("Name the security administrator and the system administrator."),
    "name-form": N_("A name has 2 to 40 of the letters a-z, 0-9, dot, hyphen, underscore."),
    "name-taken": N_("Two accounts cannot have one name."),
    "display-missing": N_("Fill in the person's name."),
    "display-too_long": N_("The person's name has at most 60 letters."),
    "password-too_short": N_("The new password is too short."),
    "password-too_long": N_("The new password is longer than 200 characters."),
    "password-few_kinds": N_("The new password needs more kinds of letters."),
    "password-the_name": N_("The new password must not be the account's name."),
    "password-common": N_("The new password is too common or too simple."),
}
DUTIES: dict[Role, str] = {
    Role.SECURITY: N_("Makes, changes and shuts accounts, enrols displays. Cannot read the audit."),
    Role.SYSTEM: N_("Runs the system. Makes no accounts, cannot read the audit."),
    Role.AUDITOR: N_("Reads everything and the audit. Changes nothing. May be named later."),
}
Kind = Literal["text", "password"]


@dataclass(frozen=True)
class SetUp:
    """What the page shows. word: of the link, "" of a dead one. said: `role-field-reason`."""

    token: str = ""
    word: str = ""
    said: str = ""


def set_up_page(shown: SetUp, *, lang: str, title: Names) -> html.Div:
    """Return the whole page."""
    with use(lang):
        inside = _form(shown) if shown.word else _dead()
        return html.Div(
            [
                html.Header(
                    html.Div(
                        [html.H1(name(title)), html.Span(_("First accounts"), className="area")],
                        className="ttl",
                    ),
                    className="hd",
                ),
                html.Main(html.Section(inside, className="panel signin setup"), className="bd"),
                html.Footer(
                    html.Span(_("This link works once and is dead afterwards."), className="keyw"),
                    className="ft",
                ),
            ],
            className=f"wall-root page door lang-{lang}",
            lang=lang,
        )


def _dead() -> list[Component]:
    return [
        html.H2(_("First accounts")),
        html.P(_("This link is dead: used, older than a day, or a newer one was printed."),
               className="told bad", role="alert"),
        html.P(_("Whoever has the server's shell prints another:"), className="hint"),
        html.Pre(html.Code("python -m data account setup-link")),
        html.Div(html.A(_("Sign in"), href=LOGIN, className="btn"), className="ways"),
    ]  # fmt: skip


def _form(shown: SetUp) -> list[Component]:
    groups = [_person(role) for role in FIRST]
    form = html.Form(
        [
            hidden("token", shown.token), hidden("word", shown.word),
            html.Div(groups, className="trio"),
            html.Button(_("Make the accounts"), type="submit", className="btn main wide"),
        ],
        action=PATH, method="post", className="entry",
    )  # fmt: skip
    hint = _("The security administrator is you. The others choose another password at the first "
             "sign-in. Three people, three accounts: nobody has two of them.")  # fmt: skip
    return [html.H2(_("First accounts")), *_told(shown.said), form,
            html.P(hint, className="hint")]  # fmt: skip


def _told(said: str) -> list[Component]:
    role, _sep, rest = said.partition("-")
    if said in SAID:
        words = _(SAID[said])
    elif role in FIRST and rest in SAID:
        words = f"{role_word(role)}: {_(SAID[rest])}"
    else:
        return []
    return [html.P(words, className="told bad", role="alert")]


def _person(role: Role) -> html.Fieldset:
    return html.Fieldset(
        [
            html.Legend(role_word(role)),
            html.P(_(DUTIES[role]), className="hint"),
            _field(_("Account"), f"{role.value}-name", "text"),
            _field(_("Person's name"), f"{role.value}-display", "text"),
            _field(_("Password"), f"{role.value}-password", "password"),
        ]
    )


def _field(word: str, field: str, kind: Kind) -> html.Label:
    complete = "new-password" if kind == "password" else "off"
    box = dcc.Input(name=field, type=kind, autoComplete=complete, maxLength=200,
                    spellCheck="false", className="inp")  # fmt: skip
    return html.Label([html.Span(word), box])
