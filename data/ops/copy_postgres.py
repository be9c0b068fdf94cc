"""A copy of a PostgreSQL store by its own tools, and the way back. No shell; no word in argv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection

from data.ops import OpsError
from data.settings import settings
from data.store import Store

CHUNK = 1024 * 1024
LOCK_WAIT = "30s"
WHERE = "service=zhizhi"
DEBIAN = Path("/usr/lib/postgresql")


def server_version(conn: Connection) -> int:
    """Return the major version of the server."""
    return int(conn.exec_driver_sql("show server_version_num").scalar_one()) // 10000


def tool(name: str, server: int) -> str:
    """Return the path of pg_dump, pg_restore or psql that understands this server.

    Raises:
        OpsError: there is none, or only older ones.
    """
    found = []
    for path in _candidates(name):
        major = _major(path)
        found.append(f"{path} ({major})")
        if major >= server:
            return path
    there = f"only {', '.join(found)} found" if found else "not found"
    raise OpsError(
        f"{name} of PostgreSQL {server} or newer is needed, {there}: install "
        f"postgresql-client-{server}, or set ZHIZHI_PG_BIN to the folder it lies in"
    )


def _candidates(name: str) -> list[str]:
    given = settings().pg_bin
    if given is not None:
        return [str(given / name)] if (given / name).is_file() else []
    known = sorted(DEBIAN.glob(f"*/bin/{name}"), reverse=True)
    return [p for p in (shutil.which(name), *map(str, known)) if p]


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"(\d+)", said.stdout)
    return int(found[1]) if found else 0


@contextmanager
def _environment(store: Store) -> Iterator[dict[str, str]]:
    """Give the tools the store's address in a file of their own: a command line is for all to see.

    Raises:
        OpsError: a part of the address cannot stand in such a file.
    """
    url = store.engine.url.set(drivername="postgresql")
    parts = conninfo_to_dict(url.render_as_string(hide_password=False))
    lines = ["[zhizhi]", *(f"{key}={value}" for key, value in parts.items() if value is not None)]
    if any("\n" in line or "\r" in line for line in lines):
        raise OpsError("DATABASE_URL holds a line break")
    with tempfile.TemporaryDirectory(prefix="zhizhi-") as folder:
        file = Path(folder) / "service"
        file.touch(mode=0o600)
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "ZHIZHI_"))}
        yield kept | {"PGSERVICEFILE": str(file), "PGAPPNAME": "zhizhi backup"}


@contextmanager
def dumped(store: Store, conn: Connection) -> Iterator[IO[bytes]]:
    """Give the bytes of a dump of the moment that `conn` sees.

    Raises:
        OpsError: pg_dump is not there or failed; whoever reads must throw away what came.
    """
    path = tool("pg_dump", server_version(conn))
    snapshot = str(conn.exec_driver_sql("select pg_export_snapshot()").scalar_one())
    schema = str(conn.exec_driver_sql("select current_schema()").scalar_one())
    command = [
        path, f"--dbname={WHERE}", "--format=custom", "--compress=3", "--no-owner",
        "--no-privileges", "--no-password", f"--snapshot={snapshot}", f"--schema={schema}",
        f"--lock-wait-timeout={LOCK_WAIT}",
    ]  # fmt: skip
    with (
        _environment(store) as env,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=env) as process,  # noqa: S603
    ):
        try:
            if process.stdout is None:
                raise OpsError("pg_dump gives nothing")
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            raise OpsError(f"pg_dump failed: {_last_words(said)}")


def put_in(store: Store, dump: Path, server: int, schema: str) -> None:
    """Make the database what the dump is, in one transaction: all of it or nothing.

    Whatever was in the schema goes; who has the old one open sees the new one afterwards.

    Raises:
        OpsError: a tool is missing, or the database refused.
    """
    psql, restore = tool("psql", server), tool("pg_restore", server)
    reading = [
        restore, "--file=-", "--no-owner", "--no-privileges", f"--schema={schema}",
        str(dump),
    ]  # fmt: skip
    writing = [
        psql, f"--dbname={WHERE}", "--no-psqlrc", "--quiet", "--no-password",
        "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null", "--file=-",
    ]  # fmt: skip
    with (
        _environment(store) as env,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as told,
        subprocess.Popen(writing, stdin=subprocess.PIPE, stderr=said, env=env) as writer,  # noqa: S603
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=told, env=env) as reader,  # noqa: S603
    ):
        refused = _pour(reader, writer, _cleared(schema))
        if reader.wait() != 0 and not refused:
            writer.kill()  # what it has is not committed
            raise OpsError(f"pg_restore failed: {_last_words(told)}")
        with suppress(BrokenPipeError):
            if writer.stdin is not None:
                writer.stdin.close()  # the end: only now it commits
        if writer.wait() != 0 or refused:
            raise OpsError(f"the database refused the backup, nothing changed: {_last_words(said)}")


def _cleared(schema: str) -> bytes:
    name = '"' + schema.replace('"', '""') + '"'
    return (
        f"set lock_timeout = '{LOCK_WAIT}';\nset client_min_messages = warning;\n"
        f"drop schema if exists {name} cascade;\ncreate schema {name};\n"
    ).encode()


def _pour(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], start: bytes) -> bool:
    """Hand on what one says to the other; return whether the other would not take it."""
    if reader.stdout is None or writer.stdin is None:
        return True
    try:
        writer.stdin.write(start)
        while chunk := reader.stdout.read(CHUNK):
            writer.stdin.write(chunk)
        writer.stdin.flush()
    except BrokenPipeError:
        reader.kill()
        return True
    except BaseException:
        writer.kill()
        reader.kill()
        raise
    return False


def _last_words(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read()[-4000:].decode(errors="replace").split("\n")
    spoken = [line.strip() for line in lines if line.strip()]
    errors = [line for line in spoken if "error" in line.lower() or "fatal" in line.lower()]
    return ((errors or spoken or ["it said nothing"])[0])[:300]
