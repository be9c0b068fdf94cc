"""Column types that keep their promise on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    bindparam,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH_DAY = date(1970, 1, 1).toordinal()

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime: TIMESTAMPTZ on PostgreSQL, whole epoch seconds on SQLite.

    Naive values are refused: SQLAlchemy's own DateTime(timezone=True) drops the
    zone on SQLite in silence.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive values."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime refused: {value!r}")
        return value if dialect.name == "postgresql" else int(value.timestamp())

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            at: datetime = value
            return at.astimezone(UTC)
        return datetime.fromtimestamp(value, UTC)


class LocalDay(TypeDecorator[date]):
    """A local calendar date: DATE on PostgreSQL, days since 1970 on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Date())
        return dialect.type_descriptor(Integer())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Count days on SQLite."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.toordinal() - EPOCH_DAY

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Return the date."""
        if value is None or dialect.name == "postgresql":
            day: date | None = value
            return day
        return date.fromordinal(value + EPOCH_DAY)


def instants(*names: str) -> list[BindParameter[datetime]]:
    """Return typed parameters for instants in textual SQL."""
    return [bindparam(name, type_=Instant()) for name in names]


Big = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only in a column of type INTEGER."""

Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
Bytes = LargeBinary()
