"""What holds of every rule, whatever the values are."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.alarms.conditions.places import Spot, bursts
from data.alarms.conditions.threshold import crossed
from data.alarms.facts import Facts
from data.alarms.holding import held
from data.alarms.judging import City, judge, places
from data.alarms.plan import Chosen, Plan
from data.catalogue import catalogue
from data.catalogue.alarm_entries import Threshold
from data.indicators.band import Band
from tests.alarm_rules import CITY, city, rule, threshold, value
from tests.conftest import NOW

values = st.floats(0, 100, allow_nan=False)
sides = st.sampled_from(["above", "below"])


@st.composite
def hysteresis(draw):
    limit, width, side = draw(values), draw(st.floats(0.5, 20)), draw(sides)
    clear = limit - width if side == "above" else limit + width
    return Threshold(kind="threshold", indicator="TR-01", side=side, limit=limit, clear=clear)


@given(hysteresis(), st.lists(st.floats(0.001, 0.999), min_size=2, max_size=20), st.booleans())
def test_between_limit_and_clear_nothing_ever_flaps(condition, shares, was):
    between = [condition.limit + (condition.clear - condition.limit) * x for x in shares]
    state = was
    for number in between:
        state = crossed(condition, number, was=state)
        assert state is was


@given(hysteresis(), values, values)
def test_a_worse_value_never_says_less(condition, a, b):
    better, worse = sorted((a, b), reverse=condition.side == "below")
    for was in (False, True):
        assert crossed(condition, worse, was=was) >= crossed(condition, better, was=was)


@given(hysteresis(), values)
def test_what_raises_an_alarm_also_keeps_it(condition, number):
    assert crossed(condition, number, was=True) >= crossed(condition, number, was=False)


@given(
    st.lists(st.tuples(st.booleans() | st.none(), st.integers(-10**6, 10**6)), max_size=30),
    st.integers(0, 600), st.booleans(),
)  # fmt: skip
def test_unknown_never_changes_the_answer_whatever_the_clock_does(steps, hold, was):
    now, pending = NOW, None
    for answer, seconds in steps:
        now += timedelta(seconds=seconds)
        found = held(was, answer, pending, now, timedelta(seconds=hold))
        if answer is None:
            assert found.active is was
        if found.pending is not None:
            assert found.pending.since <= found.pending.seen_at == now
        if found.at is not None:
            assert found.at <= now
        was, pending = found.active, found.pending


@given(st.integers(20, 3600), st.integers(-(10**9), 10**9), st.integers(0, 89))
def test_one_step_of_the_clock_fires_only_what_has_waited_its_time(hold, jump, before):
    wait = timedelta(seconds=hold)
    first = held(False, True, None, NOW, wait)
    second = held(False, True, first.pending, NOW + timedelta(seconds=before), wait)
    if second.active:
        assert before >= hold
        return
    now = NOW + timedelta(seconds=before + jump)
    third = held(False, True, second.pending, now, wait)
    ordinary = 0 <= jump <= 90
    assert not third.active or (ordinary and before + jump >= hold) or before >= hold - 1


@given(st.dictionaries(st.sampled_from(["no_data", "stale", "hidden", "future"]), st.just(0)))
def test_unknown_values_never_hold_of_any_rule_of_the_city(doubts):
    here, facts = city(), catalogue()
    told = {
        (code, area, window): value(None, next(iter(doubts), "no_data"))
        for code in facts.indicators for area in (CITY, *here.counties)
        for window in ("now", "hour", "today")
    }  # fmt: skip
    for one in facts.alarms.values():
        for verdict in judge(one, Facts(NOW, CITY, measured=told), here, {}):
            assert not verdict.holds, one.code


@given(st.permutations(["yuepingan", "bus_trips", "bus_vehicles", "health_capacity", "hotline"]),
       values, values)  # fmt: skip
def test_the_order_of_sources_does_not_matter(order, punctual, answered):
    """Each source moves its own rules: together they say what a look at everything says."""
    rules = {
        "late": rule(threshold(), code="late"),
        "calls": rule(threshold(indicator="HE-01", limit=80, window="hour"), code="calls"),
        "rain": rule(
            {"kind": "combination", "of": [threshold(), threshold(indicator="HE-01", limit=80)]},
            code="rain",
        ),
    }
    here = City.of(catalogue())
    told = {("TR-01", a, "now"): value(punctual) for a in here.counties}
    told |= {("HE-01", a, w): value(answered) for a in here.counties for w in ("now", "hour")}
    facts, plan = Facts(NOW, CITY, measured=told), Plan(rules, here)

    def says(chosen):
        return {(r.code, v.area): v.holds for r in chosen.rules for v in judge(r, facts, here, {})}

    together = {}
    for source in order:
        together |= says(plan.chosen(source))
    assert together == says(plan.chosen(None))


@given(values, st.floats(0.1, 99.9), sides)
def test_the_first_look_at_all_thresholds_finds_all_that_hold(number, limit, side):
    one, here = rule(threshold(side=side, limit=limit)), city()
    told = {("TR-01", a, "now"): value(number) for a in here.counties}
    chosen = Chosen((one,), here)
    facts = Facts(NOW, CITY, measured=told)
    found = {area for _, area in chosen.beyond(facts)}
    holds = {v.area for v in judge(one, facts, here, {}) if v.holds}
    assert found == holds
    assert set(places(one, here)) == set(here.counties)


points = st.lists(st.tuples(st.floats(114.6, 114.7), st.floats(23.6, 23.7)), max_size=60)


@given(points, st.floats(50, 3000), st.integers(1, 6))
def test_a_point_is_in_one_burst_only_and_each_has_enough(spots, radius, least):
    seen: set[int] = set()
    for members, _middle in bursts([Spot(*p) for p in spots], radius, least):
        assert len(members) >= least
        assert not seen & set(members)
        seen |= set(members)


@given(
    st.floats(0, 200), st.floats(0.5, 6) | st.none(), st.floats(1, 200) | st.none(),
    st.floats(0, 30), st.sampled_from(["above", "below", "both"]),
)  # fmt: skip
def test_the_first_look_at_all_comparisons_finds_all_that_hold(
    number, sigmas, percent, least, side
):
    condition = {"kind": "baseline", "indicator": "TR-01", "side": side, "sigmas": sigmas,
                 "percent": percent, "least": least}  # fmt: skip
    one, here = rule(condition), city()
    told = {("TR-01", a, "now"): value(number) for a in here.counties}
    bands = {("TR-01", a): Band(60, 30, 90, 20) for a in here.counties[1:]}
    facts = Facts(NOW, CITY, measured=told, bands=bands)
    holds = {v.area for v in judge(one, facts, here, {}) if v.holds}
    assert {area for _, area in Chosen((one,), here).beyond(facts)} == holds
