"""A poll of new facts in one statement, on PostgreSQL: stored, `latest` moved on, buckets added to.

A statement costs a third of a millisecond on either side before it has done anything, and a poll
took a dozen. This one looks first whether the poll only counts on (see data.ingest.running); if
not it writes nothing, and the usual steps follow. What it writes is what they would write.

Rows that are known to be there are updated and the few others inserted: `on conflict` locks each
row before it updates it, which doubles what is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, TextClause, text

from data.ingest.staging import Row, end_of
from data.models.columns import instants
from data.models.facts import partition_of
from data.rollup_tick import COLUMNS, OVER
from data.vocabulary import LOCAL, Grain

MOST_ROWS, MOST_STARTS = 2000, 3
"""More at once is a load, or a window that tells again what is known: neither only counts on."""


def count_on(
    conn: Connection, rows: Sequence[Row], values: dict[str, object], *, now: datetime
) -> bool:
    """Store a poll that only counts on; False, and nothing done, if it does not.

    Args:
        conn: a transaction that holds the writer's place.
        rows: each key once.
        values: source, run, and the bounds of the month as first and last.
        now: when the store is told.
    """
    if conn.dialect.name != "postgresql" or not _fits(rows):
        return False
    stored = conn.execute(_statement(), {
        **_arrays(rows),
        "source": values["source"],
        "run": values["run"],
        "now": now,
        "first": values["first"],
        "last": values["last"],
        "grain": rows[0][2],
        "most": MOST_ROWS,
        "month": partition_of(rows[0][3].astimezone(LOCAL).date()),
    })  # fmt: skip
    return bool(stored.scalar())


def _fits(rows: Sequence[Row]) -> bool:
    """Return whether it is a poll of some minutes, or hours, of one month."""
    starts = {r[3] for r in rows}
    months = {(at.year, at.month) for at in (s.astimezone(LOCAL) for s in starts)}
    grains = {r[2] for r in rows}
    few = len(rows) <= MOST_ROWS and len(starts) <= MOST_STARTS
    return few and len(months) == 1 and len(grains) == 1 and max(grains) <= Grain.HOUR


def _arrays(rows: Sequence[Row]) -> dict[str, str]:
    """Return the columns as PostgreSQL writes arrays: the driver would quote value by value."""
    indicator, area, _grain, start, num, den, place = zip(*rows, strict=True)
    return {
        "indicators": _array(indicator),
        "areas": _array(area),
        "starts": _array(int(at.timestamp()) for at in start),
        "nums": _array(num),
        "dens": _array(den),
        "places": _array(place),
        "ends": _array(end_of(r[3], r[2]) for r in rows),
    }


def _array(values: Iterable[float | None]) -> str:
    return "{" + ",".join("NULL" if v is None else repr(v) for v in values) + "}"


_TOLD = """t as materialized (
    select u.i indicator_id, u.a area_id, to_timestamp(u.p) period_start, u.n num, u.d den,
      u.r row_no, to_timestamp(u.k) known_at, coalesce(u.n / nullif(u.d, 0), u.n) value
    from unnest((select cast(:indicators as smallint[])), cast(:areas as smallint[]),
      cast(:starts as bigint[]), cast(:nums as double precision[]),
      cast(:dens as double precision[]), cast(:places as integer[]), cast(:ends as bigint[]))
      u(i, a, p, n, d, r, k)),
  before as materialized (
    select l.indicator_id, l.area_id, l.period_start, l.grain from latest l
    where l.indicator_id in (select indicator_id from t)),
  areas as materialized (select area_id from before union select area_id from t),
  fit as materialized (
    select 1 where to_regclass(:month) is not null
      and not exists (select from t join before b using (indicator_id, area_id)
        where t.period_start <= b.period_start or b.grain > 2)
      and not exists (select from areas f
        join area_closure c on c.descendant_id = f.area_id and c.depth > 0
        join areas g on g.area_id = c.ancestor_id)
      and not exists (select from t cross join lateral (
        select 1 from observation o where o.indicator_id = t.indicator_id
          and o.area_id = t.area_id and o.grain = :grain and o.period_start = t.period_start
          and o.period_start between :first and :last limit 1) known)),
  s as materialized (select * from t limit (select count(*) * :most from fit))"""
"""What is told, what was told before, and s: all of it if it only counts on, else nothing.

