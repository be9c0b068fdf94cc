"""The numbers behind the wall: newest values, last day by hour, today, normal bands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, text

from data.indicators.band import Band
from data.indicators.value import Counts
from data.models.columns import Instant, LocalDay

Key = tuple[int, int]
"""indicator id, area id"""


@dataclass(frozen=True)
class Newest:
    """The newest observation of one native area."""

    period_start: datetime
    known_at: datetime
    grain: int
    counts: Counts


@dataclass(frozen=True)
class WallFacts:
    """Everything the tiles of some indicators need."""

    newest: dict[Key, Newest]
    hours: dict[Key, dict[int, tuple[float, float | None, float | None]]]
    today: dict[Key, Counts]
    bands: dict[Key, dict[int, Band]]


def wall_facts(
    conn: Connection,
    indicators: Sequence[int],
    areas: Sequence[int],
    *,
    slots: Sequence[int],
    today: date,
    now: datetime,
) -> WallFacts:
    """Return the facts of `indicators` for `areas` (city and counties) in one statement.

    slots: which slots of the normal band are wanted.
    """
    facts = WallFacts({}, defaultdict(dict), {}, defaultdict(dict))
    values = {
        "ids": list(indicators),
        "areas": list(areas),
        "slots": list(slots),
        "today": today,
        "since": now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=24),
    }
    statement = _POSTGRES if conn.dialect.name == "postgresql" else _SQLITE
    for kind, i, a, at, known, x, num, den, more in conn.execute(statement, values).all():
        if kind == HOUR:
            facts.hours[i, a][at] = (num, den, more)
        elif kind == BAND:
            facts.bands[i, a][at] = Band(num, den, more, x)
        elif kind == NEWEST:
            facts.newest[i, a] = Newest(_instant(at), _instant(known), x, (num, den))
        else:
            facts.today[i, a] = (num, den)
    return facts


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


NEWEST, HOUR, TODAY, BAND = range(4)


def _facts(epoch: str, chosen: str) -> TextClause:
    """Return the one statement, which a round trip of its own for each table would treble.

    Instants come as epoch seconds: making datetimes of two thousand rows was
    half of the cost of a tick.
    """
    ids, areas, slots = (chosen.format(name) for name in ("ids", "areas", "slots"))
    sql = f"""select {NEWEST}, indicator_id, area_id, {epoch.format("period_start")},
        {epoch.format("known_at")}, grain, num, den, 0.0
      from latest where indicator_id {ids} and flag < 9
      union all select {HOUR}, indicator_id, area_id, {epoch.format("bucket")}, 0, 0,
        num, den, last
      from rollup_hour where indicator_id {ids} and area_id {areas} and bucket >= :since
      union all select {TODAY}, indicator_id, area_id, 0, 0, 0, num, den, 0.0
      from rollup_day where indicator_id {ids} and area_id {areas} and bucket = :today
      union all select {BAND}, indicator_id, area_id, slot, 0, n, centre, low, high
      from baseline where indicator_id {ids} and area_id {areas} and slot {slots}"""
    typed: list[BindParameter[Any]] = [
        bindparam("since", type_=Instant()),
        bindparam("today", type_=LocalDay()),
    ]
    if chosen.startswith("in"):
        typed += [bindparam(n, expanding=True) for n in ("ids", "areas", "slots")]
    return text(sql).bindparams(*typed)


_SQLITE = _facts("{}", "in :{}")
_POSTGRES = _facts(
    "cast(floor(extract(epoch from {})) as bigint)", "= any(cast(:{} as smallint[]))"
)
