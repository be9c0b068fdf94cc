"""What each kind of condition says, and when it says nothing."""

from __future__ import annotations

import pytest

from data.alarms.conditions.places import Spot, bursts
from data.alarms.conditions.warning import kind_of
from data.alarms.facts import Charted, Facts, Heard, OneCase, Warned
from data.indicators.band import Band
from tests.alarm_rules import (
    CITY,
    LONGCHUAN,
    YUANCHENG,
    ZIJIN,
    at,
    later,
    rule,
    said,
    threshold,
    value,
)
from tests.conftest import NOW

BUS = ("TR-01", YUANCHENG, "now")


def facts(**more):
    return Facts(NOW, CITY, **more)


# ---- threshold ----


def test_a_value_under_its_limit_holds_and_says_both():
    one = at(YUANCHENG, said(rule(threshold()), facts(measured={BUS: value(62.0)})))
    assert one.holds is True
    assert (one.value, one.limit) == (62.0, 65)
    assert one.said["zh"] == "公交准点率（当前值）62.0%，低于65.0%"
    assert one.said["en"] == "Bus punctuality (now) 62.0%, below 65.0%"


def test_between_limit_and_clear_it_stays_what_it_was():
    told, asked = facts(measured={BUS: value(70.0)}), rule(threshold(clear=75))
    assert at(YUANCHENG, said(asked, told)).holds is False
    assert at(YUANCHENG, said(asked, told, {(YUANCHENG, ""): True})).holds is True


def test_the_clear_value_itself_ends_it():
    told, asked = facts(measured={BUS: value(75.0)}), rule(threshold(clear=75))
    assert at(YUANCHENG, said(asked, told, {(YUANCHENG, ""): True})).holds is False


def test_at_the_limit_above_holds_and_below_does_not():
    told = facts(measured={BUS: value(65.0)})
    assert at(YUANCHENG, said(rule(threshold()), told)).holds is False
    assert at(YUANCHENG, said(rule(threshold(side="above")), told)).holds is True


@pytest.mark.parametrize("doubt", ["no_data", "stale", "hidden", "future"])
def test_what_cannot_be_judged_is_unknown_and_tells_no_value(doubt):
    one = at(YUANCHENG, said(rule(threshold()), facts(measured={BUS: value(None, doubt)})))
    assert one.holds is None
    assert one.value is None
    assert one.doubt == doubt
    assert "value" not in one.evidence


def test_what_was_never_told_is_unknown():
    assert {v.holds for v in said(rule(threshold()), facts())} == {None}


def test_a_total_with_areas_missing_is_no_low_total_and_does_not_end_an_alarm():
    key, part = ("GS-16", CITY, "now"), value(12.0, reported=6, expected=8)
    low = rule(threshold(indicator="GS-16", limit=20), where="city")
    high = rule(threshold(indicator="GS-16", side="above", limit=20), where="city")
    assert at(CITY, said(low, facts(measured={key: part}))).holds is None
    assert at(CITY, said(high, facts(measured={key: part}))).holds is None
    more = value(30.0, reported=6, expected=8)
    assert at(CITY, said(high, facts(measured={key: more}))).holds is True


def test_only_the_areas_named_are_looked_at():
    asked = rule(threshold(), areas=[ZIJIN])
    assert [v.area for v in said(asked, facts())] == [ZIJIN]


# ---- baseline ----

CALLS = ("PS-01", YUANCHENG, "hour")
BAND = {("PS-01", YUANCHENG): Band(10, 4, 16, 20)}


def usual(**more):
    return {"kind": "baseline", "indicator": "PS-01", "side": "above", **more}


def test_sigmas_and_percent_must_both_be_reached():
    asked = rule(usual(sigmas=3, percent=100))
    assert at(YUANCHENG, said(asked, facts(measured={CALLS: value(17)}, bands=BAND))).holds is False
    one = at(YUANCHENG, said(asked, facts(measured={CALLS: value(20)}, bands=BAND)))
    assert one.holds is True
    assert one.limit == 20
    assert one.evidence["sigmas"] == 5


