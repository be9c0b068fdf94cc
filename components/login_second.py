"""The second factor on the sign-in page: the code that is asked, how one begins, codes on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import segno
from dash import dcc, html
from dash.development.base_component import Component

from components.i18n import _
from components.person import CODE, LOGIN, SECOND, hidden


@dataclass(frozen=True)
class Second:
    """What is shown of a second factor.

    on: it is asked for. secret, address: of one that is begun now. codes: recovery codes, shown
    once. must: this house asks for one.
    """

    on: bool = False
    secret: str = ""
    address: str = ""
    codes: Sequence[str] = ()
    must: bool = False


def code_form(token: str, told: Sequence[Component]) -> list[Component]:
    """Return the step after the password."""
    form = html.Form(
        [hidden("token", token), _code(_("Code")),
         html.Button(_("Sign in"), type="submit", className="btn main wide")],
        action=CODE, method="post", className="entry",
    )  # fmt: skip
    hint = _("Six digits of your authenticator, or one of your recovery codes.")
    return [
        html.H2(_("Second factor")), *told, form, html.P(hint, className="hint"),
        html.Div(html.A(_("Cancel"), href=LOGIN, className="btn"), className="ways"),
    ]  # fmt: skip


def second_panel(
    shown: Second, token: str, told: Sequence[Component], ways: Sequence[Component]
) -> list[Component]:
    """Return the page of one's own second factor: to begin, to end, or its codes."""
    if shown.codes:
        inside = _codes(shown.codes, token)
    elif shown.on:
        inside = _end(token)
    else:
        inside = _begin(shown, token)
    title = html.H2(_("Second factor"))
    return [title, *told, *inside, html.Div(list(ways), className="ways")]


def _begin(shown: Second, token: str) -> list[Component]:
    must = [html.P(_("Accounts like yours need a second factor."), className="told")]
    picture = segno.make(shown.address or "otpauth://", error="m")
    return [
        *(must if shown.must else []),
        html.P(_("Scan this with an authenticator, or type the key, then type its code."),
               className="hint"),
        html.Div(
            [
                html.Img(src=picture.svg_data_uri(scale=4, border=3, light="#fff"), alt="QR",
                         className="qr"),
                html.Div([html.Span(_("Key")), html.Code(shown.secret, className="key"),
                          html.Details([html.Summary(_("Address")),
                                        html.Code(shown.address)])]),
            ],
            className="scan",
        ),
        _form(token, "begin", _("Begin")),
    ]  # fmt: skip


def _end(token: str) -> list[Component]:
    return [
        html.P(_("A code is asked for at each sign-in."), className="told"),
        html.P(_("To end it, type the code of now."), className="hint"),
        _form(token, "end", _("End the second factor")),
    ]


def _codes(codes: Sequence[str], token: str) -> list[Component]:
    said = _("Write these recovery codes down. Each opens your account once. They are shown only "
             "now.")  # fmt: skip
    form = html.Form(
        [hidden("token", token), hidden("act", "written"),
         html.Button(_("I have written them down"), type="submit", className="btn main wide")],
        action=SECOND, method="post", className="entry",
    )  # fmt: skip
    return [html.P(said, className="told"),
            html.Pre(html.Code("\n".join(codes)), className="codes"), form]  # fmt: skip


def _form(token: str, act: str, word: str) -> html.Form:
    return html.Form(
        [hidden("token", token), hidden("act", act), _code(_("Code")),
         html.Button(word, type="submit", className="btn main wide")],
        action=SECOND, method="post", className="entry",
    )  # fmt: skip


def _code(word: str) -> html.Label:
    box = dcc.Input(
        name="code", type="text", inputMode="numeric", autoComplete="one-time-code", autoFocus=True,
        required=True, maxLength=20, spellCheck="false", className="inp",
    )  # fmt: skip
    return html.Label([html.Span(word), box])
