"""The running hour, day, week and month of a poll that only counts on: added to, not read again.

A poll tells each area one minute or hour more. To make its four buckets again would read all that
they hold, sixty times what came. Where every staged fact is later than all that its area has told,
a bucket is what it was and these facts: they are added to the rows of the areas themselves, and
areas above are made again from those. Whatever else comes (a correction, an older hour, a figure
taken back) goes the way of data.rollups, which makes buckets from all of their facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, TextClause, text

from data.models.columns import Instant, LocalDay
from data.queries.keys import read_keys
from data.rollup_tick import COLUMNS, OVER, typed
from data.rollups import FEW, exact
from data.vocabulary import LOCAL, Grain

Key = tuple[int, Grain, datetime]
"""indicator id, grain, period start"""


def only_later(conn: Connection, areas: Iterable[int], grains: set[int]) -> bool:
    """Return whether all that is staged is later than what its areas told before.

    Ask before `latest` moves on. All must be minutes, or all hours, and what an area told last
    too: where a day or more was told as one figure, shorter ones replace it. No area may stand
    above another that reports the same: its rows hold its own figures and those of its parts.

    Args:
        conn: a transaction whose stage is filled.
        areas: what areas are staged.
        grains: what grains are staged.
    """
    if len(grains) != 1 or max(grains) > Grain.HOUR:
        return False
    told = conn.execute(_TOLD).all()
    if any(earlier for _area, earlier in told):
        return False
    found = {area for area, _earlier in told}.union(areas)
    parents = read_keys(conn).parents
    return not any(parents[area] & found for area in found)


_TOLD = text(
    """select l.area_id, max(case when s.period_start <= l.period_start
        or (s.area_id is not null and l.grain > 2) then 1 else 0 end)
      from latest l left join stage s
        on s.indicator_id = l.indicator_id and s.area_id = l.area_id
      where l.indicator_id in (select indicator_id from stage)
      group by l.area_id"""
)


def add_staged(conn: Connection, starts: Iterable[datetime]) -> bool:
    """Add what is staged to its buckets; False, and nothing done, if they are many.

    Ask only_later() first, and store the facts and move `latest` on before.
    """
    found = _buckets(starts)
    if any(len(buckets) > FEW for buckets in found.values()):
        return False
    for table, buckets in found.items():
        for bucket in sorted(buckets):
            bounds = exact(table, bucket)
            for sql in _statements(table, postgres=conn.dialect.name == "postgresql"):
                conn.execute(sql, {name: bounds[name] for name in sql._bindparams})
    return True


def _buckets(starts: Iterable[datetime]) -> dict[str, set[Any]]:
    hours = {at.astimezone(UTC).replace(minute=0, second=0) for at in starts}
    days: set[date] = {at.astimezone(LOCAL).date() for at in hours}
    return {
        "rollup_hour": hours,
        "rollup_day": days,
        "rollup_week": {day - timedelta(days=day.weekday()) for day in days},
        "rollup_month": {day.replace(day=1) for day in days},
    }


@cache
def _statements(table: str, *, postgres: bool) -> Sequence[TextClause]:
    """Return what writes a bucket: in one statement where it can see what it has written."""
    bucket = Instant() if table == "rollup_hour" else LocalDay()
    staged = f"with {_STAGED} "
    own, above = _OWN.format(table=table), _ABOVE.format(table=table)
    others = _NATIVE.format(table=table)
    if postgres:
        others += " and (l.indicator_id, l.area_id) not in (select indicator_id, area_id from s)"
        x = f"own as ({own} returning {_SEEN}), x as (select * from own union all {others})"
        parts = [f"{staged}, {x} {above}"]
    else:
        parts = [staged + own, f"{staged}, x as ({others}) {above}"]
    return [typed(sql, bucket, postgres=True) for sql in parts]


_SEEN = "indicator_id, area_id, num, den, n, vmin, vmax, last, flag"

_STAGED = """s as materialized (
    select s.*, coalesce(s.num/nullif(s.den,0),s.num) value, row_number() over (
      partition by indicator_id, area_id order by period_start desc) place
    from stage s where s.period_start >= :lo_at and s.period_start < :hi_at)"""

_OWN = f"""insert into {{table}} ({COLUMNS})
  select s.indicator_id, s.area_id, :lo_b, sum(s.num), sum(s.den), count(*),
    min(s.value), max(s.value), max(case when s.place = 1 then s.num end), 0, 1
  from s where true
  group by s.indicator_id, s.area_id
  on conflict (indicator_id, area_id, bucket) do update set
    num = {{table}}.num + excluded.num,
    den = case when excluded.den is null then {{table}}.den
      else coalesce({{table}}.den, 0) + excluded.den end,
    n = {{table}}.n + excluded.n,
    vmin = case when excluded.vmin < {{table}}.vmin then excluded.vmin else {{table}}.vmin end,
    vmax = case when excluded.vmax > {{table}}.vmax then excluded.vmax else {{table}}.vmax end,
    last = excluded.last"""

_NATIVE = """select h.indicator_id, h.area_id, h.num, h.den, h.n, h.vmin, h.vmax, h.last, h.flag
    from latest l cross join {table} h
    where l.indicator_id in (select indicator_id from s)
      and h.indicator_id = l.indicator_id and h.area_id = l.area_id
      and h.bucket = :lo_b and h.native = 1"""

_ABOVE = f"""insert into {{table}} ({COLUMNS})
  select x.indicator_id, c.ancestor_id, :lo_b, sum(x.num), sum(x.den), sum(x.n),
    min(x.vmin), max(x.vmax), sum(x.last), max(x.flag), 0
  from x cross join area_closure c
  where c.descendant_id = x.area_id and c.depth > 0
    and x.indicator_id in (select id from indicator where rolls_up)
  group by x.indicator_id, c.ancestor_id
  {OVER}"""
