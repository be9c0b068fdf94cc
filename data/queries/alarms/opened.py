"""The alarms that are open, as rules and acts need them: without what is only shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.alarms.grouping import Member, Tie
from data.alarms.states import Stood
from data.queries.keys import Keys, read_keys
from data.vocabulary.alarms import AlarmState

a = m.alarm.c
COLUMNS = (
    a.id, a.key, a.rule, a.area_id, a.object, a.cause, a.priority, a.state, a.active, a.latched,
    a.raised_at, a.changed_at, a.owner_name, a.shelved_until, a.value, a.limit, a.situation_id,
    a.tie, a.case_no, a.version, a.rule_version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """What stands. area: code. version: the number of its last event."""

    id: int
    key: str
    rule: str
    rule_version: int
    area: str
    object: str
    cause: str
    priority: int
    state: AlarmState
    active: bool
    latched: bool
    raised_at: datetime
    changed_at: datetime
    owner: str | None
    until: datetime | None
    value: float | None
    limit: float | None
    situation: int | None
    tie: Tie | None
    case_no: str | None
    version: int

    @property
    def stood(self) -> Stood:
        """Return how it stands, for the rules of its states."""
        return Stood(
            self.state, self.active, self.priority, self.latched, self.changed_at,
            owner=self.owner, until=self.until,
        )  # fmt: skip

    @property
    def member(self) -> Member:
        """Return it as grouping sees it."""
        return Member(
            self.id, self.rule, self.area, self.cause, self.priority, self.raised_at,
            self.situation, self.tie, point_of(self.object),
        )  # fmt: skip


def point_of(object_: str) -> tuple[float, float] | None:
    """Return lon, lat of an object that is called by its place ("23.731,114.691"), else None."""
    lat, _, lon = object_.partition(",")
    try:
        return float(lon), float(lat)
    except ValueError:
        return None


_OPEN = select(*COLUMNS).where(a.ended_at.is_(None))
_OF_RULES = _OPEN.where(a.rule.in_(bindparam("rules", expanding=True)))


def open_keys(conn: Connection, rules: Collection[str]) -> dict[str, OpenAlarm]:
    """Return what stands of some rules, by the alarm's key."""
    rows = conn.execute(_OF_RULES, {"rules": sorted(rules)}).all()
    return _by_key(rows, read_keys(conn))


def opened(conn: Connection, keys: Keys) -> dict[str, OpenAlarm]:
    """Return every open alarm, by its key."""
    return _by_key(conn.execute(_OPEN).all(), keys)


def one_opened(conn: Connection, keys: Keys, alarm_id: int) -> OpenAlarm | None:
    """Return one alarm, open or over, None if there is none of this number."""
    row = conn.execute(select(*COLUMNS).where(a.id == alarm_id)).first()
    return None if row is None else read(row, keys.area_codes())


def of_situation(conn: Connection, keys: Keys, situation: int) -> list[OpenAlarm]:
    """Return the open alarms of one situation."""
    rows = conn.execute(_OPEN.where(a.situation_id == situation)).all()
    codes = keys.area_codes()
    return [read(row, codes) for row in rows]


def _by_key(rows: Any, keys: Keys) -> dict[str, OpenAlarm]:
    codes = keys.area_codes()
    return {row.key: read(row, codes) for row in rows}


def read(row: Any, codes: dict[int, str]) -> OpenAlarm:
    """Return one row of COLUMNS."""
    return OpenAlarm(
        row.id, row.key, row.rule, row.rule_version, codes[row.area_id], row.object, row.cause,
        row.priority, AlarmState(row.state), row.active, row.latched, row.raised_at,
        row.changed_at, row.owner_name, row.shelved_until, row.value, row.limit,
        row.situation_id, Tie(row.tie) if row.tie else None, row.case_no, row.version,
    )  # fmt: skip
