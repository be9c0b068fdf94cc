"""A copy of an SQLite store while others write, and the way back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from data.ops import OpsError
from data.store import Store

WAIT_S = 30
BESIDE = ("-wal", "-shm", "-journal")


def file_of(store: Store) -> Path:
    """Return where the store lies."""
    return Path(str(store.engine.url.database))


def copy_out(store: Store, target: Path) -> None:
    """Copy the store as it is at one moment; writers go on meanwhile.

    Raises:
        OpsError: the store, or the copy, is damaged.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        raw = store.engine.raw_connection()
        try:
            with closing(sqlite3.connect(target)) as copy:
                raw.driver_connection.backup(copy, pages=-1)  # type: ignore[union-attr]
                copy.execute("pragma journal_mode=delete")
        finally:
            raw.close()
    except sqlite3.DatabaseError as error:
        raise OpsError(f"the store cannot be copied: {error}") from error
    check(target)


def check(path: Path) -> None:
    """Look at every page of a copy.

    Raises:
        OpsError: it is damaged.
    """
    try:
        with closing(sqlite3.connect(path)) as conn:
            said = str(conn.execute("pragma integrity_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise OpsError(f"the copy of the store is damaged: {said}")


@contextmanager
def asked(path: Path) -> Iterator[Connection]:
    """Open a copy to count it."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as conn:
        yield conn


def put_in(store: Store, copy: Path, now: datetime) -> str:
    """Make the store what `copy` is, in one transaction; return a word on what stood there.

    Where a store stands its pages are written over, so that whoever has it open goes on with
    the new one. A file that is no database any more is put aside.
    """
    path = file_of(store)
    store.dispose()
    if path.exists() and path.stat().st_size:
        try:
            with closing(sqlite3.connect(copy)) as source, _connected(path) as target:
                source.backup(target, pages=-1)
            return ""
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise OpsError("another process holds the store: stop it first") from error
            raise OpsError(f"the store cannot be written: {error}") from error
        except sqlite3.DatabaseError:
            word = _aside(path, now)
    else:
        word = ""
        _aside(path, now)
    path.parent.mkdir(parents=True, exist_ok=True)
    copy.replace(path)
    return word


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=WAIT_S)) as target:
        target.execute(f"pragma busy_timeout={WAIT_S * 1000}")
        target.execute("select count(*) from sqlite_master").fetchone()  # is it a database at all
        yield target


def _aside(path: Path, now: datetime) -> str:
    """Move a file and what lies beside it out of the way; nothing is thrown away."""
    mark = f".damaged-{now:%Y%m%dT%H%M%SZ}"
    for name in ("", *BESIDE):
        there = path.with_name(path.name + name)
        if there.exists():
            there.rename(path.with_name(path.name + mark + name))
    return f"the damaged file was put aside as {path.name}{mark}"
