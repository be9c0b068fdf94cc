"""The made-up officers answer most alarms of a demonstration, and never a person's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.commands.demo_accounts import make_demo_accounts
from data.simulate.officers import Officers
from data.store import Store
from data.vocabulary.alarms import AlarmAct
from tests.conftest import NOW
from tests.store.alarming import MINUTE, done, hears, log, reading, stands
from tests.store.people import quick  # noqa: F401
from tests.store.support import rows_of

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def demo(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
        make_demo_accounts(conn, catalogue(), now=NOW)
    monkeypatch.setattr("data.simulate.officers.is_due", lambda _conn, _now: None)
    return store


def work(store: Store, minutes: int) -> int:
    officers = Officers(store, catalogue())
    return sum(officers.tick(NOW + n * MINUTE, most=40) for n in range(0, minutes + 1, 5))


def test_most_alarms_are_seen_after_a_while_and_some_are_left(demo: Store) -> None:
    hears(demo, *(reading("r", object_=f"o{n}", priority=2) for n in range(40)))
    assert work(demo, 0) == 0
    work(demo, 20)
    states = [a["state"] for a in stands(demo)]
    assert 25 <= states.count("acknowledged") + states.count("shelved") < 40
    assert states.count("unacknowledged") >= 1
    audits = rows_of(demo, m.audit, m.audit.c.act.like("alarm.%"))
    assert {a.origin for a in audits} == {"officers"}


def test_they_say_what_it_was_once_it_is_over(demo: Store) -> None:
    hears(demo, *(reading("r", object_=f"o{n}") for n in range(20)))
    work(demo, 20)
    gone = [reading("r", object_=f"o{n}", active=False) for n in range(20)]
    hears(demo, *gone, now=NOW + 21 * MINUTE)
    work(demo, 90)
    said = [a.outcome for a in rows_of(demo, m.alarm)]
    assert sum(o is not None for o in said) >= 8


def test_what_a_person_touched_they_leave_alone(demo: Store) -> None:
    hears(demo, *(reading("r", object_=f"o{n}") for n in range(10)))
    for alarm in stands(demo):
        done(demo, alarm["id"], AlarmAct.NOTE, reason="我来处理")
    work(demo, 60)
    assert {a["state"] for a in stands(demo)} == {"unacknowledged"}
    assert {len(log(demo, a["id"])) for a in stands(demo)} == {2}


def test_a_refused_act_is_not_tried_for_ever(demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hears(demo, *(reading("r", object_=f"o{n}") for n in range(10)))
    monkeypatch.setattr("data.simulate.officers_alarms.do", lambda *_: False)
    officers = Officers(demo, catalogue())
    later = NOW + timedelta(minutes=30)
    assert officers.tick(later, most=40) == 0
    assert len(officers._refused) >= 5
