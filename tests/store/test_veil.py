"""What is hidden is decided anew when it must be, by every way in, and not at every poll."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from sqlalchemy import select

from data import models as m
from data import panels, veil
from data.catalogue import catalogue
from data.collector import upkeep
from data.ingest.bulk import Series, begin_run, load_series
from data.ingest.frames import Load, Totals, store_frame
from data.panels.single import evidence_of
from data.queries import hidden as gate
from data.queries.api_observations import observations
from data.queries.api_params import ObservationQuery
from data.queries.hidden import Veil, hidden
from data.queries.keys import read_keys
from data.settings import settings
from data.store import Store
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store import support
from tests.store.support import (
    CALLS,
    CITY,
    LONGCHUAN,
    YUANCHENG,
    ZIJIN,
    observed,
    put,
    put_in,
    statements,
    take_back,
    undone,
)

FEVER = "HE-23"
HOUR = NOW.replace(minute=0)
"""The running hour."""
COUNTIES = (YUANCHENG, ZIJIN, LONGCHUAN)
GRAINS = (Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH)
SPAN = {"start": NOW - timedelta(days=40), "end": NOW + timedelta(days=2)}


def back(hours):
    return HOUR - timedelta(hours=hours)


@pytest.fixture
def city(store):
    """Ten hours of many visits everywhere; the last is running."""
    put(store, *(observed(FEVER, a, back(h), 40 + h) for h in range(10) for a in COUNTIES))
    return store


def cells(store, conn=None):
    """Return every hidden cell."""
    facts = catalogue()

    def ask(conn):
        return {
            (g, *cell)
            for g in GRAINS
            for cell in hidden(conn, facts, indicators=[FEVER], grain=g, **SPAN)
        }

    if conn is not None:
        return ask(conn)
    with store.read() as own:
        return ask(own)


def anew(store):
    """Return the same, with nothing kept from before."""
    gate._kept.clear()
    return cells(store)


def hides(store, area, at, grain=Grain.HOUR):
    with store.read() as conn:
        return Veil(conn, catalogue()).hides(FEVER, area, grain, at)


def day(at=NOW):
    return support.local(at.astimezone(support.LOCAL).date().isoformat() + "T00:00")


def test_the_running_hour_is_hidden_everywhere_and_so_is_what_it_is_part_of(city):
    assert not hides(city, YUANCHENG, back(1))
    silent = next(a.code for a in catalogue().counties() if a.code not in COUNTIES)
    for area in (CITY, YUANCHENG, silent):  # who has not told is not to be known either
        assert hides(city, area, HOUR)
        assert hides(city, area, day(), Grain.DAY)
        assert hides(city, area, day() - timedelta(days=2), Grain.WEEK)
        assert (Grain.HOUR, FEVER, area, HOUR) in cells(city)


def test_an_area_that_tells_later_in_the_running_hour_is_hidden_at_once(city):
    cells(city)  # decided and kept
    late = next(a.code for a in catalogue().counties() if a.code not in COUNTIES)
    put(city, observed(FEVER, late, HOUR, 3), now=NOW + timedelta(minutes=1))
    assert hides(city, late, HOUR)


def test_counting_the_running_hour_on_decides_nothing_anew(city):
    cells(city)
    put(city, *(observed(FEVER, a, HOUR, 3) for a in COUNTIES), now=NOW + timedelta(minutes=1))
    with city.read() as conn, statements(city) as asked:
        facts = Veil(conn, catalogue())
        facts.hides(FEVER, ZIJIN, Grain.HOUR, back(1))
        facts.hides(FEVER, CITY, Grain.DAY, back(30))
    assert len(asked) == 1
    assert "store_info" in asked[0]
    assert cells(city) == anew(city)


def test_an_hour_that_is_told_to_its_end_is_closed(store):
    put(store, *(observed(FEVER, a, back(2), 40) for a in COUNTIES))
    assert not hides(store, ZIJIN, back(2))
    assert not hides(store, ZIJIN, day(), Grain.DAY)
    put(store, *(observed(FEVER, a, HOUR, 40) for a in COUNTIES))
    assert hides(store, ZIJIN, HOUR)
    after = NOW + timedelta(hours=1)
    put(store, *(observed(FEVER, a, HOUR + timedelta(hours=1), 4) for a in COUNTIES), now=after)
    assert not hides(store, ZIJIN, HOUR)


def test_another_process_hears_of_a_correction(city):
    other = Store(city.url)
    try:
        assert not hides(other, ZIJIN, back(3))
        put(city, observed(FEVER, ZIJIN, back(3), 2), as_of=NOW + timedelta(minutes=1))
        assert hides(other, ZIJIN, back(3))
    finally:
        other.engine.dispose()


def test_what_was_decided_on_a_write_that_did_not_happen_is_forgotten(city):
    before = cells(city)
    with undone(city) as conn:
        put_in(conn, observed(FEVER, ZIJIN, back(3), 2), as_of=NOW + timedelta(minutes=1))
        assert cells(city, conn) != before
    assert cells(city) == before
    put(city, observed(FEVER, ZIJIN, back(4), 2), as_of=NOW + timedelta(minutes=1))
    assert cells(city) == anew(city) != before


def correct(store):
    put(store, observed(FEVER, ZIJIN, back(3), 2), as_of=NOW + timedelta(minutes=1))


def new_area_in_the_past(store):
    late = next(a.code for a in catalogue().counties() if a.code not in COUNTIES)
    put(store, observed(FEVER, late, back(3), 2))


def roll_over(store):
    at = HOUR + timedelta(hours=1)
    put(store, *(observed(FEVER, a, at, 2) for a in COUNTIES), now=NOW + timedelta(hours=1))


def void_one(store):
    correct(store)
    cells(store)
    take_back(store, FEVER, ZIJIN, back(3), Grain.HOUR)


def void_the_newest(store):
    for area in COUNTIES:
        take_back(store, FEVER, area, HOUR, Grain.HOUR)


def frame(store, hours, count, *, whole=True):
    values = pd.DataFrame(
        {
            "indicator": FEVER,
            "area": ZIJIN,
            "grain": int(Grain.HOUR),
            "period_start": pd.to_datetime([back(h) for h in hours], utc=True),
            "numerator": float(count),
            "denominator": float("nan"),
            "row": range(len(hours)),
        }
    )
    facts, now = catalogue(), NOW + timedelta(minutes=2)
    with store.write() as conn:
        run = support.begin_run(conn, "health_capacity", now, now)
        load = Load(facts.sources["health_capacity"], facts, run, 0, now, now)
        one = SimpleNamespace(values=values, requests=[], problems=[])
        store_frame(conn, load, one, Totals(), later=False, whole=whole)


def frame_of_new(store):
    frame(store, [30, 31, 32, 60], 2)


def frame_of_known(store):
    frame(store, [2, 3], 2)


def bulk(store):
    starts = [int(back(h).timestamp()) for h in (60, 61)]
    facts = catalogue()
    with store.write() as conn:
        run = begin_run(conn, read_keys(conn), "health_capacity", {}, now=NOW)
        block = Series(FEVER, Grain.HOUR, [ZIJIN, ZIJIN], starts, [2.0, 30.0], None)
        load_series(conn, [block], {"health_capacity": run}, facts, now=NOW)


WAYS = (
    correct, new_area_in_the_past, roll_over, void_one, void_the_newest, frame_of_new,
    frame_of_known, bulk,
)  # fmt: skip


@pytest.mark.parametrize("write", WAYS, ids=lambda w: w.__name__)
def test_every_way_in_raises_the_mark(city, write):
    before = cells(city)
    write(city)
    found = cells(city)
    assert found == anew(city)
    assert found != before or write is void_one


def test_hours_that_are_let_go_raise_the_mark(city):
    put(city, *(observed(FEVER, a, back(24 * 20), 3) for a in COUNTIES))
    before = cells(city)
    short = settings().model_copy(update={"hour_days": 5})
    upkeep.hourly(city, catalogue(), short, NOW)
    assert cells(city) == anew(city) != before


def test_an_unprotected_indicator_costs_no_statement(store):
    put(store, observed(CALLS, ZIJIN, back(2), 3))
    with statements(store) as asked:
        put(store, observed(CALLS, ZIJIN, back(2), 4), as_of=NOW + timedelta(minutes=1))
    looks = (" IN ", " LIKE ", "UPDATE")  # the newest week is one look by its key
    assert not [s for s in asked if "store_info" in s and any(word in s for word in looks)]


def test_the_marks_follow_the_catalogue(store):
    with store.write() as conn:
        keys = read_keys(conn).indicators
        small = {keys[i.code] for i in catalogue().indicators.values() if i.small_count}
        key = m.store_info.c.key
        known = {k for (k,) in conn.execute(select(key).where(key.like("veil:%")))}
        assert known == {f"veil:{i}" for i in small}
        veil.protect(conn, [keys[FEVER]])
        assert veil.read_mark(conn, keys[FEVER]).token
        other = next(i for i in small if i != keys[FEVER])
        assert veil.read_mark(conn, other).token is None


def tile(store, area):
    with store.write() as conn:
        panels.publish_all(conn, catalogue(), NOW)
    with store.read() as conn:
        p = m.panel_snapshot.c
        chosen = (p.panel == "domain-health", p.area == area)
        payload = json.loads(conn.scalar(select(p.payload).where(*chosen)))
    return next(t for t in payload["tiles"] if t["code"] == FEVER)


@pytest.mark.parametrize("area", [CITY, ZIJIN])
def test_today_tells_up_to_the_last_closed_hour(city, area):
    found = tile(city, area)
    each = sum(40 + h for h in range(1, 10))
    assert found["value"] == each * (3 if area == CITY else 1)
    assert datetime.fromtimestamp(found["observed_at"], UTC) == HOUR


def test_today_of_an_area_is_not_told_while_a_silent_hour_of_it_is_hidden(city):
    """Its total would say that nobody came in that hour."""
    for hour in (12, 13):  # a night before today's hours
        put(city, *(observed(FEVER, a, back(hour), 40) for a in COUNTIES))
    put(city, *(observed(FEVER, a, back(10), 3 + n) for n, a in enumerate(COUNTIES[:2])))
    assert hides(city, LONGCHUAN, back(10))
    assert tile(city, LONGCHUAN)["value"] is None


def test_a_small_count_is_hidden_before_its_roll_ups_are_made(city):
    frame(city, [3], 2, whole=False)
    facts = catalogue()
    with city.read() as conn:
        start, end = back(3).isoformat(), back(2).isoformat()
        asked = {"indicator": [FEVER], "area": [ZIJIN], "from": start, "to": end}
        query = ObservationQuery.model_validate(asked)
        (item,) = observations(conn, facts, query, now=NOW).items
        links = evidence_of(conn, facts, FEVER, ZIJIN, now=NOW)["links"]
    assert (item["suppressed"], item["value"]) == (True, None)
    assert 2 not in [link["numerator"] for link in links]
