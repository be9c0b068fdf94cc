"""Signing in with a browser: by keyboard, wrongly, out again, and when a session ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from data.catalogue import catalogue
from data.commands import accounts
from data.commands.audit import SHELL
from data.commands.demo_accounts import make_demo_accounts
from data.queries.accounts import demo_password
from data.store import utc_now
from data.vocabulary import Role
from tests.bench.system import System, until
from tests.browser.chromium import Browser
from tests.store.people import GOOD, OTHER, make

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

DRAWN = "return !!document.querySelector('.door h2') && document.fonts.status === 'loaded'"
BOARD = "return !!document.querySelector('#board .who')"
CLIPPED = """return [...document.querySelectorAll('.door h1, .door h2, .door .btn, .door .pick span, .door .hint, .door .hd *, .page .hd .who *')]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map((e) => e.className + ': ' + e.textContent)"""
OUTSIDE = """return [...document.querySelectorAll('.door *')].filter((e) => e.offsetParent)
  .filter((e) => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.bottom > innerHeight + 1; })
  .map((e) => e.className || e.tagName)"""
MIDDLE = """const r = document.querySelector('.stop').getBoundingClientRect();
  return r.top > innerHeight / 4 && r.bottom < innerHeight * .75"""
FIELDS = "return Object.fromEntries([...document.querySelectorAll('.entry input')].map((i) => [i.name, i.value]))"


@pytest.fixture(scope="module")
def people(city: System) -> Iterator[str]:
    """Ready accounts of the demonstration, and two more; return the ready ones' password."""
    with city.store() as store:
        with store.write() as conn:
            make_demo_accounts(conn, catalogue(), now=utc_now())
        make(store, "wang.min.2", display="王敏二", now=utc_now(), role=Role.LEADER)
        make(store, "sys.admin", display="系统员", now=utc_now(), role=Role.SYSTEM)
        make(store, "new.comer", display="新同事", now=utc_now(), must_change=True)
        with store.read() as conn:
            yield demo_password(conn)


@pytest.fixture
def page(city: System, people: str, browser: Callable[..., Browser]) -> Browser:
    return browser(city.url)


def see(page: Browser, path: str, drawn: str = DRAWN) -> None:
    page.driver.get(page.base + path)
    arrive(page, drawn)


def arrive(page: Browser, drawn: str) -> None:
    until(lambda: page.js(drawn), 45, lambda: f"{drawn}: {page.devtools.complaints}")


