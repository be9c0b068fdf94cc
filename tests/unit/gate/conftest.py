"""A server whose clock stands, with accounts, and clients that send what they are told to."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app import create_app
from data.settings import Settings
from tests.store.people import quick  # noqa: F401


@pytest.fixture
def settings(request):
    return Settings(**getattr(request, "param", {}))


@pytest.fixture
def server(store, monkeypatch, settings):
    monkeypatch.setattr("app.settings", lambda: settings)
    found = create_app(store, build="b1").server
    yield found
    found.extensions["hub"].close()


@pytest.fixture
def client(server):
    return server.test_client()


@pytest.fixture
def bare(server):
    """A client that adds no token by itself."""
    return FlaskClient(server, server.response_class)
