"""The figures of the alarm log, against ones computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from data.alarms.log_frames import ALARMS, PUT_ASIDE, SPANS, TOLD, Log, empty
from data.alarms.performance import TARGETS, performance
from data.alarms.rates import counted, floods, in_flood
from data.vocabulary.alarm_log import Load

HOUR, DAY = 3600.0, 86400.0
NAN = math.nan
MIDNIGHT = 1_763_395_200.0  # 2025-11-18 00:00 in Heyuan


def told(*rows):
    """Rows of (at, alarm, rule, position, priority)."""
    return pd.DataFrame(list(rows), columns=list(TOLD)) if rows else empty(TOLD)


def alarm(
    id_, rule="r", position="c", priority=4, at=0.0, acknowledged=NAN, returned=NAN,
    outcome=None, latched=False, key=None,
):  # fmt: skip
    return {
        "alarm": id_, "key": key or f"{rule}|{position}|{id_}", "rule": rule, "position": position,
        "priority": priority, "told": at, "acknowledged": acknowledged, "returned": returned,
        "outcome": outcome, "latched": latched,
    }  # fmt: skip


def log(*alarms, told_=None, spans=(), aside=(), start=0.0, end=DAY, since=0.0, within=None):
    rows = pd.DataFrame(list(alarms), columns=list(ALARMS)) if alarms else empty(ALARMS)
    if told_ is None:
        told_ = told(
            *[(a["told"], a["alarm"], a["rule"], a["position"], a["priority"]) for a in alarms]
        )
    return Log(
        start, end, since, told_, rows,
        pd.DataFrame(list(spans), columns=list(SPANS)) if spans else empty(SPANS),
        pd.DataFrame(list(aside), columns=list(PUT_ASIDE)) if aside else empty(PUT_ASIDE),
        within or {},
    )  # fmt: skip


def figure(found, key, position=0):
    return next(f for f in found.positions[position].figures if f.key == key)


def span(alarm_, state, start, end=NAN, position="c", rule="r", active=True):
    return (alarm_, rule, position, state, active, start, end)


# ---- rates ----


def test_six_an_hour_is_one_in_ten_minutes_and_acceptable():
    found = performance(log(*[alarm(i, at=600.0 * i) for i in range(144)]))
    assert figure(found, "ten_mean").value == 1.0
    assert figure(found, "hour_mean").value == 6.0
    assert figure(found, "day_mean").value == 144.0
    assert figure(found, "ten_max").value == 1.0
    assert figure(found, "ten_over").value == 0.0
    assert figure(found, "ten_over").parts == (0, 144)
    assert {figure(found, k).load for k in ("ten_mean", "hour_mean", "day_mean")} == {Load.GOOD}


def test_thirteen_an_hour_are_more_than_somebody_can_manage():
    found = performance(log(*[alarm(i, at=i * HOUR / 13) for i in range(13)], end=HOUR))
    assert figure(found, "hour_mean").value == pytest.approx(13)
    assert figure(found, "hour_mean").load is Load.OVER
    assert found.load is Load.OVER
    assert found.reasons[0] == "ten_mean"


def test_nine_an_hour_lie_between_acceptable_and_manageable():
    found = performance(log(*[alarm(i, at=i * 400.0) for i in range(9)], end=HOUR))
    assert figure(found, "hour_mean").load is Load.LIMIT
    assert found.load is Load.LIMIT
    assert "hour_mean" in found.limits


def test_eleven_in_ten_minutes_are_over_in_their_stretch_only():
    found = performance(log(*[alarm(i, at=1200.0 + i) for i in range(11)], end=HOUR))
    assert figure(found, "ten_over").parts == (1, 6)
    assert figure(found, "ten_over").value == pytest.approx(100 / 6)
    assert figure(found, "ten_max").value == 11.0


def test_ten_in_ten_minutes_are_not_more_than_ten():
    found = performance(log(*[alarm(i, at=1200.0 + i) for i in range(10)], end=HOUR))
    assert figure(found, "ten_over").value == 0.0


def test_the_last_stretch_may_be_short():
    assert counted(np.array([0.0, 599.9, 600.0, 700.0]), 0.0, 700.0, 600.0).tolist() == [2, 1]


def test_an_alarm_before_the_period_counts_for_no_rate():
    found = performance(log(alarm(1, at=-300.0), alarm(2, at=30.0), end=HOUR))
    assert found.whole.alarms == 1
    assert figure(found, "hour_mean").value == 1.0


# ---- what a log can say ----


def test_a_log_that_began_late_is_not_divided_by_time_without_it():
    found = performance(log(*[alarm(i, at=DAY - 100 - i) for i in range(12)], since=DAY - 2 * HOUR))
    assert found.seconds == 2 * HOUR
    assert figure(found, "hour_mean").value == 6.0


def test_no_log_at_all_says_nothing_and_judges_nobody():
    found = performance(log(since=DAY))
    assert found.load is Load.UNKNOWN
    assert found.seconds == 0
    for key in TARGETS:
        assert figure(found, key).value is None, key
        assert figure(found, key).load is Load.UNKNOWN, key


def test_a_quiet_day_is_good_and_its_shares_have_no_value():
    found = performance(log())
    assert found.load is Load.GOOD
    assert figure(found, "ten_mean").value == 0.0
    assert figure(found, "acknowledged_median").value is None
    assert figure(found, "acted_on").value is None
    assert [p.value for p in found.priorities] == [None] * 4


# ---- floods ----


def test_a_flood_begins_with_the_tenth_alarm_and_ends_below_five():
    at = [30.0 * i for i in range(12)]  # the tenth at 270; the eighth at 210 drops out at 810
    (flood,) = floods(at, 0.0, HOUR)
    assert (flood.start, flood.end, flood.alarms, flood.peak) == (270.0, 810.0, 12, 12)
    assert in_flood([flood], 0.0, HOUR) == pytest.approx(15.0)


def test_nine_alarms_are_no_flood():
    assert floods([float(i) for i in range(9)], 0.0, HOUR) == ()


def test_ten_alarms_over_more_than_ten_minutes_are_no_flood():
    assert floods([67.0 * i for i in range(100)], 0.0, 3 * HOUR) == ()


def test_a_flood_goes_on_while_five_are_in_sight():
    at = [float(i) for i in range(10)] + [119.0 * i for i in range(1, 11)]
    (flood,) = floods(at, 0.0, 2 * HOUR)
    assert (flood.start, flood.end) == (9.0, 714.0 + 600.0)  # the fifth last drops out


def test_two_floods_with_quiet_between_are_two():
    at = [float(i) for i in range(10)] + [HOUR + i for i in range(10)]
    assert len(floods(at, 0.0, 2 * HOUR)) == 2


def test_a_flood_under_way_at_either_end_is_cut_to_the_period():
    at = [float(i) for i in range(-300, 0, 20)]
    (flood,) = floods(at, 0.0, 120.0)
    assert (flood.start, flood.end) == (0.0, None)
    assert in_flood([flood], 0.0, 120.0) == 100.0


# ---- how they are dealt with ----


def test_three_times_within_a_minute_chatter_and_over_a_minute_do_not():
    rows = [(t, 1, "r", "c", 4) for t in (0.0, 20.0, 50.0)]
    slow = [(t, 2, "r", "c", 4) for t in (0.0, 40.0, 61.0)]
    found = performance(log(alarm(1), alarm(2), told_=told(*rows, *slow)))
    assert figure(found, "chattering").value == 1.0
    assert found.rules[0].chattering == 1


def test_a_latched_alarm_chatters_though_it_was_told_once():
    assert figure(performance(log(alarm(1, latched=True))), "chattering").value == 1.0


def test_an_alarm_that_was_over_before_anybody_could_look_is_fleeting():
    found = performance(
        log(
            alarm(1, at=0.0, returned=60.0),
            alarm(2, at=0.0, returned=61.0),
            alarm(3, at=0.0, acknowledged=20.0, returned=50.0),
        )
    )
    assert figure(found, "fleeting").value == 1.0


def test_an_alarm_is_stale_after_a_day_also_when_it_was_acknowledged_meanwhile():
    spans = [span(1, "unacknowledged", 0.0, HOUR), span(1, "acknowledged", HOUR)]
    found = performance(log(alarm(1), spans=spans, end=2 * DAY))
    assert figure(found, "stale").value == 1.0
    assert figure(performance(log(alarm(1), spans=spans, end=DAY)), "stale").value == 0.0


def test_one_that_was_put_aside_begins_to_stand_anew():
    spans = [
        span(1, "acknowledged", 0.0, 20 * HOUR),
        span(1, "shelved", 20 * HOUR, 22 * HOUR),
        span(1, "unacknowledged", 22 * HOUR),
    ]
    assert figure(performance(log(alarm(1), spans=spans, end=40 * HOUR)), "stale").value == 0.0


def test_standing_is_the_mean_over_time_and_not_a_count_of_alarms():
    spans = [span(1, "acknowledged", 0.0, DAY / 2), span(2, "unacknowledged", DAY / 2)]
    found = performance(log(alarm(1), alarm(2), spans=spans))
    assert figure(found, "standing").value == 1.0
    assert figure(found, "standing_now").value == 1.0


def test_shelved_is_the_most_at_one_time():
    spans = [span(i, "shelved", i * HOUR, (i + 2) * HOUR) for i in range(5)]
    assert figure(performance(log(alarm(1), spans=spans)), "shelved").value == 2.0


def test_suppressed_by_a_plan_is_no_fault_and_without_one_is():
    aside = [(10.0, 1, "c", "suppress", True), (20.0, 2, "c", "shelve", False)]
    spans = [span(1, "suppressed_by_design", 10.0, HOUR)]
    found = performance(log(alarm(1), alarm(2), spans=spans, aside=aside))
    assert figure(found, "suppressed").value == 1.0
    assert figure(found, "unauthorised").value == 1.0
    assert found.load is Load.OVER
    assert "unauthorised" in found.reasons


def test_the_time_to_acknowledge_is_over_those_that_were():
    found = performance(
        log(*[alarm(i, at=0.0, acknowledged=60.0 * (i + 1)) for i in range(10)], alarm(99))
    )
    assert figure(found, "acknowledged_median").value == 330.0
    assert figure(found, "acknowledged_p90").value == pytest.approx(546.0)


def test_in_time_leaves_out_those_that_may_still_wait():
    found = performance(
        log(
            alarm(1, at=0.0, acknowledged=100.0),
            alarm(2, at=0.0, acknowledged=2000.0),
            alarm(3, at=0.0),
            alarm(4, at=DAY - 60),
            alarm(5, rule="unknown"),
            within={"r": 1800.0},
        )
    )
    assert figure(found, "in_time").parts == (1, 3)
    assert figure(found, "in_time").value == pytest.approx(100 / 3)


def test_shares_of_outcomes_are_over_what_somebody_said():
    outcomes = ["acted_on", "acted_on", "false_alarm", "real_no_action", None]
    found = performance(log(*[alarm(i, outcome=o) for i, o in enumerate(outcomes)]))
    assert figure(found, "acted_on").parts == (2, 4)
    assert figure(found, "false_alarm").value == 25.0
    (rule,) = found.rules
    assert (rule.acted_on, rule.real, rule.false, rule.unsaid) == (2, 1, 1, 1)


# ---- rules, priorities, places ----


def test_the_priority_spread_is_held_against_one_five_fifteen_eighty():
    alarms = [alarm(i, priority=p) for i, p in enumerate([1] + [2] * 5 + [3] * 14 + [4] * 80)]
    found = performance(log(*alarms))
    assert [round(p.value) for p in found.priorities] == [1, 5, 14, 80]
    assert [p.load for p in found.priorities] == [Load.GOOD] * 4


def test_too_many_grave_ones_are_over():
    found = performance(log(*[alarm(i, priority=1) for i in range(4)]))
    assert found.priorities[0].load is Load.OVER
    assert found.priorities[3].load is Load.OVER


def test_the_ten_noisiest_rules_are_named_by_their_share():
    alarms = [alarm(i, rule=f"r{i:02d}") for i in range(20)]
    found = performance(log(*alarms))
    assert figure(found, "top_ten").value == 50.0
    assert len(found.rules) == 20
    assert found.rules[0].share == 5.0


def test_with_ten_rules_or_fewer_their_share_says_nothing():
    assert figure(performance(log(alarm(1))), "top_ten").value is None


def test_each_desk_has_its_own_figures_beside_the_whole():
    alarms = [alarm(i, position="441602" if i < 3 else "441621", at=600.0 * i) for i in range(9)]
    found = performance(log(*alarms, end=2 * HOUR))
    assert [(p.key, p.alarms) for p in found.positions] == [("", 9), ("441602", 3), ("441621", 6)]
    assert figure(found, "hour_mean", 1).value == 1.5


def test_days_are_those_of_the_city():
    found = performance(
        log(alarm(1, at=MIDNIGHT - 1), alarm(2, at=MIDNIGHT), start=MIDNIGHT - DAY,
            end=MIDNIGHT + DAY, since=0.0)
    )  # fmt: skip
    assert found.days == ((MIDNIGHT - DAY, 1), (MIDNIGHT, 1))
