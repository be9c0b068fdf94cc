"""The open matters that somebody must act on, gravest first, and the loop's counts of today."""

from __future__ import annotations

from functools import lru_cache

import orjson
from dash import html
from dash.development.base_component import Component

from components.empty import calm, waiting
from components.formats import MISSING, day_time, number, share
from components.i18n import _, language, name
from components.ids import Ids, Props, marks
from components.theme import badge, stage_word
from data.vocabulary import CaseRow, CaseState, QueuePanel

MAX_ROWS = 8
STEPS = 5
COLUMNS = ("level", "matter", "place", "unit", "stage", "due")


def queue_panel(fill: Props) -> html.Section:
    """Return the frame of the queue."""
    heads = (_("Level"), _("Matter"), _("Place"), _("Department"), _("Stage"), _("Time left"))
    rows = fill.get(Ids.QUEUE_ROWS, {"children": _alone(waiting())})
    return html.Section(
        [
            html.Div(
                [
                    html.H2(_("Closed loop · today")),
                    html.Div(
                        [
                            html.Span(id=Ids.QUEUE_NOTE, **fill.get(Ids.QUEUE_NOTE, {})),
                            html.Span(className="age"),
                        ],
                        className="st",
                    ),
                ],
                className="ph",
            ),
            html.Div(id=Ids.QUEUE_LOOP, className="loop", **fill.get(Ids.QUEUE_LOOP, {})),
            html.Table(
                [
                    html.Colgroup([html.Col(className=f"c-{c}") for c in COLUMNS]),
                    html.Thead(html.Tr([html.Th(h) for h in heads])),
                    html.Tbody(id=Ids.QUEUE_ROWS, **rows),
                ],
                className="q",
            ),
        ],
        className="panel queue",
        **marks({"data-panel": "queue"}),
    )


def queue_props(payload: QueuePanel) -> Props:
    """Return what the queue's payload changes on the wall."""
    rows = payload["rows"][:MAX_ROWS]
    note = _("By level, then time left · {shown} of {total}").format(
        shown=len(rows), total=number(payload["total"])
    )
    body = [_row(r) for r in rows] or _alone(calm(_("No open matters")))
    return {
        Ids.QUEUE_NOTE: {"children": note},
        Ids.QUEUE_LOOP: {"children": _loop(payload)},
        Ids.QUEUE_ROWS: {"children": body},
    }


def _loop(payload: QueuePanel) -> list[Component]:
    on_time = share(payload["on_time_today"], payload["due_today"])
    steps = (
        (_("To dispatch"), number(payload["waiting"]), True),
        (_("In handling"), number(payload["handling"]), True),
        (_("To check"), number(payload["checking"]), True),
        (_("Closed today"), number(payload["closed_today"]), False),
        (_("On time today"), on_time, False),
    )
    return [
        html.Div([word, html.B(count), html.I("→" if more else "")], className="n")
        for word, count, more in steps
    ]


def _row(case: CaseRow) -> html.Tr:
    """Return one row; most are what they were when the queue was last drawn."""
    return _drawn(language(), orjson.dumps(case))


@lru_cache(maxsize=256)
def _drawn(_lang: str, row: bytes) -> html.Tr:
    case: CaseRow = orjson.loads(row)
    title = case["title"] or name(case["category"])
    return html.Tr(
        [
            html.Td(badge(case["level"]) or MISSING),
            html.Td(_clamped(title), title=f"{case['case_no']} · {name(case['category'])}"),
            html.Td(_clamped(place(case)), className="dim"),
            html.Td(_clamped(name(case["department"])), className="dim"),
            html.Td(_stage(case)),
            html.Td(_due(case["due_at"], still=case.get("state") == CaseState.SUSPENDED)),
        ]
    )


def place(case: CaseRow) -> str:
    """Return county and town of a case, as far as known."""
    return " · ".join(part for part in (name(case["county"]), name(case["town"])) if part)


def _clamped(text: str) -> html.Span:
    return html.Span(text, className="cl")


def _stage(case: CaseRow) -> html.Span:
    """Return five steps, those done and the one it stands at, and the step's word."""
    step = min(max(case["step"], 1), STEPS)
    bar = html.I(className=f"bar b{step}", title=f"{step}/{STEPS}")
    return html.Span([bar, html.Em(stage_word(case["stage"]))], className="stg")


def _due(due_at: float | None, *, still: bool) -> html.Span:
    """Return the place where the browser counts down; the time itself is in the title.

    still: the case is suspended, its limit moves on with it: it is neither left nor over.
    """
    if due_at is None:
        return html.Span(MISSING, title=_("No deadline"))
    if still:
        return html.Span(_("Clock stands"), className="dim", title=day_time(due_at))
    return html.Span(className="due", title=day_time(due_at), **marks({"data-due": due_at}))


def _alone(body: Component) -> list[Component]:
    return [html.Tr(html.Td(body, colSpan=len(COLUMNS)), className="alone")]
