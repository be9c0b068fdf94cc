"""The alarm log of a period, out of its append-only events: four questions, whatever its length."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from data import models as m
from data.alarms.log_frames import ALARMS, PUT_ASIDE, SPANS, TOLD, Log, empty
from data.alarms.rates import TEN_MINUTES
from data.queries.keys import Keys
from data.vocabulary.alarms import AlarmAct, AlarmState, Outcome

a, e, run = m.alarm.c, m.alarm_event.c, m.ingest_run.c

ANEW = frozenset({AlarmAct.RAISE.value, AlarmAct.WORSEN.value})
"""Acts that put an alarm before an operator (anew), if it is then unacknowledged."""
ASIDE = frozenset({AlarmAct.SHELVE.value, AlarmAct.SUPPRESS.value, AlarmAct.REMOVE.value})


def alarm_log(
    conn: Connection,
    keys: Keys,
    start: datetime,
    end: datetime,
    *,
    left_out: Collection[str] = (),
    within: Mapping[str, float] | None = None,
    areas: Collection[str] | None = None,
) -> Log:
    """Return what happened in a period, as it was known at its end.

    left_out: rules whose alarms are no alarms of an operator: the heartbeat. What turned out to be
    a test is never in it. within: seconds an alarm of a rule may wait. areas: codes; only these.
    """
    before = start - timedelta(seconds=TEN_MINUTES)
    where = _where(keys, before, end, left_out, areas)
    heads = conn.execute(select(a.id, a.key, a.rule, a.area_id, a.outcome).where(where)).all()
    events = conn.execute(_events(where, end)).all()
    since = _since(conn)
    log = Log(
        start=start.timestamp(),
        end=end.timestamp(),
        since=since.timestamp() if since else end.timestamp(),
        within=dict(within or {}),
    )
    return _framed(log, heads, events, _positions(keys)) if events else log


def _where(
    keys: Keys,
    before: datetime,
    end: datetime,
    left_out: Collection[str],
    areas: Collection[str] | None,
) -> ColumnElement[bool]:
    """Return the condition on `alarm`: it stood at some time of the period."""
    found = [
        a.recorded_at < end,
        or_(a.ended_at.is_(None), a.changed_at >= before),
        or_(a.outcome.is_(None), a.outcome != Outcome.TEST.value),
    ]
    if left_out:
        found.append(a.rule.not_in(sorted(left_out)))
    if areas is not None:
        found.append(a.area_id.in_([keys.areas[code] for code in areas if code in keys.areas]))
    return and_(*found)


def _events(where: ColumnElement[bool], end: datetime) -> Any:
    return (
        select(e.alarm_id, e.seq, e.recorded_at, e.act, e.to_state, e.active, e.priority, e.reason)
        .join(m.alarm, a.id == e.alarm_id)
        .where(where, e.recorded_at < end)
        .order_by(e.alarm_id, e.seq)
    )


def _since(conn: Connection) -> datetime | None:
    """Return from when on there is a log: since this store takes anything at all."""
    first = (
        conn.scalar(select(func.min(run.recorded_at))),
        conn.scalar(select(func.min(a.recorded_at))),
    )
    return min((at for at in first if at is not None), default=None)


def _positions(keys: Keys) -> dict[int, str]:
    """Return the desk of every area: its county's, or the city's."""
    codes = keys.area_codes()
    return {id_: codes[keys.county_of.get(id_, id_)] for id_ in codes}


def _framed(
    log: Log, heads: Sequence[Any], events: Sequence[Any], positions: Mapping[int, str]
) -> Log:
    head = pd.DataFrame(
        [(h.id, h.key, h.rule, positions.get(h.area_id, ""), h.outcome) for h in heads],
        columns=["alarm", "key", "rule", "position", "outcome"],
    )
    rows = pd.DataFrame(
        [(r[0], r[1], r[2].timestamp(), *r[3:]) for r in events],
        columns=["alarm", "seq", "at", "act", "state", "active", "priority", "reason"],
    ).merge(head[["alarm", "rule", "position"]], on="alarm")
    anew = rows["act"].isin(ANEW) & (rows["state"] == AlarmState.UNACKNOWLEDGED.value)
    told = rows.loc[anew, list(TOLD)]
    return Log(
        log.start,
        log.end,
        log.since,
        told=told[told["at"] >= log.start - TEN_MINUTES],
        alarms=_alarms(log, head, rows, told),
        spans=_spans(rows),
        aside=_aside(log, rows),
        within=log.within,
    )


def _alarms(log: Log, head: pd.DataFrame, rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return one row an alarm that was told in the period, with what first became of it."""
    here = told[told["at"] >= log.start]
    if here.empty:
        return empty(ALARMS)
    first = here.groupby("alarm").agg(told=("at", "min"), priority=("priority", "min"))
    after = rows.merge(first["told"].rename("first"), on="alarm")
    after = after[after["at"] >= after["first"]]
    found = head.merge(first, left_on="alarm", right_index=True)
    for name, act in (("acknowledged", AlarmAct.ACKNOWLEDGE), ("returned", AlarmAct.RETURN)):
        at = after.loc[after["act"] == act.value].groupby("alarm")["at"].min()
        found[name] = found["alarm"].map(at).astype("float64")
    latched = set(rows.loc[rows["act"] == AlarmAct.LATCH.value, "alarm"])
    found["latched"] = found["alarm"].isin(latched)
    return found[list(ALARMS)]


def _spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how long each alarm stood in each state: until its next event."""
    following = rows.groupby("alarm")["at"].shift(-1)
    spans = rows.rename(columns={"at": "start"}).assign(end=following)
    last = spans["end"].isna() & (spans["state"] == AlarmState.NORMAL.value)
    return spans.loc[~last, list(SPANS)].astype({"start": "float64", "end": "float64"})


def _aside(log: Log, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what was put aside in the period; without a word why, nobody had the right to."""
    mine = rows[rows["act"].isin(ASIDE) & (rows["at"] >= log.start)]
    if mine.empty:
        return empty(PUT_ASIDE)
    said = mine["reason"].fillna("").str.strip() != ""
    return mine.assign(allowed=said)[list(PUT_ASIDE)]
