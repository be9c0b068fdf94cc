"""Writes what a look at the alarms found: new ones, moved ones, those that say something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam

from data import models as m
from data.alarms.grouping import Tie
from data.alarms.states import NORMAL, Step
from data.commands.alarms.joining import BY_RULE, Situations, link
from data.commands.alarms.looking import KEY, Found, detail_of
from data.commands.alarms.writing import Moved, events, write_moves, write_new
from data.queries.alarms.opened import OpenAlarm
from data.queries.keys import Keys
from data.vocabulary.alarms import Reading

a = m.alarm.c


def write_found(
    conn: Connection, keys: Keys, found: Found, ids: Sequence[int], placed: Situations,
    stands: Mapping[str, OpenAlarm], now: datetime,
) -> None:  # fmt: skip
    """Write moved alarms, new ones (of `ids`) and what pulled older ones into a situation."""
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
        **says(reading),
        "priority": after.priority,
        "state": after.state.value,
        "active": after.active,
        "latched": after.latched,
        "raised_at": steps[0].at,
        "recorded_at": now,
        "changed_at": steps[-1].at,
        "situation_id": place[0] if place else None,
        "tie": place[1].value if place else None,
        "case_no": place[2].get("case_no") if place else None,
        "version": len(steps),
    }


def says(reading: Reading) -> dict[str, Any]:
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
    detail = {"title": reading.title, **detail_of(reading), **(place[2] if place else {})}
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
        {"b_id": alarm.id, **{f"b_{name}": told for name, told in says(reading).items()}}
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
