"""One bucket of a roll-up made again, as every poll asks for: written over, not deleted first.

The same numbers as data.rollups makes of long stretches, for a fraction of their cost: rows are
found by indicator and area in the order of the key and added up without sorting them; the newest
value of a gauge is one look at the end of its bucket.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, text

from data.models.columns import Instant, LocalDay

_FACT_SUMS = """sum(o.num) num, sum(o.den) den, count(*) n,
    min(coalesce(o.num/nullif(o.den,0),o.num)) vmin,
    max(coalesce(o.num/nullif(o.den,0),o.num)) vmax, max(o.flag) flag"""
_ROLLED_SUMS = """sum(b.num) num, sum(b.den) den, sum(b.n) n, min(b.vmin) vmin, max(b.vmax) vmax,
    max(b.flag) flag"""

_BELOW = {"rollup_day": "rollup_hour", "rollup_week": "rollup_day", "rollup_month": "rollup_day"}
_GRAINS = {"rollup_day": 3, "rollup_week": 4, "rollup_month": 5}

_UPSERT = """{few}insert into {table}
    (indicator_id, area_id, bucket, num, den, n, vmin, vmax, last, flag, native)
  select x.indicator_id, c.ancestor_id, :lo_b, sum(x.num), sum(x.den), sum(x.n),
    min(x.vmin), max(x.vmax), sum(x.last), max(x.flag),
    max(case when c.depth = 0 then 1 else 0 end)
  from ({arms}) x
  join {indicator} i on i.id = x.indicator_id
  join {closure} c on c.descendant_id = x.area_id and (i.rolls_up or c.depth = 0)
  where true
  group by x.indicator_id, c.ancestor_id
  on conflict (indicator_id, area_id, bucket) do update set num = excluded.num,
    den = excluded.den, n = excluded.n, vmin = excluded.vmin, vmax = excluded.vmax,
    last = excluded.last, flag = excluded.flag, native = excluded.native"""


_FEW = """with known as materialized (
    select id, rolls_up from indicator where id = any(cast(:ids as smallint[]))
  ), above as materialized (
    select ancestor_id, descendant_id, depth from area_closure
    where descendant_id = any(cast(:areas as smallint[])))
  """
"""PostgreSQL expects one row of sums and would read these tables whole for each of the many."""


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
    arms = [_facts(table, postgres=postgres)]
    if table in _BELOW:
        arms.insert(0, _rolled(table, postgres=postgres))
    parts = {"table": table, "arms": " union all ".join(arms)}
    if postgres:
        sql = _UPSERT.format(**parts, few=_FEW, indicator="known", closure="above")
    else:
        sql = _UPSERT.format(**parts, few="", indicator="indicator", closure="area_closure")
    return _typed(sql, Instant() if table == "rollup_hour" else LocalDay(), postgres=postgres)


def _typed(sql: str, bucket: Any, *, postgres: bool) -> TextClause:
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


def _arm(source: str, sums: str, newest: str, t: str, *, postgres: bool) -> str:
    """Return sums by indicator and area, and beside each the last value of its bucket."""
    return f"""select y.*, {newest} last from (
      select {t}.indicator_id, {t}.area_id, {sums} from {source} and {_among(t, postgres=postgres)}
      group by {t}.indicator_id, {t}.area_id) y"""


def _last(source: str, t: str, at: str, value: str) -> str:
    return f"""(select {t}.{value} from {source} and {t}.indicator_id = y.indicator_id
      and {t}.area_id = y.area_id order by {t}.{at} desc limit 1)"""


def _rolled(table: str, *, postgres: bool) -> str:
    low, high = (":lo_at", ":hi_at") if table == "rollup_day" else (":lo_day", ":hi_day")
    source = f"{_BELOW[table]} b where b.bucket >= {low} and b.bucket < {high} and b.native = 1"
    newest = _last(source, "b", "bucket", "last")
    return _arm(source, _ROLLED_SUMS, newest, "b", postgres=postgres)


def _facts(table: str, *, postgres: bool) -> str:
    told = """observation o where o.grain {} and o.period_start >= :lo_at
      and o.period_start < :hi_at and o.flag < 9"""
    if table == "rollup_hour":  # a minute of an hour is not before the hour's own figure
        minute, hour = (_last(told.format(g), "o", "period_start", "num") for g in ("= 1", "= 2"))
        newest = f"coalesce({minute}, {hour})"
        return _arm(told.format("in (1, 2)"), _FACT_SUMS, newest, "o", postgres=postgres)
    source = told.format(f"= {_GRAINS[table]}")
    newest = _last(source, "o", "period_start", "num")
    low, high = (":lo_at", ":hi_at") if table == "rollup_day" else (":lo_day", ":hi_day")
    source += f""" and not exists (select 1 from {_BELOW[table]} h
          where h.indicator_id = o.indicator_id and h.area_id = o.area_id and h.native = 1
            and h.bucket >= {low} and h.bucket < {high})"""  # what is told in shorter periods wins
    return _arm(source, _FACT_SUMS, newest, "o", postgres=postgres)


_AREAS = {
    True: text(
        "select distinct area_id from latest where indicator_id = any(cast(:ids as smallint[]))"
    ),
    False: text("select distinct area_id from latest where indicator_id in :ids").bindparams(
        bindparam("ids", expanding=True)
    ),
}
