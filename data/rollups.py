"""Keep the derived tables in step with the facts: hour, day, ISO week, month.

Buckets that a run touched are deleted and made again from the rows below them,
inside the run's own transaction: never added to, so a correction, a retraction
or the same file twice all end in the same numbers.

    observation (minute, hour) -> rollup_hour ─┐
    observation (day) ─────────────────────────┴> rollup_day ─┬> rollup_week
    observation (week, month) ────────────────────────────────┴> rollup_month

Where a day has hourly facts they win over a daily figure of the same area.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, bindparam, text

from data import veil, week_marks
from data.models.columns import Instant, LocalDay
from data.rollup_tick import remake_one, reporting
from data.vocabulary import LOCAL, Grain

Bucket = TypeVar("Bucket", date, datetime)

_OFFSET = 28800  # Asia/Shanghai; SQLite has no time zones, and China no summer time since 1991

_DAY = timedelta(days=1)
"""Just past the last bucket of a stretch: a week or a month that follows it is left alone."""

_SQLITE = {
    "hour": "(o.period_start/3600*3600)",
    "day_of_fact": f"((o.period_start+{_OFFSET})/86400)",
    "day_of_hour": f"((h.bucket+{_OFFSET})/86400)",
    "week": "(d.bucket-(d.bucket+3)%7)",
    "month": "cast(julianday(date(d.bucket*86400,'unixepoch','start of month'))-2440587.5 as int)",
}
_POSTGRES = {
    "hour": "date_trunc('hour', o.period_start)",
    "day_of_fact": "(o.period_start at time zone 'Asia/Shanghai')::date",
    "day_of_hour": "(h.bucket at time zone 'Asia/Shanghai')::date",
    "week": "date_trunc('week', d.bucket)::date",
    "month": "date_trunc('month', d.bucket)::date",
}

_SUMS = """sum(num) num, sum(den) den, sum(n) n, min(vmin) vmin, max(vmax) vmax,
    max(case when newest = 1 then last end) last, max(flag) flag"""

_FACT = """o.num num, o.den den, 1 n, coalesce(o.num/nullif(o.den,0),o.num) vmin,
    coalesce(o.num/nullif(o.den,0),o.num) vmax, o.num last, o.flag flag"""

_ROLLED = "{t}.num num, {t}.den den, {t}.n n, {t}.vmin vmin, {t}.vmax vmax, {t}.last last, {t}.flag"


@dataclass(frozen=True)
class Touched:
    """What a run changed: indicator ids and the instants its facts begin at."""

    indicators: frozenset[int]
    starts: frozenset[tuple[Grain, datetime]]


def touched(keys: Iterable[tuple[int, Grain, datetime]]) -> Touched:
    """Gather the keys of changed facts."""
    keys = list(keys)
    return Touched(frozenset(k[0] for k in keys), frozenset((k[1], k[2]) for k in keys))


LEVELS = frozenset({"hour", "day", "week", "month"})


def refresh(
    conn: Connection,
    what: Touched,
    *,
    levels: frozenset[str] = LEVELS,
    emptied: bool = False,
) -> None:
    """Make every bucket again that `what` feeds. Needs `latest` to name each reporting area.

    levels: the tables to be made; a load makes its weeks and months once, at its end.
    emptied: facts were taken back, so that a bucket may have to go.
    """
    if not what.indicators:
        return
    veil.raise_marks(conn, what.indicators, what.starts)
    week_marks.touch(conn, what.starts)
    ids = sorted(what.indicators)
    make = _maker(emptied=emptied)
    hours = {_hour(at) for grain, at in what.starts if grain <= Grain.HOUR}
    days = {_local(at) for grain, at in what.starts if grain <= Grain.DAY}
    weeks = {d - timedelta(days=d.weekday()) for d in days}
    weeks |= {_local(at) for grain, at in what.starts if grain is Grain.WEEK}
    months = {d.replace(day=1) for d in days}
    months |= {_local(at) for grain, at in what.starts if grain is Grain.MONTH}
    if hours and "hour" in levels:
        hours = _with_let_go(conn, ids, hours)
        make(conn, "rollup_hour", _hour_rows(), ids, sorted(hours), timedelta(hours=1))
    if days and "day" in levels:
        make(conn, "rollup_day", _day_rows(conn), ids, sorted(days), timedelta(days=1))
    if weeks and "week" in levels:
        make(conn, "rollup_week", _long_rows(conn, "week"), ids, sorted(weeks), timedelta(7))
    if months and "month" in levels:
        make(conn, "rollup_month", _long_rows(conn, "month"), ids, sorted(months), timedelta(31))


def _with_let_go(conn: Connection, ids: list[int], hours: set[datetime]) -> set[datetime]:
    """Add the other hours of a day whose hourly roll-ups were let go: the day is made of them."""
    found = set(hours)
    told = Counter(_local(at) for at in hours)
    for day in (day for day, n in told.items() if n < 24):
        first = datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC)
        bounds = {"ids": ids, "lo_at": first, "hi_at": first + timedelta(days=1)}
        statement = text(
            """select 1 from rollup_hour where indicator_id in :ids
              and area_id in (select area_id from latest where indicator_id in :ids)
              and bucket >= :lo_at and bucket < :hi_at limit 1"""
        ).bindparams(
            bindparam("ids", expanding=True),
            bindparam("lo_at", type_=Instant()),
            bindparam("hi_at", type_=Instant()),
        )
        if not conn.execute(statement, bounds).scalar():
            found |= {first + timedelta(hours=h) for h in range(24)}
    return found


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _local(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def _expressions(conn: Connection) -> dict[str, str]:
    return _SQLITE if conn.dialect.name == "sqlite" else _POSTGRES


def _hour_rows() -> str:
    hour = BUCKET
    return f"""select o.indicator_id, o.area_id, {hour} bucket, {_FACT}, row_number() over
        (partition by o.indicator_id, o.area_id, {hour} order by o.period_start desc) newest
      from latest l cross join observation o
      where l.indicator_id in :ids and o.indicator_id = l.indicator_id and o.area_id = l.area_id
        and o.grain in (1, 2) and o.period_start >= :lo_at and o.period_start < :hi_at
        and o.flag < 9"""


def _day_rows(conn: Connection) -> str:
    e = _expressions(conn)
    return f"""select h.indicator_id, h.area_id, {BUCKET} bucket,
        {_ROLLED.format(t="h")}, row_number() over (partition by h.indicator_id, h.area_id,
          {BUCKET} order by h.bucket desc) newest
      from {_native("rollup_hour", "h")}
        and h.bucket >= :lo_at and h.bucket < :hi_at and h.native = 1
      union all
      select o.indicator_id, o.area_id, {e["day_of_fact"]} bucket, {_FACT}, 1 newest
      from latest l cross join observation o
      where l.indicator_id in :ids and o.indicator_id = l.indicator_id and o.area_id = l.area_id
        and o.grain = 3 and o.period_start >= :lo_at and o.period_start < :hi_at and o.flag < 9
        and not exists (select 1 from rollup_hour h where h.indicator_id = o.indicator_id
          and h.area_id = o.area_id and h.native = 1
          and h.bucket >= o.period_start and h.bucket < {_plus_day(conn)})"""


def _native(table: str, t: str) -> str:
    """Return the rows of some indicators, each area named: what others told is not read."""
    return f"""latest l cross join {table} {t} where l.indicator_id in :ids
        and {t}.indicator_id = l.indicator_id and {t}.area_id = l.area_id"""


def _plus_day(conn: Connection) -> str:
    sqlite = conn.dialect.name == "sqlite"
    return "o.period_start+86400" if sqlite else "o.period_start + interval '1 day'"


def _long_rows(conn: Connection, kind: str) -> str:
    e, grain = _expressions(conn), {"week": 4, "month": 5}[kind]
    return f"""select d.indicator_id, d.area_id, {BUCKET} bucket,
        {_ROLLED.format(t="d")}, row_number() over (partition by d.indicator_id, d.area_id,
          {BUCKET} order by d.bucket desc) newest
      from {_native("rollup_day", "d")}
        and d.bucket >= :lo_day and d.bucket < :hi_day and d.native = 1
      union all
      select o.indicator_id, o.area_id, {e["day_of_fact"]} bucket, {_FACT}, 1 newest
      from latest l cross join observation o
      where l.indicator_id in :ids and o.indicator_id = l.indicator_id and o.area_id = l.area_id
        and o.grain = {grain} and o.period_start >= :lo_at and o.period_start < :hi_at
        and o.flag < 9
        and not exists (select 1 from rollup_day d where d.indicator_id = o.indicator_id
          and d.area_id = o.area_id and d.native = 1 and {e[kind]} = {e["day_of_fact"]}
          and d.bucket >= {e["day_of_fact"]} and d.bucket < {e["day_of_fact"]} + 31)"""


FEW = 12
"""So many buckets of a length are made one by one: of a poll, and where batches of a load meet."""

Make = Callable[[Connection, str, str, list[int], Sequence[Any], timedelta], None]


def _maker(*, emptied: bool) -> Make:
    """Return what makes buckets: a few written over, more deleted and made in stretches."""
    areas: list[int] = []

    def make(
        conn: Connection, table: str, rows: str, ids: list[int], buckets: Sequence[Any],
        length: timedelta,
    ) -> None:  # fmt: skip
        if emptied or len(buckets) > FEW:
            _remake(conn, table, rows, ids, buckets, length)
            return
        areas[:] = areas or reporting(conn, ids)
        for bucket in buckets:
            remake_one(conn, table, ids, areas, exact(table, bucket))

    return make


def _remake(
    conn: Connection,
    table: str,
    rows: str,
    ids: list[int],
    buckets: Sequence[Bucket],
    length: timedelta,
) -> None:
    """Delete and insert the buckets; long stretches are cut so that no statement sees too much."""
    for chunk in _stretches(buckets, length):
        first, last = chunk[0], chunk[-1] + length
        whole = len(chunk) > 200
        bounds, bucket = _bounds(first, last), _expressions(conn)[_OF[table]]
        if len(chunk) == 1:
            bounds, bucket = exact(table, first), ":lo_b"
        values = {"ids": ids, **bounds, "hi_b": chunk[-1] + min(length, _DAY)}
        if not whole:
            values["buckets"] = list(chunk)
        _run(conn, _delete(table, whole=whole), values, table)
        _run(conn, _insert(table, rows.replace(BUCKET, bucket), whole=whole), values, table)


def _stretches(buckets: Sequence[Bucket], length: timedelta) -> list[list[Bucket]]:
    """Split sorted buckets where a gap is long, so that lo..hi never spans years for two days.

    A stretch is sorted in memory: it is as short as keeps that small, whatever a load brings.
    """
    most = {timedelta(hours=1): 720, timedelta(days=1): 28, timedelta(days=7): 26}.get(length, 6)
    found: list[list[Bucket]] = []
    for bucket in buckets:
        if found and bucket - found[-1][-1] <= length * 2 and len(found[-1]) < most:
            found[-1].append(bucket)
        else:
            found.append([bucket])
    return found


_OF = {
    "rollup_hour": "hour", "rollup_day": "day_of_hour", "rollup_week": "week",
    "rollup_month": "month",
}  # fmt: skip
BUCKET = "<bucket>"
"""Where a statement names the bucket of a row: an expression, or the only one that is made.

