"""Standing procedures: the list, one version with its steps, and what it changes line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from components.duties_ids import DutyIds, DutyView, address, decide_id
from components.duties_shown import DutiesShown, chosen_sops, holding, waiting
from components.empty import calm
from components.formats import full_time
from components.i18n import N_, _, name, ngettext
from components.ids import marks
from components.procedure_form import procedure_form
from components.theme import LEVELS
from data.cases.procedures import SopVersion, StepLine, compared
from data.catalogue.loop_entries import Sop, SopStep
from data.vocabulary import Names

STATE_WORDS = {
    "shipped": N_("from the catalogue"),
    "proposed": N_("proposed, waits for a second person"),
    "approved": N_("approved"),
    "refused": N_("not approved"),
}
LINE_WORDS = {
    "same": N_("unchanged"),
    "changed": N_("changed"),
    "moved": N_("moved"),
    "added": N_("added"),
    "removed": N_("removed"),
}


def procedures_view(shown: DutiesShown, view: DutyView) -> list[Component]:
    """Return the list of procedures and the one that is looked at."""
    codes = chosen_sops(shown, view)
    if not codes:
        return [html.Div(calm(_("No procedure fits what you look for")), className="alone2")]
    code = view.sop if view.sop in shown.sops else codes[0]
    rows = [_entry(shown, view, c, on=c == code) for c in codes]
    versions = shown.sops[code]
    version = next((x for x in versions if x.sop.version == view.version), None)
    chosen = version or _first(versions)
    if view.edit and shown.proposing:
        detail = procedure_form(shown, view, (holding(versions) or chosen).sop)
    else:
        detail = _detail(shown, view, versions, chosen)
    return [
        html.Div(rows, className="sops scroll", tabIndex=0),
        html.Div(detail, className="sop1 scroll", tabIndex=0),
    ]


def _first(versions: Sequence[SopVersion]) -> SopVersion:
    """Return what is looked at first: what waits for a decision, else what holds."""
    proposed = next((x for x in versions if x.state == "proposed"), None)
    return proposed or holding(versions) or versions[0]


def _entry(shown: DutiesShown, view: DutyView, code: str, *, on: bool) -> Component:
    versions = shown.sops[code]
    found = holding(versions)
    sop = (found or versions[0]).sop
    steps = ngettext("{n} step", "{n} steps", len(sop.steps))
    said = _("version {n}").format(n=sop.version) if found else _("none is approved yet")
    more = [html.Span(_("a change waits"), className="tag")] if waiting(versions) else []
    return dcc.Link(
        [html.B(name(sop.name)), html.Span([f"{steps} · {said} · {_start_word(sop)}"],
                                           className="dim2"), *more],
        href=address(view, sop=code, version=0, edit=False), className="dep on" if on else "dep",
    )  # fmt: skip


def _start_word(sop: Sop) -> str:
    return _("starts by rule") if sop.rule else _("started by hand")


def _detail(
    shown: DutiesShown, view: DutyView, versions: Sequence[SopVersion], chosen: SopVersion
) -> list[Component]:
    sop = chosen.sop
    change = []
    if shown.proposing:
        way = address(view, sop=sop.code, version=0, edit=True)
        change = [dcc.Link(_("Propose a change"), href=way, className="btn main")]
    head = html.Div([html.H3(name(sop.name)), html.Span(sop.code, className="dim2"),
                     html.Span(className="sp"), *change], className="ph2")  # fmt: skip
    base = _base(versions, chosen)
    facts: list[Component] = [
        _fact(_("How it starts"), _started(shown, sop)),
        _fact(_("Basis"), name(sop.basis)),
        _fact(_("State"), _state(chosen)),
        *_history(chosen),
    ]
    return [
        head,
        _tabs(view, versions, chosen),
        html.Dl(facts, className="facts"),
        *(_decision(shown, chosen) if chosen.state == "proposed" else []),
        _compared(shown, base.sop, sop) if base else _steps(shown, sop),
    ]


def _fact(word: str, said: str) -> Component:
    return html.Div([html.Dt(word), html.Dd(said)])


def _tabs(view: DutyView, versions: Sequence[SopVersion], chosen: SopVersion) -> Component:
    chips = [
        dcc.Link(
            [_("Version {n}").format(n=x.sop.version), html.I(
                _("in force") if x.in_force else _(STATE_WORDS[x.state]))],
            href=address(view, sop=x.sop.code, version=x.sop.version, edit=False),
            className="chip on" if x is chosen else "chip",
        )
        for x in versions
    ]  # fmt: skip
    return html.Div(chips, className="versions")


def _started(shown: DutiesShown, sop: Sop) -> str:
    if sop.rule is None:
        return _("by hand, by whoever leads the case")
    names = _(", ").join(name(shown.category(code)) for code in sop.rule.categories)
    level = LEVELS.get(sop.rule.level)
    return _("by itself when a case is opened: {categories}, level {level} or worse").format(
        categories=names, level=_(level.word) if level else sop.rule.level
    )


def _state(chosen: SopVersion) -> str:
    said = _(STATE_WORDS[chosen.state])
    if chosen.state == "shipped":
        said = _("{state}, valid from {day}").format(state=said, day=chosen.sop.valid_from)
    if chosen.in_force:
        return _("{state} · in force: new cases start from it").format(state=said)
    if chosen.state in ("shipped", "approved"):
        return _("{state} · replaced; cases that began with it keep it").format(state=said)
    return said


def _history(chosen: SopVersion) -> list[Component]:
    found = []
    if chosen.proposed_at:
        reason, _line, decision = chosen.reason.partition("\n")
        said = _("{name}, {time}: {reason}").format(
            name=chosen.proposed_name, time=_when(chosen.proposed_at), reason=reason
        )
        found.append(_fact(_("Proposed by"), said))
        if chosen.decided_at:
            word = _("Approved by") if chosen.state == "approved" else _("Refused by")
            by = _("{name}, {time}").format(name=chosen.decided_name, time=_when(chosen.decided_at))
            found.append(_fact(word, f"{by} · {decision}" if decision else by))
    return found


def _when(at: datetime) -> str:
    return full_time(at.timestamp())[:16]


def _base(versions: Sequence[SopVersion], chosen: SopVersion) -> SopVersion | None:
    """Return the version that one is compared with: what held when it was made."""
    held = [x for x in versions if x.state in ("shipped", "approved")]
    return next((x for x in held if x.sop.version < chosen.sop.version), None)


def _decision(shown: DutiesShown, chosen: SopVersion) -> list[Component]:
    """Return the form of the second person, or why this reader is not the one."""
    if shown.me is not None and shown.me == chosen.proposed_by:
        return [html.P(_("You proposed this: a second person has to decide."), className="hint")]
    if not shown.deciding:
        said = _("A leader or steward of the whole city who did not propose it decides.")
        return [html.P(said, className="hint")]
    acts = [
        html.Button(word, id=decide_id(chosen.id, act), n_clicks=0, className=kind, type="button")
        for word, act, kind in (
            (_("Approve: new cases start from it"), "approve", "btn main"),
            (_("Refuse"), "refuse", "btn"),
        )
    ]
    field = html.Label([html.Span(_("Reason of the decision (needed to refuse)")), dcc.Input(
        id=DutyIds.DECISION, className="inp", maxLength=190, value="")])  # fmt: skip
    told = html.Div(id=DutyIds.DECIDED, className="told", role="alert")
    return [html.Div([field, told, html.Div(acts, className="acts")], className="form decide")]


def _heads(*, compare: bool) -> html.Thead:
    words = [_("Step"), _("What is done"), _("Department"), _("Within"), _("Condition")]
    first = [html.Th(_("Compared with before"), className="w-state")] if compare else []
    kinds = ("w-no", "", "w-who", "w-min", "w-cond")
    cells = [html.Th(word, className=kind) for word, kind in zip(words, kinds, strict=True)]
    return html.Thead(html.Tr([*first, *cells]))


def _steps(shown: DutiesShown, sop: Sop) -> Component:
    rows = [html.Tr(_cells(shown, step)) for step in sop.steps]
    return html.Table([_heads(compare=False), html.Tbody(rows)], className="plain steps")


def _cells(shown: DutiesShown, step: SopStep) -> list[Component]:
    return [
        html.Td(step.no, className="num"),
        html.Td(_both(step.name)),
        html.Td(name(shown.department(step.department))),
        html.Td(_minutes(step.within), className="num"),
        html.Td(name(step.condition) if step.condition else _("always")),
    ]


def _both(words: Names) -> list[Component]:
    """Return a text in the language spoken now, and below it in the other one."""
    said = name(words)
    other = next((w for w in (words["zh"], words["en"]) if w and w != said), "")
    return [html.Span(said), html.Span(other, className="dim2")]


def _minutes(minutes: int) -> str:
    return ngettext("{n} minute", "{n} minutes", minutes)


def _compared(shown: DutiesShown, old: Sop, new: Sop) -> Component:
    lines = compared(old, new)
    changes = sum(1 for x in lines if x.state != "same")
    said = _("Compared with version {n}: {changes}").format(
        n=old.version,
        changes=ngettext("{n} line differs", "{n} lines differ", changes)
        if changes else _("no step differs"),
    )  # fmt: skip
    rows = [_line(shown, line) for line in lines]
    return html.Div([
        html.P([html.Span(said), *_whole(old, new)], className="hint"),
        html.Table([_heads(compare=True), html.Tbody(rows)], className="plain steps"),
    ])  # fmt: skip


def _whole(old: Sop, new: Sop) -> list[Component]:
    """Return what differs outside the steps."""
    pairs = (
        (_("Name"), name(old.name), name(new.name)),
        (_("Basis"), name(old.basis), name(new.basis)),
        (_("How it starts"), _start_word(old), _start_word(new)),
        (_("Rule"), _rule(old), _rule(new)),
    )
    return [
        html.Span(_(" · {what}: {old} → {new}").format(what=what, old=was, new=now))
        for what, was, now in pairs
        if was != now
    ]


def _rule(sop: Sop) -> str:
    rule = sop.rule
    return f"{'/'.join(rule.categories)} ≤ {rule.level}" if rule else _("none")


def _line(shown: DutiesShown, line: StepLine) -> Component:
    step = line.new or line.old
    assert step is not None  # noqa: S101 - a line has one of them
    first = html.Td(html.Span(_(LINE_WORDS[line.state]), className=f"d-{line.state}"))
    cells = _cells(shown, step)
    if line.old and line.new and line.state in ("changed", "moved"):
        was = _cells(shown, line.old)
        cells = [_was(now, old) for now, old in zip(cells, was, strict=True)]
    return html.Tr([first, *cells], className=f"l-{line.state}",
                   **marks({"data-line": line.state}))  # fmt: skip


def _was(now: Component, old: Component) -> Component:
    """Return a cell with what stood there before, if that was something else."""
    if str(now.children) == str(old.children):
        return now
    inside = old.children if isinstance(old.children, list) else [str(old.children)]
    kept = now.children if isinstance(now.children, list) else [str(now.children)]
    return html.Td([*kept, html.Del(inside)], className=getattr(now, "className", ""))
