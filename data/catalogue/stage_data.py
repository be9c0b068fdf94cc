"""Reads stage.yaml: five levels, the rules of the city's stage, the plans of response levels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from data.catalogue.alarm_checks import wrong_in
from data.catalogue.alarm_entries import AlarmRule, ResponsePlan, Simple, StageLevel, StageRule
from data.catalogue.reading import CatalogueError, read_entry, read_yaml

if TYPE_CHECKING:
    from data.catalogue import Catalogue

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
    """Read stage.yaml; a folder without it has our five levels, no rules and no plans.

    Raises:
        CatalogueError: the file or an entry has the wrong shape; it names the entry.
    """
    path = folder / FILE
    if not path.exists():
        ours = read_stage(Path(__file__).parent)
        return StageData(levels=ours.levels)
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


def check_stage(catalogue: Catalogue) -> None:
    """Raise CatalogueError when an entry names what is not there, or a rule can never fire."""
    for plan in catalogue.stage.plans.values():
        if plan.department not in catalogue.departments:
            raise CatalogueError(f"{FILE}, plan {plan.key}: no such department: {plan.department}")
    for rule in catalogue.stage.rules.values():
        wrong = wrong_in_stage(rule, catalogue, catalogue.alarms)
        if wrong:
            raise CatalogueError(f"{FILE}, entry {rule.code} version {rule.version}: {wrong}")


def wrong_in_stage(
    rule: StageRule, catalogue: Catalogue, alarms: Mapping[str, AlarmRule]
) -> str | None:
    """Return what is wrong with a rule that is well-formed, None if nothing is.

    alarms: alarm rules by code. The same checks for the files and for a rule that is proposed.
    """
    counties = len(catalogue.counties())
    if rule.counties > counties:
        return f"counties: {rule.counties} of {counties} can never be; at most {counties}"
    if rule.condition is not None:
        named = [f for f in ("rules", "priority") if f in rule.model_fields_set]
        most = counties if rule.counties else 1
        if named:
            return f"{named[0]}: is of alarms, and the rule has a condition of its own"
        if rule.count > most:
            return f"count: {rule.count} can never be: the condition is asked of {most} areas"
        return next(
            (str(w) for w in wrong_in(as_alarm_rule(rule, rule.condition), catalogue)), None
        )
    unknown = [code for code in rule.rules if code not in alarms]
    if unknown:
        known = ", ".join(list(alarms)[:12])
        return f"rules: no such alarm rule: {unknown[0]}; known: {known or 'none'}"
    return _never(rule, [alarms[code] for code in rule.rules])


def as_alarm_rule(rule: StageRule, condition: Simple) -> AlarmRule:
    """Return a stage rule with a condition of its own as an alarm rule, to be judged like one."""
    return AlarmRule(
        code=rule.code,
        version=rule.version,
        name=rule.name,
        priority=rule.priority,
        where="county" if rule.counties else "city",
        condition=condition,
        answer=rule.name,
        why=rule.name,
    )


def _never(rule: StageRule, named: Collection[AlarmRule]) -> str | None:
    """Return why a rule over named alarm rules can never fire, None if it can.

    A warning, and a case, may be less grave than its rule, never graver.
    """
    if named and all(a.priority > rule.priority for a in named):
        least = min(a.priority for a in named)
        return (
            f"priority: none of its alarm rules is of {rule.priority} or graver; at least {least}"
        )
    return None
