"""Notices are made in the transaction of what they tell, and sent beside the loop.

A target hears of one situation at most once a minute: what comes later in the same minute joins a
notice that is not on its way yet, or waits for the next minute. In a flood the gravest few
situations are told one by one and all the others in one notice: the target is a person's telephone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from data import models as m
from data.alarms.messages import NoticeBody, Told, merged
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import NoticeTarget
from data.connectors.privacy import mask
from data.queries.alarms.notices import marks, targets_in_use
from data.queries.alarms.rules import rules_in_force
from data.queries.keys import Keys
from data.settings import settings
from data.vocabulary import Names
from data.vocabulary.alarms import AlarmAct

a, n = m.alarm.c, m.notice.c
MINUTE = timedelta(minutes=1)
KEPT = 20
"""So many alarms stand in one notice; of the others their number."""
SINGLY = 5
"""So many situations a target is told one by one in one minute, the gravest first."""
REST = "rest"
PART = 900
NOTICE_DAYS, BEAT_DAYS = timedelta(days=400), timedelta(days=2)
"""What was told is kept for longer than the half year the law asks of logs; heartbeats are none."""

Groups = dict[str, list[Any]]


def tell(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    alarm_ids: Sequence[int],
    why: AlarmAct,
    now: datetime,
) -> int:
    """Write what every target that wants to know is to be told; return how many are new.

    Nothing is sent here: that these alarms stand and that they are to be told is one transaction.
    """
    used = targets_in_use(conn)
    targets = [
        t for t in catalogue.notices.values()
        if t.enabled and t.key in used and t.kind != "heartbeat"
    ]  # fmt: skip
    if not targets or not alarm_ids:
        return 0
    rows = _alarms(conn, alarm_ids)
    named = {code: rule.notify for code, rule in rules_in_force(conn, catalogue).rules.items()}
    stamp = marks(conn)
    made = 0
    for target in targets:
        wanted = [r for r in rows if _wants(target, named.get(r.rule, ()), r, keys)]
        if wanted:
            made += _write(conn, catalogue, keys, target, wanted, why, stamp, now)
    return made


def _alarms(conn: Connection, ids: Sequence[int]) -> list[Any]:
    columns = (a.id, a.rule, a.area_id, a.priority, a.title, a.said, a.raised_at, a.situation_id)
    found: list[Any] = []
    for start in range(0, len(ids), PART):
        part = a.id.in_(ids[start : start + PART])
        found += conn.execute(select(*columns).where(part)).all()
    return found


def _wants(target: NoticeTarget, named: tuple[str, ...], row: Any, keys: Keys) -> bool:
    """Return whether a target is told of an alarm: a rule that names targets asks for these."""
    if named and target.key not in named:
        return False
    if not named and row.priority > target.priority:
        return False
    inside = {keys.areas[code] for code in target.areas if code in keys.areas}
    return not target.areas or bool(inside & {row.area_id, *keys.parents.get(row.area_id, ())})


def _write(
    conn: Connection, catalogue: Catalogue, keys: Keys, target: NoticeTarget, rows: list[Any],
    why: AlarmAct, stamp: list[str], now: datetime,
) -> int:  # fmt: skip
    """Write the notices of one target; return how many are new."""
    waiting, minutes, singly = _recent(conn, target.key, now)
    groups, codes = _groups(rows, singly), keys.area_codes()
    new: list[dict[str, Any]] = []
    for group, inside in groups.items():
        told = [_told(catalogue, codes, r) for r in sorted(inside, key=_order)[:KEPT]]
        if group in waiting:
            _join(conn, waiting[group], told, len(inside))
            continue
        due = minutes.get(group, now)
        situation = None if group == REST else inside[0].situation_id
        body = _body(catalogue, told, len(inside), why, stamp, situation, now)
        new.append(
            {
                "alarm_id": told[0]["id"], "ref": group, "target": target.key,
                "body": body, "made_at": now, "due_at": max(due, now),
            }
        )  # fmt: skip
    if new:
        conn.execute(m.notice.insert(), new)
    return len(new)


def _recent(
    conn: Connection, target: str, now: datetime
) -> tuple[dict[str, Any], dict[str, datetime], set[str]]:
    """Return what waits untried, when each group is free again, what was told singly of late."""
    this = now.replace(second=0, microsecond=0)
    query = select(n.id, n.ref, n.body, n.due_at, n.tries, n.sent_at).where(
        n.target == target, n.made_at > now - 2 * MINUTE, n.given_up_at.is_(None)
    )
    waiting: dict[str, Any] = {}
    free: dict[str, datetime] = {}
    singly: set[str] = set()
    for row in conn.execute(query).all():
        if row.tries == 0 and row.sent_at is None:
            waiting[row.ref] = row
        elif row.due_at >= this or (row.sent_at is not None and row.sent_at >= this):
            free[row.ref] = this + MINUTE
        if row.ref != REST and (row.tries == 0 or row.ref in free):
            singly.add(row.ref)
    return waiting, free, singly


def _groups(rows: list[Any], singly: set[str]) -> Groups:
    """Return alarms by what is told together: their situation, or all beyond the first few."""
    found: Groups = defaultdict(list)
    for row in rows:
        found[_group(row)].append(row)
    ordered = sorted(found, key=lambda g: min(_order(r) for r in found[g]))
    room = SINGLY - len(singly)
    chosen: Groups = {}
    for group in ordered:
        if group in singly or room > 0:
            room -= group not in singly
            chosen[group] = found[group]
        else:
            chosen.setdefault(REST, []).extend(found[group])
    return chosen


def _group(row: Any) -> str:
    return f"situation {row.situation_id}" if row.situation_id else f"alarm {row.id}"


def _order(row: Any) -> tuple[int, datetime, int]:
    return row.priority, row.raised_at, row.id


def _join(conn: Connection, waiting: Any, told: list[Told], count: int) -> None:
    """Let a notice that is not on its way tell of `count` alarms more, `told` the first of them."""
    body = merged(waiting.body, told, most=KEPT)
    body["count"] += count - len(told)
    conn.execute(m.notice.update().where(n.id == waiting.id).values(body=body))


def _told(catalogue: Catalogue, codes: Mapping[int, str], row: Any) -> Told:
    code = codes[row.area_id]
    return {
        "id": row.id,
        "rule": row.rule,
        "priority": row.priority,
        "area": code,
        "area_name": catalogue.areas[code].name,
        "title": _masked(row.title),
        "said": _masked(row.said),
        "raised_at": row.raised_at.timestamp(),
    }


def _masked(names: Names) -> Names:
    """Return words without what names or reaches a person: what leaves the house has none."""
    return {"zh": mask(names["zh"]), "en": mask(names["en"])}


def _body(
    catalogue: Catalogue, told: list[Told], count: int, why: AlarmAct, stamp: list[str],
    situation: int | None, now: datetime,
) -> NoticeBody:  # fmt: skip
    base = settings().public_url.rstrip("/")
    return {
        "act": why.value,
        "marks": stamp,
        "city": catalogue.city.name,
        "priority": told[0]["priority"],
        "situation": situation,
        "alarms": told,
        "count": count,
        "at": now.astimezone(UTC).timestamp(),
        "link": f"{base}/alerts?alarm={told[0]['id']}" if base else "",
    }


def prune_notices(conn: Connection, catalogue: Catalogue, now: datetime) -> None:
    """Let go of notices that are over and older than their time."""
    beats = [t.key for t in catalogue.notices.values() if t.kind == "heartbeat"]
    over = or_(n.sent_at.is_not(None), n.given_up_at.is_not(None))
    old = or_(
        n.made_at < now - NOTICE_DAYS,
        and_(n.target.in_(beats), n.made_at < now - BEAT_DAYS),
    )
    conn.execute(m.notice.delete().where(over, old))
