"""All that happened to a case, newest first: who, what, why, by which rule. All of it stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.case_details import details
from components.case_head import counted
from components.case_times import between, stamp
from components.formats import MISSING
from components.i18n import N_, _, name
from components.loop_words import act_word, closing_word, holder_word, role_word, state_word
from components.theme import STAGE_WORDS, stage_word
from data.cases.page import CasePage, Turn
from data.vocabulary import CaseAct, Holder, Role

LATE_S = 600
"""An event that was recorded so much later than it was is marked."""

RULES = "rules"
"""Who acts where a rule does."""

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
    before = [None, *page.turns[:-1]]
    rows = [_turn(t, b, page) for t, b in zip(page.turns, before, strict=True)]
    rows.reverse()
    return html.Section([head, html.Ol(rows, className="turns", reversed=True)], className="card")


def _turn(turn: Turn, before: Turn | None, page: CasePage) -> html.Li:
    act = OLD_ACTS.get(turn.action, turn.action)
    said = act == CaseAct.SOURCE_SAID
    moved = _moved(turn, page)
    first: list[Component | str] = [
        stamp(turn.at),
        html.B(_("The platform says") if said else _word(act)),
    ]
    if moved:
        first.append(html.Span(moved, className="moved"))
    particulars = details(turn, page)
    if particulars:
        first.append(html.Span(" · ".join(particulars), className="dim"))
    inside: list[Component] = [
        html.P([*first, *_marks(turn)], className="first"),
        html.P(" · ".join(_by(turn, before)), className="dim2"),
    ]
    if turn.note and not (turn.seq == 1 and turn.note == page.head.body):
        inside.append(html.P(turn.note, className="note"))
    inside += _changes(turn)
    return html.Li(inside, value=str(turn.seq), className="said-by" if said else "")


def _word(act: str) -> str:
    """Return the word of an act; of a mirrored case an event may be named by its stage."""
    return stage_word(act) if act in STAGE_WORDS else act_word(act)


def _by(turn: Turn, before: Turn | None) -> list[str]:
    """Return who did it and by which rule, and who has the case now if that is somebody else."""
    said = [_actor(turn)]
    holder, who = turn.holder, turn.department_name
    if holder and (before is None or (before.holder, before.department_name) != (holder, who)):
        lead = name(who) if who and holder != Holder.CENTRE else ""
        words = " ".join(w for w in (lead, holder_word(holder)) if w)
        said.append(_("then held by: {who}").format(who=words))
    if turn.rule:
        said.append(_("rule {rule}").format(rule=turn.rule))
    return said


def _actor(turn: Turn) -> str:
    if turn.actor == RULES and not turn.person:
        return role_word(Role.SYSTEM_ACTOR)
    return (name(turn.actor_name) if turn.actor_name else turn.actor) or MISSING


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
    """Return what it was before, of what a correction changed."""
    found = [
        _("{what} was: {value}").format(what=_(COLUMNS[key]), value=_plain(turn.before[key]))
        for key in _corrected(turn.before)
        if not key.endswith("_id")
    ]
    return [html.P(" · ".join(found), className="dim2")] if found else []


def _plain(value: Any) -> str:
    text = str(value)
    return _("nothing") if text in ("None", "") else text
