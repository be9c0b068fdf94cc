"""One bucket of a roll-up made again, as every poll asks for: written over, not deleted first.

The same numbers as data.rollups makes of long stretches, for a fraction of their cost: rows are
found by indicator and area in the order of the key and added up without sorting them; the newest
value of a gauge is one look at the end of its bucket; longer facts are looked for only of areas
that told nothing shorter.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, text

from data.models.columns import Instant, LocalDay

FACT_SUMS = """sum(o.num) num, sum(o.den) den, count(*) n,
    min(coalesce(o.num/nullif(o.den,0),o.num)) vmin,
    max(coalesce(o.num/nullif(o.den,0),o.num)) vmax, max(o.flag) flag"""
_ROLLED_SUMS = """sum(b.num) num, sum(b.den) den, sum(b.n) n, min(b.vmin) vmin, max(b.vmax) vmax,
    max(b.flag) flag"""

_BELOW = {"rollup_day": "rollup_hour", "rollup_week": "rollup_day", "rollup_month": "rollup_day"}
_GRAINS = {"rollup_day": 3, "rollup_week": 4, "rollup_month": 5}

COLUMNS = "indicator_id, area_id, bucket, num, den, n, vmin, vmax, last, flag, native"

_UPSERT = """{parts}insert into {table} ({columns})
  select x.indicator_id, c.ancestor_id, :lo_b, sum(x.num), sum(x.den), sum(x.n),
    min(x.vmin), max(x.vmax), sum(x.last), max(x.flag),
    max(case when c.depth = 0 then 1 else 0 end)
  from x join {closure} c on c.descendant_id = x.area_id
    and (c.depth = 0 or x.indicator_id in (select id from indicator where rolls_up))
  where true
  group by x.indicator_id, c.ancestor_id
  {over}"""

OVER = """on conflict (indicator_id, area_id, bucket) do update set num = excluded.num,
    den = excluded.den, n = excluded.n, vmin = excluded.vmin, vmax = excluded.vmax,
    last = excluded.last, flag = excluded.flag, native = excluded.native"""

_ABOVE = """above as materialized (
    select ancestor_id, descendant_id, depth from area_closure
    where descendant_id = any(cast(:areas as smallint[]))), """
"""PostgreSQL expects one row of sums and would read the closure whole for each of the many."""


def reporting(conn: Connection, ids: list[int]) -> list[int]:
    """Return the areas that report any of some indicators themselves."""
    return sorted(area for (area,) in conn.execute(_AREAS[_postgres(conn)], {"ids": ids}))


def remake_one(
    conn: Connection, table: str, ids: list[int], areas: list[int], bounds: dict[str, Any]
) -> None:
    """Write the bucket `lo_b` of some indicators; what it is made of lies within the bounds."""
    sql = _statement(table, postgres=_postgres(conn))
    values = {**bounds, "ids": ids, "areas": areas}
    conn.execute(sql, {name: values[name] for name in sql._bindparams})


def _postgres(conn: Connection) -> bool:
    return conn.dialect.name == "postgresql"


@cache
def _statement(table: str, *, postgres: bool) -> TextClause:
    found = _facts_of_hour(postgres=postgres)
    if table in _BELOW:
        found = _rolled(table, postgres=postgres) + _longer(table, postgres=postgres)
    parts = "with " + (_ABOVE if postgres else "") + found
    closure = "above" if postgres else "area_closure"
    sql = _UPSERT.format(parts=parts, table=table, columns=COLUMNS, closure=closure, over=OVER)
    return typed(sql, Instant() if table == "rollup_hour" else LocalDay(), postgres=postgres)


def typed(sql: str, bucket: Any, *, postgres: bool) -> TextClause:
    """Return a statement that knows what its bounds are. bucket: the type of `lo_b`."""
    kinds: list[BindParameter[Any]] = [
        bindparam("lo_b", type_=bucket),
        bindparam("lo_day", type_=LocalDay()),
        bindparam("hi_day", type_=LocalDay()),
        bindparam("lo_at", type_=Instant()),
        bindparam("hi_at", type_=Instant()),
    ]
    if not postgres:
        kinds += [bindparam("ids", expanding=True), bindparam("areas", expanding=True)]
    return text(sql).bindparams(*(k for k in kinds if f":{k.key}" in sql))


def _among(t: str, *, postgres: bool) -> str:
    """Return the choice of indicators and areas: one look into the index for each pair."""
    if postgres:
        return (
            f"{t}.indicator_id = any(cast(:ids as smallint[]))"
            f" and {t}.area_id = any(cast(:areas as smallint[]))"
        )
    return f"{t}.indicator_id in :ids and {t}.area_id in :areas"


def _last(source: str, t: str, at: str, value: str) -> str:
    return f"""(select {t}.{value} from {source} and {t}.indicator_id = y.indicator_id
      and {t}.area_id = y.area_id order by {t}.{at} desc limit 1)"""


def _bounds(table: str) -> tuple[str, str]:
    """Return the bounds of the rows below."""
    return (":lo_at", ":hi_at") if table == "rollup_day" else (":lo_day", ":hi_day")


def _rolled(table: str, *, postgres: bool) -> str:
    """Return r: the rows below, added up by indicator and area."""
    low, high = _bounds(table)
    source = f"{_BELOW[table]} b where b.bucket >= {low} and b.bucket < {high} and b.native = 1"
    return f"""r as materialized (
    select y.*, {_last(source, "b", "bucket", "last")} last from (
      select b.indicator_id, b.area_id, {_ROLLED_SUMS} from {source}
        and {_among("b", postgres=postgres)}
      group by b.indicator_id, b.area_id) y), """


_TOLD = """observation o where o.grain {} and o.period_start >= :lo_at
      and o.period_start < :hi_at and o.flag < 9"""


def _longer(table: str, *, postgres: bool) -> str:
    """Return x: r, and facts of this length of areas that are not in r: what is shorter wins."""
    told = _TOLD.format(f"= {_GRAINS[table]}")
    mine = "and o.indicator_id = l.indicator_id and o.area_id = l.area_id"
    newest = f"(select o.num from {told} {mine} order by o.period_start desc limit 1)"
    ids = "= any(cast(:ids as smallint[]))" if postgres else "in :ids"
    others = f"""latest l {{}} where l.indicator_id {ids}
      and (l.indicator_id, l.area_id) not in (select indicator_id, area_id from r)"""
    if postgres:  # a lateral sum keeps it from reading the month whole
        found = f"cross join lateral (select {FACT_SUMS} from {told} {mine}) s"
        arm = f"""select l.indicator_id, l.area_id, s.*, {newest} last
      from {others.format(found)} and s.n > 0"""
    else:
        inner = told.partition(" where ")[2]
        arm = f"""select l.indicator_id, l.area_id, {FACT_SUMS}, {newest} last
      from {others.format("cross join observation o")} {mine} and {inner}
      group by l.indicator_id, l.area_id"""
    return f"x as materialized (select * from r union all {arm}) "


def _facts_of_hour(*, postgres: bool) -> str:
    """Return x: the minutes and the hour's own figure; a minute of an hour is not before that."""
    told = _TOLD.format("in (1, 2)")
    minute, hour = (
        _last(_TOLD.format(grain), "o", "period_start", "num") for grain in ("= 1", "= 2")
    )
    return f"""x as materialized (
    select y.*, coalesce({minute}, {hour}) last from (
      select o.indicator_id, o.area_id, {FACT_SUMS} from {told}
        and {_among("o", postgres=postgres)}
      group by o.indicator_id, o.area_id) y) """


_AREAS = {
    True: text(
        "select distinct area_id from latest where indicator_id = any(cast(:ids as smallint[]))"
    ),
    False: text("select distinct area_id from latest where indicator_id in :ids").bindparams(
        bindparam("ids", expanding=True)
    ),
}
