"""The rules view of the alarm page: read, try on the past, propose, approve or refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.pages import Asked
from components.alarm_ids import RULES
from components.alarm_page import Place, framed
from components.alarm_rule_ids import (
    RuleIds,
    rule_address,
    rule_decide_id,
    rule_decided_id,
    rule_decision_id,
    rule_field_id,
)
from components.alarm_rule_words import Terms, rule_refusal, typed_words
from components.alarm_rules import RulesShown, Time, go_on, rules_view, tried
from components.i18n import _, name, use
from components.person import Signed
from data import models as m
from data.alarms.drafts import Typed, body_of, changed
from data.cases.change import Refusal
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.alarms.rules import (
    APPROVERS,
    PROPOSERS,
    decide_rule,
    propose_rule,
    read_rule_body,
    retire_rule,
)
from data.logs import logger
from data.panels.board import is_demo
from data.queries.alarms.dry_run import MOST_DAYS, DryRun, dry_run
from data.queries.alarms.failing import failing_rules
from data.queries.alarms.rules import rule_versions, rules_in_force
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary import Role

log = logger("alerts")
READERS = frozenset(Role) - {Role.SYSTEM_ACTOR}
COUNTED = timedelta(days=90)
MOST = 30
"""Times that are shown of a dry run; the rest is counted."""
a = m.alarm.c


def shown(
    store: Store, catalogue: Catalogue, place: Place, signed: Signed | None, actor: Actor,
    asked: Asked,
) -> Component:  # fmt: skip
    """Return the page of the rules, of one of them where the address names it."""
    now, code = utc_now(), asked.get("rule", "")[:60]
    found, demo = None, False
    try:
        with store.read() as conn:
            found, demo = read(conn, catalogue, actor, code, now), is_demo(conn)
    except SQLAlchemyError:
        log.exception("the alarm rules cannot be asked")
    return framed(
        [rules_view(found)], RULES, place, signed, query=rule_address(code).partition("?")[2],
        now=now.timestamp(), demo=demo,
        foot=_("A change holds once a second person approved it; every version is kept"),
    )  # fmt: skip


def read(
    conn: Connection, catalogue: Catalogue, actor: Actor, code: str, now: datetime
) -> RulesShown:
    """Return what the view shows."""
    force = rules_in_force(conn, catalogue)
    query = select(a.rule, func.count()).where(a.raised_at >= now - COUNTED).group_by(a.rule)
    failing = {code: str(told["error"]) for code, told in failing_rules(conn).items()}
    whole = actor.area is None or actor.area == catalogue.city.code
    return RulesShown(
        rules=force.rules,
        versions=rule_versions(conn, catalogue),
        counts={rule: int(n) for rule, n in conn.execute(query)},
        failing=failing | dict(force.failing),
        terms=terms(catalogue),
        chosen=code,
        proposing=actor.role in PROPOSERS and whole,
        deciding=actor.role in APPROVERS and whole,
        me=actor.id,
    )


def terms(catalogue: Catalogue) -> Terms:
    """Return what rules name, by code."""
    return Terms(
        indicators={k: i.name for k, i in catalogue.indicators.items()},
        units={k: i.unit for k, i in catalogue.indicators.items()},
        areas={k: x.short for k, x in catalogue.areas.items()},
        sources={k: s.name for k, s in catalogue.sources.items()},
        categories={k: c.name for k, c in catalogue.categories.items()},
        departments={k: d.short or d.name for k, d in catalogue.departments.items()},
        domains={k: d.name for k, d in catalogue.domains.items()},
        targets={k: t.name for k, t in catalogue.notices.items()},
        counties=tuple(x.code for x in catalogue.counties()),
        city=(catalogue.city.code,),
    )


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the callbacks of the view."""
    _register_try(app, store, catalogue)
    _register_proposal(app, store, catalogue)
    _register_decision(app, store, catalogue)


