"""When an exercise plays what: the stretch of a past day, and by how much it is shifted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.vocabulary import LOCAL

PREFIX = "【演练】"
"""Before every text of an exercise that leaves a screen: titles, warnings, messages, files."""

HOUR = timedelta(hours=1)
LONGEST = timedelta(hours=12)


class PlanError(ValueError):
    """An exercise cannot be made like that; says why and what is allowed."""


@dataclass(frozen=True)
class Exercise:
    """One exercise. since, until: of the past day that is played; shift: whole hours."""

    title: str
    since: datetime
    until: datetime
    shift: timedelta

    @property
    def starts(self) -> datetime:
        """When it begins."""
        return self.since + self.shift

    @property
    def ends(self) -> datetime:
        """When what is played is over."""
        return self.until + self.shift

    def written(self) -> str:
        """Return it as the store keeps it."""
        told = {
            "title": self.title,
            "since": self.since.timestamp(),
            "until": self.until.timestamp(),
            "shift_s": self.shift.total_seconds(),
        }
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def read(cls, kept: str) -> Exercise:
        """Return what a store keeps."""
        told = json.loads(kept)
        since, until = (datetime.fromtimestamp(told[k], LOCAL) for k in ("since", "until"))
        return cls(told["title"], since, until, timedelta(seconds=told["shift_s"]))


def planned(title: str, since: datetime, length: timedelta, now: datetime) -> Exercise:
    """Return the exercise that begins now with what happened from `since` on.

    It is shifted by whole hours, so that hours stay hours: what is played begins up to 59 minutes
    after `since`, at the minute of the hour it is now.

    Raises:
        PlanError: a stretch that is not over, has no length or too much of it, no title.
    """
    if not title.strip():
        raise PlanError("an exercise has a title")
    if not timedelta(minutes=10) <= length <= LONGEST:
        raise PlanError(f"between 10 minutes and {LONGEST // HOUR} hours, not {length}")
    minute = now.replace(second=0, microsecond=0)
    shift = (minute - since) // HOUR * HOUR
    begin = minute - shift
    if shift < HOUR or begin + length > now:
        raise PlanError(
            f"{since.astimezone(LOCAL):%Y-%m-%d %H:%M} and {length} after it are not over yet"
        )
    return Exercise(title.strip()[:60], begin, begin + length, shift)
