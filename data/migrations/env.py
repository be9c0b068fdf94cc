"""Alembic environment: migrates the store that the settings, or the caller, name."""

from alembic import context
from sqlalchemy import Connection

from data.models import metadata
from data.settings import settings
from data.store import Store


def _include(_obj: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """Partitions of `observation` come and go by month; they are no part of the models."""
    return not (kind == "table" and name is not None and name.startswith("observation_2"))


def run() -> None:
    """Run with the caller's connection, else open the store."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _configure(given)
        return
    store = Store(settings().url)
    with store.engine.connect().execution_options(zhizhi_write=True) as conn, conn.begin():
        _configure(conn)
    store.dispose()


def _configure(conn: Connection) -> None:
    context.configure(
        connection=conn,
        target_metadata=metadata,
        render_as_batch=True,
        include_object=_include,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
