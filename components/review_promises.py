"""What was promised in earlier meetings heads a review: who, until when, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import MISSING, day_time, number
from components.i18n import _, name, ngettext
from components.ids import marks
from components.loop_terms import state_word
from components.review_ids import act_id, field_id, told_id
from components.review_parts import nothing, section
from components.review_words import (
    doubt_sentence,
    expected_word,
    promise_action_word,
    promise_state_word,
    verdict_word,
    week_word,
)
from data.vocabulary import Names
from data.vocabulary.meeting import Minutes, PromiseLine
from data.vocabulary.review import Measure, Review

NEW = "new"
OPEN_ACTS = ("carried", "moved", "kept", "broken", "withdrawn", "note")
ENDED_ACTS = ("reopened", "note")


@dataclass(frozen=True)
class Rights:
    """What the reader may do here. own: names of the department that may note on its promises."""

    promise: bool = False
    edit: bool = False
    freeze: bool = False
    own: Names | None = None
    departments: Mapping[str, Names] = field(default_factory=dict)

    def key(self) -> tuple[bool, bool, bool, str]:
        """Return what tells these rights from others."""
        return self.promise, self.edit, self.freeze, self.own["zh"] if self.own else ""


def follow_up(review: Review, minutes: Minutes, rights: Rights) -> html.Section:
    """Return the promises of earlier reviews and of this one, with their forms for leaders."""
    measures = {row["measure"]["code"]: row["measure"] for row in review["rows"]}
    lines: list[Component] = [
        _promise(p, review, measures, rights) for p in minutes["promises"]
    ]  # fmt: skip
    if not lines:
        lines = [nothing(_("Nothing was promised so far"))]
    late = sum(p["overdue"] for p in minutes["promises"])
    note = _("verdict by the control chart before and after; it says no cause")
    if late:
        note = ngettext("{n} is past its week", "{n} are past their week", late) + " · " + note
    if rights.promise:
        lines.append(_new(review, measures, rights, len(minutes["promises"])))
    return section(_("Promises to follow"), lines, note=note, key="promises")


def _promise(
    promise: PromiseLine, review: Review, measures: Mapping[str, Measure], rights: Rights
) -> html.Article:
    measure = measures.get(promise["code"] or "")
    head: list[Any] = [
        html.Span(_state(promise), className=f"st st-{promise['state']}"),
        html.B(promise["text"]),
    ]
    facts = [
        _("{department}, {owner}").format(
            department=name(promise["department"]), owner=promise["owner"]
        ),
        _("due {week}").format(week=week_word(promise["due"])),
        _about(promise, measure, review),
    ]
    if promise["carried"]:
        facts.append(
            ngettext("carried over {n} time", "carried over {n} times", promise["carried"])
        )
    parts: list[Component] = [
        html.Div(head, className="p1"),
        html.Div(" · ".join(f for f in facts if f), className="p2"),
        html.Div(_verdict(promise, measure), className=f"p3 v-{promise['verdict']}"),
        _history(promise),
    ]
    acts = _acts(promise, rights)
    if acts:
        parts.append(_form(promise, acts, review["week"]))
    kind = f"promise{' over' if promise['overdue'] else ''} is-{promise['state']}"
    return html.Article(parts, className=kind)


def _state(promise: PromiseLine) -> str:
    if promise["overdue"] and promise["state"] == "open":
        return _("past its week")
    return promise_state_word(promise["state"])


def _about(promise: PromiseLine, measure: Measure | None, review: Review) -> str:
    if promise["case_no"]:
        state = promise["case_state"]
        return f"{promise['case_no']} {state_word(state) if state else ''}".strip()
    if not promise["code"]:
        return ""
    what = name(measure["name"]) if measure else promise["code"]
    where = name(review["areas"].get(promise["area"] or ""))
    return " ".join(p for p in (where, what, expected_word(promise["expected"])) if p)


def _verdict(promise: PromiseLine, measure: Measure | None) -> list[Any]:
    if promise["case_no"]:
        closed = promise["case_closed"]
        if closed is None:
            return [html.B(_("The case is not closed"))]
        return [html.B(_("The case was closed {time}").format(time=day_time(closed)))]
    said: list[Any] = [html.B(verdict_word(promise["verdict"]))]
    if promise["before"] is not None or promise["after"] is not None:
        decimals = max(measure["decimals"] if measure else 1, 1)
        unit = name(measure["unit"]) if measure else ""
        weeks = ngettext("{n} week after", "{n} weeks after", promise["weeks_after"])
        said.append(
            _(" before {before}, after {after} {unit} ({weeks})").format(
                before=number(promise["before"], decimals),
                after=number(promise["after"], decimals), unit=unit, weeks=weeks,
            )
        )  # fmt: skip
    if promise["doubt"] is not None:
        said.append(f" {doubt_sentence(promise['doubt'])}")
    return said


def _history(promise: PromiseLine) -> html.Details:
    lines = [
        html.Li(
            " ".join(
                p
                for p in (
                    day_time(e["at"]), e["by"], promise_action_word(e["action"]),
                    week_word(e["week"]), e["note"],
                )
                if p
            )
        )
        for e in promise["history"]
    ]  # fmt: skip
    head = _("Made {week} by {who}").format(
        week=week_word(promise["made"]), who=promise["made_by"] or MISSING
    )
    return html.Details([html.Summary(head), html.Ol(lines)], className="fold hist")


def _acts(promise: PromiseLine, rights: Rights) -> tuple[str, ...]:
    if rights.promise:
        return OPEN_ACTS if promise["state"] == "open" else ENDED_ACTS
    return ("note",) if rights.own is not None and rights.own == promise["department"] else ()


def _form(promise: PromiseLine, acts: Sequence[str], week: str) -> html.Details:
    key = f"{promise['id']}"
    kept = f"{promise['id']}.{promise['version']}"
    words = {
        "carried": _("Carry over"), "moved": _("Move the due week"), "kept": _("Kept"),
        "broken": _("Not kept"), "withdrawn": _("Withdraw"), "reopened": _("Take up again"),
        "note": _("Note only"),
    }  # fmt: skip
    fields: list[Component] = [_field("note", key, _("Reason, always needed"), kept, 500)]
    if "moved" in acts:
        fields.append(
            _field("due", key, _("New due week, such as {week}").format(week=week), kept, 12)
        )
    buttons: list[Any] = [
        html.Button(words[act], id=act_id(act, kept), n_clicks=0, type="button", className="btn")
        for act in acts
    ]
    told = html.Span(id=told_id(key), className="told", role="status")
    return html.Details(
        [html.Summary(_("Act")), *fields, html.Div([*buttons, told], className="acts")],
        className="fold form", **marks({"data-screen": "1"}),
    )  # fmt: skip


def _field(
    what: str, key: str, words: str, kept: str, most: int, value: str = "", kind: str = ""
) -> html.Label:
    """Return a field that keeps what was typed over redrawing and reloading the page."""
    box = dcc.Input(
        id=field_id(what, key), className="inp", maxLength=most, value=value,
        persistence=kept, persistence_type="session",
    )  # fmt: skip
    return html.Label([html.Span(words), box], className=f"fld f-{what} {kind}".rstrip())


def _new(
    review: Review, measures: Mapping[str, Measure], rights: Rights, count: int
) -> html.Details:
    kept = f"{review['week']}.{review['area']}.{count}"
    indicators = [{"label": f"{name(x['name'])} {c}", "value": c} for c, x in measures.items()]
    areas = [review["area"], *review["below"]]
    places = [{"label": name(review["areas"].get(a)) or a, "value": a} for a in areas]
    departments = [{"label": name(n), "value": key} for key, n in rights.departments.items()]
    ways = [{"label": expected_word(e), "value": e} for e in ("higher", "lower")]
    fields: list[Component] = [
        _field("text", NEW, _("What is promised"), kept, 300),
        _choice("department", _("Department"), departments, kept),
        _field("owner", NEW, _("Owner"), kept, 60),
        _field("due", NEW, _("Due week, such as {week}").format(week=review["week"]), kept, 12),
        _choice("code", _("Indicator"), indicators, kept),
        _choice("of_area", _("In"), places, kept, review["area"]),
        _choice("expected", _("Should"), ways, kept),
        _field("case_no", NEW, _("or a case number"), kept, 40),
    ]
    act = html.Button(
        _("Make the promise"),
        id=act_id("made", NEW),
        n_clicks=0,
        type="button",
        className="btn main",
    )
    told = html.Span(id=told_id(NEW), className="told", role="status")
    return html.Details(
        [html.Summary(_("New promise")), html.Div(fields, className="grid"),
         html.Div([act, told], className="acts")],
        className="fold form", **marks({"data-screen": "1"}),
    )  # fmt: skip


def _choice(
    what: str, words: str, options: list[dict[str, str]], kept: str, value: str | None = None
) -> html.Label:
    box = dcc.Dropdown(
        options, id=field_id(what, NEW), value=value, className="pick2", persistence=kept,
        persistence_type="session", **marks({"placeholder": _("Choose")}),
    )  # fmt: skip
    return html.Label([html.Span(words), box], className=f"fld f-{what}")
