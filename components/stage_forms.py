"""The forms of the stage's page: a decision about the stage, and response levels by document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import day_time, full_time, local
from components.i18n import _, name
from components.stage_ids import StageIds, act_id, field_id
from components.stage_mark import ROMAN
from components.theme import shape
from data.vocabulary.alarms import ResponseRow
from data.vocabulary.stage import ResponsePast, StageBoard


@dataclass(frozen=True)
class May:
    """What the reader may do. leads: set any stage; raises: confirm a higher proposal.

    areas: where they write down response levels, none: nowhere. proposes, decides: rules.
    """

    leads: bool = False
    raises: bool = False
    areas: tuple[str, ...] = ()
    proposes: bool = False
    decides: bool = False


def decision(board: StageBoard, may: May) -> html.Section:
    """Return the form of a decision, or who decides."""
    head = html.Div(html.H2(_("Decide")), className="ph")
    seen = dcc.Store(id=StageIds.SEEN, data=board["seen"])
    inside = _fields(board, may)
    return html.Section([head, html.Div([seen, *inside], className="inner dform")],
                        className="panel decide")  # fmt: skip


def _fields(board: StageBoard, may: May) -> list[Component]:
    if not may.raises and not may.leads:
        said = _("The leader of the city decides; the duty officer of the city may confirm "
                 "a higher proposal.")  # fmt: skip
        return [html.P(said, className="dim2")]
    asked, stage = board["proposed"], board["stage"]
    allowed = [
        {"label": f"{x['stage']} {name(x['name'])}", "value": x["stage"]}
        for x in board["levels"]
        if may.leads or (x["stage"] == asked and asked > (stage or 1))
    ]
    if not allowed:
        return [html.P(_("Nothing waits for you; only a leader lowers the stage."),
                       className="dim2")]  # fmt: skip
    note = _("A reason is needed unless you confirm what is proposed.")
    acts: list[Component] = [
        html.Button(_("Confirm this stage"), id=act_id("set", 0), type="button",
                    className="btn main", n_clicks=0),
    ]  # fmt: skip
    if may.leads and stage is not None and asked != stage:
        keep = _("Keep {n}").format(n=stage)
        acts.append(
            html.Button(keep, id=act_id("keep", 0), type="button", className="btn", n_clicks=0)
        )
    first: Any = asked if any(a["value"] == asked for a in allowed) else (stage or asked)
    return [
        dcc.RadioItems(allowed, first, id=StageIds.CHOSEN, className="rad"),
        html.Label(
            [
                html.Span(_("Reason")),
                dcc.Textarea(id=StageIds.REASON, className="inp", maxLength=500, rows=3),
            ]
        ),
        html.P(note, className="dim2"),
        html.Div(acts, className="acts"),
    ]


def response_levels(board: StageBoard, may: May) -> html.Section:
    """Return the statutory response levels in force, each with its document, and their forms."""
    head = html.Div(
        [
            html.H2(_("Statutory response levels")),
            html.Span(_("by plan, beside the stage, never merged with it"), className="st"),
        ],
        className="ph",
    )
    rows: list[Component] = [_response(row, may) for row in board["responses"]]
    body = rows or [calm(_("No response level is in force"))]
    if may.areas:
        body.append(_start(board, may))
    body += _ended(board["ended"])
    return html.Section([head, html.Div(body, className="scroll inner", tabIndex=0)],
                        className="panel levels")  # fmt: skip


def level_name(row: ResponseRow) -> str:
    """Return plan and level in words, with the place unless it is the whole city."""
    word = _("{plan} level {level} response").format(
        plan=name(row["name"]), level=ROMAN[row["level"]]
    )
    return word if row.get("city") else f"{name(row['area_name'])} · {word}"


def _response(row: ResponseRow, may: May) -> html.Article:
    since = _("since {time}").format(time=full_time(row["since"]))
    said: list[Component] = [
        html.H4([shape(row["level"]), html.Span(level_name(row))]),
        html.P(f"{since} · {row['basis']} · {row['by']}", className="dim2"),
    ]
    if row["area"] in may.areas:
        said += [_change(row), _end(row)]
    return html.Article(said, className="rule")


def _change(row: ResponseRow) -> html.Details:
    number = row["id"]
    others = [level for level in ROMAN if level != row["level"]]
    return html.Details(
        [
            html.Summary(_("Change the level")),
            _levels(others, number),
            _basis(number),
            _when(number),
            _button(_("Change"), "change", number),
        ]
    )


def _end(row: ResponseRow) -> html.Details:
    number = row["id"]
    return html.Details(
        [
            html.Summary(_("End the response")),
            _labelled(
                _("By which document or order"),
                dcc.Input(id=field_id("reason", number), className="inp", maxLength=500),
            ),
            _button(_("End"), "end", number),
        ]
    )


def _start(board: StageBoard, may: May) -> html.Details:
    plans = [{"label": name(p["name"]), "value": p["key"]} for p in board["plans"]]
    areas = [{"label": name(n), "value": c} for c, n in board["areas"].items() if c in may.areas]
    return html.Details(
        [
            html.Summary(_("Start a response level")),
            _labelled(_("Plan"), dcc.Dropdown(plans, id=field_id("plan", 0), clearable=False)),
            _labelled(
                _("Area"),
                dcc.Dropdown(areas, areas[0]["value"], id=field_id("area", 0), clearable=False),
            ),
            _levels(list(ROMAN), 0),
            _basis(0),
            _when(0, board["as_of"]),
            _button(_("Start"), "start", 0),
        ],
        className="start",
    )


def _levels(levels: Sequence[int], number: int) -> html.Label:
    options = [{"label": f"{ROMAN[n]}", "value": n} for n in levels]
    radio = dcc.RadioItems(options, id=field_id("level", number), className="rad")
    return _labelled(_("Level"), radio)


def _basis(number: int) -> html.Label:
    return _labelled(
        _("Document that orders it, with its number"),
        dcc.Input(id=field_id("basis", number), className="inp", maxLength=200),
    )


def _when(number: int, now: float | None = None) -> html.Label:
    """Return the field of the time it begins; empty is now."""
    given = f"{local(now):%Y-%m-%dT%H:%M}" if now else None
    kind: Any = "datetime-local"  # the browser's own picker; Dash passes the type on
    field = dcc.Input(id=field_id("at", number), type=kind, value=given, className="inp")
    return _labelled(_("Begins (local time; empty: now)"), field)


def _labelled(word: str, field: Component) -> html.Label:
    return html.Label([html.Span(word), field])


def _button(word: str, act: str, number: int) -> html.Div:
    button = html.Button(
        word, id=act_id(act, number), type="button", className="btn main", n_clicks=0
    )
    return html.Div(button, className="acts")


def _ended(rows: Sequence[ResponsePast]) -> list[Component]:
    if not rows:
        return []
    said = [
        html.Li(
            f"{level_name(x['row'])} · {day_time(x['row']['since'])} – {day_time(x['ended'])}"
            f" · {x['row']['basis']} · {x['ended_by']}: {x['reason']}"
        )
        for x in rows
    ]
    return [html.H3(_("Ended in 90 days")), html.Ul(said, className="dim2")]
