"""What an exercise still has to tell: documents as departments would bring them."""

from sqlalchemy import Column, Index, String, Table, text

from data.models.columns import Big, Bytes, Instant, metadata

WAITING = "done_at is null"

exercise_item = Table(
    "exercise_item",
    metadata,
    Column("id", Big, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("source", String(40), nullable=False),
    Column("connector", String(24), nullable=False),
    Column("payload", Bytes, nullable=False),
    Column("done_at", Instant),
    Column("outcome", String(20)),
    Index(
        "ix_exercise_item_waiting",
        "due_at",
        postgresql_where=text(WAITING),
        sqlite_where=text(WAITING),
    ),
)
"""Empty but in the store of an exercise."""
