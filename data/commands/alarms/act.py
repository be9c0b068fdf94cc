"""What a person does to an alarm: one transaction of whoever calls, all of it or nothing.

    with store.write() as conn:
        done = act(conn, catalogue, read_keys(conn), 17, AlarmAct.ACKNOWLEDGE, by, now,
                   seen_version=3)

Everybody acts on what they saw: whoever comes second is told what changed, and nothing is
overwritten. What only the condition did meanwhile and made nothing graver is no reason to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data import panels
from data.alarms.acts import AlarmCode, AlarmRefusal, Wish, allowed, take
from data.alarms.states import Step, moment
from data.alarms.windows import Scope as Span
from data.alarms.windows import WindowKind, WindowRefusal, WindowWish
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.alarms.apply import panel_areas
from data.commands.alarms.joining import settle
from data.commands.alarms.outside import rules_now, window_over
from data.commands.alarms.windows import end_window, make_window
from data.commands.alarms.writing import Author, Moved, event, write_moves
from data.commands.audit import By
from data.queries.alarms.opened import OpenAlarm, of_situation, one_opened
from data.queries.alarms.windows import standing_windows
from data.queries.keys import Keys
from data.queries.scope import EVERYTHING, Scope
from data.vocabulary import Role
from data.vocabulary.alarms import AlarmAct, AlarmState, Outcome

a, e = m.alarm.c, m.alarm_event.c
BESIDE = frozenset({AlarmAct.NOTE, AlarmAct.OUTCOME})
"""Acts that say something of an alarm and leave it where it stands; also when it is over."""
GRAVER = frozenset({AlarmAct.RAISE, AlarmAct.WORSEN})
"""What the condition did that nobody may answer unseen."""


@dataclass(frozen=True)
class Acted:
    """It is so now. seq: the event that tells of it, which is the alarm's version too."""

    alarm_id: int
    version: int
    state: AlarmState


@dataclass(frozen=True)
class Meanwhile:
    """One event that somebody who acts has not seen yet."""

    seq: int
    at: datetime
    actor: str
    act: AlarmAct
    state: AlarmState
    reason: str


