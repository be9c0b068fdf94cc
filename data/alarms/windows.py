"""Planned-work and service windows: what they cover, and which wish for one is refused."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WindowKind(StrEnum):
    """Why alarms are kept down: work that was planned, or equipment that is out of service."""

    PLANNED = "planned"
    SERVICE = "service"


LONGEST = {WindowKind.PLANNED: timedelta(days=31), WindowKind.SERVICE: timedelta(days=184)}
"""A window that outlives its work hides true alarms: a longer one is made anew, by a person."""
AHEAD = timedelta(days=366)
"""A window that begins later than this is a slip of the hand."""
LATE = timedelta(minutes=10)
"""Who fills in a form needs so long: a beginning so little past is taken as now."""
SHORT, LONG = 4, 500
"""Letters of a reason."""


@dataclass(frozen=True)
class Scope:
    """What a window is about: a rule, an area, an object, or what all of those named share."""

    rule: str | None = None
    area: str | None = None
    object: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is named: such a window would blind the whole house."""
        return not (self.rule or self.area or self.object)


@dataclass(frozen=True)
class Window:
    """One window. areas: the codes it covers, its own and those below; None: everywhere."""

    id: int
    kind: WindowKind
    scope: Scope
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_name: str
    areas: frozenset[str] | None = None

    def covers(self, rule: str, area: str, object: str) -> bool:
        """Return whether an alarm of this rule, area and object lies under the window."""
        return (
            self.scope.rule in (None, rule)
            and (self.areas is None or area in self.areas)
            and self.scope.object in (None, object)
        )

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Return whether a stretch shares time with the window; one may begin as another ends."""
        return self.starts_at < ends_at and starts_at < self.ends_at


class WindowFault(StrEnum):
    """Why a window is refused."""

    NO_RIGHT = "no_right"
    UNKNOWN_KIND = "unknown_kind"
    NO_SCOPE = "no_scope"
    UNKNOWN_RULE = "unknown_rule"
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_OBJECT = "unknown_object"
    END_BEFORE_START = "end_before_start"
    PAST = "past"
    TOO_FAR = "too_far"
    TOO_LONG = "too_long"
    REASON_MISSING = "reason_missing"
    REASON_TOO_LONG = "reason_too_long"
    OVERLAPS = "overlaps"
    UNKNOWN_WINDOW = "unknown_window"
    ENDED_ALREADY = "ended_already"


@dataclass(frozen=True)
class WindowRefusal:
    """Why, and what is meant: the other window's number, the limit, the unknown name."""

    fault: WindowFault
    what: str = ""
    other: Window | None = None


@dataclass(frozen=True)
class WindowWish:
    """A window somebody wants. Aware instants."""

    kind: str
    scope: Scope
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class KnownNames:
    """What a window may name."""

    rules: Container[str]
    areas: Container[str]
    objects: Container[str]


def refused(
    wish: WindowWish, known: KnownNames, standing: Iterable[Window], now: datetime
) -> WindowRefusal | None:
    """Return why a wish cannot be had, None when it can.

    standing: the windows that are not over; any order.
    """
    return (
        _names(wish, known)
        or _times(wish, now)
        or _words(wish)
        or _overlap(wish, standing)
    )  # fmt: skip


def _names(wish: WindowWish, known: KnownNames) -> WindowRefusal | None:
    if wish.kind not in set(WindowKind):
        return WindowRefusal(WindowFault.UNKNOWN_KIND, wish.kind)
    if wish.scope.empty:
        return WindowRefusal(WindowFault.NO_SCOPE)
    named = (
        (wish.scope.rule, known.rules, WindowFault.UNKNOWN_RULE),
        (wish.scope.area, known.areas, WindowFault.UNKNOWN_AREA),
        (wish.scope.object, known.objects, WindowFault.UNKNOWN_OBJECT),
    )
    for name, names, fault in named:
        if name is not None and name not in names:
            return WindowRefusal(fault, name)
    return None


def _times(wish: WindowWish, now: datetime) -> WindowRefusal | None:
    if wish.ends_at <= wish.starts_at:
        return WindowRefusal(WindowFault.END_BEFORE_START)
    if wish.ends_at <= now or wish.starts_at < now - LATE:
        return WindowRefusal(WindowFault.PAST)
    if wish.starts_at > now + AHEAD:
        return WindowRefusal(WindowFault.TOO_FAR, str(AHEAD.days))
    longest = LONGEST[WindowKind(wish.kind)]
    if wish.ends_at - wish.starts_at > longest:
        return WindowRefusal(WindowFault.TOO_LONG, str(longest.days))
    return None


def _words(wish: WindowWish) -> WindowRefusal | None:
    length = len(wish.reason.strip())
    if length < SHORT:
        return WindowRefusal(WindowFault.REASON_MISSING, str(SHORT))
    if length > LONG:
        return WindowRefusal(WindowFault.REASON_TOO_LONG, str(LONG))
    return None


def _overlap(wish: WindowWish, standing: Iterable[Window]) -> WindowRefusal | None:
    alike = (w for w in standing if w.kind == wish.kind and w.scope == wish.scope)
    for other in sorted(alike, key=lambda w: w.starts_at):
        if other.meets(wish.starts_at, wish.ends_at):
            return WindowRefusal(WindowFault.OVERLAPS, str(other.id), other)
    return None
