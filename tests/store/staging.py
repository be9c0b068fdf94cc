"""Small words for the stage's tests: an alarm stands, a look, a decision."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from data import models as m
from data.cases.loop import Actor
from data.catalogue import catalogue
from data.commands.stage import decide_stage, look
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import Role
from tests.conftest import NOW
from tests.store.support import YUANCHENG

LEADER = Actor(3, "值班领导", Role.LEADER)
OFFICER = Actor(1, "值班长", Role.OPERATOR)
COUNTY = Actor(9, "源城值班长", Role.OPERATOR, None, YUANCHENG)
COUNTY_LEADER = Actor(10, "源城领导", Role.LEADER, None, YUANCHENG)
VIEWER = Actor(6, "访客", Role.VIEWER)

_numbers = itertools.count(1)


def alarm(
    store: Store, priority: int = 1, area: str = YUANCHENG, *, at: datetime = NOW, state: str = "unacknowledged",
    rule: str = "heat", cause: str = "", title: str = "河道水位超警戒", active: bool = True, **more: Any,
) -> int:  # fmt: skip
    """Put one open alarm into the store and return its number."""
    n = next(_numbers)
    values = {
        "key": f"{rule}|{area}|{n}", "rule": rule, "rule_version": 1, "object": str(n), "cause": cause,
        "title": {"zh": f"{title}{n}", "en": f"Water level {n}"}, "said": {"zh": "25.3 米，限 25 米", "en": "25.3 m of 25 m"},
        "priority": priority, "state": state, "active": active, "raised_at": at, "recorded_at": at, "changed_at": at,
        "evidence": {"cases": ["ZD-1"], "indicator": "PS-01"},
    } | more  # fmt: skip
    with store.write() as conn:
        values["area_id"] = read_keys(conn).areas[area]
        made = m.alarm.insert().values(values).returning(m.alarm.c.id)
        return int(conn.execute(made).scalar_one())


def over(store: Store, number: int, at: datetime) -> None:
    """End one alarm."""
    a = m.alarm.c
    with store.write() as conn:
        conn.execute(m.alarm.update().where(a.id == number).values(active=False, ended_at=at))


def looks(store: Store, at: datetime, *, seconds: float = 0, every: int = 20) -> list[datetime]:
    """Look at `at` and then every so often for so long; return when the proposal moved."""
    moved, end = [], at + timedelta(seconds=seconds)
    while at <= end:
        with store.write() as conn:
            if look(conn, catalogue(), read_keys(conn), at):
                moved.append(at)
        at += timedelta(seconds=every)
    return moved


def decides(
    store: Store, stage: Any, reason: str = "", actor: Actor = LEADER, *, at: datetime = NOW, seen: int | None = None,
) -> Any:  # fmt: skip
    """Decide about the stage, having seen what stands."""
    from data.queries.stage import stage_now

    with store.write() as conn:
        known = stage_now(conn).seen if seen is None else seen
        return decide_stage(
            conn,
            catalogue(),
            read_keys(conn),
            stage,
            reason,
            actor=actor,
            now=at,
            seen=known,
            origin="here",
        )
