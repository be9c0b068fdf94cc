"""The desk: the operator's queue, the map beside it, and the acts that need no other page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.desk_filters import Choices, filters, options_json, sorts
from components.desk_grid import desk_grid
from components.desk_help import help_sheet
from components.desk_ids import PANEL, PATH, DeskIds, query_of
from components.desk_new import new_case
from components.desk_rows import Wire
from components.desk_script import script_words
from components.desk_side import dispatch, side
from components.empty import failed
from components.formats import number
from components.i18n import _, language, use
from components.ids import Ids, marks
from components.live_banner import live_banner
from components.person import Signed, person
from data.vocabulary import DeskPanel, Names
from data.vocabulary.desk import DeskCounts, DeskView


@dataclass(frozen=True)
class DeskShown:
    """What the store said. counts None: it cannot be asked. told: the last that was published."""

    rows: Sequence[Wire] = ()
    counts: DeskCounts | None = None
    told: DeskPanel = field(default_factory=lambda: DeskPanel(seq=0, cases=[]))
    demo: bool = False
    views: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class DeskPlace:
    """Where the desk stands: the city, its outlines, and what may be chosen in it."""

    area: str
    city: Names
    shapes: Sequence[Mapping[str, Any]]
    centres: Sequence[Mapping[str, Any]]
    note: str
    found: Choices
    build: str


def desk_page(
    shown: DeskShown,
    view: DeskView,
    place: DeskPlace,
    signed: Signed | None,
    *,
    acting: bool,
    centre: bool,
    lang: str,
    now: float,
) -> html.Div:
    """Return the whole page with what is known now.

    acting: may do something to cases. centre: may also make and dispatch them.
    now: server's clock, epoch seconds.
    """
    with use(lang):
        query = query_of(view)
        back = f"{PATH}?{query}" if query else PATH
        return html.Div(
            [
                _header(shown, signed, back, centre=centre),
                html.Main(_body(shown, view, place, acting=acting, centre=centre), className="bd"),
                _footer(shown, query),
                live_banner(
                    area=place.area, home=place.area, areas={place.area: place.city},
                    build=place.build, now=now, only=PANEL,
                ),
                html.Div(id=DeskIds.SAID, className="said", role="status"),
                help_sheet(acting=acting, centre=centre),
            ],
            id=DeskIds.ROOT,
            className=f"wall-root page desk lang-{lang}",
            lang=lang,
            **marks(_facts(shown, view, place, signed, acting=acting, centre=centre)),
        )  # fmt: skip


def _facts(
    shown: DeskShown,
    view: DeskView,
    place: DeskPlace,
    signed: Signed | None,
    *,
    acting: bool,
    centre: bool,
) -> dict[str, str]:
    """Return what the browser scripts must know, as attributes of the page."""
    return {
        "data-rows": json.dumps(list(shown.rows), ensure_ascii=False),
        "data-choices": options_json(place.found),
        "data-query": query_of(view),
        "data-told": json.dumps(shown.told),
        "data-counts": json.dumps(shown.counts),
        "data-shapes": json.dumps(place.shapes),
        "data-centres": json.dumps(place.centres, ensure_ascii=False),
        "data-views": json.dumps(list(shown.views), ensure_ascii=False),
        "data-words": json.dumps(script_words(), ensure_ascii=False),
        "data-acting": "1" if acting else "",
        "data-centre": "1" if centre else "",
        "data-me": str(signed.id) if signed else "",
    }


def _header(shown: DeskShown, signed: Signed | None, back: str, *, centre: bool) -> html.Header:
    new = html.Button(
        [_("New case"), html.Kbd("n")], type="button", className="btn main",
        **marks({"data-do": "new"}),
    )  # fmt: skip
    return html.Header(
        [
            html.Div(
                [
                    html.H1(_("Operations desk")),
                    html.Span(_("Demo data"), className="demo" if shown.demo else "demo off"),
                    *([new] if centre else []),
                ],
                className="ttl",
            ),
            html.Div(
                [html.Nav(_links(), className="ways"), person(signed, back)], className="resp"
            ),
            html.Div(
                [html.B(className="hm"), html.Span(className="day")],
                id=Ids.CLOCK,
                className="clock",
            ),
        ],
        className="hd",
    )


def _links() -> list[Component]:
    ways = (
        ("/", _("City overview")),
        ("/alerts", _("Alarms")),
        ("/supervision", _("Supervision")),
        ("/duties", _("Duties")),
        ("/handover", _("Handover")),
        ("/sources", _("Data sources")),
    )
    return [html.A(word, href=href, className="btn") for href, word in ways]


def _body(
    shown: DeskShown, view: DeskView, place: DeskPlace, *, acting: bool, centre: bool
) -> list[Component]:
    if shown.counts is None:
        return [html.Section(failed(), className="panel alone")]
    forms = [dispatch(), new_case()] if centre else []
    right = side(place.note, forms, acting=acting)
    grid = html.Section(
        [
            html.Div(
                [
                    html.H2(_("Open cases")),
                    html.Div(id=DeskIds.VIEWS, className="kept"),
                    html.Span(html.Span(id=DeskIds.TOTAL), className="st"),
                    sorts(),
                ],
                className="ph",
            ),
            html.Div(desk_grid(), className="gridbox"),
            html.Button(
                _("Show more"), id=DeskIds.MORE, type="button", className="more off", n_clicks=0
            ),
        ],
        className="panel list",
    )
    return [
        filters(view, shown.counts),
        html.Div([grid, right], className="cols"),
    ]


def _footer(shown: DeskShown, query: str) -> html.Footer:
    other, word = ("en", "English") if language() == "zh" else ("zh", "中文")
    keys = {"j k": _("next, previous"), "Enter": _("opens it"), "/": _("search"), "?": _("keys")}
    said: list[Component] = []
    for key, what in keys.items():
        said += [html.Kbd(key), html.Span(what)]
    total = number(shown.counts["total"]) if shown.counts else ""
    return html.Footer(
        [
            html.Span(_("Source: cases of all platforms and of the desk"), className="srcs"),
            html.Span(className="asof", **marks({"data-said": "asof", "data-total": total})),
            html.Span(className="sp"),
            html.Span(said, className="keyw"),
            html.Span(className="sp"),
            html.A(
                word,
                id=Ids.LANGUAGE,
                href=f"{PATH}?lang={other}&{query}" if query else f"{PATH}?lang={other}",
                lang=other,
                className="lang",
            ),
        ],
        className="ft",
        **marks({"data-panel": PANEL}),
    )
