"""A case in browsers: led from its report to its end by those who may, never overwritten."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.keys import Keys

from data.vocabulary import CaseAct
from tests.bench.system import System, until
from tests.browser.case_side import (
    acts,
    does,
    form,
    goes,
    open_case,
    opens,
    people,
    reported,
    sends,
    sign_in,
    state,
    types,
)
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

A = CaseAct
WIDE = "return document.documentElement.scrollWidth - innerWidth"
CLIPPED = """return [...document.querySelectorAll('.casep h2, .casep .btn, .casep .state, .casep .crow > *, .casep .holders td, .casep .held *, .casep .left *')]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'
    && !e.closest('.tl'))
  .map((e) => e.className + ': ' + e.textContent)"""
TO_HANDLING = (
    ("test.centre", A.VERIFY, {}),
    ("test.centre", A.OPEN, {}),
    ("test.centre", A.DISPATCH, {"department": "water"}),
    ("test.water", A.ACCEPT, {}),
    ("test.water", A.START, {}),
)


@pytest.fixture(scope="module")
def town(make_city: Callable[..., System]) -> System:
    """A web server over a small store, with people."""
    system = make_city("web")
    people(system)
    return system


@pytest.fixture(scope="module")
def centre(town: System, make_browser: Callable[..., Browser]) -> Browser:
    page = make_browser(town.url)
    sign_in(page, "test.centre")
    return page


@pytest.fixture(scope="module")
def other(town: System, make_browser: Callable[..., Browser]) -> Browser:
    """One more browser: of whom the test says."""
    return make_browser(town.url)


def texts(page: Browser, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
    return list(page.js(script, selector))


def test_a_case_goes_its_way_from_report_to_end_through_those_who_may(
    town: System, centre: Browser, other: Browser
) -> None:
    no = reported(town)
    dispatched(centre, no)
    taken_and_extended(centre, other, no)
    checked_after_rework(other, no)
    open_case(centre, no)
    acts(centre, A.CHECK_GOOD, "核查通过")
    acts(centre, A.CLOSE, "已结案")
    assert state(town, no) == "closed"
    assert "返工 1 次" in centre.text("#case-head")
    told = texts(centre, "#case-middle .turns .first b")
    assert told[0] == "结案"
    assert told[-1] == "上报"
    assert centre.devtools.complaints == []


def dispatched(centre: Browser, no: str) -> None:
    open_case(centre, no)
    acts(centre, A.VERIFY, "已核实")
    acts(centre, A.OPEN, "已立案")
    opens(centre, A.DISPATCH)
    assert "市水务局" in centre.text(f"{form(A.DISPATCH)} .why")
    picked = centre.js(f"return document.querySelector('{form(A.DISPATCH)} select').value")
    assert picked == "water", "what the duties propose is chosen already"
    centre.js(f"document.querySelector('{form(A.DISPATCH)} .cancel').click()")
    acts(centre, A.DISPATCH, "已派遣")


def taken_and_extended(centre: Browser, other: Browser, no: str) -> None:
    sign_in(other, "test.water")
    open_case(other, no)
    acts(other, A.ACCEPT, "已签收")
    acts(other, A.START, "处置中")
    until(lambda: centre.text("#case-head .state") == "处置中", 15, "seen at the other desk")
    opens(other, A.ASK_EXTENSION)
    types(other, A.ASK_EXTENSION, "reason", "需潜水作业")
    box = f'{form(A.ASK_EXTENSION)} [data-field="until"] input'
    other.js(
        "const b = document.querySelector(arguments[0]); const set = Object.getOwnPropertyDescriptor("
        "HTMLInputElement.prototype, 'value').set; set.call(b, '2099-01-05T12:00');"
        "b.dispatchEvent(new Event('input', { bubbles: true }));",
        box,
    )
    sends(other, A.ASK_EXTENSION)
    other.until(
        "return document.querySelector('#case-head .held').textContent.includes('待审批')", 15
    )
    sign_in(other, "test.leader")
    open_case(other, no)
    opens(other, A.GRANT)
    types(other, A.GRANT, "note", "同意延期")
    sends(other, A.GRANT)
    other.until("return !!document.querySelector('#case-middle .clocks .old s')", 15)
    assert "第 1 号审批（延期，黄志强）" in other.text("#case-middle .clocks")
    assert "2099-01-05 12:00" in other.text("#case-head .left")


def checked_after_rework(other: Browser, no: str) -> None:
    """Report back, send it back once, and report back again."""
    sign_in(other, "test.water")
    open_case(other, no)
    acts(other, A.REPORT_BACK, "已反馈", note="反滤压浸已完成")
    sign_in(other, "test.check")
    open_case(other, no)
    acts(other, A.CHECK_BAD, "返工", note="下游侧仍有一处渗水")
    sign_in(other, "test.water")
    open_case(other, no)
    acts(other, A.START, "处置中")
    acts(other, A.REPORT_BACK, "已反馈", note="下游侧也已处理")


def test_two_who_act_at_once_never_overwrite_each_other(town: System, centre: Browser) -> None:
    no = reported(town, "两人同时办理")
    goes(town, no, *TO_HANDLING, ("test.water", A.REPORT_BACK, {"note": "已处置"}))
    open_case(centre, no)
    opens(centre, A.CHECK_BAD)
    types(centre, A.CHECK_BAD, "note", "照片不清楚")
    does(town, no, "test.check", A.NOTE, note="我已到现场")
    centre.until("return !document.querySelector('.doing .moved').classList.contains('off')", 15)
    typed = f"return document.querySelector('{form(A.CHECK_BAD)} textarea').value"
    assert centre.js(typed) == "照片不清楚", "a form in use is left alone"
    sends(centre, A.CHECK_BAD)
    centre.until(f"return !!document.querySelector('{form(A.CHECK_BAD)} .told .since li')", 15)
    said = centre.text(f"{form(A.CHECK_BAD)} .told")
    assert "未作任何改动" in said
    assert "陈浩" in said
    assert "我已到现场" in said
    assert state(town, no) == "reported_back"
    assert centre.js(typed) == "照片不清楚"
    sends(centre, A.CHECK_BAD)
    until(lambda: state(town, no) == "rework", 15, "chosen again")
    until(lambda: centre.text("#case-head .state") == "返工", 15)


def test_what_another_desk_does_is_seen_without_loading_the_page_again(
    town: System, centre: Browser
) -> None:
    no = reported(town, "别处办理")
    open_case(centre, no)
    centre.js("window.__mark = 1")
    does(town, no, "test.check", A.VERIFY)
    until(lambda: centre.text("#case-head .state") == "已核实", 15)
    assert centre.js("return window.__mark") == 1
    assert "核实" in texts(centre, "#case-middle .turns .first b")


def test_a_draft_outlives_a_reload_and_goes_when_it_was_sent(town: System, centre: Browser) -> None:
    no = reported(town, "草稿")
    open_case(centre, no)
    opens(centre, A.NOTE)
    types(centre, A.NOTE, "note", "电话记录：现场增派4人")
    centre.driver.refresh()
    until(lambda: centre.js("return !!document.querySelector('#case .chead')"), 45)
    opens(centre, A.NOTE)
    typed = f"return document.querySelector('{form(A.NOTE)} textarea').value"
    until(lambda: centre.js(typed) == "电话记录：现场增派4人", 10, lambda: centre.js(typed))
    assert "已恢复" in centre.text(f"{form(A.NOTE)} .draft")
    sends(centre, A.NOTE)
    centre.until(
        "return document.querySelector('#case-middle .turns').textContent.includes('增派4人')", 15
    )
    assert (
        centre.js("return Object.keys(localStorage).filter((k) => k.startsWith('zhizhi-draft:'))")
        == []
    )
    opens(centre, A.NOTE)
    assert centre.js(typed) == ""


def test_a_text_that_is_too_long_is_refused_in_words_and_kept(
    town: System, centre: Browser
) -> None:
    no = reported(town, "长文本")
    open_case(centre, no)
    opens(centre, A.NOTE)
    centre.js(
        "const b = document.querySelector(arguments[0]); Object.getOwnPropertyDescriptor("
        "HTMLTextAreaElement.prototype, 'value').set.call(b, '粘'.repeat(100000));"
        "b.dispatchEvent(new Event('input', { bubbles: true }));",
        f"{form(A.NOTE)} textarea",
    )
    sends(centre, A.NOTE)
    wrong = f'{form(A.NOTE)} [data-field="note"] .wrong'
    centre.until(f"return !!document.querySelector('{wrong}').textContent", 20)
    assert re.search(r"4.000 .*100.000", centre.text(wrong)), centre.text(wrong)
    length = f"return document.querySelector('{form(A.NOTE)} textarea').value.length"
    assert centre.js(length) == 100000
    assert len(texts(centre, "#case-middle .turns li")) == 1


def test_a_lost_server_is_said_and_what_was_typed_stays(
    make_city: Callable[..., System], browser: Callable[..., Browser]
) -> None:
    system = make_city("web")
    people(system)
    no = reported(system, "断网")
    page = browser(system.url)
    sign_in(page, "test.centre")
    open_case(page, no)
    opens(page, A.NOTE)
    types(page, A.NOTE, "note", "断网前写下的话")
    system.kill("web")
    sends(page, A.NOTE)
    page.until(f"return !!document.querySelector('{form(A.NOTE)} .lost-note')", 20)
    assert "存于本机" in page.text(f"{form(A.NOTE)} .lost-note")
    assert (
        page.js(f"return document.querySelector('{form(A.NOTE)} textarea').value")
        == "断网前写下的话"
    )
    system.start("web")
    system.wait("/healthz")
    page.until("return zhizhi.state().trouble === ''", 60)
    sends(page, A.NOTE)
    page.until(
        "return document.querySelector('#case-middle .turns').textContent.includes('断网前写下的话')",
        20,
    )


def test_what_came_in_is_text_and_nothing_else(town: System, centre: Browser) -> None:
    no = reported(town, "<img src=x onerror=alert(1)>", body="<script>document.title='x'</script>")
    does(town, no, "test.check", A.NOTE, note="[点此](javascript:alert(1)) <b>粗</b>")
    open_case(centre, no)
    assert centre.text("#case-head h2") == "<img src=x onerror=alert(1)>"
    assert "<script>" in centre.text("#case-left .body")
    assert "<b>粗</b>" in centre.text("#case-middle .turns .note")
    assert (
        centre.js(
            "return [...document.querySelectorAll('#case a')].filter((a) => !/^http/.test(a.href))"
        )
        == []
    )
    assert (
        centre.js(
            "return document.querySelectorAll('#case-middle script, #case-left script').length"
        )
        == 0
    )


def test_a_case_that_is_not_there_and_one_that_is_not_mine_are_the_same(
    town: System, other: Browser
) -> None:
    no = reported(town, "别的部门", category="road_blocked")
    goes(town, no, *TO_HANDLING[:2], ("test.centre", A.DISPATCH, {"department": "highway"}))
    sign_in(other, "test.water")
    said = []
    for asked in (no, "ZZ-GIBT-ES-NICHT"):
        open_case(other, asked)
        said.append(other.text("#case .nothing").replace(asked, "…"))
        status = other.js(
            "const x = new XMLHttpRequest(); x.open('GET', location.href, false); x.send();"
            "return x.status"
        )
        assert status == 404
    assert said[0] == said[1]
    assert "权限范围内没有案件" in said[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (1366, 768)])
def test_the_page_fits_its_screen(
    town: System, centre: Browser, lang: str, size: tuple[int, int]
) -> None:
    no = reported(town, "版面")
    goes(town, no, *TO_HANDLING)
    centre.resize(*size)
    open_case(centre, no, f"?lang={lang}")
    centre.settle()
    assert centre.js(WIDE) <= 0
    assert centre.js(CLIPPED) == []
    centre.resize(1920, 1080)
    open_case(centre, no, "?lang=zh")


def test_everything_is_reached_with_the_keyboard(town: System, centre: Browser) -> None:
    no = reported(town, "键盘")
    open_case(centre, no)
    centre.press("n")
    centre.until(f"return !document.querySelector('{form(A.NOTE)}').classList.contains('off')", 5)
    assert centre.js("return document.activeElement.tagName") == "TEXTAREA"
    centre.press("只用键盘")
    centre.press(Keys.ESCAPE)
    assert centre.js("return document.activeElement.dataset.open") == "note"
    centre.press(Keys.ENTER)
    centre.until(f"return !document.querySelector('{form(A.NOTE)}').classList.contains('off')", 5)
    centre.press(Keys.TAB)
    shown = centre.js("""const e = document.activeElement, s = getComputedStyle(e);
      return [e.className, s.outlineStyle]""")
    assert "send" in shown[0]
    assert shown[1] != "none"
    centre.press(Keys.ENTER)
    centre.until(
        "return document.querySelector('#case-middle .turns').textContent.includes('只用键盘')", 15
    )


def test_the_paper_is_a4_light_whole_and_marked_as_demo(town: System, centre: Browser) -> None:
    no = reported(town, "打印")
    goes(
        town, no, *TO_HANDLING, *[("test.centre", A.NOTE, {"note": f"第{i}条"}) for i in range(30)]
    )
    open_case(centre, no, "?lang=zh&print=1")
    assert (
        centre.js("return getComputedStyle(document.querySelector('#case')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert centre.js(
        "return [...document.querySelectorAll('#case-middle details')].every((d) => d.open)"
    )
    assert (
        centre.js("return getComputedStyle(document.querySelector('#case-acts')).display") == "none"
    )
    assert centre.text(".hd .demo") == "演示数据"
    open_case(centre, no)
    sheet = centre.driver.execute_cdp_cmd(
        "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True}
    )
    pdf = base64.b64decode(sheet["data"])
    plain = pdf + b"".join(_streams(pdf))
    sizes = {
        tuple(map(float, m)) for m in re.findall(rb"MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", plain)
    }
    assert sizes, "pages have a size"
    assert all(abs(w - 595) < 3 and abs(h - 842) < 3 for w, h in sizes)
    assert len(re.findall(rb"/Type\s*/Page\b", plain)) >= 2
    centre.until("return !document.querySelector('#case').classList.contains('paper')", 5)


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            found.append(zlib.decompress(body))
        except zlib.error:
            continue
    return found


def test_nothing_is_asked_of_the_outside(town: System, centre: Browser) -> None:
    centre.devtools.forget()
    open_case(centre, reported(town, "外部"))
    centre.settle()
    hosts = {urlsplit(u).hostname for u in centre.devtools.urls if u.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}
    assert centre.devtools.complaints == []
