"""Writes the alarms of the demonstration's past weeks, with their situations, cases and log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.grouping import Member, Tie, area_of, leading, why
from data.catalogue import Catalogue
from data.commands.alarms.found import says
from data.commands.alarms.writing import BY_RULE, Author, event, next_ids
from data.indicators.band import Band
from data.queries.accounts import demo_accounts
from data.queries.alarms.rules import rules_in_force
from data.queries.keys import Keys
from data.simulate.alarms_past import Bands, Past, alarms_past
from data.simulate.randomness import share
from data.vocabulary import LinkKind, Role

AS_CASE = 0.25
"""Of the alarms near which a case of their kind was reported: so many were the reason."""
SOON = timedelta(minutes=90)
b, c = m.baseline.c, m.cases.c


def write_past(conn: Connection, catalogue: Catalogue, keys: Keys, seed: int, now: datetime) -> int:
    """Write what alarms there were in the past weeks; return how many."""
    rules = rules_in_force(conn, catalogue).rules
    past = alarms_past(seed, catalogue, rules, _bands(conn, catalogue, keys), now)
    ids = next_ids(conn, m.alarm, len(past))
    situations = _situations(conn, keys, catalogue.city.code, past, ids)
    people = _people(conn)
    cases = _cases(conn, catalogue, keys, past, now)
    rows, log = [], []
    for n, (id_, one) in enumerate(zip(ids, past, strict=True)):
        author = people[int(share(seed, "alarm", id_) * len(people))]
        case = cases.get(n)
        rows.append(_row(id_, one, keys, situations.get(id_), author, case))
        log += _log(id_, one, situations.get(id_), author, case)
    for start in range(0, len(rows), PART):
        conn.execute(m.alarm.insert(), rows[start : start + PART])
    if log:
        conn.execute(m.alarm_event.insert(), log)
    _link(conn, past, ids, cases)
    return len(rows)


PART = 1000


def _bands(conn: Connection, catalogue: Catalogue, keys: Keys) -> Bands:
    """Return the normal bands of counts as the table holds them, by hour of workdays."""
    codes, areas = keys.indicator_codes(), keys.area_codes()
    rows = conn.execute(select(m.baseline).where(b.slot < 24)).all()
    return {
        (codes[r.indicator_id], areas[r.area_id], r.slot): Band(r.centre, r.low, r.high, r.n)
        for r in rows
        if codes[r.indicator_id] in catalogue.indicators
    }


def _people(conn: Connection) -> list[Author]:
    found = [a for a in demo_accounts(conn) if a.role in (Role.OPERATOR, Role.LEADER)]
    return [Author(a.id, a.display) for a in found] or [Author(None, "officer")]


def _situations(
    conn: Connection, keys: Keys, city: str, past: Sequence[Past], ids: Sequence[int]
) -> dict[int, int]:
    """Write the situations of those that shared a cause; return each alarm's."""
    inside: dict[str, list[tuple[int, Past]]] = defaultdict(list)
    for id_, one in zip(ids, past, strict=True):
        if one.reading.cause.startswith("warning:"):
            inside[one.reading.cause].append((id_, one))
    shared = {cause: found for cause, found in inside.items() if len(found) > 1}
    numbers = next_ids(conn, m.situation, len(shared))
    rows, placed = [], dict[int, int]()
    for number, (cause, found) in zip(numbers, shared.items(), strict=True):
        members = [_member(id_, one) for id_, one in found]
        lead = leading(members)
        title = next(one.reading.title for id_, one in found if id_ == lead.id)
        ended = max(_over(one) for _, one in found)
        rows.append({
            "id": number, "cause": cause[:160], "title": dict(title), "priority": lead.priority,
            "area_id": keys.areas[area_of((x.area for x in members), city)],
            "opened_at": min(x.raised_at for x in members), "changed_at": ended,
            "ended_at": ended, "lead_alarm_id": lead.id,
        })  # fmt: skip
        placed |= {id_: number for id_, _ in found}
    if rows:
        conn.execute(m.situation.insert(), rows)
    return placed


def _member(id_: int, one: Past) -> Member:
    return Member(
        id_, one.reading.rule, one.reading.area, one.reading.cause,
        min(x.step.after.priority for x in one.life.events), one.life.begins,
    )  # fmt: skip


