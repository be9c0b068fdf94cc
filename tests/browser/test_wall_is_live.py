"""A wall that changes by itself, and says so when it cannot."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from data.store import utc_now
from tests.bench.system import System, until
from tests.browser import store_side
from tests.browser.chromium import LIVE, Browser
from tests.browser.small_city import request_row

Note = Callable[[str, object], None]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WORDS_S, BACK_S = 5.0, 5.0
"""Seconds the product promises; a loaded test machine gets three times as much."""
SLACK = 3

SEE = """window.__seen = window.__seen || new Set();
const __note = () => document.querySelectorAll('.k .v').forEach((v) => {
  const number = v.firstChild && v.firstChild.nodeType === 3 ? v.firstChild.textContent : v.textContent;
  window.__seen.add(number); });
__note();
new MutationObserver(__note).observe(document.body, { subtree: true, childList: true, characterData: true })"""


def seen(wall: Browser, number: str, seconds: float = 15) -> float:
    """Wait until the page has shown `number`, however shortly."""
    found = "return [...window.__seen].some((t) => t.startsWith(arguments[0]))"
    return until(lambda: wall.js(found, number), seconds, lambda: f"{number} on the wall")


@pytest.fixture(scope="module")
def wall(city: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(city.url)


def test_values_change_by_themselves(city: System, wall: Browser, note: Note) -> None:
    wall.open()
    wall.js(SEE)
    wall.js("window.__mark = 1")
    for value in (876001, 876002):
        number = store_side.show_value(city, value)
        note("seconds_from_commit", round(seen(wall, number), 2))
    assert wall.js("return window.__mark") == 1
    assert wall.devtools.complaints == []


def test_a_new_red_matter_reaches_queue_and_header_by_itself(city: System, wall: Browser) -> None:
    wall.open()
    at = utc_now() - timedelta(minutes=3)
    row = request_row("TEST-1", "ZD-04", priority=1, title="测试危化品泄漏", at=at)
    assert store_side.take(city, "yuepingan", json.dumps([row]).encode()).counts.new == 1
    until(lambda: "测试危化品泄漏" in wall.text("#queue-rows"), 15, "the matter in the queue")
    assert "测试危化品泄漏" in wall.text("#header-response")
    closed = row | {"status": "closed", "updated_datetime": utc_now().isoformat()}
    assert store_side.take(city, "yuepingan", json.dumps([closed]).encode()).counts.changed == 1
    until(lambda: "测试危化品泄漏" not in wall.text("#queue-rows"), 15, "the matter is closed")


def test_nothing_on_the_page_asks_at_intervals(city: System, wall: Browser) -> None:
    wall.open()
    layout = wall.js("""const r = new XMLHttpRequest();
      r.open('GET', '/_dash-layout', false); r.send(); return r.responseText""")
    assert '"type":"Interval"' not in layout.replace(" ", "")
    wall.devtools.forget()
    wall.settle(4)
    asked = [u for u in wall.devtools.urls if not u.startswith("data:")]
    assert [u for u in asked if not u.endswith("/beat")] == []  # that it lives, it says itself


def test_a_killed_server_is_called_lost_and_comes_back_without_a_reload(
    city: System, wall: Browser, note: Note
) -> None:
    wall.open()
    wall.js("window.__mark = 2")
    words = wall.js("return zhizhi.words().server_lost")
    killed = time.monotonic()
    city.kill("web")
    until(lambda: words in wall.banner(), WORDS_S * SLACK, wall.state, every=0.02)
    note("seconds_until_called_lost", round(time.monotonic() - killed, 2))
    assert wall.js("return document.querySelector('#wall').classList.contains('lost-server')")
    assert wall.find("#live-banner").is_displayed()
    wall.settle(3)
    city.start("web").wait("/healthz")
    back = until(lambda: wall.js(LIVE), BACK_S * SLACK, wall.state, every=0.02)
    note("seconds_until_live_again", round(back, 2))
    assert wall.banner() == ""
    assert wall.js("return window.__mark") == 2
    wall.js(SEE)
    seen(wall, store_side.show_value(city, 876003))


def test_eight_tabs_of_one_browser_stay_live_on_one_stream(
    city: System, browser: Callable[..., Browser]
) -> None:
    many = browser(city.url)
    many.open()
    for _ in range(7):
        many.tab()
    many.settle(1)
    for handle in many.driver.window_handles:
        many.driver.switch_to.window(handle)
        many.js(SEE)
    number = store_side.show_value(city, 876004)
    for handle in many.driver.window_handles:
        many.driver.switch_to.window(handle)
        seen(many, number)
        assert many.js(LIVE)
    streams = [r for r in many.devtools.requests.values() if "/live?" in r.url and not r.over]
    assert [r.target for r in streams] == ["shared_worker"]


def test_two_browsers_share_no_state(
    city: System, wall: Browser, browser: Callable[..., Browser]
) -> None:
    other = browser(city.url).open()
    wall.open()
    wall.js("zhizhi.setArea('441602')")
    until(lambda: "area=441602" in wall.driver.current_url, 5)
    wall.settle(1.5)
    assert wall.js("return zhizhi.area()") == "441602"
    assert other.js("return zhizhi.area()") == "441600"
    assert "area=" not in other.driver.current_url
    assert other.text("#area-name") != wall.text("#area-name")
    fresh = browser(city.url).open("/")
    assert fresh.js("return zhizhi.area()") == "441600"


def test_a_new_build_reloads_the_page_once(
    make_city: Callable[..., System], browser: Callable[..., Browser], note: Note
) -> None:
    system = make_city("web", ZHIZHI_BUILD="first")
    one = browser(system.url)
    count = """if (location.protocol === 'http:') sessionStorage.setItem('loads',
      Number(sessionStorage.getItem('loads') || 0) + 1); Math.random = () => 0.01"""
    one.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": count})
    one.open()
    assert one.js("return sessionStorage.getItem('loads')") == "1"
    system.stop("web")
    system.env["ZHIZHI_BUILD"] = "second"
    system.start("web").wait("/healthz")
    reloaded = "return sessionStorage.getItem('loads') === '2'"
    note("seconds_until_reloaded", round(one.until(reloaded, 60), 1))
    build = "const l = document.querySelector('#live'); return l ? l.dataset.build : ''"
    until(lambda: one.js(build) == "second", 20, "the page of the new build")
    until(lambda: one.js(LIVE), 20, "live again")
    one.settle(4)
    assert one.js("return sessionStorage.getItem('loads')") == "2"
