"""Bring a store's tables to the newest form, and say whether they are."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"


def config(conn: Connection | None = None) -> Config:
    """Return Alembic's configuration, working on `conn` if one is given."""
    found = Config()
    found.set_main_option("script_location", str(SCRIPTS))
    found.set_main_option("path_separator", "os")
    if conn is not None:
        found.attributes["connection"] = conn
    return found


def upgrade(conn: Connection, revision: str = "head") -> None:
    """Migrate up inside the caller's transaction."""
    command.upgrade(config(conn), revision)


def downgrade(conn: Connection, revision: str) -> None:
    """Migrate down inside the caller's transaction."""
    command.downgrade(config(conn), revision)


def at_head(conn: Connection) -> bool:
    """Return whether the tables are what this code expects."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    return MigrationContext.configure(conn).get_current_revision() == head
