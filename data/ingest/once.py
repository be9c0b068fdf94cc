"""Try to insert rows as new; if one is known nothing is left behind and the caller is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


class Known(Exception):  # noqa: N818 - no error: an answer
    """A key was known already."""


@contextmanager
def one_try(conn: Connection) -> Iterator[None]:
    """Run inserts under a savepoint.

    Raises:
        Known: one of the keys was there; the savepoint is as it was before.
    """
    point = conn.begin_nested()
    try:
        yield
    except Exception as error:
        point.rollback()
        if type(error).__name__ in ("UniqueViolation", "IntegrityError"):
            raise Known from error
        raise
    point.commit()
