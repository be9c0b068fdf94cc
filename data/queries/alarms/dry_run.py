"""How often a rule would have fired in the past, from what is stored; it changes nothing.

What the past cannot answer is said beside the number: values by the hour, bands and limits as they
are today, polls let go of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.alarms.conditions.words import both
from data.alarms.judging import City, places
from data.alarms.plan import parts_of
from data.alarms.spans import Span, Spans, Worst, by_area, extended, settled, together, within
from data.catalogue import Catalogue
from data.catalogue import alarm_entries as e
from data.catalogue.alarm_entries import AlarmRule
from data.queries.alarms.past_events import past_cases, past_silence, past_warnings
from data.queries.alarms.past_values import past_baseline, past_spc, past_threshold
from data.queries.keys import Keys
from data.settings import settings
from data.vocabulary import Grain, Names

DAYS, MOST_DAYS = 90, 731


@dataclass(frozen=True)
class Occurrence:
    """One time it would have fired. end None: it still would. worst: in shown units."""

    area: str
    object: str
    start: datetime
    end: datetime | None
    worst: float | None


@dataclass(frozen=True)
class DryRun:
    """What a rule would have done. notes: what the past cannot answer."""

    rule: AlarmRule
    since: datetime
    until: datetime
    occurrences: tuple[Occurrence, ...]
    notes: tuple[Names, ...] = ()

    @property
    def n(self) -> int:
        """How often it would have fired."""
        return len(self.occurrences)

    @property
    def busiest(self) -> int:
        """The most times it would have fired within one day of 24 hours."""
        starts, first, most = sorted(o.start for o in self.occurrences), 0, 0
        for last, at in enumerate(starts):
            while at - starts[first] >= timedelta(days=1):
                first += 1
            most = max(most, last - first + 1)
        return most


@dataclass
class Past:
    """A question to the past, and what it could not answer."""

    conn: Connection
    city: City
    keys: Keys
    since: datetime
    until: datetime
    notes: dict[str, Names] = field(default_factory=dict)

    def note(self, zh: str, en: str) -> None:
        """Keep what the past cannot answer, once."""
        self.notes[en] = both(zh, en)


def dry_run(
    conn: Connection, catalogue: Catalogue, keys: Keys, rule: AlarmRule, now: datetime,
    *, days: int = DAYS,
) -> DryRun:  # fmt: skip
    """Return when a rule would have fired in the last `days` days.

    Args:
        conn: any connection; nothing is written.
        catalogue: the catalogue.
        keys: its ids.
        rule: in force or not, checked already.
        now: the end of the time looked at.
        days: how far back, 1 to 731.

    Raises:
        ValueError: days is not within that.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"days: {days} is not within 1 and {MOST_DAYS}")
    city = City.of(catalogue)
    one = Past(conn, city, keys, now - timedelta(days=days), now)
    if isinstance(rule.condition, e.Watch):
        one.note("系统自检状态不留历史，无法回放", "the system's own state keeps no past")
        return DryRun(rule, one.since, now, (), tuple(one.notes.values()))
    own = places(rule, city)
    raw = raw_spans(one, rule.condition, own)
    hold, clear = timedelta(seconds=rule.hold_s), timedelta(seconds=rule.clear_hold_s)
    worst = worst_of(rule.condition)
    found = [
        Occurrence(area, object_, s.start, s.end, s.worst)
        for (area, object_), spans in raw.items()
        if area in own or area == city.code
        for s in within(settled(spans, hold, clear, now, worst), one.since, now)
    ]
    found.sort(key=lambda o: (o.start, o.area, o.object), reverse=True)
    return DryRun(rule, one.since, now, tuple(found), tuple(one.notes.values()))


def worst_of(condition: e.Condition) -> Worst:
    """Return which of two values is the worse."""
    low = isinstance(condition, e.Warned) or getattr(condition, "side", "") == "below"
    return min if low else max


def raw_spans(one: Past, condition: e.Condition, areas: Sequence[str]) -> Spans:
    """Return when a condition held by area and object, hold times apart."""
    if isinstance(condition, e.Combination):
        return _combined(one, condition, areas)
    if isinstance(condition, e.Threshold | e.Baseline):
        return _valued(one, condition, areas)
    args = (one.conn, one.city, one.keys)
    if isinstance(condition, e.Spc):
        one.note("控制限按当前全部数据计算", "limits are those of all data known today")
        return past_spc(*args, condition, areas, one.since, one.until)
    if isinstance(condition, e.Warned):
        return past_warnings(*args, condition, areas, one.since, one.until)
    if isinstance(condition, e.Silence):
        one.note("按当前节奏判断间隔", "gaps are judged by today's rhythm")
        spans, kept = past_silence(*args, condition, one.since, one.until)
        if kept > one.since:
            days = settings().minute_days
            one.note(f"轮询记录仅保留{days}天", f"polls are kept {days} days only")
        return spans
    if isinstance(condition, e.Cases):
        if condition.measure == "overdue":
            one.note(
                "以当前时限为准，不回放时限变更", "by the limits as they are now, not as they were"
            )
        return past_cases(*args, condition, areas, one.since, one.until)
    return {}


def _valued(one: Past, condition: e.Threshold | e.Baseline, areas: Sequence[str]) -> Spans:
    indicator = one.city.catalogue.indicators[condition.indicator]
    grain = min(max(indicator.grain, Grain.HOUR), Grain.MONTH).name.lower()
    if indicator.grain is Grain.MINUTE:
        one.note("历史按小时值判断，短于一小时的波动不可见",
                 "judged by whole hours: what was shorter is not seen")  # fmt: skip
    kept = settings().hour_days
    if grain == "hour" and one.until - one.since > timedelta(days=kept):
        one.note(f"小时值仅保留{kept}天", f"hours are kept {kept} days only")
    if indicator.small_count:
        one.note("受保护的小数不作判断", "protected small counts are not judged")
    args = (one.conn, one.city, one.keys)
    if isinstance(condition, e.Baseline):
        one.note("常态区间取当前值", "compared with the normal band as it is today")
        return past_baseline(*args, condition, areas, one.since, one.until)
    return past_threshold(*args, condition, areas, one.since, one.until)


def _combined(one: Past, condition: e.Combination, areas: Sequence[str]) -> Spans:
    """Return when enough parts held in an area within the minutes of each other."""
    longer = timedelta(minutes=condition.minutes)
    found: Spans = {}
    told = [by_area(raw_spans(one, part, areas)) for part in parts_of(condition)]
    for area in areas:
        spans = [
            span
            for part in told
            for span in extended(part.get(area, []) + _whole(part, area, one.city), longer)
        ]
        need = condition.at_least or len(condition.of)
        found[area, ""] = together(spans, need, one.until)
    return found


def _whole(part: dict[str, list[Span]], area: str, city: City) -> list[Span]:
    """Return what held in all of the city, which counts in each county."""
    return part.get(city.code, []) if area != city.code else []
