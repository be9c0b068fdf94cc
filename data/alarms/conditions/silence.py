"""A source, or one county's share of it, that has gone quiet."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Any

from data.alarms.conditions.verdict import Verdict, unknown
from data.alarms.conditions.words import both, span
from data.alarms.facts import AHEAD, Facts, Heard, age_s
from data.catalogue.alarm_entries import Silence
from data.vocabulary import LOCAL, Names

MINUTES = Names(zh="分钟", en="min")
NOBODY = Names(zh="", en="")


def limit_s(condition: Silence, heard: Heard) -> float | None:
    """Return after how many seconds a source or unit counts as quiet; None: no rhythm is known."""
    if condition.late_after is not None:
        return condition.late_after * 60.0
    return None if heard.rhythm_s is None else condition.factor * heard.rhythm_s


def chosen(condition: Silence, facts: Facts) -> Iterable[Heard]:
    """Return the sources, or the units, that the condition asks about."""
    every = facts.units if condition.units else facts.sources
    names = [condition.source] if condition.source else list(every)
    if condition.units:
        return (unit for name in names for unit in facts.units.get(name, ()))
    return (facts.sources[name] for name in names if name in facts.sources)


def judge(
    condition: Silence, facts: Facts, known: Container[tuple[str, str]] = ()
) -> Iterator[Verdict]:
    """Yield what is said of each source (in the city) or of each unit (in its county).

    Of those that were just heard nothing, unless an alarm of theirs is among the `known`.
    """
    for heard in chosen(condition, facts):
        limit, last = limit_s(condition, heard), heard.last_at
        well = False
        if limit is not None and last is not None:
            well = 0 <= (facts.now - last).total_seconds() <= limit
        if not well or (heard.area, heard.source) in known:
            yield _one(condition, heard, facts, facts.now)


def _one(condition: Silence, heard: Heard, facts: Facts, now: datetime) -> Verdict:
    limit, last = limit_s(condition, heard), heard.last_at
    place: dict[str, Any] = {
        "area": heard.area,
        "object": heard.source,
        "cause": f"source:{heard.source}",
    }
    if last is None or limit is None:
        return unknown("no_data", now, **place)
    if last - now > AHEAD:
        return unknown("future", now, **place)
    return Verdict(
        age_s(last, now) > limit,
        min(last, now),
        _said(heard, last, limit, facts.names.get(heard.source, NOBODY)),
        None,
        round(limit / 60, 1),
        MINUTES,
        evidence={
            "kind": "silence",
            "source": heard.source,
            "last_at": last.timestamp(),
            "limit_s": limit,
            "rhythm_s": heard.rhythm_s,
            "content": heard.content,
        },
        **place,
    )


def _said(heard: Heard, last: datetime, limit: float, name: Names) -> Names:
    """Say since when, not for how long: words that move every minute would wake every screen."""
    zh = "无新数据" if heard.content else "无应答"
    en = "nothing new" if heard.content else "no answer"
    since, within = f"{last.astimezone(LOCAL):%m-%d %H:%M}", span(limit)
    return both(
        f"{name['zh']} 自{since}起{zh}（时限{within['zh']}）",
        f"{name['en']}: {en} since {since} (limit {within['en']})",
    )
