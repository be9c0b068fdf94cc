"""Alarm rules are changed by two people: one proposes, another approves or refuses.

Who may: operators, leaders and stewards of the whole city propose; leaders and stewards of the
whole city decide, never on their own proposal. What is approved holds at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import IntegrityError

from data import models as m
from data.cases.bars import covers
from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.catalogue.alarm_checks import wrong_in
from data.catalogue.alarm_data import shape_error
from data.catalogue.alarm_entries import AlarmRule
from data.commands import audit
from data.queries.alarms.rules import FAMILY, RETIRED, read_body, rules_in_force
from data.vocabulary import Role
from data.vocabulary.alarms import RuleState

__all__ = ["APPROVERS", "PROPOSERS", "decide_rule", "propose_rule", "read_rule_body", "retire_rule"]

PROPOSERS = frozenset({Role.OPERATOR, Role.LEADER, Role.STEWARD})
APPROVERS = frozenset({Role.LEADER, Role.STEWARD})
REASON_LIMIT = 500
v = m.rule_version.c


def propose_rule(
    conn: Connection, catalogue: Catalogue, code: str, body: Mapping[str, Any], reason: str,
    *, actor: Actor, now: datetime, origin: str = "", seen: int | None = None,
) -> int | Refusal:  # fmt: skip
    """Propose a whole rule and return the number of its row; it holds once somebody approved it.

    body: as an entry of alarms.yaml, without code and version. seen: the version it was made from;
    if another one holds by now, whoever proposes has to look at that first.
    """
    refused = _may_not_propose(catalogue, reason, actor) or _overtaken(conn, catalogue, code, seen)
    if refused is not None:
        return refused
    version = next_version(conn, catalogue, code)
    rule = read_rule_body(catalogue, code, body, version)
    if isinstance(rule, Refusal):
        return rule
    kept = rule.model_dump(mode="json", exclude={"code", "version"})
    return _keep(conn, code, version, kept, reason, actor, now, origin)


def retire_rule(
    conn: Connection, catalogue: Catalogue, code: str, reason: str, *, actor: Actor, now: datetime,
    origin: str = "", seen: int | None = None,
) -> int | Refusal:  # fmt: skip
    """Propose to take a rule out of service for good; once approved its open alarms end."""
    refused = _may_not_propose(catalogue, reason, actor) or _overtaken(conn, catalogue, code, seen)
    if refused is not None:
        return refused
    known = rules_in_force(conn, catalogue).rules
    if code not in known:
        return _refuse(Code.UNKNOWN_CHOICE, field="rule", value=code[:60], choices=tuple(known))
    version = next_version(conn, catalogue, code)
    return _keep(conn, code, version, dict(RETIRED), reason, actor, now, origin)


def decide_rule(
    conn: Connection, catalogue: Catalogue, number: int, *, approved: bool, reason: str,
    actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Approve or refuse a proposed version; whoever proposed it cannot. Returns its version.

    A version older than the one that holds can only be refused, and so can one that names what the
    catalogue no longer has.
    """
    row = conn.execute(select(m.rule_version).where(v.id == number, v.family == FAMILY)).first()
    if row is None:
        return _refuse(Code.UNKNOWN_CHOICE, field="rule", value=str(number), choices=())
    refused = _may_not_decide(catalogue, row, actor) or _wrong_reason(reason, needed=not approved)
    if refused is None and approved:
        refused = _cannot_hold(conn, catalogue, row)
    if refused is not None:
        return refused
    state = RuleState.APPROVED if approved else RuleState.REFUSED
    values = {
        "state": state.value,
        "decided_at": now,
        "decided_by": actor.id,
        "decided_name": actor.name[:60],
        "decision": reason.strip() or None,
    }
    still = m.rule_version.update().where(v.id == number, v.state == RuleState.PROPOSED.value)
    if conn.execute(still.values(values)).rowcount == 0:
        return _refuse(Code.ALREADY_DONE, at=now)
    after = {"reason": reason.strip()} if reason.strip() else None
    _note(conn, actor, f"rule.{state.value}", f"{row.code}@{row.version}", now, origin, after)
    return int(row.version)


def next_version(conn: Connection, catalogue: Catalogue, code: str) -> int:
    """Return the number of the next version of a rule."""
    kept = conn.scalar(select(func.max(v.version)).where(v.family == FAMILY, v.code == code))
    shipped = catalogue.alarms[code].version if code in catalogue.alarms else 0
    return max(kept or 0, shipped) + 1


