"""A server with accounts and a clock that stands, and a client that signs in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import create_app
from callbacks import identity, login
from data.settings import Settings
from tests.conftest import NOW
from tests.store.people import quick  # noqa: F401


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def move(self, **more):
        self.now += timedelta(**more)


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(login, "utc_now", found)
    real = identity.register
    monkeypatch.setattr(identity, "register", lambda *given: real(*given, clock=found))
    return found


@pytest.fixture
def settings(request):
    return Settings(**getattr(request, "param", {}))


@pytest.fixture
def server(store, clock, monkeypatch, settings):
    monkeypatch.setattr("app.settings", lambda: settings)
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


@pytest.fixture
def client(server):
    return server.test_client()
