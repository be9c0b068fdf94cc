"""The last times an alarm's rule was judged in its place, for the console."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.queries.alarms.console_filter import House, within
from data.queries.alarms.evaluations import last_evaluations
from data.queries.scope import Scope
from data.vocabulary.alarm_console import Evaluation

a = m.alarm.c
LAST = 10


def judged(
    conn: Connection, house: House, scope: Scope, id_: int, *, now: datetime
) -> tuple[list[Evaluation], int]:
    """Return the last judgements, newest first, and the decimals of their values.

    Nothing for an alarm whose rule is retired, or that is not for this reader.
    """
    chosen = select(a.rule, a.area_id, a.object, a.ended_at)
    found = conn.execute(chosen.where(a.id == id_, *within(house.keys, scope))).first()
    rule = house.rules.get(found.rule) if found is not None else None
    if found is None or rule is None:
        return [], 0
    until = min(now, found.ended_at) if found.ended_at else now
    last = last_evaluations(
        conn, house.catalogue, house.keys, rule, house.codes.get(found.area_id, ""), found.object,
        until, LAST,
    )  # fmt: skip
    known = house.catalogue.indicators.get(getattr(rule.condition, "indicator", ""))
    lines: list[Evaluation] = [
        {"at": x.at.timestamp(), "holds": x.holds, "value": x.value, "said": x.said} for x in last
    ]
    return lines, known.decimals if known else 0
