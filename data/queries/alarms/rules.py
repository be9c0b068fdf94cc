"""The alarm rules in force: those of the catalogue, and the versions approved over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row, func, select

from data import models as m
from data.alarms.judging import City
from data.alarms.plan import Plan
from data.alarms.versions import RuleVersion
from data.catalogue import Catalogue
from data.catalogue.alarm_checks import wrong_in
from data.catalogue.alarm_data import shape_error
from data.catalogue.alarm_entries import AlarmRule
from data.vocabulary.alarms import RuleState

v = m.rule_version.c
FAMILY = "alarm"
RETIRED: Mapping[str, Any] = {"retired": True}


@dataclass(frozen=True)
class InForce:
    """The rules that hold, by code. failing: approved versions that cannot be read, and why."""

    plan: Plan
    failing: Mapping[str, str]

    @property
    def rules(self) -> Mapping[str, AlarmRule]:
        """Every rule in force, switched-off ones too."""
        return self.plan.rules


Mark = tuple[int, int | None, datetime | None]
_MARK = select(func.count(), func.max(v.id), func.max(v.decided_at)).where(
    v.family == FAMILY, v.state == RuleState.APPROVED.value
)
_APPROVED = (
    select(m.rule_version)
    .where(v.family == FAMILY, v.state == RuleState.APPROVED.value)
    .order_by(v.code, v.version)
)
_ALL = select(m.rule_version).where(v.family == FAMILY).order_by(v.code, v.version)
_kept: WeakKeyDictionary[Engine, tuple[Catalogue, Mark, InForce]] = WeakKeyDictionary()


def rules_in_force(conn: Connection, catalogue: Catalogue) -> InForce:
    """Return the rules that hold now, made again only when a version was approved."""
    row = conn.execute(_MARK).one()
    mark: Mark = (row[0], row[1], row[2])
    kept = _kept.get(conn.engine)
    if kept is not None and kept[0] is catalogue and kept[1] == mark:
        return kept[2]
    found = _read(conn, catalogue, mark)
    _kept[conn.engine] = (catalogue, mark, found)
    return found


def _read(conn: Connection, catalogue: Catalogue, mark: Mark) -> InForce:
    rules, failing = dict(catalogue.alarms), dict[str, str]()
    for row in conn.execute(_APPROVED):
        shipped = catalogue.alarms.get(row.code)
        if shipped is not None and shipped.version > row.version:
            continue  # the files are newer than what was approved over them
        failing.pop(row.code, None)
        if row.body.get("retired"):
            rules.pop(row.code, None)
            continue
        rule, wrong = read_body(catalogue, row)
        if rule is None or wrong:
            failing[row.code] = wrong  # the version before it goes on: better than none
            continue
        rules[row.code] = rule
    return InForce(Plan(rules, City.of(catalogue), mark), failing)


def read_body(catalogue: Catalogue, row: Row[Any]) -> tuple[AlarmRule | None, str]:
    """Return a kept version as a rule, and what is wrong with it ("" for nothing)."""
    try:
        rule = AlarmRule.model_validate({**row.body, "code": row.code, "version": row.version})
    except ValidationError as error:
        return None, shape_error(error)
    return rule, next((str(w) for w in wrong_in(rule, catalogue)), "")


def rule_versions(conn: Connection, catalogue: Catalogue) -> dict[str, list[RuleVersion]]:
    """Return every version of every rule, newest first, whoever kept it."""
    rows: dict[str, list[Row[Any]]] = {}
    for row in conn.execute(_ALL):
        rows.setdefault(row.code, []).append(row)
    codes = [*catalogue.alarms, *(c for c in rows if c not in catalogue.alarms)]
    return {
        code: sorted(
            _versions(catalogue, catalogue.alarms.get(code), rows.get(code, [])),
            key=lambda x: -x.version,
        )
        for code in codes
    }


def _versions(
    catalogue: Catalogue, shipped: AlarmRule | None, rows: list[Row[Any]]
) -> Iterable[RuleVersion]:
    approved = [r.version for r in rows if r.state == RuleState.APPROVED.value]
    holds = max([*approved, shipped.version if shipped else 0])
    if shipped is not None and shipped.version not in approved:
        yield RuleVersion(
            shipped.code, shipped.version, "shipped", shipped, in_force=shipped.version == holds
        )
    for row in rows:
        retired = bool(row.body.get("retired"))
        rule, wrong = (None, "") if retired else read_body(catalogue, row)
        in_force = row.state == RuleState.APPROVED.value and row.version == holds
        yield RuleVersion(
            row.code, row.version, row.state, rule, retired, in_force, row.id, row.reason,
            row.proposed_at, row.proposed_by, row.proposed_name, row.decided_at,
            row.decided_name or "", row.decision or "", wrong,
        )  # fmt: skip
