"""Observations with two times, what they replaced, and the tables derived from them."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)
from sqlalchemy.types import TypeEngine

from data.models.columns import Big, Instant, LocalDay, metadata

VOIDED = 9
"""Flag of an observation that its source took back: kept, and in no total."""

observation = Table(
    "observation",
    metadata,
    # widest columns first: 68 instead of 76 bytes a row on PostgreSQL
    Column("period_start", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("num", Double, nullable=False),
    Column("den", Double),
    Column("run_id", Big, nullable=False),
    Column("row_no", Integer),
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("grain", SmallInteger, nullable=False),
    Column("source_id", SmallInteger, nullable=False),
    Column("flag", SmallInteger, nullable=False, server_default=text("0")),
    Column("rev", SmallInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("indicator_id", "area_id", "grain", "period_start"),
    Index("brin_observation_period", "period_start", postgresql_using="brin").ddl_if(
        dialect="postgresql"
    ),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (period_start)",
)

observation_history = Table(
    "observation_history",
    metadata,
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("grain", SmallInteger, nullable=False),
    Column("period_start", Instant, nullable=False),
    Column("rev", SmallInteger, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("superseded_at", Instant, nullable=False),
    Column("num", Double, nullable=False),
    Column("den", Double),
    Column("flag", SmallInteger, nullable=False),
    Column("run_id", Big, nullable=False),
    Column("row_no", Integer),
    Column("superseded_by", Big, nullable=False),
    PrimaryKeyConstraint("indicator_id", "area_id", "grain", "period_start", "rev"),
    sqlite_with_rowid=False,
)
"""Append-only: every value that was replaced, with both of its times."""


def _rollup(name: str, bucket: TypeEngine[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("indicator_id", SmallInteger, nullable=False),
        Column("area_id", SmallInteger, nullable=False),
        Column("bucket", bucket, nullable=False),
        Column("num", Double, nullable=False),
        Column("den", Double),
        Column("n", Integer, nullable=False),
        Column("vmin", Double),
        Column("vmax", Double),
        Column("last", Double),
        Column("flag", SmallInteger, nullable=False),
        Column("native", SmallInteger, nullable=False),
        PrimaryKeyConstraint("indicator_id", "area_id", "bucket"),
        sqlite_with_rowid=False,
    )


rollup_hour = _rollup("rollup_hour", Instant())
rollup_day = _rollup("rollup_day", LocalDay())
rollup_week = _rollup("rollup_week", LocalDay())
rollup_month = _rollup("rollup_month", LocalDay())
"""num and den are sums; last is the newest value of a gauge; bucket is the local first day.
native: the area reported itself. Coarser buckets are made of native rows only, so that the last
values of a gauge are added over areas, never taken from whichever area reported last."""

latest = Table(
    "latest",
    metadata,
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("period_start", Instant, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("grain", SmallInteger, nullable=False),
    Column("num", Double, nullable=False),
    Column("den", Double),
    Column("flag", SmallInteger, nullable=False),
    Column("run_id", Big, nullable=False),
    PrimaryKeyConstraint("indicator_id", "area_id"),
    sqlite_with_rowid=False,
)
"""Newest period of each indicator and native area; known_at moves with each confirming poll."""


def ensure_partitions(conn: Connection, first: date, last: date) -> None:
    """Create the monthly partitions of `observation` by local month; nothing off PostgreSQL."""
    if conn.dialect.name != "postgresql":
        return
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        name = partition_of(month)
        if not _stands(conn, name):
            conn.exec_driver_sql(
                f"create table if not exists {name} partition of observation "
                f"for values from ('{month} 00:00+08') to ('{following} 00:00+08')"
            )
        month = following


def partition_of(day: date) -> str:
    """Return the table that holds the facts of a local day on PostgreSQL."""
    return f"observation_{day:%Y%m}"


_REGCLASS = text("select to_regclass(:name)")


def _stands(conn: Connection, table: str) -> bool:
    """Return whether a table is there: every poll asks, and to make it in vain costs thrice."""
    return conn.execute(_REGCLASS, {"name": table}).scalar() is not None
