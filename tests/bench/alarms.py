"""1 000 alarm rules over what one tick changed: CPU of the look, server and database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule
from data.commands.alarms.look import look
from data.ingest.baselines import refresh_baselines
from data.queries.keys import read_keys
from data.store import Store, utc_now
from tests.bench.report import emit
from tests.bench.stage import DATABASES, Stage
from tests.bench.wall_tick import Ticks

RULES = 1000
SKIPPED = frozenset({"watch"})
"""Looks of the system at itself are few, whatever the city is."""


def measure(stage: Stage) -> None:
    """Measure the look of each source's tick, and of everything, on each database."""
    for name in DATABASES:
        system = stage.system(name)
        try:
            with system.store() as store:
                _on(stage, name, store)
        finally:
            stage.forget(system)


def many(facts: Catalogue, number: int = RULES) -> Catalogue:
    """Return the city with so many rules: its own again and again, each with other limits."""
    own = [r for r in facts.alarms.values() if r.condition.kind not in SKIPPED]
    rules: dict[str, AlarmRule] = {}
    for n in range(number):
        base = own[n % len(own)]
        told = base.model_dump(exclude={"code"})
        told["condition"] = _moved(told["condition"], n // len(own))
        rule = AlarmRule.model_validate({**told, "code": f"{base.code[:50]}_{n}"})
        rules[rule.code] = rule
    return replace(facts, alarms=rules)


def _moved(condition: dict[str, Any], round_: int) -> dict[str, Any]:
    """Return a condition of the same kind that asks something slightly different."""
    share = 1 + round_ / 100
    for field in ("sigmas", "percent", "factor"):
        if condition.get(field):
            condition[field] = condition[field] * share
    if "limit" in condition:
        way = 1 if condition["side"] == "above" else -1
        room = abs(condition["limit"]) * 0.004 * round_ * way
        condition |= {"limit": condition["limit"] + room, "clear": None}
    if condition["kind"] == "cases":
        condition["minutes"] += round_
    if condition["kind"] == "combination":
        condition["of"] = tuple(_moved(part, round_) for part in condition["of"])
    return condition


def _on(stage: Stage, name: str, store: Store) -> None:
    ticks = Ticks(store, lambda: stage.postgres.processes if name == "postgres" else [])
    facts, times = many(ticks.facts), 5 if stage.quick else 20
    try:
        with store.write() as conn:
            refresh_baselines(conn, facts, now=utc_now())
        told: dict[str, float] = {}
        for source in [*_sources(facts), None]:
            label, found = source or "everything", []
            told[label] = ticks.typical(
                lambda s=source, f=found: f.append(_look(store, facts, s)), times
            )
            emit(
                f"alarm_rules.{name}.{label}", told[label], "ms CPU",
                rules=RULES, elapsed_ms=round(min(f[0] for f in found), 1), readings=found[-1][1],
            )  # fmt: skip
        emit(f"alarm_rules.{name}", max(v for k, v in told.items() if k != "everything"), "ms CPU")
    finally:
        ticks.watch.close()


def _sources(facts: Catalogue) -> Iterator[str]:
    return (s.key for s in facts.sources.values() if not s.waits)


def _look(store: Store, facts: Catalogue, source: str | None) -> tuple[float, int]:
    start = time.perf_counter()
    with store.write() as conn:
        readings = look(conn, facts, read_keys(conn), utc_now(), source=source)
    return (time.perf_counter() - start) * 1000, len(readings)
