"""Duties and procedures in browsers: a change is proposed by one and approved by another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys

from data import models as m
from data.vocabulary import CaseAct
from tests.bench.system import System, until
from tests.browser.case_side import goes, people, reported, sign_in
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CODE = "flood_risk"
DRAWN = "return !!document.querySelector('#duties-body .panel') && !!window.zhizhi && zhizhi.state().connected"
MINUTES = """return [...document.querySelectorAll('.step .f-min input')].map((e) => e.value)"""
STATES = "return [...document.querySelectorAll('tr[data-line]')].map((e) => e.dataset.line)"


@pytest.fixture(scope="module")
def town(make_city: Callable[..., System]) -> System:
    system = make_city("web")
    people(system)
    return system


def opened(page: Browser, query: str) -> None:
    page.driver.get(f"{page.base}/duties?{query}")
    until(lambda: page.js(DRAWN), 45, lambda: f"drawn: {page.devtools.complaints}")


def put(page: Browser, selector: str, text: str) -> None:
    box = page.find(selector)
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys(text)


def versions(system: System) -> list[tuple[int, str]]:
    with system.store() as store, store.read() as conn:
        rows = conn.execute(m.sop_version.select().order_by(m.sop_version.c.version)).all()
    return [(r.version, r.state) for r in rows]


def test_a_change_is_proposed_by_one_and_approved_by_another(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.centre")
    opened(page, f"lang=zh&tab=procedures&sop={CODE}&edit=1")
    before = page.js(MINUTES)
    put(page, ".step .f-min input", "25")
    page.js("document.querySelectorAll('.step .mv button')[1].click()")  # the first one down
    until(lambda: page.js(MINUTES)[:2] == [before[1], "25"], 15, "moved with what was typed")
    page.find("#sop-send").click()
    until(lambda: "理由" in page.text("#sop-told"), 15, "a reason is asked for")
    assert page.js(MINUTES)[:2] == [before[1], "25"], "what was typed is kept"
    assert versions(town) == []
    put(page, "textarea#sop-reason, #sop-reason textarea", "先会商再核实")
    page.find("#sop-send").click()
    until(lambda: "待第二人审批" in page.text("#sop-told"), 15, lambda: page.text("#sop-told"))
    assert versions(town) == [(2, "proposed")]
    opened(page, f"lang=zh&tab=procedures&sop={CODE}&version=2")
    assert page.js("return document.querySelectorAll('.decide button').length") == 0
    assert not set(page.js(STATES)) <= {"same"}

    sign_in(page, "test.leader")
    opened(page, f"lang=zh&tab=procedures&sop={CODE}")
    assert "李敏" in page.text(".sop1")
    page.find(".decide .btn.main").click()
    until(lambda: versions(town) == [(2, "approved")], 15, "approved")
    until(lambda: "现行版本" in page.text(".sop1 .facts"), 15, "drawn again")

    no = reported(town)
    goes(town, no, ("test.centre", CaseAct.VERIFY, {}), ("test.centre", CaseAct.OPEN, {}))
    with town.store() as store, store.read() as conn:
        rows = conn.execute(m.case_step.select()).all()
    assert {r.sop_version for r in rows} == {2}
    assert page.devtools.complaints == []


def test_the_list_is_found_in_and_its_address_shows_the_same_again(
    town: System, make_browser: Callable[..., Browser]
) -> None:
    page = make_browser(town.url)
    sign_in(page, "test.water")
    opened(page, "lang=zh")
    rows = "return document.querySelectorAll('.duties tbody tr').length"
    every = page.js(rows)
    page.find("input#duties-find, #duties-find input").send_keys("水利", Keys.ENTER)
    until(lambda: 0 < page.js(rows) < every, 15, "narrowed")
    found = page.js(rows)
    assert "q=" in page.driver.current_url
    page.driver.refresh()
    until(lambda: page.js(DRAWN) and page.js(rows) == found, 30, "the same again")
    assert page.js("return document.documentElement.scrollWidth - innerWidth") <= 0
