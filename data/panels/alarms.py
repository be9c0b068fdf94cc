"""The panel `alarms`: what the wall and the desk say of alarms, of the city and each county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from data import models as m
from data.alarms.flood import Spell
from data.alarms.grouping import Member
from data.alarms.states import B, D, E
from data.alarms.then import SOUNDS
from data.catalogue import Catalogue
from data.queries.alarms.flood import flood_now
from data.queries.alarms.notices import undelivered
from data.queries.alarms.screens import lost_screens
from data.queries.alarms.standing import leads, rows_of, standing
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmRow, AlarmsPanel, AlarmState

TOP = 12
ASKING = frozenset({B, AlarmState.ACKNOWLEDGED, D})
"""States in which an alarm is on the list; shelved ones are counted, suppressed ones are not."""

a, e = m.alarm.c, m.alarm_event.c


@dataclass(frozen=True, slots=True)
class Brief:
    """What counting and choosing need of an open alarm. raised_at: epoch seconds."""

    id: int
    area: str
    priority: int
    state: AlarmState
    raised_at: float
    situation: int | None


@dataclass(frozen=True)
class Chosen:
    """Which alarms an area's panel shows. top: (alarm, how many lie under it)."""

    counts: dict[str, int]
    unacknowledged: int
    shelved: int
    top: tuple[tuple[int, int], ...]
    red: int | None


def alarms_panels(
    conn: Connection, catalogue: Catalogue, keys: Keys, areas: Collection[str], now: datetime
) -> dict[tuple[str, str], AlarmsPanel]:
    """Return the panel of each area, by (panel, area)."""
    codes = keys.area_codes()
    briefs = [
        Brief(r.id, codes[r.area_id], r.priority, AlarmState(r.state), r.raised_at.timestamp(),
              r.situation_id)
        for r in conn.execute(_BRIEF).all()
    ]  # fmt: skip
    inside = {area: _inside(catalogue, keys, area) for area in areas}
    chosen = {
        area: choose([b for b in briefs if keys.areas[b.area] in inside[area]]) for area in areas
    }
    rows = rows_of(conn, catalogue, keys, {i for c in chosen.values() for i in _wanted(c)})
    spells = flood_now(conn, inside, now)
    newest = _newest(conn)
    beside = _beside(conn, catalogue, now)
    return {
        ("alarms", area): _panel(
            chosen[area], rows, spells.get(area),
            max((at for place, at in newest.items() if place in inside[area]), default=None),
            beside,
        )
        for area in areas
    }  # fmt: skip


_BRIEF = select(a.id, a.area_id, a.priority, a.state, a.raised_at, a.situation_id).where(
    a.ended_at.is_(None)
)
_NEWEST = (
    select(a.area_id, func.max(e.recorded_at))
    .join_from(m.alarm, m.alarm_event, a.id == e.alarm_id)
    .where(a.ended_at.is_(None), a.state == bindparam("state"))
    .where(e.act.in_([act.value for act in SOUNDS]), e.to_state == bindparam("state"))
    .group_by(a.area_id)
)


def alarms_panel_at(
    conn: Connection, catalogue: Catalogue, keys: Keys, area: str, at: datetime
) -> AlarmsPanel:
    """Return the panel of one area as it was known at an instant.

    What is not kept of the past (undelivered notices, lost displays) is told as 0; the newest
    alarm is that of the last raising that still stood.
    """
    rows = {r["id"]: r for r in standing(conn, catalogue, keys, area=area, as_of=at)}
    briefs = [
        Brief(r["id"], r["area"], r["priority"], AlarmState(r["state"]), r["raised_at"],
              r["situation"])
        for r in rows.values()
    ]  # fmt: skip
    inside = {area: _inside(catalogue, keys, area)}
    spell = flood_now(conn, inside, at).get(area)
    unseen = [r["changed_at"] for r in rows.values() if r["state"] == B.value]
    return _panel(choose(briefs), rows, spell, max(unseen, default=None), (0, 0))


def choose(briefs: Sequence[Brief]) -> Chosen:
    """Return what is shown of the open alarms of one area: each situation once, by its lead."""
    asking = [b for b in briefs if b.state in ASKING]
    lead = leads((b.situation, _member(b)) for b in asking if b.situation is not None)
    folded = dict(lead.values())
    shown = [b for b in asking if b.situation is None or b.id in folded]
    unseen = {b.situation for b in asking if b.state in (B, D) and b.situation is not None}
    shown.sort(key=lambda b: (b.priority, not _waits(b, unseen), -b.raised_at, b.id))
    reds = [b for b in asking if b.state is B and b.priority == 1]
    red = min(reds, key=lambda b: (b.raised_at, b.id), default=None)
    counts = Counter(str(b.priority) for b in asking)
    return Chosen(
        {p: counts[p] for p in "1234"},
        sum(1 for b in asking if b.state in (B, D)),
        sum(1 for b in briefs if b.state is E),
        tuple((b.id, folded.get(b.id, 0)) for b in shown[:TOP]),
        red.id if red else None,
    )


def _waits(brief: Brief, unseen: Collection[int | None]) -> bool:
    return brief.state in (B, D) or (brief.situation is not None and brief.situation in unseen)


def _member(brief: Brief) -> Member:
    """Return it as far as choosing who leads needs it."""
    at = datetime.fromtimestamp(brief.raised_at, UTC)
    return Member(brief.id, "", brief.area, "", brief.priority, at, brief.situation)


def _wanted(chosen: Chosen) -> Iterable[int]:
    yield from (alarm for alarm, _ in chosen.top)
    if chosen.red is not None:
        yield chosen.red


def _panel(
    chosen: Chosen, rows: Mapping[int, AlarmRow], spell: Spell | None, newest: Any,
    beside: tuple[int, int],
) -> AlarmsPanel:  # fmt: skip
    top: list[AlarmRow] = [{**rows[i], "folded": count} for i, count in chosen.top]
    red: AlarmRow | None = None
    if chosen.red is not None:
        under = dict(chosen.top).get(chosen.red, 0)
        red = {**rows[chosen.red], "folded": under}
    return {
        "counts": chosen.counts,
        "unacknowledged": chosen.unacknowledged,
        "shelved": chosen.shelved,
        "top": top,
        "red": red,
        "flood": spell.since.timestamp() if spell else None,
        "flood_count": spell.alarms if spell else 0,
        "undelivered": beside[0],
        "lost_screens": beside[1],
        "newest": newest,
    }


def _inside(catalogue: Catalogue, keys: Keys, area: str) -> frozenset[int]:
    """Return the row ids of the areas whose alarms are told in `area`."""
    city = catalogue.city.code
    if area == city:
        return frozenset(keys.areas.values())
    own = {i for i, county in keys.county_of.items() if county == keys.areas[area]}
    return frozenset(own | {keys.areas[area], keys.areas[city]})


def _newest(conn: Connection) -> dict[int, float]:
    rows = conn.execute(_NEWEST, {"state": B.value}).all()
    return {area: at.timestamp() for area, at in rows}


def _beside(conn: Connection, catalogue: Catalogue, now: datetime) -> tuple[int, int]:
    """Return how many notices are undelivered, and how many displays are lost."""
    return undelivered(conn, catalogue, now), lost_screens(conn, now)
