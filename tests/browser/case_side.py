"""People with accounts, a case reported by hand, and a browser that is signed in."""

from __future__ import annotations

from typing import Any

from selenium.webdriver.common.by import By

from data import models as m
from data.catalogue import catalogue
from data.commands.accounts import Wanted, create
from data.commands.audit import SHELL
from data.commands.cases import Actor, Conflict, Done, Draft, Refusal, Request, act, report
from data.queries.accounts import find_account
from data.queries.case_now import stand
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import CaseAct, Role
from tests.bench.system import System, until
from tests.browser.chromium import Browser

PASSWORD = "河源的夜很安静 2026"
PEOPLE = {
    "test.centre": Wanted("test.centre", "李敏", Role.OPERATOR, must_change=False),
    "test.check": Wanted("test.check", "陈浩", Role.OPERATOR, must_change=False),
    "test.water": Wanted("test.water", "刘建国", Role.DEPARTMENT, "water", must_change=False),
    "test.leader": Wanted("test.leader", "黄志强", Role.LEADER, must_change=False),
}
DRAWN = """return !!document.querySelector('#case .chead, #case .nothing') && !!window.zhizhi
  && document.fonts.status === 'loaded' && zhizhi.state().connected && zhizhi.state().trouble === ''"""


def people(system: System) -> None:
    """Make the accounts of the tests."""
    with system.store() as store, store.write() as conn:
        keys = read_keys(conn)
        for wanted in PEOPLE.values():
            create(conn, catalogue(), keys, wanted, PASSWORD, by=SHELL, now=utc_now())


def person(system: System, name: str) -> Actor:
    """Return an account as somebody who acts."""
    with system.store() as store, store.read() as conn:
        found = find_account(conn, name)
    assert found is not None
    one = found[0]
    return Actor(one.id, one.display, one.role, one.department, one.area)


def reported(system: System, title: str = "堤防渗漏", **more: Any) -> str:
    """Report a case by hand in 新江街道 and return its number."""
    draft = {
        "category": "flood_risk", "title": title, "lon": 114.7003, "lat": 23.7461,
        "address": "源城区新江街道滨江路", "body": "堤脚渗水，约12米", "level": 2,
    } | more  # fmt: skip
    actor = person(system, "test.centre")
    with system.store() as store, store.write() as conn:
        done = report(conn, catalogue(), read_keys(conn), Draft(**draft), actor, utc_now())
    assert isinstance(done, Done), done
    return done.case_no


def does(
    system: System, no: str, name: str, what: CaseAct, **fields: Any
) -> Done | Refusal | Conflict:
    """Do an act as somebody else at another desk."""
    actor = person(system, name)
    with system.store() as store, store.write() as conn:
        keys = read_keys(conn)
        stood = stand(conn, keys, no)
        assert stood is not None
        request = Request(what, actor, utc_now(), stood.case.version, fields)
        done = act(conn, catalogue(), keys, no, request)
    assert isinstance(done, Done), done
    return done


def goes(system: System, no: str, *way: tuple[str, CaseAct, dict[str, Any]]) -> None:
    """Do one act after another."""
    for name, what, fields in way:
        does(system, no, name, what, **fields)


def state(system: System, no: str) -> str:
    """Return the state of a case in the store."""
    with system.store() as store, store.read() as conn:
        row = conn.execute(m.cases.select().where(m.cases.c.case_no == no)).one()
    return str(row.state)


def sign_in(page: Browser, name: str) -> None:
    """Sign in through the page; whoever was signed in is not any more."""
    page.driver.get(page.base + "/login?lang=zh")
    page.driver.delete_all_cookies()
    page.driver.get(page.base + "/login?lang=zh")
    until(lambda: page.js("return !!document.querySelector('input[name=password]')"), 30)
    page.find("input[name=name]").send_keys(name)
    page.find("input[name=password]").send_keys(PASSWORD)
    page.find("input[name=password]").find_element(
        By.XPATH, "ancestor::form//button[@type='submit']"
    ).click()
    signed = "return !!document.querySelector('.who[data-who]')"
    until(lambda: "/login" not in page.driver.current_url or page.js(signed), 30, "signed in")


def open_case(page: Browser, no: str, more: str = "?lang=zh") -> Browser:
    """Open a case and wait until it is drawn and live."""
    page.driver.get(f"{page.base}/case/{no}{more}")
    until(lambda: page.js(DRAWN), 45, lambda: f"drawn: {page.devtools.complaints} {page.state()}")
    return page


def opens(page: Browser, what: CaseAct) -> None:
    """Open the form of an act."""
    page.until(f"return !!document.querySelector('[data-open={what.value}]')", 15)
    page.js(f"document.querySelector('[data-open={what.value}]').click()")
    page.until(f"return !document.querySelector('{form(what)}').classList.contains('off')", 5)


def form(what: CaseAct) -> str:
    """Return the selector of an act's form."""
    return f'.form[data-act="{what.value}"]'


def types(page: Browser, what: CaseAct, field: str, text: str) -> None:
    """Type into a field of a form."""
    page.find(f'{form(what)} [data-field="{field}"] .inp').send_keys(text)


def sends(page: Browser, what: CaseAct) -> None:
    """Press the button of a form."""
    page.find(f"{form(what)} .send").click()


def acts(page: Browser, what: CaseAct, wanted: str, **fields: str) -> None:
    """Fill in a form, send it, and wait until the head shows the state."""
    opens(page, what)
    for field, text in fields.items():
        types(page, what, field, text)
    sends(page, what)
    until(
        lambda: page.text("#case-head .state") == wanted,
        15,
        lambda: f"{wanted}: {page.text('#case-head .state')} {page.text(form(what) + ' .told')}",
    )