def test_a_small_difference_is_none_and_it_ends_at_its_share():
    asked = rule(usual(sigmas=3, least=8, clear_share=0.5))
    told = facts(measured={CALLS: value(17)}, bands=BAND)
    assert at(YUANCHENG, said(asked, told)).holds is False
    assert at(YUANCHENG, said(asked, told, {(YUANCHENG, ""): True})).holds is True


def test_both_sides_look_at_the_distance():
    told = facts(measured={CALLS: value(2)}, bands=BAND)
    assert at(YUANCHENG, said(rule(usual(sigmas=3) | {"side": "both"}), told)).holds is True
    assert at(YUANCHENG, said(rule(usual(sigmas=3)), told)).holds is False


def test_without_a_band_it_is_unknown():
    assert (
        at(YUANCHENG, said(rule(usual(sigmas=3)), facts(measured={CALLS: value(99)}))).holds is None
    )


# ---- control chart ----


def test_a_signal_that_is_asked_for_holds():
    asked = rule({"kind": "spc", "indicator": "TR-01"})
    key = ("TR-01", YUANCHENG, "week")
    bad = Charted("concern", "", NOW, 70.0, 85.0, 80.0, 90.0, ("outside",), "2026-W46")
    assert at(YUANCHENG, said(asked, facts(charts={key: bad}))).holds is True
    good = Charted("improvement", "", NOW, 95.0, 85.0, 80.0, 90.0, ("outside",), "2026-W46")
    assert at(YUANCHENG, said(asked, facts(charts={key: good}))).holds is False
    few = Charted(None, "too_few")
    assert at(YUANCHENG, said(asked, facts(charts={key: few}))).holds is None


# ---- silence ----


def heard(minutes, rhythm=60.0, source="warnings"):
    return Heard(source, CITY, later(-minutes), rhythm)


def test_a_source_is_quiet_after_so_many_times_its_rhythm():
    asked = rule({"kind": "silence", "source": "warnings", "factor": 3}, where="city")
    one = at(CITY, said(asked, facts(sources={"warnings": heard(4)})))
    assert one.holds is True
    assert (one.object, one.cause) == ("warnings", "source:warnings")
    assert said(asked, facts(sources={"warnings": heard(2)})) == []
    known = {(CITY, "warnings"): True}
    assert at(CITY, said(asked, facts(sources={"warnings": heard(2)}), known)).holds is False


def test_minutes_said_outright_count_instead_of_the_rhythm():
    asked = rule({"kind": "silence", "source": "warnings", "late_after": 10}, where="city")
    assert said(asked, facts(sources={"warnings": heard(9, None)})) == []
    assert at(CITY, said(asked, facts(sources={"warnings": heard(11, None)}))).holds is True


def test_no_rhythm_no_answer_and_one_from_the_future_are_unknown():
    asked = rule({"kind": "silence"}, where="city")
    for one in (Heard("a", CITY, None, 60.0), Heard("a", CITY, NOW, None), heard(-60)):
        assert {v.holds for v in said(asked, facts(sources={"a": one}))} == {None}


def test_units_are_told_in_their_county():
    asked = rule({"kind": "silence", "units": True, "factor": 2})
    unit = Heard("hotline", ZIJIN, later(-10), 60.0, content=True)
    one = said(asked, facts(units={"hotline": [unit]}))[0]
    assert (one.area, one.object, one.holds) == (ZIJIN, "hotline", True)


# ---- warnings ----


def warned(level=2, event="暴雨", areas=(ZIJIN,), identifier="w1", **more):
    return Warned(
        identifier, "warnings", level, event, f"{event}预警信号", later(-30), later(60),
        frozenset(areas), **more,
    )  # fmt: skip


