"""What the tests of the alarm console in browsers share: to enter, to look, to let others act."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from data import models as m
from data import panels
from data.catalogue import catalogue
from data.commands.alarms.act import Acted, act
from data.commands.alarms.apply import apply
from data.commands.audit import By
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary.alarms import AlarmAct, Reading
from tests.bench.system import System, until
from tests.browser.chromium import Browser
from tests.browser.desk import desk_side

CITY, COUNTY = "441600", "441602"
OTHER = By(99, "另一值班员", "operator", "test")
READY = """return !!(window.zhizhi && zhizhi.alerts && zhizhi.alerts.api && document.fonts.status === 'loaded'
  && zhizhi.state().connected && zhizhi.state().trouble === '' && document.querySelector('#alerts-one').dataset.html)"""
RULES = "return zhizhi.alerts.rows().map((r) => r.one)"
CHOSEN = "return zhizhi.alerts.chosen"
SELECTED = "return zhizhi.alerts.api.getSelectedRows().map((r) => r.id)"
BOX = "document.querySelector('#alerts-grid .ag-body-viewport, #alerts-grid .ag-grid-viewport')"
FIRST = f"""const box = {BOX}.getBoundingClientRect();
  return [...document.querySelectorAll('#alerts-grid .ag-row')].map((r) => [r.getAttribute('row-id'), Math.round(r.getBoundingClientRect().top)])
  .filter(([, top]) => top >= box.top - 1).sort((a, b) => a[1] - b[1])[0]"""
CLIPPED = """return [...document.querySelectorAll('.alerts .hd *, .alm .chip, .alm .btn, .alm .ph *, .alm .ag-header-cell-text, .alm .bdg, .alm .ast, .alm .fw, .alm dt, .alm th, .alm .jd, .alm .vw, .alerts .ft *')]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map((e) => e.className + ': ' + e.textContent)"""
OUTSIDE = """return [...document.querySelectorAll('.alerts *')].filter((e) => e.offsetParent && !e.closest('#alerts-grid') && !e.closest('.scroll') && !e.closest('.floods'))
  .filter((e) => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.bottom > innerHeight + 1; })
  .map((e) => e.className || e.tagName)"""
SMALL = """return [...document.querySelectorAll('.alerts *')].filter((e) => e.offsetParent && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 14 * innerWidth / 1920).map((e) => e.className + ': ' + e.textContent)"""


def enter(page: Browser, password: str, name: str = "operator-city") -> Browser:
    """Sign in and come to the console."""
    real, desk_side.ready = desk_side.ready, ready
    try:
        return desk_side.enter(page, password, name, "/alerts")
    finally:
        desk_side.ready = real


def ready(page: Browser) -> Browser:
    until(lambda: page.js(READY), 45, lambda: f"{page.devtools.complaints} {page.state()}")
    return page


def see(page: Browser, path: str = "/alerts?lang=zh") -> Browser:
    page.driver.get(page.base + path)
    return ready(page)


def comes(
    city: System, *rules: str, active: bool = True, publish: bool = True, **more: Any
) -> list[int]:
    """Let conditions come (or go), as the collector would; return the alarms that were raised."""
    now, area = utc_now(), more.pop("area", COUNTY)
    given = {"priority": 2, "value": 3.0, "limit": 2.0, "unit": {"zh": "件", "en": ""}} | more
    readings = [
        Reading(rule, 1, area, "", active, at=now, said={"zh": f"{rule} 超限", "en": f"{rule} is over"},
                title={"zh": rule, "en": rule}, **given)
        for rule in rules
    ]  # fmt: skip
    with city.store() as store, store.write() as conn:
        keys = read_keys(conn)
        found = apply(conn, catalogue(), keys, readings, now)
        if publish:
            panels.publish_alarms(conn, catalogue(), keys, [CITY, area], now)
    return list(found.raised)


def does(city: System, id_: int, what: AlarmAct, **more: Any) -> None:
    """Let somebody else act, as another web worker would."""
    with city.store() as store, store.write() as conn:
        seen = conn.scalar(select(m.alarm.c.version).where(m.alarm.c.id == id_))
        done = act(
            conn,
            catalogue(),
            read_keys(conn),
            id_,
            what,
            OTHER,
            utc_now(),
            seen_version=seen,
            **more,
        )
    assert isinstance(done, Acted), done


def kept(city: System, id_: int) -> Any:
    """Return an alarm's row."""
    with city.store() as store, store.read() as conn:
        return conn.execute(select(m.alarm).where(m.alarm.c.id == id_)).one()


def choose(page: Browser, id_: int) -> None:
    """Choose an alarm and wait for what the server says of it."""
    page.js(f"zhizhi.alerts.look({id_})")
    until(lambda: page.js("return document.querySelector('#alerts-one').dataset") == {"id": str(id_)}
          or page.js(f"const d = document.querySelector('#alerts-one').dataset; return d.id === '{id_}' && !!d.html"), 10)  # fmt: skip
