"""A due time with everything that explains it, as data; components word it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from data.calendar import Basis, BasisKind, DayKind
from data.catalogue.clock_rule import ClockRule
from data.vocabulary import Names


class LineKind(StrEnum):
    """Why a stretch of time counts, or why not."""

    COUNTED = "counted"
    START_DAY = "start_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    NIGHT = "night"
    LUNCH = "lunch"
    EXTENDED = "extended"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Line:
    """One stretch of time. Stretches follow each other; only EXTENDED has no length.

    seconds: how much of it was counted. days: whole counted days in it, 0 if it is a part of
    one. day: what its days are (a make-up day is named). name: of the holiday, or of the one
    that is made up for. added: of EXTENDED, as "3 days".
    """

    kind: LineKind
    start: datetime
    end: datetime
    seconds: int = 0
    days: int = 0
    day: DayKind = DayKind.WORKDAY
    name: Names | None = None
    added: str = ""

    def stored(self) -> list[Any]:
        """Return it as a short list for a Json column."""
        name = [self.name["zh"], self.name["en"]] if self.name else []
        return [
            self.kind.value, int(self.start.timestamp()), int(self.end.timestamp()),
            self.seconds, self.days, self.day.value, self.added, *name,
        ]  # fmt: skip

    @classmethod
    def read(cls, row: list[Any]) -> Line:
        """Return the line that was stored as `row`."""
        kind, start, end, seconds, days, day, added, *name = row
        names = Names(zh=name[0], en=name[1]) if name else None
        return cls(LineKind(kind), _at(start), _at(end), seconds, days, DayKind(day), names, added)


_KEPT = (
    "code", "version", "kind", "amount", "unit", "count_from", "ends", "day_start", "day_end",
    "lunch",
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """When something is due. seconds: counted in all, the amount and what was granted more.

    counted_from: where counting began, at the start or later; a rule whose first day is the
    day of the start counts it from its 00:00. bases: of every year it touches.
    """

    due_at: datetime
    rule: ClockRule
    start: datetime
    counted_from: datetime
    seconds: int
    calendar_version: str
    bases: tuple[Basis, ...]
    lines: tuple[Line, ...]

    @property
    def version(self) -> int:
        """The version of the rule."""
        return self.rule.version

    def why(self) -> dict[str, Any]:
        """Return what a Json column keeps of it: how the rule counts, not its name and basis."""
        return {
            "rule": {name: getattr(self.rule, name) for name in _KEPT},
            "start": int(self.start.timestamp()),
            "from": int(self.counted_from.timestamp()),
            "due": int(self.due_at.timestamp()),
            "seconds": self.seconds,
            "calendar": self.calendar_version,
            "bases": [[b.year, b.kind.value, b.notice] for b in self.bases],
            "lines": [line.stored() for line in self.lines],
        }

    @classmethod
    def read(cls, why: Mapping[str, Any], rule: ClockRule | None) -> Due:
        """Return the due time that was kept as `why`.

        rule: the version it names, as the catalogue has it; None if it is there no more,
        then what was kept of it stands for it.
        """
        return cls(
            due_at=_at(why["due"]),
            rule=rule or ClockRule(**why["rule"]),
            start=_at(why["start"]),
            counted_from=_at(why["from"]),
            seconds=why["seconds"],
            calendar_version=why["calendar"],
            bases=tuple(Basis(y, BasisKind(kind), notice) for y, kind, notice in why["bases"]),
            lines=tuple(Line.read(row) for row in why["lines"]),
        )


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
