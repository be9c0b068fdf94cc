"""The data-debt board: what is proposed, promised, overdue and ended; and the forms to act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import MISSING, day_time, local, number
from components.i18n import N_, _, name, ngettext
from components.sources_ids import act_id, address, field_id
from data.sharing.words import Board, DebtRow, DebtState, Proposal, View

STATE_WORDS: dict[str, str] = {
    DebtState.OPEN: N_("open"),
    DebtState.KEPT: N_("kept"),
    DebtState.BROKEN: N_("broken"),
    DebtState.DROPPED: N_("dropped"),
}
KIND_WORDS: dict[str, str] = {
    "no_source": N_("No source of its own"),
    "never": N_("Never connected"),
    "silent": N_("Silent for more than a day"),
    "gaps": N_("Less than 90% complete"),
    "zeros": N_("Zero for unusually long"),
    "other": N_("Other"),
}
ERROR_WORDS: dict[str, str] = {
    "missing": N_("is missing"),
    "too_long": N_("is too long"),
    "unknown": N_("is not known"),
    "past": N_("lies in the past"),
    "too_far": N_("lies more than a year ahead"),
    "taken": N_("is on the board already"),
    "closed": N_("is closed already"),
    "not_a_date": N_("is not a date (YYYY-MM-DD)"),
}
FIELD_WORDS: dict[str, str] = {
    "owner": N_("Owner"),
    "due": N_("Due date"),
    "said_by": N_("Your name"),
    "note": N_("Note"),
    "title": N_("Title"),
    "why": N_("Why"),
    "debt": N_("Debt"),
    "kind": N_("Debt"),
    "state": N_("State"),
    "source": N_("Source"),
    "department": N_("Department"),
    "area": N_("Area"),
}
WEEKS_GIVEN = 2


def debt_error(field: str, reason: str) -> str:
    """Return in words why a debt could not be taken or closed."""
    return f"{_(FIELD_WORDS.get(field, field))} {_(ERROR_WORDS.get(reason, reason))}"


def debt_board(
    board: Board, ended: Sequence[DebtRow], view: View, *, acting: bool, by: str = ""
) -> list[Component]:
    """Return the board.

    acting: whether somebody may take and close debts here; by: who is signed in.
    """
    promised = [d for d in board["debts"] if _wanted(d, board, view)]
    proposed = [p for p in board["proposals"] if _wanted(p, board, view)]
    closed = [d for d in ended if _wanted(d, board, view)]
    form = _form(board, ended, view, by) if acting else None
    said: list[Component] = [form] if form is not None else []
    said += [
        html.H3(_("Promised · {n}").format(n=len(promised))),
        _table([_debt_row(d, view, acting=acting) for d in promised])
        if promised
        else calm(_("No open debt")),
        html.H3(_("Proposed from the figures · {n}").format(n=len(proposed))),
        _proposals(proposed, view, acting=acting),
        html.H3(_("Ended in the last 12 weeks · {n}").format(n=len(closed))),
        _table([_debt_row(d, view, acting=False) for d in closed])
        if closed
        else calm(_("None ended yet")),
    ]
    if not acting:
        told = _("Read only here. On the server: {command}").format(command="python -m data debt")
        said.insert(0, html.P(told, className="hint"))
    return said


def _wanted(row: DebtRow | Proposal, board: Board, view: View) -> bool:
    domains = {s["key"]: s["domains"] for s in board["sources"]}
    names = [row["department_name"], row["source_name"], row["area_name"]]
    text = " ".join(f"{n['zh']} {n['en']}" for n in names if n)
    text += f" {row.get('title', '')} {row.get('owner', '')}"
    return (
        view.dept in ("", row["department"])
        and (not view.domain or view.domain in domains.get(row["source"] or "", []))
        and all(word in text.lower() for word in view.q.lower().split())
    )


def _table(rows: list[html.Tr]) -> html.Table:
    heads = (_("No."), _("Debt"), _("Source"), _("Department"), _("Owner"), _("Due date"),
             _("State"), _("Said to be by"), "")  # fmt: skip
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain debts",
    )


def _debt_row(debt: DebtRow, view: View, *, acting: bool) -> html.Tr:
    place = [name(debt["source_name"]) or _("whole department"), name(debt["area_name"])]
    overdue = html.Span(_("overdue"), className="od")
    word = STATE_WORDS.get(debt["state"], "")
    state: Component = overdue if debt["overdue"] else html.Span(_(word))
    note = debt["note"] or debt["why"]
    title: list[Component] = [html.B(debt["title"])]
    if note:
        title.append(html.Span(note, className="dim2"))
    act = dcc.Link(_("Act"), href=address(view, debt=debt["id"], propose=""), className="btn")
    closed = day_time(debt["closed_at"]) if debt["closed_at"] else ""
    cells: list[Any] = [
        html.Td(str(debt["id"]), className="num"),
        html.Td(title),
        html.Td(" · ".join(p for p in place if p)),
        html.Td(name(debt["department_name"])),
        html.Td(debt["owner"]),
        html.Td(debt["due"], className="num"),
        html.Td([state, html.Span(closed, className="dim2")]),
        html.Td(debt["said_by"] or MISSING),
        html.Td(act if acting else None),
    ]
    chosen = " on" if debt["id"] == view.debt else ""
    return html.Tr(cells, className=f"debt{chosen}")


def _proposals(proposed: Sequence[Proposal], view: View, *, acting: bool) -> Component:
    if not proposed:
        return calm(_("Nothing to propose: every department and source keeps its word"))
    heads = (_("Debt"), _("Source"), _("Department"), _("Figure"), _("Since"), "")
    rows = []
    for p in proposed:
        place = [name(p["source_name"]) or _("whole department"), name(p["area_name"])]
        take = dcc.Link(_("Take on"), href=address(view, propose=p["key"], debt=0), className="btn")
        cells: list[Any] = [
            html.Td(html.B(proposal_title(p))),
            html.Td(" · ".join(x for x in place if x)),
            html.Td(name(p["department_name"])),
            html.Td(_figure(p), className="num"),
            html.Td(day_time(p["since"]), className="num"),
            html.Td(take if acting else None),
        ]
        rows.append(html.Tr(cells, className="on" if p["key"] == view.propose else ""))
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain proposals",
    )


def proposal_title(proposal: Proposal) -> str:
    """Return what a proposed debt is called."""
    kind = proposal["kind"]
    return _(KIND_WORDS[kind]) if kind in KIND_WORDS else kind


def _figure(p: Proposal) -> str:
    if p["kind"] == "no_source":
        return ngettext("{n} indicator", "{n} indicators", int(p["value"]))
    if p["kind"] == "gaps":
        return _("{value} periods").format(value=p["value"])
    return p["value"] or MISSING


def _form(board: Board, ended: Sequence[DebtRow], view: View, by: str) -> Component | None:
    if view.propose:
        for p in board["proposals"]:
            if p["key"] == view.propose:
                return _take_form(p, board["now"], view, by)
        return html.P(_("This proposal no longer holds or was taken on"), className="hint")
    if view.debt:
        for d in (*board["debts"], *ended):
            if d["id"] == view.debt:
                return _act_form(d, view, by) if d["state"] == DebtState.OPEN else None
        return html.P(_("There is no debt {n}").format(n=number(view.debt)), className="hint")
    return None


def _take_form(p: Proposal, now: float, view: View, by: str) -> html.Section:
    due = local(now).date() + timedelta(weeks=WEEKS_GIVEN)
    place = [name(p["department_name"]), name(p["source_name"]), name(p["area_name"])]
    title = f"{proposal_title(p)} · {' · '.join(x for x in place if x)}"
    return _framed(
        _("Take on a debt"),
        title,
        [_field("owner", ""), _day(due), _field("note", "", wide=True), _said_by(by)],
        [_button("take", _("Put on the board"), main=True)],
        view,
        by,
    )


def _act_form(d: DebtRow, view: View, by: str) -> html.Section:
    return _framed(
        _("Debt {n}").format(n=d["id"]),
        f"{d['title']} · {d['owner']}",
        [
            _field("owner", d["owner"]),
            _day(date.fromisoformat(d["due"])),
            _field("note", "", wide=True),
            _said_by(by),
        ],
        [
            _button("kept", _("Close as kept"), main=True),
            _button("move", _("Change owner or date")),
            _button("broken", _("Close as broken")),
            _button("dropped", _("Drop")),
        ],
        view,
        by,
    )


def _framed(
    head: str, title: str, inputs: list[Component], buttons: list[Component], view: View, by: str
) -> html.Section:
    back = dcc.Link(_("Cancel"), href=address(view, debt=0, propose=""), className="btn")
    hint = _("Recorded under the name that is signed in")
    if not by:
        hint = _("Not signed in: the name is recorded as said, not as checked")
    return html.Section(
        [
            html.H4([html.Span(head, className="dim2"), html.B(title)]),
            html.Div(inputs, className="fields"),
            html.Div([*buttons, back, html.Span(hint, className="dim2")], className="acts"),
        ],
        className="form",
    )


def _field(key: str, value: str, *, wide: bool = False) -> html.Label:
    box = dcc.Input(id=field_id(key), type="text", value=value, maxLength=500, className="inp")
    said = html.Span(_(FIELD_WORDS[key]))
    return html.Label([said, box], className="wide" if wide else "")


def _said_by(by: str) -> Component:
    """Return who acts: the name that is signed in, else a field to say one."""
    if not by:
        return _field("said_by", "")
    return html.Label([html.Span(_("Acting person")), html.B(by, className="inp fixed")])


def _day(due: date) -> html.Label:
    box = dcc.Input(
        id=field_id("due"), type="text", value=due.isoformat(), maxLength=10,
        placeholder="YYYY-MM-DD", className="inp",
    )  # fmt: skip
    return html.Label([html.Span(_("Due date")), box])


def _button(act: str, word: str, *, main: bool = False) -> html.Button:
    look = "btn main" if main else "btn"
    return html.Button(word, id=act_id(act), n_clicks=0, type="button", className=look)
