"""The duty list: category and level of area, who leads, with whom, by which limits."""

from __future__ import annotations

from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from components.clock_words import limit_word
from components.duties_ids import DutyView, address
from components.duties_shown import DutiesShown, chosen_lines, holding
from components.empty import calm
from components.formats import full_time
from components.i18n import N_, _, name
from data.cases.duties import Decided, DutyLine
from data.catalogue.loop_entries import Duty

LEVEL_WORDS = {1: N_("city"), 2: N_("county"), 3: N_("town")}
STAGE_WORDS = {
    "verify": N_("Verify"),
    "dispatch": N_("Dispatch"),
    "accept": N_("Accept"),
    "handle": N_("Handle"),
    "check": N_("Check"),
}


def duty_table(shown: DutiesShown, view: DutyView) -> Component:
    """Return the table of what the view asks for."""
    lines = chosen_lines(shown, view)
    if not lines:
        return calm(_("No duty fits what you look for"))
    heads = (
        (_("Case category"), "w-cat"),
        (_("Level of area"), "w-lev"),
        (_("Lead department"), "w-lead"),
        (_("Co-departments"), "w-co"),
        (_("Whole limit"), "w-total"),
        (_("Limits of stages"), "w-stage"),
        (_("Procedure"), "w-sop"),
        (_("Version and basis"), "w-basis"),
    )
    head = html.Tr([html.Th(word, className=kind) for word, kind in heads])
    rows: list[Component] = []
    last = ""
    for line in lines:
        rows += _rows(shown, view, line, first=line.duty.category != last)
        last = line.duty.category
    return html.Table([html.Thead(head), html.Tbody(rows)], className="plain duties")


def _rows(shown: DutiesShown, view: DutyView, line: DutyLine, *, first: bool) -> list[Component]:
    duty = line.duty
    category = [html.B(name(shown.category(duty.category)))]
    domain = name(shown.domains.get(shown.domain_of.get(duty.category, "")))
    cells = [
        html.Td([*category, html.Span(domain, className="dim2")] if first else ""),
        html.Td(_levels(line)),
        html.Td(_lead(shown, line)),
        html.Td(_(", ").join(name(shown.department(key)) for key in _co(line)) or _("none")),
        html.Td(html.B(_limit(shown, duty.clocks.total)), className="num"),
        html.Td(_stages(shown, duty)),
        html.Td(_procedure(shown, view, duty)),
        html.Td(_version(line)),
    ]
    found: list[Component] = [html.Tr(cells, className="first" if first else "")]
    found += [_decided(shown, x) for x in line.decided]
    return found


def _levels(line: DutyLine) -> str:
    return _(", ").join(_(LEVEL_WORDS[level]) for level in line.levels)


def _standing(line: DutyLine) -> Decided | None:
    """Return the decision that holds in the whole city, if the newest one does."""
    return next((x for x in line.decided if x.in_force and x.area is None), None)


def _co(line: DutyLine) -> tuple[str, ...]:
    decided = _standing(line)
    return decided.co if decided else line.duty.co


def _lead(shown: DutiesShown, line: DutyLine) -> list[Component]:
    decided = _standing(line)
    if decided is None:
        return [html.Span(name(shown.department(line.duty.lead)))]
    was = _("by decision; list: {name}").format(name=name(shown.department(line.duty.lead)))
    return [html.B(name(shown.department(decided.lead))), html.Span(was, className="dim2")]


def _limit(shown: DutiesShown, code: str) -> str:
    rule = shown.clocks.get(code)
    return limit_word(rule) if rule else code


def _stages(shown: DutiesShown, duty: Duty) -> list[Component] | str:
    told: list[Component] = [
        html.Span([html.I(_(word)), " ", _limit(shown, code)], className="stage1")
        for kind, word in STAGE_WORDS.items()
        if (code := duty.clocks.of(kind))
    ]
    return told or _("none of its own")


def _procedure(shown: DutiesShown, view: DutyView, duty: Duty) -> Component:
    versions = shown.sops.get(duty.sop or "")
    found = holding(versions) if versions else None
    if found is None:
        return html.Span(_("none"), className="zero")
    way = address(view, tab="procedures", sop=found.sop.code, domain="", department="", q="")
    said = _("version {n}").format(n=found.sop.version)
    return html.Span([dcc.Link(name(found.sop.name), href=way, className="go"),
                      html.Span(said, className="dim2")])  # fmt: skip


def _version(line: DutyLine) -> list[Component]:
    duty = line.duty
    said = _("Version {n}, valid from {day}").format(n=duty.version, day=duty.valid_from)
    basis = _("Basis: {text}").format(text=name(duty.basis))
    found: list[Component] = [html.Span(said), html.Span(basis, className="dim2")]
    for old in line.older:
        before = _("before: version {n}, from {day}").format(n=old.version, day=old.valid_from)
        found.append(html.Span(before, className="dim2"))
    return found


def _decided(shown: DutiesShown, decided: Decided) -> Component:
    """Return the line of one decision below the duty that it stands over."""
    where = name(shown.areas.get(decided.area)) if decided.area else _("whole city")
    head = _("Decided: {lead} leads · {where} · version {n}, valid from {time}").format(
        lead=name(shown.department(decided.lead)), where=where, n=decided.version,
        time=_when(decided.valid_from),
    )  # fmt: skip
    by = _("{name}, {time}: {reason}").format(
        name=decided.name, time=_when(decided.at), reason=decided.reason
    )
    said: list[Component] = [html.B(head), html.Span(by)]
    if decided.co:
        names = _(", ").join(name(shown.department(key)) for key in decided.co)
        said.append(html.Span(_("with {names}").format(names=names)))
    if decided.case_no:
        said.append(html.Span([_("from case"), " ", html.A(
            decided.case_no, href=f"/case/{decided.case_no}", className="go")]))  # fmt: skip
    elif decided.hidden:
        said.append(html.Span(_("from a case outside your scope"), className="dim2"))
    if not decided.in_force:
        said.append(html.Span(_("replaced by a newer decision"), className="tag"))
    kind = "decided" if decided.in_force else "decided old"
    return html.Tr([html.Td(), html.Td(said, colSpan=7)], className=kind)


def _when(at: datetime) -> str:
    return full_time(at.timestamp())[:16]