@dataclass(frozen=True)
class House:
    """What every act is done with. publish: whether the screens are told."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    by: By
    now: datetime
    scope: Scope = EVERYTHING
    publish: bool = True


def act(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    alarm_id: int,
    what: AlarmAct,
    by: By,
    now: datetime,
    *,
    seen_version: int,
    reason: str = "",
    until: datetime | None = None,
    outcome: Outcome | None = None,
    scope: Scope = EVERYTHING,
    publish: bool = True,
) -> Acted | AlarmRefusal:
    """Do one act on one alarm.

    conn: from `store.write()`. seen_version: the alarm's version its author saw. until: end of a
    shelf, or of being out of service. scope: the areas its author reaches.
    """
    house = House(conn, catalogue, keys, by, now, scope, publish)
    wish = Wish(what, by.name, Role(by.role), reason.strip(), until, outcome)
    alarm = one_opened(conn, keys, alarm_id)
    refused = _not_theirs(house, alarm, alarm_id, wish) or _overtaken(
        house, alarm, wish, seen_version
    )
    if refused is not None or alarm is None:
        return _tried(house, alarm_id, wish, refused or AlarmRefusal(AlarmCode.NO_SUCH_ALARM))
    done = _do(house, alarm, wish)
    if isinstance(done, AlarmRefusal):
        return _tried(house, alarm_id, wish, done)
    if publish:
        tell_screens(house, [alarm.area])
    return done


def act_on_situation(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    situation: int,
    what: AlarmAct,
    by: By,
    now: datetime,
    *,
    seen: Mapping[int, int],
    reason: str = "",
    until: datetime | None = None,
    scope: Scope = EVERYTHING,
) -> list[Acted | AlarmRefusal]:
    """Do one act on every alarm of a situation that was seen; those that changed are refused.

    seen: alarm id -> the version that was seen. One that joined since is not touched.
    """
    house = House(conn, catalogue, keys, by, now, scope)
    wish = Wish(what, by.name, Role(by.role), reason.strip(), until)
    found: list[Acted | AlarmRefusal] = []
    areas: list[str] = []
    for alarm in of_situation(conn, keys, situation):
        if alarm.id not in seen:
            continue
        refused = _not_theirs(house, alarm, alarm.id, wish)
        refused = refused or _overtaken(house, alarm, wish, seen[alarm.id])
        done = refused or _do(house, alarm, wish)
        found.append(done)
        if isinstance(done, Acted):
            areas.append(alarm.area)
    if areas:
        tell_screens(house, areas)
    return found


def tell_screens(house: House, areas: Sequence[str]) -> None:
    """Publish the panels that tell of alarms in these areas."""
    moved = panel_areas(house.catalogue, areas)
    panels.publish_alarms(house.conn, house.catalogue, house.keys, moved, house.now)


def _not_theirs(
    house: House, alarm: OpenAlarm | None, alarm_id: int, wish: Wish
) -> AlarmRefusal | None:
    """Refuse an alarm that is not there, or that lies outside of what its author reaches."""
    reached = house.scope.areas
    if alarm is not None and (reached is None or alarm.area in reached):
        return None
    return AlarmRefusal(AlarmCode.NO_SUCH_ALARM, {"act": wish.act.value, "id": alarm_id})


def _overtaken(house: House, alarm: OpenAlarm | None, wish: Wish, seen: int) -> AlarmRefusal | None:
    """Tell what happened since, if any of it bears on the act."""
    if alarm is None or alarm.version == seen:
        return None
    rows = house.conn.execute(_SINCE, {"id": alarm.id, "seen": seen}).all()
    bears = [r for r in rows if r.actor_id is not None or AlarmAct(r.act) in GRAVER]
    if not bears and seen <= alarm.version:
        return None
    since = tuple(
        Meanwhile(r.seq, r.at, r.actor, AlarmAct(r.act), AlarmState(r.to_state), r.reason)
        for r in rows
    )
    params = {"act": wish.act.value, "version": alarm.version, "since": since}
    return AlarmRefusal(AlarmCode.OUT_OF_DATE, params, allowed(alarm.stood, wish.role))


_SINCE = (
    select(m.alarm_event)
    .where(e.alarm_id == bindparam("id"), e.seq > bindparam("seen"))
    .order_by(e.seq)
)


def _do(house: House, alarm: OpenAlarm, wish: Wish) -> Acted | AlarmRefusal:
    first = take(alarm.stood, wish, house.now)
    refused = first if isinstance(first, AlarmRefusal) else _window(house, alarm, wish)
    if refused is not None:
        return refused
    cover = window_over(house.conn, house.now)(alarm.rule, alarm.area, alarm.object)
    step = take(alarm.stood, replace(wish, cover=cover), house.now)
    if isinstance(step, AlarmRefusal):
        return step
    author = Author(house.by.id, house.by.name, wish.reason)
    if wish.act in BESIDE:
        _beside(house, alarm, wish, step, author)
    else:
        _move(house, alarm, wish, step, author)
    after = {"state": step.after.state.value, "version": alarm.version + 1, **_facts(wish)}
    before = {"state": alarm.state.value, "version": alarm.version}
    audit.note(
        house.conn, house.by, f"alarm.{wish.act.value}", str(alarm.id), at=house.now,
        before=before, after=after,
    )  # fmt: skip
    return Acted(alarm.id, alarm.version + 1, step.after.state)


def _window(house: House, alarm: OpenAlarm, wish: Wish) -> AlarmRefusal | None:
    """Make the window that keeps an alarm out of service, or end it; None: done, or none needed."""
    scope = Span(alarm.rule, alarm.area, alarm.object or None)
    if wish.act is AlarmAct.REMOVE and wish.until is not None:
        wanted = WindowWish(WindowKind.SERVICE, scope, house.now, wish.until, wish.reason)
        rules = frozenset({alarm.rule, *rules_now(house.conn, house.catalogue)})
        made = make_window(
            house.conn, house.catalogue, house.keys, wanted, house.by, house.now, rules=rules
        )
        if isinstance(made, WindowRefusal):
            params = {"fault": made.fault.value, "what": made.what}
            return _refusal(AlarmCode.WINDOW_REFUSED, alarm, wish, params)
    if wish.act is AlarmAct.RESTORE:
        over = [w for w in standing_windows(house.conn, house.now)
                if w.kind is WindowKind.SERVICE
                and w.covers(alarm.rule, alarm.area, alarm.object)]  # fmt: skip
        wider = next((w for w in over if w.scope != scope), None)
        if wider is not None:
            return _refusal(AlarmCode.UNDER_WINDOW, alarm, wish, {"window": wider.id})
        for window in over:
            end_window(house.conn, window.id, house.by, house.now)
    return None


def _refusal(
    code: AlarmCode, alarm: OpenAlarm, wish: Wish, params: Mapping[str, Any]
) -> AlarmRefusal:
    told = {"act": wish.act.value, **params}
    return AlarmRefusal(code, told, allowed(alarm.stood, wish.role))


def _facts(wish: Wish) -> dict[str, Any]:
    until = wish.until.isoformat() if wish.until else None
    told = {"reason": wish.reason or None, "until": until, "outcome": wish.outcome}
    return {name: value for name, value in told.items() if value is not None}


def _detail(wish: Wish) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    if wish.until is not None and wish.act in (AlarmAct.SHELVE, AlarmAct.REMOVE):
        detail["until"] = wish.until.timestamp()
    if wish.outcome is not None and wish.act is AlarmAct.OUTCOME:
        detail["outcome"] = wish.outcome.value
    return detail


def _beside(house: House, alarm: OpenAlarm, wish: Wish, step: Step, author: Author) -> None:
    """Write what is said of an alarm: it stays where it is, over or not."""
    at = moment(alarm.stood, house.now, house.now)
    told = event(
        alarm.id, alarm.version + 1, replace(step, at=at), author, house.now, alarm.value,
        _detail(wish),
    )  # fmt: skip
    house.conn.execute(m.alarm_event.insert().values(told))
    new: dict[str, Any] = {"version": alarm.version + 1}
    if wish.act is AlarmAct.OUTCOME and wish.outcome is not None:
        new["outcome"] = wish.outcome.value
    house.conn.execute(m.alarm.update().where(a.id == alarm.id).values(new))


def _move(house: House, alarm: OpenAlarm, wish: Wish, step: Step, author: Author) -> None:
    moved = Moved(
        alarm.id, alarm.version, alarm.stood, (step,), {0: _detail(wish)}, alarm.value
    )  # fmt: skip
    write_moves(house.conn, [moved], author, house.now)
    by, new = house.by, dict[str, Any]()
    if wish.act in (AlarmAct.ACKNOWLEDGE, AlarmAct.RESET) and alarm.state in UNSEEN:
        new = {"acknowledged_at": step.at, "acknowledged_by": by.id}
        new["acknowledged_name"] = by.name[:60]
    if step.after.state is AlarmState.SHELVED:
        new = {"owner_id": by.id, "owner_name": by.name[:60]}
    if new:
        house.conn.execute(m.alarm.update().where(a.id == alarm.id).values(new))
    if alarm.situation is not None and step.after.over:
        settle(house.conn, [alarm.situation], house.keys, house.catalogue.city.code, house.now)


UNSEEN = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED})

TRIED = frozenset({AlarmCode.WRONG_ROLE})
"""Refusals that the audit keeps: somebody tried what is not theirs."""


def _tried(house: House, alarm_id: int, wish: Wish, refused: AlarmRefusal) -> AlarmRefusal:
    if refused.code in TRIED:
        audit.note(
            house.conn, house.by, f"alarm.{wish.act.value}", str(alarm_id), at=house.now,
            outcome=refused.code.value,
        )  # fmt: skip
    return refused
