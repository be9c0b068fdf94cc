"""The desk in browsers: how it looks, filters, keys, the map."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from tests.bench.system import System, until
from tests.browser.chromium import Browser
from tests.browser.desk.desk_side import (
    CHOSEN,
    CLIPPED,
    NUMBERS,
    OUTSIDE,
    SELECTED,
    SMALL,
    chip,
    is_open,
    made,
    query,
    ready,
    see,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


# ---- looks ----


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
def test_the_page_fits_its_screen(page: Browser, lang: str, size: tuple[int, int]) -> None:
    page.resize(*size)
    see(page, f"/desk?lang={lang}&left=later")
    page.settle()
    assert page.js(OUTSIDE) == []
    assert page.js(CLIPPED) == []
    assert page.js(SMALL) == []
    page.js("zhizhi.desk.choose(0)")
    page.js("zhizhi.desk.fresh()")
    page.settle()
    assert page.js(OUTSIDE) == []
    assert page.js(CLIPPED) == []
    page.js("zhizhi.desk.leave()")
    page.resize(1920, 1080)


def test_the_console_is_silent_and_nothing_is_asked_of_the_outside(desk: Browser) -> None:
    desk.devtools.forget()
    for path in ("/desk?lang=en", "/desk?state=rework&q=none-such-case"):
        desk.driver.get(desk.base + path)
        until(lambda: desk.js("return !!(window.zhizhi && zhizhi.desk && zhizhi.desk.api)"), 45)
        desk.press("?")
        desk.settle()
    assert "没有" in desk.text("#desk-grid") or "No open case" in desk.text("#desk-grid")
    assert desk.devtools.complaints == []
    hosts = {urlsplit(u).hostname for u in desk.devtools.urls if u.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


# ---- filters ----


def test_a_chip_narrows_the_list_and_the_address_keeps_it(desk: Browser) -> None:
    whole = desk.js(NUMBERS)
    desk.js("window.__mark = 1")
    desk.click(chip("left", "overdue"))
    until(lambda: 0 < len(desk.js(NUMBERS)) < len(whole), 10, lambda: desk.js(NUMBERS))
    few = desk.js(NUMBERS)
    assert query(desk)["left"] == "overdue"
    assert desk.text(chip("left", "overdue") + " b") == str(len(few))
    assert desk.js("return window.__mark") == 1
    desk.driver.refresh()
    ready(desk)
    assert desk.js(NUMBERS) == few
    desk.click('[data-do="clear"]')
    until(lambda: len(desk.js(NUMBERS)) == len(whole), 10, lambda: len(desk.js(NUMBERS)))
    desk.driver.back()
    until(lambda: desk.js(NUMBERS) == few, 10, lambda: len(desk.js(NUMBERS)))


def test_words_are_searched_while_they_are_typed_and_keys_do_nothing_there(
    desk: Browser, city: System
) -> None:
    no = made(city, title="龙津渡口浮桥断裂")
    desk.press("/")
    desk.press("浮桥 jkadn?")
    until(lambda: desk.js(NUMBERS) == [], 10, lambda: desk.js(NUMBERS))
    assert not is_open(desk, "desk-help")
    assert not is_open(desk, "desk-new")
    desk.press(Keys.BACKSPACE * 6)
    until(lambda: desk.js(NUMBERS) == [no], 10, lambda: desk.js(NUMBERS))
    desk.press(Keys.ENTER)
    assert desk.js(CHOSEN) == no
    assert query(desk)["q"] == "浮桥"


def test_an_area_is_chosen_and_every_row_lies_in_it(desk: Browser) -> None:
    desk.js("""const s = document.querySelector('select[data-choice="area"]');
      s.value = '441621'; s.dispatchEvent(new Event('change', { bubbles: true }))""")
    until(lambda: query(desk).get("area") == "441621", 10)
    until(lambda: desk.js("return zhizhi.desk.rows().every((r) => r.county === '441621')"), 10)
    assert desk.js(NUMBERS)


def test_a_view_is_kept_named_and_begun_with(desk: Browser) -> None:
    desk.click(chip("left", "overdue"))
    until(lambda: query(desk).get("left"), 10)
    desk.js("[...document.querySelectorAll('#desk-views .btn')].pop().click()")
    desk.press("我的超时" + Keys.ENTER)
    until(
        lambda: "我的超时" in desk.text("#desk-views .chip.on"),
        10,
        lambda: desk.text("#desk-views"),
    )
    desk.js("document.querySelectorAll('#desk-views .btn')[1].click()")
    until(lambda: "★" in desk.text("#desk-views .chip.on"), 10, lambda: desk.text("#desk-views"))
    see(desk, "/desk")
    until(
        lambda: "我的超时" in desk.text("#desk-views .chip.on"),
        10,
        lambda: desk.text("#desk-views"),
    )
    desk.js("[...document.querySelectorAll('#desk-views .btn')].pop().click()")
    until(lambda: "我的超时" not in desk.text("#desk-views"), 10, lambda: desk.text("#desk-views"))


# ---- keys and map ----


def test_the_list_is_walked_and_left_with_keys(desk: Browser) -> None:
    numbers = desk.js(NUMBERS)
    desk.press("j")
    desk.press("j")
    assert desk.js(SELECTED) == [numbers[1]]
    desk.press("k")
    assert desk.js(SELECTED) == [numbers[0]]
    desk.press(Keys.ARROW_DOWN)
    assert desk.js(SELECTED) == [numbers[1]]
    desk.press("?")
    assert is_open(desk, "desk-help")
    desk.press("j")
    assert desk.js(SELECTED) == [numbers[1]], "behind an open sheet nothing moves"
    desk.press(Keys.ESCAPE)
    assert not is_open(desk, "desk-help")
    until(lambda: numbers[1] in desk.text("#desk-card"), 10, lambda: desk.text("#desk-card"))
    desk.press(Keys.ENTER)
    until(lambda: "/case/" in desk.driver.current_url, 10, lambda: desk.driver.current_url)
    assert numbers[1] in desk.driver.current_url


def test_a_marker_chooses_its_row_and_a_row_its_marker(desk: Browser, city: System) -> None:
    no = made(city, area="441621", lon=114.91, lat=23.61, title="单独的点")
    until(lambda: no in desk.js(NUMBERS), 15, lambda: desk.state())
    x, y = desk.js("return zhizhi.desk.where(arguments[0])", no)
    desk.click_at(x, y)
    until(lambda: desk.js(SELECTED) == [no], 10, lambda: desk.js(SELECTED))
    assert no in desk.text("#desk-card")


def test_a_case_is_acknowledged_with_one_key(desk: Browser, city: System) -> None:
    no = made(city)
    until(lambda: no in desk.js(NUMBERS), 15)
    desk.js("zhizhi.desk.chooseNo(arguments[0])", no)
    desk.press("a")
    until(
        lambda: desk.js("return zhizhi.desk.row(arguments[0]).seen", no),
        10,
        lambda: desk.text("#desk-said"),
    )
    assert no in desk.text("#desk-said")
