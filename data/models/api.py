"""Tables of the API: who may push or read, and what each push was answered."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data.models.columns import Big, Instant, Json, metadata

api_token = Table(
    "api_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("prefix", String(16), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    Column("purpose", String(4), nullable=False),
    Column("source_id", SmallInteger, ForeignKey("source.id")),
    Column("indicators", Json),
    Column("areas", Json),
    Column("kinds", Json),
    Column("note", String(200), nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
)
"""purpose: push or read. The secret is 256 random bits, so a plain SHA-256 keeps it: there is
nothing to guess, and a slow hash would only make each request slow. indicators, areas, kinds:
codes; null is everything that the source has."""

api_push = Table(
    "api_push",
    metadata,
    Column("id", Big, primary_key=True),
    Column("token_id", Integer, ForeignKey("api_token.id"), nullable=False),
    Column("idempotency_key", String(200)),
    Column("body_sha256", String(64), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("answer", Text, nullable=False),
    Column("run_id", Big),
    UniqueConstraint("token_id", "idempotency_key"),
    Index("ix_api_push_recent", "token_id", "received_at"),
)
"""One row a push, kept two days: the answer is given again for the same Idempotency-Key, and the
newest rows of a token are what its rate is counted from, so that the limit holds over workers."""
