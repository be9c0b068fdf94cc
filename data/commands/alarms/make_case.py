"""A case out of an alarm, or out of the situation it stands for: one number ties all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.acts import WHO, AlarmCode, AlarmRefusal, allowed
from data.alarms.states import Step
from data.catalogue import Catalogue
from data.commands.alarms.act import House, tell_screens
from data.commands.alarms.outside import rules_now
from data.commands.alarms.writing import Author, event
from data.commands.audit import By
from data.commands.cases import Actor, Done, Draft, Refusal, report
from data.queries.alarms.opened import OpenAlarm, of_situation, one_opened
from data.queries.keys import Keys
from data.queries.scope import Scope
from data.vocabulary import LinkKind, Role
from data.vocabulary.alarms import AlarmAct

a, s = m.alarm.c, m.situation.c


def make_case(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    alarm_id: int,
    by: By,
    actor: Actor,
    scope: Scope,
    now: datetime,
    *,
    area: str | None = None,
    category: str | None = None,
    note: str = "",
) -> Done | AlarmRefusal:
    """Report a case of the alarm's category in its area and tie both, with all of its situation.

    area: where the case lies, for an alarm of the whole city. category: for a rule that names
    none. note: what the author adds. An alarm has one case at most.
    """
    house = House(conn, catalogue, keys, by, now, scope)
    alarm = one_opened(conn, keys, alarm_id)
    refused = _refused(house, alarm, alarm_id)
    if refused is not None or alarm is None:
        return refused or AlarmRefusal(AlarmCode.NO_SUCH_ALARM, {"id": alarm_id})
    rule = rules_now(conn, catalogue).get(alarm.rule)
    chosen = category or (rule.category if rule is not None else None)
    if chosen is None:
        return _refusal(house, alarm, AlarmCode.NO_CATEGORY, rule=alarm.rule)
    told = conn.execute(select(a.title, a.said).where(a.id == alarm.id)).one()
    draft = Draft(
        category=chosen,
        title=f"{told.title['zh']}：{told.said['zh']}"[:200],
        area=area or alarm.area,
        level=alarm.priority,
        body=_body(house, alarm, told, note),
    )
    done = report(conn, catalogue, keys, _placed(draft, alarm, area), actor, now, origin=by.origin)
    if isinstance(done, Refusal):
        params = {"case_code": done.code.value, "params": dict(done.params)}
        return _refusal(house, alarm, AlarmCode.CASE_REFUSED, **params)
    _tie(house, alarm, done.case_no, told.title["zh"])
    return done


def _refused(house: House, alarm: OpenAlarm | None, alarm_id: int) -> AlarmRefusal | None:
    reached = house.scope.areas
    if alarm is None or (reached is not None and alarm.area not in reached):
        return AlarmRefusal(AlarmCode.NO_SUCH_ALARM, {"id": alarm_id})
    if Role(house.by.role) not in WHO[AlarmAct.LINK]:
        roles = sorted(r.value for r in WHO[AlarmAct.LINK])
        return _refusal(house, alarm, AlarmCode.WRONG_ROLE, roles=roles)
    known = alarm.case_no
    if known is None and alarm.situation is not None:
        asked = select(s.case_no).where(s.id == alarm.situation)
        known = house.conn.execute(asked).scalar()
    if known is not None:
        return _refusal(house, alarm, AlarmCode.HAS_CASE, case_no=known)
    return None


def _refusal(house: House, alarm: OpenAlarm, code: AlarmCode, **params: Any) -> AlarmRefusal:
    return AlarmRefusal(code, params, allowed(alarm.stood, Role(house.by.role)))


def _placed(draft: Draft, alarm: OpenAlarm, area: str | None) -> Draft:
    """Give the case the point of a burst, which also says the county of one of the whole city."""
    point = alarm.member.point
    if point is None:
        return draft
    return replace(draft, lon=point[0], lat=point[1], area=area)


def _body(house: House, alarm: OpenAlarm, told: Any, note: str) -> str:
    """Return what the case says of where it is from."""
    lines = [f"由告警 {alarm.id} 生成：{told.title['zh']}。{told.said['zh']}"]
    if alarm.situation is not None:
        count = len(of_situation(house.conn, house.keys, alarm.situation))
        lines.append(f"同一态势共 {count} 条告警。")
    if note.strip():
        lines.append(note.strip()[:2000])
    return "\n".join(lines)


def _tie(house: House, alarm: OpenAlarm, case_no: str, title: str) -> None:
    """Write the number of the case at the alarm and all of its situation, and the alarm at it."""
    conn, by, now = house.conn, house.by, house.now
    alike = [alarm]
    if alarm.situation is not None:
        own = m.situation.update().where(s.id == alarm.situation)
        conn.execute(own.values(case_no=case_no, changed_at=now))
        others = of_situation(conn, house.keys, alarm.situation)
        alike += [x for x in others if x.id != alarm.id and x.case_no is None]
    _write(house, alike, case_no)
    case_id = select(m.cases.c.id).where(m.cases.c.case_no == case_no).scalar_subquery()
    values = {
        "case_id": case_id, "kind": LinkKind.ALARM.value, "ref": str(alarm.id), "at": now,
        "actor_id": by.id, "by_name": by.name[:60], "note": title[:200],
    }  # fmt: skip
    conn.execute(m.case_link.insert().values(values))
    tell_screens(house, [x.area for x in alike])


def _write(house: House, alarms: Sequence[OpenAlarm], case_no: str) -> None:
    author, log = Author(house.by.id, house.by.name), []
    for alarm in alarms:
        at = max(house.now, alarm.changed_at)
        step = Step(AlarmAct.LINK, at, alarm.state, replace(alarm.stood, since=at))
        told = {"case_no": case_no}
        log.append(event(alarm.id, alarm.version + 1, step, author, house.now, None, told))
    house.conn.execute(m.alarm_event.insert(), log)
    ids = [alarm.id for alarm in alarms]
    for start in range(0, len(ids), PART):
        chosen = m.alarm.update().where(a.id.in_(ids[start : start + PART]))
        house.conn.execute(chosen.values(case_no=case_no, version=a.version + 1))


PART = 900