def test_a_warning_is_told_in_each_county_with_its_own_colour_and_one_cause():
    told = facts(warnings=[warned(areas=(ZIJIN, LONGCHUAN))])
    found = said(rule({"kind": "warning", "level": 3}, priority=1), told)
    assert {v.area for v in found} == {ZIJIN, LONGCHUAN}
    assert {v.priority for v in found} == {2}
    assert {v.cause for v in found} == {"warning:w1"}


def test_a_warning_for_all_of_the_city_is_told_once():
    found = said(
        rule({"kind": "warning", "level": 3}), facts(warnings=[warned(areas=(CITY, ZIJIN))])
    )
    assert [v.area for v in found] == [CITY]


def test_a_milder_warning_or_another_event_says_nothing():
    told = facts(warnings=[warned(level=4), warned(event="高温", identifier="w2")])
    assert said(rule({"kind": "warning", "level": 3, "events": ["暴雨"]}), told) == []


def test_a_graver_warning_of_the_same_event_is_the_same_alarm():
    told = facts(
        warnings=[
            warned(3, event="暴雨黄色预警信号"), warned(1, event="暴雨红色预警信号", identifier="w2"),
        ]
    )  # fmt: skip
    (one,) = said(rule({"kind": "warning"}), told)
    assert (one.object, one.priority, one.cause) == ("暴雨", 1, "warning:w2")
    assert len(one.evidence["warnings"]) == 2


def test_a_town_is_told_in_its_county():
    (one,) = said(rule({"kind": "warning"}), facts(warnings=[warned(areas=("441602001",))]))
    assert one.area == YUANCHENG


def test_events_are_called_without_their_colour():
    assert kind_of("暴雨红色预警信号") == kind_of("暴雨橙色预警") == "暴雨"
    assert kind_of("Red rainstorm warning") == "rainstorm"
    assert kind_of("红色预警") == "红色预警"


# ---- cases ----


def case(no="C1", category="flood_risk", county=ZIJIN, minutes=30, **more):
    told = {"level": 2, "due_at": later(-minutes), "since": later(-minutes), "taken": False, **more}
    return OneCase(no, category, county, reported_at=later(-minutes), **told)


def test_each_case_over_its_limit_is_an_alarm_where_one_is_enough():
    asked = rule({"kind": "cases", "measure": "overdue", "minutes": 20, "level": 2})
    told = facts(late=[case(), case("C2", minutes=10), case("C3", level=4)])
    assert [(v.object, v.holds) for v in said(asked, told)] == [("C1", True)]


def test_untaken_cases_are_counted_by_area():
    asked = rule({"kind": "cases", "measure": "untaken", "minutes": 20, "count": 2}, where="city")
    told = facts(untaken=[case(), case("C2", county=LONGCHUAN)])
    (one,) = said(asked, told)
    assert (one.area, one.holds, one.value, one.limit) == (CITY, True, 2.0, 2.0)
    assert one.evidence["cases"] == ["C1", "C2"]


def test_open_cases_are_counted_by_category_and_level():
    asked = rule(
        {"kind": "cases", "measure": "open", "count": 5, "level": 3, "categories": ["dispute"]}
    )
    counts = {("dispute", ZIJIN, 3): 5, ("dispute", ZIJIN, 4): 9, ("fire", ZIJIN, 1): 9}
    found = said(asked, facts(open_counts=counts))
    assert at(ZIJIN, found).holds is True
    assert at(ZIJIN, found).value == 5.0
    assert at(LONGCHUAN, found).holds is False


def spot(no, lon, lat, minutes=5, **more):
    return case(no, minutes=minutes, lon=lon, lat=lat, **more)


BURST = {"kind": "cases", "measure": "burst", "count": 3, "minutes": 30, "radius_m": 500}


def test_many_in_one_place_are_one_alarm_there():
    near = [spot(f"C{n}", 114.690 + n / 1000, 23.731) for n in range(3)]
    far = [spot("D1", 115.3, 24.3), spot("D2", 115.4, 24.3)]
    (one,) = said(rule(BURST), facts(recent=[*near, *far]))
    assert one.holds is True
    assert one.value == 3.0
    assert one.object == "23.731,114.690"
    assert one.evidence["cases"] == ["C0", "C1", "C2"]


