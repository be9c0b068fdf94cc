"""Tables of the data-debt board: what a source or a unit still owes, and who promised what."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    text,
)

from data.models.columns import Instant, LocalDay, metadata

data_debt = Table(
    "data_debt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", SmallInteger, ForeignKey("source.id")),
    Column("department", String(40), nullable=False),
    Column("area", String(12)),
    Column("kind", String(40), nullable=False),
    Column("title", String(200), nullable=False),
    Column("why", String(500), nullable=False, server_default=""),
    Column("owner", String(60), nullable=False),
    Column("due", LocalDay, nullable=False),
    Column("state", String(8), nullable=False, server_default="open"),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("note", String(500)),
    CheckConstraint("state in ('open','kept','broken','dropped')", name="state"),
    Index(
        "ix_data_debt_open",
        "due",
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
)
"""due: the last local day on which it can still be kept. area: null for the whole city."""

data_debt_event = Table(
    "data_debt_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("debt_id", Integer, ForeignKey("data_debt.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("said_by", String(60), nullable=False),
    Column("action", String(20), nullable=False),
    Column("state", String(8), nullable=False),
    Column("owner", String(60), nullable=False),
    Column("due", LocalDay, nullable=False),
    Column("note", String(500), nullable=False, server_default=""),
    Index(None, "debt_id"),
)
"""Append-only. said_by: who was signed in (the audit has the account), else the name somebody
typed, which nobody has checked."""
