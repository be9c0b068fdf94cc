"""What a view of the alarm console asks of the store: the scope of who reads comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, func, or_

from data import models as m
from data.alarms.windows import Window
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule, Watch
from data.queries.holds import holds
from data.queries.keys import Keys
from data.queries.scope import Scope
from data.vocabulary.alarm_console import SHOWN, ConsoleView
from data.vocabulary.alarms import AlarmState

a = m.alarm.c
OPEN = a.ended_at.is_(None)
GROUP = func.coalesce(a.situation_id, -a.id)
"""What an alarm is folded with: its situation, or nothing."""
WAITS = (AlarmState.UNACKNOWLEDGED.value, AlarmState.RETURNED.value)
"""States in which somebody must still look."""
Where = ColumnElement[bool]


@dataclass(frozen=True)
class House:
    """What alarms are spoken of with. rules: those in force, by code."""

    catalogue: Catalogue
    keys: Keys
    rules: Mapping[str, AlarmRule]
    windows: Sequence[Window] = ()
    """Planned work and services that stand; each knows what it covers."""

    @cached_property
    def not_for_people(self) -> frozenset[str]:
        """Return the rules that ring only to show that the chain rings: heartbeats."""
        return frozenset(
            code for code, rule in self.rules.items()
            if isinstance(rule.condition, Watch) and rule.condition.measure == "heartbeat"
        )  # fmt: skip

    @cached_property
    def codes(self) -> dict[int, str]:
        """Return area codes by row id."""
        return self.keys.area_codes()


def narrowed(house: House, scope: Scope, view: ConsoleView, *, chips: bool = True) -> list[Where]:
    """Return every condition of a view. chips: also state and priority."""
    found = [OPEN, *within(house.keys, scope), *_places(house, view), *_text(house, view.q)]
    if view.rule:
        found.append(a.rule == view.rule)
    if view.domain:
        found.append(a.rule.in_(sorted(c for c, r in house.rules.items() if _of(r, view.domain))))
    if view.situation:
        found.append(a.situation_id == _number(view.situation))
    if chips:
        found.append(a.state.in_(sorted(view.state or SHOWN)))
        if view.priority:
            found.append(a.priority.in_([int(p) for p in sorted(view.priority)]))
    return found


def _of(rule: AlarmRule, domain: str) -> bool:
    return rule.domain == domain


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def within(keys: Keys, scope: Scope) -> list[Where]:
    """Return what holds a query to the areas somebody may see."""
    if scope.areas is None:
        return []
    return [a.area_id.in_(sorted(keys.areas[x] for x in scope.areas if x in keys.areas))]


def _places(house: House, view: ConsoleView) -> list[Where]:
    if not view.area:
        return []
    id_ = house.keys.areas.get(view.area, -1)
    below = [i for i, above in house.keys.parents.items() if id_ in above]
    return [a.area_id.in_([id_, *sorted(below)])]


def _text(house: House, q: str) -> list[Where]:
    """Return that every word is in what an alarm says, or in the name of its place."""
    return [_says(house, word) for word in q.split()[:8]]


def _says(house: House, word: str) -> Where:
    lower = word.lower()
    codes = {
        code for code, area in house.catalogue.areas.items()
        if any(lower in n.lower() for n in (*area.name.values(), *area.short.values()))  # type: ignore[attr-defined]
    }  # fmt: skip
    ids = sorted(house.keys.areas[code] for code in codes if code in house.keys.areas)
    texts = [a.title["zh"], a.title["en"], a.said["zh"], a.said["en"]]
    said = [holds(t.as_string(), word) for t in texts]
    plain = [holds(column, word) for column in (a.object, a.rule, a.case_no)]
    return or_(*said, *plain, a.area_id.in_(ids))
