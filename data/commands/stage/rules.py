"""The rules of the stage are changed by two people, as alarm rules are: propose, then decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import IntegrityError

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.catalogue.alarm_data import shape_error
from data.catalogue.alarm_entries import StageRule
from data.catalogue.stage_data import wrong_in_stage
from data.commands import audit
from data.commands.alarms.rules import APPROVERS, PROPOSERS, REASON_LIMIT
from data.queries.alarms.rules import rules_in_force as alarm_rules
from data.queries.stage_rules import FAMILY, RETIRED, rules_in_force
from data.stage import Code, Refusal
from data.vocabulary import Role
from data.vocabulary.alarms import RuleState

v = m.rule_version.c


def propose_stage_rule(
    conn: Connection, catalogue: Catalogue, code: str, body: Mapping[str, Any], reason: str, *,
    actor: Actor, now: datetime, seen: int | None = None, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Propose a whole rule, or with {"retired": true} that it ends; return the row's number.

    body: as an entry of stage.yaml, without code and version. seen: the version it was made from;
    if another one holds by now, whoever proposes has to look at that first.
    """
    refused = _may(catalogue, actor, PROPOSERS) or _reason(reason, needed=True)
    holds = rules_in_force(conn, catalogue).get(code)
    if refused is None and seen is not None and holds is not None and holds.version != seen:
        refused = Refusal(Code.OUT_OF_DATE, {"stage": holds.stage, "version": holds.version})
    if refused is not None:
        return refused
    version = _next(conn, catalogue, code)
    kept = _read(conn, catalogue, code, version, body, known=holds is not None)
    if isinstance(kept, Refusal):
        return kept
    return _keep(conn, code, version, kept, reason.strip(), actor, now, origin)


def decide_stage_rule(
    conn: Connection, catalogue: Catalogue, number: int, *, approved: bool, reason: str,
    actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Approve or refuse a proposed version; whoever proposed it cannot. Returns its version.

    One that is older than what holds, or names what is no longer there, can only be refused.
    """
    chosen = select(m.rule_version).where(v.id == number, v.family == FAMILY)
    row = conn.execute(chosen).first()
    if row is None:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "rule"})
    refused = _may(catalogue, actor, APPROVERS) or _reason(reason, needed=not approved)
    refused = refused or _decidable(row, actor)
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
        return Refusal(Code.ALREADY_DONE, {"at": now})
    _note(conn, actor, f"stage_rule.{state.value}", row.code, row.version, now, origin, reason)
    return int(row.version)


def _may(catalogue: Catalogue, actor: Actor, roles: frozenset[Role]) -> Refusal | None:
    """A rule holds in the whole city, so whoever changes it answers for the whole city."""
    if actor.role not in roles:
        return Refusal(Code.WRONG_ROLE, {"roles": tuple(sorted(roles))})
    if actor.area not in (None, catalogue.city.code):
        return Refusal(Code.OTHER_AREA, {"area": actor.area})
    return None


def _reason(reason: str, *, needed: bool) -> Refusal | None:
    length = len(reason.strip())
    if needed and not length:
        return Refusal(Code.MISSING_FIELD, {"field": "reason"})
    if length > REASON_LIMIT:
        said = {"field": "reason", "limit": REASON_LIMIT, "length": length}
        return Refusal(Code.TOO_LONG, said)
    return None


def _decidable(row: Row[Any], actor: Actor) -> Refusal | None:
    if row.state != RuleState.PROPOSED.value:
        return Refusal(Code.ALREADY_DONE, {"at": row.decided_at})
    if actor.is_same(row.proposed_by, row.proposed_name):
        return Refusal(Code.OWN_APPROVAL)
    return None


def _read(
    conn: Connection, catalogue: Catalogue, code: str, version: int, body: Mapping[str, Any], *,
    known: bool,
) -> dict[str, Any] | Refusal:  # fmt: skip
    """Return what is kept of a rule that is whole and can fire, checked as the files are."""
    if body.get("retired"):
        return dict(RETIRED) if known else Refusal(Code.UNKNOWN_CHOICE, {"field": "rule"})
    try:
        rule = StageRule.model_validate({**body, "code": code, "version": version})
    except ValidationError as error:
        return Refusal(Code.BAD_VALUE, {"said": shape_error(error)})
    wrong = wrong_in_stage(rule, catalogue, alarm_rules(conn, catalogue).rules)
    if wrong:
        return Refusal(Code.BAD_VALUE, {"said": wrong})
    return rule.model_dump(mode="json", exclude={"code", "version"}, exclude_unset=True)


def _cannot_hold(conn: Connection, catalogue: Catalogue, row: Row[Any]) -> Refusal | None:
    """Return why a version cannot be approved now."""
    if _newest(conn, catalogue, row.code) > row.version:
        return Refusal(Code.OUT_OF_DATE, {"version": row.version})
    kept = _read(conn, catalogue, row.code, row.version, row.body, known=True)
    return kept if isinstance(kept, Refusal) else None


def _newest(conn: Connection, catalogue: Catalogue, code: str) -> int:
    """Return the number of the version that holds."""
    approved = (v.family == FAMILY, v.code == code, v.state == RuleState.APPROVED.value)
    shipped = catalogue.stage.rules.get(code)
    newest = conn.scalar(select(func.max(v.version)).where(*approved)) or 0
    return max(int(newest), shipped.version if shipped else 0)


def _next(conn: Connection, catalogue: Catalogue, code: str) -> int:
    kept = conn.scalar(select(func.max(v.version)).where(v.family == FAMILY, v.code == code))
    return max(int(kept or 0), _newest(conn, catalogue, code)) + 1


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
        "reason": reason,
        "proposed_at": now,
        "proposed_by": actor.id,
        "proposed_name": actor.name[:60],
    }
    try:
        with conn.begin_nested():
            made = m.rule_version.insert().values(values).returning(v.id)
            number = int(conn.execute(made).scalar_one())
    except IntegrityError:  # somebody else took the number in the same moment
        return Refusal(Code.OUT_OF_DATE, {"version": version})
    _note(conn, actor, "stage_rule.propose", code, version, now, origin, reason)
    return number


def _note(
    conn: Connection, actor: Actor, act: str, code: str, version: int, now: datetime, origin: str,
    reason: str,
) -> None:  # fmt: skip
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    after = {"reason": reason.strip()} if reason.strip() else None
    audit.note(conn, by, act, f"{code}@{version}", at=now, after=after)
