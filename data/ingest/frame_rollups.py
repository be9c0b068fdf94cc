"""Roll-ups of a frame of new facts, added up here and written as rows; the rest is left as due.

Only buckets that nothing has been told of before can be made this way. The first and the last
hour and day of a frame may go on in the next one: they are left to `rollups.refresh`, and so is
every bucket when one of them turns out to be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection

from data.ingest.copying import Array, Column, copy_columns
from data.ingest.frame_check import Columns
from data.ingest.once import Known, one_try
from data.queries.keys import Keys
from data.vocabulary import Grain

Stretch = tuple[int, int, int, int]
"""indicator, grain, first and last period start in epoch seconds"""

HOUR_S, DAY_S, OFFSET = 3600, 86400, 28800
"""Local days are those of Asia/Shanghai, as in data.rollups."""


@dataclass(frozen=True)
class Buckets:
    """Rows of a roll-up, by indicator, area and bucket. den is NaN for none."""

    indicator: Array
    area: Array
    bucket: Array
    num: Array
    den: Array
    n: Array
    vmin: Array
    vmax: Array
    last: Array

    def __len__(self) -> int:
        """Return how many rows."""
        return len(self.indicator)

    def take(self, chosen: Array) -> Buckets:
        """Return some of the rows: a mask or places."""
        return Buckets(*(getattr(self, name)[chosen] for name in _NAMES))


_NAMES = ("indicator", "area", "bucket", "num", "den", "n", "vmin", "vmax", "last")


def roll_new(
    conn: Connection, facts: Columns, keys: Keys, added_up: set[int], *, edges: bool = True
) -> list[Stretch]:
    """Write hours and days of facts that are all new; return what is left to be made.

    added_up: indicators whose areas add up. edges: the frame is one of several.
    """
    several = _of_several_grains(facts)
    left = stretches(facts.take(several))
    facts = facts.take(~several)
    hourly = facts.take(facts.grain <= Grain.HOUR)
    hours = _added(_of_facts(hourly), hourly.start // HOUR_S * HOUR_S)
    cut = _edges(hours.bucket) if edges else np.zeros(len(hours), dtype=bool)
    as_told = bool((hourly.grain == Grain.HOUR).all())
    if not _write(conn, "rollup_hour", hours.take(~cut), keys, added_up, told_hourly=as_told):
        return left + stretches(facts)
    left += _as_stretches(hours.take(cut))
    daily = facts.take(facts.grain == Grain.DAY)
    parts = (hours, (hours.bucket + OFFSET) // DAY_S), (
        _of_facts(daily), (daily.start + OFFSET) // DAY_S,
    )  # fmt: skip
    for rows, bucket in parts:
        days = _added(rows, bucket)
        cut = _edges(days.bucket) if edges else np.zeros(len(days), dtype=bool)
        if not _write(conn, "rollup_day", days.take(~cut), keys, added_up):
            cut[:] = True
        left += _as_days(days.take(cut))
        left += _interior(days)
    return left + stretches(facts.take(facts.grain > Grain.DAY))


def stretches(facts: Columns) -> list[Stretch]:
    """Return first and last period of each indicator and grain."""
    found = []
    group = facts.indicator * 8 + facts.grain
    for part in _groups(group):
        starts = facts.start[part]
        at = int(part[0])
        key = int(facts.indicator[at]), int(facts.grain[at])
        found.append((*key, int(starts.min()), int(starts.max())))
    return found


def _groups(keys: Array) -> list[Array]:
    if not len(keys):
        return []
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _of_several_grains(facts: Columns) -> Array:
    """Return the rows of indicators that tell minutes and hours, or hours and days."""
    pairs = np.unique(facts.indicator * 8 + facts.grain)
    indicators, count = np.unique(pairs >> 3, return_counts=True)
    return np.isin(facts.indicator, indicators[count > 1])


def _of_facts(facts: Columns) -> Buckets:
    divided = ~np.isnan(facts.den) & (facts.den != 0)
    value = np.divide(facts.num, facts.den, out=facts.num.copy(), where=divided)
    ones = np.ones(len(facts), dtype=np.int64)
    return Buckets(
        facts.indicator, facts.area, facts.start, facts.num, facts.den, ones, value, value,
        facts.num,
    )  # fmt: skip


def _added(rows: Buckets, bucket: Array) -> Buckets:
    """Add up rows in the order of their keys and time; the newest of a bucket is its last."""
    if not len(rows):
        return rows
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (
        (bucket[1:] != bucket[:-1])
        | (rows.area[1:] != rows.area[:-1])
        | (rows.indicator[1:] != rows.indicator[:-1])
    )
    starts = np.flatnonzero(fresh)
    if len(starts) == len(rows):
        return replace(rows, bucket=bucket)
    last = np.append(starts[1:], len(rows)) - 1
    own = rows.indicator[starts], rows.area[starts], bucket[starts]
    return Buckets(*own, *_sums(rows, starts), rows.last[last])


def _sums(rows: Buckets, starts: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Return num, den, n, vmin, vmax of stretches of rows."""
    none = np.isnan(rows.den)
    den = np.add.reduceat(np.where(none, 0.0, rows.den), starts)
    told = np.add.reduceat((~none).astype(np.int64), starts)
    return (
        np.add.reduceat(rows.num, starts),
        np.where(told > 0, den, np.nan),
        np.add.reduceat(rows.n, starts),
        np.minimum.reduceat(rows.vmin, starts),
        np.maximum.reduceat(rows.vmax, starts),
    )


