"""What was asked of approvers, how a case is supervised, what the reporter said of it, its ties."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.case_ids import case_address
from components.case_times import full, stamp, ticking
from components.empty import calm
from components.formats import MISSING
from components.i18n import N_, _, name
from components.loop_words import (
    asked_word,
    call_back_word,
    colour_word,
    link_word,
    state_word,
)
from components.supervision_cards import LADDER, card_event_word, grounds
from components.theme import badge
from data.cases.page import AskedRow, Brief, CardRow, CardTurn, CasePage, LinkRow
from data.vocabulary import CaseAct, LinkKind

WANTED = {
    "until": N_("new due time"),
    "review_at": N_("review on"),
}
CARDS = {
    "active": N_("standing"),
    "answered": N_("answered"),
    "appealed": N_("appealed, frozen"),
    "upheld": N_("appeal refused, mark stands"),
    "withdrawn": N_("withdrawn after appeal"),
    "ended": N_("ended"),
}


def case_asked(page: CasePage) -> list[Component]:
    """Return the sections of approvals, supervision, call-back and ties that there are."""
    found = [_approvals(page), _cards(page), _call_back(page), _links(page)]
    return [s for s in found if s is not None]


def _approvals(page: CasePage) -> Component | None:
    if not page.asked:
        return None
    waiting = sum(a.decided_at is None and a.granted is None for a in page.asked)
    said = _("{n} waiting").format(n=waiting) if waiting else _("none waiting")
    head = html.Header([html.H2(_("Approvals")), html.Span(said, className="dim2")])
    return html.Section([head, *[_approval(a) for a in page.asked]], className="card asked")


def _approval(row: AskedRow) -> html.Article:
    if row.decided_at is None:
        state, word = "open", _("waiting")
    elif row.granted is None:
        state, word = "void", _("void: the case ended")
    else:
        state = "yes" if row.granted else "no"
        word = _("granted") if row.granted else _("denied")
    asked = _("{who}, {time}").format(who=row.asked_name, time=full(row.asked_at))
    lines: list[Component] = [
        html.H3(
            [
                _numbered(row),
                html.Span(word, className=f"is {state}"),
            ]
        ),
        html.P([row.reason, html.Span(asked, className="dim2")]),
    ]
    wanted = _wanted(row)
    if wanted:
        lines.append(html.P(wanted, className="dim2"))
    if row.decided_at is not None and row.granted is not None:
        by = _("{who}, {time}").format(who=row.decided_name or MISSING, time=full(row.decided_at))
        lines.append(html.P([row.decision or "", html.Span(by, className="dim2")]))
    return html.Article(lines, className=f"a-{state}")


def _numbered(row: AskedRow) -> str:
    return _("No. {n} · {what}").format(n=row.id, what=asked_word(row.kind))


def _wanted(row: AskedRow) -> str:
    said = []
    if row.suggests:
        said.append(_("suggested: {department}").format(department=name(row.suggests)))
    for key, word in WANTED.items():
        value = row.wanted.get(key)
        if value:
            said.append(f"{_(word)} {_time(value)}")
    return " · ".join(said)


def _time(value: Any) -> str:
    try:
        return full(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _cards(page: CasePage) -> Component | None:
    if not page.cards:
        return None
    inside = [_card(c) for c in page.cards]
    return html.Section([html.H2(_("Supervision cards")), *inside], className="card cards")


def _card(card: CardRow) -> html.Article:
    state = _(CARDS[card.state]) if card.state in CARDS else card.state
    code = name(card.rule_name) if card.rule_name else card.rule
    rule = _("rule {rule}, version {n}").format(rule=code, n=card.rule_version)
    lines: list[Component] = [
        html.H3([html.Span(colour_word(card.colour), className=f"rung rung-{card.colour}"), state]),
        html.P([name(card.department_name), " · ", stamp(card.raised_at), " · ", rule],
               className="dim2"),
    ]  # fmt: skip
    lines.append(html.P(_("Grounds: {why}").format(why=grounds(card.evidence)), className="dim2"))
    if card.next_step_at and card.ended_at is None:
        lines.append(html.P([_("Answer due"), " ", ticking(card.next_step_at)]))
    if card.answer:
        lines.append(html.P(_("Answer: {text}").format(text=card.answer)))
    lines += [html.P(_done(turn), className="dim2") for turn in card.turns]
    return html.Article(lines)


def _done(turn: CardTurn) -> str:
    """Return in words what was done to a card; the ladder itself is nobody."""
    who = "" if turn.actor == LADDER else turn.actor
    parts = (full(turn.at), who, card_event_word(turn.action), turn.note)
    return " ".join(part for part in parts if part)


def _call_back(page: CasePage) -> Component | None:
    head = page.head
    calls = [t for t in page.turns if t.action == CaseAct.CALL_BACK]
    if not calls and head.call_back is None and head.closed_at is None:
        return None
    inside: list[Component] = [html.H2(_("Call-back"))]
    if head.call_back is None:
        inside.append(calm(_("The reporter was not called yet")))
    else:
        when = f" · {full(head.called_at)}" if head.called_at else ""
        inside.append(html.P([html.B(call_back_word(head.call_back)), when]))
    inside += [
        html.P(" · ".join(s for s in (full(t.at), t.actor, t.note) if s), className="dim2")
        for t in calls
    ]
    return html.Section(inside, className="card")


def _links(page: CasePage) -> Component | None:
    if not page.links:
        return None
    rows = html.Ul([html.Li(_link(x)) for x in page.links], className="briefs")
    return html.Section([html.H2(_("Ties")), rows], className="card")


def _link(link: LinkRow) -> list[Component | str]:
    word = link_word(link.kind)
    if link.kind == LinkKind.CHILD:
        word = _("Part of this case") if link.out else _("Parent case")
    elif link.kind == LinkKind.MERGED:
        word = _("Merged into") if link.out else _("Merged from")
    said: list[Component | str] = [html.Span(word, className="kind")]
    if link.other is not None:
        said.append(brief(link.other))
    elif link.kind == LinkKind.ALARM:
        said.append(html.A(link.note or link.ref, href=f"/alerts?alarm={link.ref}", className="go"))
    elif link.ref:
        said.append(html.Span(link.ref))
    note = "" if link.kind == LinkKind.ALARM else link.note
    by = " · ".join(s for s in (link.by, full(link.at), note) if s)
    return [*said, html.Span(by, className="dim2 by")]


def brief(found: Brief) -> html.Span:
    """Return another case in a line, a link where the reader may open it."""
    if found.title is None:
        said_no = _("{no} · outside your scope").format(no=found.no)
        return html.Span(said_no, className="brief")
    said: list[Component | str | None] = [
        badge(found.level),
        html.A(found.title or found.no, href=case_address(found.no), className="go"),
        html.Span(state_word(found.state), className="dim2"),
    ]
    return html.Span([s for s in said if s], className="brief", title=found.no)
