"""Situations as they are written: what joined, who leads, when one is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, bindparam, func, select

from data import models as m
from data.alarms.grouping import Group, Joined, Member, Tie, area_of, leading, why
from data.alarms.states import Step
from data.commands.alarms.writing import BY_RULE, Author, event, next_ids
from data.queries.alarms.opened import OpenAlarm
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct

a, s = m.alarm.c, m.situation.c


@dataclass
class Situations:
    """What grouping decided: the situation of each new alarm, and who else joined one.

    placed: alarm id -> situation id, tie, what the event says of it, with the number of the case
    that was made of the situation, if one was.
    """

    placed: dict[int, tuple[int, Tie, dict[str, Any]]] = field(default_factory=dict)
    pulled: list[int] = field(default_factory=list)


def write_groups(
    conn: Connection,
    groups: Sequence[Group],
    titles: Mapping[int, Any],
    keys: Keys,
    city: str,
    now: datetime,
    *,
    fresh: frozenset[int],
) -> Situations:
    """Begin the situations that begin now, and say who is in them.

    titles: of alarms, by id. fresh: ids of alarms that are not written yet.
    """
    found = Situations()
    begin = [g for g in groups if g.id is None]
    known = [g.id for g in groups if g.id is not None]
    ids = next_ids(conn, m.situation, len(begin))
    for group, id_ in zip(begin, ids, strict=True):
        group.id = id_
    rows = [_row(group, titles, keys, city, now) for group in begin]
    if rows:
        conn.execute(m.situation.insert(), rows)
    cases = _cases(conn, known)
    for group in groups:
        _place(group, found, fresh, cases.get(group.id))
    return found


def _cases(conn: Connection, ids: Sequence[int]) -> dict[int | None, str]:
    found: dict[int | None, str] = {}
    for start in range(0, len(ids), PART):
        part = s.id.in_(ids[start : start + PART])
        rows = conn.execute(select(s.id, s.case_no).where(part, s.case_no.is_not(None))).all()
        found |= dict(rows)
    return found


def _row(
    group: Group, titles: Mapping[int, Any], keys: Keys, city: str, now: datetime
) -> dict[str, Any]:
    lead = group.lead
    return {
        "id": group.id,
        "cause": group.cause[:160],
        "area_id": keys.areas[area_of((j.member.area for j in group.members), city)],
        "title": titles[lead.id],
        "priority": lead.priority,
        "opened_at": min(j.member.raised_at for j in group.members),
        "changed_at": now,
        "lead_alarm_id": lead.id,
    }


def _place(group: Group, found: Situations, fresh: frozenset[int], case_no: str | None) -> None:
    if group.id is None:
        return
    for joined in group.members:
        if joined.new:
            said = told(group.id, joined) | ({"case_no": case_no} if case_no else {})
            found.placed[joined.member.id] = (group.id, joined.tie, said)
            if joined.member.id not in fresh:
                found.pulled.append(joined.member.id)


def told(situation: int | None, joined: Joined) -> dict[str, Any]:
    """Return what an event keeps of an alarm's way into a situation."""
    return {
        "situation": situation,
        "tie": joined.tie.value,
        "why": why(joined.tie, joined.member.cause),
    }


_LINK = (
    m.alarm.update()
    .where(a.id == bindparam("b_id"))
    .values(
        situation_id=bindparam("b_situation"),
        tie=bindparam("b_tie"),
        case_no=func.coalesce(a.case_no, bindparam("b_case", type_=String())),
        version=a.version + 1,
        changed_at=bindparam("b_at"),
    )
)


def link(
    conn: Connection,
    alarms: Iterable[tuple[OpenAlarm, int | None, Tie, dict[str, Any]]],
    author: Author,
    now: datetime,
) -> None:
    """Move open alarms into a situation, or out of one (None), with an event each."""
    rows, log = [], []
    for alarm, situation, tie, detail in alarms:
        at = max(now, alarm.changed_at)
        step = Step(AlarmAct.LINK, at, alarm.state, replace(alarm.stood, since=at))
        log.append(event(alarm.id, alarm.version + 1, step, author, now, alarm.value, detail))
        rows.append(
            {
                "b_id": alarm.id,
                "b_situation": situation,
                "b_tie": tie.value,
                "b_at": at,
                "b_case": detail.get("case_no"),
            }
        )
    if rows:
        conn.execute(_LINK, rows)
        conn.execute(m.alarm_event.insert(), log)


_OPEN = select(
    a.id, a.rule, a.area_id, a.cause, a.priority, a.raised_at, a.situation_id, a.title
).where(a.ended_at.is_(None), a.situation_id.in_(bindparam("ids", expanding=True)))
_SETTLE = (
    m.situation.update()
    .where(s.id == bindparam("b_id"))
    .values(
        area_id=bindparam("b_area"),
        title=bindparam("b_title"),
        priority=bindparam("b_priority"),
        lead_alarm_id=bindparam("b_lead"),
        changed_at=bindparam("b_now"),
        ended_at=None,
    )
)
_END = (
    m.situation.update()
    .where(s.id == bindparam("b_id"), s.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"), changed_at=bindparam("b_now"))
)
PART = 900


def settle(
    conn: Connection, situations: Iterable[int], keys: Keys, city: str, now: datetime
) -> None:
    """Say anew who leads some situations; those without an open alarm are over."""
    ids = sorted(set(situations))
    codes = keys.area_codes()
    members: dict[int, list[Member]] = {}
    titles: dict[int, Any] = {}
    for start in range(0, len(ids), PART):
        for r in conn.execute(_OPEN, {"ids": ids[start : start + PART]}).all():
            one = Member(r.id, r.rule, codes[r.area_id], r.cause, r.priority, r.raised_at)
            members.setdefault(r.situation_id, []).append(one)
            titles[r.id] = r.title
    moved = []
    for id_, found in members.items():
        lead = leading(found)
        area = keys.areas[area_of((one.area for one in found), city)]
        moved.append({"b_id": id_, "b_area": area, "b_title": titles[lead.id],
                      "b_priority": lead.priority, "b_lead": lead.id, "b_now": now})  # fmt: skip
    if moved:
        conn.execute(_SETTLE, moved)
    over = [{"b_id": id_, "b_now": now} for id_ in ids if id_ not in members]
    if over:
        conn.execute(_END, over)


__all__ = ["BY_RULE", "Situations", "link", "settle", "told", "write_groups"]
