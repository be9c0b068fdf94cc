"""The rules of the city's stage: those in force, and the versions of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import StageRule
from data.catalogue.stage_data import wrong_in_stage
from data.logs import logger
from data.queries.alarms.rules import rules_in_force as alarm_rules
from data.vocabulary.alarms import RuleState
from data.vocabulary.stage import RuleRow, RuleVersionRow

log = logger("stage")
v = m.rule_version.c
FAMILY = "stage"
RETIRED: Mapping[str, Any] = {"retired": True}


def rules_in_force(conn: Connection, catalogue: Catalogue) -> dict[str, StageRule]:
    """Return the rules by code: the catalogue's, and what was approved over them.

    An approved version that cannot hold any more (it names what is gone) leaves the one before it
    in force, and the log says so: a rule too many is better than none.
    """
    found = dict(catalogue.stage.rules)
    chosen = select(m.rule_version).where(v.family == FAMILY, v.state == RuleState.APPROVED.value)
    for row in conn.execute(chosen.order_by(v.code, v.version)).all():
        shipped = catalogue.stage.rules.get(row.code)
        if shipped is not None and shipped.version > row.version:
            continue  # the files are newer than what was approved over them
        if row.body.get("retired"):
            found.pop(row.code, None)
        elif (rule := _rule(conn, catalogue, row)) is not None:
            found[row.code] = rule
    return found


def _rule(conn: Connection, catalogue: Catalogue, row: Row[Any]) -> StageRule | None:
    try:
        rule = StageRule(**{**row.body, "code": row.code, "version": row.version})
        wrong = wrong_in_stage(rule, catalogue, alarm_rules(conn, catalogue).rules)
    except ValidationError as error:
        wrong = str(error).split("\n")[0]
    if not wrong:
        return rule
    log.warning("a stage rule cannot hold", rule=row.code, version=row.version, error=wrong)
    return None


def stage_rules(conn: Connection, catalogue: Catalogue) -> list[RuleRow]:
    """Return every rule as it holds, with the versions that were proposed, newest first."""
    holds = rules_in_force(conn, catalogue)
    query = select(m.rule_version).where(v.family == FAMILY)
    rows = conn.execute(query.order_by(v.code, v.version.desc())).all()
    codes = [*catalogue.stage.rules, *(r.code for r in rows if r.code not in holds)]
    codes += [code for code in holds if code not in codes]
    return [
        _row(code, holds.get(code), catalogue.stage.rules.get(code),
             [_version(r) for r in rows if r.code == code])
        for code in dict.fromkeys(codes)
    ]  # fmt: skip


def _row(
    code: str, rule: StageRule | None, shipped: StageRule | None, versions: list[RuleVersionRow]
) -> RuleRow:
    shown = rule or shipped
    return {
        "code": code,
        "in_force": rule is not None,
        "version": rule.version if rule else 0,
        "name": shown.name if shown else {"zh": code, "en": code},
        "body": rule.model_dump(mode="json", exclude={"code", "version"}, exclude_unset=True)
        if rule else {},
        "versions": versions,
    }  # fmt: skip


def _version(row: Row[Any]) -> RuleVersionRow:
    return {
        "id": row.id,
        "version": row.version,
        "state": row.state,
        "body": row.body,
        "reason": row.reason,
        "proposed_at": row.proposed_at.timestamp(),
        "proposed_by": row.proposed_name,
        "decided_at": row.decided_at.timestamp() if row.decided_at else None,
        "decided_by": row.decided_name or "",
        "decision": row.decision or "",
    }
