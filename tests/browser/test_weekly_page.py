"""The weekly review in browsers: what leaders add to it, what readers find, and what is printed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from selenium.webdriver.common.keys import Keys

from data.calendar.week import Week
from data.catalogue import catalogue
from data.commands.accounts import Wanted, create
from data.commands.audit import SHELL
from data.panels import weekly as panel
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import LOCAL, Role
from tests.bench.system import System, until
from tests.browser.case_side import PASSWORD, people, reported, sign_in
from tests.browser.chromium import Browser
from tests.review_sample import sample_review

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CITY = "441600"
WEEK = Week.of(utc_now().astimezone(LOCAL).date()) - 1
DRAWN = """return !!document.querySelector('.sheet .p-foot, .sheet .stop1') && !!window.zhizhi
  && document.fonts.status === 'loaded' && zhizhi.state().connected"""
SET = "dash_clientside.set_props(JSON.parse(arguments[0]), {value: arguments[1]})"
FIRST = """const t = document.querySelector('.rvt.score')?.tBodies[0].rows ?? [];
  return [...t].map((r) => r.cells[1].firstChild.textContent)"""


@pytest.fixture(scope="module")
def town(make_city: Callable[..., System]) -> System:
    """A small city whose last week is kept as the sample says it."""
    system = make_city("web")
    people(system)
    facts = catalogue()
    with system.store() as store:
        with store.write() as conn:
            keys = read_keys(conn)
            viewer = Wanted("test.viewer", "朱文", Role.VIEWER, must_change=False)
            create(conn, facts, keys, viewer, PASSWORD, by=SHELL, now=utc_now())
        with store.read() as conn:
            mark = panel.build(conn, facts, keys, str(WEEK), CITY, utc_now())["mark"]
        kept = sample_review(
            week=str(WEEK), first=WEEK.first.isoformat(), last=WEEK.last.isoformat(), mark=mark,
            as_of=(utc_now() + timedelta(hours=1)).timestamp(),
        )  # fmt: skip
        panel.keep(store, keys, kept)
    return system


def opened(page: Browser, query: str = "") -> None:
    page.driver.get(f"{page.base}/weekly?lang=zh{query}")
    until(lambda: page.js(DRAWN), 45, lambda: f"drawn: {page.devtools.complaints}")


def put(page: Browser, field: str, key: str, value: str) -> None:
    """Type into a field as its component would tell it."""
    page.js(SET, json.dumps({"type": "week-field", "field": field, "key": key}), value)


def click(page: Browser, selector: str) -> None:
    page.js("document.querySelector(arguments[0]).click()", selector)


def click_word(page: Browser, within: str, word: str) -> None:
    page.js(
        "[...document.querySelectorAll(arguments[0] + ' button')]"
        ".find((b) => b.textContent === arguments[1]).click()",
        within, word,
    )  # fmt: skip


def test_a_leader_promises_rewords_and_freezes(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    number = reported(town)
    sign_in(page, "test.leader")
    opened(page)
    promises(page, number)
    keeps(page)
    rewords(page)
    click_word(page, ".wbar", "本周定稿")
    until(lambda: "已定稿" in page.text(".title"), 20, lambda: page.text(".wbar"))
    assert "本周定稿" not in page.text(".wbar")
    assert page.devtools.complaints == []


def promises(page: Browser, number: str) -> None:
    """Make a promise of a case; every field that is missing is named first."""
    assert "尚无承诺事项" in page.text(".p-promises")
    click(page, ".p-promises > .form > summary")
    put(page, "text", "new", "月底前排除堤防险情")
    put(page, "case_no", "new", number)
    click_word(page, ".p-promises", "提出承诺")
    told = ".p-promises > .form .told"
    until(lambda: "未保存" in page.text(told), 20, lambda: page.text(told))
    assert all(word in page.text(told) for word in ("责任单位", "责任人", "完成周")), page.text(
        told
    )
    typed = page.js("return document.querySelector('.p-promises .f-text input').value")
    assert typed == "月底前排除堤防险情", "what was typed is kept"
    put(page, "department", "new", "water")
    put(page, "owner", "new", "刘建国")
    put(page, "due", "new", str(WEEK + 3))
    click_word(page, ".p-promises", "提出承诺")
    until(lambda: "月底前排除堤防险情" in page.text(".promise"), 20, lambda: page.text(told))
    assert number in page.text(".promise")
    assert page.js("return document.querySelector('.p-promises > .form .f-text input').value") == ""


def keeps(page: Browser) -> None:
    """Say that the promise was kept, with a note."""
    click(page, ".promise .form > summary")
    click_word(page, ".promise", "确认兑现")
    until(lambda: "未填写" in page.text(".promise .told"), 20, lambda: page.text(".promise"))
    key = page.js("return document.querySelector('.promise .f-note input').id")
    put(page, "note", json.loads(key)["key"], "险情已排除")
    click_word(page, ".promise", "确认兑现")
    until(lambda: "已兑现" in page.text(".promise .st"), 20, "kept")
    assert "险情已排除" in page.text(".promise .hist")


def rewords(page: Browser) -> None:
    """Write a message anew by hand, and go back to the rule's words."""
    click(page, ".msg .form > summary")
    first = sample_review()["messages"][0]["key"]
    put(page, "wording", first, "流感上升，学校加强晨检。")
    click_word(page, ".msg", "保存文字")
    until(lambda: "流感上升，学校加强晨检。" in page.text(".msg p"), 20, "reworded")
    assert re.search(r"人工修改 · 黄志强 · \d\d-\d\d \d\d:\d\d", page.text(".msg .hand"))
    click_word(page, ".msg", "恢复规则文字")
    until(lambda: "流感样病例占比6.2%" in page.text(".msg p"), 20, "the rule speaks again")