def path(page: Browser) -> str:
    parts = urlsplit(page.driver.current_url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def type_in(page: Browser, name: str, password: str) -> None:
    """Sign in as a hand does: the first field has the focus, Tab, Enter."""
    page.press(name + Keys.TAB)
    page.press(password + Keys.ENTER)


def fields(page: Browser) -> Any:
    return page.js(FIELDS)


def test_by_keyboard_from_a_page_and_back_to_it(page: Browser) -> None:
    see(page, "/sources?lang=zh&tab=debts", BOARD)
    page.click(".who a")
    arrive(page, DRAWN)
    type_in(page, "wang.min.2", GOOD)
    arrive(page, "return !!document.querySelector('#board .who .me')")
    assert path(page) == "/sources?lang=zh&tab=debts"
    assert "王敏二" in page.text(".who .me")
    assert "值班领导" in page.text(".who .me")
    assert page.devtools.complaints == []


def test_a_wrong_password_is_said_in_words_and_the_name_stays(page: Browser) -> None:
    see(page, "/login?lang=zh&next=/sources")
    type_in(page, "wang.min.2", OTHER)
    arrive(page, "return !!document.querySelector('.told.bad')")
    assert "账号或口令不正确" in page.text(".told")
    arrive(page, "return document.activeElement.name === 'password'")
    assert {k: v for k, v in fields(page).items() if k in ("name", "password")} == {
        "name": "wang.min.2",
        "password": "",
    }
    assert OTHER not in page.driver.current_url
    page.press(GOOD + Keys.ENTER)
    arrive(page, "return !!document.querySelector('#board .who .me')")


def test_signing_out_keeps_the_language(page: Browser) -> None:
    see(page, "/login?lang=en&next=/sources")
    type_in(page, "wang.min.2", GOOD)
    arrive(page, "return !!document.querySelector('#board .who .me')")
    page.click(".who button")
    arrive(page, "return !!document.querySelector('.door .told')")
    assert page.text(".told") == "You are signed out."
    see(page, "/sources", BOARD)
    assert page.text(".who") == "Sign in"


def test_a_click_on_a_demo_account_signs_in(page: Browser, people: str) -> None:
    see(page, "/login?lang=zh&next=/sources")
    assert people in page.text(".ready")
    page.click(".pick[value='dept-water']")
    arrive(page, "return !!document.querySelector('#board .who .me')")
    assert "市水务局" in page.text(".who .me")


def test_a_first_sign_in_asks_for_a_password_of_ones_own(page: Browser) -> None:
    see(page, "/login?lang=zh&next=/sources")
    type_in(page, "new.comer", GOOD)
    arrive(page, "return !!document.querySelector('.entry input[name=again]')")
    assert "首次登录" in page.text(".told")
    page.press(GOOD + Keys.TAB + "1234567890" + Keys.TAB + "1234567890" + Keys.ENTER)
    arrive(page, "return !!document.querySelector('.told.bad')")
    assert "过于常见" in page.text(".told")
    page.press(GOOD + Keys.TAB + OTHER + Keys.TAB + OTHER + Keys.ENTER)
    arrive(page, "return !!document.querySelector('#board .who .me')")


def test_a_page_that_is_not_for_everybody_asks_first_and_refuses_in_words(page: Browser) -> None:
    see(page, "/desk?lang=zh")
    assert path(page).startswith("/login?next=%2Fdesk")
    assert "请先登录" in page.text(".told")
    type_in(page, "sys.admin", GOOD)
    arrive(page, "return !!document.querySelector('.stop .who')")
    assert path(page) == "/desk?lang=zh"
    assert "无权访问" in page.text(".stop")
    assert "系统员" in page.text(".stop .who")
    assert page.js(MIDDLE)


def test_a_session_that_ends_is_said_and_what_was_typed_stays(page: Browser, city: System) -> None:
    see(page, "/login?lang=zh&next=/sources")
    type_in(page, "wang.min.2", GOOD)
    arrive(page, "return !!document.querySelector('#board .who .me')")
    page.js("document.querySelector('.find input').focus()")
    page.press("打了一半的字")
    with city.store() as store, store.write() as conn:
        accounts.end_sessions(conn, "wang.min.2", by=SHELL, now=utc_now())
    page.js(
        "const a = document.querySelector('.who'), b = a.cloneNode(true);"
        "b.dataset.left = '0'; a.replaceWith(b)"
    )
    page.until("return !!document.querySelector('.session-end')", 5)
    assert "已输入的内容仍保留" in page.text(".session-end")
    assert page.js("return document.querySelector('.find input').value") == "打了一半的字"
    page.click(".session-end a")
    until(lambda: len(page.driver.window_handles) == 2, 10)
    page.driver.switch_to.window(page.driver.window_handles[1])
    arrive(page, DRAWN)
    assert "登录已失效" in page.text(".told")
    type_in(page, "wang.min.2", GOOD)
    arrive(page, "return !!document.querySelector('#board .who .me')")
    page.driver.close()
    page.driver.switch_to.window(page.driver.window_handles[0])
    page.js("dispatchEvent(new Event('focus'))")
    page.until("return !document.querySelector('.session-end')", 5)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (1366, 768)])
def test_the_page_fits_its_screen_in_both_languages(
    page: Browser, lang: str, size: tuple[int, int]
) -> None:
    page.resize(*size)
    for said in ("", "&said=wrong", "&said=too_many&wait=37"):
        see(page, f"/login?lang={lang}&next=/sources{said}")
        assert page.js(CLIPPED) == []
        assert page.js(OUTSIDE) == []
    page.click(".pick")
    arrive(page, BOARD)
    see(page, "/login")
    assert page.js(CLIPPED) == []
    see(page, "/login?view=password")
    assert page.js(CLIPPED) == []
    assert page.js(OUTSIDE) == []
    see(page, "/sources", BOARD)
    assert page.js(CLIPPED) == []
    assert page.devtools.complaints == []
    hosts = {urlsplit(u).hostname for u in page.devtools.urls if u.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}
