"""What the stage's rules ask for now: active alarms and their own conditions, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.alarms.rules import rules_in_force as alarm_rules
from data.queries.keys import Keys
from data.queries.stage_own import own_conditions
from data.queries.stage_rules import rules_in_force
from data.stage import Ground, Judged, judge, lowering
from data.stage.change import Change
from data.stage.judge import Fired
from data.stage.said import lower_said, why_said
from data.vocabulary import Names
from data.vocabulary.alarms import AlarmState
from data.vocabulary.stage import ChangeRow, FiredRow, GroundRow, WhyRow

a = m.alarm.c
SET_ASIDE = (AlarmState.SUPPRESSED.value, AlarmState.OUT_OF_SERVICE.value)
"""Alarms that count for nothing: planned work or a broken instrument, said so beforehand. One that
is shelved counts: it was quieted for the operator, the city is as it was."""
SYSTEM = ("watch", "silence")
"""Kinds of alarm rules that are about the system and its sources, not about the city."""
BLANK: Names = {"zh": "", "en": ""}
MOST = 20
"""Rows of one rule that are kept and shown, the gravest first; the rest is counted."""


@dataclass(frozen=True)
class Asked:
    """What the rules ask for, and the one change that would lower it; the first rows in words."""

    judged: Judged
    change: Change | None


def asked(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> Asked:
    """Return what the rules ask for now.

    Judged over all alarms that count, of which only the few that are shown are read in full: in a
    flood there are ten thousand.
    """
    rules = rules_in_force(conn, catalogue)
    least = max((r.priority for r in rules.values() if not r.condition), default=0)
    own = own_conditions(conn, catalogue, keys, rules.values(), now)
    judged = judge(rules.values(), _active(conn, catalogue, keys, least), own)
    change = lowering(judged)
    shown = [g for f in judged.fired for g in f.grounds[:MOST]]
    shown += change.grounds[:MOST] if change else ()
    words = _words(conn, shown)
    fired = tuple(
        replace(f, grounds=tuple(words.get(g.key, g) for g in f.grounds)) for f in judged.fired
    )
    if change is not None:
        change = replace(change, grounds=tuple(words.get(g.key, g) for g in change.grounds))
    return Asked(Judged(judged.minimum, fired), change)


def _active(conn: Connection, catalogue: Catalogue, keys: Keys, least: int) -> list[Ground]:
    """Return every open, active alarm of this priority or graver that counts, without its words."""
    query = select(a.id, a.rule, a.area_id, a.priority, a.raised_at, a.cause).where(
        a.ended_at.is_(None), a.active.is_(True), a.priority <= least, a.state.not_in(SET_ASIDE)
    )
    codes, city = keys.area_codes(), catalogue.city.code
    kinds = {code: r.condition.kind for code, r in alarm_rules(conn, catalogue).rules.items()}
    found = []
    for row in conn.execute(query).all():
        area = codes.get(row.area_id, "")
        county = None if area == city else area
        key, cause = f"alarm:{row.id}", row.cause or ""
        system = kinds.get(row.rule) in SYSTEM
        found.append(
            Ground(
                key, row.rule, county, row.priority, row.raised_at, BLANK, BLANK, cause, row.id,
                system=system,
            )
        )  # fmt: skip
    return found


def _words(conn: Connection, grounds: Sequence[Ground]) -> dict[str, Ground]:
    """Return these grounds with title, words and what is behind them, by key."""
    by_id = {g.alarm: g for g in grounds if g.alarm is not None}
    if not by_id:
        return {}
    query = select(a.id, a.title, a.said, a.evidence).where(a.id.in_(list(by_id)))
    return {
        by_id[row.id].key: replace(
            by_id[row.id], title=row.title, said=row.said, refs=row.evidence or {}
        )
        for row in conn.execute(query).all()
    }


# ---- as plain JSON ----


def why(found: Asked, catalogue: Catalogue) -> WhyRow:
    """Return what the rules said, to be kept with an event and shown."""
    return {
        "minimum": found.judged.minimum,
        "rules": [fired_row(f, catalogue) for f in found.judged.fired],
        "lower": change_row(found.change, catalogue),
    }


def names_of(catalogue: Catalogue) -> dict[str, Names]:
    """Return the short names of areas by code."""
    return {code: area.short for code, area in catalogue.areas.items()}


def said(fired: Sequence[Fired], catalogue: Catalogue) -> Names:
    """Return in words which rules fire."""
    return why_said(fired, names_of(catalogue))


def fired_row(fired: Fired, catalogue: Catalogue) -> FiredRow:
    """Return one rule that fires with its first rows."""
    rule = fired.rule
    return {
        "code": rule.code,
        "version": rule.version,
        "stage": rule.stage,
        "name": rule.name,
        "count": rule.count,
        "counties": rule.counties,
        "n": len(fired.grounds),
        "rows": [ground_row(g, catalogue) for g in fired.grounds[:MOST]],
    }


def change_row(change: Change | None, catalogue: Catalogue) -> ChangeRow | None:
    """Return the one change with its first rows."""
    words = lower_said(change, names_of(catalogue))
    if change is None or words is None:
        return None
    return {
        "leads_to": change.leads_to,
        "single": change.single,
        "smallest": change.smallest,
        "cause": change.cause,
        "n": len(change.grounds),
        "rows": [ground_row(g, catalogue) for g in change.grounds[:MOST]],
        "said": words,
    }


def ground_row(ground: Ground, catalogue: Catalogue) -> GroundRow:
    """Return one ground."""
    place = catalogue.areas.get(ground.county or catalogue.city.code)
    return {
        "key": ground.key,
        "alarm": ground.alarm,
        "title": ground.title,
        "said": ground.said,
        "area": ground.county,
        "area_name": place.short if place else {"zh": "", "en": ""},
        "priority": ground.priority,
        "since": ground.since.timestamp(),
        "links": links(ground.refs),
    }


def links(refs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is behind a ground, to be linked to: kind and name."""
    single = ("indicator", "source")
    found = [(kind, refs[kind]) for kind in single if isinstance(refs.get(kind), str)]
    for kind, key in (("case", "cases"), ("warning", "warnings")):
        named = refs.get(key)
        if isinstance(named, list):
            found += [(kind, str(x)) for x in named[:5] if isinstance(x, str | int)]
    return found
