"""Readings of rules become alarms: raised, worsened, returned, ended, silenced, grouped, told.

One transaction of whoever calls, thousands of readings in few statements. The states are decided
by `data.alarms.states`, what belongs together by `data.alarms.grouping`; here both are read and
written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.grouping import Facts, Group, Member, group
from data.alarms.states import (
    COVERED,
    B,
    Step,
)
from data.catalogue import Catalogue
from data.commands.alarms.cases import note_closed
from data.commands.alarms.found import write_found
from data.commands.alarms.heartbeat import carry, heartbeat_rules
from data.commands.alarms.joining import Situations, settle, write_groups
from data.commands.alarms.looking import Found, joined, look_at
from data.commands.alarms.notices import tell
from data.commands.alarms.outside import rule_facts, rules_now
from data.commands.alarms.writing import next_ids
from data.queries.alarms.opened import OpenAlarm, opened, point_of
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct, Reading

a = m.alarm.c


@dataclass(frozen=True)
class Applied:
    """What became of the readings, by alarm id. areas: codes whose panels moved."""

    raised: tuple[int, ...] = ()
    worsened: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    areas: frozenset[str] = frozenset()


def apply(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    readings: Sequence[Reading],
    now: datetime,
) -> Applied:
    """Let readings, the clock and the windows move the alarms; all of it or nothing.

    Several readings of one key are one alarm: the gravest that holds counts. An open alarm that no
    reading mentions stays as it is, but for its shelf and its window.
    """
    rules = rules_now(conn, catalogue)
    pulses = heartbeat_rules(rules.values())
    carry(conn, catalogue, [r for r in readings if r.rule in pulses], now)
    told = joined(r for r in readings if r.rule not in pulses)
    stands = opened(conn, keys)
    found = look_at(conn, told, stands, now)
    ids = next_ids(conn, m.alarm, len(found.born))
    placed = _groups(conn, catalogue, keys, found, stands, ids, rule_facts(conn, rules), now)
    write_found(conn, keys, found, ids, placed, stands, now)
    moved = [alarm.situation for alarm, _ in found.moves if alarm.situation]
    touched = {*moved, *(situation for situation, _, _ in placed.placed.values())}
    settle(conn, touched, keys, catalogue.city.code, now)
    closed = note_closed(conn, keys, now)
    done = _applied(catalogue, found, ids, closed)
    tell(conn, catalogue, keys, done.raised, AlarmAct.RAISE, now)
    tell(conn, catalogue, keys, done.worsened, AlarmAct.WORSEN, now)
    return done


def _groups(
    conn: Connection, catalogue: Catalogue, keys: Keys, found: Found,
    stands: Mapping[str, OpenAlarm], ids: Sequence[int],
    rules: Mapping[str, Facts], now: datetime,
) -> Situations:  # fmt: skip
    fresh = [
        _member(id_, reading, steps)
        for id_, (reading, steps) in zip(ids, found.born, strict=True)
        if steps[-1].after.state not in COVERED
    ]
    if not fresh:
        return Situations()
    over = {alarm.id for alarm, moved in found.moves if moved.after.over}
    causes = {alarm.id: reading.cause for alarm, reading in found.drifted}
    standing = [
        replace(alarm.member, cause=causes.get(alarm.id, alarm.cause))
        for alarm in stands.values()
        if alarm.id not in over and alarm.state not in COVERED
    ]
    groups = group(fresh, standing, rules)
    titles = _titles(conn, groups, dict(zip(ids, found.born, strict=True)))
    return write_groups(
        conn, groups, titles, keys, catalogue.city.code, now,
        fresh=frozenset(member.id for member in fresh),
    )  # fmt: skip


def _member(id_: int, reading: Reading, steps: tuple[Step, ...]) -> Member:
    return Member(
        id_, reading.rule, reading.area, reading.cause, reading.priority, steps[0].at,
        point=point_of(reading.object),
    )  # fmt: skip


def _titles(
    conn: Connection, groups: Sequence[Group], born: Mapping[int, tuple[Reading, Any]]
) -> dict[int, Any]:
    """Return what the alarms that lead are called: new ones by their reading."""
    found = {id_: dict(reading.title) for id_, (reading, _) in born.items()}
    asked = [g.lead.id for g in groups if g.id is None and g.lead.id not in found]
    for start in range(0, len(asked), PART):
        rows = select(a.id, a.title).where(a.id.in_(asked[start : start + PART]))
        found |= dict(conn.execute(rows).all())
    return found


PART = 900


def _applied(
    catalogue: Catalogue, found: Found, ids: Sequence[int],
    closed: frozenset[str],
) -> Applied:  # fmt: skip
    raised = [
        id_ for id_, (_, steps) in zip(ids, found.born, strict=True)
        if steps[-1].after.state is B
    ]  # fmt: skip
    worsened, returned, ended = list[int](), list[int](), list[int]()
    for alarm, moved in found.moves:
        acts = {step.act for step in moved.steps}
        if moved.after.state is B and alarm.state is not B:
            (worsened if AlarmAct.WORSEN in acts else raised).append(alarm.id)
        elif AlarmAct.WORSEN in acts and moved.after.state is B:
            worsened.append(alarm.id)
        if AlarmAct.RETURN in acts:
            returned.append(alarm.id)
        if moved.after.over:
            ended.append(alarm.id)
    areas = {reading.area for reading, _ in found.born}
    areas |= {alarm.area for alarm, _ in (*found.moves, *found.drifted)} | closed
    return Applied(
        tuple(raised), tuple(worsened), tuple(returned), tuple(ended),
        panel_areas(catalogue, areas),
    )  # fmt: skip


def panel_areas(catalogue: Catalogue, areas: Iterable[str]) -> frozenset[str]:
    """Return the areas whose panel tells of alarms in `areas`: their counties and the city.

    What is of the whole city concerns each county.
    """
    found = set(areas)
    if not found:
        return frozenset()
    city, counties = catalogue.city.code, [c.code for c in catalogue.counties()]
    if city in found:
        return frozenset({city, *counties})
    above = {code: catalogue.areas[code].parent for code in found}
    return frozenset({city} | {c for c in counties if c in found or c in above.values()})
