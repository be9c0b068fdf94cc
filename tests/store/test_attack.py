"""All outputs of one city together do not give a small count away."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data import models as m
from data import panels
from data.catalogue import catalogue
from data.panels.single import evidence_of
from data.queries.chain import Question, chain
from data.queries.hidden import Veil, hidden
from data.queries.keys import read_keys
from data.queries.periods import Period, midnight
from data.vocabulary import LOCAL, Grain
from tests.conftest import NOW
from tests.property.attack import Attacker, given_away
from tests.store.support import CITY, LONGCHUAN, YUANCHENG, ZIJIN, local, observed, put, statements

FEVER, K = "HE-23", 10
COUNTIES = {YUANCHENG: 14, ZIJIN: 5, LONGCHUAN: 2}
FIRST = local("2026-11-14T00:00")
"""A Saturday: the days lie in two weeks."""
HOURS = int((NOW - FIRST).total_seconds() // 3600) + 1
GRAINS = (Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH)


@pytest.fixture
def city(store):
    """Five days of fever-clinic visits by the hour, calm nights and busy days."""
    chance = random.Random(7)
    rows = []
    for n in range(HOURS):
        at = FIRST + timedelta(hours=n)
        busy = 2.0 if 8 <= at.astimezone(LOCAL).hour < 20 else 0.3
        rows += [
            observed(FEVER, a, at, int(chance.expovariate(1 / (size * busy))))
            for a, size in COUNTIES.items()
        ]
    put(store, *rows)
    return store


def periods():
    """Yield every period of the city's days."""
    days = [(FIRST + timedelta(days=d)).astimezone(LOCAL).date() for d in range(5)]
    yield from (
        Period(Grain.HOUR, (FIRST + timedelta(hours=n)).astimezone(UTC)) for n in range(HOURS)
    )
    yield from (Period(Grain.DAY, midnight(day)) for day in days)
    yield from (
        Period(Grain.WEEK, midnight(w))
        for w in sorted({d - timedelta(days=d.weekday()) for d in days})
    )
    yield Period(Grain.MONTH, midnight(days[0].replace(day=1)))


def atoms_of(area, period):
    below = COUNTIES if area == CITY else [area]
    hours = [FIRST + timedelta(hours=n) for n in range(HOURS)]
    return [(a, h) for a in below for h in hours if period.start <= h < period.end]


def truth(store):
    """Return every stored cell of the indicator."""
    facts, found = catalogue(), {}
    with store.read() as conn:
        for period in periods():
            for area in (CITY, *COUNTIES):
                answer = chain(
                    conn, facts, Question(facts.indicators[FEVER], area, period, open=True)
                )
                if answer:
                    found[area, period] = answer["sums"][0]
    return found


def told(store):
    """Return every number that any output tells, by (area, period)."""
    facts, shown = catalogue(), {}
    with store.write() as conn:
        panels.publish_all(conn, facts, NOW)
    with store.read() as conn:
        keys = read_keys(conn)
        codes = keys.area_codes()
        for period in periods():  # the command and whatever reads roll-ups through hidden()
            for area in (CITY, *COUNTIES):
                answer = chain(
                    conn, facts, Question(facts.indicators[FEVER], area, period, limit=1000)
                )
                _take(shown, answer)
        for area in (CITY, *COUNTIES):  # the drawer
            _take_links(shown, evidence_of(conn, facts, FEVER, area, now=NOW)["links"])
            _take(shown, chain(conn, facts, Question(facts.indicators[FEVER], area, None)))
        for grain in GRAINS:
            cells = hidden(
                conn,
                facts,
                indicators=[FEVER],
                grain=grain,
                start=FIRST - timedelta(days=30),
                end=NOW,
            )
            o = m.observation.c
            query = select(o.area_id, o.period_start, o.num).where(
                o.indicator_id == keys.indicators[FEVER], o.grain == int(grain)
            )
            for area, start, num in conn.execute(query):
                if (FEVER, codes[area], start) not in cells:
                    shown[codes[area], Period(grain, start)] = num
        p = m.panel_snapshot.c
        panel = select(p.area, p.payload).where(p.panel == "domain-health")
        for area, payload in conn.execute(panel):
            _take_tile(shown, area, payload)
    return shown


def _take(shown, answer):
    if answer is None:
        return
    if answer["period"] != "now" and answer["sums"][0] is not None:
        shown[answer["area_code"], _period(answer["grain"], answer["period_start"])] = answer[
            "sums"
        ][0]
    for part in answer["parts"]:
        if part["numerator"] is not None:
            start = part["period"]
            shown[part["area_code"], _written(part["grain"], start)] = part["numerator"]
    _take_links(shown, answer["facts"])
    assert all(r["was"] is None and r["now"] is None for r in answer["revisions"])


def _take_links(shown, links):
    for link in links:
        assert link["excerpt"] is None
        if link["numerator"] is not None:
            shown[link["area_code"], _period(Grain(link["grain"]).name, link["period_start"])] = (
                link["numerator"]
            )


def _take_tile(shown, area, payload):
    tile = next(t for t in json.loads(payload)["tiles"] if t["code"] == FEVER)
    last = NOW.replace(minute=0) - timedelta(hours=1)
    for n, point in enumerate(reversed(tile["trend"])):
        if point is not None:
            shown[area, Period(Grain.HOUR, last - timedelta(hours=n))] = point
    if tile["value"] is not None:
        shown[area, "so far", datetime.fromtimestamp(tile["observed_at"], UTC)] = tile["value"]


