"""Tables of the way in: source -> fetch (raw bytes) -> run -> refused rows."""

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
    text,
)

from data.models.columns import Big, Bytes, Instant, Json, metadata

source = Table(
    "source",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False, unique=True),
    Column("name_zh", String(120), nullable=False),
    Column("name_en", String(160), nullable=False),
    Column("department_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("connector", String(20), nullable=False),
    Column("every_s", Integer, nullable=False),
    Column("stale_after_s", Integer, nullable=False),
    Column("retired", Integer, nullable=False, server_default=text("0")),
)

source_state = Table(
    "source_state",
    metadata,
    Column("source_id", SmallInteger, ForeignKey("source.id"), primary_key=True),
    Column("last_try_at", Instant),
    Column("last_ok_at", Instant),
    Column("last_new_at", Instant),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
)

fetch = Table(
    "fetch",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("seen", Integer, nullable=False, server_default=text("1")),
    Column("origin", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("raw", Bytes),
    Index("ix_fetch_recent", "source_id", "received_at"),
    Index("ix_fetch_sha256", "source_id", "sha256"),
)
"""raw is zlib-compressed and emptied after ZHIZHI_RAW_DAYS; the hash stays."""

ingest_run = Table(
    "ingest_run",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("fetch_id", Big, ForeignKey("fetch.id")),
    Column("sha256", String(64), nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("status", String(10), nullable=False),
    Column("records", Integer, nullable=False, server_default=text("0")),
    Column("new", Integer, nullable=False, server_default=text("0")),
    Column("changed", Integer, nullable=False, server_default=text("0")),
    Column("same", Integer, nullable=False, server_default=text("0")),
    Column("outdated", Integer, nullable=False, server_default=text("0")),
    Column("quarantined", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    Column("summary", Json),
    Column("unlisted", Integer, nullable=False, server_default=text("0")),
    Column("replay_of", Big),
    Index(
        "ix_ingest_run_replay",
        "replay_of",
        postgresql_where=text("replay_of is not null"),
        sqlite_where=text("replay_of is not null"),
    ),
    Index("ix_ingest_run_recent", "source_id", "recorded_at"),
    Index(
        "ix_ingest_run_ok",
        "source_id",
        "sha256",
        postgresql_where=text("status = 'ok'"),
        sqlite_where=text("status = 'ok'"),
    ),
    Index(
        "ix_ingest_run_last",
        "source_id",
        "id",
        postgresql_where=text("status = 'ok'"),
        sqlite_where=text("status = 'ok'"),
    ),
)
"""status: ok, duplicate, failed, refused (read, and not one row taken), replayed.
as_of: when the source says the extract was cut. unlisted: problems counted but not kept one by
one. replay_of: the run whose bytes were read again."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Big, primary_key=True),
    Column("run_id", Big, ForeignKey("ingest_run.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("row_no", Integer),
    Column("field", String(80)),
    Column("value", Text),
    Column("reason", String(40), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("refused", Integer, nullable=False, server_default=text("1")),
    Column("resolved_at", Instant),
    Column("resolved_by", Big),
    Column("tried_by", Big),
    UniqueConstraint("run_id", "seq"),
    Index(
        "ix_quarantine_open",
        "reason",
        postgresql_where=text("resolved_at is null"),
        sqlite_where=text("resolved_at is null"),
    ),
)
"""resolved_by: the replay that took the row. tried_by: the newest replay that refused it again."""
