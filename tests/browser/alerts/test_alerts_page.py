"""The alarm console in browsers: looks, filters, keys, acts, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from data.vocabulary.alarms import AlarmAct
from tests.bench.system import System, until
from tests.browser.alerts.alerts_side import (
    BOX,
    CHOSEN,
    CLIPPED,
    FIRST,
    OUTSIDE,
    RULES,
    SELECTED,
    SMALL,
    choose,
    comes,
    does,
    enter,
    kept,
    ready,
    see,
)
from tests.browser.chromium import Browser
from tests.browser.desk.desk_side import is_open, query

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

REASON = '#alerts-form [name="reason"]'
NOTE = "return document.querySelector('#alerts-form [name=\"reason\"]').value"


def said(page: Browser) -> str:
    return page.text("#alerts-said")


# ---- looks ----


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
def test_the_console_fits_its_screen(page: Browser, lang: str, size: tuple[int, int]) -> None:
    page.resize(*size)
    see(page, f"/alerts?lang={lang}")
    page.js("zhizhi.alerts.act('shelve')")
    page.settle()
    assert page.js(OUTSIDE) == []
    assert page.js(CLIPPED) == []
    assert page.js(SMALL) == []
    page.driver.get(f"{page.base}/alerts?view=performance&lang={lang}")
    until(lambda: page.js("return !!document.querySelector('.alm .figs')"), 45)
    page.settle()
    assert page.js(OUTSIDE) == []
    assert page.js(CLIPPED) == []
    page.resize(1920, 1080)


def test_the_console_is_silent_and_nothing_is_asked_of_the_outside(console: Browser) -> None:
    console.devtools.forget()
    for path in ("/alerts?lang=en", "/alerts?q=none-such", "/alerts?view=performance&lang=zh"):
        console.driver.get(console.base + path)
        until(
            lambda: console.js(
                "return !!(window.zhizhi && zhizhi.mounted() && document.querySelector('.alm'))"
            ),
            45,
        )
        console.press("?")
        console.settle(1.0)
    assert console.devtools.complaints == []
    hosts = {urlsplit(u).hostname for u in console.devtools.urls if u.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


def test_only_symbols_of_what_nobody_saw_blink(console: Browser) -> None:
    moving = console.js(
        """return [...document.querySelectorAll('.alerts *')]
        .filter((e) => getComputedStyle(e).animationName !== 'none').map((e) => e.tagName)"""
    )
    assert set(moving) == {"IMG"}


# ---- the list ----


def test_a_situation_is_one_line_and_unfolds_by_key(console: Browser) -> None:
    assert console.js(RULES)[0].startswith("regen")
    whole = len(console.js(RULES))
    assert "+5" in console.text("#alerts-grid .fold")
    console.press("j")
    console.js("zhizhi.alerts.choose(0)")
    console.press(Keys.ARROW_RIGHT)
    until(lambda: len(console.js(RULES)) == whole + 5, 10)
    assert all(r.startswith("regen") for r in console.js(RULES)[:6])
    console.press(Keys.ARROW_LEFT)
    until(lambda: len(console.js(RULES)) == whole, 10)


def test_filters_are_the_address_and_come_back(console: Browser) -> None:
    console.click('.chip[data-facet="priority"][data-value="2"]')
    until(lambda: query(console).get("priority") == "2", 10)
    until(lambda: all(r.startswith("regen") for r in console.js(RULES)), 10)
    console.driver.refresh()
    ready(console)
    assert all(r.startswith("regen") for r in console.js(RULES))
    console.press("/")
    console.press("jkasn? none")
    until(lambda: console.js(RULES) == [], 10)
    assert not is_open(console, "alerts-help")
    assert not is_open(console, "alerts-form")
    console.press(Keys.ESCAPE)
    console.click('[data-do="clear"]')
    until(lambda: len(console.js(RULES)) > 30, 10)


def test_one_alarm_has_an_address_of_its_own(console: Browser, city: System) -> None:
    (id_,) = comes(city, "adresse", priority=4)
    see(console, f"/alerts?lang=zh&alarm={id_}")
    assert console.js(CHOSEN) == id_
    assert "adresse 超限" in console.text("#alerts-one")
    assert "3 件" in console.text("#alerts-one")


# ---- acts ----


def test_an_alarm_is_acknowledged_with_one_key(console: Browser, city: System) -> None:
    (id_,) = comes(city, "taste", priority=3)
    until(lambda: "taste" in console.js(RULES), 10)
    choose(console, id_)
    console.press("a")
    until(lambda: kept(city, id_).state == "acknowledged", 10, lambda: said(console))
    until(lambda: "已确认" in console.text('[data-said="head"]'), 10)


def test_shelving_asks_why_and_for_how_long(console: Browser, city: System) -> None:
    (id_,) = comes(city, "regal", priority=1)
    until(lambda: "regal" in console.js(RULES), 10)
    choose(console, id_)
    console.press("s")
    assert is_open(console, "alerts-form")
    hours = console.js(
        "return [...document.querySelector('[name=\"minutes\"]').options].map((o) => o.value)"
    )
    assert hours == ["15", "30", "60"]
    console.find(REASON).send_keys(Keys.CONTROL + Keys.ENTER)
    until(lambda: "原因" in console.text('[data-error="reason"]'), 10)
    assert kept(city, id_).state == "unacknowledged"
    console.find(REASON).send_keys("泵站检修")
    console.find(REASON).send_keys(Keys.CONTROL + Keys.ENTER)
    until(lambda: kept(city, id_).state == "shelved", 10)
    until(lambda: "regal" not in console.js(RULES), 10)
    assert not is_open(console, "alerts-form")


def test_a_case_is_made_of_an_alarm(console: Browser, city: System) -> None:
    (id_,) = comes(city, "fall", priority=2)
    until(lambda: "fall" in console.js(RULES), 10)
    choose(console, id_)
    console.press("c")
    console.js("document.querySelector('#alerts-form [name=\"category\"]').value = 'flood_risk'")
    console.find(REASON).send_keys("请核实")
    console.find(REASON).send_keys(Keys.CONTROL + Keys.ENTER)
    until(lambda: kept(city, id_).case_no, 15, lambda: console.text("#alerts-form"))
    no = kept(city, id_).case_no
    until(lambda: no in console.text("#alerts-one"), 10)
    assert console.js(f"return !!document.querySelector('#alerts-one a[href=\"/case/{no}\"]')")


def test_a_whole_situation_is_acknowledged_at_once(console: Browser, city: System) -> None:
    ids = comes(city, "welle1", "welle2", "welle3", priority=1, cause="warning:welle")
    until(lambda: any(r.startswith("welle") for r in console.js(RULES)), 10)
    head = next(
        i
        for i in console.js(
            "return zhizhi.alerts.rows().filter((r) => r.n && r.one.startsWith('welle')).map((r) => r.id)"
        )
    )
    choose(console, head)
    until(lambda: console.js("return !!document.querySelector('[data-whole]')"), 10)
    console.click("[data-whole]")
    until(
        lambda: all(kept(city, i).state == "acknowledged" for i in ids), 15, lambda: said(console)
    )


# ---- meanwhile ----


def test_what_comes_keeps_selection_scroll_and_a_typed_note(console: Browser, city: System) -> None:
    console.js(f"{BOX}.scrollTop = 700")
    console.settle()
    middle = console.js("return zhizhi.alerts.rows()[14].id")
    choose(console, middle)
    console.js(f"{BOX}.scrollTop = 700")
    console.settle()
    first = console.js(FIRST)
    console.press("n")
    console.find(REASON).send_keys("正在联系")
    comes(city, "neu1", "neu2", priority=1, cause="")
    until(lambda: "neu1" in console.js(RULES), 10)
    does(city, middle, AlarmAct.NOTE, reason="别人的备注")
    until(lambda: "别人的备注" in console.text("#alerts-one"), 40)
    assert console.js(CHOSEN) == middle
    assert console.js(SELECTED) == [middle]
    assert console.js(FIRST) == first
    assert console.js(NOTE) == "正在联系"
    assert is_open(console, "alerts-form")
    console.press(Keys.ESCAPE)
    assert not is_open(console, "alerts-form")
    console.press("n")
    assert console.js(NOTE) == "正在联系"


def test_who_comes_second_sees_what_changed_and_keeps_the_words(
    console: Browser, city: System, people: str, make_browser: Callable[..., Browser]
) -> None:
    (id_,) = comes(city, "zweite", priority=2)
    until(lambda: "zweite" in console.js(RULES), 10)
    choose(console, id_)
    console.press("s")
    console.find(REASON).send_keys("正在检修")
    console.js("zhizhi.alerts.get = () => new Promise(() => {})")  # this page hears nothing more
    does(city, id_, AlarmAct.ACKNOWLEDGE)
    console.find(REASON).send_keys(Keys.CONTROL + Keys.ENTER)
    until(
        lambda: "另一值班员" in console.text("#alerts-form"),
        10,
        lambda: console.text("#alerts-form"),
    )
    assert "未保存" in console.text("#alerts-form")
    assert console.js(NOTE) == "正在检修"
    assert kept(city, id_).state == "acknowledged"
    console.find(REASON).send_keys(Keys.CONTROL + Keys.ENTER)  # read, and meant all the same
    until(lambda: kept(city, id_).state == "shelved", 10)


def test_a_flood_says_so_and_is_gone_from_the_head_when_it_is(
    console: Browser, city: System
) -> None:
    comes(city, *[f"flut{i}" for i in range(30)], priority=3, cause="warning:flut")
    until(lambda: "告警洪峰" in console.text('[data-said="flood"]'), 15)


def test_who_only_looks_on_has_no_buttons(
    city: System, people: str, make_browser: Callable[..., Browser]
) -> None:
    page = enter(make_browser(city.url), people, "viewer")
    assert page.js("return !document.querySelector('#alerts-form')")
    page.press("a")
    assert page.js("return document.querySelectorAll('[data-act]').length") == 0
