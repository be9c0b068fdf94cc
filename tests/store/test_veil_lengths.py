"""Counts that are told by the week, month or day alone, or by several lengths, are not given away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.queries import hidden as gate
from data.queries.hidden import Veil, hidden
from data.queries.keys import read_keys
from data.vocabulary import Grain
from tests.property.attack import Attacker, given_away
from tests.store.support import CITY, LONGCHUAN, YUANCHENG, ZIJIN, local, observed, put

FEVER, K = "HE-23", 10
COUNTIES = [a.code for a in catalogue().counties()]
WEEKS = [date(2026, 9, 28) + timedelta(days=7 * n) for n in range(5)]
"""The first joins September and October, the last October and November."""
TABLES = {
    Grain.HOUR: m.rollup_hour,
    Grain.DAY: m.rollup_day,
    Grain.WEEK: m.rollup_week,
    Grain.MONTH: m.rollup_month,
}
COUNTS = (3, 41, 52, 0, 66, 70, 85, 38)


def at(day):
    return local(f"{day}T00:00")


def fact(area, day, count, grain):
    return observed(FEVER, area, at(day), count, grain=grain)


def weeks(areas=COUNTIES):
    """One week of one county is small; the others are not."""
    for n, week in enumerate(WEEKS):
        for area, count in zip(areas, COUNTS, strict=False):
            yield fact(area, week, count + (0 if n in (0, 2) else 40), Grain.WEEK)


def days(areas, first=WEEKS[0], until=35):
    for n in range(until):
        for place, area in enumerate(areas):
            yield fact(area, first + timedelta(days=n), 20 + place + n % 7, Grain.DAY)


def cells(store):
    """Return every stored roll-up."""
    found = {}
    with store.read() as conn:
        keys = read_keys(conn)
        names = keys.area_codes()
        for grain, table in TABLES.items():
            t = table.c
            query = select(t.area_id, t.bucket, t.num).where(
                t.indicator_id == keys.indicators[FEVER]
            )
            for area, bucket, num in conn.execute(query):
                start = bucket if grain is Grain.HOUR else at(bucket)
                found[grain, names[area], start.timestamp()] = num
    return found


def shut(store):
    with store.read() as conn:
        return {
            (grain, area, start.timestamp())
            for grain in TABLES
            for _, area, start in hidden(
                conn,
                catalogue(),
                indicators=[FEVER],
                grain=grain,
                start=at("2026-08-01"),
                end=at("2026-12-31"),
            )
        }


def atoms(rows):
    """Return what each roll-up is the sum of, as whoever reads them can work out."""
    found = {}
    for one in rows:
        day = one.period_start.astimezone(gate.LOCAL).date()
        spans = {
            Grain.DAY: day,
            Grain.WEEK: day - timedelta(days=day.weekday()),
            Grain.MONTH: day.replace(day=1),
        }
        wanted = {g: d for g, d in spans.items() if g is one.grain or one.grain < Grain.WEEK}
        wanted = {g: at(d) for g, d in wanted.items() if g >= one.grain}
        if one.grain is Grain.HOUR:
            wanted[Grain.HOUR] = one.period_start
        for grain, start in wanted.items():
            for area in (one.area, CITY):
                place = (grain, area, start.timestamp())
                found.setdefault(place, []).append((one.area, one.grain, one.period_start))
    return found


def attack(store, rows):
    """Store the rows, and let an attacker see all that is not hidden."""
    rows = list(rows)
    put(store, *rows)
    told, hid = cells(store), shut(store)
    parts = atoms(rows)
    assert set(parts) == set(told)
    few = [c for c, n in told.items() if 0 < n < K]
    assert few
    assert set(few) <= hid
    shown = {c: n for c, n in told.items() if c not in hid}
    assert given_away(Attacker(parts, shown), few, K) == []
    assert shown
    return told, hid


def test_a_week_that_is_told_as_a_week_hides_a_second_county(store):
    _, hid = attack(store, weeks())
    for n, week in enumerate(WEEKS):
        own = {a for g, a, t in hid if g is Grain.WEEK and t == at(week).timestamp()}
        assert bool(own) is (n in (0, 2))
        if own:
            assert len(own & set(COUNTIES)) >= 2
            assert CITY not in own


def test_two_months_decide_a_week_that_joins_them_alike(store):
    put(store, *weeks())
    week = at(WEEKS[0])
    with store.read() as conn:
        veil = Veil(conn, catalogue())
        months = [veil.month(FEVER, first) for first in (date(2026, 9, 1), date(2026, 10, 1))]
        place = (Grain.WEEK, WEEKS[0].toordinal())
        by = [{c for c in month if (c[0], c[2]) == place} for month in months]
        assert by[0] == by[1]
        assert {a for _, a, _ in by[0]} == {
            a for a in COUNTIES if veil.hides(FEVER, a, Grain.WEEK, week)
        }


def test_the_only_county_that_tells_a_week_hides_the_city_with_it(store):
    _, hid = attack(store, weeks([ZIJIN]))
    assert (Grain.WEEK, CITY, at(WEEKS[0]).timestamp()) in hid
    assert (Grain.WEEK, CITY, at(WEEKS[1]).timestamp()) not in hid


def test_a_county_that_tells_weeks_beside_others_that_tell_days(store):
    attack(store, [*weeks([ZIJIN]), *days([YUANCHENG, LONGCHUAN])])


def test_months_alone(store):
    firsts = [date(2026, 9, 1), date(2026, 10, 1)]
    attack(
        store,
        (
            fact(a, first, n + (0 if first.month == 9 else 40), Grain.MONTH)
            for first in firsts
            for a, n in zip(COUNTIES, COUNTS, strict=False)
        ),
    )


def test_months_beside_days(store):
    months = [fact(ZIJIN, date(2026, 10, 1), 4, Grain.MONTH)]
    attack(store, [*months, *days([YUANCHENG, LONGCHUAN])])


def test_days_alone(store):
    few = [fact(ZIJIN, WEEKS[0] + timedelta(days=n), 4 if n == 9 else 30, Grain.DAY) for n in range(35)]  # fmt: skip
    attack(store, [*few, *days([YUANCHENG, LONGCHUAN])])


@pytest.mark.parametrize("hourly", [3, 30])
def test_a_county_that_tells_days_beside_others_that_tell_hours(store, hourly):
    hours = [
        observed(FEVER, a, at(WEEKS[1]) + timedelta(hours=h), hourly + h % 5 + 9 * n)
        for h in range(72)
        for n, a in enumerate((YUANCHENG, LONGCHUAN))
    ]
    whole = [fact(ZIJIN, WEEKS[1] + timedelta(days=n), 5 if n == 1 else 50, Grain.DAY) for n in range(3)]  # fmt: skip
    attack(store, [*hours, *whole])


def test_hours_of_an_old_month_are_decided_when_they_are_asked_for(store):
    first = WEEKS[1]
    old = [
        observed(FEVER, a, at(first) + timedelta(hours=h), 3 if h == 5 and not n else 40)
        for n, a in enumerate(COUNTIES[:3])
        for h in range(12)
    ]
    new = [observed(FEVER, a, at(date(2026, 12, 2)), 40) for a in COUNTIES[:3]]
    later = at(date(2026, 12, 3))
    put(store, *old, *new, as_of=later, now=later)
    hour, month = at(first) + timedelta(hours=5), date(2026, 10, 1)

    def ask(*, hours):
        with store.read() as conn:
            return Veil(conn, catalogue()).month(FEVER, month, hours=hours)

    gate._kept.clear()
    longer = ask(hours=False)
    (kept,) = [d for (_, at_), d in gate._kept[store.engine].items() if at_ == month]
    assert (kept.memo, kept.hours) == ({}, False)
    assert Grain.HOUR not in {c[0] for c in longer}
    assert (Grain.HOUR, COUNTIES[0], int(hour.timestamp()) // 3600) in ask(hours=True)
    assert {c for c in ask(hours=True) if c[0] is not Grain.HOUR} == longer
    assert ask(hours=False) == ask(hours=True)  # once whole, it stays so
