"""What the tests of the desk in browsers share: to enter, to look, to let others act."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from selenium.webdriver.common.keys import Keys

from data.cases.loop import Actor
from data.catalogue import catalogue
from data.commands.cases import Done, Draft, Request, act, report
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import CaseAct, Role
from tests.bench.system import System, until
from tests.browser.chromium import Browser

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
