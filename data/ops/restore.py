"""Put a backup back, or prove in a scratch place that it could be."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from data import models as m
from data.models import schema
from data.ops import OpsError, archive, census, copy_postgres, copy_sqlite
from data.ops.archive import Manifest
from data.ops.backup import backup
from data.store import Store


@dataclass(frozen=True)
class Restored:
    """What was put back; kept: the backup of what stood there before; word: what else to know."""

    manifest: Manifest
    kept: Path | None
    word: str
    at_head: bool


def restore(
    store: Store, file: Path, *, city: str, now: datetime, force: bool = False, keep: bool = True
) -> Restored:
    """Make the store what `file` holds.

    Args:
        store: where it goes.
        file: a backup.
        city: code of the city, for the backup of what stands there.
        now: the present instant.
        force: also over a store that holds facts.
        keep: make a backup of such a store first.

    Raises:
        OpsError: the file is not right, the store is in use and not `force`, a collector leads,
            or what came out is not what the file says. But for the last nothing has changed.
    """
    manifest = _fitting(store, archive.read_manifest(file))
    standing = _standing(store, now, force=force)
    with tempfile.TemporaryDirectory(prefix=".zhizhi-", dir=_scratch(store, file)) as folder:
        copy = Path(folder) / "copy"
        archive.unpack(file, copy)
        _checked_copy(store, copy, manifest)
        kept = None
        if standing == "living" and keep:
            kept = file.parent / f"zhizhi-before-{now:%Y%m%dT%H%M%SZ}.backup"
            backup(store, kept, city=city, now=now)
        word = _put(store, copy, now)
    _compare(store, manifest)
    at_head = _begin_again(store, now)
    return Restored(manifest, kept, word, at_head)


def verify(store: Store, file: Path, *, scratch: str = "") -> Manifest:
    """Restore a backup into a scratch place, compare it with its manifest, and clean up.

    Args:
        store: says which database; on PostgreSQL the scratch database is made beside it.
        file: a backup.
        scratch: a folder for SQLite, or the address of an empty PostgreSQL database.

    Raises:
        OpsError: the backup cannot be restored as it was.
    """
    manifest = _fitting(store, archive.read_manifest(file))
    with _scratch_folder(store, scratch) as folder:
        copy = folder / "store.sqlite"
        archive.unpack(file, copy)
        if store.sqlite:
            _checked_copy(store, copy, manifest)
            return manifest
        with _scratch_database(store, scratch) as other:
            _put_postgres(other, copy)
            _compare(other, manifest)
    return manifest


def _fitting(store: Store, manifest: Manifest) -> Manifest:
    """Refuse what this program or this database cannot take."""
    here = "sqlite" if store.sqlite else "postgresql"
    if manifest.database != here:
        raise OpsError(f"this is a backup of {manifest.database}, the store is {here}")
    scripts = ScriptDirectory.from_config(schema.config())
    if manifest.revision not in {script.revision for script in scripts.walk_revisions()}:
        raise OpsError(
            f"the backup's tables are of form {manifest.revision}, which this version does not "
            "know: install the version that made it, or a newer one"
        )
    return manifest


def _standing(store: Store, now: datetime, *, force: bool) -> str:
    """Return "", "empty", "living" or "damaged": what stands where the backup would go."""
    if store.sqlite:
        path = copy_sqlite.file_of(store)
        if not path.exists() or not path.stat().st_size:
            return ""
    try:
        with store.read() as conn:
            if census.is_foreign(conn):
                raise OpsError("the database holds tables of another program")
            holder = _leader(conn, now)
            living = census.is_living(conn)
    except OperationalError as error:
        raise OpsError(f"the store cannot be reached: {_first_line(error)}") from error
    except DatabaseError as error:
        if not store.sqlite or not force:
            said = f"a store stands there that cannot be read ({_first_line(error)})"
            raise OpsError(f"{said}: --force puts it aside") from error
        return "damaged"
    if holder:
        raise OpsError(f"a collector leads ({holder}): stop it first; it lets go within 15 s")
    if living and not force:
        raise OpsError("the store holds facts: --force writes over them (a backup is made first)")
    return "living" if living else "empty"


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).split("\n", 1)[0][:200]


def _leader(conn: Connection, now: datetime) -> str | None:
    if not inspect(conn).has_table(m.lease.name):
        return None
    lease = m.lease.c
    query = select(lease.holder).where(lease.name == "collector", lease.until > now)
    return conn.execute(query).scalar()


def _checked_copy(store: Store, copy: Path, manifest: Manifest) -> None:
    """Look into an SQLite copy before anything is touched; a dump shows itself when it is read."""
    if not store.sqlite:
        return
    copy_sqlite.check(copy)
    with copy_sqlite.asked(copy) as conn:
        _same(manifest, census.take(conn))


def _compare(store: Store, manifest: Manifest) -> None:
    with store.read() as conn:
        _same(manifest, census.take(conn))


def _same(manifest: Manifest, found: census.Census) -> None:
    said = census.differences(manifest.census, found)
    if said:
        more = f" and {len(said) - 5} more" if len(said) > 5 else ""
        raise OpsError(f"the backup is not what its manifest says: {'; '.join(said[:5])}{more}")


def _put(store: Store, copy: Path, now: datetime) -> str:
    if store.sqlite:
        return copy_sqlite.put_in(store, copy, now)
    _put_postgres(store, copy)
    return ""


def _put_postgres(store: Store, copy: Path) -> None:
    with store.read() as conn:
        server = copy_postgres.server_version(conn)
        name = str(conn.exec_driver_sql("select current_schema()").scalar() or "public")
    store.dispose()
    copy_postgres.put_in(store, copy, server, name)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("analyze")


def _begin_again(store: Store, now: datetime) -> bool:
    """Let nobody lead, and tell the screens that this is another store; return if it is at head.

    A display that saw a later revision would otherwise take an older panel for one it has.
    """
    with store.write() as conn:
        conn.execute(m.lease.delete())
        conn.execute(m.live_rev.update().values(epoch=uuid.uuid4().hex[:12]))
        conn.execute(m.store_info.delete().where(m.store_info.c.key == "restored_at"))
        conn.execute(m.store_info.insert().values(key="restored_at", value=now.isoformat()))
        return schema.at_head(conn)


def _scratch(store: Store, file: Path) -> Path:
    """Return where the copy is laid out: beside an SQLite store, so that it can take its place."""
    if not store.sqlite:
        return file.resolve().parent
    folder = copy_sqlite.file_of(store).resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _scratch_folder(store: Store, scratch: str) -> Iterator[Path]:
    given = scratch if store.sqlite and scratch else None
    if given and not Path(given).is_dir():
        raise OpsError(f"there is no folder {given}")
    with tempfile.TemporaryDirectory(prefix="zhizhi-verify-", dir=given) as folder:
        yield Path(folder)


@contextmanager
def _scratch_database(store: Store, scratch: str) -> Iterator[Store]:
    """Give an empty database: the one that was named, or a new one that goes again."""
    if scratch:
        other = Store(scratch)
        try:
            with other.read() as conn:
                if census.tables_of(conn):
                    raise OpsError("the scratch database is not empty")
            yield other
        finally:
            other.dispose()
        return
    name = f"zhizhi_verify_{uuid.uuid4().hex[:10]}"
    _administer(store, f"create database {name} template template0")
    url = store.engine.url.set(database=name)
    other = Store(url.render_as_string(hide_password=False))
    try:
        yield other
    finally:
        other.dispose()
        with suppress(OpsError):
            _administer(store, f"drop database if exists {name} with (force)")


def _administer(store: Store, statement: str) -> None:
    try:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql(statement)
    except DBAPIError as error:
        raise OpsError(
            f"no scratch database can be made ({_first_line(error)}): "
            "grant CREATEDB, or name an empty one in ZHIZHI_SCRATCH_URL"
        ) from error