def _period(grain, epoch):
    return Period(Grain[grain.upper()], datetime.fromtimestamp(epoch, UTC))


def _written(grain, text):
    from data.queries.periods import read_period

    found = read_period(text)
    assert found.grain is Grain[grain.upper()]
    return found


def cells_of(shown, real):
    """Return what every number is the sum of."""
    found = {key: atoms_of(*key) for key in real}
    today = Period(Grain.DAY, midnight(NOW.astimezone(LOCAL).date()))
    for key in shown:
        if len(key) == 3:
            found[key] = [(a, h) for a, h in atoms_of(key[0], today) if h < key[2]]
    return found


def test_the_attack_on_all_outputs_together_fails(city):
    real, shown = truth(city), told(city)
    assert all(real[key] == value for key, value in shown.items() if len(key) == 2)
    small = [key for key, value in real.items() if 0 < value < K]
    assert len(small) > 100
    assert not set(small) & set(shown)
    assert len(shown) > 60  # and there is still something to see
    attacker = Attacker(cells_of(shown, real), shown)
    picked = random.Random(1).sample(small, 60)
    assert given_away(attacker, picked, K) == []


def test_the_attack_finds_a_count_when_one_more_cell_is_shown(city):
    """The attacker is no straw man: what secondary suppression hides is what it needs."""
    real, shown = truth(city), told(city)
    thin = {key: value for key, value in real.items() if not 0 < value < K}
    attacker = Attacker({key: atoms_of(*key) for key in real}, thin)
    small = [key for key, value in real.items() if 0 < value < K]
    assert given_away(attacker, small[:40], K)
    assert set(thin) - set(shown)


def test_no_raw_small_number_is_in_the_bytes_sent_to_a_browser(store):
    put(
        store,
        observed(FEVER, ZIJIN, "2026-11-18T09:00", 7),
        observed(FEVER, YUANCHENG, "2026-11-18T09:00", 31),
    )
    with store.write() as conn:
        panels.publish_all(conn, catalogue(), NOW)
    with store.read() as conn:
        for area in (ZIJIN, YUANCHENG, CITY):
            chosen = (m.panel_snapshot.c.panel == "domain-health", m.panel_snapshot.c.area == area)
            payload = conn.scalar(select(m.panel_snapshot.c.payload).where(*chosen))
            tile = next(t for t in json.loads(payload)["tiles"] if t["code"] == FEVER)
            said = re.findall(
                r"\b(?:7|31)(?:\.0)?\b",
                json.dumps({k: tile[k] for k in ("value", "trend", "band", "why")}),
            )
            assert said == []
            assert tile.get("hidden", False) is (area != CITY)


def test_what_is_hidden_does_not_depend_on_what_is_asked(city):
    facts = catalogue()
    with city.read() as conn:
        whole = hidden(
            conn, facts, indicators=[FEVER, "PS-01"], grain=Grain.HOUR, start=FIRST, end=NOW
        )
        parts = set()
        for n in range(HOURS):
            at = FIRST + timedelta(hours=n)
            parts |= hidden(
                conn,
                facts,
                indicators=[FEVER],
                grain=Grain.HOUR,
                start=at,
                end=at + timedelta(hours=1),
            )
        assert parts == whole
        veil = Veil(conn, facts)
        assert all(veil.hides(FEVER, area, Grain.HOUR, at) for _, area, at in whole)


def test_what_was_hidden_during_the_day_is_hidden_at_its_end(store):
    chance = random.Random(3)
    hours = [local("2026-11-16T00:00") + timedelta(hours=h) for h in range(24)]
    rows = [
        [observed(FEVER, a, at, chance.choice([1, 4, 12, 30])) for a in COUNTIES] for at in hours
    ]
    seen: set = set()
    for batch in rows:
        put(store, *batch)
        with store.read() as conn:
            now_hidden = hidden(
                conn,
                catalogue(),
                indicators=[FEVER],
                grain=Grain.HOUR,
                start=hours[0],
                end=hours[-1] + timedelta(hours=1),
            )
        small = {
            (FEVER, o.area, o.period_start.astimezone(UTC))
            for b in rows
            for o in b
            if 0 < o.numerator < K
        }
        assert small & {c for c in now_hidden if c in small} == {
            c for c in small if c in now_hidden
        }
        seen |= {(o.area, o.period_start.astimezone(UTC)) for o in batch} - {
            c[1:] for c in now_hidden
        }
    assert not {c[1:] for c in small} & seen


def test_an_indicator_without_protection_asks_the_store_nothing(store):
    put(store, observed("PS-01", ZIJIN, "2026-11-18T09:00", 1))
    with store.read() as conn, statements(store) as asked:
        veil = Veil(conn, catalogue())
        veil.hides("PS-01", ZIJIN, Grain.HOUR, NOW)
        hidden(conn, catalogue(), indicators=["PS-01"], grain=Grain.HOUR, start=FIRST, end=NOW)
    assert asked == []


def test_by_the_minute_nothing_protected_is_shown(store):
    at = NOW.replace(second=0) - timedelta(minutes=5)
    put(store, observed(FEVER, ZIJIN, at, 50, grain=Grain.MINUTE))
    with store.read() as conn:
        found = hidden(
            conn, catalogue(), indicators=[FEVER], grain=Grain.MINUTE, start=FIRST, end=NOW
        )
    assert found == {(FEVER, ZIJIN, at)}
