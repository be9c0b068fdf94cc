"""Take observations back: they are kept, and in no total any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from data import rollups, veil
from data.models.columns import Instant
from data.vocabulary import Grain


def void(
    conn: Connection, keys: Sequence[tuple[int, int, int, datetime]], *, run_id: int, now: datetime
) -> None:
    """Take observations back: kept with flag 9 and a history row, in no total any more."""
    pinned = "indicator_id = :i and area_id = :a and grain = :g and period_start = :p"
    typed = [bindparam("p", type_=Instant()), bindparam("now", type_=Instant())]
    history = text(
        f"""insert into observation_history select indicator_id, area_id, grain, period_start,
          rev, recorded_at, :now, num, den, flag, run_id, row_no, :run
          from observation where {pinned}"""
    ).bindparams(*typed)
    flag = text(
        "update observation set flag = 9, rev = rev + 1, recorded_at = :now, run_id = :run"
        f" where {pinned}"
    ).bindparams(*typed)
    for i, a, g, p in keys:
        values = {"i": i, "a": a, "g": g, "p": p, "now": now, "run": run_id}
        conn.execute(history, values)
        conn.execute(flag, values)
    gone = rollups.touched((i, Grain(g), p) for i, _, g, p in keys)
    rollups.refresh(conn, gone, emptied=True)
    for i, a in sorted({(k[0], k[1]) for k in keys}):
        _relatest(conn, i, a)
    veil.raise_marks(conn, {k[0] for k in keys}, always=True)


def _relatest(conn: Connection, indicator_id: int, area_id: int) -> None:
    """Point `latest` at the newest observation still standing; keep the row if none does."""
    place = {"i": indicator_id, "a": area_id}
    newest = """select o.period_start, o.num, o.den, o.flag, o.run_id, o.grain
      from observation o where o.indicator_id = :i and o.area_id = :a
      order by (o.flag = 9), o.period_start desc limit 1"""
    conn.execute(
        text(
            f"""update latest set (period_start, num, den, flag, run_id, grain) = ({newest})
            where indicator_id = :i and area_id = :a"""
        ),
        place,
    )
