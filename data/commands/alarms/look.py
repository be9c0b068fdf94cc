"""A look at the alarm rules: what each says now, its hold times taken into account.

A fault in one rule leaves that one out and notes it; the others are judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from data import models as m
from data.alarms.conditions.combination import memory_key
from data.alarms.conditions.verdict import Verdict
from data.alarms.conditions.words import both
from data.alarms.facts import Facts
from data.alarms.holding import Pending, held
from data.alarms.judging import Objects, judge
from data.alarms.plan import Chosen
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule, Combination
from data.commands.alarms.failing import note_failing
from data.commands.alarms.pending import Waiting, noted, rule_of
from data.queries.alarms.inputs import read_inputs
from data.queries.alarms.opened import OpenAlarm, open_keys
from data.queries.alarms.rules import InForce, rules_in_force
from data.queries.alarms.self_check import watch_readings
from data.queries.keys import Keys
from data.vocabulary.alarms import Reading

OVER = both("条件已解除", "the condition is over")
NO_RULE = both("规则已停用", "the rule is no longer in use")
STAGE = "stage"
"""The city's stage keeps its hold times beside those of the rules."""
a = m.alarm.c
_RULES = select(a.rule).where(a.ended_at.is_(None)).distinct()


@dataclass
class Look:
    """One look: what it stands on, and what came of it."""

    chosen: Chosen
    now: datetime
    opened: dict[str, dict[str, OpenAlarm]]
    """By rule and key."""
    waiting: Waiting
    readings: list[Reading] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def open_of(self, rule: str) -> dict[str, OpenAlarm]:
        """Return what is open of a rule, by key."""
        return self.opened.get(rule, {})


@dataclass
class Told:
    """What came of one rule; it counts only when all of the rule went well."""

    readings: list[Reading] = field(default_factory=list)
    waiting: dict[str, Pending | None] = field(default_factory=dict)


def look(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, *, source: str | None = None
) -> list[Reading]:
    """Return what the rules say: all that hold, and all that are open, active or over.

    Args:
        conn: from `store.write()`: what waits for its hold time is noted.
        catalogue: the catalogue.
        keys: its ids.
        now: the present, whatever the clock did since the last look.
        source: only the rules that it can move; None: all, those of the system itself too.
    """
    force = rules_in_force(conn, catalogue)
    chosen = force.plan.chosen(source)
    waiting = Waiting.read(conn, chosen.codes)
    one = Look(chosen, now, _by_rule(open_keys(conn, chosen.codes)), waiting)
    if chosen.rules:
        _judge_all(conn, keys, one)
    if source is None:
        _watch(conn, catalogue, keys, one)
        _orphans(conn, force, one)
    one.waiting.write(conn)
    errors = {**(force.failing if source is None else {}), **one.errors}
    note_failing(conn, chosen.codes, errors, now, whole=source is None)
    return one.readings


def _by_rule(opened: Mapping[str, OpenAlarm]) -> dict[str, dict[str, OpenAlarm]]:
    found: dict[str, dict[str, OpenAlarm]] = {}
    for key, stood in opened.items():
        found.setdefault(stood.rule, {})[key] = stood
    return found


def _judge_all(conn: Connection, keys: Keys, one: Look) -> None:
    chosen = one.chosen
    last = {key: p.seen_at for key, p in one.waiting.notes.items()}
    try:
        with conn.begin_nested():
            facts = read_inputs(conn, chosen.city, keys, chosen.needs, one.now, last)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        _one_by_one(conn, keys, one, last)
        return
    _valued(one, facts)
    for rule in chosen.others:
        _rule(one, rule, facts)


def _one_by_one(conn: Connection, keys: Keys, one: Look, last: dict[str, datetime]) -> None:
    """Ask for each rule by itself, so that only those fail whose question does."""
    for rule in one.chosen.rules:
        alone = Chosen((rule,), one.chosen.city)
        try:
            with conn.begin_nested():
                facts = read_inputs(conn, alone.city, keys, alone.needs, one.now, last)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            one.errors[rule.code] = f"{type(error).__name__}: {error}".split("\n")[0]
            continue
        _rule(one, rule, facts)


def _valued(one: Look, facts: Facts) -> None:
    """Judge the values past their limit, and those of which something is open or waits."""
    wanted: dict[str, set[str]] = {}
    for rule, area in one.chosen.beyond(facts):
        wanted.setdefault(rule.code, set()).add(area)
    for key in chain(*one.opened.values(), *one.waiting.of.values()):
        code, area, _object = key.split("|", 2)
        wanted.setdefault(code, set()).add(area)
    for rule in one.chosen.valued:
        areas = wanted.get(rule.code)
        if areas:
            own = one.chosen.areas[rule.code]
            _rule(one, rule, facts, [area for area in own if area in areas])


def _rule(one: Look, rule: AlarmRule, facts: Facts, areas: Iterable[str] | None = None) -> None:
    """Judge one rule; whatever goes wrong with it is its own affair."""
    try:
        opened = one.open_of(rule.code)
        known: Objects = {(x.area, x.object): x.active for x in opened.values()}
        _settle(one, rule, judge(rule, facts, one.chosen.city, known, areas))
    except Exception as error:
        one.errors[rule.code] = f"{type(error).__name__}: {error}".split("\n")[0]


