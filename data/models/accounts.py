"""Who acts: accounts, what they did, the views they keep."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from data.models.columns import Big, Instant, Json, metadata

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("display", String(60), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_id", SmallInteger, ForeignKey("department.id")),
    Column("area_id", SmallInteger, ForeignKey("area.id")),
    Column("password", String(200), nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("failed", SmallInteger, nullable=False, server_default=text("0")),
    Column("locked_until", Instant),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("last_seen_at", Instant),
)
"""department_id null: any; area_id null: the whole city. A higher epoch ends every session."""

audit = Table(
    "audit",
    metadata,
    Column("id", Big, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("role", String(16), nullable=False),
    Column("act", String(40), nullable=False),
    Column("object", String(120), nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("outcome", String(20), nullable=False),
    Column("origin", String(60), nullable=False, server_default=""),
    Index("ix_audit_at", "at"),
    Index("ix_audit_object", "object"),
)
"""Append-only, kept so by triggers on both databases (migration 0007)."""

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("query", String(400), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("account_id", "name"),
)
