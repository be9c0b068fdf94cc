"""Tables of data quality: what was found, what came in when, what a person put right."""

from sqlalchemy import (
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
    text,
)

from data.models.columns import Big, Instant, Json, metadata

OPEN = "ended_at is null"

quality_finding = Table(
    "quality_finding",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("indicator_id", SmallInteger),
    Column("area_id", SmallInteger),
    Column("kind", String(40), nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("times", Integer, nullable=False, server_default=text("1")),
    Column("value", String(200)),
    Column("detail", String(500), nullable=False, server_default=""),
    Column("run_id", Big),
    Index(
        "ix_quality_finding_open",
        "source_id",
        "kind",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index("ix_quality_finding_recent", "source_id", "last_seen"),
)
"""One row an episode: open while the rule still says so, ended by itself when it does not.
times: how often the rule said so. value: the newest one found. detail: words for a person."""

reception = Table(
    "reception",
    metadata,
    Column("grain", SmallInteger, nullable=False),
    Column("source_id", SmallInteger, nullable=False),
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("bucket", Instant, nullable=False),
    Column("runs", Integer, nullable=False, server_default=text("0")),
    Column("first_at", Instant),
    Column("last_at", Instant),
    Column("expected", Integer, nullable=False, server_default=text("0")),
    Column("received", Integer, nullable=False, server_default=text("0")),
    Column("due", Integer, nullable=False, server_default=text("0")),
    Column("timely", Integer, nullable=False, server_default=text("0")),
    Column("read", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("corrected", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("grain", "bucket", "source_id", "indicator_id", "area_id"),
    Index("ix_reception_unit", "source_id", "indicator_id", "area_id", "grain", "bucket"),
    sqlite_with_rowid=False,
)
"""What each reporting unit was to send and sent. grain 1 and 2: by hour, periods of a minute and of
an hour; 3: by local day, the sum of both; 4: by local day, longer periods on the day they were due.
So read 1, 2 and 4, or 3 and 4. Runs, read and refused rows stand with grain 2.
A unit is a source with a county, with an indicator, or whole (indicator_id and area_id 0 = all).
runs: runs that brought something new, first_at and last_at when. expected, received: periods.
due, timely: periods whose time of arrival is known, and those that came before they were due.
read, refused: rows; corrected: periods changed after they were over. Small on purpose: the pages
read this, never the facts."""

rhythm = Table(
    "rhythm",
    metadata,
    Column("source_id", SmallInteger, nullable=False),
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("median_s", Double, nullable=False),
    Column("spread_s", Double, nullable=False),
    Column("n", Integer, nullable=False),
    Column("classes", Json, nullable=False),
    Column("learned_at", Instant, nullable=False),
    PrimaryKeyConstraint("source_id", "indicator_id", "area_id"),
    sqlite_with_rowid=False,
)
"""The gap between new contents as learned over the last 12 weeks. classes: the same by class of
day and hour, {class: [median_s, spread_s, n]}."""

streak = Table(
    "streak",
    metadata,
    Column("indicator_id", SmallInteger, nullable=False),
    Column("area_id", SmallInteger, nullable=False),
    Column("bucket", Instant, nullable=False),
    Column("num", Double),
    Column("den", Double),
    Column("since", Instant, nullable=False),
    Column("length", Integer, nullable=False),
    Column("longest", Integer, nullable=False),
    Column("longest_zero", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("zero_ended", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("zeros", Integer, nullable=False),
    PrimaryKeyConstraint("indicator_id", "area_id"),
    sqlite_with_rowid=False,
)
"""How long a series has told the same, and the longest it ever did before, in hours heard.
ended, zero_ended: stretches of one value (of zero) that came to an end; seen, zeros: hours."""

correction = Table(
    "correction",
    metadata,
    Column("id", Big, primary_key=True),
    Column("run_id", Big, ForeignKey("ingest_run.id"), nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("field", String(80), nullable=False),
    Column("old", Text),
    Column("new", Text, nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("why", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index(None, "run_id"),
)
"""Append-only: what a steward changed in a row of a kept file before it was read again."""
