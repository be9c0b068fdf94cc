"""The page where a display is enrolled: its code, typed once."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from components.i18n import N_, _, name, use
from components.person import LOGIN, hidden
from data.vocabulary import Names

PATH = "/display"
SAID: dict[str, str] = {
    "wrong": N_("This code is unknown, was used already, or is older than an hour."),
    "stale": N_("This form was too old. Nothing was done; try again."),
    "busy": N_("The database cannot be written now. Try again shortly."),
}


def display_page(token: str, said: str, shown: str, *, lang: str, title: Names) -> html.Div:
    """Return the whole page. shown: the name of the display that this browser is already."""
    with use(lang):
        return html.Div(
            [
                html.Header(
                    html.Div(
                        [html.H1(name(title)), html.Span(_("Enrol a display"), className="area")],
                        className="ttl",
                    ),
                    className="hd",
                ),
                html.Main(html.Section(_inside(token, said, shown), className="panel signin"),
                          className="bd"),
                html.Footer(
                    html.Span(_("A display shows the wall and signs nothing."), className="keyw"),
                    className="ft",
                ),
            ],
            className=f"wall-root page door lang-{lang}",
            lang=lang,
        )  # fmt: skip


def _inside(token: str, said: str, shown: str) -> list[Component]:
    code = dcc.Input(
        name="code", type="text", autoComplete="off", autoFocus=True, required=True, maxLength=40,
        spellCheck="false", className="inp",
    )  # fmt: skip
    form = html.Form(
        [
            hidden("token", token),
            html.Label([html.Span(_("Code")), code]),
            html.Button(_("Enrol"), type="submit", className="btn main wide"),
        ],
        action=PATH, method="post", className="entry",
    )  # fmt: skip
    now = _("This browser is the display {name}.").format(name=shown)
    hint = _("The security administrator gives the code. It is good for one hour and one browser.")
    return [
        html.H2(_("Enrol a display")),
        *([html.P(now, className="told", role="status")] if shown else []),
        *([html.P(_(SAID[said]), className="told bad", role="alert")] if said in SAID else []),
        form,
        html.P(hint, className="hint"),
        html.Div(
            [html.A(_("City overview"), href="/", className="btn"),
             html.A(_("Sign in"), href=LOGIN, className="btn")],
            className="ways",
        ),
    ]  # fmt: skip
