"""What the screens are pushed, who leads the collectors, what the store is."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

from data.models.columns import Instant, metadata

live_rev = Table(
    "live_rev",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("rev", BigInteger, nullable=False),
    Column("epoch", String(16), nullable=False),
)
"""One row. Its lock makes revisions commit in order; epoch tells one store from another."""

panel_snapshot = Table(
    "panel_snapshot",
    metadata,
    Column("panel", String(60), nullable=False),
    Column("area", String(12), nullable=False),
    Column("rev", BigInteger, nullable=False),
    Column("as_of", Double, nullable=False),
    Column("ttl", Integer, nullable=False),
    Column("fingerprint", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    PrimaryKeyConstraint("panel", "area"),
    Index(None, "rev"),
)

baseline = Table(
    "baseline",
    metadata,
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("centre", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("n", Integer, nullable=False),
    PrimaryKeyConstraint("indicator_id", "area_id", "slot"),
    sqlite_with_rowid=False,
)
"""The normal band by hour, workdays 0-23 and days off 24-47; see data.indicators.band."""

watched_area = Table(
    "watched_area",
    metadata,
    Column("area", String(12), primary_key=True),
    Column("until", Instant, nullable=False),
)
"""Counties that somebody looks at now: their panels are made with every poll."""

lease = Table(
    "lease",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("until", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
)

store_info = Table(
    "store_info",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""demo, created_at, seed: what this store is."""
