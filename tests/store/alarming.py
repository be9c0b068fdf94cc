"""Small words for tests of alarms: readings in, alarms and their log out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.commands.alarms.act import Acted, act
from data.commands.alarms.apply import Applied, apply
from data.commands.audit import By
from data.queries.alarms.standing import standing
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary.alarms import AlarmAct, AlarmRow, Reading
from tests.conftest import NOW
from tests.store.support import YUANCHENG

WANG = By(7, "王敏", "operator", "test")
LI = By(8, "李强", "operator", "test")
LEADER = By(9, "陈局", "leader", "test")
MINUTE = timedelta(minutes=1)


def reading(
    rule: str = "rain", area: str = YUANCHENG, object_: str = "", *, active: bool = True,
    priority: int = 2, at: datetime = NOW, cause: str = "", value: float | None = 3.0,
    unknown: bool = False,
) -> Reading:  # fmt: skip
    """Return what a rule says."""
    words = {"zh": f"{rule} {value}", "en": f"{rule} is {value}"}
    return Reading(
        rule, 1, area, object_, active, priority, at, words, {"zh": rule, "en": rule},
        value=value, limit=2.0, unknown=unknown, cause=cause, evidence={"kind": "test"},
    )  # fmt: skip


def hears(store: Store, *readings: Reading, now: datetime = NOW) -> Applied:
    """Apply readings in a transaction of their own."""
    with store.write() as conn:
        return apply(conn, catalogue(), read_keys(conn), readings, now)


def stands(store: Store, **asked: Any) -> list[AlarmRow]:
    """Return what stands."""
    with store.read() as conn:
        return standing(conn, catalogue(), read_keys(conn), **asked)


def does(store: Store, alarm_id: int, what: AlarmAct, by: By = WANG, **more: Any) -> Any:
    """Do one act, having seen the alarm as it is unless told otherwise."""
    now = more.pop("now", NOW)
    with store.write() as conn:
        seen = more.pop("seen", None)
        if seen is None:
            seen = conn.scalar(select(m.alarm.c.version).where(m.alarm.c.id == alarm_id))
        return act(
            conn, catalogue(), read_keys(conn), alarm_id, what, by, now, seen_version=seen, **more
        )


def done(store: Store, alarm_id: int, what: AlarmAct, by: By = WANG, **more: Any) -> Acted:
    """Do one act that must be done."""
    found = does(store, alarm_id, what, by, **more)
    assert isinstance(found, Acted), found
    return found


def log(store: Store, alarm_id: int) -> list[Any]:
    """Return an alarm's events, oldest first."""
    e = m.alarm_event.c
    with store.read() as conn:
        chosen = select(m.alarm_event).where(e.alarm_id == alarm_id).order_by(e.seq)
        return list(conn.execute(chosen))


def row(store: Store, alarm_id: int) -> Any:
    """Return an alarm's row."""
    with store.read() as conn:
        return conn.execute(select(m.alarm).where(m.alarm.c.id == alarm_id)).one()
