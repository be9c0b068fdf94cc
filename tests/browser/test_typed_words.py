"""What somebody types into a page stays there until it is sent, whatever else the page does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from data import models as m
from data.cases.shifts import before, shift_at
from data.catalogue import catalogue
from data.commands.handover import make_due
from data.queries.keys import read_keys
from data.store import utc_now
from tests.bench.system import System, until
from tests.browser import store_side
from tests.browser.case_side import people, reported, sign_in
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LIVE = "return !!window.zhizhi && zhizhi.state().connected && !!document.querySelector('.bd .panel, .bd section')"
AGAIN = "/_dash-update-component"
REASON = "经现场核实，权属在城管"


@pytest.fixture(scope="module")
def town(make_city: Callable[..., System]) -> System:
    system = make_city("web")
    people(system)
    return system


@pytest.fixture(scope="module")
def page(town: System, make_browser: Callable[..., Browser]) -> Browser:
    return make_browser(town.url)


def opened(page: Browser, path: str) -> None:
    page.devtools.forget()
    page.driver.get(page.base + path)
    until(lambda: page.js(LIVE), 45, lambda: f"drawn: {page.devtools.complaints}")


def wandering(system: System) -> int:
    """Raise the question whose a case is and return its number."""
    no = reported(system)
    with system.store() as store, store.write() as conn:
        row = conn.execute(m.cases.select().where(m.cases.c.case_no == no)).one()
        item = m.ownership_item.insert().values(
            case_id=row.id, category_id=row.category_id, area_id=row.area_id, why="transfers",
            raised_at=utc_now(), up_to="city",
        )  # fmt: skip
        return int(conn.execute(item.returning(m.ownership_item.c.id)).scalar_one())


def handed_over(system: System) -> int:
    """Keep the handover of the shift that ended last, signed by whoever goes."""
    facts = catalogue()
    with system.store() as store, store.write() as conn:
        keys = read_keys(conn)
        shifts = facts.loop.shifts
        just = before(shifts, shift_at(shifts, utc_now())).end + timedelta(minutes=1)
        made = make_due(conn, facts, keys, just) or [
            conn.execute(m.handover.select()).first().id  # type: ignore[union-attr]
        ]
    return int(made[0])


@pytest.mark.parametrize(
    "path",
    [
        "/supervision?lang=zh&by=county",
        "/handover?lang=zh",
        "/duties?lang=zh&q=%E6%B0%B4%E5%88%A9",
        "/weekly?lang=zh",
        "/sources?lang=zh&tab=debts",
    ],
)
def test_a_page_that_is_opened_is_drawn_once(page: Browser, path: str) -> None:
    sign_in(page, "test.leader")
    opened(page, path)
    page.settle(1)
    bodies = page.js(
        "return performance.getEntriesByType('resource').filter((e) => e.name.includes(arguments[0])).length",
        AGAIN,
    )
    assert bodies == 0, page.devtools.urls
    assert page.driver.current_url.endswith(path)


def test_a_reason_that_is_typed_at_once_stays(page: Browser, town: System) -> None:
    item = wandering(town)
    sign_in(page, "test.leader")
    page.driver.get(f"{page.base}/supervision?lang=zh&item={item}")
    page.until(
        "return !!document.querySelector('.owner .form .inp input')",
        10,
        lambda: page.text("#watch-body .side"),
    )
    page.find(".owner .form .inp input").send_keys(REASON)
    until(lambda: page.js(LIVE), 30)
    page.settle(1)
    typed = "return document.querySelector('.owner .form .inp input').value"
    assert page.js(typed) == REASON
    page.click(".owner .form .btn.main")  # no department is chosen: refused, and nothing is lost
    until(lambda: page.text("#watch-said") != "", 15)
    assert page.js(typed) == REASON


def test_a_debt_that_is_typed_is_not_drawn_over(page: Browser, town: System) -> None:
    opened(page, "/sources?lang=zh&tab=debts")
    page.click(".proposals a.btn")
    page.until("return !!document.querySelector('.form input')", 15)
    page.find(".form input").send_keys("李主任")
    page.settle(1)
    page.devtools.forget()
    for state in ("failed", "silent"):
        body = store_side.payload(town, "sources")
        body["sources"][0]["state"] = state
        store_side.publish(town, "sources", body)
        page.settle(1)
    assert page.js("return document.querySelector('.form input').value") == "李主任"
    assert not [u for u in page.devtools.urls if AGAIN in u]
    page.js("document.querySelector('.form input').value = ''")  # given up: what is owed is drawn
    until(lambda: [u for u in page.devtools.urls if AGAIN in u], 15)


def test_whoever_goes_is_not_asked_to_take_over(page: Browser, town: System) -> None:
    number = handed_over(town)
    sign_in(page, "test.centre")
    opened(page, f"/handover?lang=zh&no={number}")
    page.find(".signs .btn.main").click()
    until(lambda: "接班须由另一人签字" in page.text(".signs"), 15, lambda: page.text(".signs"))
    assert page.js("return document.querySelectorAll('.signs button').length") == 0
    sign_in(page, "test.check")
    opened(page, f"/handover?lang=zh&no={number}")
    page.find(".signs textarea").send_keys("两件未交代清楚")
    page.settle(1)
    page.find(".signs .btn:not(.main)").click()
    until(lambda: "两件未交代清楚" in page.text(".signs > p:nth-of-type(2)"), 15)
    assert page.devtools.complaints == []
