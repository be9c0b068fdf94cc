"""The heartbeat: an event that takes the way of every alarm and ends outside the house.

Every five minutes the collector writes an event as it writes what a source told. The rule of kind
"heartbeat" sees it, its reading goes where all readings go, and a notice carries it to the targets
of kind "heartbeat". It is good news and no alarm: it never stands in a list, a count or a figure.
Who waits for it outside alarms when it stays out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from data import models as m
from data.alarms.messages import NoticeBody
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule, Watch
from data.queries.alarms.marks import BEAT, leave_mark, read_mark
from data.queries.alarms.notices import marks, targets_in_use
from data.vocabulary.alarms import Reading

n = m.notice.c


def heartbeat_rules(rules: Iterable[AlarmRule]) -> frozenset[str]:
    """Return the codes of rules whose readings are heartbeats, not alarms."""
    return frozenset(
        r.code for r in rules
        if isinstance(r.condition, Watch) and r.condition.measure == "heartbeat"
    )  # fmt: skip


def beat(conn: Connection, now: datetime) -> int:
    """Write the next event of the heartbeat; return its number."""
    number = int(read_mark(conn, BEAT).get("number") or 0) + 1
    leave_mark(conn, BEAT, {"number": number, "at": now.timestamp()})
    return number


def carry(
    conn: Connection, catalogue: Catalogue, readings: Sequence[Reading], now: datetime
) -> int:  # fmt: skip
    """Write a notice of each event that has none yet; return how many."""
    if not any(r.active for r in readings):
        return 0
    number = int(read_mark(conn, BEAT).get("number") or 0)
    used = targets_in_use(conn)
    made = 0
    for target in catalogue.notices.values():
        if target.kind != "heartbeat" or not target.enabled or target.key not in used:
            continue
        ref = f"heartbeat {number}"
        known = select(func.count()).select_from(m.notice)
        if conn.execute(known.where(n.target == target.key, n.ref == ref)).scalar_one():
            continue
        body = _body(conn, catalogue, readings[0], number, now)
        values = {"ref": ref, "target": target.key, "body": body, "made_at": now, "due_at": now}
        conn.execute(m.notice.insert().values(values))
        made += 1
    return made


def _body(
    conn: Connection, catalogue: Catalogue, reading: Reading, number: int, now: datetime
) -> NoticeBody:  # fmt: skip
    return {
        "act": "heartbeat",
        "marks": marks(conn),
        "city": catalogue.city.name,
        "priority": reading.priority,
        "situation": None,
        "alarms": [
            {
                "id": number,
                "rule": reading.rule,
                "priority": reading.priority,
                "area": reading.area,
                "area_name": catalogue.areas[reading.area].name,
                "title": reading.title,
                "said": reading.said,
                "raised_at": reading.at.timestamp(),
            }
        ],
        "count": 1,
        "at": now.timestamp(),
        "link": "",
    }
