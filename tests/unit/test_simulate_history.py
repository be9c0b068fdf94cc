"""The bulk history is complete, has the city's rhythm, and agrees with the live feeds."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from data.catalogue import catalogue
from data.connectors import fhir, open311
from data.connectors.connector import Options
from data.simulate.feeds import feed
from data.simulate.history import observations, requests
from data.simulate.history_reception import receptions
from data.simulate.kinds import kinds, table
from data.simulate.requests import LOOKBACK, draw_day, recent
from data.simulate.rhythm import DayKind, day_kind, ordinal_of, ordinal_of_epoch
from data.simulate.wording import TITLES
from data.vocabulary import LOCAL, Aggregation, CaseState, Grain

SEED = 4416
NOW = datetime(2026, 11, 20, 15, 2, 10, tzinfo=LOCAL)


@pytest.fixture(scope="module")
def blocks():
    found = list(observations(SEED, now=NOW))
    return {(b.indicator, b.grain): b for b in found}


@pytest.fixture(scope="module")
def told():
    return list(requests(SEED, now=NOW))


def test_every_indicator_has_days_and_hours_for_every_area(blocks):
    counties = {a.code for a in catalogue().counties()}
    for indicator in catalogue().indicators.values():
        if catalogue().sources[indicator.source].waits:
            continue  # nobody brings it in the demonstration city
        for grain in (Grain.DAY, Grain.HOUR):
            block = blocks[indicator.code, grain]
            own = set() if indicator.rolls_up else {"441600"}
            assert set(block.area) == counties | own, indicator.code
            assert (block.denominator is None) == (indicator.denominator is None)
            size = len(block.area)
            assert len(block.period_start) == len(block.numerator) == size
            assert block.period_start.dtype == np.int64
            assert np.isfinite(block.numerator).all()
            if indicator.aggregation is Aggregation.RATIO and indicator.code != "HE-21":
                assert (block.numerator <= block.denominator).all()


def test_days_end_where_hours_begin(blocks):
    day, hour = blocks["PS-01", Grain.DAY], blocks["PS-01", Grain.HOUR]
    start = datetime(2026, 10, 16, tzinfo=LOCAL).timestamp()
    assert day.period_start.max() == start - 86400
    assert hour.period_start.min() == start
    assert hour.period_start.max() == NOW.replace(hour=14, minute=0, second=0).timestamp()
    assert (NOW - datetime.fromtimestamp(int(day.period_start.min()), LOCAL)).days >= 729


def test_there_is_no_step_between_days_and_hours(blocks):
    for code in ("PS-01", "GS-04", "TR-12", "HE-07", "PS-21"):
        day, hour = blocks[code, Grain.DAY], blocks[code, Grain.HOUR]
        month = day.period_start >= day.period_start.max() - 27 * 86400
        before = day.numerator[month].sum() / 28
        after = hour.numerator.sum() / 35
        assert 0.85 < after / before < 1.2, code


def test_nights_are_quiet_and_the_spring_festival_is_calm(blocks):
    hour = blocks["GS-04", Grain.HOUR]
    of_day = (hour.period_start + 8 * 3600) // 3600 % 24
    assert hour.numerator[of_day == 3].sum() * 8 < hour.numerator[of_day == 10].sum()
    day = blocks["GS-04", Grain.DAY]
    ordinals = np.array([ordinal_of_epoch(t) for t in day.period_start])

    def mean(first, last):
        chosen = (ordinals >= first.toordinal()) & (ordinals <= last.toordinal())
        return day.numerator[chosen].sum() / len(set(ordinals[chosen]))

    festival = mean(date(2026, 2, 17), date(2026, 2, 21))
    assert festival < 0.6 * mean(date(2026, 3, 2), date(2026, 3, 6))


def test_influenza_comes_in_winter_and_floods_in_summer(blocks):
    day = blocks["HE-13", Grain.DAY]
    months = np.array(
        [datetime.fromtimestamp(int(t), LOCAL).month for t in day.period_start.tolist()]
    )

    def share(month):
        chosen = months == month
        return day.numerator[chosen].sum() / day.denominator[chosen].sum()

    assert share(1) > 2 * share(7)
    rain = [k.category for k in kinds()].index("flood_risk")
    june = sum(
        (draw_day(SEED, date(2026, 6, d).toordinal()).kind == rain).sum() for d in range(1, 31)
    )
    december = sum(
        (draw_day(SEED, date(2025, 12, d).toordinal()).kind == rain).sum() for d in range(1, 31)
    )
    assert june > 2 * december


def test_workdays_follow_the_state_council():
    assert day_kind(date(2026, 2, 18).toordinal()) is DayKind.SPRING
    assert day_kind(date(2026, 10, 10).toordinal()) is DayKind.WORK  # a Saturday worked
    assert day_kind(date(2026, 10, 1).toordinal()) is DayKind.HOLIDAY
    assert day_kind(date(2026, 11, 21).toordinal()) is DayKind.WEEKEND


def test_history_of_cases_agrees_with_the_requests(blocks, told):
    calls = {"police_criminal", "police_order", "police_fraud", "police_help"}
    codes = catalogue().sources["yuepingan"].categories
    hour = blocks["PS-01", Grain.HOUR]
    start = int(NOW.replace(hour=14, minute=0, second=0).timestamp())
    expected = hour.numerator[hour.period_start == start].sum()
    got = [
        r
        for source, r, _ in told
        if source == "yuepingan"
        and codes[r.service_code] in calls
        and start <= r.requested_at.timestamp() < start + 3600
    ]
    assert len(got) == expected
    at = NOW.replace(hour=15, minute=0, second=0) - timedelta(seconds=1)
    names = {"hotline_consult", "hotline_help", "hotline_complaint", "hotline_city"}
    names.add("hotline_utility")
    known = catalogue().sources["hotline"].categories
    unfinished = [
        r
        for source, r, stages in told
        if source == "hotline"
        and known[r.service_code] in names
        and r.requested_at <= at
        and (stages[-1][0] is not CaseState.CLOSED or stages[-1][1] > at)
    ]
    tickets = blocks["GS-28", Grain.HOUR]
    assert len(unfinished) == tickets.numerator[tickets.period_start == start].sum()


def test_the_feeds_tell_of_the_same_requests(told):
    bulk = {r.request_id: (r, stages) for _, r, stages in told}
    for path in ("/open311/hotline/requests.xml", "/open311/yuepingan/requests.json"):
        payload = feed(path, {}, seed=SEED, now=NOW)[2]
        live = open311.parse(payload, Options()).records
        assert len(live) > 100
        for request in live:
            mine, stages = bulk[request.request_id]
            assert mine == type(mine)(**{**request.__dict__, "row": mine.row})
            assert stages[-1][1] == request.updated_at


def test_hospital_history_agrees_with_the_feed(blocks):
    payload = feed("/fhir/MeasureReport", {}, seed=SEED, now=NOW)[2]
    found = fhir.parse(payload, Options()).records
    start = int(NOW.replace(hour=14, minute=0, second=0).timestamp())
    live = {
        (m.subject.removeprefix("Location/heyuan-"), m.group, m.population): m.value
        for m in found
        if m.period_start.timestamp() == start
    }
    for indicator in catalogue().of_source("health_capacity"):
        block, fed = blocks[indicator.code, Grain.HOUR], indicator.feed
        chosen = block.period_start == start
        for area, value in zip(block.area[chosen], block.numerator[chosen], strict=True):
            assert live[area, fed.group, fed.numerator] == value, indicator.code


def test_volumes_and_open_matters_are_those_of_a_city_of_this_size(told):
    assert 40_000 < len(told) < 75_000
    today = ordinal_of(NOW)
    matters, overdue, red = [], [], 0
    for step in range(40):
        moment = NOW.timestamp() - 86400 * 1.37 * step
        batch = recent(SEED, ordinal_of(datetime.fromtimestamp(moment, LOCAL)))
        is_open = (batch.created <= moment) & (batch.closed > moment)
        is_open &= table().matter[batch.kind]
        matters.append(int(is_open.sum()))
        overdue.append(int((is_open & (batch.due < moment)).sum()))
        red += int((batch.level[is_open] == 1).sum())
    assert 15 <= np.mean(matters) <= 21
    assert 1 <= np.mean(overdue) <= 3
    assert red == 0
    workdays = [d for d in range(today - 30, today) if day_kind(d) is DayKind.WORK]
    counts = Counter(kinds()[k].source for d in workdays for k in draw_day(SEED, d).kind)
    assert 700 < counts["yuepingan"] / len(workdays) < 850
    assert 580 < counts["hotline"] / len(workdays) < 720
    assert 480 < counts["approvals"] / len(workdays) < 620


def test_every_category_of_every_platform_happens_and_has_words():
    named = {c for s in catalogue().sources.values() for c in s.categories.values()}
    assert {k.category for k in kinds()} == named == set(TITLES)
    matters = [c for c in named if catalogue().categories[c].matter]
    assert sum(len(TITLES[c]) for c in matters) >= 25


def test_nothing_outlives_the_days_that_are_looked_back():
    for day in range(5):
        batch = draw_day(SEED, ordinal_of(NOW) - 31 * day)
        assert (np.diff(batch.times, axis=1) > 0).all()
        assert (batch.closed - batch.created).max() < (LOOKBACK - 1) * 86400


def test_stage_words_are_those_the_catalogue_maps(told):
    words = {r.status_notes for _, r, _ in told if r.status == "open"}
    for source in ("yuepingan", "hotline", "approvals"):
        assert words <= set(catalogue().sources[source].stages)


# ---- reception ----


def received(seed=SEED, now=NOW):
    return list(receptions(seed, catalogue(), now=now))


def test_the_past_of_reception_is_the_same_for_the_same_seed_and_another_for_another():
    assert received() == received()
    assert received() != received(seed=1)


def test_nothing_of_reception_lies_in_the_future_or_exceeds_what_was_expected():
    for row in received():
        assert row["bucket"] <= NOW.timestamp()
        assert 0 <= row["timely"] <= row["due"] == row["received"] <= row["expected"]
        if row["runs"]:
            assert row["bucket"] <= row["first_at"] <= row["last_at"] <= NOW.timestamp()
        else:
            assert row["first_at"] is None is row["last_at"]


def test_reception_is_told_of_simulated_sources_only():
    waiting = {k for k, s in catalogue().sources.items() if s.waits}
    assert {r["source"] for r in received()} == set(catalogue().sources) - waiting


@pytest.mark.parametrize("minute", [0, 1, 59])
def test_reception_can_be_made_at_any_minute_of_the_day(minute):
    for hour in (0, 7, 23):
        now = NOW.replace(hour=hour, minute=minute, second=0)
        rows = received(now=now)
        days = {r["bucket"] for r in rows if r["grain"] == Grain.DAY}
        assert len(days) == 85
