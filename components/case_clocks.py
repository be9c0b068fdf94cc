"""The clocks of a case: when each is due, why then, and the due times it had before."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.case_times import between, full, stamp, ticking
from components.clock_words import why_lines
from components.empty import calm
from components.formats import MISSING
from components.i18n import N_, _, name
from components.loop_words import act_word, asked_word
from data.cases.page import CasePage, ClockRow
from data.vocabulary import CaseAct, CaseState

GIVEN = "given"
"""The rule of a due time that somebody outside gave."""

KINDS = {
    "total": N_("Whole case"),
    "verify": N_("Verifying"),
    "dispatch": N_("Dispatching"),
    "accept": N_("Accepting"),
    "handle": N_("Handling"),
    "check": N_("Checking"),
}


A = CaseAct
DONE_BY: dict[str, frozenset[str]] = {
    "verify": frozenset({A.VERIFY, A.REJECT}),
    "dispatch": frozenset({A.DISPATCH, A.REJECT}),
    "accept": frozenset({A.ACCEPT}),
    "handle": frozenset({A.REPORT_BACK}),
    "check": frozenset({A.CHECK_GOOD, A.CHECK_BAD}),
}
"""The acts with which a stage is done."""

CUTS = (A.DISPATCH, A.GRANT, A.MERGE, A.FORCE_CLOSE, A.CLOSE)
"""Acts that end a stage before it is done: the case goes elsewhere, or ends."""


def clock_word(kind: str) -> str:
    """Return what a clock of a case counts."""
    return _(KINDS[kind]) if kind in KINDS else kind


def case_clocks(page: CasePage) -> html.Section:
    """Return the section: one row a clock, the whole case first, replaced ones struck."""
    title = html.H2(_("Clocks"))
    if not page.clocks:
        return html.Section([title, *_given(page)], className="card clocks")
    rows = [_row(clock, page) for clock in _ordered(page.clocks)]
    heads = (_("Clock"), _("Began"), _("Due"), _("State"))
    head = html.Div([html.Span(h) for h in heads], className="crow top")
    hint = html.Span(_("open a line for why it is due then"), className="dim2")
    return html.Section([html.Header([title, hint]), head, *rows], className="card clocks")


def _given(page: CasePage) -> list[Component]:
    """Return the limit that a platform gave, where no clock of ours was computed."""
    if page.head.due_at is None:
        return [calm(_("No clock runs on this case"))]
    due = html.B(full(page.head.due_at))
    given = _("as {source} gives it; no clock of ours runs on it").format(
        source=name(page.head.source_name)
    )
    return [html.P([_("Due"), " ", due, " · ", given])]


def _ordered(clocks: Sequence[ClockRow]) -> list[ClockRow]:
    """Return the whole case first, then its steps; what is replaced after what it is now."""
    place = {kind: i for i, kind in enumerate(KINDS)}
    return sorted(clocks, key=lambda c: (place.get(c.kind, len(KINDS)), *_turn(c)))


def _turn(clock: ClockRow) -> tuple[bool, bool, int]:
    """Return what stands first of one kind: in the order they ran, then those replaced, newest.

    Of the whole case what runs now stands before what was met before it was opened again.
    """
    old = clock.replaced_by is not None
    past = clock.kind == "total" and clock.stopped_at is not None
    return old, past, -clock.id if old else clock.id


def _row(clock: ClockRow, page: CasePage) -> html.Details:
    old = clock.replaced_by is not None
    due: Component = html.Time(full(clock.due_at))
    cells = [
        html.Span(html.B(clock_word(clock.kind))),
        stamp(clock.started_at, brief=True),
        html.S(due) if old else due,
        html.Span(_state(clock, page)),
    ]
    return html.Details(
        [
            html.Summary(html.Div(cells, className="crow")),
            html.Div(
                [html.H3(_("Why this due time")), html.Ol([html.Li(x) for x in _why(clock)])],
                className="why",
            ),
        ],
        className="old" if old else "",
    )


def _why(clock: ClockRow) -> list[str]:
    if clock.due is None and clock.rule == GIVEN:
        return [_("Given from outside: {time}").format(time=full(clock.due_at))]
    lines = why_lines(clock.due) if clock.due else []
    by = _("Rule {rule}, version {n}; calendar {calendar}; computed {time}").format(
        rule=clock.rule,
        n=clock.rule_version,
        calendar=clock.calendar_version,
        time=full(clock.made_at),
    )
    return [*lines, by]


def _state(clock: ClockRow, page: CasePage) -> list[Component | str]:
    if clock.replaced_by is not None:
        by = next((c for c in page.clocks if c.id == clock.replaced_by), None)
        said = _approval(by, page) if by else ""
        return [_("moved by {approval}").format(approval=said) if said else _("replaced")]
    said = _approval(clock, page)
    more = [html.Span(_("by {approval}").format(approval=said), className="dim2 by")]
    return [_standing(clock, page), *(more if said else [])]


def _standing(clock: ClockRow, page: CasePage) -> Component:
    if clock.stopped_at is None:
        still = page.head.state == CaseState.SUSPENDED
        return html.Span(_("Clock stands")) if still else ticking(clock.due_at)
    cut = _cut_short(clock, page)
    if cut:
        return html.Span(
            _("not done: ended by “{act}”").format(act=act_word(CaseAct(cut))), className="dim"
        )
    if clock.stopped_at <= clock.due_at:
        words = _("met, {time} to spare")
        return html.Span(words.format(time=between(clock.stopped_at, clock.due_at)))
    words = _("{t} over").format(t=between(clock.due_at, clock.stopped_at))
    return html.Span(words, className="od")


def _cut_short(clock: ClockRow, page: CasePage) -> str:
    """Return the act that ended a stage before it was done; "" if it was done."""
    if clock.kind not in DONE_BY:
        return ""
    acts = {t.action for t in page.turns if t.at == clock.stopped_at}
    if acts & DONE_BY[clock.kind]:
        return ""
    return next((act.value for act in CUTS if act.value in acts), "")


def _approval(clock: ClockRow, page: CasePage) -> str:
    """Return the approval that made a clock: number, what, who; "" if none did."""
    if clock.approval_id is None:
        return ""
    row = next((a for a in page.asked if a.id == clock.approval_id), None)
    if row is None:
        return _("approval {n}").format(n=clock.approval_id)
    words = _("approval {n}: {what}, {who}")
    return words.format(n=row.id, what=asked_word(row.kind), who=row.decided_name or MISSING)
