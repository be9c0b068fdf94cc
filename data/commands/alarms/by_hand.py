"""What rules cannot know: that alarms belong together, or do not. Said by a person, with why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data import models as m
from data.alarms.acts import LONGEST, WHO, AlarmCode, AlarmRefusal, allowed
from data.alarms.grouping import Group, Joined, Member, Tie
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.alarms.act import Acted, House, tell_screens
from data.commands.alarms.joining import link, settle, told, write_groups
from data.commands.alarms.writing import Author
from data.commands.audit import By
from data.queries.alarms.opened import OpenAlarm, one_opened
from data.queries.keys import Keys
from data.queries.scope import EVERYTHING, Scope
from data.vocabulary import Role
from data.vocabulary.alarms import AlarmAct


def join(
    conn: Connection, catalogue: Catalogue, keys: Keys, alarm_id: int, other_id: int, by: By,
    now: datetime, *, seen_version: int, reason: str, scope: Scope = EVERYTHING,
) -> Acted | AlarmRefusal:  # fmt: skip
    """Put an open alarm into the situation of another, which begins with it if it had none."""
    house = House(conn, catalogue, keys, by, now, scope)
    alarm = _alarm(house, alarm_id, reason, seen_version)
    other = one_opened(conn, keys, other_id)
    if isinstance(alarm, AlarmRefusal):
        return alarm
    if other is None or other.stood.over or other.id == alarm.id:
        return AlarmRefusal(AlarmCode.NO_SUCH_ALARM, {"id": other_id})
    situation = other.situation or _begin(house, other)
    member = _member(alarm)
    return _link(house, alarm, situation, Tie.HAND, reason, Joined(member, Tie.HAND, new=True))


def take_out(
    conn: Connection, catalogue: Catalogue, keys: Keys, alarm_id: int, by: By, now: datetime, *,
    seen_version: int, reason: str, scope: Scope = EVERYTHING,
) -> Acted | AlarmRefusal:  # fmt: skip
    """Take an open alarm out of its situation; the rules do not put it into one again."""
    house = House(conn, catalogue, keys, by, now, scope)
    alarm = _alarm(house, alarm_id, reason, seen_version)
    if isinstance(alarm, AlarmRefusal):
        return alarm
    return _link(house, alarm, None, Tie.APART, reason, Joined(_member(alarm), Tie.APART, new=True))


def _alarm(house: House, alarm_id: int, reason: str, seen: int) -> OpenAlarm | AlarmRefusal:
    alarm, role = one_opened(house.conn, house.keys, alarm_id), Role(house.by.role)
    reached = house.scope.areas
    if alarm is None or alarm.stood.over or (reached is not None and alarm.area not in reached):
        return AlarmRefusal(AlarmCode.NO_SUCH_ALARM, {"id": alarm_id})
    may = allowed(alarm.stood, role)
    if role not in WHO[AlarmAct.LINK]:
        roles = sorted(r.value for r in WHO[AlarmAct.LINK])
        return AlarmRefusal(AlarmCode.WRONG_ROLE, {"roles": roles}, may)
    if not reason.strip():
        return AlarmRefusal(AlarmCode.MISSING_REASON, {}, may)
    if len(reason) > LONGEST:
        return AlarmRefusal(AlarmCode.TOO_LONG, {"limit": LONGEST, "length": len(reason)}, may)
    if alarm.version != seen:
        return AlarmRefusal(AlarmCode.OUT_OF_DATE, {"version": alarm.version, "since": ()}, may)
    return alarm


def _member(alarm: OpenAlarm) -> Member:
    return alarm.member


def _begin(house: House, other: OpenAlarm) -> int:
    """Begin a situation with the alarm that another one joins."""
    joined = Joined(_member(other), Tie.HAND, new=True)
    group = Group(None, "hand", other.raised_at, [joined])
    title = house.conn.execute(
        m.alarm.select().with_only_columns(m.alarm.c.title).where(m.alarm.c.id == other.id)
    ).scalar_one()
    write_groups(
        house.conn, [group], {other.id: title}, house.keys, house.catalogue.city.code, house.now,
        fresh=frozenset(),
    )  # fmt: skip
    author = Author(house.by.id, house.by.name)
    link(house.conn, [(other, group.id, Tie.HAND, told(group.id, joined))], author, house.now)
    return int(group.id or 0)


def _link(
    house: House, alarm: OpenAlarm, situation: int | None, tie: Tie, reason: str, joined: Joined
) -> Acted:
    author = Author(house.by.id, house.by.name, reason.strip())
    link(house.conn, [(alarm, situation, tie, told(situation, joined))], author, house.now)
    touched = [i for i in (alarm.situation, situation) if i is not None]
    settle(house.conn, touched, house.keys, house.catalogue.city.code, house.now)
    audit.note(
        house.conn, house.by, "alarm.link", str(alarm.id), at=house.now,
        before={"situation": alarm.situation},
        after={"situation": situation, "reason": reason.strip()},
    )  # fmt: skip
    tell_screens(house, [alarm.area])
    return Acted(alarm.id, alarm.version + 1, alarm.state)
