"""The only engine. Reads see one snapshot; one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from data.deadlines import Deadlines, within
from data.settings import settings

WRITER_LOCK = 441600
"""Key of the PostgreSQL advisory lock that lets one writer in at a time."""

BUSY_MS = 10000
"""A writer of SQLite waits this long for its place."""

CACHE_KB, LOAD_CACHE_KB = 65536, 16384
"""Pages that SQLite keeps, and while a large file is taken in."""

SQLITE_PRAGMAS = (
    "journal_mode=wal",
    "synchronous=normal",
    f"busy_timeout={BUSY_MS}",
    "foreign_keys=on",
    "temp_store=memory",
    f"cache_size=-{CACHE_KB}",
    "wal_autocheckpoint=8000",  # 32 MB: a poll writes 700 pages, the same ones as the last
)

POOL_S = 30.0
"""Who finds all connections taken waits so long for one."""

LATER_S = 5
LOCK = f"select pg_advisory_xact_lock({WRITER_LOCK})"

POSTGRES_ARGS = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
    "application_name": "zhizhi",
}


def utc_now() -> datetime:
    """Return the present instant. The one place that reads the clock."""
    return datetime.now(UTC)  # noqa: TID251


class Store:
    """One SQL store, SQLite or PostgreSQL, behind two doors: read() and write()."""

    def __init__(self, url: str, *, deadline_s: float = 0.0) -> None:
        """Open no connection yet.

        deadline_s: how long one call of PostgreSQL may take, 0: for ever. Whoever serves people
        sets it; a collector's roll-up may take as long as it takes.
        """
        self.url = _driver(url)
        self.sqlite = make_url(self.url).get_backend_name() == "sqlite"
        if self.sqlite:
            _make_folder(self.url)
        self.engine = _engine(self.url, sqlite=self.sqlite, deadline_s=deadline_s)
        self._apart = _engine(self.url, sqlite=self.sqlite, deadline_s=deadline_s, apart=True)
        self._inode: int | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection that sees one snapshot and never writes."""
        with self.engine.connect() as conn, conn.begin():
            if not self.sqlite:
                conn.exec_driver_sql("set transaction isolation level repeatable read read only")
            yield conn

    @contextmanager
    def write(self, *, wait_s: int | None = None, load: bool = False) -> Iterator[Connection]:
        """Open a transaction that holds the writer's place until it ends: all or nothing.

        wait_s: how long to wait for the place; without it as long as the database does.
        load: it hardly reads what it writes; SQLite's pages would only fill the memory.

        A deferred transaction that reads before it writes fails at once on
        SQLite when another wrote meanwhile; on PostgreSQL two writers that
        recompute the same roll-up each miss the other's rows.
        """
        options = {"zhizhi_write": True, "zhizhi_wait_s": wait_s}
        with self.engine.connect().execution_options(**options) as conn, conn.begin():
            if not self.sqlite:
                _take_place(conn, wait_s)
            if not (load and self.sqlite):
                yield conn
                return
            conn.exec_driver_sql(f"pragma cache_size=-{LOAD_CACHE_KB}")
            try:
                yield conn
            finally:  # the connection goes back to the pool
                conn.exec_driver_sql(f"pragma cache_size=-{CACHE_KB}")

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """Open a connection of its own that sees one snapshot; what it makes is undone with it.

        For temporary tables that lie over real ones: nobody else ever gets the connection, and
        nothing was prepared on it that would still mean the real ones.
        """
        with self._apart.connect() as conn:
            if not self.sqlite:
                conn.exec_driver_sql("set transaction isolation level repeatable read")
            try:
                yield conn
            finally:
                conn.rollback()

    def replaced(self) -> bool:
        """Return whether another file stands where SQLite's was; if so let go of the old one.

        A kept connection reads the removed file for ever and never says so.
        """
        if not self.sqlite:
            return False
        try:
            found = Path(str(self.engine.url.database)).stat().st_ino
        except OSError:
            found = None
        before, self._inode = self._inode, found
        if before is None or before == found:
            return False
        self.engine.dispose()
        return True

    def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log back into the file; left alone it grows for ever."""
        if self.sqlite:
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("pragma wal_checkpoint(truncate)")
            finally:
                raw.close()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self._apart.dispose()


def open_store(*, deadline_s: float = 0.0) -> Store:
    """Return the store that the settings name."""
    return Store(settings().url, deadline_s=deadline_s)


def _take_place(conn: Connection, wait_s: int | None) -> None:
    """Wait for the writer's place; the database says when it took too long, not our deadline."""
    if wait_s is None:
        conn.exec_driver_sql(LOCK)
        return
    conn.exec_driver_sql(f"set local lock_timeout = '{int(wait_s)}s'")
    with within(wait_s + LATER_S):
        conn.exec_driver_sql(LOCK)


def _driver(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def _make_folder(url: str) -> None:
    name = make_url(url).database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)


def _engine(url: str, *, sqlite: bool, deadline_s: float, apart: bool = False) -> Engine:
    """Return an engine. apart: each connection is opened for its user alone, and then closed."""
    if not sqlite:
        # prepared statements halve the cost of a tick, from their second turn on; they break
        # behind a transaction pooler
        prepared = {"prepare_threshold": None if settings().pooler or apart else 1}
        arguments = POSTGRES_ARGS | prepared
        if apart:
            made = create_engine(url, connect_args=arguments, poolclass=NullPool)
        else:
            made = create_engine(
                url, connect_args=arguments, pool_pre_ping=True, pool_size=5,
                pool_timeout=deadline_s or POOL_S,
            )  # fmt: skip
        if deadline_s:
            Deadlines(deadline_s).guard(made.dialect)
        return made
    arguments_lite: dict[str, Any] = {"timeout": 10, "check_same_thread": False}
    pool = {"poolclass": NullPool} if apart else {}
    engine = create_engine(url, connect_args=arguments_lite, **pool)

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # we say BEGIN ourselves
        for pragma in SQLITE_PRAGMAS:
            dbapi.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        options = conn.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return  # a BEGIN here would pin the reader to one snapshot for ever
        if not options.get("zhizhi_write"):
            conn.exec_driver_sql("begin")
            return
        wait_s = options.get("zhizhi_wait_s")
        wait_ms = BUSY_MS if wait_s is None else int(wait_s) * 1000
        conn.exec_driver_sql(f"pragma busy_timeout={wait_ms}")
        conn.exec_driver_sql("begin immediate")

    return engine
