"""The plain form in which somebody proposes other steps, and what was wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.duties_ids import DutyIds, DutyView, address, step_act_id, step_field_id
from components.duties_shown import DutiesShown
from components.i18n import N_, _, name
from components.ids import marks
from data.cases.procedures import MOST_LETTERS, MOST_MINUTES, MOST_STEPS, Wrong, draft_of
from data.catalogue.loop_entries import Sop

Draft = Sequence[Mapping[str, str]]
EMPTY = {"zh": "", "en": "", "department": "", "within": "", "condition_zh": "", "condition_en": ""}
REASON_LETTERS = 300

FIELD_WORDS = {
    "zh": N_("What is done (Chinese)"),
    "en": N_("What is done (English)"),
    "department": N_("Department"),
    "within": N_("Within, minutes"),
    "condition_zh": N_("Condition (Chinese), empty for always"),
    "condition_en": N_("Condition (English)"),
}
WHY_WORDS = {
    "missing": N_("is missing"),
    "number": N_("has to be whole minutes from 1 to {most}"),
    "too_long": N_("has more than {letters} letters"),
    "unknown": N_("is no department of the city"),
    "both_languages": N_("is needed in both languages"),
    "no_steps": N_("A procedure needs at least one step."),
    "too_many": N_("A procedure has at most {steps} steps."),
    "same": N_("No step differs from the version in force: there is nothing to propose."),
}


def procedure_form(shown: DutiesShown, view: DutyView, sop: Sop) -> list[Component]:
    """Return the form with the steps of the version that holds."""
    back = address(view, sop=sop.code, version=0, edit=False)
    head = html.Div(
        [
            html.H3(_("Propose a change: {name}").format(name=name(sop.name))),
            html.Span(_("from version {n}").format(n=sop.version), className="dim2"),
        ],
        className="ph2",
    )
    told = _("Nothing changes until a second person approves. Cases that run keep their version.")
    reason = html.Label(
        [
            html.Span(_("Reason of the change")),
            dcc.Textarea(id=DutyIds.REASON, className="inp", value="", maxLength=REASON_LETTERS),
        ],
        className="why",
    )
    acts = [
        html.Button(_("Propose this version"), id=DutyIds.SEND, n_clicks=0, className="btn main",
                    type="button"),
        dcc.Link(_("Leave it"), href=back, className="btn"),
    ]  # fmt: skip
    return [
        head,
        html.P(told, className="hint"),
        dcc.Store(id=DutyIds.BASE, data={"code": sop.code, "version": sop.version}),
        html.Div(step_rows(draft_of(sop), departments(shown)), id=DutyIds.STEPS),
        html.Div([reason, html.Div(id=DutyIds.TOLD, className="told", role="alert"),
                  html.Div(acts, className="acts")], className="form send"),
    ]  # fmt: skip


def departments(shown: DutiesShown) -> list[dict[str, str]]:
    """Return what a department can be chosen from."""
    return [{"label": name(n), "value": key} for key, n in shown.departments.items()]


def step_rows(draft: Draft, options: list[dict[str, str]]) -> list[Component]:
    """Return a draft as fields, a block a step, with what can be done to each."""
    count = len(draft)
    rows: list[Component] = [_step(no, step, count, options) for no, step in enumerate(draft)]
    add = html.Button(_("Add a step"), id=step_act_id(count, "add"), n_clicks=0,
                      className="btn", type="button", disabled=count >= MOST_STEPS)  # fmt: skip
    return [*rows, html.Div(add, className="acts")]


def _step(
    no: int, step: Mapping[str, str], count: int, options: list[dict[str, str]]
) -> html.Fieldset:
    pick = dcc.Dropdown(
        options, value=step["department"] or None, id=step_field_id(no, "department"),
        clearable=False, className="pick2", placeholder=_("Choose"),
    )  # fmt: skip
    fields = [
        _text(no, step, "zh", "f-name"),
        html.Label([html.Span(_(FIELD_WORDS["department"])), pick], className="f-who"),
        _text(no, step, "within", "f-min"),
        _text(no, step, "condition_zh", "f-cond"),
        _text(no, step, "en", "f-name"),
        _text(no, step, "condition_en", "f-cond"),
    ]
    acts = (
        (_("Move up"), "↑", "up", no == 0),
        (_("Move down"), "↓", "down", no == count - 1),
        (_("Remove"), "✕", "remove", count == 1),
    )
    buttons = [
        html.Button(sign, id=step_act_id(no, act), n_clicks=0, className="btn", type="button",
                    disabled=off, title=word, **marks({"aria-label": f"{word} {no + 1}"}))
        for word, sign, act, off in acts
    ]  # fmt: skip
    return html.Fieldset(
        [html.B(no + 1, className="no"), html.Div(fields, className="fl"),
         html.Div(buttons, className="mv")], className="step",
    )  # fmt: skip


def _text(no: int, step: Mapping[str, str], field: str, kind: str) -> html.Label:
    box = dcc.Input(
        id=step_field_id(no, field), className="inp", value=step[field], type="text",
        maxLength=6 if field == "within" else 400,
    )  # fmt: skip
    return html.Label([html.Span(_(FIELD_WORDS[field])), box], className=kind)


def read_fields(ids: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> list[dict[str, str]]:
    """Return what stands in the form as a draft, in the order of the steps."""
    found: dict[int, dict[str, str]] = {}
    for id_, value in zip(ids, values, strict=True):
        step = found.setdefault(int(id_["step"]), dict(EMPTY))
        if id_["field"] in EMPTY:
            step[id_["field"]] = "" if value is None else str(value)[:2000]
    return [found[no] for no in sorted(found)]


def moved(draft: Draft, step: int, act: str) -> list[dict[str, str]]:
    """Return the draft after a step was added, removed or moved; what cannot be is left."""
    steps = [dict(x) for x in draft]
    if act == "add" and len(steps) < MOST_STEPS:
        return [*steps, dict(EMPTY)]
    if not 0 <= step < len(steps):
        return steps
    if act == "remove" and len(steps) > 1:
        return steps[:step] + steps[step + 1 :]
    other = step + {"up": -1, "down": 1}.get(act, 0)
    if 0 <= other < len(steps):
        steps[step], steps[other] = steps[other], steps[step]
    return steps


def proposed(view: DutyView) -> list[Component]:
    """Return what is said once a version is proposed, with the way to it."""
    said = _("Version {n} is proposed and waits for a second person").format(n=view.version)
    way = dcc.Link(_("Look at it"), href=address(view), className="btn")
    return [html.P([html.B(said), " ", way])]


def wrong_words(wrong: Sequence[Wrong]) -> list[Component]:
    """Return everything that is wrong in a draft, a line each."""
    return [html.P(wrong_word(x)) for x in wrong]


def wrong_word(wrong: Wrong) -> str:
    """Return one thing that is wrong, and where."""
    why = _(WHY_WORDS[wrong.why]).format(most=MOST_MINUTES, letters=MOST_LETTERS, steps=MOST_STEPS)
    if wrong.step == 0:
        return why
    return _("Step {n}: “{field}” {why}").format(
        n=wrong.step, field=_(FIELD_WORDS[wrong.field]), why=why
    )
