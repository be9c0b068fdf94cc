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
    Column("password_at", Instant),
    Column("second_nonce", String(40)),
    Column("second_at", Instant),
    Column("second_step", Big, nullable=False, server_default=text("0")),
)
"""department_id null: any; area_id null: the whole city. A higher epoch ends every session.

second_*: the second factor. Its secret is made of the nonce and of the key that signs sessions,
which is not in the store; second_at: since when it is asked for; second_step: the last one used.
"""

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
    UniqueConstraint("account_id", "sha256"),
)
"""What opens an account once where its second factor is lost."""

door_address = Table(
    "door_address",
    metadata,
    Column("origin", String(60), primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("failed_at", Instant, nullable=False),
    Column("locked_until", Instant),
    sqlite_with_rowid=False,
)
"""Addresses from which sign-ins failed, over all workers; forgotten when they were quiet."""

display_code = Table(
    "display_code",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Integer),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
"""Codes that make a browser a display, typed once."""

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
