"""A red alarm takes the wall's head, nothing else moves, it is heard once, and a mute is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from tests import samples
from tests.bench.system import System, until
from tests.browser import store_side
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PLACES = """return [...document.querySelectorAll('.hd .ttl, .hstage, .clock, .bd > *, .dom > *, .queue, .ft')]
  .map((n) => { const r = n.getBoundingClientRect(); return [r.left, r.top, r.width, r.height].map(Math.round).join(); })"""
HEARD = "window.__heard = []; addEventListener('zhizhi-sound', (e) => window.__heard.push(e.detail.priority))"


@pytest.fixture(scope="module")
def city(make_city: Callable[..., System]) -> System:
    return make_city("web")


@pytest.fixture(scope="module")
def wall(city: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(city.url)


def alarms(city: System, *, newest: float, **more: Any) -> None:
    body = samples.alarms(**more)
    store_side.publish(city, "alarms", body | {"newest": newest})


def shown(wall: Browser, word: str) -> None:
    until(lambda: word in wall.text("#header-alarms"), 15, f"{word} in the head")


def test_a_red_alarm_takes_the_head_and_nothing_else_moves(city: System, wall: Browser) -> None:
    alarms(city, newest=1)
    store_side.publish(city, "stage", samples.stage(1))
    wall.open()
    until(lambda: "运行阶段" in wall.text("#header-stage"), 15, "the stage in the head")
    before = wall.js(PLACES)
    alarms(city, newest=2, red=True)
    shown(wall, "老隆镇危化品泄漏")
    assert wall.js(PLACES) == before
    alarms(city, newest=2)
    until(lambda: wall.text("#header-alarms") == "", 15, "calm after it was acknowledged")
    assert wall.js(PLACES) == before
    assert wall.devtools.complaints == []


def test_a_flood_with_everything_at_once_stays_inside_the_head(city: System, wall: Browser) -> None:
    alarms(city, newest=3, red=True, flood=147, bad=True)
    store_side.publish(city, "stage", samples.stage(3, 4, undecided=True, responses=3))
    wall.open()
    shown(wall, "147")
    until(lambda: "待决定" in wall.text("#header-stage"), 15, "the proposal in the head")
    spilled = wall.js("""return [...document.querySelectorAll('.hd *, .ft *')].filter((n) => {
      const r = n.getBoundingClientRect(), b = n.closest('.hd, .ft').getBoundingClientRect();
      return r.width && (r.right > innerWidth + 1 || r.bottom > b.bottom + 5 || r.top < b.top - 5); }).map((n) => n.className || n.tagName)""")
    assert spilled == []
    assert wall.text("#footer-alarms").count("未送达") == 1


def test_sound_needs_a_gesture_then_a_new_grave_alarm_is_heard_once_and_a_mute_is_shown(
    city: System, wall: Browser
) -> None:
    alarms(city, newest=4)
    store_side.publish(city, "stage", samples.stage(1))
    wall.open()
    assert "声音未启用" in wall.text("#sound")
    wall.js(HEARD)
    wall.driver.find_element(By.ID, "sound").click()  # the gesture; it mutes nothing yet
    until(lambda: wall.text("#sound") == "声音开", 10, lambda: wall.text("#sound"))
    alarms(city, newest=5, red=True)
    until(lambda: wall.js("return window.__heard") == [1], 15, "the alarm is heard")
    alarms(city, newest=6, red=True)  # something else came, nothing grave is new
    wall.settle(2)
    assert wall.js("return window.__heard") == [1]
    wall.js("document.getElementById('sound').click()")
    until(lambda: "已静音" in wall.text("#sound"), 5, "the mute is shown")
    alarms(city, newest=7)
    until(lambda: wall.text("#header-alarms") == "", 15, "calm")
    alarms(city, newest=8, red=True)
    shown(wall, "老隆镇")
    wall.settle(1)
    assert wall.js("return window.__heard") == [1]
    left = wall.js("return Number(localStorage.getItem('zhizhi-mute')) - zhizhi.now()")
    assert 0 < left <= 1800e3
    wall.js("localStorage.setItem('zhizhi-mute', String(zhizhi.now() + 400))")
    until(lambda: wall.text("#sound") == "声音开", 5, "the mute ends by itself")


def test_a_clock_set_back_makes_no_mute_longer(wall: Browser) -> None:
    wall.js("localStorage.setItem('zhizhi-mute', String(zhizhi.now() + 90000e3))")
    until(
        lambda: wall.text("#sound") == "声音开", 5, lambda: f"{time.time()} {wall.text('#sound')}"
    )
    wall.js("localStorage.removeItem('zhizhi-mute')")
