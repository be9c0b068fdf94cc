"""Readings of rules become alarms: raised, worsened, returned, ended, silenced, grouped, told.

One transaction of whoever calls, thousands of readings in few statements. The states are decided
by `data.alarms.states`, what belongs together by `data.alarms.grouping`; here both are read and
written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.alarms.chatter import ENDS, LOOK_BACK, chatters, ends_of
from data.alarms.grouping import Facts, Group, Member, Tie, group
from data.alarms.states import (
    COVERED,
    NORMAL,
    SILENT,
    B,
    Heard,
    Step,
    expire,
    hear,
)
from data.catalogue import Catalogue
from data.commands.alarms.cases import note_closed
from data.commands.alarms.heartbeat import carry, heartbeat_rules
from data.commands.alarms.joining import BY_RULE, Situations, link, settle, write_groups
from data.commands.alarms.notices import tell
from data.commands.alarms.outside import rule_facts, rules_now, window_over
from data.commands.alarms.writing import Moved, events, next_ids, write_moves, write_new
from data.queries.alarms.opened import OpenAlarm, opened, point_of
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct, AlarmState, Reading

a, e = m.alarm.c, m.alarm_event.c
KEY = 200
"""Letters of a key that are kept."""


@dataclass(frozen=True)
class Applied:
    """What became of the readings, by alarm id. areas: codes whose panels moved."""

    raised: tuple[int, ...] = ()
    worsened: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    areas: frozenset[str] = frozenset()


@dataclass
class Found:
    """What a look brings, before anything is written. born: new alarms with their readings."""

    moves: list[tuple[OpenAlarm, Moved]] = field(default_factory=list)
    born: list[tuple[Reading, tuple[Step, ...]]] = field(default_factory=list)
    drifted: list[tuple[OpenAlarm, Reading]] = field(default_factory=list)


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
    found = _look(conn, told, stands, now)
    ids = next_ids(conn, m.alarm, len(found.born))
    placed = _groups(conn, catalogue, keys, found, stands, ids, rule_facts(conn, rules), now)
    _write(conn, keys, found, ids, placed, stands, now)
    moved = [alarm.situation for alarm, _ in found.moves if alarm.situation]
    touched = {*moved, *(situation for situation, _, _ in placed.placed.values())}
    settle(conn, touched, keys, catalogue.city.code, now)
    closed = note_closed(conn, keys, now)
    done = _applied(catalogue, found, ids, closed)
    tell(conn, catalogue, keys, done.raised, AlarmAct.RAISE, now)
    tell(conn, catalogue, keys, done.worsened, AlarmAct.WORSEN, now)
    return done


def joined(readings: Iterable[Reading]) -> dict[str, Reading]:
    """Return one reading a key: what holds before what is unknown before what does not, gravest."""
    found: dict[str, Reading] = {}
    for reading in readings:
        key = reading.key[:KEY]
        other = found.get(key)
        if other is None or _weight(reading) < _weight(other):
            found[key] = reading
    return found


def _weight(reading: Reading) -> tuple[int, int]:
    holds = 1 if reading.unknown else 0 if reading.active else 2
    return holds, reading.priority


# ---- what moves ----


def _look(
    conn: Connection, told: Mapping[str, Reading], stands: Mapping[str, OpenAlarm], now: datetime
) -> Found:
    cover = window_over(conn, now)
    ends = _ends(conn, now)
    found = Found()
    for key, reading in told.items():
        if key not in stands and reading.active and not reading.unknown:
            heard = _heard(reading, cover(reading.rule, reading.area, reading.object), ends, now)
            found.born.append((reading, hear(NORMAL, heard, now)))
    for key, alarm in stands.items():
        covered = cover(alarm.rule, alarm.area, alarm.object)
        own = told.get(key)
        steps = _steps(alarm, own, covered, ends, now)
        if steps:
            value = own.value if own is not None and not own.unknown else alarm.value
            found.moves.append((alarm, _moved(alarm, own, steps, value)))
        if own is not None and _drifted(alarm, own, bool(steps)):
            found.drifted.append((alarm, own))
    return found


def _steps(
    alarm: OpenAlarm, reading: Reading | None, cover: AlarmState | None,
    ends: Mapping[str, list[datetime]], now: datetime,
) -> tuple[Step, ...]:  # fmt: skip
    """Return what moves one open alarm: the end of its shelf first, then its condition."""
    stood = alarm.stood
    if reading is None and not cover and alarm.state not in SILENT:
        return ()
    heard = _heard(reading, cover, ends, now) if reading is not None else None
    heard = heard or Heard(alarm.active, alarm.priority, now, unknown=True, cover=cover)
    first = expire(stood, heard, now)
    stood = first[-1].after if first else stood
    return first + hear(stood, heard, now)


def _heard(
    reading: Reading, cover: AlarmState | None, ends: Mapping[str, list[datetime]], now: datetime
) -> Heard:
    known = ends.get(reading.key[:KEY], [])
    gone = [] if reading.active or reading.unknown else [now]
    chattering = bool(known) and chatters([*known, *gone], now)
    return Heard(
        reading.active, reading.priority, reading.at, reading.unknown, cover, chattering
    )  # fmt: skip


def _ends(conn: Connection, now: datetime) -> dict[str, list[datetime]]:
    """Return when conditions ended lately, by key: of alarms that are open and of those before."""
    found: dict[str, list[tuple[AlarmAct, datetime]]] = defaultdict(list)
    for key, act, at in conn.execute(_LATELY, {"since": now - LOOK_BACK}).all():
        found[key].append((AlarmAct(act), at))
    return {key: ends_of(events) for key, events in found.items()}


_LATELY = (
    select(a.key, e.act, e.at)
    .join_from(m.alarm_event, m.alarm, a.id == e.alarm_id)
    .where(e.recorded_at > bindparam("since"))
    .where(e.act.in_([act.value for act in (*ENDS, AlarmAct.RESET)]))
    .order_by(e.recorded_at, e.alarm_id, e.seq)
)


def _drifted(alarm: OpenAlarm, reading: Reading, moved: bool) -> bool:
    """Return whether what an alarm says of itself is no longer so, though it may stand as it did.

    Once its condition is over it keeps what it said last.
    """
    if reading.unknown or not reading.active:
        return False
    now = (reading.value, reading.limit, reading.cause, reading.version)
    return moved or now != (alarm.value, alarm.limit, alarm.cause, alarm.rule_version)


def _moved(
    alarm: OpenAlarm, reading: Reading | None, steps: tuple[Step, ...], value: float | None
) -> Moved:
    detail = {} if reading is None or not reading.active else _detail(reading)
    details = {n: detail for n, step in enumerate(steps) if step.act in _SAYS and detail}
    return Moved(alarm.id, alarm.version, alarm.stood, steps, details, value)


_SAYS = frozenset({AlarmAct.RAISE, AlarmAct.WORSEN, AlarmAct.EASE, AlarmAct.UNSUPPRESS,
                   AlarmAct.RESTORE, AlarmAct.SUPPRESS, AlarmAct.REMOVE})  # fmt: skip


def _detail(reading: Reading) -> dict[str, Any]:
    """Return what an event keeps of its reading, so that the alarm can be told as it was then."""
    return {
        "said": reading.said,
        "limit": reading.limit,
        "unit": reading.unit,
        "rule_version": reading.version,
        "cause": reading.cause,
    }


# ---- what belongs together ----


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


# ---- what is written ----


def _write(
    conn: Connection, keys: Keys, found: Found, ids: Sequence[int], placed: Situations,
    stands: Mapping[str, OpenAlarm], now: datetime,
) -> None:  # fmt: skip
    write_moves(conn, [moved for _, moved in found.moves], BY_RULE, now)
    _drift(conn, found.drifted)
    rows, log = [], []
    for id_, (reading, steps) in zip(ids, found.born, strict=True):
        place = placed.placed.get(id_)
        rows.append(_row(id_, reading, steps, place, keys, now))
        log += _first_events(id_, reading, steps, place, now)
    write_new(conn, rows, log)
    _pull(conn, found, placed, stands, now)


def _row(
    id_: int, reading: Reading, steps: tuple[Step, ...], place: tuple[int, Tie, Any] | None,
    keys: Keys, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    after = steps[-1].after
    return {
        "id": id_,
        "key": reading.key[:KEY],
        "area_id": keys.areas[reading.area],
        "rule": reading.rule,
        "object": reading.object[:120],
        "title": dict(reading.title),
        **_says(reading),
        "priority": after.priority,
        "state": after.state.value,
        "active": after.active,
        "latched": after.latched,
        "raised_at": steps[0].at,
        "recorded_at": now,
        "changed_at": steps[-1].at,
        "situation_id": place[0] if place else None,
        "tie": place[1].value if place else None,
        "version": len(steps),
    }


def _says(reading: Reading) -> dict[str, Any]:
    """Return the columns that tell what its rule says of an alarm."""
    return {
        "rule_version": reading.version,
        "cause": reading.cause[:160],
        "said": dict(reading.said),
        "value": reading.value,
        "limit": reading.limit,
        "unit": reading.unit,
        "evidence": dict(reading.evidence) if reading.evidence is not None else None,
    }


def _first_events(
    id_: int, reading: Reading, steps: tuple[Step, ...], place: tuple[int, Tie, Any] | None,
    now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    detail = {"title": reading.title, **_detail(reading), **(place[2] if place else {})}
    details = {0: detail}
    moved = Moved(id_, 0, NORMAL, steps, details, reading.value)
    return events(moved, BY_RULE, now)


_DRIFT = (
    m.alarm.update()
    .where(a.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in
             ("rule_version", "cause", "said", "value", "limit", "unit", "evidence")})
)  # fmt: skip


def _drift(conn: Connection, drifted: Sequence[tuple[OpenAlarm, Reading]]) -> None:
    """Write what open alarms say of themselves now; that alone is no event and no new version."""
    rows = [
        {"b_id": alarm.id, **{f"b_{name}": told for name, told in _says(reading).items()}}
        for alarm, reading in drifted
    ]
    if rows:
        conn.execute(_DRIFT, rows)


def _pull(
    conn: Connection, found: Found, placed: Situations, stands: Mapping[str, OpenAlarm],
    now: datetime,
) -> None:  # fmt: skip
    """Put alarms that stood alone into the situation that began with a new one."""
    if not placed.pulled:
        return
    by_id = {alarm.id: alarm for alarm in stands.values()}
    after = {alarm.id: moved for alarm, moved in found.moves}
    links = []
    for id_ in placed.pulled:
        alarm = by_id[id_]
        if id_ in after:
            alarm = _as_moved(alarm, after[id_])
        situation, tie, detail = placed.placed[id_]
        links.append((alarm, situation, tie, detail))
    link(conn, links, BY_RULE, now)


def _as_moved(alarm: OpenAlarm, moved: Moved) -> OpenAlarm:
    """Return an alarm as it stands after what this look did to it."""
    stood = moved.after
    return replace(
        alarm, state=stood.state, active=stood.active, priority=stood.priority,
        latched=stood.latched, changed_at=stood.since or alarm.changed_at,
        version=moved.version + len(moved.steps),
    )  # fmt: skip


# ---- what is told ----


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
