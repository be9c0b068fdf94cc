"""All that happened to a case, newest first: who, what, why, by which rule. Nothing is taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.case_clocks import clock_word
from components.case_head import counted
from components.case_times import between, stamp
from components.formats import MISSING
from components.i18n import N_, _, name
from components.loop_words import act_word, closing_word, holder_word, state_word
from components.theme import stage_word
from data.cases.page import CasePage, Turn
from data.vocabulary import CaseAct

LATE_S = 600
"""An event that was recorded so much later than it was is marked."""

OLD_ACTS = {"reported": CaseAct.REPORT, "changed": CaseAct.SOURCE_SAID}
COLUMNS = {
    "title": N_("title"),
    "level": N_("level"),
    "category_id": N_("category"),
    "area_id": N_("area"),
    "due_at": N_("due time"),
    "closed_at": N_("end"),
    "department_id": N_("department"),
    "address": N_("address"),
}
"""Columns whose change by a platform is a correction; stage and state are the way of a case."""


def case_timeline(page: CasePage) -> html.Section:
    """Return the section with every event."""
    head = html.Header(
        [html.H2(_("Timeline")), html.Span(counted(len(page.turns)), className="dim2")]
    )
    rows = [_turn(t, page) for t in reversed(page.turns)]
    return html.Section([head, html.Ol(rows, className="turns", reversed=True)], className="card")


def _turn(turn: Turn, page: CasePage) -> html.Li:
    act = OLD_ACTS.get(turn.action, turn.action)
    said = act == CaseAct.SOURCE_SAID
    moved = _moved(turn, page)
    first: list[Component | str] = [
        stamp(turn.at),
        html.B(act_word(act) if not said else _("The platform says")),
        *( [html.Span(moved, className="moved")] if moved else [] ),
        *_marks(turn),
    ]  # fmt: skip
    second = [turn.actor or MISSING]
    if turn.department_name:
        second.append(name(turn.department_name))
    if turn.holder:
        second.append(_("then held by: {who}").format(who=holder_word(turn.holder)))
    if turn.rule:
        second.append(_("rule {rule}").format(rule=turn.rule))
    inside: list[Component] = [
        html.P(first, className="first"),
        html.P(" · ".join(second), className="dim2"),
    ]
    if turn.note:
        inside.append(html.P(turn.note, className="note"))
    inside += _changes(turn)
    return html.Li(inside, value=str(turn.seq), className="said-by" if said else "")


def _moved(turn: Turn, page: CasePage) -> str:
    """Return from where to where it moved the case."""
    if turn.to_state:
        before = f"{state_word(turn.from_state)} → " if turn.from_state else ""
        after = state_word(turn.to_state)
        last = turn.seq == max(t.seq for t in page.turns if t.to_state)
        if last and page.head.closing and page.head.closed_at:
            after += f" ({closing_word(page.head.closing)})"
        return before + after
    if turn.to_stage and not turn.from_state:
        before = f"{stage_word(turn.from_stage)} → " if turn.from_stage else ""
        return before + stage_word(turn.to_stage)
    return ""


def _marks(turn: Turn) -> list[Component]:
    found: list[Component] = []
    if turn.action == CaseAct.SOURCE_SAID and not turn.to_state:
        found.append(html.Span(_("moves nothing here"), className="mark"))
    if _corrected(turn.before):
        found.append(html.Span(_("Correction"), className="mark"))
    late = (turn.recorded_at - turn.at).total_seconds()
    if late > LATE_S and turn.seq > 1:
        word = _("recorded {time} later").format(time=between(turn.at, turn.recorded_at))
        found.append(html.Span(word, className="mark"))
    if turn.detail.get("took_lead"):
        found.append(html.Span(_("takes the lead here"), className="mark"))
    return found


def _corrected(before: Mapping[str, str]) -> list[str]:
    return [key for key in before if key in COLUMNS and key != "closed_at"]


def _changes(turn: Turn) -> list[Component]:
    """Return what it was before, of what a correction changed, and the due times it set."""
    found = [
        _("{what} was: {value}").format(what=_(COLUMNS[key]), value=_plain(turn.before[key]))
        for key in _corrected(turn.before)
        if not key.endswith("_id")
    ]
    due = turn.detail.get("due")
    if isinstance(due, Mapping):
        found += [
            _("{clock} due {time}").format(clock=clock_word(str(k)), time=v) for k, v in due.items()
        ]
    return [html.P(" · ".join(found), className="dim2")] if found else []


def _plain(value: Any) -> str:
    text = str(value)
    return _("nothing") if text in ("None", "") else text