A tick makes one bucket of each length, and SQLite's calendar would cost it half of its time.
"""


def exact(table: str, first: datetime | date) -> dict[str, datetime | date]:
    """Return the bounds of one bucket, which hold nothing of the next."""
    if isinstance(first, datetime):
        return {"lo_at": first, "hi_at": first + timedelta(hours=1), "lo_b": first}
    days = {"rollup_day": 1, "rollup_week": 7}.get(table)
    last = first + timedelta(days=days) if days else (first + timedelta(32)).replace(day=1)
    return {
        "lo_day": first,
        "hi_day": last,
        "lo_at": datetime.combine(first, datetime.min.time(), LOCAL),
        "hi_at": datetime.combine(last, datetime.min.time(), LOCAL),
        "lo_b": first,
    }


def _bounds(first: datetime | date, last: datetime | date) -> dict[str, datetime | date]:
    if isinstance(first, datetime) and isinstance(last, datetime):
        return {"lo_at": first, "hi_at": last, "lo_b": first}
    last = last + timedelta(days=1)  # a month has up to 31 days; the bucket filter trims
    return {
        "lo_day": first,
        "hi_day": last,
        "lo_at": datetime.combine(first, datetime.min.time(), LOCAL),
        "hi_at": datetime.combine(last, datetime.min.time(), LOCAL),
        "lo_b": first,
    }


def _chosen(*, whole: bool) -> str:
    return "bucket >= :lo_b and bucket < :hi_b" if whole else "bucket in :buckets"


def _delete(table: str, *, whole: bool) -> str:
    return f"""delete from {table} where indicator_id in :ids and {_chosen(whole=whole)}
      and area_id in (select c.ancestor_id from latest l
        join area_closure c on c.descendant_id = l.area_id where l.indicator_id in :ids)"""


def _insert(table: str, rows: str, *, whole: bool) -> str:
    return f"""insert into {table}
      (indicator_id, area_id, bucket, num, den, n, vmin, vmax, last, flag, native)
      select x.indicator_id, c.ancestor_id, x.bucket, sum(x.num), sum(x.den), sum(x.n),
        min(x.vmin), max(x.vmax), sum(x.last), max(x.flag),
        max(case when c.depth = 0 then 1 else 0 end)
      from (select indicator_id, area_id, bucket, {_SUMS} from ({rows}) f
            where {_chosen(whole=whole)} group by indicator_id, area_id, bucket) x
      join indicator i on i.id = x.indicator_id
      join area_closure c on c.descendant_id = x.area_id and (i.rolls_up or c.depth = 0)
      group by x.indicator_id, c.ancestor_id, x.bucket"""


def _run(conn: Connection, sql: str, values: dict[str, object], table: str) -> None:
    bucket = Instant() if table == "rollup_hour" else LocalDay()
    kinds: dict[str, BindParameter[Any]] = {
        "ids": bindparam("ids", expanding=True),
        "buckets": bindparam("buckets", expanding=True, type_=bucket),
        "lo_b": bindparam("lo_b", type_=bucket),
        "hi_b": bindparam("hi_b", type_=bucket),
        "lo_day": bindparam("lo_day", type_=LocalDay()),
        "hi_day": bindparam("hi_day", type_=LocalDay()),
        "lo_at": bindparam("lo_at", type_=Instant()),
        "hi_at": bindparam("hi_at", type_=Instant()),
    }
    used = {name: kinds[name] for name in values if f":{name}" in sql}
    conn.execute(text(sql).bindparams(*used.values()), {name: values[name] for name in used})
