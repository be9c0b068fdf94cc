"""What waits for its hold time, and when the parts of combinations last held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.alarms.holding import Pending

p = m.alarm_pending.c
AGAIN = timedelta(seconds=15)
"""A note of what still holds is moved on no sooner than this."""
_ALL = select(p.key, p.since, p.active, p.seen_at)
_DELETE = m.alarm_pending.delete().where(p.key.in_(bindparam("gone", expanding=True)))


@dataclass
class Waiting:
    """What waits of some rules, and what became of it in this look.

    of: by rule and key. notes: when a part of a combination last held.
    """

    of: dict[str, dict[str, Pending]] = field(default_factory=dict)
    notes: dict[str, Pending] = field(default_factory=dict)
    changed: dict[str, Pending | None] = field(default_factory=dict)

    @classmethod
    def read(cls, conn: Connection, codes: Collection[str]) -> Waiting:
        """Read what waits of these rules: few rows, whatever the rules are."""
        found = cls()
        for row in conn.execute(_ALL).all():
            code, one = rule_of(row.key), Pending(row.active, row.since, row.seen_at)
            if "|#" in row.key and code in codes:
                found.notes[row.key] = one
            elif code in codes:
                found.of.setdefault(code, {})[row.key] = one
        return found

    def get(self, key: str) -> Pending | None:
        """Return what waits under a key, as of the last look."""
        return self.notes.get(key) or self.of.get(rule_of(key), {}).get(key)

    def put(self, key: str, pending: Pending | None) -> None:
        """Note what waits now; None: nothing."""
        if pending != self.get(key):
            self.changed[key] = pending

    def write(self, conn: Connection) -> None:
        """Write what changed; nothing, if nothing did."""
        if not self.changed:
            return
        gone = [key for key in self.changed if self.get(key) is not None]
        if gone:
            conn.execute(_DELETE, {"gone": gone})
        rows = [
            {"key": key, "since": one.since, "active": one.active, "seen_at": one.seen_at}
            for key, one in self.changed.items()
            if one is not None
        ]
        if rows:
            conn.execute(m.alarm_pending.insert(), rows)


def rule_of(key: str) -> str:
    """Return the rule of a key."""
    return key.partition("|")[0]


def noted(before: Pending | None, now: datetime) -> Pending:
    """Return the note that a part of a combination holds now; the old one if it is recent."""
    if before is not None and timedelta(0) <= now - before.seen_at < AGAIN:
        return before
    return Pending(True, before.since if before else now, now)