def read_rule_body(
    catalogue: Catalogue, code: str, body: Mapping[str, Any], version: int = 1
) -> AlarmRule | Refusal:
    """Return a rule that is whole and can be right, by the same checks as the files'."""
    try:
        rule = AlarmRule.model_validate({**body, "code": code, "version": version})
    except ValidationError as error:
        return _refuse(Code.BAD_VALUE, field="body", wanted="mapping", said=shape_error(error))
    wrong = next(wrong_in(rule, catalogue), None)
    if wrong is not None:
        told = {"field": wrong.field, "wanted": wrong.allowed, "said": str(wrong), "zh": wrong.zh}
        return _refuse(Code.BAD_VALUE, **told)
    return rule


def _keep(
    conn: Connection, code: str, version: int, body: dict[str, Any], reason: str, actor: Actor,
    now: datetime, origin: str,
) -> int | Refusal:  # fmt: skip
    values = {
        "family": FAMILY,
        "code": code,
        "version": version,
        "body": body,
        "state": RuleState.PROPOSED.value,
        "reason": reason.strip(),
        "proposed_at": now,
        "proposed_by": actor.id,
        "proposed_name": actor.name[:60],
    }
    made = m.rule_version.insert().values(values).returning(v.id)
    try:
        with conn.begin_nested():
            number = int(conn.execute(made).scalar_one())
    except IntegrityError:  # somebody else took the number in the same moment
        return _refuse(Code.OUT_OF_DATE, version=version - 1, now=version)
    act = "rule.retire" if body == RETIRED else "rule.propose"
    _note(conn, actor, act, f"{code}@{version}", now, origin, {"reason": reason.strip()})
    return number


def _may_not_propose(catalogue: Catalogue, reason: str, actor: Actor) -> Refusal | None:
    if actor.role not in PROPOSERS:
        return _refuse(Code.WRONG_ROLE, roles=tuple(sorted(PROPOSERS)))
    return _elsewhere(catalogue, actor) or _wrong_reason(reason, needed=True)


def _may_not_decide(catalogue: Catalogue, row: Row[Any], actor: Actor) -> Refusal | None:
    if actor.role not in APPROVERS:
        return _refuse(Code.WRONG_ROLE, roles=tuple(sorted(APPROVERS)))
    if (refused := _elsewhere(catalogue, actor)) is not None:
        return refused
    if row.state != RuleState.PROPOSED.value:
        return _refuse(Code.ALREADY_DONE, at=row.decided_at)
    if actor.is_same(row.proposed_by, row.proposed_name):
        return _refuse(Code.OWN_APPROVAL)
    return None


def _elsewhere(catalogue: Catalogue, actor: Actor) -> Refusal | None:
    """A rule holds in the whole city, so whoever changes it answers for the whole city."""
    if actor.area is not None and not covers(actor.area, (catalogue.city.code,)):
        return _refuse(Code.OTHER_AREA, area=actor.area)
    return None


def _overtaken(
    conn: Connection, catalogue: Catalogue, code: str, seen: int | None
) -> Refusal | None:
    holds = rules_in_force(conn, catalogue).rules.get(code)
    if seen is not None and holds is not None and holds.version != seen:
        return _refuse(Code.OUT_OF_DATE, version=seen, now=holds.version)
    return None


def _cannot_hold(conn: Connection, catalogue: Catalogue, row: Row[Any]) -> Refusal | None:
    newest = select(func.max(v.version)).where(
        v.family == FAMILY, v.code == row.code, v.state == RuleState.APPROVED.value
    )
    shipped = catalogue.alarms[row.code].version if row.code in catalogue.alarms else 0
    holds = max(conn.scalar(newest) or 0, shipped)
    if holds > row.version:
        return _refuse(Code.OUT_OF_DATE, version=row.version, now=holds)
    if row.body.get("retired"):
        return None
    _rule, wrong = read_body(catalogue, row)
    return _refuse(Code.BAD_VALUE, field="body", wanted="", said=wrong) if wrong else None


def _wrong_reason(reason: str, *, needed: bool) -> Refusal | None:
    length = len(reason.strip())
    if needed and not length:
        return _refuse(Code.MISSING_FIELD, field="reason")
    if length > REASON_LIMIT:
        return _refuse(Code.TOO_LONG, field="reason", limit=REASON_LIMIT, length=length)
    return None


def _refuse(code: Code, **params: Any) -> Refusal:
    return Refusal(code, params)


def _note(
    conn: Connection, actor: Actor, act: str, name: str, now: datetime, origin: str,
    after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    audit.note(conn, by, act, name, at=now, after=after)
