"""The sources page in a browser: drawn, walked down to the bytes, filtered by its address, honest."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from data.catalogue import catalogue
from tests.bench.system import System, until
from tests.browser import store_side
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

DRAWN = """return !!document.querySelector('#board .figures') && document.fonts.status === 'loaded'
  && !!window.zhizhi && zhizhi.state().connected && zhizhi.state().trouble === ''"""
CLIPPED = """return [...document.querySelectorAll('.page .fig h3, .page .fig .fv, .page th, .page .vtab, .page .chip, .page .btn, .page .sst, .page .hd *, .page .srct td > b')]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map((e) => e.className + ': ' + e.textContent)"""
WIDE = "return document.documentElement.scrollWidth - innerWidth"
OVER = "const s = document.querySelector('.rt2 > .scroll'); return s.scrollWidth - s.clientWidth"
FRAME = (
    "return [...document.querySelectorAll('.srct tr[data-source]')].map((r) => r.dataset.source)"
)


def open_page(page: Browser, path: str = "/sources?lang=zh") -> Browser:
    page.driver.get(page.base + path)
    until(lambda: page.js(DRAWN), 45, lambda: f"drawn: {page.devtools.complaints} {page.state()}")
    return page


def query(page: Browser) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(urlsplit(page.driver.current_url).query).items()}


@pytest.fixture(scope="module")
def page(city: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(city.url)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (1366, 768)])
@pytest.mark.parametrize("tab", ["sources", "quiet", "debts"])
def test_every_view_fits_its_screen(
    page: Browser, lang: str, size: tuple[int, int], tab: str
) -> None:
    page.resize(*size)
    open_page(page, f"/sources?lang={lang}&tab={tab}&open=bus_vehicles")
    page.settle()
    assert page.js(WIDE) <= 0
    assert page.js(OVER) <= 1
    assert page.js(CLIPPED) == []
    page.resize(1920, 1080)


def test_the_console_is_silent_and_nothing_is_asked_of_the_outside(page: Browser) -> None:
    page.devtools.forget()
    for path in (
        "/sources?lang=zh",
        "/sources?lang=en&tab=quiet",
        "/sources?lang=zh&tab=debts",
        "/sources?source=hotline",
    ):
        open_page(page, path)
        page.settle()
    assert page.devtools.complaints == []
    hosts = {urlsplit(u).hostname for u in page.devtools.urls if u.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


def test_only_its_own_panel_is_pushed_to_the_page(page: Browser) -> None:
    open_page(page)
    until(lambda: page.state()["panels"], 15, page.state)
    assert set(page.state()["panels"]) == {"sources"}


def test_the_wall_leads_to_the_page_and_back(page: Browser) -> None:
    page.open()
    page.click("#sources-button")
    page.until("return document.querySelector('#sources').classList.contains('open')", 10)
    page.click("#sources .both a")
    until(lambda: page.js(DRAWN), 45, page.state)
    assert urlsplit(page.driver.current_url).path == "/sources"
    page.click(".hd .home")
    page.until("return !!document.querySelector('#wall')", 30)


def test_a_filter_is_in_the_address_and_survives_a_reload(page: Browser) -> None:
    open_page(page)
    whole = page.js(FRAME)
    page.js("window.__mark = 1")
    page.js(
        "[...document.querySelectorAll('.chip')].find((c) => c.textContent.includes('交通')).click()"
    )
    until(lambda: len(page.js(FRAME)) < len(whole), 10, lambda: page.js(FRAME))
    few = page.js(FRAME)
    assert set(few) >= {"bus_static", "bus_vehicles", "bus_trips", "bus_alerts"}
    assert "hotline" not in few
    assert query(page)["domain"] == "transport"
    assert page.js("return window.__mark") == 1, "without loading the page again"
    page.driver.refresh()
    until(lambda: page.js(DRAWN), 45, page.state)
    assert page.js(FRAME) == few
    page.driver.back()
    until(lambda: len(page.js(FRAME)) == len(whole), 15, lambda: page.js(FRAME))


def test_a_search_is_typed_without_a_mouse(page: Browser) -> None:
    open_page(page)
    page.press("/")
    box = page.driver.switch_to.active_element
    box.send_keys("12345热线", Keys.ENTER)
    until(lambda: page.js(FRAME) == ["hotline"], 10, lambda: page.js(FRAME))
    assert query(page)["q"] == "12345热线"
    page.click("#language-link")
    until(
        lambda: (
            page.js(DRAWN)
            and "Find" in page.js("return document.querySelector('.find input').placeholder")
        ),
        45,
    )
    assert query(page)["q"] == "12345热线"
    assert page.js(FRAME) == ["hotline"]


def test_every_link_of_the_page_can_be_reached_and_seen_with_the_keyboard(page: Browser) -> None:
    open_page(page)
    for _ in range(12):
        page.press(Keys.TAB)
    shown = page.js("""const e = document.activeElement, s = getComputedStyle(e);
      return [e.tagName, s.outlineStyle, parseFloat(s.outlineWidth)]""")
    assert shown[0] == "A"
    assert shown[1] != "none"
    assert shown[2] >= 1


def test_a_source_is_walked_down_to_its_bytes(page: Browser, city: System) -> None:
    open_page(page)
    page.click('tr[data-source="warnings"] a.go')
    page.until("return !!document.querySelector('.runs a.go')", 15)
    assert query(page)["source"] == "warnings"
    page.js("[...document.querySelectorAll('.runs a.go')].pop().click()")
    page.until("return !!document.querySelector('a.file')", 15)
    assert "run" in query(page)
    page.click("a.file")
    page.until("return !!document.querySelector('a.raw')", 15)
    assert re.search(r"[0-9a-f]{64}", page.text(".proof"))
    assert "<" in page.text(".preview") or "identifier" in page.text(".preview")
    href = page.js("return document.querySelector('a.raw').href")
    with urllib.request.urlopen(href) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert b"alert" in answer.read()
    deep = page.driver.current_url
    page.driver.get("about:blank")
    page.driver.get(deep)
    page.until("return !!document.querySelector('a.raw')", 30)
    page.js("document.querySelector('.crumbs a').click()")
    until(lambda: len(page.js(FRAME)) == len(catalogue().sources), 15, lambda: page.js(FRAME))


def test_a_debt_is_taken_with_an_owner_and_a_day(page: Browser) -> None:
    open_page(page, "/sources?lang=zh&tab=debts")
    page.click(".proposals a.btn")
    page.until("return !!document.querySelector('.form')", 15)
    inputs = page.driver.find_elements("css selector", ".form input")
    page.click(".form .btn.main")
    until(lambda: "未填写" in page.text("#board-said"), 10, lambda: page.text("#board-said"))
    assert page.js("return !!document.querySelector('.form')")
    inputs[0].send_keys("李主任")
    inputs[3].send_keys("王科长", Keys.TAB)
    page.click(".form .btn.main")
    until(lambda: "李主任" in page.text(".debts"), 15, lambda: page.text("#board-said"))
    assert "王科长" in page.text(".debts")
    assert not page.js("return !!document.querySelector('.form')")


def test_ages_tick_and_a_new_poll_moves_them_without_drawing_again(page: Browser) -> None:
    open_page(page)
    page.js("document.querySelector('.srct').__mark = 1")
    age = "return document.querySelector('tr[data-source=\"yuepingan\"] .ago').textContent"
    page.until(f"{age.replace('return ', 'return /秒前/.test(')})", 15)
    first = page.js(age)
    until(lambda: page.js(age) != first, 10, lambda: page.js(age))
    heard = "return zhizhi.heard('yuepingan')"
    before = page.js(heard)
    until(lambda: page.js(heard) > before, 40, lambda: page.js(heard))
    assert page.js("return document.querySelector('.srct').__mark") == 1


def test_a_stopped_collector_turns_sources_late_on_a_page_nobody_touches(
    make_city: Callable[..., System], browser: Callable[..., Browser]
) -> None:
    system = make_city()
    page = open_page(browser(system.url))
    assert page.js("return document.querySelectorAll('.srct .s-fresh').length") > 0
    system.stop("collector")
    page.js("const now = Date.now; Date.now = () => now() + 200000")
    system.stop("web")
    words = page.js("return zhizhi.words()")
    until(lambda: words["server_lost"] in page.banner(), 40, page.state)
    late = "return [...document.querySelectorAll('.srct .is-late, .srct .is-silent')].length"
    until(lambda: page.js(late) > 0, 40, lambda: page.js(late))
    assert page.js("return document.querySelector('#board').classList.contains('lost')")


def test_the_page_counts_again_when_a_state_is_published_and_only_then(
    page: Browser, city: System
) -> None:
    open_page(page)
    asked = "/_dash-update-component"

    def quiet() -> bool:
        page.devtools.forget()
        page.settle(3)  # polls come by; a source may still turn to its first state
        return not [u for u in page.devtools.urls if asked in u]

    until(quiet, 30, "polls alone draw nothing")

    def counted() -> bool:
        """Publish and look; a poll of the collector may publish over it before it is seen."""
        body = store_side.payload(city, "sources")
        first = body["sources"][0]
        first["state"] = "silent" if first["state"] == "failed" else "failed"
        store_side.publish(city, "sources", body)
        page.settle(1)
        return any(asked in u for u in page.devtools.urls)

    until(counted, 40, lambda: page.devtools.urls)
    assert page.devtools.complaints == []
