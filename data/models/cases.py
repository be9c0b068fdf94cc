"""Cases and their append-only events."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
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

OPEN = "closed_at is null"
REOPENED = "from_stage = 'closed' and to_stage <> 'closed'"
"""Events that bring back what had ended."""


def _counters(*names: str) -> list[Column[int]]:
    return [Column(n, SmallInteger, nullable=False, server_default=text("0")) for n in names]


cases = Table(
    "cases",
    metadata,
    Column("id", Big, primary_key=True),
    Column("case_no", String(40), nullable=False, unique=True),
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("ext_id", String(80), nullable=False),
    Column("category_id", SmallInteger, ForeignKey("category.id"), nullable=False),
    Column("domain_id", SmallInteger, nullable=False),
    Column("matter", Boolean, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("stage", String(12), nullable=False),
    Column("area_id", SmallInteger, ForeignKey("area.id"), nullable=False),
    Column("county_id", SmallInteger, nullable=False),
    Column("department_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("title", String(200), nullable=False),
    Column("address", String(200), nullable=False, server_default=""),
    Column("reported_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("run_id", Big, nullable=False),
    Column("row_no", Integer),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("state", String(16), nullable=False, server_default="opened"),
    Column("closing", String(12)),
    Column("holder", String(12), nullable=False, server_default="centre"),
    Column("held_since", Instant),
    Column("led_since", Instant),
    Column("acknowledged_at", Instant),
    Column("stage_due_at", Instant),
    *_counters("rework", "returns", "transfers", "extensions", "suspensions", "supervised"),
    Column("suspended_s", Integer, nullable=False, server_default=text("0")),
    Column("parent_id", Big),
    Column("duty_version", String(40)),
    Column("sop", String(40)),
    Column("body", Text),
    Column("channel", String(16), nullable=False, server_default="platform"),
    Column("call_back", String(12)),
    Column("called_at", Instant),
    Column("source_said", String(16)),
    UniqueConstraint("source_id", "ext_id"),
    Index(
        "ix_cases_desk",
        "level",
        "due_at",
        "id",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index("ix_cases_due_by", "due_at", "department_id", "county_id", "closed_at"),
    Index(
        "ix_cases_run",
        "run_id",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index(
        "ix_cases_queue",
        "matter",
        "level",
        "due_at",
        "id",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index(
        "ix_cases_open",
        "source_id",
        "category_id",
        "county_id",
        "due_at",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index(
        "ix_cases_matter_closed",
        "closed_at",
        "county_id",
        postgresql_where=text("matter and closed_at is not null"),
        sqlite_where=text("matter = 1 and closed_at is not null"),
    ),
    Index(
        "ix_cases_matter_due",
        "due_at",
        "county_id",
        "closed_at",
        postgresql_where=text("matter"),
        sqlite_where=text("matter = 1"),
    ),
    Index("ix_cases_then", "matter", "reported_at", "closed_at"),
    Index(
        "ix_cases_long",
        "closed_at",
        postgresql_where=text(
            "extract(epoch from closed_at) - extract(epoch from reported_at) > 5184000"
        ),
        sqlite_where=text("closed_at - reported_at > 5184000"),
    ),
    Index("ix_cases_reported", "source_id", "reported_at", "category_id", "county_id"),
    Index("ix_cases_due", "source_id", "due_at", "category_id", "county_id", "closed_at"),
    Index(
        "ix_cases_closed",
        "source_id",
        "closed_at",
        "category_id",
        "county_id",
        postgresql_where=text("closed_at is not null"),
        sqlite_where=text("closed_at is not null"),
    ),
)

"""The newest of each case. run_id 0: made by hand. led_since: since when our acts move it,
null while it mirrors its platform. closed_at: the end, whichever it was. suspended_s: seconds
of approved suspension."""

case_event = Table(
    "case_event",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), nullable=False, autoincrement=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(20), nullable=False),
    Column("from_stage", String(12)),
    Column("to_stage", String(12)),
    Column("department_id", SmallInteger),
    Column("note", Text),
    Column("before", Json),
    Column("run_id", Big),
    Column("from_state", String(16)),
    Column("to_state", String(16)),
    Column("holder", String(12)),
    Column("actor_id", Integer),
    Column("rule", String(60)),
    Column("detail", Json),
    PrimaryKeyConstraint("case_id", "seq"),
    Index(
        "ix_case_event_reopened",
        "at",
        postgresql_where=text(REOPENED),
        sqlite_where=text(REOPENED),
    ),
    sqlite_with_rowid=False,
)
"""Append-only, kept so by triggers on both databases (migration 0001)."""
