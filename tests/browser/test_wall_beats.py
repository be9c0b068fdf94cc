"""An open wall is a display that the house knows; one that somebody closes is not missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from data import models as m
from tests.bench.system import System, until
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def screens(city):
    with city.store() as store, store.read() as conn:
        return conn.execute(select(m.screen)).all()


def test_an_open_wall_beats_and_says_good_bye(
    city: System, browser: Callable[..., Browser]
) -> None:
    wall = browser(city.url)
    wall.open()
    until(lambda: screens(city), 40, "a display")
    (row,) = screens(city)
    assert row.page.startswith("/?lang=zh")
    assert row.build == wall.js("return document.getElementById('live').dataset.build")
    assert row.seen_at - row.painted_at < timedelta(seconds=15)
    assert row.width > 0
    assert row.closed_at is None
    assert row.id == wall.js("return localStorage.getItem('zhizhi-screen')")
    wall.driver.get(f"{city.url}/sources?tab=watch&lang=zh")
    until(lambda: screens(city)[0].closed_at, 40, "the good-bye")
    assert len(screens(city)) == 1
    until(lambda: row.name in wall.text("main"), 30, "the display in the list")
