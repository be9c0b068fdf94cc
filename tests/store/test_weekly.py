"""The review of a week: what it concludes, and what it says plainly it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import orjson
import pytest

from data.calendar.week import WeekError
from data.catalogue import catalogue
from data.catalogue.entries import SeriesBreak
from data.vocabulary.review_terms import Assurance, Doubt, Signal, SpcRule
from tests.conftest import NOW
from tests.store.weeks import (
    CITY,
    COUNTIES,
    LAST,
    WEEK,
    cell,
    hear,
    reviewed,
    row,
    waves,
    weeks,
)

LONG = 60
KEPT = "PS-24"
"""A share of cases, target 95 at least."""
CALLS = "PS-09"
"""A count, fewer is better."""


def shares(n, part, whole=100.0):
    """Return weeks of a share that wobble a little."""
    return [(round(x), whole) for x in waves(n, part, 1.5)]


def even(n=LONG, centre=100.0):
    """Return every county with weeks without a signal."""
    return {area: waves(n, centre) for area in COUNTIES}


def row_value(review, area):
    """Return the calls of one area."""
    return cell(review, CALLS, area)["figure"]["value"]


def changed(code, **more):
    """Return the catalogue with one indicator changed."""
    facts = catalogue()
    other = facts.indicators[code].model_copy(update=more)
    return replace(facts, indicators={**facts.indicators, code: other})


# ---- what is concluded ----


def test_a_quiet_year_has_no_signal_and_says_what_chance_would_give(store):
    weeks(store, CALLS, even())
    review = reviewed(store)
    assert row(review, CALLS)["signal"] is Signal.COMMON
    assert review["noise"]["found"] == 0
    assert 0 < review["noise"]["expected"] < 1
    assert review["noise_below"]["series"] == len(COUNTIES)


def test_a_count_far_above_its_limits_is_the_first_message_with_who_and_until_when(store):
    calls = even()
    calls["441622"] = [*calls["441622"][:-1], 500.0]
    weeks(store, CALLS, calls)
    review = reviewed(store)
    told = row(review, CALLS)
    assert (told["signal"], told["rules"]) == (Signal.CONCERN, [SpcRule.OUTSIDE])
    assert cell(review, CALLS, "441622")["signal"] is Signal.CONCERN
    assert cell(review, CALLS, "441621")["signal"] is Signal.COMMON
    first = review["messages"][0]
    assert (first["rule"], first["fields"]["areas"]) == ("special_cause", ["441622"])
    assert first["key"] == f"special_cause:{CALLS}:{CITY}"
    assert first["department"] == catalogue().departments["psb"].short
    assert date(2026, 11, 15) < date.fromisoformat(first["until"]) <= date(2026, 11, 22)
    assert first["evidence"] == "PS-09.441600.26W46"


def test_the_spark_ends_with_the_week_and_has_limits_of_the_longer_past(store):
    weeks(store, CALLS, even())
    spark = row(reviewed(store), CALLS)["spark"]
    assert len(spark["values"]) == len(spark["upper"]) == 26
    assert spark["first"] == (LAST - timedelta(weeks=25)).isoformat()
    assert spark["values"][-1] == row(reviewed(store), CALLS)["now"]["value"]
    assert None not in spark["lower"]


def test_a_share_of_the_city_is_the_sum_over_the_sum_never_the_mean_of_shares(store):
    counties = {area: shares(LONG, 99.0) for area in COUNTIES}
    counties["441602"] = shares(LONG, 200.0, 1000.0)
    weeks(store, KEPT, counties)
    now = row(reviewed(store), KEPT)["now"]
    part = sum(counts[-1][0] for counts in counties.values())
    whole = sum(counts[-1][1] for counts in counties.values())
    assert now["value"] == pytest.approx(100 * part / whole, abs=0.01)
    assert (now["n"], now["told"], now["of"]) == (whole, 7, 7)
    assert now["low"] < now["value"] < now["high"]


def test_a_missed_target_is_sure_only_if_the_interval_misses_it_too(store):
    weeks(store, KEPT, {area: shares(LONG, 80.0) for area in COUNTIES})
    (told,) = [m for m in reviewed(store)["messages"] if m["rule"] == "target_missed"]
    assert told["fields"]["sure"] is True
    assert (told["fields"]["limit"], told["fields"]["kind"]) == (95.0, "floor")


def test_a_target_missed_by_little_is_only_likely_missed(store):
    weeks(store, KEPT, {"441602": shares(LONG, 92.0)})
    review = reviewed(store)
    (told,) = [m for m in review["messages"] if m["rule"] == "target_missed"]
    assert told["fields"]["sure"] is False
    assert told["level"] == 4
    assert row(review, KEPT)["assurance"] is Assurance.EITHER


def test_a_week_is_set_against_the_whole_week_before_and_matched_days_of_last_year(store):
    rising = [100.0 + n for n in range(110)]
    weeks(store, CALLS, {"441602": rising})
    told = row(reviewed(store), CALLS)
    assert told["last"]["change"] == 1.0
    assert told["year"]["change"] == pytest.approx(52.0)
    assert told["year"]["then"]["told"] == 7


def test_flagged_indicators_are_compared_fairly_between_counties(store):
    counties = {area: shares(LONG, 98.0, 400.0) for area in COUNTIES}
    counties = {area: [(p * 4, w) for p, w in counts] for area, counts in counties.items()}
    counties["441622"] = [*counties["441622"][:-1], (240.0, 400.0)]
    counties["4416GX"] = [*counties["4416GX"][:-1], (4.0, 5.0)]
    weeks(store, KEPT, counties)
    (fair,) = [f for f in reviewed(store)["fair"] if f["level"] == 2]
    points = {p["area"]: p for p in fair["points"]}
    assert points["441622"]["band"] > points["441621"]["band"] == 1
    assert points["4416GX"]["doubt"] is Doubt.UNDER_FLOOR
    assert points["4416GX"]["band"] == 0


def test_counts_without_residents_are_in_no_comparison(store):
    calls = even()
    calls["441602"] = [*calls["441602"][:-1], 900.0]
    weeks(store, CALLS, calls)
    (fair,) = [f for f in reviewed(store)["fair"] if f["level"] == 2]
    points = {p["area"]: p for p in fair["points"]}
    assert (fair["per"], fair["population"]) == (10_000, "2020")
    assert points["4416JD"]["doubt"] is Doubt.NO_RESIDENTS
    zones = row_value(reviewed(store), "4416JD") + row_value(reviewed(store), "4416GX")
    assert points["441602"]["value"] == pytest.approx((900 + zones) / 703_607 * 10_000, abs=0.01)
    assert points["441602"]["band"] == fair["bands"] > 1


def test_rows_of_a_domain_stand_in_order_of_strength(store):
    weeks(store, CALLS, {"441602": [*waves(LONG - 1), 140.0]})
    weeks(store, "PS-02", {"441602": [*waves(LONG - 1), 260.0]})
    told = [r for r in reviewed(store)["rows"] if r["measure"]["domain"] == "public_safety"]
    assert [r["measure"]["code"] for r in told[:2]] == ["PS-02", CALLS]
    assert all(a["strength"] >= b["strength"] for a, b in pairwise(told))


def test_a_review_is_the_same_after_it_was_packed(store):
    from data.panels.weekly import pack, unpack

    weeks(store, CALLS, even())
    review = reviewed(store)
    again = unpack(pack(review))
    assert orjson.loads(orjson.dumps(review)) == orjson.loads(orjson.dumps(again))


# ---- what cannot be concluded, and why ----


def test_a_week_of_the_future_says_so_and_nothing_else(store):
    review = reviewed(store, "2026-W50")
    assert review["doubts"] == [Doubt.FUTURE]
    assert (review["rows"], review["messages"], review["totals"]["new"]) == ([], [], 0)


def test_a_week_before_the_first_data_says_so(store):
    weeks(store, CALLS, even(20))
    assert reviewed(store, "2026-W10")["doubts"] == [Doubt.BEFORE_DATA]


def test_a_week_that_is_no_week_is_refused_in_words(store):
    with pytest.raises(WeekError, match="weeks 1 to 52"):
        reviewed(store, "2025-W53")


def test_an_area_that_is_not_there_is_refused(store):
    with pytest.raises(KeyError):
        reviewed(store, area="999999")


def test_a_running_week_has_numbers_but_no_signal(store):
    weeks(store, CALLS, {"441602": waves(LONG)})
    weeks(store, CALLS, {"441602": [900.0]}, last=LAST + timedelta(weeks=1), days=False)
    review = reviewed(store, "2026-W47")
    told = row(review, CALLS)
    assert (review["whole"], review["doubts"]) == (False, [Doubt.PARTIAL])
    assert (told["now"]["value"], told["now"]["doubt"]) == (900.0, Doubt.PARTIAL)
    assert (told["signal"], told["strength"]) == (Signal.COMMON, 0.0)
    assert told["spark"]["values"][-1] == 900.0
    assert told["spark"]["upper"][-1] is None


def test_a_week_of_which_days_are_missing_is_marked(store):
    weeks(store, CALLS, {"441602": waves(LONG)})
    from data import models as m

    with store.write() as conn:
        gone = m.rollup_day.delete().where(m.rollup_day.c.bucket >= LAST + timedelta(days=4))
        conn.execute(gone)
    told = row(reviewed(store), CALLS)
    assert (told["now"]["told"], told["now"]["doubt"]) == (4, Doubt.PARTIAL)
    assert Doubt.PARTIAL in told["doubts"]


def test_an_area_without_the_indicator_is_told_from_one_that_was_silent(store):
    calls = even()
    del calls["4416GX"]
    calls["441621"] = [*calls["441621"][:-1], None]
    weeks(store, CALLS, calls)
    review = reviewed(store)
    assert cell(review, CALLS, "4416GX")["figure"]["doubt"] is Doubt.NOT_HERE
    assert cell(review, CALLS, "441621")["figure"]["doubt"] is Doubt.NO_DATA
    assert row(reviewed(store, area="4416GX"), CALLS)["now"]["doubt"] is Doubt.NOT_HERE


def test_fewer_than_twelve_weeks_have_no_limits(store):
    hear(store, "yuepingan")
    weeks(store, CALLS, {"441602": waves(11)})
    told = row(reviewed(store), CALLS)
    assert told["doubts"] == [Doubt.TOO_FEW]
    assert (told["points"], told["signal"]) == (11, Signal.COMMON)
    assert set(told["spark"]["upper"]) == {None}
    gap = next(g for g in reviewed(store)["gaps"] if g["kind"] == "no_history")
    assert gap["codes"] == [CALLS]


def test_nothing_to_divide_by_is_no_rate(store):
    weeks(store, KEPT, {"441602": [*shares(LONG, 95.0), (0.0, 0.0)]})
    told = row(reviewed(store), KEPT)
    assert (told["now"]["value"], told["now"]["doubt"]) == (None, Doubt.ZERO_DENOMINATOR)
    assert told["last"]["change"] is None


def test_values_that_are_all_equal_have_limits_without_width(store):
    weeks(store, CALLS, {"441602": [50.0] * LONG})
    told = row(reviewed(store), CALLS)
    assert Doubt.ALL_EQUAL in told["doubts"]
    assert told["signal"] is Signal.COMMON


def test_a_missing_week_between_is_told(store):
    calls = waves(LONG)
    weeks(store, CALLS, {"441602": [*calls[:-3], None, *calls[-2:]]})
    told = row(reviewed(store), CALLS)
    assert Doubt.GAP in told["doubts"]
    assert told["spark"]["values"][-3] is None


def test_a_new_definition_ends_the_comparison_and_restarts_the_limits(store):
    weeks(store, CALLS, {"441602": [*waves(LONG), *waves(20, 300.0)]})
    why = {"zh": "口径调整", "en": "defined anew"}
    cut = SeriesBreak(on=LAST - timedelta(weeks=19), why=why)
    told = row(reviewed(store, facts=changed(CALLS, breaks=(cut,))), CALLS)
    assert (told["year"]["change"], told["year"]["doubt"]) == (None, Doubt.BREAK)
    assert told["last"]["change"] is not None
    assert (told["points"], told["signal"]) == (20, Signal.COMMON)
    assert told["spark"]["breaks"] == [6]
    assert told["spark"]["centre"][0] < 150 < told["spark"]["centre"][-1]


def test_a_bridged_break_divides_nothing(store):
    weeks(store, CALLS, {"441602": waves(LONG)})
    why = {"zh": "换算", "en": "converted"}
    cut = SeriesBreak(on=LAST - timedelta(weeks=5), why=why, bridged=why)
    told = row(reviewed(store, facts=changed(CALLS, breaks=(cut,))), CALLS)
    assert (told["points"], told["spark"]["breaks"]) == (LONG, [])


def test_a_definition_of_a_few_weeks_has_no_limits_yet(store):
    hear(store, "yuepingan")
    weeks(store, CALLS, {"441602": [*waves(LONG), *waves(5, 300.0)]})
    why = {"zh": "口径调整", "en": "defined anew"}
    cut = SeriesBreak(on=LAST - timedelta(weeks=4), why=why)
    told = row(reviewed(store, facts=changed(CALLS, breaks=(cut,))), CALLS)
    assert told["doubts"] == [Doubt.TOO_FEW, Doubt.BREAK]


def test_the_spring_festival_is_set_against_its_own_days_of_last_year(store):
    weeks(store, CALLS, {"441602": waves(110)})
    review = reviewed(store, "2026-W08")
    days = dict(review["bases"]["lunar"]["pairs"])
    assert days["2026-02-17"] == "2025-01-29"  # the first day of the first month
    assert row(review, CALLS)["lunar"]["change"] is not None


def test_a_silent_source_blinds_what_it_feeds_and_is_named(store):
    weeks(store, CALLS, {"441602": [*waves(LONG), None]})
    hear(store, "yuepingan", at=datetime.combine(LAST, datetime.min.time(), NOW.tzinfo))
    review = reviewed(store)
    gap = next(g for g in review["gaps"] if g["detail"]["source"] == "yuepingan")
    assert gap["kind"] == "silent"
    assert CALLS in gap["codes"]
    assert row(review, CALLS)["doubts"] == [Doubt.NO_DATA, Doubt.STALE]
    (told,) = [m for m in review["messages"] if m["rule"] == "data_gap"]
    assert told["fields"]["codes"] == [CALLS]


def test_a_source_that_waits_for_its_first_file_is_not_on_the_page(store):
    codes = {r["measure"]["code"] for r in reviewed(store)["rows"]}
    assert "EC-02" not in codes
    weeks(store, "EC-02", {"441602": [(700.0, 20.0)] * 20})
    hear(store, "air_quality")
    assert row(reviewed(store), "EC-02")["aim"]["high"] == 35.0


def test_the_week_is_written_the_usual_way(store):
    review = reviewed(store)
    assert (review["week"], review["first"], review["last"]) == (WEEK, "2026-11-09", "2026-11-15")
