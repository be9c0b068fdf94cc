"""What must not be shown of past months is decided once, kept in the store, and let go in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from data import models as m
from data import veil
from data.catalogue import catalogue
from data.collector import upkeep
from data.queries import hidden as gate
from data.queries import hidden_kept
from data.queries.hidden import Veil
from data.queries.keys import read_keys
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store.support import LONGCHUAN, YUANCHENG, ZIJIN, observed, put, statements

FEVER = "HE-23"
COUNTIES = (YUANCHENG, ZIJIN, LONGCHUAN)
OLD = (NOW - timedelta(days=120)).replace(minute=0)
MONTH = OLD.date().replace(day=1)


@pytest.fixture
def city(store):
    """A small day long ago, many visits since."""
    long_ago = [observed(FEVER, a, OLD, 3 if a == ZIJIN else 60) for a in COUNTIES]
    later = [
        observed(FEVER, a, NOW.replace(minute=0) - timedelta(hours=h), 60)
        for h in range(1, 4)
        for a in COUNTIES
    ]
    put(store, *long_ago, *later)
    forget()
    return store


def forget():
    """Be a process that just began."""
    gate._kept.clear()
    hidden_kept._read.clear()


def decided(store):
    with store.read() as conn:
        return dict(
            conn.execute(
                select(m.hidden_month.c.month, m.hidden_month.c.token).order_by("month")
            ).all()
        )


def of_month(store, month=MONTH, facts=None):
    with store.read() as conn:
        return Veil(conn, facts or catalogue()).month(FEVER, month, hours=False)


def decide(store):
    return upkeep.decide_hidden(store, catalogue())


def test_months_are_decided_ahead(city):
    assert decide(city) == 2
    assert list(decided(city)) == [MONTH, NOW.date().replace(day=1)]
    assert decide(city) == 0


def test_the_running_month_is_read_until_its_mark_moves(city):
    month, hour = NOW.date().replace(day=1), NOW.replace(minute=0)
    put(city, observed(FEVER, ZIJIN, hour - timedelta(hours=2), 4), now=NOW)
    with city.read() as conn:
        anew = Veil(conn, catalogue()).month(FEVER, month)
    decide(city)
    forget()
    with city.read() as conn, statements(city) as asked:
        assert Veil(conn, catalogue()).month(FEVER, month) == anew
    assert not [s for s in asked if "rollup_" in s]
    put(city, observed(FEVER, LONGCHUAN, hour - timedelta(hours=9), 2), now=NOW)
    with city.read() as conn, statements(city) as asked:
        assert Veil(conn, catalogue()).month(FEVER, month) != anew
    assert [s for s in asked if "rollup_" in s]
    assert decide(city) == 1


def test_what_is_read_is_what_would_be_decided(city):
    anew = of_month(city)
    assert any(area == ZIJIN and grain is Grain.DAY for grain, area, _ in anew)
    decide(city)
    forget()
    assert of_month(city) == anew


def test_a_new_process_asks_for_no_rows_of_a_decided_month(city):
    decide(city)
    forget()
    with statements(city) as asked:
        of_month(city)
    assert not [s for s in asked if "rollup_" in s]
    assert len([s for s in asked if "hidden_month" in s]) == 2


def test_it_is_read_once_a_process(city):
    decide(city)
    forget()
    of_month(city)
    with statements(city) as asked:
        of_month(city)
    assert len([s for s in asked if "hidden_month" in s]) == 1


def test_a_late_correction_lets_its_month_go_with_it(city):
    before = of_month(city)
    decide(city)
    put(city, observed(FEVER, ZIJIN, OLD, 90), now=NOW + timedelta(minutes=1))
    assert MONTH not in decided(city)
    assert of_month(city) != before


def test_another_month_stays_decided(city):
    put(city, *(observed(FEVER, a, OLD - timedelta(days=62), 50) for a in COUNTIES))
    assert decide(city) == 3
    put(city, observed(FEVER, ZIJIN, OLD, 91), now=NOW + timedelta(minutes=1))
    assert MONTH not in decided(city)
    assert len(decided(city)) == 2


def test_a_week_that_reaches_into_the_month_lets_it_go(store):
    last_day = date(2026, 6, 30)  # a Tuesday: its week ends on 5 July
    at = NOW.replace(month=6, day=30, minute=0)
    put(store, *(observed(FEVER, a, at, 50) for a in COUNTIES))
    put(
        store,
        *(observed(FEVER, a, NOW.replace(minute=0) - timedelta(hours=1), 50) for a in COUNTIES),
    )
    decide(store)
    assert last_day.replace(day=1) in decided(store)
    put(store, observed(FEVER, ZIJIN, at + timedelta(days=3), 50), now=NOW + timedelta(minutes=1))
    assert last_day.replace(day=1) not in decided(store)


def test_other_rules_decide_anew(city):
    decide(city)
    forget()
    facts = catalogue()
    lower = replace(
        facts,
        indicators={
            **facts.indicators,
            FEVER: facts.indicators[FEVER].model_copy(update={"small_count": 2}),
        },
    )
    assert of_month(city, facts=lower) != of_month(city)


def test_what_was_decided_before_a_change_is_not_kept_after_it(city, monkeypatch):
    honest = gate.undecided

    def slow(view, code, most):
        told = honest(view, code, most)
        if code == FEVER:
            put(city, observed(FEVER, ZIJIN, OLD, 70), now=NOW + timedelta(minutes=1))
        return told

    monkeypatch.setattr(upkeep, "undecided", slow)
    decide(city)
    assert decided(city) == {}


def test_emptied_facts_let_every_month_go(city):
    decide(city)
    with city.write() as conn:
        ids = [read_keys(conn).indicators[FEVER]]

        veil.raise_marks(conn, ids, always=True)
        left = conn.execute(select(func.count()).select_from(m.hidden_month)).scalar()
    assert left == 0
