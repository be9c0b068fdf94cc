"""The grid of the desk: which columns, how wide, which colours. Drawn by assets/desk/grid.js."""

from __future__ import annotations

import json
from typing import Any

import dash_ag_grid as dag

from components.desk_ids import DeskIds
from components.i18n import _, language

SCRIPTS = ("/_dash-component-suites/dash_ag_grid/async-community.js",)
"""The grid itself, fetched beside the part that asks for it."""

THEME = {
    "backgroundColor": "#1D232A",
    "foregroundColor": "#E8ECEF",
    "borderColor": "#3A4550",
    "rowBorder": {"style": "solid", "width": 1, "color": "#2A323B"},
    "headerBackgroundColor": "#1D232A",
    "headerTextColor": "#95A1AD",
    "headerFontWeight": 450,
    "headerFontSize": "1rem",
    "headerHeight": "2.25rem",
    "rowHeight": "2.25rem",
    "rowHoverColor": "#222931",
    "selectedRowBackgroundColor": "#344250",
    "fontFamily": "inherit",
    "fontSize": "1.125rem",
    "cellHorizontalPadding": "0.6rem",
    "wrapperBorder": False,
    "wrapperBorderRadius": 0,
    "headerColumnBorder": False,
    "browserColorScheme": "dark",
}
"""The wall's palette. Sizes in rem, so that they grow with a 3840 screen."""

COLUMNS: tuple[tuple[str, int], ...] = (
    ("level", 98),
    ("left", 132),
    ("state", 124),
    ("matter", 304),
    ("place", 176),
    ("has", 164),
    ("reported", 122),
    ("number", 132),
)
"""Name and share of the width."""

WIDER = {"en": {"level": 108, "state": 144, "matter": 330, "has": 156, "number": 116}}
"""Shares where a language needs others."""


ORDER = {
    "colId": "order",
    "hide": True,
    "sort": "asc",
    "sortable": True,
    "valueGetter": {"function": "deskValue(params.data, 'order')"},
    "comparator": {"function": "deskOrder"},
}
"""Not seen: it keeps the rows in the view's order when some of them change."""


def desk_grid() -> dag.AgGrid:
    """Return the grid; its rows come as text beside it: Dash walks through every property."""
    return dag.AgGrid(
        id=DeskIds.GRID,
        rowData=[],
        columnDefs=[ORDER, *[_column(name, share) for name, share in _shares()]],
        defaultColDef={
            "sortable": False,
            "resizable": True,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
        },
        getRowId="params.data.no",
        rowClassRules={"unseen": "!params.data.seen"},
        dashGridOptions=_options(),
        className="",
        style={"height": "100%", "width": "100%"},
    )


def _shares() -> list[tuple[str, int]]:
    wider = WIDER.get(language(), {})
    return [(name, wider.get(name, share)) for name, share in COLUMNS]


DRAWN = frozenset({"level", "left", "matter"})
"""Columns of more than text; each such cell is a component of its own and costs."""


def _column(name: str, share: int) -> dict[str, Any]:
    """Return one column; its cells are made of the whole row."""
    column = {"colId": name, "headerName": _heads()[name], "flex": share, "minWidth": 40}
    if name in DRAWN:
        value = {"function": f"deskValue(params.data, '{name}')"}
        return column | {"valueGetter": value, "cellRenderer": "Desk" + name.title()}
    return column | {
        "valueGetter": {"function": f"deskText(params, '{name}')"},
        "tooltipValueGetter": {"function": f"deskTip(params, '{name}')"},
        "cellClass": f"c-{name}",
    }


def _heads() -> dict[str, str]:
    return {
        "level": _("Level"),
        "left": _("Time left"),
        "state": _("State"),
        "matter": _("Matter"),
        "place": _("Place"),
        "has": _("Who has it"),
        "reported": _("Reported"),
        "number": _("Number"),
    }


def _options() -> dict[str, Any]:
    return {
        "theme": {"function": f"themeQuartz.withParams({json.dumps(THEME)})"},
        "rowSelection": {
            "mode": "singleRow",
            "checkboxes": False,
            "enableClickSelection": True,
        },
        "enableBrowserTooltips": True,
        "suppressCellFocus": True,
        "suppressColumnMoveAnimation": True,
        "animateRows": False,
        "rowBuffer": 6,
        "localeText": {
            "noRowsToShow": _("No open case in this view"),
            "loadingOoo": _("Loading …"),
        },
    }
