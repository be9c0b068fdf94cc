"""The desk in browsers: filters, keys, changes of others, cases by hand, two who act at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from data.cases.loop import Actor
from data.catalogue import catalogue
from data.commands.cases import Done, Draft, Request, act, report
from data.commands.demo_accounts import make_demo_accounts
from data.queries.accounts import demo_password
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import CaseAct, Role
from tests.bench.system import System, until
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

READY = """return !!(window.zhizhi && zhizhi.desk && zhizhi.desk.api && document.fonts.status === 'loaded'
  && document.querySelectorAll('#desk-grid .ag-row').length && zhizhi.state().connected && zhizhi.state().trouble === '')"""
NUMBERS = "return zhizhi.desk.rows().map((r) => r.no)"
CHOSEN = "return zhizhi.desk.chosen"
SELECTED = "return zhizhi.desk.api.getSelectedRows().map((r) => r.no)"
SCROLL = "return document.querySelector('#desk-grid .ag-body-viewport, #desk-grid .ag-grid-viewport').scrollTop"
SCROLLER = "document.querySelector('#desk-grid .ag-body-viewport, #desk-grid .ag-grid-viewport')"
FIRST = """const box = document.querySelector('#desk-grid').getBoundingClientRect();
  return [...document.querySelectorAll('#desk-grid .ag-row')].map((r) => [r.getAttribute('row-id'), r.getBoundingClientRect().top])
  .filter(([, top]) => top > box.top + 40).sort((a, b) => a[1] - b[1])[0]"""
CLIPPED = """return [...document.querySelectorAll('.desk .hd *, .desk .chip, .desk .btn, .desk .ph *, .desk .ag-header-cell-text, .desk .bdg, .desk .due, .desk .fw, .desk dt, .desk .ft *')]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map((e) => e.className + ': ' + e.textContent)"""
OUTSIDE = """return [...document.querySelectorAll('.desk *')].filter((e) => e.offsetParent && !e.closest('#desk-grid') && !e.closest('.below'))
  .filter((e) => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.bottom > innerHeight + 1; })
  .map((e) => e.className || e.tagName)"""
SMALL = """return [...document.querySelectorAll('.desk *')].filter((e) => e.offsetParent && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 14).map((e) => e.className + ': ' + e.textContent)"""
OPEN = "return !document.querySelector('#{id}').classList.contains('off')"
OTHER = Actor(None, "另一值班员", Role.OPERATOR)


@pytest.fixture(scope="module")
def city(make_city: Callable[..., System]) -> System:
    """A city whose feeds stand still: only the tests move cases."""
    return make_city("web")


@pytest.fixture(scope="module")
def people(city: System) -> Iterator[str]:
    """Return the password of the ready accounts."""
    with city.store() as store:
        with store.write() as conn:
            make_demo_accounts(conn, catalogue(), now=utc_now())
        with store.read() as conn:
            yield demo_password(conn)


def enter(
    page: Browser, password: str, name: str = "operator-city", back: str = "/desk"
) -> Browser:
    page.driver.get(page.base + "/login?lang=zh&next=" + quote(back))
    until(lambda: page.js("return !!document.querySelector('.entry input[name=name]')"), 45)
    page.find(".entry input[name=name]").send_keys(name)
    page.find(".entry input[name=password]").send_keys(password + Keys.ENTER)
    return ready(page)


def ready(page: Browser) -> Browser:
    until(lambda: page.js(READY), 45, lambda: f"{page.devtools.complaints} {page.state()}")
    return page


def see(page: Browser, path: str = "/desk?lang=zh") -> Browser:
    page.driver.get(page.base + path)
    return ready(page)


@pytest.fixture(scope="module")
def page(city: System, people: str, make_browser: Callable[..., Browser]) -> Browser:
    return enter(make_browser(city.url), people)


@pytest.fixture
def desk(page: Browser) -> Browser:
    page.js("localStorage.clear()")
    return see(page)


def does(city: System, no: str, what: CaseAct, **fields: Any) -> Done:
    """Let somebody else act, as another web worker would."""
    with city.store() as store, store.write() as conn:
        request = Request(what, OTHER, utc_now(), None, fields)
        done = act(conn, catalogue(), read_keys(conn), no, request)
    assert isinstance(done, Done), done
    return done


def made(city: System, **more: Any) -> str:
    """Let somebody else make a case and open it."""
    given = {
        "category": "geohazard",
        "title": "边坡塌方",
        "area": "441602",
        "lon": 114.69,
        "lat": 23.70,
    }
    with city.store() as store, store.write() as conn:
        draft = Draft(**(given | more))
        done = report(conn, catalogue(), read_keys(conn), draft, OTHER, utc_now())
    assert isinstance(done, Done), done
    for what in (CaseAct.VERIFY, CaseAct.OPEN):
        does(city, done.case_no, what)
    return done.case_no


def query(page: Browser) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(urlsplit(page.driver.current_url).query).items()}


def is_open(page: Browser, id_: str) -> bool:
    return bool(page.js(OPEN.replace("{id}", id_)))


def chip(facet: str, value: str) -> str:
    return f'.chip[data-facet="{facet}"][data-value="{value}"]'


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
    no = made(city, lon=114.91, lat=23.61, title="单独的点")
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
