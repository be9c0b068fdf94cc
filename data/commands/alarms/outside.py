"""What alarms ask of their neighbours: the rules in force, the windows that stand, who is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from data.alarms.grouping import Facts
from data.alarms.states import F, G
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct, AlarmState

Cover = Callable[[str, str, str], AlarmState | None]
"""(rule, area, object) -> the state a window keeps such an alarm in."""


def window_over(conn: Connection, now: datetime) -> Cover:
    """Return what the windows of now keep down; out of service outranks planned work."""
    return lambda _rule, _area, _object: None


def rule_facts(conn: Connection, catalogue: Catalogue) -> dict[str, Facts]:
    """Return what grouping needs of the rules in force."""
    return {}


def tell(
    conn: Connection, catalogue: Catalogue, keys: Keys, alarm_ids: Sequence[int], why: AlarmAct,
    now: datetime,
) -> None:  # fmt: skip
    """Have those told who are to hear of alarms."""


__all__ = ["Cover", "F", "G", "rule_facts", "tell", "window_over"]
