"""Values that were replaced: was, now, why, when, and which file brought each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue.entries import Indicator
from data.indicators.value import value_of
from data.models.facts import VOIDED
from data.queries.provenance import Tracer, run_of
from data.vocabulary import Grain, Names, Revision, period_end

WHY: dict[str, Names] = {
    "newer_file": {"zh": "来源新文件更正", "en": "a newer file of the source"},
    "taken_back": {"zh": "来源撤回", "en": "taken back by the source"},
    "recounted": {"zh": "按工单重新计数", "en": "counted again from the cases"},
}


def revisions(
    trace: Tracer,
    areas: Sequence[int],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    grains: Sequence[Grain] = (Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH),
    limit: int = 10,
) -> tuple[list[Revision], int]:
    """Return the latest corrections of areas (of periods beginning in [start, end)), and how many.

    A value that was corrected more than once is one entry a correction.
    """
    h = m.observation_history.c
    chosen = [
        h.indicator_id == trace.keys.indicators[trace.indicator.code],
        h.area_id.in_(areas),
        h.grain.in_([int(g) for g in grains]),
    ]
    chosen += [h.period_start >= start] if start else []
    chosen += [h.period_start < end] if end else []
    total = trace.conn.scalar(select(func.count()).where(*chosen)) or 0
    query = select(m.observation_history).where(*chosen)
    query = query.order_by(h.superseded_at.desc(), h.period_start.desc(), h.rev.desc()).limit(limit)
    return [_revision(trace, row) for row in trace.conn.execute(query).all()], int(total)


def _revision(trace: Tracer, row: Any) -> Revision:
    fact, grain = trace.indicator, Grain(row.grain)
    code = trace.keys.area_codes()[row.area_id]
    after = _after(trace.conn, row)
    end = period_end(row.period_start, grain)
    voided = after is not None and after.flag == VOIDED
    why = "taken_back" if voided else "recounted" if fact.feed.kind == "cases" else "newer_file"
    # Of protected counts no correction is told: two totals and their difference tell a cell.
    hidden = bool(fact.small_count) and not trace.open
    was, now = run_of(trace.conn, row.run_id), run_of(trace.conn, row.superseded_by)
    return {
        "area": trace.catalogue.areas[code].name,
        "area_code": code,
        "grain": int(grain),
        "period_start": row.period_start.timestamp(),
        "period_end": end.timestamp(),
        "revision": row.rev,
        "was": None if hidden else _value(fact, row),
        "now": None if hidden or voided or after is None else _value(fact, after),
        "hidden": hidden,
        "why": WHY[why],
        "recorded_at": row.recorded_at.timestamp(),
        "superseded_at": row.superseded_at.timestamp(),
        "late": max(0.0, (row.superseded_at - end).total_seconds()),
        "was_run": row.run_id,
        "was_origin": was.origin if was else None,
        "was_row": row.row_no,
        "now_run": row.superseded_by,
        "now_origin": now.origin if now else None,
        "now_sha256": now.sha256 if now else None,
        "now_as_of": now.as_of.timestamp() if now else None,
        "now_row": after.row_no if after is not None and not voided else None,
    }


def _value(fact: Indicator, row: Any) -> float | None:
    return value_of((row.num, row.den), fact.aggregation, fact.factor)


def _after(conn: Connection, row: Any) -> Any:
    """Return what replaced a revision: the next one in the history, or what stands now."""
    for table in (m.observation_history, m.observation):
        t = table.c
        query = select(t.num, t.den, t.flag, t.row_no).where(
            t.indicator_id == row.indicator_id,
            t.area_id == row.area_id,
            t.grain == row.grain,
            t.period_start == row.period_start,
            t.rev > row.rev,
        )
        found = conn.execute(query.order_by(t.rev).limit(1)).first()
        if found is not None:
            return found
    return None
