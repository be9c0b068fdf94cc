"""The normal bands that stood at an instant, made again from the hours they were made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, select, text

from data import models as m
from data.catalogue.entries import Indicator
from data.indicators.band import Band, normal_band, slot
from data.indicators.calendar import is_day_off
from data.indicators.value import value_of
from data.models.columns import Instant
from data.vocabulary import LOCAL, Aggregation

WEEKS, LEFT_OUT = 5, timedelta(hours=6)
"""As data.ingest.baselines makes them."""


KEPT = 24
_kept: WeakKeyDictionary[Engine, dict[Any, dict[tuple[int, int], dict[int, Band]]]] = (
    WeakKeyDictionary()
)


def made_before(conn: Connection, known: datetime) -> datetime:
    """Return when the bands that stood at an instant were made; of old times: with its hour."""
    made = m.band_made.c.at
    found = conn.scalar(select(made).where(made <= known).order_by(made.desc()).limit(1))
    begun = known.replace(minute=0, second=0, microsecond=0)
    return found if found is not None and known - found < timedelta(hours=6) else begun


def bands_then(
    conn: Connection,
    indicators: Mapping[int, Indicator],
    area: int,
    *,
    made: datetime,
    slots: Sequence[int],
    country: str,
) -> dict[tuple[int, int], dict[int, Band]]:
    """Return (indicator id, area id) -> slot -> band, of the slots that are shown.

    The last answers are kept: whoever plays asks for the same bands each minute of an hour.
    """
    kept = _kept.setdefault(conn.engine, {})
    key = (area, made, tuple(indicators), tuple(slots))
    if key not in kept:
        if len(kept) >= KEPT:
            kept.clear()
        kept[key] = _made(conn, indicators, area, made=made, slots=slots, country=country)
    return kept[key]


def _made(
    conn: Connection,
    indicators: Mapping[int, Indicator],
    area: int,
    *,
    made: datetime,
    slots: Sequence[int],
    country: str,
) -> dict[tuple[int, int], dict[int, Band]]:
    wanted = set(slots)
    values: dict[tuple[int, int], list[float]] = defaultdict(list)
    query = _POSTGRES if conn.dialect.name == "postgresql" else _SQLITE
    bounds = {
        "ids": list(indicators), "area": area, "lo": made - timedelta(weeks=WEEKS),
        "hi": made - LEFT_OUT,
    }  # fmt: skip
    for i, bucket, num, den, last in conn.execute(query, bounds).all():
        place = _slot(int(bucket), country)
        if place not in wanted:
            continue
        one = indicators[i]
        gauge = one.aggregation is Aggregation.LAST
        counts = (last or 0.0, None) if gauge else (num, den)
        found = value_of(counts, one.aggregation, one.factor)
        if found is not None:
            values[i, place].append(found)
    bands: dict[tuple[int, int], dict[int, Band]] = defaultdict(dict)
    for (i, place), told in values.items():
        band = normal_band(told, indicators[i].aggregation)
        if band:
            bands[i, area][place] = band
    return bands


@lru_cache(maxsize=20_000)
def _slot(bucket: int, country: str) -> int:
    local = datetime.fromtimestamp(bucket, UTC).astimezone(LOCAL)
    return slot(local.hour, day_off=is_day_off(local.date(), country))


def _query(epoch: str, chosen: str) -> Any:
    made = text(
        f"""select indicator_id, {epoch}, num, den, last from rollup_hour
          where indicator_id {chosen} and area_id = :area and bucket >= :lo and bucket < :hi"""
    ).bindparams(bindparam("lo", type_=Instant()), bindparam("hi", type_=Instant()))
    return made.bindparams(bindparam("ids", expanding=True)) if "in :ids" in chosen else made


_SQLITE = _query("bucket", "in :ids")
_POSTGRES = _query("cast(extract(epoch from bucket) as bigint)", "= any(cast(:ids as smallint[]))")
