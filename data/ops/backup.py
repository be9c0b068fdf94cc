"""Make one backup while the system works, and let go of old ones."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from data.ops import OpsError, archive, census, copy_postgres, copy_sqlite
from data.ops.archive import Manifest
from data.ops.product import build_id
from data.settings import settings
from data.store import Store

NAME = re.compile(r"zhizhi-\d{8}T\d{6}Z\.backup")
LEFT_S = 86400.0
"""The draft of a backup that was killed is taken away after so long."""


def backup(store: Store, path: Path, *, city: str, now: datetime) -> Manifest:
    """Write the store, as it is at one moment, into one new file; writers go on meanwhile.

    Raises:
        OpsError: there is nothing to copy, a tool is missing, no space, or the store is damaged.
    """
    if path.exists():
        raise OpsError(f"{path} is there already")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        how = _from_sqlite if store.sqlite else _from_postgres
        return how(store, path, city, now)
    except OSError as error:
        raise OpsError(f"{path}: {error.strerror or error}") from error


def _from_sqlite(store: Store, path: Path, city: str, now: datetime) -> Manifest:
    if not copy_sqlite.file_of(store).is_file():
        raise OpsError(f"there is no store at {copy_sqlite.file_of(store)}")
    with tempfile.TemporaryDirectory(prefix=".zhizhi-", dir=path.parent) as folder:
        copy = Path(folder) / "store.sqlite"
        copy_sqlite.copy_out(store, copy)
        with copy_sqlite.asked(copy) as conn:
            _not_empty(conn)
            found = census.take(conn)
        with archive.drafted(path) as draft, copy.open("rb") as source:
            draft.fill("store.sqlite", source, packed=False)
            server = f"SQLite {sqlite3.sqlite_version}"
            return _seal(draft, "sqlite", server, "store.sqlite", found, city, now)


def _from_postgres(store: Store, path: Path, city: str, now: datetime) -> Manifest:
    with store.read() as conn, archive.drafted(path) as draft:
        _not_empty(conn)
        with copy_postgres.dumped(store, conn) as source:
            draft.fill("store.pgdump", source, packed=True)
        found = census.take(conn)  # of the same moment: the dump took over its snapshot
        server = f"PostgreSQL {conn.exec_driver_sql('show server_version').scalar_one()}"
        return _seal(draft, "postgresql", server, "store.pgdump", found, city, now)


def _not_empty(conn: Connection) -> None:
    if census.REVISIONS not in census.tables_of(conn):
        raise OpsError("the store has no tables: there is nothing to copy")


def _seal(
    draft: archive.Draft,
    database: str,
    server: str,
    payload: str,
    found: census.Census,
    city: str,
    now: datetime,
) -> Manifest:
    manifest = Manifest.model_validate(
        archive.described(found)
        | {
            "build": settings().build or build_id(),
            "made_at": now,
            "database": database,
            "server": server,
        }
        | {"city": city, "payload": payload, "size": draft.size, "sha256": draft.sha256}
    )
    draft.seal(manifest)
    return manifest


def name_at(now: datetime) -> str:
    """Return the name of a backup that is made now."""
    return f"zhizhi-{now:%Y%m%dT%H%M%SZ}.backup"


def let_go(folder: Path, keep: int, *, clock: Callable[[], float] = time.time) -> list[Path]:
    """Remove all but the newest `keep` backups and the drafts of killed ones; return what went."""
    ours = sorted(p for p in folder.iterdir() if NAME.fullmatch(p.name))
    gone = ours[:-keep] if keep else []
    drafts = [p for p in folder.glob(".zhizhi-*.part") if clock() - p.stat().st_mtime > LEFT_S]
    for path in (*gone, *drafts):
        path.unlink()
    return gone
