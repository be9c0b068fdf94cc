"""The page of one indicator in a browser: drawn, walked by keys, taken away, talked about."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from selenium.webdriver.common.keys import Keys

from data import models as m
from data.catalogue import catalogue
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import LOCAL
from tests.bench.system import System, until
from tests.browser.case_side import people, sign_in
from tests.browser.chromium import Browser
from tests.store.weeks import waves, weeks

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CODE = "PS-24"
DRAWN = """return !!document.querySelector('#indicator-chart .main-svg .scatterlayer .trace')
  && !!window.zhizhi && zhizhi.state().connected && document.fonts.status === 'loaded'"""
MARKS = """return [...document.querySelectorAll('#indicator-chart .points path')].length"""
PERIOD = "return document.querySelector('.ind .at').textContent"
FETCHED = """const done = arguments[arguments.length - 1];
fetch(arguments[0]).then(async (r) => {
  const bytes = new Uint8Array(await r.arrayBuffer());
  done([r.status, r.headers.get('Content-Disposition'), btoa(String.fromCharCode(...bytes))]);
})"""


def monday() -> date:
    """Return the Monday of the newest whole week."""
    today = utc_now().astimezone(LOCAL).date()
    return today - timedelta(days=today.weekday() + 7)


@pytest.fixture(scope="module")
def town(make_city: Callable[..., System]) -> System:
    system = make_city("web")
    people(system)
    told = {
        a.code: [(round(x), 100.0) for x in waves(60, 96.0, 1.5)] for a in catalogue().counties()
    }
    told["441602"][-1] = (20.0, 100.0)
    with system.store() as store:
        with store.write() as conn:
            number = read_keys(conn).indicators[CODE]
            for table in (m.rollup_week, m.rollup_day):
                conn.execute(table.delete().where(table.c.indicator_id == number))
        weeks(store, CODE, told, last=monday())
    return system


def opened(page: Browser, query: str = "lang=zh", code: str = CODE) -> None:
    page.driver.get(f"{page.base}/indicator/{code}?{query}")
    until(lambda: page.js(DRAWN), 45, lambda: f"drawn: {page.devtools.complaints}")


def fetched(page: Browser, selector: str) -> tuple[str, bytes]:
    href = page.find(selector).get_attribute("href")
    status, name, body = page.driver.execute_async_script(FETCHED, href)
    assert status == 200
    return name, base64.b64decode(body)


def test_the_page_is_drawn_walked_taken_away_and_talked_about(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.leader")
    opened(page)
    year, week, _ = monday().isocalendar()
    newest = f"{year}-W{week:02}"
    assert page.js(PERIOD) == newest
    assert page.js(MARKS) > 50
    assert page.text(".bigf .big b") not in ("", "—")
    assert "关注" in page.text(".p-areas tbody tr")
    assert "月" in page.js("return document.querySelector('#indicator-chart g.xtick').textContent")

    page.find("body").send_keys(Keys.ARROW_LEFT)
    until(lambda: page.js(PERIOD) != newest, 15, "the week before")
    assert f"week={page.js(PERIOD)}" in page.driver.current_url
    page.find("body").send_keys(Keys.ARROW_RIGHT)
    until(lambda: page.js(PERIOD) == newest, 15, "back again")

    opened(page)
    taken_away(page, newest)
    remarked(page, town)
    assert page.devtools.complaints == []


def taken_away(page: Browser, newest: str) -> None:
    """The files hold what the page shows."""
    name, text = fetched(page, '.ind a[href*="data.csv"]')
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert "PS-24" in name
    at = next(r for r in rows if r and r[0] == newest)
    name, book = fetched(page, '.ind a[href*="data.xlsx"]')
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    same = next(r for r in sheet if r[0] == newest)
    assert float(at[3]) == pytest.approx(same[3])
    shown = float(page.text(".bigf .big b"))
    assert float(at[3]) == pytest.approx(shown, abs=0.06)


def remarked(page: Browser, town: System) -> None:
    """A remark is said, flagged in the chart and kept."""
    page.find("textarea#indicator-remark, #indicator-remark textarea").send_keys("系统升级当周少报")
    page.find("#indicator-day").send_keys((monday() - timedelta(days=14)).isoformat())
    page.find("#indicator-send").click()
    until(lambda: "系统升级当周少报" in page.text(".p-talk .talk"), 20, "said")
    flags = "return document.querySelectorAll('#indicator-chart .textpoint').length"
    until(lambda: page.js(flags) == 1, 15, "a flag in the chart")
    with town.store() as store, store.read() as conn:
        (kept,) = conn.execute(m.remark.select()).all()
    assert (kept.text, kept.actor) == ("系统升级当周少报", "黄志强")


def test_what_is_not_there_says_so_and_paper_is_light_and_one_column(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.centre")
    page.driver.get(f"{page.base}/indicator/XX-9?lang=zh")
    until(lambda: "没有代码为 XX-9 的指标" in page.text(".sheet.alone"), 30, "404 in words")
    opened(page, "lang=zh&print=1")
    assert page.js("return getComputedStyle(document.querySelector('.row1')).display") == "block"
    assert page.js("return getComputedStyle(document.querySelector('.wbar')).display") == "none"
    page.driver.get(f"{page.base}/area/441602?lang=zh")
    until(lambda: page.js("return !!document.querySelector('.score tbody tr')"), 45, "area")
    page.driver.get(f"{page.base}/domain/public_safety?lang=zh")
    until(lambda: page.js("return document.querySelectorAll('.icard').length > 5"), 45, "domain")
    page.driver.get(f"{page.base}/e/{CODE}.441600.26W40")
    until(lambda: page.js("return !!document.querySelector('.proof h3')"), 45, "evidence")
    assert "2026-W40" in page.text(".proof h3")
