"""Who is signed in, for the heads of pages, and the words for those who are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from components.i18n import _, name
from components.ids import marks
from components.loop_terms import role_word
from data.vocabulary import Names, Role

LOGIN, LOGOUT, PASSWORD = "/login", "/logout", "/login/password"
CODE, SECOND, OIDC = "/login/code", "/login/second", "/login/oidc"
ALIVE = "/login/alive"
"""Where the browser says that a hand moved."""


@dataclass(frozen=True)
class Signed:
    """Who is signed in. department None: any; area None: the whole city.

    token: for forms; left: seconds without a hand until the session ends.
    """

    id: int
    name: str
    role: Role
    department: Names | None
    area: Names | None
    token: str
    left: int


def login_address(back: str = "", **more: Any) -> str:
    """Return the address of the sign-in page that leads back to `back`."""
    query = {"next": back, **more}
    written = urlencode({k: v for k, v in query.items() if v})
    return f"{LOGIN}?{written}" if written else LOGIN


def reach(department: Names | None, area: Names | None) -> str:
    """Return what an account sees and moves, in words."""
    return " · ".join(p for p in (name(department), name(area)) if p) or _("The whole city")


def person(signed: Signed | None, back: str, *, named: bool = True) -> html.Div:
    """Return the block of a page's head: who acts and the way out, or the way in.

    back: address of this page, path and query. named: False where the name stands beside it.
    """
    if signed is None:
        way = html.A(_("Sign in"), href=login_address(back), className="btn")
        return html.Div(way, className="who")
    said = f"{role_word(signed.role)} · {reach(signed.department, signed.area)}"
    me = html.Span([html.B(signed.name), html.Span(said)], className="me")
    return html.Div(
        [
            me if named else None,
            html.A(_("Your password"), href=login_address(back, view="password"), className="btn"),
            html.Form(
                [
                    hidden("token", signed.token),
                    html.Button(_("Sign out"), type="submit", className="btn"),
                ],
                action=LOGOUT,
                method="post",
            ),
        ],
        className="who",
        **marks(
            {
                "data-who": str(signed.id),
                "data-left": str(signed.left),
                "data-ended": _("The session ended. What you typed is still here."),
                "data-other": _("Somebody else signed in on this machine."),
                "data-again": _("Sign in again"),
            }
        ),
    )


def hidden(field: str, value: str) -> dcc.Input:
    """Return a field that a form carries unseen."""
    return dcc.Input(type="hidden", name=field, value=value)


def sign_in_first() -> str:
    """Return what an act is answered without a sign-in."""
    return _("Not saved: sign in first")


def may_not(role: str) -> str:
    """Return what an act is answered that a role may not do."""
    return _("Not saved: not open to the role {role}").format(role=role_word(role))


def sign_in_first_page(back: str) -> Component:
    """Return what stands instead of a page that asks for a sign-in."""
    way = html.A(_("Sign in"), href=login_address(back), className="btn main")
    return _alone(_("Sign in first"), _("This page is for people with an account."), [way])


def may_not_page(signed: Signed | None, roles: list[str], back: str) -> Component:
    """Return what stands instead of a page that is not for this person."""
    named = _(", ").join(role_word(r) for r in roles)
    allowed = _("This page is open to: {roles}").format(roles=named)
    ways: list[Component] = [html.A(_("City overview"), href="/", className="btn main")]
    if signed is not None:
        ways.append(person(signed, back))
    return _alone(_("No access"), allowed, ways)


def cannot_ask_page() -> Component:
    """Return what stands instead of a page while nobody can be known."""
    return _alone(
        _("Database unavailable"), _("Who you are cannot be checked now. Try again shortly."), []
    )


def _alone(title: str, more: str, ways: list[Component]) -> html.Div:
    return html.Div(
        [html.H1(title), html.P(more), html.Div(ways, className="ways")],
        className="stop",
        role="alert",
    )