def _settle(one: Look, rule: AlarmRule, said: Iterable[Verdict]) -> None:
    told, done = Told(), set[str]()
    opened, waits = one.open_of(rule.code), one.waiting.of.get(rule.code, {})
    together = rule.condition if isinstance(rule.condition, Combination) else None
    for verdict in said:
        if together is not None:
            _remember(one, rule, together, verdict, told)
        key = key_of(rule.code, verdict.area, verdict.object)
        if (verdict.holds or key in opened or key in waits) and key not in done:
            done.add(key)
            _hold(one, rule, key, verdict, told)
    for key, stood in opened.items():
        if key not in done:  # no longer there: a warning that ended, a case closed, an area left
            done.add(key)
            over = Verdict(False, one.now, OVER, area=stood.area, object=stood.object)
            _hold(one, rule, key, replace(over, cause=stood.cause), told)
    told.waiting |= dict.fromkeys(set(waits) - done)
    one.readings += told.readings
    for key, pending in told.waiting.items():
        one.waiting.put(key, pending)


def key_of(rule: str, area: str, object_: str) -> str:
    """Return the identity of an alarm."""
    return f"{rule}|{area}|{object_}"


def _hold(one: Look, rule: AlarmRule, key: str, verdict: Verdict, told: Told) -> None:
    stood = one.open_of(rule.code).get(key)
    was = stood.active if stood else False
    hold = timedelta(seconds=rule.hold_s if verdict.holds else rule.clear_hold_s)
    counted = held(was, verdict.holds, one.waiting.get(key), one.now, hold)
    told.waiting[key] = counted.pending
    if counted.active or stood is not None:
        at = verdict.at if counted.active else one.now
        at = min(at, one.now, counted.at or one.now)
        told.readings.append(reading_of(rule, verdict, active=counted.active, at=at))


def reading_of(rule: AlarmRule, verdict: Verdict, *, active: bool, at: datetime) -> Reading:
    """Return what a rule says of one thing.

    A condition with a gravity of its own (a warning's colour) gives it, never graver than its rule.
    """
    own = verdict.priority
    priority = rule.priority if own is None else max(int(rule.priority), own)
    return Reading(
        rule=rule.code,
        version=rule.version,
        area=verdict.area,
        object=verdict.object,
        active=active,
        priority=priority,
        at=at,
        said=verdict.said,
        title=rule.name,
        value=verdict.value,
        limit=verdict.limit,
        unit=verdict.unit,
        unknown=verdict.holds is None,
        cause=verdict.cause,
        evidence={**verdict.evidence, "rule": rule.code, "version": rule.version},
    )


def _remember(
    one: Look, rule: AlarmRule, condition: Combination, verdict: Verdict, told: Told
) -> None:
    """Note which parts hold now, and forget those that held too long ago to count."""
    for place, part in enumerate(verdict.evidence["parts"]):
        key = memory_key(rule.code, verdict.area, place)
        known = one.waiting.notes.get(key)
        if part["holds"]:
            told.waiting[key] = noted(known, one.now)
        elif known and one.now - known.seen_at > timedelta(minutes=condition.minutes):
            told.waiting[key] = None


def _watch(conn: Connection, catalogue: Catalogue, keys: Keys, one: Look) -> None:
    """Ask the system itself; its rules wait and end like all others."""
    rules = {rule.code: rule for rule in one.chosen.watches}
    if not rules:
        return
    try:
        with conn.begin_nested():
            told = watch_readings(conn, catalogue, keys, list(rules.values()), one.now)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        one.errors |= dict.fromkeys(rules, f"{type(error).__name__}: {error}".split("\n")[0])
        return
    for code, rule in rules.items():
        own = [r for r in told if r.rule == code]
        titles, start = {r.key: r.title for r in own}, len(one.readings)
        _settle(one, rule, (_verdict_of(r) for r in own))
        one.readings[start:] = [
            replace(r, title=titles.get(r.key, r.title)) for r in one.readings[start:]
        ]


def _verdict_of(reading: Reading) -> Verdict:
    return Verdict(
        None if reading.unknown else reading.active, reading.at, reading.said, reading.value,
        reading.limit, reading.unit, reading.area, reading.object, reading.priority, reading.cause,
        evidence=dict(reading.evidence or {}),
    )  # fmt: skip


def _orphans(conn: Connection, force: InForce, one: Look) -> None:
    """End what is open of rules that are retired, switched off or gone."""
    on = {code for code, rule in force.rules.items() if rule.enabled}
    codes = [code for code in conn.scalars(_RULES) if code not in on]
    for stood in (open_keys(conn, codes) if codes else {}).values():
        one.readings.append(
            Reading(
                stood.rule, stood.rule_version, stood.area, stood.object, False, stood.priority,
                one.now, NO_RULE, NO_RULE, cause=stood.cause, evidence={"retired": True},
            )
        )  # fmt: skip
    p = m.alarm_pending.c
    kept = on | {STAGE}
    gone = [key for key in conn.scalars(select(p.key)) if rule_of(key) not in kept]
    if gone:
        conn.execute(m.alarm_pending.delete().where(p.key.in_(gone)))
