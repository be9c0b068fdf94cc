"""One alarm, whole: why it fired, its log, its notices, what it stands on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.queries import api_observations
from data.queries.alarms.behind import Behind, behind
from data.queries.alarms.console import one_row
from data.queries.alarms.console_filter import House
from data.queries.alarms.past import BACK, similar
from data.queries.api_params import AskedError, ObservationQuery
from data.queries.scope import Scope
from data.vocabulary import LOCAL, Names
from data.vocabulary.alarm_console import LogLine, NoticeLine, OneAlarm, ValuePoint

a, e, n, s = m.alarm.c, m.alarm_event.c, m.notice.c, m.situation.c

CHART = timedelta(hours=24)
MOST_LOG = 200
"""Events that are shown, the newest; a longer log says how many it has."""


def one_alarm(
    conn: Connection, house: House, scope: Scope, id_: int, *, now: datetime
) -> OneAlarm | None:
    """Return all that is known of an alarm, open or over; None if it is not for this reader."""
    row = one_row(conn, house, scope, id_)
    if row is None:
        return None
    r = conn.execute(select(m.alarm).where(a.id == id_)).one()
    here, elsewhere, hour = similar(conn, house, scope, r)
    log, found = _log(conn, id_), behind(conn, house, r, now)
    rule = house.rules.get(r.rule)
    return {
        "row": row,
        "key": r.key,
        "rule_version": r.rule_version,
        "rule_name": rule.name if rule else {"zh": r.rule, "en": r.rule},
        "answer": rule.answer if rule else None,
        "category": rule.category if rule else None,
        "placed": house.codes.get(r.area_id) != house.catalogue.city.code,
        "area": house.codes.get(r.area_id, ""),
        "value": r.value,
        "limit": r.limit,
        "unit": r.unit,
        "decimals": found.decimals,
        "recorded_at": r.recorded_at.timestamp(),
        "returned_at": _epoch(r.returned_at),
        "ended_at": _epoch(r.ended_at),
        "acknowledged_at": _epoch(r.acknowledged_at),
        "acknowledged_by": r.acknowledged_name,
        "outcome": r.outcome,
        "evidence": r.evidence if isinstance(r.evidence, dict) else {},
        "warnings": found.warnings,
        "cases": found.cases,
        "indicators": found.indicators,
        "sources": found.sources,
        "chart": _chart(conn, house, found, r, now),
        "log": log,
        "notices": _notices(conn, house, r),
        "here": here,
        "elsewhere": elsewhere,
        "this_hour": hour,
        "days": BACK.days,
        "situation_case": _situation_case(conn, r.situation_id),
        "seq": max((line["seq"] for line in log), default=0),
    }


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _situation_case(conn: Connection, id_: int | None) -> str | None:
    return conn.scalar(select(s.case_no).where(s.id == id_)) if id_ is not None else None


def _log(conn: Connection, id_: int) -> list[LogLine]:
    """Return the newest events, the newest first."""
    query = select(m.alarm_event).where(e.alarm_id == id_).order_by(e.seq.desc()).limit(MOST_LOG)
    return [log_line(r) for r in conn.execute(query).all()]


def log_line(r: Any) -> LogLine:
    """Return one event as pages show it."""
    return {
        "seq": r.seq,
        "at": r.at.timestamp(),
        "recorded_at": r.recorded_at.timestamp(),
        "act": r.act,
        "state": r.to_state,
        "active": r.active,
        "priority": r.priority,
        "value": r.value,
        "actor": r.actor,
        "by_hand": r.actor_id is not None,
        "reason": r.reason or "",
        "detail": r.detail if isinstance(r.detail, dict) else {},
    }


def log_since(conn: Connection, id_: int, seq: int) -> list[LogLine]:
    """Return what happened to an alarm after an event that somebody saw, oldest first."""
    query = select(m.alarm_event).where(e.alarm_id == id_, e.seq > seq).order_by(e.seq)
    return [log_line(r) for r in conn.execute(query.limit(20)).all()]


def _notices(conn: Connection, house: House, r: Any) -> list[NoticeLine]:
    query = select(m.notice).where(n.alarm_id == r.id).order_by(n.made_at.desc()).limit(30)
    return [_notice(x, house) for x in conn.execute(query).all()]


def _notice(x: Any, house: House) -> NoticeLine:
    state = "sent" if x.sent_at else "given_up" if x.given_up_at else ""
    return {
        "target": _target(house, x.target),
        "made_at": x.made_at.timestamp(),
        "sent_at": _epoch(x.sent_at),
        "due_at": x.due_at.timestamp(),
        "tries": x.tries,
        "state": state or ("failing" if x.tries else "waiting"),
        "error": x.error,
    }


def _target(house: House, key: str) -> Names:
    targets: Any = getattr(house.catalogue, "notices", {})
    found = targets.get(key) if isinstance(targets, dict) else None
    return found.name if found is not None else {"zh": key, "en": key}


# ---- the value over a day ----


def _chart(
    conn: Connection, house: House, found: Behind, r: Any, now: datetime
) -> list[ValuePoint]:
    """Return the hours of the day up to now, or up to an hour after the alarm was over.

    What must not be shown of an hour is not in it (`data.queries.hidden`).
    """
    if not found.indicators:
        return []
    end = min(now, r.ended_at + timedelta(hours=1)) if r.ended_at else now
    end = end.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    start = end - CHART
    asked = {
        "indicator": [found.indicators[0][0]],
        "area": [house.codes.get(r.area_id, "")],
        "grain": "hour",
        "from": start.astimezone(LOCAL).isoformat(),
        "to": end.astimezone(LOCAL).isoformat(),
    }
    try:
        query = ObservationQuery.model_validate(asked)
        page = api_observations.observations(conn, house.catalogue, query, now=now)
    except (AskedError, ValueError):  # an indicator or a place that tells no hours
        return []
    return _hours(page.items, start, end)


def _hours(items: Iterable[dict[str, Any]], start: datetime, end: datetime) -> list[ValuePoint]:
    known = {datetime.fromisoformat(x["period_start"]).timestamp(): x["value"] for x in items}
    if not any(v is not None for v in known.values()):
        return []
    hours = range(int(start.timestamp()), int(end.timestamp()), 3600)
    return [{"at": float(at), "value": known.get(float(at))} for at in hours]
