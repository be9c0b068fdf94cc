"""What alarms ask of their neighbours: the rules in force and the windows that stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from data.alarms.grouping import Facts, facts_of
from data.alarms.states import F, G
from data.alarms.windows import WindowKind
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule
from data.queries.alarms.rules import rules_in_force
from data.queries.alarms.windows import standing_windows
from data.vocabulary.alarms import AlarmState

Cover = Callable[[str, str, str], AlarmState | None]
"""(rule, area, object) -> the state a window keeps such an alarm in."""
KEPT_IN = {WindowKind.PLANNED: F, WindowKind.SERVICE: G}


def window_over(conn: Connection, now: datetime) -> Cover:
    """Return what the windows of now keep down; out of service outranks planned work."""
    windows = standing_windows(conn, now)

    def cover(rule: str, area: str, object_: str) -> AlarmState | None:
        found = {KEPT_IN[w.kind] for w in windows if w.covers(rule, area, object_)}
        return G if G in found else F if found else None

    return cover


def rules_now(conn: Connection, catalogue: Catalogue) -> Mapping[str, AlarmRule]:
    """Return the rules in force, by code."""
    return rules_in_force(conn, catalogue).rules


_kept: WeakKeyDictionary[Engine, tuple[Mapping[str, AlarmRule], dict[str, Facts]]] = (
    WeakKeyDictionary()
)


def rule_facts(conn: Connection, rules: Mapping[str, AlarmRule]) -> dict[str, Facts]:
    """Return what grouping needs of the rules in force, made again only when they changed."""
    known = _kept.get(conn.engine)
    if known is None or known[0] is not rules:
        known = (rules, facts_of(rules.values()))
        _kept[conn.engine] = known
    return known[1]
