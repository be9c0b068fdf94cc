"""What stands where the code of a number leads nowhere."""

from __future__ import annotations

from dash import html

from components.i18n import _, use
from components.page_frame import page_frame
from components.person import Signed
from data.vocabulary import Names


def no_such_code(
    code: str, area: str, city: Names, build: str, signed: Signed | None, *, lang: str, now: float
) -> html.Div:
    """Return the page that says so, and how such a code is written."""
    with use(lang):
        words = [
            html.B(_("There is no number with the code {code}.").format(code=code[:60])),
            html.P(
                _(
                    "A code is written indicator, area, year and week, such as {example}. "
                    "It stands behind every sentence of a printed review."
                ).format(example="GS-07.441600.26W47")
            ),
            html.A(_("To the weekly review"), href="/weekly", className="btn main"),
        ]
        inside = html.Div(
            html.Div(html.Div(words, className="nothing"), className="sheet alone"),
            className="weekly ind",
        )
        return page_frame(
            [inside], title=_("Evidence"), path="/weekly", address=f"/e/{code}", signed=signed,
            area=area, city=city, build=build, now=now, demo=False, id_="code-page", look="light",
        )  # fmt: skip