def _over(one: Past) -> datetime:
    """Return when an alarm was normal again."""
    return next(x.at for x in one.life.events if x.step.after.over)


def _cases(
    conn: Connection, catalogue: Catalogue, keys: Keys, past: Sequence[Past], now: datetime
) -> dict[int, Any]:
    """Return the case that was made of an alarm, by its place: one of its kind, soon after it."""
    rules = rules_in_force(conn, catalogue).rules
    since = now - timedelta(days=36)
    chosen = select(c.id, c.case_no, c.category_id, c.county_id, c.reported_at, c.closed_at)
    rows = conn.execute(chosen.where(c.matter, c.reported_at > since, c.closed_at < now)).all()
    near: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.reported_at):
        near[row.category_id, row.county_id].append(row)
    found: dict[int, Any] = {}
    for n, one in enumerate(past):
        rule, area = rules[one.reading.rule], keys.areas[one.reading.area]
        if rule.category is None or share(0, "case of", one.reading.key, n) > AS_CASE:
            continue
        alike = near.get((keys.categories[rule.category], area), [])
        late = one.life.begins + SOON
        case = next((r for r in alike if one.life.begins < r.reported_at < late), None)
        if case is not None:
            alike.remove(case)
            found[n] = case
    return found


def _row(
    id_: int, one: Past, keys: Keys, situation: int | None, author: Author, case: Any
) -> dict[str, Any]:
    reading, life = one.reading, one.life
    moved = [x for x in life.events if x.step.before is not x.step.after.state or not x.by_person]
    over = _over(one)
    backs = [x.at for x in life.events if not x.step.after.active and x.at <= over]
    return {
        "id": id_,
        "key": reading.key[:200],
        "area_id": keys.areas[reading.area],
        "rule": reading.rule,
        "object": reading.object[:120],
        "title": dict(reading.title),
        **says(reading),
        "priority": life.stood.priority,
        "state": life.stood.state.value,
        "active": False,
        "latched": False,
        "count": sum(1 for x in life.events if x.step.act.value == "raise"),
        "raised_at": life.begins,
        "recorded_at": life.events[0].at,
        "changed_at": moved[-1].at,
        "returned_at": backs[0] if backs else over,
        "ended_at": over,
        "acknowledged_at": life.seen_at,
        "acknowledged_by": author.id if life.seen_at else None,
        "acknowledged_name": author.name[:60] if life.seen_at else None,
        "outcome": life.outcome.value if life.outcome else None,
        "situation_id": situation,
        "tie": Tie.CAUSE.value if situation else None,
        "case_no": case.case_no if case is not None else None,
        "case_closed_at": case.closed_at if case is not None else None,
        "version": len(life.events),
    }


def _log(
    id_: int, one: Past, situation: int | None, author: Author, case: Any
) -> list[dict[str, Any]]:
    reading = one.reading
    said: dict[str, Any] = {
        "title": reading.title, "said": reading.said, "limit": reading.limit,
        "unit": reading.unit, "rule_version": reading.version, "cause": reading.cause,
    }  # fmt: skip
    if situation is not None:
        tie = why(Tie.CAUSE, reading.cause)
        said |= {"situation": situation, "tie": Tie.CAUSE.value, "why": tie}
    rows = []
    for seq, x in enumerate(one.life.events, 1):
        by = Author(author.id, author.name, x.reason) if x.by_person else BY_RULE
        detail: Mapping[str, Any] = said if seq == 1 else x.detail
        if case is not None and x.by_person and x.step.act.value == "acknowledge":
            detail = {**detail, "case_no": case.case_no}
        rows.append(event(id_, seq, x.step, by, x.at, reading.value, detail))
    return rows


def _link(
    conn: Connection, past: Sequence[Past], ids: Sequence[int], cases: Mapping[int, Any]
) -> None:
    """Write at each case that it was made of its alarm."""
    rows = [
        {"case_id": case.id, "kind": LinkKind.ALARM.value, "ref": str(ids[n]),
         "at": case.reported_at, "by_name": BY_RULE.name,
         "note": past[n].reading.title["zh"][:200]}
        for n, case in cases.items()
    ]  # fmt: skip
    if rows:
        conn.execute(m.case_link.insert(), rows)
