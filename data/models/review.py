"""What the weekly review keeps: the counted weeks, frozen packs, edits, promises, remarks."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
)

from data.models.columns import Bytes, Instant, Json, LocalDay, metadata


def _area() -> Column[int]:
    return Column("area_id", SmallInteger, ForeignKey("area.id"), nullable=False)


review_page = Table(
    "review_page",
    metadata,
    Column("week", LocalDay, nullable=False),
    _area(),
    Column("built_at", Instant, nullable=False),
    Column("mark", String(64), nullable=False),
    Column("payload", Bytes, nullable=False),
    PrimaryKeyConstraint("week", "area_id"),
)
"""A week as it is counted now; week is its Monday. payload: a packed `Review`. Made again when what
`mark` stands for has moved; nothing is lost if it is emptied."""

review_pack = Table(
    "review_pack",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("week", LocalDay, nullable=False),
    _area(),
    Column("frozen_at", Instant, nullable=False),
    Column("frozen_by", Integer),
    Column("frozen_name", String(60), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("payload", Bytes, nullable=False),
    UniqueConstraint("week", "area_id"),
)
"""A week as it was shown, for good: review, edits and definitions. sha256 is of the payload."""

review_edit = Table(
    "review_edit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("week", LocalDay, nullable=False),
    _area(),
    Column("key", String(120), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("text", String(600)),
    Column("at", Instant, nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Index(None, "week", "area_id"),
)
"""Append-only: the newest of a key and language stands. text null: back to what the rule says."""

promise = Table(
    "promise",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    _area(),
    Column("text", String(300), nullable=False),
    Column("made_week", LocalDay, nullable=False),
    Column("due_week", LocalDay, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Integer),
    Column("made_name", String(60), nullable=False),
    Column("department_id", SmallInteger, ForeignKey("department.id"), nullable=False),
    Column("owner", String(60), nullable=False),
    Column("indicator_id", SmallInteger, ForeignKey("indicator.id")),
    Column("of_area_id", SmallInteger, ForeignKey("area.id")),
    Column("case_no", String(40)),
    Column("expected", String(6), nullable=False),
    CheckConstraint("state in ('open','kept','broken','withdrawn')", name="state"),
    CheckConstraint("expected in ('higher','lower','closed')", name="expected"),
    Index(None, "area_id", "state"),
)
"""area_id: whose review it was made in; of_area_id: where its indicator is looked at."""

promise_event = Table(
    "promise_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("promise_id", Integer, ForeignKey("promise.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("week", LocalDay, nullable=False),
    Column("action", String(10), nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("note", String(500), nullable=False),
    Column("detail", Json, nullable=False),
    Index(None, "promise_id"),
)
"""Append-only."""

remark = Table(
    "remark",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", SmallInteger, ForeignKey("indicator.id"), nullable=False),
    _area(),
    Column("at", Instant, nullable=False),
    Column("actor_id", Integer),
    Column("actor", String(60), nullable=False),
    Column("text", String(1000), nullable=False),
    Column("day", LocalDay),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Index(None, "indicator_id", "area_id"),
)
"""Discussion of an indicator. day: drawn into the chart there. Never changed, only withdrawn."""
