"""What the tests of the collector share: a platform to ask, and a fetcher that may ask it."""

from __future__ import annotations

import pytest

from data.collector.fetch import Fetcher
from tests.store.stub_server import serving


@pytest.fixture
def stub():
    """A platform of our own that behaves as it is told."""
    with serving() as found:
        yield found


@pytest.fixture
def fetcher(stub):
    """Fetches from the stub and from folders, at most 1000 bytes."""
    return Fetcher(allowed=frozenset({stub.address}), max_bytes=1000)