def _register_try(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(RuleIds.TRIED, "children"),
        Input(RuleIds.TRY, "n_clicks"),
        State(rule_field_id(ALL), "id"),
        State(rule_field_id(ALL), "value"),
        State(RuleIds.BASE, "data"),
        State(RuleIds.DAYS, "value"),
        State(RuleIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def attempt(
        clicks: int, ids: Sequence[Mapping[str, Any]], values: Sequence[Any], base: Any, days: Any,
        lang: str | None,
    ) -> Any:  # fmt: skip
        if not clicks or not isinstance(base, dict):
            return no_update
        identity.require(*READERS)
        with use(lang or ""):
            return _tried(store, catalogue, base, _draft(ids, values), _days(days))


def _register_proposal(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(RuleIds.TOLD, "children"),
        Input(RuleIds.SEND, "n_clicks"),
        Input(RuleIds.RETIRE, "n_clicks"),
        State(rule_field_id(ALL), "id"),
        State(rule_field_id(ALL), "value"),
        State(RuleIds.BASE, "data"),
        State(RuleIds.REASON, "value"),
        State(RuleIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def send(
        clicks: int, retires: int, ids: Sequence[Mapping[str, Any]], values: Sequence[Any],
        base: Any, reason: str | None, lang: str | None,
    ) -> Any:  # fmt: skip
        if not (clicks or retires) or not isinstance(base, dict):
            return no_update
        actor, retire = identity.require(*PROPOSERS), ctx.triggered_id == RuleIds.RETIRE
        with use(lang or ""):
            draft = None if retire else _draft(ids, values)
            return _proposed(store, catalogue, base, draft, reason or "", actor)


def _register_decision(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(rule_decided_id(MATCH), "children"),
        Input(rule_decide_id(MATCH, ALL), "n_clicks"),
        State(rule_decision_id(MATCH), "value"),
        State(RuleIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def decide(_clicks: Sequence[int], reason: str | None, lang: str | None) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update
        actor, approved = identity.require(*APPROVERS), clicked["act"] == "approve"
        with use(lang or ""):
            return _decided(store, catalogue, int(clicked["number"]), reason or "", actor,
                            approved=approved)  # fmt: skip


def _draft(ids: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {str(id_["name"]): value for id_, value in zip(ids, values, strict=True)}


def _days(days: Any) -> int:
    return days if isinstance(days, int) and 1 <= days <= MOST_DAYS else COUNTED.days


def _based(
    conn: Connection, catalogue: Catalogue, base: Mapping[str, Any], draft: Mapping[str, Any]
) -> dict[str, Any] | str:
    """Return the body that a form makes of the rule it was made from, or in words why not."""
    rule = rules_in_force(conn, catalogue).rules.get(str(base.get("code", "")))
    if rule is None:
        return _("There is no such rule any more")
    body = body_of(rule, draft)
    return typed_words(body) if isinstance(body, Typed) else body


def _tried(
    store: Store, catalogue: Catalogue, base: Mapping[str, Any], draft: Mapping[str, Any], days: int
) -> Any:
    try:
        with store.read() as conn:
            body = _based(conn, catalogue, base, draft)
            if isinstance(body, str):
                return body
            rule = read_rule_body(catalogue, str(base["code"]), body)
            if isinstance(rule, Refusal):
                return rule_refusal(rule)
            found = dry_run(conn, catalogue, read_keys(conn), rule, utc_now(), days=days)
    except SQLAlchemyError as error:
        return _lost(error)
    return tried_words(found, catalogue, days)


def tried_words(found: DryRun, catalogue: Catalogue, days: int) -> list[Component]:
    """Return a dry run as the page shows it."""
    times = [
        Time(o.start.timestamp(), o.end.timestamp() if o.end else None, o.area, o.object, o.worst)
        for o in found.occurrences[:MOST]
    ]
    notes = [name(note) for note in found.notes]
    return tried(times, found.n, found.busiest, days, notes, terms(catalogue))


def _proposed(
    store: Store, catalogue: Catalogue, base: Mapping[str, Any], draft: Mapping[str, Any] | None,
    reason: str, actor: Actor,
) -> Any:  # fmt: skip
    code, seen = str(base.get("code", ""))[:60], int(base.get("version") or 0)
    more: dict[str, Any] = {"actor": actor, "now": utc_now(), "origin": identity.origin(),
                            "seen": seen}  # fmt: skip
    try:
        with store.write() as conn:
            if draft is None:
                made = retire_rule(conn, catalogue, code, reason, **more)
            else:
                body = _based(conn, catalogue, base, draft)
                if isinstance(body, str):
                    return body
                if _unchanged(conn, catalogue, code, body):
                    return _("Nothing is different from the version in force.")
                made = propose_rule(conn, catalogue, code, body, reason, **more)
    except SQLAlchemyError as error:
        return _lost(error)
    if isinstance(made, Refusal):
        return rule_refusal(made)
    return go_on(_("Proposed. It holds once a second person approved it."), code)


def _unchanged(conn: Connection, catalogue: Catalogue, code: str, body: Mapping[str, Any]) -> bool:
    """Return whether a form asks for what holds already, read the same way."""
    rule, new = rules_in_force(conn, catalogue).rules[code], read_rule_body(catalogue, code, body)
    return not isinstance(new, Refusal) and not changed(rule, new)


def _decided(
    store: Store, catalogue: Catalogue, number: int, reason: str, actor: Actor, *, approved: bool
) -> Any:
    try:
        with store.write() as conn:
            found = decide_rule(
                conn, catalogue, number, approved=approved, reason=reason, actor=actor,
                now=utc_now(), origin=identity.origin(),
            )  # fmt: skip
            v = m.rule_version.c
            code = conn.scalar(select(v.code).where(v.id == number))
    except SQLAlchemyError as error:
        return _lost(error)
    if isinstance(found, Refusal):
        return rule_refusal(found)
    said = _("Version {n} is approved: it holds from now on") if approved else _(
        "Version {n} is refused; nothing changes")  # fmt: skip
    return go_on(said.format(n=found), str(code))


def _lost(error: SQLAlchemyError) -> str:
    log.warning("nothing was written", error=str(error).split("\n")[0])
    return _("The store cannot be asked now. Nothing changed; what you typed is kept.")
