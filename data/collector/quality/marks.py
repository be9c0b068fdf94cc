"""How far the look at data quality has come, kept in the store."""

from __future__ import annotations

from sqlalchemy import Connection, select

from data import models as m


def read_mark(conn: Connection, name: str) -> int | None:
    """Return a mark, None if it was never set."""
    i = m.store_info.c
    found = conn.execute(select(i.value).where(i.key == f"quality:{name}")).scalar()
    return None if found is None else int(found)


def set_mark(conn: Connection, name: str, value: int) -> None:
    """Move a mark."""
    i, key = m.store_info, f"quality:{name}"
    moved = conn.execute(i.update().where(i.c.key == key).values(value=str(value)))
    if not moved.rowcount:
        conn.execute(i.insert().values(key=key, value=str(value)))