def test_a_burst_that_drifts_stays_the_same_place():
    known = {(ZIJIN, "23.731,114.690"): True}
    drifted = [spot(f"C{n}", 114.694 + n / 1000, 23.731) for n in range(3)]
    (one,) = said(rule(BURST), facts(recent=drifted), known)
    assert one.object == "23.731,114.690"


def test_old_reports_and_those_from_the_future_are_no_burst():
    old = [spot(f"C{n}", 114.69, 23.731, minutes=40) for n in range(3)]
    ahead = [spot(f"D{n}", 114.69, 23.731, minutes=-40) for n in range(3)]
    assert said(rule(BURST), facts(recent=[*old, *ahead])) == []


def test_few_reports_of_a_source_that_is_quiet_prove_nothing():
    asked = rule({**BURST, "radius_m": None, "categories": ["flood_risk"]})
    told = facts(recent=[case(minutes=5)], quiet=frozenset({"yuepingan"}))
    assert {v.holds for v in said(asked, told)} == {None}


def test_ten_thousand_points_in_one_place_are_one_burst():
    spots = [Spot(114.69 + (n % 100) * 1e-6, 23.73 + (n // 100) * 1e-6) for n in range(10_000)]
    found = list(bursts(spots, 500, 5))
    assert [len(members) for members, _ in found] == [10_000]


# ---- combinations ----

STORM = {
    "kind": "combination", "minutes": 60,
    "of": [{"kind": "warning", "events": ["暴雨"]}, threshold()],
}  # fmt: skip


def test_rain_and_late_buses_in_one_county_are_one_alarm_there():
    told = facts(warnings=[warned(areas=(YUANCHENG, ZIJIN))], measured={
        ("TR-01", YUANCHENG, "now"): value(50.0), ("TR-01", ZIJIN, "now"): value(90.0),
    })  # fmt: skip
    found = said(rule(STORM), told)
    assert at(YUANCHENG, found).holds is True
    assert at(YUANCHENG, found).cause == "warning:w1"
    assert at(ZIJIN, found).holds is False
    assert "暴雨预警信号；公交准点率" in at(YUANCHENG, found).said["zh"]


def test_a_part_counts_for_its_minutes_after_it_last_held():
    key = f"one|{YUANCHENG}|#1"
    told = {"warnings": [warned(areas=(YUANCHENG,))], "measured": {BUS: value(90.0)}}
    assert (
        at(YUANCHENG, said(rule(STORM), facts(**told, last_held={key: later(-59)}))).holds is True
    )
    assert (
        at(YUANCHENG, said(rule(STORM), facts(**told, last_held={key: later(-61)}))).holds is False
    )
    assert (
        at(YUANCHENG, said(rule(STORM), facts(**told, last_held={key: later(90)}))).holds is False
    )


def test_an_unknown_part_makes_it_unknown_only_where_it_decides():
    rain = [warned(areas=(YUANCHENG,))]
    assert at(YUANCHENG, said(rule(STORM), facts(warnings=rain))).holds is None
    assert at(ZIJIN, said(rule(STORM), facts(warnings=rain))).holds is False
    either = rule({**STORM, "at_least": 1})
    assert at(YUANCHENG, said(either, facts(warnings=rain))).holds is True


def test_a_warning_for_the_whole_city_counts_in_every_county():
    told = facts(warnings=[warned(areas=(CITY,))], measured={BUS: value(50.0)})
    assert at(YUANCHENG, said(rule(STORM), told)).holds is True


def test_nothing_said_lies_after_the_look():
    told = facts(
        measured={BUS: value(1.0)}, warnings=[warned()], recent=[spot("C", 1.0, 1.0, minutes=-9)]
    )
    for condition in (threshold(), {"kind": "warning"}, BURST, STORM):
        assert all(v.at <= NOW for v in said(rule(condition), told))
