"""The alarms that stand, as lists show them: now, or as it was known at an instant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select

from data import models as m
from data.alarms.grouping import Member, leading
from data.alarms.states import SILENT
from data.alarms.then import Happened, Known, as_known
from data.catalogue import Catalogue
from data.queries.alarms.opened import OpenAlarm, open_keys
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct, AlarmRow, AlarmState

__all__ = ["OpenAlarm", "leads", "open_keys", "order", "rows_of", "standing"]

a, e = m.alarm.c, m.alarm_event.c
COLUMNS = (
    a.id, a.rule, a.title, a.said, a.area_id, a.priority, a.state, a.active, a.raised_at,
    a.changed_at, a.count, a.latched, a.situation_id, a.case_no, a.owner_name,
    a.acknowledged_name, a.shelved_until,
)  # fmt: skip
PART = 900
WAITS = frozenset({AlarmState.UNACKNOWLEDGED.value, AlarmState.RETURNED.value})


def standing(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    *,
    area: str | None = None,
    as_of: datetime | None = None,
) -> list[AlarmRow]:
    """Return every open alarm, those that ask for an answer first, of them the gravest first.

    area: only what concerns it: its own alarms, those of its towns and those of the whole city.
    as_of: as it was known at that instant, from the log: what was recorded later did not exist.
    """
    if as_of is not None:
        found = _then(conn, catalogue, keys, as_of)
    else:
        asked = select(*COLUMNS).where(a.ended_at.is_(None))
        found = [row_of(r, catalogue, keys) for r in conn.execute(asked).all()]
    _fold(found)
    return sorted((r for r in found if concerns(catalogue, r["area"], area)), key=order)


def concerns(catalogue: Catalogue, place: str, area: str | None) -> bool:
    """Return whether an alarm in `place` is told in `area`."""
    city = catalogue.city.code
    return area in (None, city, place) or place == city or catalogue.areas[place].parent == area


def order(row: AlarmRow) -> tuple[Any, ...]:
    """Return what rows are sorted by: asking, gravest, unseen, newest."""
    return (
        row["state"] in {s.value for s in SILENT},
        row["priority"],
        row["state"] not in WAITS,
        -row["raised_at"],
        row["id"],
    )


def rows_of(
    conn: Connection, catalogue: Catalogue, keys: Keys, ids: Collection[int]
) -> dict[int, AlarmRow]:
    """Return some alarms by id, open or over; `folded` is not counted."""
    wanted = sorted(ids)
    found: dict[int, AlarmRow] = {}
    for start in range(0, len(wanted), PART):
        asked = select(*COLUMNS).where(a.id.in_(wanted[start : start + PART]))
        for row in conn.execute(asked).all():
            found[row.id] = row_of(row, catalogue, keys)
    return found


def row_of(row: Any, catalogue: Catalogue, keys: Keys) -> AlarmRow:
    """Return one row of COLUMNS."""
    code = _codes(keys)[row.area_id]
    return {
        "id": row.id,
        "rule": row.rule,
        "title": row.title,
        "said": row.said,
        "area": code,
        "area_name": catalogue.areas[code].name,
        "priority": row.priority,
        "state": row.state,
        "active": row.active,
        "raised_at": row.raised_at.timestamp(),
        "changed_at": row.changed_at.timestamp(),
        "count": row.count,
        "latched": row.latched,
        "situation": row.situation_id,
        "folded": 0,
        "case_no": row.case_no,
        "owner": row.owner_name or row.acknowledged_name,
        "until": row.shelved_until.timestamp() if row.shelved_until else None,
    }


def _codes(keys: Keys) -> dict[int, str]:
    found = _kept.get(id(keys))
    if found is None or found[0] is not keys:
        found = (keys, keys.area_codes())
        _kept.clear()
        _kept[id(keys)] = found
    return found[1]


_kept: dict[int, tuple[Keys, dict[int, str]]] = {}


def leads(members: Iterable[tuple[int, Member]]) -> dict[int, tuple[int, int]]:
    """Return of each situation who leads and how many lie under it.

    members: (situation, alarm), only those that ask for an answer.

    Returns:
        situation -> (alarm id, how many others).
    """
    inside: dict[int, list[Member]] = defaultdict(list)
    for situation, member in members:
        inside[situation].append(member)
    return {key: (leading(found).id, len(found) - 1) for key, found in inside.items()}


def _fold(rows: Sequence[AlarmRow]) -> None:
    """Write at each alarm that leads a situation how many open ones lie under it."""
    counts = Counter(r["situation"] for r in rows if r["situation"] is not None)
    best: dict[int, AlarmRow] = {}
    for row in rows:
        if row["situation"] is not None:
            other = best.get(row["situation"])
            if other is None or _rank(row) < _rank(other):
                best[row["situation"]] = row
    for situation, row in best.items():
        row["folded"] = counts[situation] - 1


def _rank(row: AlarmRow) -> tuple[Any, ...]:
    silent = row["state"] in {s.value for s in SILENT}
    return (silent, row["priority"], row["raised_at"], row["id"])


# ---- as it was known ----


def _then(conn: Connection, catalogue: Catalogue, keys: Keys, at: datetime) -> list[AlarmRow]:
    known = {"at": at}
    ids = {r.id: r for r in conn.execute(_CANDIDATES, known).all()}
    told: dict[int, list[Happened]] = defaultdict(list)
    for row in conn.execute(_LOG, known).all():
        told[row.alarm_id].append(_happened(row))
    found = []
    for id_, row in ids.items():
        one = as_known(told.get(id_, ()))
        if one is not None and one.state is not AlarmState.NORMAL:
            found.append(_row_then(id_, row, one, catalogue, keys))
    return found


def _open_at(at: Any) -> ColumnElement[bool]:
    return and_(a.recorded_at <= at, or_(a.ended_at.is_(None), a.ended_at > at))


_CANDIDATES = select(a.id, a.rule, a.area_id, a.title, a.said).where(_open_at(bindparam("at")))
_LOG = (
    select(m.alarm_event)
    .join_from(m.alarm_event, m.alarm, a.id == e.alarm_id)
    .where(_open_at(bindparam("at")), e.recorded_at <= bindparam("at"))
    .order_by(e.alarm_id, e.seq)
)


def _happened(row: Any) -> Happened:
    return Happened(
        AlarmAct(row.act), row.at, row.recorded_at, AlarmState(row.to_state), row.active,
        row.priority, row.value, row.actor, row.reason, row.detail,
    )  # fmt: skip


def _row_then(id_: int, row: Any, known: Known, catalogue: Catalogue, keys: Keys) -> AlarmRow:
    code = _codes(keys)[row.area_id]
    return {
        "id": id_,
        "rule": row.rule,
        "title": known.title or row.title,
        "said": known.said or row.said,
        "area": code,
        "area_name": catalogue.areas[code].name,
        "priority": known.priority,
        "state": known.state.value,
        "active": known.active,
        "raised_at": known.raised_at.timestamp(),
        "changed_at": known.changed_at.timestamp(),
        "count": known.count,
        "latched": known.latched,
        "situation": known.situation,
        "folded": 0,
        "case_no": known.case_no,
        "owner": known.owner,
        "until": known.until.timestamp() if known.until else None,
    }
