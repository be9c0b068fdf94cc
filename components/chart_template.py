"""The one look of every interactive chart: light, the fonts of the house, months in the language.

A figure is a plain dict. `figure()` puts the template under it, `CONFIG` is for its dcc.Graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc

from components.i18n import language
from components.theme import FONTS

INK, INK_2, INK_3 = "#1B2127", "#4A5560", "#66717C"
LINE, GRID, GROUND = "#9AA4AE", "#E4E8EC", "#EEF1F4"
TREND, LIGHT = "#3F5B75", "#A9BACB"
CONCERN, IMPROVEMENT = "#E58A2E", "#2F78BD"
PAPER = "#FFFFFF"
SIZE = 14

Figure = dict[str, Any]

_AXIS: dict[str, Any] = {
    "automargin": True,
    "gridcolor": GRID,
    "linecolor": LINE,
    "tickcolor": LINE,
    "tickfont": {"size": SIZE, "color": INK_2},
    "ticks": "outside",
    "ticklen": 4,
    "zeroline": False,
    "title": {"font": {"size": SIZE, "color": INK_2}, "standoff": 8},
}


def months() -> list[dict[str, Any]]:
    """Return how days are written along an axis, by how close they stand: 2026年1月, Jan 2026."""
    month = "%b %Y" if language() == "en" else "%Y年%b"
    return [
        {"dtickrange": [None, "M1"], "value": "%m-%d"},
        {"dtickrange": ["M1", "M12"], "value": month},
        {"dtickrange": ["M12", None], "value": "%Y"},
    ]


TEMPLATE: Figure = {
    "layout": {
        "font": {"family": FONTS, "size": SIZE, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "colorway": [TREND, INK_3, IMPROVEMENT, CONCERN],
        "margin": {"l": 56, "r": 24, "t": 28, "b": 44, "pad": 0},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "separators": ".\u2009",
        "hoverlabel": {
            "align": "left",
            "bgcolor": PAPER,
            "bordercolor": INK_2,
            "font": {"family": FONTS, "size": SIZE, "color": INK},
        },
        "xaxis": {**_AXIS, "showgrid": False, "showline": True},
        "yaxis": {**_AXIS, "showline": False, "ticks": ""},
    }
}


def figure(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> Figure:
    """Return a figure in the template; `layout` only says what is of this chart alone."""
    return {"data": list(traces), "layout": {"template": TEMPLATE, **layout}}


def config() -> dcc.Graph.Config:
    """Return how a chart behaves, in the language spoken now: no bar, no zoom, no link out."""
    return {
        "displayModeBar": False,
        "displaylogo": False,
        "scrollZoom": False,
        "showAxisDragHandles": False,
        "doubleClick": False,
        "responsive": True,
        "locale": "en" if language() == "en" else "zh-CN",
    }
