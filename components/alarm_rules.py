"""The rules view of the alarm page: every rule, one in words with its versions, its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from components.alarm_rule_form import decide_box, rule_form
from components.alarm_rule_ids import (
    RuleIds,
    rule_address,
    rule_decide_id,
    rule_decided_id,
    rule_decision_id,
    rule_field_id,
)
from components.alarm_rule_words import (
    Terms,
    choice_word,
    field_name,
    field_rows,
    kind_word,
    value_words,
)
from components.empty import failed
from components.formats import day_time, number
from components.i18n import N_, _, language, name
from components.theme import badge
from data.alarms.drafts import changed
from data.alarms.versions import RuleVersion as Version
from data.catalogue.alarm_entries import AlarmRule

STATES: dict[str, str] = {
    "shipped": N_("as delivered"),
    "proposed": N_("proposed"),
    "approved": N_("approved"),
    "refused": N_("turned down"),
}


@dataclass(frozen=True)
class RulesShown:
    """What the store said. rules: in force. counts: alarms of 90 days by rule. failing: why.

    chosen: the code of the rule looked at, "" for none. me: who looks.
    """

    rules: Mapping[str, AlarmRule]
    versions: Mapping[str, Sequence[Version]]
    counts: Mapping[str, int]
    failing: Mapping[str, str]
    terms: Terms
    chosen: str = ""
    proposing: bool = False
    deciding: bool = False
    me: int | None = None


@dataclass(frozen=True)
class Time:
    """One time a rule would have fired, as it is shown."""

    start: float
    end: float | None
    area: str
    object: str
    worst: float | None


def rules_view(shown: RulesShown | None) -> html.Div:
    """Return the view; None: the store cannot be asked."""
    if shown is None:
        return html.Div(html.Section(failed(), className="panel alone"), id=RuleIds.ROOT)
    side = html.P(_("Choose a rule in the list."), className="choose")
    versions = shown.versions.get(shown.chosen)
    inside = _one(shown, shown.chosen, versions) if versions else [side]
    return html.Div(
        [
            html.Section([_head(shown), _list(shown)], className="panel list"),
            html.Aside(html.Section(inside, className="panel one scroll"), className="side"),
        ],
        id=RuleIds.ROOT,
        className="cols rules",
        lang=language(),
    )


def _head(shown: RulesShown) -> html.Div:
    on = sum(1 for rule in shown.rules.values() if rule.enabled)
    waits = sum(1 for told in shown.versions.values() for v in told if v.state == "proposed")
    said = [_("{on} of {n} in use").format(on=number(on), n=number(len(shown.versions)))]
    if waits:
        said.append(_("waiting for approval: {n}").format(n=number(waits)))
    if shown.failing:
        said.append(_("failing: {n}").format(n=number(len(shown.failing))))
    return html.Div(
        [html.H2(_("Alarm rules")), html.Span(_(", ").join(said), className="st")], className="ph"
    )


def _list(shown: RulesShown) -> html.Div:
    heads = (_("Priority"), _("Rule"), _("Kind"), _("Looked at"), _("Rule version"),
             _("Alarms, 90 days"), _("State"))  # fmt: skip
    order = sorted(
        shown.versions, key=lambda code: (_priority(shown, code), list(shown.versions).index(code))
    )
    rows = [_row(shown, code) for code in order]
    head = html.Thead(html.Tr([html.Th(h) for h in heads]))
    return html.Div(html.Table([head, html.Tbody(rows)], className="t"), className="scroll")


def _priority(shown: RulesShown, code: str) -> int:
    rule = shown.rules.get(code)
    return rule.priority if rule else 9


def _row(shown: RulesShown, code: str) -> html.Tr:
    rule, versions = shown.rules.get(code), shown.versions[code]
    known = rule or next((v.rule for v in versions if v.rule), None)
    word = name(known.name) if known else code
    return html.Tr(
        [
            html.Td(badge(rule.priority) if rule else "—"),
            html.Td([html.A(word, href=rule_address(code), className="go"), _mark(versions)]),
            html.Td(kind_word(known.condition.kind) if known else "—", className="n"),
            html.Td(choice_word(known.where) if known else "—", className="n dim2"),
            html.Td(f"v{rule.version}" if rule else "—", className="n"),
            html.Td(number(shown.counts.get(code, 0)), className="n"),
            html.Td(_state(shown, code, rule), className="n"),
        ],
        className="on" if code == shown.chosen else "",
    )


def _mark(versions: Sequence[Version]) -> Component | None:
    waits = next((v for v in versions if v.state == "proposed"), None)
    if waits is None:
        return None
    return html.Em(_("v{n} waits for approval").format(n=waits.version), className="waiting")


def _state(shown: RulesShown, code: str, rule: AlarmRule | None) -> Component | str:
    if code in shown.failing:
        return html.B(_("fails"), title=shown.failing[code])
    if rule is None:
        return _("retired")
    return _("in use") if rule.enabled else _("switched off")


# ---- one rule ----


def _one(shown: RulesShown, code: str, versions: Sequence[Version]) -> list[Component]:
    rule = shown.rules.get(code)
    known = rule or next((v.rule for v in versions if v.rule), None)
    parts: list[Component] = [_title(code, known, shown)]
    if code in shown.failing:
        parts.append(html.P(_("It cannot be judged: {why}").format(why=shown.failing[code]),
                            className="wrongw"))  # fmt: skip
    if rule is not None:
        parts.append(_fields(rule, shown.terms))
    parts += [_proposed(v, rule, shown) for v in versions if v.state == "proposed"]
    parts.append(_history(versions))
    if rule is not None:
        parts.append(rule_form(rule, shown.terms, proposing=shown.proposing))
    return parts


def _title(code: str, rule: AlarmRule | None, shown: RulesShown) -> html.Div:
    kind = kind_word(rule.condition.kind) if rule else ""
    state = _state(shown, code, shown.rules.get(code))
    line = [badge(rule.priority) if rule else None, html.Span(kind), html.Span(state),
            html.Code(code)]  # fmt: skip
    return html.Div(
        [
            html.Div(line, className="l1"),
            html.H3(name(rule.name) if rule else code, className="ti"),
        ],
        className="head",
    )


def _fields(rule: AlarmRule, terms: Terms) -> html.Section:
    rows = [html.Div([html.Dt(k), html.Dd(v)]) for k, v in field_rows(rule, terms)]
    return html.Section([html.H4(_("The rule")), html.Dl(rows)])


def _proposed(version: Version, rule: AlarmRule | None, shown: RulesShown) -> html.Section:
    said = _("Version {n}, proposed {time} by {who}").format(
        n=version.version, time=_when(version.proposed_at), who=version.proposed_name
    )
    own = version.proposed_by is not None and version.proposed_by == shown.me
    return html.Section(
        [
            html.H4(_("Waits for approval")),
            html.P(said),
            html.P(_("Reason: {reason}").format(reason=version.reason)),
            _difference(version, rule),
            html.P(version.wrong, className="wrongw") if version.wrong else None,
            decide_box(version.id or 0, own=own, deciding=shown.deciding),
        ],
        className="proposed",
    )


def _difference(version: Version, rule: AlarmRule | None) -> Component:
    if version.retired:
        return html.P(_("The rule is to be retired."))
    if version.rule is None or rule is None:
        return html.P(_("A new rule."))
    rows = [
        html.Tr([html.Td(field_name(k)), html.Td(value_words(a)), html.Td(value_words(b))])
        for k, (a, b) in changed(rule, version.rule).items()
    ]
    if not rows:
        return html.P(_("Nothing is different."))
    head = html.Thead(html.Tr([html.Th(h) for h in (_("Field"), _("now"), _("proposed"))]))
    return html.Table([head, html.Tbody(rows)], className="t diff")


def _history(versions: Sequence[Version]) -> html.Section:
    return html.Section(
        [html.H4(_("Versions")), html.Ul([_version(v) for v in versions], className="log")]
    )


def _version(v: Version) -> html.Li:
    state = _(STATES[v.state])
    if v.retired:
        state = _("{state}: retire").format(state=state)
    told = [html.B(f"v{v.version}"), html.Span(state)]
    if v.in_force:
        told.append(html.Em(_("in force")))
    lines = [html.Span(told, className="what")]
    if v.proposed_at is not None:
        lines.append(_line(_("proposed {time} by {who}: {why}"), v.proposed_at, v.proposed_name,
                           v.reason))  # fmt: skip
    if v.decided_at is not None:
        words = {"approved": _("approved {time} by {who}: {why}"),
                 "refused": _("refused {time} by {who}: {why}")}  # fmt: skip
        lines.append(_line(words[v.state], v.decided_at, v.decided_name, v.decision))
    return html.Li(lines)


def _line(words: str, at: datetime, who: str, why: str) -> html.Span:
    return html.Span(words.format(time=_when(at), who=who, why=why or "—"), className="when")


def _when(at: datetime | None) -> str:
    return day_time(at.timestamp()) if at else "—"


# ---- what the callbacks put there ----


def tried(
    times: Sequence[Time], n: int, busiest: int, days: int, notes: Sequence[str], terms: Terms
) -> list[Component]:
    """Return how often a rule would have fired, the newest times, what the past cannot answer."""
    said = _("In the last {days} days it would have fired {n} times").format(
        days=number(days), n=number(n)
    )
    parts: list[Component] = [html.P(html.B(said))]
    if n:
        parts.append(html.P(_("at most {n} within 24 hours").format(n=number(busiest))))
    parts += [html.P(note, className="dim2") for note in notes]
    if times:
        heads = (_("Begin"), _("End"), _("Area"), _("Thing"), _("Worst"))
        head = html.Thead(html.Tr([html.Th(h) for h in heads]))
        rows = [_time(t, terms) for t in times]
        parts.append(html.Table([head, html.Tbody(rows)], className="t"))
    if n > len(times):
        parts.append(html.P(_("and {n} earlier").format(n=number(n - len(times)))))
    return parts


def _time(one: Time, terms: Terms) -> html.Tr:
    worst = "—" if one.worst is None else f"{one.worst:.6g}"
    end = day_time(one.end) if one.end is not None else _("still holds")
    cells = (day_time(one.start), end, name(terms.areas.get(one.area)) or one.area,
             one.object or "—", worst)  # fmt: skip
    return html.Tr([html.Td(c) for c in cells])


def go_on(said: str, code: str) -> list[Component]:
    """Return what became of a wish, with the way to see it."""
    return [html.P(said), html.A(_("Show the rule anew"), href=rule_address(code), className="go")]


def rules_parts() -> html.Div:
    """Return everything that callbacks touch, bare: Dash sends it with every page of the house."""
    return html.Div(
        [
            dcc.Input(id=rule_field_id("")),
            dcc.Store(id=RuleIds.BASE),
            dcc.RadioItems(id=RuleIds.DAYS),
            *(html.Button(id=id_) for id_ in (RuleIds.TRY, RuleIds.SEND, RuleIds.RETIRE)),
            *(html.Div(id=id_) for id_ in (RuleIds.TRIED, RuleIds.TOLD)),
            dcc.Textarea(id=RuleIds.REASON),
            html.Button(id=rule_decide_id(0, "")),
            dcc.Textarea(id=rule_decision_id(0)),
            html.Div(id=rule_decided_id(0)),
        ],
        id=RuleIds.ROOT,
        lang="",
    )
