"""The API's alarms of this system: each as it stands, or as it was known to stand then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from data import models as m
from data.alarms.then import Happened, as_known
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule
from data.connectors.privacy import mask
from data.queries.alarms.rules import rules_in_force
from data.queries.api_pages import Page, area_codes, known, moment
from data.queries.api_params import AlarmQuery, AskedError, instant, make_cursor, read_cursor
from data.queries.keys import Keys, read_keys
from data.vocabulary.alarms import AlarmAct, AlarmState

a, e = m.alarm.c, m.alarm_event.c
Alarm = dict[str, Any]
Rules = Mapping[str, AlarmRule]

TURNS = 20
"""A page looks at this many times its limit; it may come back short, with more to follow."""


def alarms(conn: Connection, catalogue: Catalogue, query: AlarmQuery, *, now: datetime) -> Page:
    """Return one page of alarms, in the order they became known.

    Raises:
        AskedError: the query cannot be answered.
    """
    keys, as_of = read_keys(conn), instant("as_of", query.as_of)
    rules = rules_in_force(conn, catalogue).rules
    base = _fixed(keys, catalogue, rules, query)
    place = read_cursor(query.cursor, (int,))
    after = place[0] if place else 0
    if as_of is not None and as_of < now:
        return _then(conn, keys, rules, query, base, after, as_of)
    if query.severity:
        base = base.where(a.priority.in_([int(s) for s in query.severity]))
    if query.state:
        base = base.where(a.state.in_(query.state))
    if query.open is not None:
        base = base.where(a.ended_at.is_(None) if query.open else a.ended_at.is_not(None))
    if query.situation is not None:
        base = base.where(a.situation_id == query.situation)
    rows = _rows(conn, base, after, query.limit + 1)
    more, rows = len(rows) > query.limit, rows[: query.limit]
    items = [_item(row, keys, rules) for row in rows]
    return Page(items, make_cursor([rows[-1]["id"]]) if more else None)


def _rows(conn: Connection, base: Select[Any], after: int, limit: int) -> list[Alarm]:
    found = conn.execute(base.where(a.id > after).order_by(a.id).limit(limit))
    return [dict(row) for row in found.mappings()]


def _fixed(keys: Keys, catalogue: Catalogue, rules: Rules, query: AlarmQuery) -> Select[Any]:
    """Return the alarms by what never changes: rule, domain, place, when they were raised."""
    base = select(m.alarm)
    if query.area:
        codes = area_codes(catalogue, query.area, descendants=query.descendants)
        base = base.where(a.area_id.in_([keys.areas[code] for code in codes]))
    if query.rule:
        base = base.where(a.rule.in_(query.rule))
    if query.domain:
        wanted = set(known("domain", query.domain, catalogue.domains))
        base = base.where(a.rule.in_([c for c, r in rules.items() if r.domain in wanted]))
    start, end = instant("from", query.start), instant("to", query.end)
    if start is not None:
        base = base.where(a.raised_at >= start)
    if end is not None:
        base = base.where(a.raised_at < end)
    if start is not None and end is not None and start >= end:
        raise AskedError("to", "is not after from")
    return base


# ---- as it was known ----


def _then(
    conn: Connection,
    keys: Keys,
    rules: Rules,
    query: AlarmQuery,
    base: Select[Any],
    after: int,
    as_of: datetime,
) -> Page:
    """Take alarms back to a time and choose among them; a short page may have more after it."""
    items: list[Alarm] = []
    base = base.where(a.recorded_at <= as_of)
    for _ in range(TURNS):
        rows = _rows(conn, base, after, query.limit)
        for row in taken_back(conn, rows, as_of):
            if _fits(row, query):
                items.append(_item(row, keys, rules))
                if len(items) == query.limit:
                    return Page(items, make_cursor([row["id"]]))
        if len(rows) < query.limit:
            return Page(items)
        after = rows[-1]["id"]
    return Page(items, make_cursor([after]))


def _fits(row: Alarm, query: AlarmQuery) -> bool:
    return (
        (query.open is None or query.open == (row["ended_at"] is None))
        and (not query.severity or str(row["priority"]) in query.severity)
        and (not query.state or row["state"] in query.state)
        and (query.situation is None or row["situation_id"] == query.situation)
    )


def taken_back(conn: Connection, rows: Sequence[Alarm], as_of: datetime) -> list[Alarm]:
    """Return alarms as they were known then, from their events."""
    events: dict[int, list[Any]] = defaultdict(list)
    query = select(m.alarm_event).where(
        e.alarm_id.in_([row["id"] for row in rows]), e.recorded_at <= as_of
    )
    for r in conn.execute(query.order_by(e.alarm_id, e.seq)).all():
        events[r.alarm_id].append(r)
    return [_back(row, events[row["id"]]) for row in rows if events[row["id"]]]


def _back(row: Alarm, events: Sequence[Any]) -> Alarm:
    then = as_known(_happened(r) for r in events)
    if then is None:
        return row
    last = events[-1]
    over = then.state is AlarmState.NORMAL
    seen = [r for r in events if r.act == AlarmAct.ACKNOWLEDGE.value]
    gone = [r for r in events if r.act == AlarmAct.RETURN.value]
    return row | {
        "state": then.state.value,
        "active": then.active,
        "priority": then.priority,
        "changed_at": then.changed_at,
        "ended_at": last.recorded_at if over else None,
        "returned_at": gone[-1].at if gone and not then.active else None,
        "acknowledged_at": seen[-1].at if seen else None,
        "title": then.title or row["title"],
        "said": then.said or row["said"],
        "value": then.value,
        "limit": then.limit,
        "rule_version": then.rule_version or row["rule_version"],
        "count": then.count,
        "latched": then.latched,
        "situation_id": then.situation,
        "case_no": then.case_no,
        "shelved_until": then.until,
        "outcome": then.outcome,
        "version": last.seq,
    }


def _happened(r: Any) -> Happened:
    return Happened(
        AlarmAct(r.act), r.at, r.recorded_at, AlarmState(r.to_state), r.active, r.priority,
        r.value, r.actor, r.reason, r.detail,
    )  # fmt: skip


# ---- written out ----


def _item(row: Alarm, keys: Keys, rules: Rules) -> Alarm:
    rule = rules.get(row["rule"])
    area = keys.area_codes()[row["area_id"]]
    return {
        "id": row["id"],
        "rule": row["rule"],
        "rule_version": row["rule_version"],
        "domain": rule.domain if rule else None,
        "area": area,
        "object": mask(row["object"]) or None,
        "title": _masked(row["title"]),
        "said": _masked(row["said"]),
        "severity": row["priority"],
        "state": row["state"],
        "open": row["ended_at"] is None,
        "active": row["active"],
        "latched": row["latched"],
        "count": row["count"],
        "value": row["value"],
        "limit": row["limit"],
        "unit": row["unit"],
        "raised_at": moment(row["raised_at"]),
        "recorded_at": moment(row["recorded_at"]),
        "changed_at": moment(row["changed_at"]),
        "acknowledged_at": moment(row["acknowledged_at"]),
        "returned_at": moment(row["returned_at"]),
        "ended_at": moment(row["ended_at"]),
        "shelved_until": moment(row["shelved_until"]),
        "outcome": row["outcome"],
        "situation": row["situation_id"],
        "case_no": row["case_no"],
        "version": row["version"],
    }


def _masked(words: Any) -> dict[str, str]:
    return {lang: mask(text) for lang, text in words.items()}
