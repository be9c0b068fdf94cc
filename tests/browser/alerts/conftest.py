"""A city whose feeds stand still, with alarms, and a console at which somebody sits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from data.catalogue import catalogue
from data.commands.demo_accounts import make_demo_accounts
from data.queries.accounts import demo_password
from data.store import utc_now
from tests.bench.system import System
from tests.browser.alerts.alerts_side import comes, enter, see
from tests.browser.chromium import Browser


@pytest.fixture(scope="module")
def city(make_city: Callable[..., System]) -> System:
    """A city whose feeds stand still: only the tests raise alarms."""
    found = make_city("web")
    comes(found, *[f"alt{i}" for i in range(40)], priority=4)
    comes(found, *[f"regen{i}" for i in range(6)], priority=2, cause="warning:regen")
    return found


@pytest.fixture(scope="module")
def people(city: System) -> Iterator[str]:
    """Return the password of the ready accounts."""
    with city.store() as store:
        with store.write() as conn:
            make_demo_accounts(conn, catalogue(), now=utc_now())
        with store.read() as conn:
            yield demo_password(conn)


@pytest.fixture(scope="module")
def page(city: System, people: str, make_browser: Callable[..., Browser]) -> Browser:
    return enter(make_browser(city.url), people)


@pytest.fixture
def console(page: Browser) -> Browser:
    page.js("localStorage.clear()")
    return see(page)
