"""What was said about an indicator: remarks with their numbers, and the form for one more."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import day_time
from components.i18n import _
from components.indicator_ids import IndicatorIds, take_back_id
from components.indicator_marks import numbered
from components.review_parts import nothing
from data.vocabulary.indicator_page import IndicatorPage
from data.vocabulary.meeting import Remark

MOST = 1000
"""Letters of a remark."""


def talk(
    page: IndicatorPage, *, writing: bool, own: str = "", leading: bool = False
) -> list[Component]:
    """Return the remarks, newest first.

    writing: whether the reader may add one; own: their name, whose remarks they take back;
    leading: they may take back any.
    """
    numbers = {r["id"]: n for n, r in numbered(page)}
    lines = [
        _remark(r, numbers.get(r["id"]), back=writing and (leading or r["by"] == own))
        for r in sorted(page["remarks"], key=lambda r: -r["at"])
    ]
    found: list[Component] = [html.Ol(lines, className="talk")] if lines else [
        nothing(_("Nothing has been said yet"))
    ]  # fmt: skip
    return [*found, form()] if writing else found


def _remark(remark: Remark, number: int | None, *, back: bool) -> html.Li:
    head: list[Component | str] = [html.B(remark["by"]), html.Span(day_time(remark["at"]))]
    if number is not None:
        head.insert(0, html.I(str(number), className="flag"))
    if remark["day"]:
        head.append(html.Span(_("about {day}").format(day=remark["day"]), className="day"))
    if remark["withdrawn"]:
        return html.Li([html.Div(head, className="by"), html.P(_("withdrawn"), className="dim")])
    body: list[Component] = [html.Div(head, className="by"), html.P(remark["text"])]
    if back:
        button = html.Button(
            _("Withdraw"), id=take_back_id(remark["id"]), type="button", n_clicks=0, className="btn"
        )
        body.append(button)
    return html.Li(body)


def form() -> html.Div:
    """Return the form of a remark: its words, and a day if it is to be drawn into the chart."""
    return html.Div(
        [
            dcc.Textarea(
                id=IndicatorIds.REMARK, value="", maxLength=MOST, className="inp",
                placeholder=_("What should readers of this chart know?"),
            ),
            html.Label(
                [
                    _("Day, if it belongs into the chart"),
                    dcc.Input(id=IndicatorIds.DAY, type="text", value="", className="inp",
                              placeholder="2026-11-18", maxLength=10),
                ]
            ),
            html.Button(_("Say it"), id=IndicatorIds.SEND, type="button", n_clicks=0,
                        className="btn main"),
        ],
        className="form",
    )  # fmt: skip
