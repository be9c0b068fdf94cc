"""In whose court a case was: one bar of times that add up to its age, and the same as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from components.case_times import full, length, whole_minutes
from components.empty import calm
from components.formats import number
from components.i18n import N_, _, name
from components.ids import marks
from data.cases.page import CasePage, Held
from data.vocabulary import Holder, Names

KINDS = {
    Holder.DEPARTMENT: N_("At work"),
    Holder.CENTRE: N_("Waits for the centre"),
    Holder.APPROVER: N_("Waits for an approver"),
    Holder.SUSPENDED: N_("Suspension approved"),
}


@dataclass(frozen=True)
class Share:
    """The time of one holder. minutes: whole, so that all of them add up to the age shown."""

    holder: Holder
    department: Names | None
    seconds: float
    minutes: int = 0


def shares(holds: Sequence[Held]) -> list[Share]:
    """Return the time by holder and department, in the order in which they came first."""
    found: dict[tuple[str, str], Share] = {}
    for held in holds:
        if held.holder == Holder.NOBODY:
            continue
        who = held.department_name if held.holder != Holder.CENTRE else None
        key = (held.holder, who["zh"] if who else "")
        before = found.get(key)
        spent = held.seconds + (before.seconds if before else 0.0)
        found[key] = Share(Holder(held.holder), who, spent)
    minutes = whole_minutes([s.seconds for s in found.values()])
    return [
        Share(s.holder, s.department, s.seconds, m)
        for s, m in zip(found.values(), minutes, strict=True)
    ]


def court_bar(page: CasePage) -> html.Section:
    """Return the section: the bar, the course of time below it, and the list with its sum."""
    found = shares(page.holds)
    title = html.H2(_("In whose court"))
    if not found:
        return html.Section([title, calm(_("Nobody has held it yet"))], className="card court")
    return html.Section(
        [
            html.Header([title, _age(page, found)]),
            _bar(found),
            _course(page),
            _list(found),
        ],
        className="card court",
    )


def _age(page: CasePage, found: Sequence[Share]) -> html.Span:
    total = sum(s.minutes for s in found)
    word = _("from report to end") if page.head.closed_at else _("since the report")
    return html.Span([html.B(length(total)), " ", word], className="dim2")


def _bar(found: Sequence[Share]) -> html.Div:
    parts = [
        html.I(
            html.B(str(i)) if s.seconds * 18 > sum(x.seconds for x in found) else None,
            className=f"h-{s.holder}",
            style={"flexGrow": max(s.seconds, 1.0)},
            title=f"{_who(s)} {length(s.minutes)}",
        )
        for i, s in enumerate(found, 1)
    ]
    said = "; ".join(f"{_who(s)} {length(s.minutes)}" for s in found)
    return html.Div(parts, className="cbar", role="img", **marks({"aria-label": said}))


def _course(page: CasePage) -> html.Div:
    """Return when each had it: the same shades along the time from report to now."""
    told = [h for h in page.holds if h.holder != Holder.NOBODY]
    parts = [
        html.I(
            className=f"h-{h.holder}",
            style={"flexGrow": max(h.seconds, 1.0)},
            title=f"{full(h.start)} – {full(h.end)}",
        )
        for h in told
    ]
    ends = [_stamp(told[0].start), html.Span(_("course of time")), _stamp(told[-1].end)]
    if not page.head.closed_at:
        ends[2] = html.Span(_("now"))
    return html.Div(
        [html.Div(parts, className="track"), html.Div(ends, className="ends")], className="course"
    )


def _stamp(at: datetime) -> html.Span:
    return html.Span(full(at))


def _who(share: Share) -> str:
    word = _(KINDS[share.holder])
    return f"{name(share.department)} · {word}" if share.department else word


def _list(found: Sequence[Share]) -> html.Table:
    total, minutes = sum(s.seconds for s in found), sum(s.minutes for s in found)
    rows: list[Component] = [
        html.Tr(
            [
                html.Td([html.I(className=f"key h-{s.holder}"), html.B(str(i))], className="num"),
                html.Td(_(KINDS[s.holder])),
                html.Td(name(s.department), className="dim"),
                html.Td(length(s.minutes), className="num"),
                html.Td(f"{number(100 * s.seconds / total if total else 0, 1)}%", className="num"),
            ]
        )
        for i, s in enumerate(found, 1)
    ]
    last = html.Tr(
        [
            html.Td(""),
            html.Td(_("Together")),
            html.Td(""),
            html.Td(length(minutes), className="num"),
            html.Td("100%", className="num"),
        ],
        className="sum",
    )
    return html.Table(html.Tbody([*rows, last]), className="plain holders")
