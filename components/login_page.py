"""The sign-in page: name and password, a new password, or the way to the first account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from components.i18n import N_, _, language, name, ngettext, use
from components.ids import marks
from components.login_second import Second, code_form, second_panel
from components.loop_terms import role_word
from components.person import LOGIN, OIDC, PASSWORD, Signed, hidden, person, reach
from data.vocabulary import Names

SAID: dict[str, str] = {
    "wrong": N_(
        "Name or password is wrong, or the account is locked or shut. "
        "Ten failures in a row lock an account for 15 minutes, then for longer."
    ),
    "missing": N_("Fill in name and password."),
    "too_many": N_("Too many attempts. Try again later."),
    "stale": N_("This form was too old. Nothing was done; try again."),
    "busy": N_("The database cannot be written now. Try again shortly."),
    "out": N_("You are signed out."),
    "first": N_("Sign in first. You will be led back to your page."),
    "ended": N_("The session ended. Sign in again; you will be led back to your page."),
    "changed": N_("The password was changed. Other sessions were ended."),
    "old-wrong": N_("The present password is wrong."),
    "again-differs": N_("The two new passwords differ."),
    "password-same": N_("The new password is the present one."),
    "password-too_short": N_("The new password is too short."),
    "password-too_long": N_("The new password is longer than 200 characters."),
    "password-the_name": N_("The new password must not be the account's name."),
    "password-few_kinds": N_("The new password needs more kinds of letters."),
    "code-wrong": N_("This code is wrong, was used already, or the account is locked."),
    "code-already": N_("There is a second factor already."),
    "second-on": N_("The second factor stands. It is asked for at the next sign-in."),
    "second-off": N_("The second factor was ended."),
    "made": N_("The accounts are made. Sign in with yours."),
    "outside": N_("The identity provider did not let you in, or there is no account of that name."),
    "password-common": N_("The new password is too common or too simple."),
}
Kind = Literal["text", "password"]
GOOD = frozenset({"out", "changed", "second-on", "second-off", "made"})
"""What is no trouble."""


@dataclass(frozen=True)
class DemoAccount:
    """One ready account of a demonstration."""

    name: str
    display: str
    role: str
    department: Names | None
    area: Names | None


@dataclass(frozen=True)
class Door:
    """Everything the page shows.

    token: of its forms. back: where it leads, a local path. typed: the name that was typed.
    said: a key of SAID. wait: seconds until another attempt. signed: who is signed in already.
    must: whether this person must choose a password first. empty: no account can sign in.
    demo: ready accounts and their password, only in a demonstration.
    home: the first page of whoever is signed in. half: a code is awaited. second: one's own
    second factor. outside: one can sign in at an identity provider. rule: what a password must be.
    """

    token: str
    back: str
    typed: str = ""
    said: str = ""
    wait: int = 0
    signed: Signed | None = None
    change: bool = False
    must: bool = False
    empty: bool = False
    lost: bool = False
    is_demo: bool = False
    demo: Sequence[DemoAccount] = ()
    demo_password: str = ""
    home: str = "/"
    half: bool = False
    second: Second | None = None
    outside: bool = False
    shortest: int = 10
    kinds: int = 1


def login_page(door: Door, *, lang: str, title: Names) -> html.Div:
    """Return the whole page. title: of the city's wall."""
    with use(lang):
        ready: list[Component] = [_ready(door)] if door.demo and not door.change else []
        return html.Div(
            [
                _header(door, title),
                html.Main([_panel(door), *ready], className="bd"),
                _footer(door),
            ],
            className=f"wall-root page door lang-{lang}",
            lang=lang,
        )


def _header(door: Door, title: Names) -> html.Header:
    return html.Header(
        [
            html.Div(
                [
                    html.H1(name(title)),
                    html.Span(_("Sign in"), className="area"),
                    html.Span(_("Demo data"), className="demo" if door.is_demo else "demo off"),
                ],
                className="ttl",
            ),
            html.Div(html.A(_("City overview"), href="/", className="home"), className="resp"),
        ],
        className="hd",
    )


def _footer(door: Door) -> html.Footer:
    other, word = ("en", "English") if language() == "zh" else ("zh", "中文")
    query = {"lang": other, "next": door.back, "view": "password" if door.change else ""}
    written = urlencode({k: v for k, v in query.items() if v})
    note = _("The wall needs no sign-in. Every act is recorded under the person's name.")
    return html.Footer(
        [
            html.Span(note, className="keyw"),
            html.Span(className="sp"),
            html.A(word, href=f"{LOGIN}?{written}", lang=other, className="lang"),
        ],
        className="ft",
    )


def _panel(door: Door) -> html.Section:
    if door.lost:
        inside: list[Component] = _told(replace(door, said="busy"))
    elif door.half:
        inside = code_form(door.token, _told(door))
    elif door.second and door.signed:
        inside = second_panel(door.second, door.token, _told(door), _leave(door))
    elif door.change and door.signed:
        inside = _change(door)
    elif door.signed:
        inside = _in_already(door, door.signed)
    elif door.empty:
        inside = _first()
    else:
        inside = _sign_in(door)
    return html.Section(inside, className="panel signin")


