"""What a store holds, counted: two stores that are alike count alike."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

REVISIONS = "alembic_version"
LIVING = ("ingest_run", "cases", "account", "audit", "observation")
"""Tables that only a store in use has rows in."""

_TABLES = {
    "sqlite": "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    "postgresql": """select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition""",
}


@dataclass(frozen=True)
class Census:
    """Schema revision, the panels' revision and epoch, rows of every table."""

    revision: str
    rev: int
    epoch: str
    tables: dict[str, int]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(self.tables.values())


def tables_of(conn: Connection) -> list[str]:
    """Return the names of all tables; of a partitioned one only its own."""
    return sorted(conn.scalars(text(_TABLES[conn.dialect.name])))


def take(conn: Connection) -> Census:
    """Count a store. The caller's transaction says of which moment."""
    names = tables_of(conn)
    quote = conn.dialect.identifier_preparer.quote
    counts = {
        name: int(conn.exec_driver_sql(f"select count(*) from {quote(name)}").scalar_one())
        for name in names
    }
    revision = str(conn.exec_driver_sql(f"select version_num from {REVISIONS}").scalar() or "")
    head = conn.exec_driver_sql("select rev, epoch from live_rev").first()
    rev, epoch = (int(head[0]), str(head[1])) if head else (0, "")
    return Census(revision, rev, epoch, counts)


def differences(expected: Census, found: Census) -> list[str]:
    """Return in words how two stores differ; an empty list when they count alike."""
    said = []
    if expected.revision != found.revision:
        said.append(f"schema {found.revision or 'none'}, not {expected.revision}")
    if (expected.rev, expected.epoch) != (found.rev, found.epoch):
        said.append(f"panels at revision {found.rev}, not {expected.rev}")
    for name in sorted({*expected.tables, *found.tables}):
        there, wanted = found.tables.get(name), expected.tables.get(name)
        if there != wanted:
            said.append(f"{name}: {_rows(there)}, not {_rows(wanted)}")
    return said


def _rows(count: int | None) -> str:
    return "no such table" if count is None else f"{count} rows"


def is_living(conn: Connection) -> bool:
    """Return whether somebody's facts are in it."""
    there = set(inspect(conn).get_table_names())
    return any(
        conn.exec_driver_sql(f"select 1 from {name} limit 1").first() is not None
        for name in LIVING
        if name in there
    )


def is_foreign(conn: Connection) -> bool:
    """Return whether it holds tables, but not ours."""
    there = set(tables_of(conn))
    return bool(there) and REVISIONS not in there
