"""What surrounds the panels: footer, evidence drawer, sources overlay, language."""

from __future__ import annotations

from dash import html

from components.alarm_marks import alarm_counts, sound_button
from components.i18n import _, language
from components.ids import Ids, Props, marks
from components.sources_panel import footer_sources
from components.sparkline import sparkline_address

_KEY_TREND = [3, 5, 4, 6, 5, 7, 5, 4, 6, 5, 6, 5]


def footer(fill: Props, *, area: str) -> html.Footer:
    """Return the foot of the wall: sources, how to read a trend, alarms, the other language."""
    return html.Footer(
        [
            footer_sources(fill),
            html.Span(className="age"),
            html.Span(className="sp"),
            html.Span(
                [
                    html.Img(src=sparkline_address(_KEY_TREND, [(2.5, 7.5)] * 12), alt=""),
                    html.Span(_("Last 24 hours · band = normal range")),
                ],
                className="key",
            ),
            html.Span(className="sp"),
            alarm_counts(fill),
            sound_button(),
            _language_link(area),
        ],
        className="ft",
        **marks({"data-panel": "sources"}),
    )


def _language_link(area: str) -> html.A:
    """Return a plain link: language is part of the address, like the area."""
    other, word = ("en", "English") if language() == "zh" else ("zh", "中文")
    return html.A(
        word, id=Ids.LANGUAGE, href=f"?lang={other}&area={area}", lang=other, className="lang"
    )


def drawer() -> html.Aside:
    """Return the closed drawer that shows where a number comes from."""
    return html.Aside(
        [
            _close(Ids.DRAWER_CLOSE),
            html.Div(id=Ids.EVIDENCE, className="inside"),
        ],
        id=Ids.DRAWER,
        className="drawer",
        role="dialog",
        **marks({"aria-label": _("Where this number comes from")}),
    )


def sources_overlay() -> html.Aside:
    """Return the closed list of all sources."""
    return html.Aside(
        [
            _close(Ids.SOURCES_CLOSE),
            html.H2(
                [_("All sources"), html.A(_("Data sharing and quality"), href="/sources")],
                className="both",
            ),
            html.Div(id=Ids.SOURCES_DETAIL, className="inside"),
        ],
        id=Ids.SOURCES,
        className="overlay",
        role="dialog",
        **marks({"aria-label": _("All sources")}),
    )


def _close(id_: Ids) -> html.Button:
    return html.Button(_("Close"), id=id_, type="button", n_clicks=0, className="close")
