"""Where the open matters are: counties by number, markers by level. A plain-dict plotly figure."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import number
from components.i18n import _
from components.ids import Ids, Props, marks
from components.map_figure import map_figure
from components.theme import LEVELS, shape
from data.vocabulary import MapPanel

CONFIG: dcc.Graph.Config = {
    "displayModeBar": False,
    "scrollZoom": False,
    "responsive": True,
    "doubleClick": "reset",
}


def map_panel(fill: Props, *, area: str, note: str) -> html.Section:
    """Return the frame of the map; `note` is what must be said about the drawing."""
    empty: MapPanel = {"areas": [], "points": [], "total": 0, "overdue": 0, "by_level": {}}
    first = fill.get(Ids.MAP, {"figure": map_figure(empty, area)})
    return html.Section(
        [
            html.Div(
                [
                    html.H2(_("Open matters")),
                    html.Div(
                        [
                            html.Span(id=Ids.MAP_TOTAL, **fill.get(Ids.MAP_TOTAL, _unknown())),
                            html.Span(className="age"),
                        ],
                        className="st",
                    ),
                ],
                className="ph",
            ),
            html.Div(
                [
                    dcc.Graph(id=Ids.MAP, config=CONFIG, responsive=True, **first),
                    html.P([_("Brighter = more open"), html.Br(), note], className="mapnote"),
                ],
                className="mapwrap",
            ),
            html.Div(id=Ids.MAP_LEVELS, className="sevs", **fill.get(Ids.MAP_LEVELS, {})),
        ],
        className="panel map",
        **marks({"data-panel": "map"}),
    )


def _unknown() -> dict[str, str]:
    return {"children": _("No data yet")}


def map_props(payload: MapPanel, area: str) -> Props:
    """Return what the map's payload changes on the wall."""
    return {
        Ids.MAP: {"figure": map_figure(payload, area)},
        Ids.MAP_TOTAL: {"children": _total(payload)},
        Ids.MAP_LEVELS: {"children": [_level(payload, level) for level in LEVELS]},
    }


def _total(payload: MapPanel) -> str:
    said = [_("{n} in all").format(n=number(payload["total"]))]
    elsewhere = payload["total"] - sum(a["open"] for a in payload["areas"])
    if elsewhere > 0 and payload["areas"]:
        said.append(_("{n} citywide").format(n=number(elsewhere)))
    if payload["overdue"]:
        said.append(_("{n} overdue").format(n=number(payload["overdue"])))
    if payload.get("undrawn"):
        said.append(_("{n} not drawn").format(n=number(payload["undrawn"])))
    return " · ".join(said)


def _level(payload: MapPanel, level: int) -> Component:
    count = payload["by_level"].get(str(int(level)), 0)
    return html.Span(
        [
            shape(level, "fill" if count else "grey"),
            html.Span(_(LEVELS[level].word)),
            html.B(number(count)),
        ],
        className="s" if count else "s zero",
    )
