"""What was decided of past months to be hidden, so that no process has to decide it again."""

from sqlalchemy import Column, PrimaryKeyConstraint, SmallInteger, String, Table

from data.models.columns import Bytes, LocalDay, metadata

hidden_month = Table(
    "hidden_month",
    metadata,
    Column("indicator_id", SmallInteger, nullable=False),
    Column("month", LocalDay, nullable=False),
    Column("by", String(64), nullable=False),
    Column("token", String(16), nullable=False),
    Column("cells", Bytes, nullable=False),
    PrimaryKeyConstraint("indicator_id", "month"),
    sqlite_with_rowid=False,
)
"""month: its first day. by: the rules it was decided by. cells: packed; of past months days and
longer, whose hours are decided when they are asked for. A past month is removed by `data.veil`
with every change of what it was made of; one that still moves names the mark in `by`. Nothing is
lost if it is emptied."""
