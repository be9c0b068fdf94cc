"""What a large file leaves while it is taken in: its bytes in parts, roll-ups still to be made."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)

from data.models.columns import Big, Bytes, Instant, metadata

fetch_part = Table(
    "fetch_part",
    metadata,
    Column("fetch_id", Big, ForeignKey("fetch.id"), nullable=False, autoincrement=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("raw", Bytes, nullable=False),
    PrimaryKeyConstraint("fetch_id", "seq"),
)
"""The bytes of a file too large for one row of `fetch`, zlib-compressed part by part."""

rollup_due = Table(
    "rollup_due",
    metadata,
    Column("run_id", Big, ForeignKey("ingest_run.id"), nullable=False, autoincrement=False),
    Column("indicator_id", SmallInteger, nullable=False),
    Column("grain", SmallInteger, nullable=False),
    Column("first", Instant, nullable=False),
    Column("last", Instant, nullable=False),
    PrimaryKeyConstraint("run_id", "indicator_id", "grain", "first"),
)
"""Stretches whose facts a load has changed and whose roll-ups it makes at its end."""