def test_a_reader_finds_sorts_copies_and_goes_from_week_to_week(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.viewer")
    opened(page, f"&week={WEEK}&area={CITY}")
    asked = "return performance.getEntriesByType('resource').filter((r) => /update-comp/.test(r.name)).length"
    assert page.js(asked) == 0, "the first paint is the whole page"
    assert page.js("return document.querySelectorAll('.sheet .form').length") == 0
    assert "AJ-20261119-0032" not in page.text(".p-late") or "另有" in page.text(".p-late")
    assert page.js("return document.documentElement.scrollWidth - innerWidth") <= 0
    shown = page.js(FIRST)
    assert shown[0] == "电信网络诈骗警情"
    sorts(page, shown)
    copies(page)
    walks(page, shown)
    chooses_a_county(page)
    for bad, why in (("week=2026-W60", "不是有效的周"), ("week=2199-W01", "尚未开始"),
                     ("area=12", "没有代码为12的区域")):  # fmt: skip
        opened(page, f"&{bad}")
        assert why in page.text(".stop1"), bad
        assert "可查看" in page.text(".stop1") or "尚未开始" in page.text(".stop1")
    assert page.devtools.complaints == []


def sorts(page: Browser, shown: list[str]) -> None:
    """Three clicks on a head: down, up, and as it was."""
    click(page, ".rvt.score th:nth-child(3)")
    assert page.js(FIRST)[0] == "12345受理量"
    assert page.js(FIRST)[-1] == "臭氧浓度", "what is missing stands last"
    click(page, ".rvt.score th:nth-child(3)")
    assert page.js(FIRST)[0] == "公交班次执行率" or page.js(FIRST)[-1] == "臭氧浓度"
    click(page, ".rvt.score th:nth-child(3)")
    assert page.js(FIRST) == shown, "the third click is the order of the page"


def copies(page: Browser) -> None:
    """The scorecard is copied as a table."""
    page.js(
        "window.copied = ''; Object.defineProperty(navigator, 'clipboard', {configurable: true,"
        "value: {writeText: (t) => { window.copied = t; return Promise.resolve(); }}})"
    )
    click(page, ".p-score .copy")
    lines = page.js("return window.copied").split("\n")
    assert lines[0].split("\t")[:3] == ["领域", "指标", "本周"]
    assert lines[1].startswith("公共安全\t电信网络诈骗警情 （起）\t61\t")
    assert len({line.count("\t") for line in lines}) == 1


def walks(page: Browser, shown: list[str]) -> None:
    """Arrows lead from week to week, a question mark to help."""
    page.press(Keys.ARROW_LEFT)
    until(lambda: f"week={WEEK - 1}" in page.driver.current_url, 10, "the week before")
    until(lambda: "早于首批数据" in page.text(".stop1"), 20, lambda: page.text(".sheet"))
    page.press(Keys.ARROW_RIGHT)
    until(lambda: page.js(DRAWN) and page.js(FIRST) == shown, 20, "and back")
    page.press("?")
    until(lambda: page.js("return document.querySelector('.whelp').open"), 5, "help")
    page.press(Keys.ESCAPE)


def chooses_a_county(page: Browser) -> None:
    """The head of a county in the matrix leads to its page."""
    click(page, ".rvt.matrix a[href*='441602']")
    until(lambda: "area=441602" in page.driver.current_url, 10, "a head leads to its county")
    until(
        lambda: (
            "on"
            in page.js(
                "return [...document.querySelectorAll('.wbar .chip.on')].map((c) => c.className + c.textContent).join()"
            )
            and "源城" in page.text(".wbar .chip.on")
        ),
        30,
        "chosen",
    )


def test_it_prints_on_a4_with_everything_and_without_controls(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.leader")
    opened(page)
    whole = {"printBackground": False, "preferCSSPageSize": True}
    paper = base64.b64decode(page.driver.execute_cdp_cmd("Page.printToPDF", whole)["data"])
    pages = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 2 <= pages <= 6
    boxes = {m.group(1) for m in re.finditer(rb"/MediaBox\s*\[([^\]]*)\]", paper)}
    assert all([round(float(x)) for x in box.split()] in ([0, 0, 595, 842], [0, 0, 594, 842])
               for box in boxes)  # fmt: skip

    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.resize(703, 1000)
    hidden = """return [...document.querySelectorAll('.wbar, .hd.framed, .ft, .fold.form, .copy')]
      .filter((e) => e.getClientRects().length).length"""
    assert page.js(hidden) == 0
    wide = """return [...document.querySelectorAll('.sheet, .sheet table')]
      .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className)"""
    assert page.js(wide) == [], "nothing is cut at the right"
    bases = "return document.querySelector('.p-foot .fold .hint').getClientRects().length"
    assert page.js(bases) > 0, "folds are open"
    assert page.js("return getComputedStyle(document.querySelector('.score thead')).display") == (
        "table-header-group"
    )
    grounds = "return getComputedStyle(document.querySelector('.wall-root')).backgroundColor"
    assert page.js(grounds) == "rgb(255, 255, 255)"


def test_english_fits_and_holds_no_chinese_words_of_ours(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.viewer")
    page.driver.get(f"{page.base}/weekly?lang=en")
    until(lambda: page.js(DRAWN), 45, "drawn")
    assert page.js("return document.documentElement.scrollWidth - innerWidth") <= 0
    wide = """return [...document.querySelectorAll('.sheet table')]
      .filter((t) => t.scrollWidth > t.parentElement.clientWidth + 1).map((t) => t.className)"""
    assert page.js(wide) == []
    text = (
        page.text(".p-score") + page.text(".p-matrix") + page.text(".title").replace("黄志强", "")
    )
    assert re.findall("[\u4e00-\u9fff]+", text) == []
