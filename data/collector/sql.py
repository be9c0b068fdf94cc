"""A source that is another database: one read-only question, asked on from its watermark.

The answer becomes CSV bytes, so that it is kept, hashed, mapped and traced like a file.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as day_time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from data import models as m
from data.catalogue.entries import Source, SqlQuery
from data.collector.fetch import Fetched
from data.collector.outbound import PORTS, AllowList, FetchError
from data.collector.sql_guard import READ_ONLY, database_url, one_select, without_secrets
from data.store import Store

BATCH = 1000
ORIGIN = "sql:"
_KEY = "watermark:"
DRIVERS = {
    "postgresql": ("psycopg", "'psycopg[binary]'"),
    "mysql": ("pymysql", "PyMySQL"),
    "mariadb": ("pymysql", "PyMySQL"),
    "oracle": ("oracledb", "oracledb"),
}
"""What is taken where a URL names no driver, and the package it is in."""


def fetch(
    store: Store,
    source: Source,
    allowed: frozenset[str],
    *,
    environ: Mapping[str, str] = os.environ,
) -> list[Fetched]:
    """Return the rows since the watermark as one CSV payload; [] when there are none.

    Raises:
        FetchError: not allowed, unreachable, too slow, too big, or not one reading query.
    """
    query = source.sql
    if query is None:
        raise FetchError(f"source {source.key} has no query")
    address = environ.get(query.address, "")
    if not address:
        raise FetchError(f"environment variable {query.address} is not set")
    url, statement = database_url(address, query.address), one_select(query.query)
    mark = read_watermark(store, source.key)
    try:
        with _reading(url, AllowList(allowed), source.timeout) as conn:
            payload, reached = _answer(conn, statement, query, mark, source)
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError) as error:
        said = without_secrets(str(getattr(error, "orig", None) or error), url)
        raise FetchError(f"{ORIGIN}{query.address}: {type(error).__name__}: {said}") from None
    if payload is None:
        return []
    return [Fetched(payload, f"{ORIGIN}{query.address}", watermark=reached)]


def remember(store: Store, source: Source, fetched: Fetched) -> None:
    """Keep how far a stored batch went. Before it was stored nothing is remembered."""
    if source.sql is None or not fetched.watermark:
        return
    i, key = m.store_info, _store_key(source.key)
    with store.write() as conn:
        conn.execute(i.delete().where(i.c.key == key))
        conn.execute(i.insert().values(key=key, value=fetched.watermark))


def read_watermark(store: Store, key: str) -> dict[str, Any]:
    """Return what was remembered of a source: kind, value, cut; {} before its first batch."""
    i = m.store_info.c
    with store.read() as conn:
        kept = conn.execute(select(i.value).where(i.key == _store_key(key))).scalar()
    return json.loads(kept) if kept else {}


def _store_key(source: str) -> str:
    return f"{_KEY}{source}"[:40]


# ---- opening ----


@contextmanager
def _reading(url: URL, allowed: AllowList, seconds: float) -> Iterator[Connection]:
    """Open a connection inside a transaction that cannot write, with a time-out on statements."""
    backend = url.get_backend_name()
    deadline = time.monotonic() + seconds
    if backend == "sqlite":
        engine = create_engine(
            "sqlite://", creator=lambda: _sqlite(url, deadline), poolclass=NullPool
        )
    else:
        url, arguments = _checked(url, allowed, seconds)
        engine = _engine(url, arguments)
    try:
        with engine.connect() as conn, conn.begin() as transaction:
            conn.exec_driver_sql(READ_ONLY[backend])
            if backend == "postgresql":
                conn.exec_driver_sql(f"set local statement_timeout = {int(seconds * 1000)}")
            yield conn
            transaction.rollback()
    finally:
        engine.dispose()


def _engine(url: URL, arguments: dict[str, Any]) -> Engine:
    """Return an engine; raise FetchError with the driver to install if there is none."""
    try:
        return create_engine(url, connect_args=arguments, poolclass=NullPool)
    except (ImportError, NoSuchModuleError) as error:
        backend = url.get_backend_name()
        driver, package = DRIVERS[backend]
        raise FetchError(
            f"no driver for {url.drivername} is installed: `pip install {package}` and write the"
            f" URL as {backend}+{driver}://"
        ) from error


def _sqlite(url: URL, deadline: float) -> sqlite3.Connection:
    """Open an SQLite file that is there, for reading only, until the time is up."""
    path = Path(str(url.database or ""))
    if not path.is_file():
        raise sqlite3.OperationalError("there is no such file")
    conn = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=3)
    conn.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
    return conn


def _checked(url: URL, allowed: AllowList, seconds: float) -> tuple[URL, dict[str, Any]]:
    """Return the URL and arguments that lead to the address that was checked."""
    backend = url.get_backend_name()
    if url.drivername == backend:
        url = url.set(drivername=f"{backend}+{DRIVERS[backend][0]}")
    given = {"host", "hostaddr", "port", "service", "unix_socket", "passfile"} & set(url.query)
    host = url.host or url.query.get("host") or ""
    local = isinstance(host, str) and host.startswith("/")
    if (given - {"host"}) or (given and not local) or not host or not isinstance(host, str):
        raise FetchError("the database URL must name one host, in its usual place")
    arguments: dict[str, Any] = {}
    wait = max(2, int(min(seconds, 10)))
    if backend == "postgresql":
        arguments = {"connect_timeout": wait}
    elif url.drivername.endswith("+pymysql"):
        arguments = {"connect_timeout": wait, "read_timeout": max(1, int(seconds))}
    elif url.drivername.endswith("+oracledb"):
        arguments = {"tcp_connect_timeout": wait}
    if local:
        return url, arguments
    port = url.port or PORTS[backend]
    origin = f"{backend}://{f'[{host}]' if ':' in host else host}:{port}"
    allowed.refuse_unlisted(origin)
    address = allowed.checked(origin, host, port)[0][4][0]
    if backend == "postgresql":
        return url, {**arguments, "hostaddr": address}
    return url.set(host=address), arguments


# ---- asking ----


def _answer(
    conn: Connection, statement: str, query: SqlQuery, mark: dict[str, Any], source: Source
) -> tuple[bytes | None, str]:
    """Return (CSV bytes, what to remember); None when there is no row.

    A cut batch ends before the first row of the watermark that could not be taken
    whole, and the next one goes on right there; the overlap is for a batch that reached the end.
    """
    started = time.monotonic()
    since = _since(query, mark, conn.dialect.name)
    bound = {"since": since} if ":since" in statement else {}
    streaming = conn.execution_options(stream_results=True, yield_per=BATCH)
    with streaming.execute(text(statement), bound) as result:
        columns = list(result.keys())
        _refuse_columns(columns, query.watermark)
        place, marks, lines = columns.index(query.watermark), list[Any](), _Lines(columns)
        for row in result:
            if len(marks) > query.max_rows:
                break
            marks.append(row[place])
            lines.add(row)
            if lines.size > source.max_mb * 1024 * 1024:
                raise FetchError(f"more than {source.max_mb} MB; lower max_rows or ask for less")
            if time.monotonic() - started > source.timeout:
                raise FetchError(f"not finished within {source.timeout} s")
    if not marks:
        return None, ""
    kept, cut = _whole(marks, query)
    return lines.payload(kept), _remembered(marks[:kept], cut=cut)


def _refuse_columns(columns: list[str], watermark: str) -> None:
    if watermark not in columns:
        raise FetchError(f"the query has no column {watermark}; there are {', '.join(columns)}")
    if len(set(columns)) < len(columns):
        raise FetchError("the query names two columns alike")


def _whole(marks: list[Any], query: SqlQuery) -> tuple[int, bool]:
    """Return how many rows are taken, and whether more are waiting."""
    if any(mark is None for mark in marks):
        raise FetchError(f"a row has no {query.watermark}")
    if len(marks) <= query.max_rows:
        return len(marks), False
    if any(a > b for a, b in itertools.pairwise(marks)):
        raise FetchError(f"the query must be ordered by {query.watermark}: it has too many rows")
    kept = marks.index(marks[-1])
    if kept == 0:
        raise FetchError(f"more than {query.max_rows} rows have the same {query.watermark}")
    return kept, True


def _since(query: SqlQuery, mark: dict[str, Any], dialect: str) -> Any:
    """Return the value for :since, of the kind that the column has."""
    value = _value(mark) if mark else query.start
    if mark and not mark.get("cut"):
        value = _before(value, query.overlap)
    if dialect == "sqlite" and not mark:
        # a blank sorts before T: with either spelling nothing is passed over
        return value.replace("T", " ", 1) if isinstance(value, str) else _text(value)
    if isinstance(value, str) and not mark and dialect != "sqlite":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _text(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


def _value(mark: dict[str, Any]) -> Any:
    kind, value = mark["kind"], mark["value"]
    if kind == "datetime":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    return Decimal(value) if kind == "decimal" else value


def _before(value: Any, overlap: int) -> Any:
    """Return where to go on from: the watermark less the overlap."""
    if not overlap:
        return value
    try:
        if isinstance(value, datetime):
            return value - timedelta(seconds=overlap)
        if isinstance(value, date):
            return value - timedelta(days=math.ceil(overlap / 86400))
        if isinstance(value, int | float | Decimal):
            return value - overlap
        at = datetime.fromisoformat(value) - timedelta(seconds=overlap)
        return at.isoformat(sep="T" if "T" in value else " ")
    except (ValueError, OverflowError):
        return value


def _remembered(marks: list[Any], *, cut: bool) -> str:
    """Return the watermark as it is kept."""
    newest = max(marks)
    kinds: tuple[tuple[type, str], ...] = (
        (datetime, "datetime"), (date, "date"), (Decimal, "decimal"),
    )  # fmt: skip
    kind = next((name for type_, name in kinds if isinstance(newest, type_)), "plain")
    if kind == "plain" and not isinstance(newest, int | float | str):
        raise FetchError("the watermark is neither a time, a number nor text")
    value = newest.isoformat() if kind in ("datetime", "date") else newest
    value = str(value) if kind == "decimal" else value
    return json.dumps({"kind": kind, "value": value, "cut": cut}, ensure_ascii=False)


class _Lines:
    """CSV lines as they grow, so that a cut needs no second writing."""

    def __init__(self, columns: list[str]) -> None:
        self.parts = [_line(columns)]
        self.size = len(self.parts[0])

    def add(self, row: Sequence[Any]) -> None:
        """Add one row."""
        self.parts.append(_line([_cell(value) for value in row]))
        self.size += len(self.parts[-1])

    def payload(self, rows: int) -> bytes:
        """Return header and the first rows."""
        return b"".join(self.parts[: rows + 1])


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode("utf-8", errors="replace")


def _cell(value: Any) -> str:
    """Return a value as a mapping can read it: ISO times, plain numbers, "" for NULL."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | day_time):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
