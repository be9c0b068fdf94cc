"""Store checked facts as columns: straight into the table where all are new, else by comparison.

Most of a large file is new: it goes in by COPY (PostgreSQL) or one sorted executemany (SQLite)
under a savepoint. The first key that is known already sends the frame the way of every small
file: stage, compare, keep what was replaced, upsert.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from data import models as m
from data import veil, week_marks
from data.connectors.connector import Problem
from data.ingest import observations
from data.ingest.copying import Array, Column, copy_columns, epoch
from data.ingest.frame_check import Columns, Verdicts
from data.ingest.frame_rollups import Stretch, stretches
from data.ingest.observations import Counts
from data.ingest.once import Known, one_try
from data.ingest.reference import prepare_partitions
from data.ingest.staging import make_stage
from data.queries.keys import Keys
from data.vocabulary import Grain, period_end

PROBES = 24
"""Keys looked up before a whole frame is tried as new: a failed try leaves dead rows."""


@dataclass(frozen=True)
class Stored:
    """What a frame did: counts, and the stretches whose roll-ups must be made again."""

    counts: Counts
    moved: list[Stretch]
    fresh: bool = False
    """All facts were new: their roll-ups may be too."""


@dataclass(frozen=True)
class Origin:
    """Who tells, in which run, and when."""

    source_id: int
    run_id: int
    as_of: datetime
    now: datetime

    @property
    def fixed(self) -> dict[str, int]:
        """The columns that are the same in every row."""
        return {
            "source_id": self.source_id,
            "run_id": self.run_id,
            "recorded_at": epoch(self.now),
        }


def store_columns(
    conn: Connection, facts: Columns, origin: Origin, verdicts: Verdicts, *, later: bool = False
) -> Stored:
    """Write facts, each key once and in the order of keys, and move `latest` on.

    Roll-ups are left to the caller, who knows whether more is to come. later:
    the file has told something before; a key that it told otherwise is refused.
    """
    if not len(facts):
        return Stored(Counts(), [])
    first, last = (
        datetime.fromtimestamp(int(at), UTC) for at in (facts.start.min(), facts.start.max())
    )
    prepare_partitions(conn, first, last)
    if not _any_known(conn, facts) and _insert_new(conn, facts, origin):
        _latest(conn, facts, origin)
        found_new = stretches(facts)
        _raise_marks(conn, found_new)
        return Stored(Counts(new=len(facts)), found_new, fresh=True)
    _stage(conn, facts)
    values = {"source": origin.source_id, "run": origin.run_id, "as_of": origin.as_of,
              "now": origin.now, **observations.months(first, last)}  # fmt: skip
    gone = _refuse_told(conn, values, verdicts) if later else 0
    counts, moved = observations.store_staged(conn, values, len(facts) - gone)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for indicator, grain, at in moved:
        key, second = (indicator, int(grain)), int(at.timestamp())
        low, high = found.get(key, (second, second))
        found[key] = min(low, second), max(high, second)
    changed = [(*key, *stretch) for key, stretch in found.items()]
    _raise_marks(conn, changed)
    return Stored(counts, changed)


def _raise_marks(conn: Connection, changed: list[Stretch]) -> None:
    """Say what changed before its roll-ups are made: these may be left as due."""
    starts = {
        (Grain(grain), datetime.fromtimestamp(at, UTC))
        for _i, grain, first, last in changed
        for at in (first, last)
    }
    veil.raise_marks(conn, {i for i, *_ in changed}, starts)
    week_marks.touch(conn, starts)


def refuse_mixed(
    conn: Connection, facts: Columns, verdicts: Verdicts, catalogue: Any, keys: Keys
) -> Columns:
    """Take out rows of an area whose parent or child reports too; see refuse_mixed_levels.

    Only indicators that come from several levels are looked at row by row.
    """
    pairs = np.unique(facts.indicator << 20 | facts.area)
    areas: dict[int, set[int]] = {}
    for pair in pairs.tolist():
        areas.setdefault(pair >> 20, set()).add(pair & 0xFFFFF)
    for indicator, area in conn.execute(text("select indicator_id, area_id from latest")).all():
        if indicator in areas:
            areas[indicator].add(area)
    mixed = [i for i, found in areas.items() if any(keys.parents[a] & found for a in found)]
    if not mixed:
        return facts
    looked = np.isin(facts.indicator, mixed)
    part = facts.take(looked)
    # the place among the looked at stands for the row, which may be told several times
    rows = [(*r[:6], n) for n, r in enumerate(part.rows())]
    good, problems = observations.refuse_mixed_levels(conn, rows, catalogue, keys)
    stays = np.ones(len(facts), dtype=bool)
    places = np.flatnonzero(looked)
    stays[places] = False
    stays[places[[int(r[6] or 0) for r in good]]] = True
    told = [_at(p, part) for p in problems]
    verdicts.add(told, sum(1 for p in problems if p.refused))
    return facts.take(stays)


def _at(problem: Problem, part: Columns) -> Problem:
    if problem.row is None:
        return problem
    return replace(problem, row=int(part.row[problem.row]))


def _any_known(conn: Connection, facts: Columns) -> bool:
    """Look some keys up, spread over the frame."""
    places = np.unique(np.linspace(0, len(facts) - 1, PROBES).astype(np.int64))
    some = facts.take(places)
    keys = zip(some.indicator, some.area, some.grain, some.start, strict=True)
    at = "to_timestamp({})" if conn.dialect.name == "postgresql" else "{}"
    pinned = " union all ".join(
        f"select 1 from observation where indicator_id = {int(i)} and area_id = {int(a)}"
        f" and grain = {int(g)} and period_start = {at.format(int(s))}"
        for i, a, g, s in keys
    )
    return conn.exec_driver_sql(f"{pinned} limit 1").first() is not None


def _insert_new(conn: Connection, facts: Columns, origin: Origin) -> bool:
    """Try to insert facts as new; leave nothing behind if one key is known."""
    try:
        with one_try(conn):
            _insert(conn, facts, origin)
    except Known:
        return False
    return True


def _insert(conn: Connection, facts: Columns, origin: Origin) -> None:
    if conn.dialect.name == "postgresql":
        columns = [*_columns(facts), *(
            Column(name, _KINDS[name], value) for name, value in origin.fixed.items()
        )]  # fmt: skip
        copy_columns(conn, "observation", columns, len(facts))
        return
    raw: Any = conn.connection.driver_connection
    names = [*_FIELDS, *origin.fixed]
    marks = ",".join("?" * len(names))
    raw.cursor().executemany(
        f"insert into observation ({', '.join(names)}) values ({marks})",
        zip(*_lists(facts), *(repeat(v) for v in origin.fixed.values()), strict=False),
    )


_FIELDS = ("indicator_id", "area_id", "grain", "period_start", "num", "den", "row_no")
_KINDS = {"source_id": "smallint", "run_id": "bigint", "recorded_at": "instant"}


def _columns(facts: Columns) -> list[Column]:
    none = np.isnan(facts.den)
    return [
        Column("indicator_id", "smallint", facts.indicator),
        Column("area_id", "smallint", facts.area),
        Column("grain", "smallint", facts.grain),
        Column("period_start", "instant", facts.start),
        Column("num", "double", facts.num),
        Column("den", "double", facts.den, none if none.any() else None),
        Column("row_no", "integer", facts.row),
    ]


def _lists(facts: Columns) -> list[Iterable[Any]]:
    plain = (facts.indicator, facts.area, facts.grain, facts.start, facts.num)
    none = np.isnan(facts.den)
    dens: Iterable[Any]
    if none.all():
        dens = repeat(None)
    elif none.any():
        dens = [None if d != d else d for d in facts.den.tolist()]
    else:
        dens = facts.den.tolist()
    return [*(column.tolist() for column in plain), dens, facts.row.tolist()]


def ends(facts: Columns) -> Array:
    """Return when each period is over, epoch seconds."""
    fixed = np.array([0, 60, 3600, 86400, 604800, 0, 0, 0], dtype=np.int64)[facts.grain]
    found: Array = facts.start + fixed
    for grain in Grain:
        mine = np.flatnonzero(facts.grain == int(grain)) if grain >= Grain.MONTH else ()
        if len(mine):
            starts, back = np.unique(facts.start[mine], return_inverse=True)
            over = [period_end(datetime.fromtimestamp(s, UTC), grain) for s in starts.tolist()]
            found[mine] = np.array([epoch(at) for at in over], dtype=np.int64)[back]
    return found


def _stage(conn: Connection, facts: Columns) -> None:
    make_stage(conn)
    over = ends(facts)
    if conn.dialect.name == "postgresql":
        copy_columns(
            conn, "stage", [*_columns(facts), Column("known_at", "instant", over)], len(facts)
        )
        return
    raw: Any = conn.connection.driver_connection
    raw.cursor().executemany(
        "insert into stage values (?,?,?,?,?,?,?,?)",
        zip(*_lists(facts), over.tolist(), strict=False),
    )


def _latest(conn: Connection, facts: Columns, origin: Origin) -> None:
    """Move `latest` on with new facts: the newest period of each indicator and area."""
    order = np.lexsort((facts.grain, -facts.start, facts.area, facts.indicator))
    pair = (facts.indicator << 20 | facts.area)[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = pair[1:] != pair[:-1]
    newest = facts.take(order[first])
    known = np.minimum(ends(newest), epoch(origin.now))
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(
            "create temporary table if not exists newest (like latest) on commit delete rows"
        )
        conn.exec_driver_sql("delete from newest")
        columns = [c for c in _columns(newest) if c.name != "row_no"]
        columns += [Column("known_at", "instant", known), Column("flag", "smallint", 0),
                    Column("run_id", "bigint", origin.run_id)]  # fmt: skip
        copy_columns(conn, "newest", columns, len(newest))
        conn.exec_driver_sql(_NEWEST.format("select * from newest n"))
        return
    raw: Any = conn.connection.driver_connection
    i, a, g, s, n, d, _row = _lists(newest)
    raw.cursor().executemany(
        _NEWEST.format("values (?,?,?,?,?,?,?,?,?)"),
        zip(i, a, s, known.tolist(), g, n, d, repeat(0), repeat(origin.run_id), strict=False),
    )


_NEWEST = """insert into latest (indicator_id, area_id, period_start, known_at, grain, num, den,
    flag, run_id) {}
  on conflict (indicator_id, area_id) do update set period_start = excluded.period_start,
    known_at = excluded.known_at, grain = excluded.grain, num = excluded.num,
    den = excluded.den, flag = excluded.flag, run_id = excluded.run_id
  where excluded.period_start >= latest.period_start"""


def _refuse_told(conn: Connection, values: dict[str, Any], verdicts: Verdicts) -> int:
    """Take out of the stage what an earlier part of the same file has told otherwise."""
    query = text(
        f"""select s.row_no, o.num, o.den, s.num, s.den, s.indicator_id, s.area_id, s.grain,
          s.period_start from {observations.JOIN}
          where o.run_id = :run and {observations.DIFFERS}"""
    ).bindparams(*m.instants("first", "last"))
    told_before = {name: values[name] for name in ("run", "first", "last")}
    found = conn.execute(query, told_before).all()
    told = [
        Problem("conflicting_duplicate", r[0], "value", f"{r[1]}/{r[2]} and {r[3]}/{r[4]}")
        for r in found
    ]
    verdicts.add(told, len(found))
    gone = text(
        "delete from stage where indicator_id = :i and area_id = :a and grain = :g"
        " and period_start = :p"
    )
    if found:
        conn.execute(gone, [{"i": r[5], "a": r[6], "g": r[7], "p": r[8]} for r in found])
    return len(found)