def _told(door: Door) -> list[Component]:
    if door.said not in SAID:
        return []
    words = _(SAID[door.said])
    if door.said == "password-too_short":
        words = ngettext(
            "The new password needs at least {n} character.",
            "The new password needs at least {n} characters.",
            door.shortest,
        )
    if door.said == "too_many" and door.wait:
        words = ngettext(
            "Too many attempts. Try again in {n} second.",
            "Too many attempts. Try again in {n} seconds.",
            door.wait,
        )
    look = "told" if door.said in GOOD else "told bad"
    return [html.P(words, className=look, role="status" if door.said in GOOD else "alert")]


def _sign_in(door: Door) -> list[Component]:
    form = html.Form(
        [
            hidden("token", door.token),
            hidden("next", door.back),
            _field(_("Account"), "name", "text", "username", door.typed, focus=not door.typed),
            _field(
                _("Password"), "password", "password", "current-password", focus=bool(door.typed)
            ),
            html.Button(_("Sign in"), type="submit", className="btn main wide"),
        ],
        action=LOGIN,
        method="post",
        className="entry",
    )
    hint = _("No account or a forgotten password: ask the security administrator.")
    way = html.A(_("Sign in at the identity provider"), href=_outside(door), className="btn wide")
    more = [html.Div(way, className="ways")] if door.outside else []
    return [html.H2(_("Sign in")), *_told(door), form, *more, html.P(hint, className="hint")]


def _outside(door: Door) -> str:
    return f"{OIDC}?{urlencode({'next': door.back})}" if door.back else OIDC


def _leave(door: Door) -> list[Component]:
    """Return the ways off the page of the second factor: only out, for whoever must begin one."""
    must = door.second is not None and door.second.must and not door.second.codes
    return [person(door.signed, door.back)] if must else [_go_on(door)]


def _change(door: Door) -> list[Component]:
    form = html.Form(
        [
            hidden("token", door.token),
            hidden("next", door.back),
            _field(_("Present password"), "old", "password", "current-password", focus=True),
            _field(_("New password"), "new", "password", "new-password"),
            _field(_("New password again"), "again", "password", "new-password"),
            html.Button(_("Change password"), type="submit", className="btn main wide"),
        ],
        action=PASSWORD,
        method="post",
        className="entry",
    )
    rule = ngettext(
        "At least {n} character, not the account's name, none of the common ones.",
        "At least {n} characters, not the account's name, none of the common ones.",
        door.shortest,
    )
    if door.kinds > 1:
        rule += " " + ngettext(
            "At least {n} kind of: small letters, capitals, digits, others.",
            "At least {n} kinds of: small letters, capitals, digits, others.",
            door.kinds,
        )
    first = [html.P(_("Choose a password of your own first."), className="told")]
    return [
        html.H2(_("Change password")),
        *(first if door.must and not door.said else []),
        *_told(door),
        form,
        html.P(rule, className="hint"),
        html.Div(person(door.signed, door.back) if door.must else _go_on(door), className="ways"),
    ]


def _in_already(door: Door, signed: Signed) -> list[Component]:
    return [
        html.H2(_("Signed in")),
        *_told(door),
        html.Dl(
            [
                html.Div([html.Dt(_("Name")), html.Dd(signed.name)]),
                html.Div([html.Dt(_("Role")), html.Dd(role_word(signed.role))]),
                html.Div([html.Dt(_("Scope")), html.Dd(reach(signed.department, signed.area))]),
            ]
        ),
        html.Div(
            [
                _go_on(door),
                html.A(_("Second factor"), href=f"{LOGIN}?view=second", className="btn"),
                person(signed, door.back, named=False),
            ],
            className="ways",
        ),
    ]


def _go_on(door: Door) -> html.A:
    return html.A(_("Go on"), href=door.back or door.home, className="btn")


def _first() -> list[Component]:
    commands = (
        ("python -m data account setup-link", ""),
        ("python -m data account add wang.min --display 王敏 --role operator", ""),
        ("python -m data account list", ""),
    )
    told = _("Nobody can sign in yet. Whoever has the server's shell makes the first account:")
    return [
        html.H2(_("No account yet")),
        html.P(told, className="told"),
        html.Pre([html.Code(command + "\n") for command, _more in commands]),
        html.P(
            _("It asks for the password. The person chooses another at the first sign-in."),
            className="hint",
        ),
    ]


def _ready(door: Door) -> html.Section:
    """Return the accounts of a demonstration, each one click."""
    rows = [
        html.Button(
            [
                html.B(d.display),
                html.Span(f"{role_word(d.role)} · {reach(d.department, d.area)}"),
                html.Code(d.name),
            ],
            type="submit",
            name="demo",
            value=d.name,
            className="pick",
        )
        for d in door.demo
    ]
    form = html.Form(
        [hidden("token", door.token), hidden("next", door.back), html.Div(rows, className="picks")],
        action=LOGIN,
        method="post",
    )
    said: list[Any] = [_("Password of all of them: "), html.Code(door.demo_password)]
    return html.Section(
        [
            html.Div(
                [html.H2(_("Demo accounts")), html.Span(_("A click signs in"), className="st")],
                className="ph",
            ),
            html.Div(form, className="scroll", tabIndex=0),
            html.P(said, className="hint"),
        ],
        className="panel ready",
    )


def _field(
    word: str, field: str, kind: Kind, complete: str, value: str = "", *, focus: bool = False
) -> html.Label:
    box = dcc.Input(
        name=field, type=kind, value=value, autoComplete=complete, autoFocus=focus, required=True,
        maxLength=200, spellCheck="false", className="inp",
    )  # fmt: skip
    return html.Label([html.Span(word), box], **marks({"data-field": field}))
