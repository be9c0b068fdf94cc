"""The form that proposes a change of an alarm rule, and the buttons of the second person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.alarm_rule_ids import (
    RuleIds,
    rule_decide_id,
    rule_decided_id,
    rule_decision_id,
    rule_field_id,
)
from components.alarm_rule_words import Terms, choice_word, field_name
from components.i18n import _, name
from data.alarms.drafts import Field, draft_of, fields_of
from data.catalogue.alarm_entries import AlarmRule

DAYS = (7, 30, 90, 365)


def rule_form(rule: AlarmRule, terms: Terms, *, proposing: bool) -> html.Section:
    """Return the fields with what holds now; trying on the past is for all, proposing for some."""
    draft = draft_of(rule)
    fields = [_field(f, draft[f.name], rule, terms) for f in fields_of(rule)]
    return html.Section(
        [
            html.H4(_("Propose a change") if proposing else _("Try other values on the past")),
            html.Div(fields, className="flds"),
            _trying(),
            *(_sending() if proposing else _silent()),
            dcc.Store(id=RuleIds.BASE, data={"code": rule.code, "version": rule.version}),
        ],
        className="rform",
    )


def _field(field: Field, value: Any, rule: AlarmRule, terms: Terms) -> html.Label:
    inside = _input(field, value, rule, terms)
    wide = " wide" if field.kind in ("many", "words") else ""
    return html.Label(
        [html.Span(field_name(field.name), className="fw"), inside], className=f"fld{wide}"
    )


def _input(field: Field, value: Any, rule: AlarmRule, terms: Terms) -> Component:
    id_ = rule_field_id(field.name)
    if field.kind == "many":
        options = _options(field, rule, terms)
        return dcc.Checklist(options=options, value=value, id=id_, inline=True, className="opts")
    if field.kind == "choice":
        choices = [{"label": choice_word(c), "value": c} for c in field.choices]
        return dcc.RadioItems(options=choices, value=value, id=id_, inline=True, className="opts")
    hint = _("may be left out") if field.empty else ""
    return dcc.Input(
        id=id_, value=value, type="text", className="inp", placeholder=hint, maxLength=200,
    )  # fmt: skip


def _options(field: Field, rule: AlarmRule, terms: Terms) -> list[dict[str, str]]:
    if field.name == "areas":
        own = terms.counties if rule.where == "county" else terms.city
        return [{"label": name(terms.areas.get(code)), "value": code} for code in own]
    if field.name == "notify":
        return [{"label": name(word), "value": code} for code, word in terms.targets.items()]
    return [{"label": choice_word(c), "value": c} for c in field.choices]


def _trying() -> html.Div:
    days = [{"label": _("{n} days").format(n=n), "value": n} for n in DAYS]
    return html.Div(
        [
            dcc.RadioItems(options=days, value=90, id=RuleIds.DAYS, inline=True, className="opts"),
            html.Button(_("Try on the past"), id=RuleIds.TRY, type="button", className="btn",
                        n_clicks=0),
            dcc.Loading(html.Div(id=RuleIds.TRIED, className="tried", role="status"),
                        delay_show=300),
        ],
        className="trying",
    )  # fmt: skip


def _sending() -> Sequence[Component]:
    return (
        html.Label(
            [
                html.Span(_("Reason (kept with the version)"), className="fw"),
                dcc.Textarea(id=RuleIds.REASON, className="inp", maxLength=500, value=""),
            ],
            className="fld wide",
        ),
        html.Div(
            [
                html.Button(_("Propose"), id=RuleIds.SEND, type="button", className="btn main",
                            n_clicks=0),
                html.Button(_("Propose to retire it"), id=RuleIds.RETIRE, type="button",
                            className="btn", n_clicks=0),
                html.Span(_("It holds once a second person approved it."), className="dim2"),
            ],
            className="sendrow",
        ),
        html.Div(id=RuleIds.TOLD, className="told", role="status"),
    )  # fmt: skip


def _silent() -> Sequence[Component]:
    """Return the same parts for whoever may not propose: the callbacks of the page name them."""
    return (html.Div(id=RuleIds.TOLD, className="off"),)


def decide_box(number: int, *, own: bool, deciding: bool) -> html.Div:
    """Return what a proposed version waits for: the second person's word."""
    if not deciding:
        said = _("Waits for a leader or steward of the whole city to decide.")
        return html.Div(html.P(said, className="dim2"))
    if own:
        said = _("You proposed this version yourself; a second person has to decide.")
        return html.Div(html.P(said, className="dim2"))
    return html.Div(
        [
            dcc.Textarea(id=rule_decision_id(number), className="inp", maxLength=500, value="",
                         placeholder=_("Reason; needed to refuse")),
            html.Div(
                [
                    html.Button(_("Approve"), id=rule_decide_id(number, "approve"), type="button",
                                className="btn main", n_clicks=0),
                    html.Button(_("Refuse"), id=rule_decide_id(number, "refuse"), type="button",
                                className="btn", n_clicks=0),
                ],
                className="sendrow",
            ),
            html.Div(id=rule_decided_id(number), className="told", role="status"),
        ],
        className="decide",
    )  # fmt: skip
