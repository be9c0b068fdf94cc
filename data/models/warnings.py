"""External alerts (CAP) and the areas they hold for."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data.models.columns import Big, Instant, Json, metadata

external_alert = Table(
    "external_alert",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("sender", String(200), nullable=False),
    Column("identifier", String(200), nullable=False),
    Column("sent", Instant, nullable=False),
    Column("disposition", String(8), nullable=False),
    Column("msg_type", String(8), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("event", String(200), nullable=False),
    Column("headline", String(400), nullable=False),
    Column("response", String(8)),
    Column("effective", Instant, nullable=False),
    Column("expires", Instant),
    Column("ended_at", Instant),
    Column("ended_by", Text),
    Column("signed", Boolean, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("run_id", Big, nullable=False),
    Column("row_no", Integer),
    Column("message", Json, nullable=False),
    UniqueConstraint("source_id", "sender", "identifier", "sent"),
    Index(
        "ix_external_alert_open",
        "expires",
        postgresql_where=text("ended_at is null"),
        sqlite_where=text("ended_at is null"),
    ),
    Index("ix_external_alert_sent", "source_id", "sent"),
)
"""A warning is in force from effective to the earlier of expires and ended_at. Signatures are
never verified here, so `signed` only says that one is present."""

external_alert_area = Table(
    "external_alert_area",
    metadata,
    Column("alert_id", Big, ForeignKey("external_alert.id"), nullable=False),
    Column("area_id", SmallInteger, ForeignKey("area.id"), nullable=False),
    PrimaryKeyConstraint("alert_id", "area_id"),
    Index(None, "area_id", "alert_id"),
    sqlite_with_rowid=False,
)
