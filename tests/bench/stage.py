"""What the measures are taken on: a demo city with its whole history, on each database."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import say
from tests.bench.system import ROOT, System
from tests.postgres import Postgres

FRESH_S = 2 * 3600
DATABASES = ("sqlite", "postgres")


class Stage:
    """Filled stores, made once a run and copied for whoever writes into them."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.home = ROOT / "var" / "bench"
        self.demo = self.home / "demo"
        self.home.mkdir(parents=True, exist_ok=True)
        self._lock = (self.home / ".lock").open("w")
        self._wait_for_others()
        self._ready = False
        self._temporary = Path(tempfile.mkdtemp(prefix="run-", dir=self.home))
        self.yardsticks: dict[str, float] = {}
        self._copies = 0
        self._postgres: Postgres | None = None
        self._template = ""

    def _wait_for_others(self) -> None:
        """Two runs at once would spoil each other's figures and throw away each other's city."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another bench runs on this machine: waiting for its end ...")
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._postgres is not None:
            self._postgres.close()
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._lock.close()

    @property
    def sqlite(self) -> Path:
        """The pristine SQLite store; made again when it is old, for the wall looks at today."""
        path = self.demo / "zhizhi.sqlite"
        if not path.exists() or time.time() - path.stat().st_mtime > FRESH_S:
            say("making the demo city on SQLite ...")
            shutil.rmtree(self.demo, ignore_errors=True)
            self._ready = False
        if not self._ready:
            _demo(System(self.demo))  # a store that is filled is only migrated
            self._ready = True
        return path

    @property
    def postgres(self) -> Postgres:
        """A PostgreSQL of this run, with its usual durability."""
        if self._postgres is None:
            self._postgres = Postgres()
        return self._postgres

    def _postgres_template(self) -> str:
        if not self._template:
            say("making the demo city on PostgreSQL ...")
            self._template = self.postgres.create()
            _demo(System(self.folder(), database_url=self._template))
        return self._template

    def folder(self) -> Path:
        """Return an empty folder of this run."""
        self._copies += 1
        path = self._temporary / str(self._copies)
        path.mkdir()
        return path

    def system(self, database: str, **env: str) -> System:
        """Return a system over a copy of the demo city, nothing started yet."""
        folder = self.folder()
        if database == "postgres":
            url = self.postgres.copy(self._postgres_template())
            return System(folder, database_url=url, **env)
        shutil.copy(self.sqlite, folder / "zhizhi.sqlite")
        return System(folder, **env)

    def forget(self, system: System) -> None:
        """End a system and throw its store away."""
        system.close()
        shutil.rmtree(system.var, ignore_errors=True)


def _demo(system: System) -> None:
    command = [sys.executable, "-m", "data", "demo"]
    subprocess.run(
        command, cwd=ROOT, env=system.env, check=True, stdout=sys.stderr, stderr=sys.stderr
    )
    system.close()
