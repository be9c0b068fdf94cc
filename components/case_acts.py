"""What this person may do to the case now: one button an act, and behind it its small form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dash import dcc, html
from dash.development.base_component import Component

from components.case_fields import Offers, fields_of
from components.case_fields import field as drawn_field
from components.case_ids import done_id, form_id, seen_id, send_id, told_id
from components.i18n import N_, _, name, ngettext
from components.ids import marks
from components.loop_words import act_word
from data.cases.page import CasePage
from data.vocabulary import CaseAct, CaseState

A = CaseAct
NEXT = (
    A.VERIFY, A.OPEN, A.DISPATCH, A.ACCEPT, A.START, A.REPORT_BACK, A.CHECK_GOOD, A.CHECK_BAD,
    A.CLOSE, A.GRANT, A.DENY, A.RESUME, A.DECIDE_APPEAL,
)  # fmt: skip
"""Acts that bring the case on: they stand first."""

GRAVE = frozenset({A.FORCE_CLOSE, A.REJECT, A.MERGE, A.REOPEN})
"""Acts that end a case or undo its end: they stand last."""

EXPLAINED = {
    A.FORCE_CLOSE: N_("Ends the case without a check; name and reason stay on it."),
    A.MERGE: N_("This case ends and goes on as part of the other."),
    A.TAKE_LEAD: N_("From now on only acts here move the case."),
    A.REOPEN: N_("The case goes back to be dispatched again."),
}


@dataclass(frozen=True)
class Acting:
    """Who looks at the page and what they may do. signed: somebody is signed in.

    department: of one who acts for a department only, its catalogue code.
    """

    allowed: tuple[CaseAct, ...] = ()
    signed: bool = True
    role: str = ""
    department: str | None = None
    offers: Offers = field(default_factory=Offers)


def case_acts(page: CasePage, acting: Acting) -> list[Component]:
    """Return the buttons and their forms, closed."""
    title = html.H2(_("What you can do"))
    own = _own(page, acting)
    offered = tuple(a for a in acting.allowed if a not in _nothing_left(own))
    if not offered:
        return [html.Section([title, html.P(_nothing(acting), className="dim2")], className="card")]
    first, others, grave = _sorted(offered, checked=page.head.state == CaseState.CHECKED)
    buttons = [
        html.Div([_button(a, main=True) for a in first], className="acts main"),
        html.Div([_button(a) for a in others], className="acts"),
        html.Div([_button(a) for a in grave], className="acts grave"),
    ]
    forms = [_form(a, own, acting.offers) for a in (*first, *others, *grave)]
    note = html.P(className="moved off", role="status")
    inside = [title, note, *(b for b in buttons if b.children), *forms]
    return [html.Section(inside, className="card doing")]


def _own(page: CasePage, acting: Acting) -> CasePage:
    """Return the page with only those tasks and steps that this person can move."""
    mine = acting.department
    if mine is None:
        return page
    return replace(
        page,
        tasks=tuple(t for t in page.tasks if t.department == mine),
        steps=tuple(s for s in page.steps if s.department in (None, mine)),
    )


def _nothing_left(own: CasePage) -> frozenset[CaseAct]:
    """Return the acts that would find nothing to act on."""
    found = {
        A.MOVE_TASK: all(t.ended_at is not None for t in own.tasks),
        A.STEP_SOP: all(s.done_at is not None for s in own.steps),
    }
    return frozenset(act for act, nothing in found.items() if nothing)


def _nothing(acting: Acting) -> str:
    if not acting.signed:
        return _("Sign in to act on this case.")
    return _("There is nothing you can do to this case now.")


def _sorted(
    allowed: Sequence[CaseAct], *, checked: bool
) -> tuple[list[CaseAct], list[CaseAct], list[CaseAct]]:
    """Return what brings the case on, the rest, and what ends it before its time."""
    early = frozenset() if checked else frozenset({A.CLOSE})
    first = [a for a in NEXT if a in allowed and a not in early]
    grave = [a for a in allowed if a in GRAVE | early]
    return first, [a for a in allowed if a not in first and a not in grave], grave


def _button(act: CaseAct, *, main: bool = False) -> html.Button:
    return html.Button(
        act_word(act),
        type="button",
        className="btn main" if main else "btn",
        **marks({"data-open": act.value, "aria-expanded": "false"}),
    )


def _form(act: CaseAct, page: CasePage, offers: Offers) -> html.Div:
    word = act_word(act)
    inside: list[Component] = [html.H3(word)]
    if act in EXPLAINED:
        inside.append(html.P(_(EXPLAINED[act]), className="dim2"))
    undone = sum(t.ended_at is None for t in page.tasks)
    if act is A.CLOSE and undone:
        said = ngettext("{n} task is not finished.", "{n} tasks are not finished.", undone)
        inside.append(html.P(said, className="why"))
    if act is A.DISPATCH and offers.why:
        inside.append(html.P(name(offers.why), className="why"))
    inside += [f for s in fields_of(act) if (f := drawn_field(act, s, page, offers)) is not None]
    inside += [
        html.Div(id=told_id(act.value), className="told", role="alert"),
        html.Div(
            [
                html.Button(_("Confirm: {act}").format(act=word), id=send_id(act.value),
                            n_clicks=0, type="button", className="btn main send"),
                html.Button(_("Cancel"), type="button", className="btn cancel"),
                html.Span(className="draft dim2"),
            ],
            className="acts",
        ),
        dcc.Store(id=seen_id(act.value), data=page.head.version),
        dcc.Store(id=done_id(act.value)),
    ]  # fmt: skip
    return html.Div(
        inside,
        id=form_id(act.value),
        className="form off",
        role="group",
        **marks({"data-act": act.value, "aria-label": word}),
    )


def every_form() -> html.Div:
    """Return one form with every kind of field, for the check of callbacks."""
    ids = [form_id("x"), told_id("x")]
    return html.Div(
        [
            *[html.Div(id=i) for i in ids],
            html.Button(id=send_id("x"), n_clicks=0),
            dcc.Store(id=seen_id("x")),
            dcc.Store(id=done_id("x")),
        ]
    )
