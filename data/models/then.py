"""What is kept to look back by: little, since facts keep their own times."""

from sqlalchemy import Column, ForeignKey, Index, SmallInteger, String, Table, Text

from data.models.columns import Big, Instant, metadata

source_then = Table(
    "source_then",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source_id", SmallInteger, ForeignKey("source.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("last_ok_at", Instant),
    Column("error", Text),
    Index("ix_source_then_source", "source_id", "at"),
)
"""What the wall said of a source, one row each time it said something else."""

band_made = Table(
    "band_made",
    metadata,
    Column("at", Instant, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""When the normal bands were made anew: the hours they were made of are kept, they are not."""
