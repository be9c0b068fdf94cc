"""Give the demo city a living supervision: what came in, refused rows, findings and debts.

The collector's own looks go on from here: they count only what comes after,
learn from these hours, and end a finding when the figures say so.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue import Catalogue
from data.collector.quality import backfill
from data.collector.quality.book import write_findings
from data.collector.quality.judge import figure_findings
from data.collector.quality.learning import learn_some, write_rhythms
from data.collector.quality.marks import set_mark
from data.commands import debts
from data.commands.debts import Promise
from data.ingest.copying import copy_rows
from data.ingest.ledger import keep_problems, keep_raw
from data.ingest.run import all_refused, understand
from data.queries.keys import Keys
from data.queries.quality import unit_figures
from data.simulate import history_reception as made
from data.vocabulary import LOCAL

SAID_BY = "演示数据"
REFUSED_SOURCE = "hotline"
REFUSED = ((4, 4), (15, 3), (21, 2))
"""Files with rows nobody can read: how many hours ago, how many rows."""
BROKEN: tuple[dict[str, Any], ...] = (
    {"service_request_id": ""},
    {"requested_datetime": "2026-13-45 08:00"},
    {"status": "在办"},
    {"requested_datetime": ""},
)


def supervise(
    conn: Connection, catalogue: Catalogue, keys: Keys, seed: int, *, now: datetime
) -> int:
    """Write the past of reception and what follows from it; return the rows of reception."""
    loaded = conn.execute(select(func.max(m.ingest_run.c.id))).scalar() or 0
    set_mark(conn, "run", loaded)  # the first look counts what comes after: first these files
    for hours, count in REFUSED:
        _refuse(conn, catalogue, keys, now - timedelta(hours=hours), count)
    rows = _reception(catalogue, keys, seed, now)
    if conn.dialect.name == "postgresql":
        copy_rows(conn, "reception", rows)
    else:
        conn.execute(m.reception.insert(), rows)
    while learned := learn_some(conn, now=now, country=catalogue.city.calendar_country):
        write_rhythms(conn, learned)
    found = figure_findings(unit_figures(conn, catalogue, now=now))
    write_findings(conn, found, lambda _row: False, now=now)
    began = now - timedelta(days=made.WEAK_DAYS - 1)
    conn.execute(m.quality_finding.update().values(first_seen=began))
    _debts(conn, catalogue, keys, now)
    set_mark(conn, backfill.MARK, int((now - timedelta(days=made.DAYS)).timestamp()))
    return len(rows)


def _reception(catalogue: Catalogue, keys: Keys, seed: int, now: datetime) -> list[dict[str, Any]]:
    rows = []
    for row in made.receptions(seed, catalogue, now=now):
        source, area = row.pop("source"), row.pop("area")
        rows.append({
            **row,
            "source_id": keys.sources[source],
            "indicator_id": 0,
            "area_id": keys.areas[area] if area else 0,
            "bucket": _instant(row["bucket"]),
            "first_at": _instant(row["first_at"]),
            "last_at": _instant(row["last_at"]),
        })  # fmt: skip
    return rows


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _refuse(conn: Connection, catalogue: Catalogue, keys: Keys, at: datetime, count: int) -> None:
    """Keep a file all of whose rows are refused, with the run that refused them."""
    source = catalogue.sources[REFUSED_SOURCE]
    payload = broken_file(at, count)
    understood = understand(source, catalogue, source.connector, payload)
    problems = understood.parsed.problems if understood.parsed else []
    refused = sum(1 for p in problems if p.refused)
    sha, own = hashlib.sha256(payload).hexdigest(), keys.sources[source.key]
    fetch = keep_raw(conn, own, payload, sha, f"demo://{source.key}/{at:%Y%m%d%H}.json", at)
    run = m.ingest_run.insert().values(
        source_id=own, fetch_id=fetch, sha256=sha, as_of=at, recorded_at=at, status="refused",
        quarantined=refused, error=all_refused(problems, refused),
    )  # fmt: skip
    number = int(conn.execute(run.returning(m.ingest_run.c.id)).scalar_one())
    keep_problems(conn, number, problems)


def broken_file(at: datetime, count: int) -> bytes:
    """Return an Open311 file of `count` requests, each wrong in another way."""
    told = at.astimezone(LOCAL).isoformat(timespec="seconds")
    rows = [
        {
            "service_request_id": f"DEMO-{at:%m%d%H}-{n + 1}", "status": "open",
            "service_code": "04", "service_name": "城市管理", "description": "演示数据",
            "requested_datetime": told, "updated_datetime": told, **BROKEN[n % len(BROKEN)],
        }
        for n in range(count)
    ]  # fmt: skip
    return json.dumps({"service_requests": rows}, ensure_ascii=False, indent=1).encode()


def _debts(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> None:
    """Put one overdue, one open and one kept promise on the board. Owners are offices."""

    def take(promise: Promise, days: int) -> int:
        before = now - timedelta(days=days)
        return debts.take(conn, catalogue, keys, promise, said_by=SAID_BY, now=before)

    today = now.astimezone(LOCAL).date()
    take(Promise(
        "health", "gaps", "医院运行数据完整率低于90%", "市卫健局信息科",
        today - timedelta(days=2), source=made.WEAK, area=made.WEAK_AREA,
        why="县级平台接口超时，部分时段数据未上报",
    ), 10)  # fmt: skip
    take(Promise(
        "psb", "no_source", "市公安局尚无自有数据源，指标经粤平安报送", "市公安局科技信息化科",
        today + timedelta(days=12), why="待接入警情汇总数据",
    ), 6)  # fmt: skip
    kept = take(Promise(
        "transport", "silent", "公交车辆定位中断超过一天", "市交通运输局智慧交通科",
        today - timedelta(days=made.OUT_AGO - 5), source=made.OUT,
        why="车载终端专线故障",
    ), made.OUT_AGO - 1)  # fmt: skip
    debts.close(
        conn, kept, state="kept", said_by=SAID_BY, note="专线已恢复，连续三天完整率达标",
        now=now - timedelta(days=made.OUT_AGO - 5),
    )  # fmt: skip
