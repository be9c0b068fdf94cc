"""The clocks of a case: when each is due, why then, and the due times it had before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from components.case_times import between, full, stamp, ticking
from components.clock_words import why_lines
from components.empty import calm
from components.formats import MISSING
from components.i18n import N_, _, name
from components.loop_words import asked_word
from data.cases.page import AskedRow, CasePage, ClockRow

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


def clock_word(kind: str) -> str:
    """Return what a clock of a case counts."""
    return _(KINDS[kind]) if kind in KINDS else kind


def case_clocks(page: CasePage) -> html.Section:
    """Return the section: one row a clock, the whole case first, replaced ones struck."""
    title = html.H2(_("Clocks"))
    if not page.clocks:
        return html.Section([title, *_given(page)], className="card clocks")
    asked = {a.id: a for a in page.asked}
    rows = [row for clock in _ordered(page.clocks) for row in _rows(clock, page, asked)]
    heads = (_("Clock"), _("Began"), _("Due"), _("State"))
    table = html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)], className="plain"
    )
    return html.Section([title, table], className="card clocks")


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
    order = list(KINDS)
    place = {kind: i for i, kind in enumerate(order)}
    return sorted(clocks, key=lambda c: (place.get(c.kind, len(order)), c.id))


def _rows(
    clock: ClockRow, page: CasePage, asked: dict[int, AskedRow]
) -> list[Component]:
    old = clock.replaced_by is not None
    said = [html.B(clock_word(clock.kind))]
    due: Component = html.Time(full(clock.due_at))
    cells = [
        html.Td(said),
        html.Td(stamp(clock.started_at, brief=True), className="num"),
        html.Td(html.S(due) if old else due, className="num"),
        html.Td(_state(clock, page.now, asked)),
    ]
    why = html.Td(
        html.Details(
            [html.Summary(_("Why this due time")), html.Ol([html.Li(x) for x in _why(clock)])]
        ),
        colSpan=4,
    )
    mark = "old" if old else ""
    return [html.Tr(cells, className=mark), html.Tr(why, className=f"why {mark}")]


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


def _state(clock: ClockRow, now: datetime, asked: dict[int, AskedRow]) -> list[Component | str]:
    said: list[Component | str] = []
    if clock.replaced_by is not None:
        said.append(html.Span(_("replaced"), className="dim2"))
    elif clock.stopped_at is None:
        said.append(ticking(clock.due_at))
    elif clock.stopped_at <= clock.due_at:
        words = _("met, {time} to spare")
        said.append(words.format(time=between(clock.stopped_at, clock.due_at)))
    else:
        words = _("{t} over").format(t=between(clock.due_at, clock.stopped_at))
        said.append(html.Span(words, className="od"))
    if clock.approval_id is not None:
        said.append(html.Span(_approved(clock, asked), className="dim2 by"))
    return said


def _approved(clock: ClockRow, asked: dict[int, AskedRow]) -> str:
    row = asked.get(clock.approval_id or 0)
    if row is None:
        return _("by approval {n}").format(n=clock.approval_id)
    return _("by approval {n}: {what}, {who}").format(
        n=row.id, what=asked_word(row.kind), who=row.decided_name or MISSING
    )
