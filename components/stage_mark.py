"""The city's stage and the statutory response levels in the head of the wall; always in place."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.formats import day_time
from components.i18n import _, name
from components.ids import Ids, Props, marks
from components.theme import shape
from data.vocabulary.alarms import ResponseRow, StagePanel

ROMAN = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
NAMED = 2
"""Response levels named in the head before the rest is only counted."""


def stage_block(fill: Props) -> html.Div:
    """Return the place of the stage; its first word before anything is known."""
    waiting = html.Div(html.Span(_("Stage: no data"), className="since"), className="row")
    return html.Div(
        id=Ids.STAGE,
        **{"className": "hstage", "children": [waiting], **fill.get(Ids.STAGE, {})},
        **marks({"data-panel": "stage"}),
    )


def stage_props(payload: StagePanel) -> Props:
    """Return what the stage's payload changes: a proposal nobody decided about stands out."""
    stage, loud = payload["stage"], payload.get("undecided", False)
    note = _proposed(payload)
    second = [*note, *_responses(payload["responses"], room=1 if note else NAMED)]
    rows: list[Component] = [_in_force(payload)]
    if second:
        rows.append(html.Div(second, className="row two"))
    return {
        Ids.STAGE: {
            "children": rows,
            "className": f"hstage st{stage or 0}" + (" open" if loud else ""),
        }
    }


def _in_force(payload: StagePanel) -> html.Div:
    stage = payload["stage"]
    if stage is None:
        unsaid = html.Span(_("Stage not confirmed yet"), className="since")
        said: list[Component] = [unsaid, html.Span(className="age")]
        return html.Div(said, className="row")
    return html.Div(
        [
            html.Span(_("City stage"), className="wd"),
            html.B(str(stage), className="n"),
            html.Span(name(payload.get("name")), className="nm"),
            html.Span(_("since {time}").format(time=day_time(payload["since"])), className="since"),
            html.Span(className="age"),
        ],
        className="row",
        title=name(payload["sentence"]),
    )


def _proposed(payload: StagePanel) -> list[Component]:
    stage, asked = payload["stage"] or 1, payload["proposed"]
    if payload.get("undecided"):
        said = _("Proposed {n} {name}: decide").format(
            n=asked, name=name(payload.get("proposed_name"))
        )
        return [html.Span(said, className="ask", role="status")]
    if asked == stage:
        return []
    quiet = _("may be lowered to {n}") if asked < stage else _("proposal {n} not taken")
    return [html.Span(quiet.format(n=asked), className="since")]


def _responses(rows: Sequence[ResponseRow], *, room: int) -> list[Component]:
    """Return the response levels, the gravest first, each in its statutory colour and shape."""
    alone = len(rows) == 1 and room > 1
    shown: list[Component] = [_response(row, since=alone) for row in rows[:room]]
    if len(rows) > room:
        more = _("+{n} more").format(n=len(rows) - room)
        shown.append(html.Span(more, className="since"))
    return shown


def _response(row: ResponseRow, *, since: bool) -> html.Span:
    """Return one response level. since: it stands alone, so there is room to say since when."""
    said = _("{plan} level {level} response") if since else _("{plan} level {level}")
    word = said.format(plan=name(row["name"]), level=ROMAN[row["level"]])
    place = "" if row.get("city") else name(row["area_name"])
    parts: list[Component] = [
        shape(row["level"]),
        html.Span(" ".join(x for x in (place, word) if x), className="w"),
    ]
    if since:
        at = _("since {time}").format(time=day_time(row["since"]))
        parts.append(html.Span(at, className="since"))
    return html.Span(parts, className="rl", title=row["basis"])