def _above(rows: Buckets, keys: Keys, added_up: set[int]) -> Buckets:
    """Return the rows of the areas above: sums over the areas that reported themselves."""
    mine = np.flatnonzero(np.isin(rows.indicator, list(added_up)))
    areas = rows.area[mine]
    places, parents = [], []
    for area in np.unique(areas).tolist():
        own = mine[areas == area]
        for higher in keys.parents[area]:
            places.append(own)
            parents.append(np.full(len(own), higher, dtype=np.int64))
    if not places:
        return rows.take(np.zeros(len(rows), dtype=bool))
    at, above = np.concatenate(places), np.concatenate(parents)
    order = np.lexsort((rows.bucket[at], above, rows.indicator[at]))
    found, parent = rows.take(at[order]), above[order]
    fresh = np.ones(len(found), dtype=bool)
    fresh[1:] = (
        (found.bucket[1:] != found.bucket[:-1])
        | (parent[1:] != parent[:-1])
        | (found.indicator[1:] != found.indicator[:-1])
    )
    starts = np.flatnonzero(fresh)
    own = found.indicator[starts], parent[starts], found.bucket[starts]
    return Buckets(*own, *_sums(found, starts), np.add.reduceat(found.last, starts))


def _edges(bucket: Array) -> Array:
    """Return which rows are of the first or the last bucket."""
    if not len(bucket):
        return np.zeros(0, dtype=bool)
    return np.asarray((bucket == bucket.min()) | (bucket == bucket.max()))


# ---- writing ----


def _write(
    conn: Connection,
    table: str,
    rows: Buckets,
    keys: Keys,
    added_up: set[int],
    *,
    told_hourly: bool = False,
) -> bool:
    """Insert rows and those above them; leave nothing behind if one of them is known."""
    if not len(rows):
        return True
    try:
        with one_try(conn):
            if told_hourly and conn.dialect.name == "sqlite":
                _copy_hours(conn, rows)
            else:
                _insert(conn, table, rows, native=1)
            _insert(conn, table, _above(rows, keys, added_up), native=0)
    except Known:
        return False
    return True


_FIELDS = (
    "indicator_id", "area_id", "bucket", "num", "den", "n", "vmin", "vmax", "last", "flag",
    "native",
)  # fmt: skip


def _insert(conn: Connection, table: str, rows: Buckets, *, native: int) -> None:
    if not len(rows):
        return
    none = np.isnan(rows.den)
    if conn.dialect.name == "postgresql":
        copy_columns(conn, table, _columns(table, rows, none, native), len(rows))
        return
    raw: Any = conn.connection.driver_connection
    dens: Sequence[Any] = rows.den.tolist()
    if none.any():
        dens = [None if d != d else d for d in dens]
    values = {name: getattr(rows, name).tolist() for name in _NAMES if name != "den"}
    columns = [dens if name == "den" else values[name] for name in _NAMES]
    raw.cursor().executemany(
        f"insert into {table} ({', '.join(_FIELDS)}) values (?,?,?,?,?,?,?,?,?,0,{native})",
        zip(*columns, strict=True),
    )


def _copy_hours(conn: Connection, rows: Buckets) -> None:
    """Copy facts that are of whole hours inside SQLite: half the cost of handing them in again."""
    raw: Any = conn.connection.driver_connection
    pairs = rows.indicator << 20 | rows.area
    found = []
    for part in _groups(pairs):
        bucket, at = rows.bucket[part], int(part[0])
        found.append(
            (int(rows.indicator[at]), int(rows.area[at]), int(bucket.min()), int(bucket.max()))
        )
    raw.cursor().executemany(
        f"""insert into rollup_hour ({", ".join(_FIELDS)})
          select indicator_id, area_id, period_start, num, den, 1,
            coalesce(num / nullif(den, 0), num), coalesce(num / nullif(den, 0), num), num, 0, 1
          from observation where indicator_id = ? and area_id = ? and grain = 2
            and period_start between ? and ? and flag < 9""",
        found,
    )


def _columns(table: str, rows: Buckets, none: Array, native: int) -> list[Column]:
    return [
        Column("indicator_id", "smallint", rows.indicator),
        Column("area_id", "smallint", rows.area),
        Column("bucket", "instant" if table == "rollup_hour" else "day", rows.bucket),
        Column("num", "double", rows.num),
        Column("den", "double", rows.den, none if none.any() else None),
        Column("n", "integer", rows.n),
        Column("vmin", "double", rows.vmin),
        Column("vmax", "double", rows.vmax),
        Column("last", "double", rows.last),
        Column("flag", "smallint", 0),
        Column("native", "smallint", native),
    ]


# ---- what is left ----


def _as_stretches(rows: Buckets) -> list[Stretch]:
    """Return each hour as a stretch of its own: they may lie far apart."""
    pairs = np.unique(np.stack([rows.indicator, rows.bucket]), axis=1)
    return [(i, int(Grain.HOUR), at, at) for i, at in pairs.T.tolist()]


def _as_days(rows: Buckets) -> list[Stretch]:
    pairs = np.unique(np.stack([rows.indicator, rows.bucket * DAY_S - OFFSET]), axis=1)
    return [(i, int(Grain.DAY), at, at) for i, at in pairs.T.tolist()]


def _interior(days: Buckets) -> list[Stretch]:
    """Return the weeks and months that all these days are part of."""
    found: list[Stretch] = []
    for part in _groups(days.indicator):
        bucket = days.bucket[part]
        first, last = (int(day) * DAY_S - OFFSET for day in (bucket.min(), bucket.max()))
        indicator = int(days.indicator[part[0]])
        found += [(indicator, int(g), first, last) for g in (Grain.WEEK, Grain.MONTH)]
    return found
