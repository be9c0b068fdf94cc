"""A whole small city with its processes, and browsers to look at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bench.system import System
from tests.browser import small_city
from tests.browser.chromium import Browser

Make = Callable[..., Any]


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Keep a measured figure with the test; junit reports and `-rP` show it."""

    def keep(name: str, value: object) -> None:
        request.node.user_properties.append((name, value))
        print(f"{request.node.name}: {name} = {value}")

    return keep


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One filled SQLite store; every city starts with a copy of it."""
    path = tmp_path_factory.mktemp("city") / "zhizhi.sqlite"
    small_city.make(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def make_city(
    small_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., System]]:
    """Start cities and end them by their pids when the module is over."""
    made: list[System] = []

    def make(*names: str, database_url: str = "", **env: str) -> System:
        var = tmp_path_factory.mktemp("var")
        if not database_url:
            shutil.copy(small_store, var / "zhizhi.sqlite")
        system = System(var, database_url=database_url, **env)
        made.append(system)
        system.start(*(names or ("simulator", "web", "collector")))
        system.wait("/readyz" if "collector" in (names or ("collector",)) else "/healthz")
        return system

    yield make
    for system in made:
        system.close()


@pytest.fixture(scope="module")
def city(make_city: Callable[..., System]) -> System:
    """Web, collector and simulator over a small store, for the tests of one module."""
    return make_city()


@pytest.fixture(scope="module")
def make_browser() -> Iterator[Callable[..., Browser]]:
    """Start browsers and end them when the module is over."""
    yield from _browsers()


@pytest.fixture
def browser() -> Iterator[Callable[..., Browser]]:
    """Start browsers for one test."""
    yield from _browsers()


def _browsers() -> Iterator[Callable[..., Browser]]:
    made: list[Browser] = []

    def make(base: str, **more: int) -> Browser:
        made.append(Browser(base, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
