"""The rules of the stage on their page: what holds, what is proposed, a change by two people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import full_time
from components.i18n import N_, _, name
from components.stage_ids import PATH, act_id, field_id
from data.vocabulary.stage import RuleRow, RuleVersionRow

STATES = {"proposed": N_("waits for a second person"), "approved": N_("approved"),
          "refused": N_("refused")}  # fmt: skip
NUMBERS = (("stage", 2, 5), ("count", 1, 99), ("counties", 0, 20), ("priority", 1, 4))
WORDS = {
    "stage": N_("Asks for stage"),
    "count": N_("At least so many causes"),
    "counties": N_("In so many counties"),
    "priority": N_("Of this priority or graver"),
}


def rules_section(rules: Sequence[RuleRow], *, proposing: bool, deciding: bool) -> html.Section:
    """Return every rule as it holds, its proposals, and the forms of those who may change it."""
    head = html.Div(
        [
            html.H2(_("Rules of the stage")),
            html.Span(_("a change holds once a second person approved it"), className="st"),
            html.A(_("Back to the stage"), href=PATH, className="chip"),
        ],
        className="ph",
    )
    rows: list[Component] = [_rule(r, proposing=proposing, deciding=deciding) for r in rules]
    body = rows or [calm(_("No rules are declared"))]
    return html.Section([head, html.Div(body, className="scroll inner", tabIndex=0)],
                        className="panel rules")  # fmt: skip


def _rule(rule: RuleRow, *, proposing: bool, deciding: bool) -> html.Article:
    state = _("version {n} in force") if rule["in_force"] else _("out of service")
    said: list[Component] = [
        html.H4(
            [
                html.B(str(rule["body"].get("stage", "—")), className="n"),
                html.Span(name(rule["name"])),
                html.Span(state.format(n=rule["version"]), className="dim2"),
                html.Code(rule["code"]),
            ]
        ),
        html.P(body_words(rule["body"])),
    ]
    said += [_version(v, deciding=deciding) for v in rule["versions"]]
    if proposing and rule["in_force"]:
        said.append(_form(rule))
    return html.Article(said, className="rule")


def body_words(body: Mapping[str, Any]) -> str:
    """Return in words when a rule fires."""
    if body.get("retired"):
        return _("Taken out of service")
    if not body:
        return ""
    counties = body.get("counties", 0)
    parts = [_("asks for stage {n}").format(n=body.get("stage", "?"))]
    if body.get("condition"):
        parts.append(_condition(body["condition"]))
    else:
        priority = body.get("priority", 4)
        parts.append(_("alarms of priority {n} or graver").format(n=priority))
        parts.append(_("at least {n} causes").format(n=body.get("count", 1)))
        if body.get("rules"):
            parts.append(_("of the rules {names}").format(names=", ".join(body["rules"])))
    if counties:
        parts.append(_("in {n} counties").format(n=counties))
    return " · ".join(parts)


def _condition(condition: Mapping[str, Any]) -> str:
    """Return a condition of its own as it stands in the file, without empty fields."""
    shown = {k: v for k, v in condition.items() if v not in (None, [], "")}
    listed = ", ".join(
        f"{k} {'/'.join(map(str, v)) if isinstance(v, list) else v}" for k, v in shown.items()
    )
    return _("its own condition: {listed}").format(listed=listed)


def _version(row: RuleVersionRow, *, deciding: bool) -> html.Div:
    by = f"{row['proposed_by']} {full_time(row['proposed_at'])}"
    word = STATES[row["state"]]
    head = _("Version {n}, proposed by {by}: {state}").format(
        n=row["version"], by=by, state=_(word)
    )
    said: list[Component] = [html.P(head), html.P(body_words(row["body"]))]
    said.append(html.P(_("Reason: {reason}").format(reason=row["reason"]), className="dim2"))
    if row["decided_at"] is not None:
        decided = f"{row['decided_by']} {full_time(row['decided_at'])} {row['decision']}"
        said.append(html.P(decided, className="dim2"))
    elif deciding:
        said.append(_decision(f"v{row['id']}"))
    return html.Div(said, className="ver")


def _decision(number: str) -> html.Div:
    field = dcc.Input(id=field_id("reason", number), className="inp", maxLength=500,
                      placeholder=_("Reason (needed to refuse)"))  # fmt: skip
    return html.Div(
        [
            field,
            html.Button(_("Approve"), id=act_id("approve", number), className="btn main",
                        type="button", n_clicks=0),
            html.Button(_("Refuse"), id=act_id("refuse", number), className="btn", type="button",
                        n_clicks=0),
        ],
        className="acts",
    )  # fmt: skip


def _form(rule: RuleRow) -> html.Details:
    code, body = rule["code"], rule["body"]
    given = {"stage": body.get("stage"), "count": body.get("count", 1),
             "counties": body.get("counties", 0), "priority": body.get("priority", 4)}  # fmt: skip
    shown = [n for n in NUMBERS if not (body.get("condition") and n[0] == "priority")]
    fields = [
        html.Label(
            [
                html.Span(_(WORDS[field])),
                dcc.Input(id=field_id(field, code), type="number", value=given[field], min=low,
                          max=high, step=1, className="inp"),
            ]
        )
        for field, low, high in shown
    ]  # fmt: skip
    reason = html.Label(
        [
            html.Span(_("Reason")),
            dcc.Input(id=field_id("reason", code), className="inp", maxLength=500),
        ]
    )
    acts = [
        html.Button(word, id=act_id(act, code), className=kind, type="button", n_clicks=0)
        for act, word, kind in (
            ("propose", _("Propose the change"), "btn main"),
            ("retire", _("Propose to end the rule"), "btn"),
        )
    ]
    return html.Details(
        [
            html.Summary(_("Change this rule")),
            html.Div(fields, className="nums"),
            reason,
            html.Div(acts, className="acts"),
        ]
    )
