"""The page of duties and procedures: who answers for what, and by which steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.duties_ids import (
    PANEL,
    PATH,
    DutyIds,
    DutyView,
    address,
    decide_id,
    step_act_id,
    step_field_id,
)
from components.duties_shown import DutiesShown, chosen_lines, waiting
from components.duties_table import duty_table
from components.empty import failed
from components.formats import day_time
from components.i18n import _, name, ngettext, use
from components.page_frame import page_frame
from components.person import Signed
from components.procedures_view import procedures_view
from data.vocabulary import Names


@dataclass(frozen=True)
class DutyPlace:
    """Where the page stands."""

    area: str
    city: Names
    build: str


def duties_page(
    shown: DutiesShown | None,
    view: DutyView,
    place: DutyPlace,
    signed: Signed | None,
    *,
    lang: str,
    now: float,
) -> html.Div:
    """Return the whole page; shown None: the store cannot be asked."""
    with use(lang):
        unseen: list[Component] = [
            html.Div(id=DutyIds.SAID, className="said", role="status"),
            dcc.Location(id=DutyIds.URL, refresh=False),
            dcc.Store(id=DutyIds.NUDGE, data=0),
        ]
        body = html.Div(duties_body(shown, view), id=DutyIds.BODY, className="dutyp")
        return page_frame(
            [body], title=_("Duties"), path=PATH, address=address(view),
            signed=signed, area=place.area, city=place.city, build=place.build, now=now,
            demo=bool(shown and shown.demo), id_=DutyIds.ROOT, only=PANEL,
            foot=_("Cases keep the version they began with"), unseen=unseen,
        )  # fmt: skip


def page_parts() -> html.Div:
    """Return everything that callbacks touch, also what is drawn only now and then."""
    page = duties_page(
        None, DutyView(), DutyPlace("", {"zh": "", "en": ""}, ""), None, lang="zh", now=0.0
    )
    parts: list[Component] = [
        dcc.Input(id=DutyIds.FIND),
        dcc.Dropdown([], id=DutyIds.DEPARTMENT),
        html.Div(id=DutyIds.STEPS),
        dcc.Store(id=DutyIds.BASE),
        dcc.Textarea(id=DutyIds.REASON),
        html.Button(id=DutyIds.SEND, n_clicks=0),
        html.Div(id=DutyIds.TOLD),
        dcc.Input(id=DutyIds.DECISION),
        html.Div(id=DutyIds.DECIDED),
        dcc.Input(id=step_field_id(0, "zh")),
        html.Button(id=step_act_id(0, "add"), n_clicks=0),
        html.Button(id=decide_id(0, "approve"), n_clicks=0),
    ]
    return html.Div([page, *parts])


def duties_body(shown: DutiesShown | None, view: DutyView) -> list[Component]:
    """Return everything between head and foot."""
    if shown is None:
        return [html.Section(failed(), className="panel alone")]
    if view.tab == "procedures":
        inside = [html.Div(procedures_view(shown, view), className="sopcols")]
    else:
        inside = [html.Div(duty_table(shown, view), className="scroll", tabIndex=0)]
    return [html.Section([_filters(shown, view), _said(shown, view), *inside],
                         className="panel rt2")]  # fmt: skip


def _filters(shown: DutiesShown, view: DutyView) -> html.Div:
    asked = sum(1 for versions in shown.sops.values() if waiting(versions))
    words = {"duties": _("Duty list"), "procedures": _("Procedures")}
    tabs = [
        _chip(word, address(view, tab=tab, edit=False), on=view.tab == tab)
        for tab, word in words.items()
    ]
    wait = ngettext("{n} change waits for a decision", "{n} changes wait for a decision", asked)
    more: list[Component] = [html.Span(wait, className="tag")] if asked else []
    if view.edit:
        return html.Div([*tabs, *more], className="filters")
    used = {shown.domain_of[x.duty.category] for x in shown.lines}
    domains = [
        _chip(name(n), address(view, domain="" if view.domain == key else key),
              on=view.domain == key)
        for key, n in shown.domains.items()
        if key in used
    ]  # fmt: skip
    return html.Div(
        [*tabs, html.I(className="bar1"), *domains, *more, html.Span(className="sp"),
         _department(shown, view), _find(view)],
        className="filters",
    )  # fmt: skip


def _chip(word: str, href: str, *, on: bool) -> dcc.Link:
    return dcc.Link(word, href=href, className="chip on" if on else "chip")


def _department(shown: DutiesShown, view: DutyView) -> Component:
    options = [{"label": name(n), "value": key} for key, n in shown.departments.items()]
    return dcc.Dropdown(
        options, value=view.department if view.department in shown.departments else None,
        id=DutyIds.DEPARTMENT, className="pick2 by", placeholder=_("Every department"),
    )  # fmt: skip


def _find(view: DutyView) -> Component:
    return dcc.Input(
        id=DutyIds.FIND, className="inp find", type="search", debounce=True, value=view.q,
        placeholder=_("Category, department, text"), maxLength=80,
    )  # fmt: skip


def _said(shown: DutiesShown, view: DutyView) -> html.P:
    now = day_time(shown.as_of)
    if view.tab == "procedures":
        said = _("{n} procedures · as of {time} · source: catalogue and decisions in the store")
        return html.P(said.format(n=len(shown.sops), time=now), className="hint")
    lines = chosen_lines(shown, view)
    said = _("{n} duties of {all} · {decided} decided since · as of {time} · "
             "source: catalogue and decisions in the store")  # fmt: skip
    return html.P(
        said.format(n=len(lines), all=len(shown.lines), decided=_decided(lines), time=now),
        className="hint",
    )


def _decided(lines: Sequence[object]) -> int:
    return sum(len(getattr(x, "decided", ())) for x in lines)
