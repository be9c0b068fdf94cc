"""The grid of the alarm console: which columns, how wide. Drawn by assets/alerts/2-grid.js."""

from __future__ import annotations

import json
from typing import Any

import dash_ag_grid as dag

from components.alarm_ids import AlarmIds
from components.desk_grid import THEME
from components.i18n import _, language

LOOK = THEME | {"rowHeight": "3.25rem", "headerHeight": "2.1rem"}
"""The desk's palette; a row holds two lines: what, and why."""

COLUMNS: tuple[tuple[str, int], ...] = (
    ("level", 96),
    ("state", 172),
    ("what", 510),
    ("place", 150),
    ("since", 122),
    ("who", 128),
    ("case", 136),
)
"""Name and share of the width."""
WIDER = {"en": {"level": 108, "state": 240, "what": 480, "since": 124, "who": 122, "case": 118}}
DRAWN = frozenset({"level", "state", "what", "who"})
"""Columns of more than text."""

ORDER = {
    "colId": "order",
    "hide": True,
    "sort": "asc",
    "sortable": True,
    "valueGetter": {"function": "alarmValue(params.data, 'order')"},
    "comparator": {"function": "alarmOrder"},
}
"""Not seen: it keeps the rows in the list's order when some of them change."""


def alarm_grid() -> dag.AgGrid:
    """Return the grid; its rows come as text beside it: Dash walks through every property."""
    wider = WIDER.get(language(), {})
    columns = [_column(name, wider.get(name, share)) for name, share in COLUMNS]
    return dag.AgGrid(
        id=AlarmIds.GRID,
        rowData=[],
        columnDefs=[ORDER, *columns],
        defaultColDef={
            "sortable": False,
            "resizable": True,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
        },
        getRowId="params.data.key",
        rowClassRules={
            "waits": "params.data.s === 'unacknowledged'",
            "under": "params.data.u",
            "aside": "params.data.aside",
        },
        dashGridOptions=_options(),
        className="",
        style={"height": "100%", "width": "100%"},
    )


def _column(name: str, share: int) -> dict[str, Any]:
    column = {"colId": name, "headerName": _heads()[name], "flex": share, "minWidth": 40}
    if name in DRAWN:
        value = {"function": f"alarmValue(params.data, '{name}')"}
        return column | {"valueGetter": value, "cellRenderer": "Alarm" + name.title()}
    return column | {
        "valueGetter": {"function": f"alarmText(params, '{name}')"},
        "tooltipValueGetter": {"function": f"alarmTip(params, '{name}')"},
        "cellClass": f"c-{name}",
    }


def _heads() -> dict[str, str]:
    return {
        "level": _("Priority"),
        "state": _("State"),
        "what": _("Alarm, and why"),
        "place": _("Place"),
        "since": _("Since"),
        "who": _("Owner, until"),
        "case": _("Case"),
    }


def _options() -> dict[str, Any]:
    return {
        "theme": {"function": f"themeQuartz.withParams({json.dumps(LOOK)})"},
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
            "noRowsToShow": _("No open alarm in this view"),
            "loadingOoo": _("Loading …"),
        },
    }
