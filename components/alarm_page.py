"""The alarm page: its tabs, the live list with the chosen alarm beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from dash import html
from dash.development.base_component import Component

from components.alarm_filters import Choices, filters, options_json
from components.alarm_forms import acts, form, help_sheet
from components.alarm_grid import alarm_grid
from components.alarm_ids import PANEL, PATH, PERFORMANCE, RULES, WINDOWS, AlarmIds, query_of
from components.alarm_rows import Wire
from components.alarm_script import script_words
from components.empty import failed
from components.formats import hour_minute, number
from components.i18n import _
from components.ids import marks
from components.page_frame import page_frame
from components.person import Signed
from data.vocabulary import Names
from data.vocabulary.alarm_console import ConsoleCounts, ConsoleView

STANDARD = "ISA-18.2"


@dataclass(frozen=True)
class Place:
    """Where the page stands."""

    area: str
    city: Names
    build: str


@dataclass(frozen=True)
class Told:
    """What the published panel says. flood: since when, None: none."""

    flood: float | None = None
    flood_count: int = 0
    undelivered: int = 0
    seen: bool = False
    """False: no such panel was ever published."""


@dataclass(frozen=True)
class AlarmsShown:
    """What the store said. counts None: it cannot be asked."""

    rows: Sequence[Wire] = ()
    counts: ConsoleCounts | None = None
    told: Told = Told()
    demo: bool = False
    found: Choices = field(default_factory=lambda: Choices((), (), ()))
    alarm: int | None = None


def framed(
    inside: Sequence[Component],
    view: str,
    place: Place,
    signed: Signed | None,
    *,
    query: str,
    now: float,
    demo: bool,
    foot: str,
    unseen: Sequence[Component] = (),
) -> html.Div:
    """Return a whole page of the tab `view` around what it shows."""
    address = f"{PATH}?{query}" if query else PATH
    return page_frame(
        [html.Div([_tabs(view), *inside], className=f"alm alm-{view or 'list'}")],
        title=_("Alarms"), path=PATH, address=address, signed=signed, area=place.area,
        city=place.city, build=place.build, now=now, demo=demo, id_=AlarmIds.ROOT, only=PANEL,
        foot=foot, unseen=unseen, look="alerts",
    )  # fmt: skip


def _tabs(view: str) -> html.Nav:
    ways = (
        ("", _("Open alarms")),
        (PERFORMANCE, _("Alarm performance")),
        (RULES, _("Alarm rules")),
        (WINDOWS, _("Planned work")),
    )
    return html.Nav(
        [
            html.A(
                word,
                href=f"{PATH}?view={key}" if key else PATH,
                className="vtab on" if key == view else "vtab",
                **marks({"aria-current": "page"} if key == view else {}),
            )
            for key, word in ways
        ],
        className="tabs",
    )


def alarm_page(
    shown: AlarmsShown,
    view: ConsoleView,
    place: Place,
    signed: Signed | None,
    *,
    acting: bool,
    now: float,
) -> html.Div:
    """Return the page of open alarms with what is known now. acting: may do something to them."""
    inside = (
        [html.Section(failed(), className="panel alone")]
        if shown.counts is None
        else [
            _notices(shown.told),
            filters(view, shown.counts),
            html.Div([_list(), _side(acting=acting)], className="cols"),
        ]
    )
    unseen: list[Component] = [
        html.Div(id=AlarmIds.SAID, className="said", role="status"),
        help_sheet(acting=acting),
        _facts(shown, view, signed, acting=acting, now=now),
    ]
    return framed(
        inside, "", place, signed, query=query_of(view), now=now, demo=shown.demo,
        foot=_("Source: alarm log of this system · states after {standard}").format(
            standard=STANDARD), unseen=unseen,
    )  # fmt: skip


def _facts(
    shown: AlarmsShown, view: ConsoleView, signed: Signed | None, *, acting: bool, now: float
) -> html.Div:
    """Return what the browser scripts must know, as attributes."""
    return html.Div(
        id=AlarmIds.FACTS,
        className="off",
        **marks(
            {
                "data-rows": json.dumps(list(shown.rows), ensure_ascii=False),
                "data-choices": options_json(shown.found),
                "data-query": query_of(view),
                "data-counts": json.dumps(shown.counts),
                "data-told": json.dumps(told_json(shown.told)),
                "data-words": json.dumps(script_words(), ensure_ascii=False),
                "data-acting": "1" if acting else "",
                "data-me": str(signed.id) if signed else "",
                "data-alarm": str(shown.alarm or ""),
                "data-now": str(now),
            }
        ),
    )


def told_json(told: Told) -> dict[str, object]:
    """Return the words of the banner, "" for none, as the page and its script show them."""
    flood = ""
    if told.flood is not None:
        flood = _("Alarm flood since {time}: {n} alarms in ten minutes. Gravest first.").format(
            time=hour_minute(told.flood), n=number(told.flood_count)
        )
    lost = ""
    if told.undelivered:
        lost = _("{n} notices not delivered").format(n=number(told.undelivered))
    return {"flood": flood, "undelivered": lost}


def _notices(told: Told) -> html.Div:
    said = told_json(told)
    flood, lost = str(said["flood"]), str(said["undelivered"])
    return html.Div(
        [
            html.P(flood, className="flood" if flood else "flood off",
                   **marks({"data-said": "flood"})),
            html.P(lost, className="lostn" if lost else "lostn off",
                   **marks({"data-said": "undelivered"})),
        ],
        id=AlarmIds.FLOOD,
        className="banners",
        role="status",
    )  # fmt: skip


def _list() -> html.Section:
    keys = {"j k": _("next, previous"), "a": _("acknowledges"), "s": _("shelves"), "?": _("keys")}
    said: list[Component] = []
    for key, what in keys.items():
        said += [html.Kbd(key), html.Span(what)]
    return html.Section(
        [
            html.Div(
                [
                    html.H2(_("Open alarms")),
                    html.Span(html.Span(id=AlarmIds.TOTAL), className="st"),
                    html.Span(className="sp"),
                    html.Span(said, className="keyw"),
                    html.Span(className="st asof", **marks({"data-said": "asof"})),
                ],
                className="ph",
            ),
            html.Div(alarm_grid(), className="gridbox"),
            html.Button(
                _("Show more"), id=AlarmIds.MORE, type="button", className="more off", n_clicks=0
            ),
        ],
        className="panel list",
    )


def _side(*, acting: bool) -> html.Aside:
    return html.Aside(
        html.Section(
            [
                html.P(_("Choose an alarm in the list."), className="choose"),
                html.Div(
                    [
                        html.Div(className="head", **marks({"data-said": "head"})),
                        acts() if acting else None,
                        form() if acting else None,
                        html.Div(
                            id=AlarmIds.MORE_OF,
                            className="scroll one",
                            tabIndex=0,
                            **marks({"aria-label": _("The chosen alarm")}),
                        ),
                    ],
                    className="chosen off",
                ),
            ],
            className="panel",
        ),
        id=AlarmIds.SIDE,
        className="side",
    )
