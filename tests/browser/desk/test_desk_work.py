"""The desk in browsers: what others do, cases by hand, two who act at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys

from data.cases.loop import Actor
from data.catalogue import catalogue
from data.commands.cases import Done, Request, act
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import CaseAct, Role
from tests.bench.system import System, until
from tests.browser.chromium import Browser
from tests.browser.desk.desk_side import (
    FIRST,
    NUMBERS,
    SCROLLER,
    SELECTED,
    does,
    enter,
    is_open,
    made,
    ready,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


# ---- what others do ----


def test_what_others_do_comes_without_losing_selection_or_scroll(
    desk: Browser, city: System
) -> None:
    numbers = desk.js(NUMBERS)
    assert len(numbers) > 60
    desk.js("zhizhi.desk.choose(40)")
    chosen = desk.js(SELECTED)
    desk.js(f"{SCROLLER}.scrollTop += 317")
    desk.settle()
    first, top = desk.js(FIRST)
    desk.js("document.querySelector('#desk-grid').__mark = 1")
    no = made(city, category="hazmat", title="槽罐车泄漏")
    until(lambda: desk.js(NUMBERS)[0] == no, 15, lambda: desk.js(NUMBERS)[:3])
    desk.settle()
    assert desk.js(SELECTED) == chosen
    same, now = desk.js(FIRST)
    assert same == first
    assert abs(now - top) <= 1
    assert desk.js("return document.querySelector('#desk-grid').__mark") == 1
    does(city, numbers[0], CaseAct.ACKNOWLEDGE)
    until(lambda: desk.js("return zhizhi.desk.row(arguments[0]).seen", numbers[0]), 15)
    assert desk.js(SELECTED) == chosen
    assert desk.js(FIRST)[0] == first


def test_a_case_that_somebody_closed_leaves_the_list(desk: Browser, city: System) -> None:
    no = made(city, title="虚警")
    until(lambda: no in desk.js(NUMBERS), 15)
    with city.store() as store, store.write() as conn:
        leader = Actor(None, "值班领导", Role.LEADER)
        request = Request(CaseAct.FORCE_CLOSE, leader, utc_now(), None, {"reason": "虚警"})
        assert isinstance(act(conn, catalogue(), read_keys(conn), no, request), Done)
    until(lambda: no not in desk.js(NUMBERS), 15)


def test_two_who_dispatch_at_once_never_overwrite_each_other(
    desk: Browser, city: System, people: str, browser: Callable[..., Browser]
) -> None:
    no = made(city, title="抢派的案件")
    other = enter(browser(city.url), people, "leader", back=f"/desk?lang=zh&q={no}")
    for one in (desk, other):
        until(lambda one=one: no in one.js(NUMBERS), 15)
        one.js("zhizhi.desk.chooseNo(arguments[0])", no)
        one.press("d")
        until(lambda one=one: is_open(one, "desk-dispatch"), 10)
        until(lambda one=one: "权责清单" in one.text("#desk-dispatch .why"), 10)
    other.press("我先派了" + Keys.ENTER)
    until(lambda: not is_open(other, "desk-dispatch"), 10, lambda: other.text("#desk-dispatch"))
    desk.press("请带抽水泵")
    desk.press(Keys.ENTER)
    until(
        lambda: "陈立国" in desk.text("#desk-dispatch .clash"),
        10,
        lambda: desk.text("#desk-dispatch"),
    )
    assert "我先派了" in desk.text("#desk-dispatch .clash")
    assert is_open(desk, "desk-dispatch")
    typed = "return document.querySelector('#desk-dispatch input[name=reason]').value"
    assert desk.js(typed) == "请带抽水泵"
    desk.js("document.querySelector('#desk-dispatch [name=department]').value = 'emergency'")
    desk.find("#desk-dispatch input[name=reason]").send_keys(Keys.ENTER)
    until(lambda: not is_open(desk, "desk-dispatch"), 10, lambda: desk.text("#desk-dispatch"))
    until(lambda: "应急" in other.js("return zhizhi.desk.row(arguments[0]).has", no), 10)


def test_a_lost_connection_never_loses_a_typed_note(desk: Browser, city: System) -> None:
    no = made(city, title="断网时的案件")
    until(lambda: no in desk.js(NUMBERS), 15)
    desk.js("zhizhi.desk.chooseNo(arguments[0])", no)
    desk.press("d")
    until(lambda: "权责清单" in desk.text("#desk-dispatch .why"), 10)
    desk.press("这句话不能丢")
    real = desk.js(
        "window.__fetch = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline')); return 1"
    )
    assert real == 1
    desk.press(Keys.ENTER)
    until(
        lambda: "连接中断" in desk.text("#desk-dispatch .clash"),
        10,
        lambda: desk.text("#desk-dispatch"),
    )
    desk.js("window.fetch = window.__fetch")
    desk.driver.refresh()
    ready(desk)
    desk.js("zhizhi.desk.chooseNo(arguments[0])", no)
    desk.press("d")
    typed = "return document.querySelector('#desk-dispatch input[name=reason]').value"
    until(lambda: desk.js(typed) == "这句话不能丢", 10, lambda: desk.js(typed))
    until(lambda: "权责清单" in desk.text("#desk-dispatch .why"), 10)
    desk.press(Keys.ENTER)
    until(lambda: not is_open(desk, "desk-dispatch"), 10, lambda: desk.text("#desk-dispatch"))


# ---- a case by hand ----


def put_in(page: Browser, name: str, value: str) -> None:
    page.js(
        """const s = document.querySelector('#desk-new [name=' + arguments[0] + ']');
        s.value = arguments[1]; s.dispatchEvent(new Event('change', { bubbles: true }))""",
        name,
        value,
    )


def test_a_case_by_hand_with_errors_beside_their_fields_then_made(desk: Browser) -> None:
    desk.press("n")
    assert is_open(desk, "desk-new")
    assert desk.js("return document.querySelectorAll('#desk-new .fld').length") <= 6
    desk.find("#desk-new textarea").send_keys("路面塌陷约两米" + Keys.CONTROL + Keys.ENTER)
    wrong = (
        "return [...document.querySelectorAll('#desk-new .fld.bad')].map((f) => f.dataset.field)"
    )
    until(lambda: set(desk.js(wrong)) == {"category", "title"}, 10, lambda: desk.js(wrong))
    assert desk.js("return document.querySelector('#desk-new textarea').value") == "路面塌陷约两米"
    put_in(desk, "category", "road_blocked")
    desk.find("#desk-new input[name=title]").send_keys("国道路面塌陷")
    desk.click("#desk-new button[type=submit]")
    until(lambda: desk.js(wrong) == ["area"], 10, lambda: desk.text("#desk-new"))
    x, y = desk.js("""const r = document.querySelector('#desk-map').getBoundingClientRect();
      return [r.left + r.width * 0.5, r.top + r.height * 0.5]""")
    desk.click_at(x, y)
    until(lambda: "23." in desk.text("#desk-new .xy") or "24." in desk.text("#desk-new .xy"), 10)
    desk.click("#desk-new button[type=submit]")
    until(lambda: not is_open(desk, "desk-new"), 10, lambda: desk.text("#desk-new"))
    until(lambda: "国道路面塌陷" in desk.text("#desk-card"), 10, lambda: desk.text("#desk-card"))
    assert (
        desk.js("return Object.keys(localStorage).filter((k) => k.startsWith('zhizhi-draft'))")
        == []
    )


def test_a_draft_survives_a_reload_and_leaving(desk: Browser) -> None:
    desk.press("n")
    put_in(desk, "category", "fire")
    put_in(desk, "area", "441621")
    desk.find("#desk-new input[name=title]").send_keys("仓库冒烟")
    desk.find("#desk-new textarea").send_keys("无人员被困")
    desk.driver.refresh()
    ready(desk)
    until(lambda: is_open(desk, "desk-new"), 10)
    values = "return Object.fromEntries([...document.querySelectorAll('#desk-new [name]')].map((i) => [i.name, i.value]))"
    until(lambda: desk.js(values)["title"] == "仓库冒烟", 10, lambda: desk.js(values))
    kept = desk.js(values)
    assert (kept["category"], kept["area"], kept["body"]) == ("fire", "441621", "无人员被困")
    desk.find("#desk-new textarea").click()
    desk.press(Keys.ESCAPE)
    assert not is_open(desk, "desk-new")
    desk.press("n")
    until(lambda: desk.js(values) == kept, 10, lambda: desk.js(values))