A number of rows that PostgreSQL cannot know it takes for few, and looks each up by its key; of
many it would read the tables whole.
"""

_FACTS = """stored as (
    insert into observation (indicator_id, area_id, grain, period_start, recorded_at, num, den,
      run_id, row_no, source_id)
    select indicator_id, area_id, :grain, period_start, :now, num, den, :run, row_no, :source
    from s),
  newest as materialized (
    select distinct on (indicator_id, area_id) * from s
    order by indicator_id, area_id, period_start desc),
  moved as (
    update latest l set period_start = n.period_start, known_at = least(n.known_at, :now),
      grain = :grain, num = n.num, den = n.den, flag = 0, run_id = :run
    from newest n where l.indicator_id = n.indicator_id and l.area_id = n.area_id),
  begun as (
    insert into latest (indicator_id, area_id, period_start, known_at, grain, num, den, flag,
      run_id)
    select indicator_id, area_id, period_start, least(known_at, :now), :grain, num, den, 0, :run
    from newest where (indicator_id, area_id) not in (select indicator_id, area_id from before))"""

_SUMS = """sum(num) num, sum(den) den, sum(n) n, min(vmin) vmin, max(vmax) vmax,
      (array_agg(last order by at desc))[1] last, max(at) at"""

_HOURS = """h as materialized (
    select indicator_id, area_id, date_trunc('hour', period_start) bucket, sum(num) num,
      sum(den) den, count(*) n, min(value) vmin, max(value) vmax,
      (array_agg(num order by period_start desc))[1] last, max(period_start) at
    from s group by 1, 2, 3)"""

_LONGER = f"""{{s}} as materialized (
    select indicator_id, area_id, {{bucket}} bucket, {_SUMS} from {{below}} group by 1, 2, 3)"""

_SEEN = "indicator_id, area_id, bucket, num, den, n, vmin, vmax, last, flag"
_OF_B = ", ".join(f"b.{name}" for name in _SEEN.split(", "))

_BUCKETS = f"""{{s}}_on as (
    update {{table}} b set num = b.num + s.num,
      den = case when s.den is null then b.den else coalesce(b.den, 0) + s.den end,
      n = b.n + s.n, vmin = least(b.vmin, s.vmin), vmax = greatest(b.vmax, s.vmax), last = s.last
    from {{s}} s where b.indicator_id = s.indicator_id and b.area_id = s.area_id
      and b.bucket = s.bucket returning {_OF_B}),
  {{s}}_new as (
    insert into {{table}} ({COLUMNS})
    select indicator_id, area_id, bucket, num, den, n, vmin, vmax, last, 0, 1 from {{s}}
    where (indicator_id, area_id, bucket) not in (
      select indicator_id, area_id, bucket from {{s}}_on) returning {_SEEN}),
  {{s}}_all as (
    select * from {{s}}_on union all select * from {{s}}_new union all
    select o.* from (
        select l.indicator_id, l.area_id, k.bucket
        from (select distinct indicator_id, bucket from {{s}}) k
        join before l on l.indicator_id = k.indicator_id
        except select indicator_id, area_id, bucket from {{s}}) x
      cross join lateral (
        select {_SEEN} from {{table}} b where b.indicator_id = x.indicator_id
          and b.area_id = x.area_id and b.bucket = x.bucket and b.native = 1 limit 1) o),
  {{s}}_above as (
    insert into {{table}} ({COLUMNS})
    select x.indicator_id, c.ancestor_id, x.bucket, sum(x.num), sum(x.den), sum(x.n),
      min(x.vmin), max(x.vmax), sum(x.last), max(x.flag), 0
    from {{s}}_all x cross join area_closure c
    where c.descendant_id = x.area_id and c.depth > 0
      and x.indicator_id in (select id from indicator where rolls_up)
    group by x.indicator_id, c.ancestor_id, x.bucket
    {OVER})"""
"""Add to the buckets of the areas themselves, and make those of the areas above anew."""


@cache
def _statement() -> TextClause:
    day = "(at at time zone 'Asia/Shanghai')::date"
    lengths = (
        ("h", "rollup_hour", _HOURS),
        ("d", "rollup_day", _LONGER.format(s="d", below="h", bucket=day)),
        ("w", "rollup_week",
         _LONGER.format(s="w", below="d", bucket="date_trunc('week', bucket)::date")),
        ("m", "rollup_month",
         _LONGER.format(s="m", below="d", bucket="date_trunc('month', bucket)::date")),
    )  # fmt: skip
    parts = [_TOLD, _FACTS]
    for s, table, found in lengths:
        parts += [found, _BUCKETS.format(s=s, table=table)]
    sql = "with " + ",\n  ".join(parts) + "\n  select count(*) from fit"
    return text(sql).bindparams(*instants("now", "first", "last"))
