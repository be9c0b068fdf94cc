"""Reads stage.yaml: five levels, the rules of the city's stage, the plans of response levels."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from data.catalogue.alarm_entries import AlarmRule, ResponsePlan, StageLevel, StageRule
from data.catalogue.reading import CatalogueError, read_entry, read_yaml

T = TypeVar("T")

FILE = "stage.yaml"
SECTIONS = ("levels", "rules", "plans")
DOWN_MIN = 60
"""Seconds: a stage that is let go sooner would come and go with every look."""


@dataclass(frozen=True)
class StageData:
    """The stage of one city. levels by number, 1 to 5; rules by code; plans by key; file order."""

    levels: Mapping[int, StageLevel] = field(default_factory=dict)
    rules: Mapping[str, StageRule] = field(default_factory=dict)
    plans: Mapping[str, ResponsePlan] = field(default_factory=dict)


def read_stage(folder: Path) -> StageData:
    """Read stage.yaml. Raises CatalogueError, which names the entry."""
    path = folder / FILE
    found = read_yaml(path)
    if not isinstance(found, dict) or set(found) != set(SECTIONS):
        raise CatalogueError(f"{FILE}: must hold exactly {', '.join(SECTIONS)}")
    for section in SECTIONS:
        if not isinstance(found[section], list):
            raise CatalogueError(f"{FILE}, {section}: is no list of entries")
    rules = [read_entry(StageRule, row, path) for row in found["rules"]]
    plans = [read_entry(ResponsePlan, row, path) for row in found["plans"]]
    return StageData(
        levels=_levels([read_entry(StageLevel, row, path) for row in found["levels"]]),
        rules=_once([(r.code, r) for r in rules], "rules"),
        plans=_once([(p.key, p) for p in plans], "plans"),
    )


def _once(rows: list[tuple[str, T]], section: str) -> dict[str, T]:
    found: dict[str, T] = {}
    for name, row in rows:
        if name in found:
            raise CatalogueError(f"{FILE}, {section}: {name} stands twice")
        found[name] = row
    return found


def _levels(levels: list[StageLevel]) -> dict[int, StageLevel]:
    numbers = [level.stage for level in levels]
    if numbers != [1, 2, 3, 4, 5]:
        raise CatalogueError(
            f"{FILE}, levels: must be the stages 1 to 5, each once and in this order, not {numbers}"
        )
    for level in levels:
        if level.stage > 1 and level.down_s < DOWN_MIN:
            raise CatalogueError(
                f"{FILE}, level {level.stage}: down_s {level.down_s} would let the stage flap; "
                f"{DOWN_MIN} seconds or more"
            )
    return {level.stage: level for level in levels}


def check_stage(
    stage: StageData, departments: Container[str], counties: int,
    alarms: Mapping[str, AlarmRule] | None,
) -> None:  # fmt: skip
    """Raise CatalogueError when an entry names what is not there, or a rule can never fire.

    alarms: rules by code; None: not looked at.
    """
    for plan in stage.plans.values():
        if plan.department not in departments:
            raise CatalogueError(f"{FILE}, plan {plan.key}: no such department: {plan.department}")
    for rule in stage.rules.values():
        wrong = wrong_in(rule, counties, alarms)
        if wrong:
            raise CatalogueError(f"{FILE}, entry {rule.code} version {rule.version}: {wrong}")


def wrong_in(rule: StageRule, counties: int, alarms: Mapping[str, AlarmRule] | None) -> str | None:
    """Return what is wrong with a rule that is well-formed, None if nothing is."""
    if rule.counties > counties:
        return f"counties: {rule.counties} of {counties} can never be; at most {counties}"
    if rule.condition is not None:
        named = [f for f in ("rules", "priority") if f in rule.model_fields_set]
        most = counties if rule.counties else 1
        if named:
            return f"{named[0]}: is of alarms, and the rule has a condition of its own"
        if rule.count > most:
            return f"count: {rule.count} can never be: the condition is asked of {most} areas"
        return None
    if alarms is None:
        return None
    unknown = [code for code in rule.rules if code not in alarms]
    if unknown:
        return f"rules: no such alarm rule: {unknown[0]}"
    return _never(rule, [alarms[code] for code in rule.rules])


def _never(rule: StageRule, named: Collection[AlarmRule]) -> str | None:
    """Return why a rule over named alarm rules can never fire, None if it can."""
    own = [a for a in named if a.condition.kind == "warning" or a.priority <= rule.priority]
    if named and not own:
        least = min(a.priority for a in named)
        return f"priority: none of its alarm rules is of {rule.priority} or graver (least {least})"
    return None
