"""The rules of data quality, one by one."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from data import geo
from data.catalogue.entries import DeclaredRhythm, Plausible
from data.connectors.amend import amend
from data.connectors.connector import PayloadError
from data.indicators.band import Band
from data.quality.figures import expected_in_hour, periods, share
from data.quality.places import better_system, mistake, outside
from data.quality.rhythm import UnitState, dues, judge_declared, judge_learned, learn, next_due
from data.quality.streaks import Hour, extend, frozen, long_zero
from data.quality.totals import differs, find_totals
from data.quality.values import jump, limits, out_of_range, range_words, value_out_of_range
from data.vocabulary import LOCAL, Grain

START = datetime(2026, 9, 7, 0, 0, tzinfo=LOCAL)  # a Monday
CN = "CN"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


# ---- rhythm ----


def test_too_few_gaps_teach_nothing():
    assert learn([START + timedelta(days=n) for n in range(6)], CN) is None
    assert judge_learned(START, None, START + timedelta(days=99), CN) is UnitState.UNKNOWN
    assert judge_learned(None, None, START, CN) is UnitState.NEVER


def test_a_workday_file_is_not_late_on_sunday_but_on_tuesday():
    days = [START + timedelta(days=n, hours=17) for n in range(70)]
    # 24 September to 9 October holds feasts; the rule must live with the odd gap
    learned = learn([d for d in days if d.isoweekday() < 6], CN)
    friday = max(d for d in days if d.isoweekday() == 5)
    states = [judge_learned(friday, learned, friday + timedelta(days=n), CN) for n in (1, 2, 3)]
    assert states == [UnitState.FRESH] * 3
    assert judge_learned(friday, learned, friday + timedelta(days=5), CN) is UnitState.LATE
    assert judge_learned(friday, learned, friday + timedelta(days=30), CN) is UnitState.SILENT
    tuesday = max(d for d in days if d.isoweekday() == 2)
    late = judge_learned(tuesday, learned, tuesday + timedelta(days=2), CN)
    assert late is UnitState.LATE


def test_outages_do_not_move_what_is_learned():
    hours = [START + timedelta(hours=n) for n in range(24 * 28)]
    held = [h for h in hours if not (h.day in (10, 20) and h.hour > 3)]
    learned = learn(held, CN)
    assert learned.whole.median_s == 3600
    assert judge_learned(held[-1], learned, held[-1] + timedelta(hours=1), CN) is UnitState.FRESH
    assert judge_learned(held[-1], learned, held[-1] + timedelta(hours=9), CN) is UnitState.SILENT


@pytest.mark.parametrize(
    ("rhythm", "now", "expected"),
    [
        ({"every": "daily", "due": "09:00"}, "2026-11-18T08:59", "2026-11-17T09:00"),
        ({"every": "daily", "due": "09:00"}, "2026-11-18T09:00", "2026-11-18T09:00"),
        ({"every": "weekly", "weekday": 1}, "2026-11-18T09:00", "2026-11-16T18:00"),
        ({"every": "monthly", "day": 31}, "2026-03-05T09:00", "2026-02-28T18:00"),
        ({"every": "monthly", "day": 5}, "2026-03-05T09:00", "2026-02-05T18:00"),
    ],
)
def test_the_last_time_something_was_due(rhythm, now, expected):
    assert dues(DeclaredRhythm(**rhythm), at(now))[0] == at(expected)


def test_what_is_declared_is_judged_by_due_times():
    daily = DeclaredRhythm(every="daily", due="09:00")
    came = at("2026-11-17T08:00")
    assert judge_declared(came, daily, at("2026-11-18T08:59")) is UnitState.FRESH
    assert judge_declared(came, daily, at("2026-11-18T09:01")) is UnitState.LATE
    assert judge_declared(came, daily, at("2026-11-20T09:01")) is UnitState.SILENT
    assert judge_declared(None, daily, at("2026-11-20T09:01")) is UnitState.NEVER
    assert next_due(daily, at("2026-11-18T09:01")) == at("2026-11-19T09:00")


@pytest.mark.parametrize("due", ["24:00", "9:00", "18", "later"])
def test_a_due_time_that_is_none_is_refused(due):
    with pytest.raises(ValueError, match="due"):
        DeclaredRhythm(every="daily", due=due)


# ---- figures ----


def test_a_share_of_nothing_is_none_and_never_above_all():
    assert share(0, 0) is None
    assert share(0, 8) == 0
    assert share(9, 8) == 100


@pytest.mark.parametrize(("every", "n"), [(15, 60), (60, 60), (300, 12), (3600, 1), (9999, 1)])
def test_a_minute_feed_is_expected_as_often_as_it_is_asked(every, n):
    assert expected_in_hour(Grain.MINUTE, every) == n
    assert expected_in_hour(Grain.HOUR, every) == 1


@pytest.mark.parametrize(
    ("grain", "n", "first"),
    [
        (Grain.HOUR, 24 * 31 - 1, "2026-10-01T01:00"),
        (Grain.DAY, 30, "2026-10-02T00:00"),
        (Grain.WEEK, 3, "2026-10-05T00:00"),
        (Grain.MONTH, 0, None),
    ],
)
def test_whole_local_periods_of_a_stretch(grain, n, first):
    found = periods(grain, at("2026-10-01T00:30"), at("2026-11-01T00:00"))
    assert len(found) == n
    assert first is None or found[0] == at(first)


def test_a_month_is_whole_from_its_first():
    found = periods(Grain.MONTH, at("2026-10-01T00:00"), at("2026-12-01T00:00"))
    assert found == [at("2026-10-01T00:00"), at("2026-11-01T00:00")]


# ---- values ----


def test_the_declared_range_of_one_value_and_of_an_array(catalogue):
    speed = catalogue.indicators["TR-28"]  # km/h from metres a second
    nums, dens = [100.0, 4000.0, 0.0, -5.0], [10.0, 10.0, 0.0, 1.0]
    assert out_of_range(speed, Grain.MINUTE, nums, dens).tolist() == [False, True, False, True]
    one = [value_out_of_range(speed, Grain.MINUTE, n, d) for n, d in zip(nums, dens, strict=True)]
    assert one == [False, True, False, True]
    assert range_words(speed, Grain.MINUTE) == "0..120 km/h"


def test_a_sum_of_a_day_may_hold_a_day_of_hours(catalogue):
    calls = catalogue.indicators["PS-01"].model_copy(
        update={"plausible": Plausible(low=0, high=10)}
    )
    assert limits(calls, Grain.HOUR) == (0, 10)
    assert limits(calls, Grain.DAY) == (0, 240)
    assert not value_out_of_range(calls, Grain.DAY, 200, None)
    assert value_out_of_range(calls, Grain.HOUR, 200, None)


def test_without_a_declared_range_nothing_is_out_of_it(catalogue):
    calls = catalogue.indicators["PS-01"].model_copy(update={"plausible": None})
    assert not out_of_range(calls, Grain.HOUR, [-1e9, 1e9], None).any()
    assert not value_out_of_range(calls, Grain.HOUR, -1e9, None)


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match="above"):
        Plausible(low=5, high=1)


def test_every_percentage_and_count_of_the_catalogue_declares_a_range(catalogue):
    for indicator in catalogue.indicators.values():
        assert indicator.plausible is not None, indicator.code
        if indicator.factor == 100:
            assert (indicator.plausible.low, indicator.plausible.high) == (0, 100)


def test_a_jump_is_far_outside_the_band_of_the_hour():
    band = Band(100.0, 70.0, 130.0, 30)
    assert jump(150.0, band) is None
    assert jump(200.0, band) == pytest.approx(10)
    assert jump(0.0, band) == pytest.approx(-10)
    assert jump(None, band) is None
    assert jump(900.0, None) is None


def test_a_very_even_series_has_a_floor():
    assert jump(101.0, Band(100.0, 99.99, 100.01, 30)) is None


# ---- streaks ----


def hours(values, steady=True):
    return [Hour(START + timedelta(hours=n), v, None, steady) for n, v in enumerate(values)]


def test_a_sensor_that_stands_still_is_frozen():
    moving = [20 + (n * 7) % 5 for n in range(100)]
    assert not frozen(extend(None, hours(moving)))
    assert frozen(extend(None, hours([*moving, *[22.5] * 20])))


def test_a_constant_and_a_slow_one_are_not_frozen():
    assert not frozen(extend(None, hours([12] * 500)))
    slow = [n // 48 for n in range(1, 20 * 48)]
    assert not frozen(extend(None, hours(slow)))


def test_zeros_of_a_rare_event_are_not_strange_and_of_a_busy_line_are():
    rare = ([0] * 40 + [1]) * 12 + [0] * 60
    assert not long_zero(extend(None, hours(rare)))
    busy = ([5, 6, 0, 7, 4, 0]) * 30 + [0] * 30
    assert long_zero(extend(None, hours(busy)))
    assert not frozen(extend(None, hours(busy)))


def test_quiet_nights_are_in_the_past_of_a_series():
    days = ([0] * 7 + [3, 4, 5, 6, 5, 4, 3, 4, 5, 6, 7, 5, 4, 3, 2, 1, 1]) * 14
    assert not long_zero(extend(None, hours([*days, *[0] * 8])))
    assert long_zero(extend(None, hours([*days, *[0] * 80])))


def test_an_hour_in_which_a_gauge_moved_ends_the_streak():
    streak = extend(None, [*hours([5, 5, 5]), Hour(START + timedelta(hours=3), 5, None, False)])
    assert (streak.length, streak.longest, streak.ended) == (1, 3, 1)


def test_hours_seen_twice_count_once():
    streak = extend(None, hours([5, 5, 5]))
    assert extend(streak, hours([5, 5, 5])) == streak


# ---- totals ----

PARENTS = {1: frozenset(), 2: frozenset({1}), 3: frozenset({1}), 4: frozenset({1, 2})}


def test_a_total_stands_above_parts_of_its_own_group():
    (found,) = find_totals(["a", "a", "a", "b"], [2, 1, 3, 1], PARENTS)
    assert (found.place, found.parts, found.expected) == (1, (0, 2), 2)


def test_parts_two_levels_below_are_found():
    (found,) = find_totals(["a", "a"], [1, 4], PARENTS)
    assert (found.place, found.parts) == (0, (1,))


@pytest.mark.parametrize(
    ("total", "parts", "expected", "wrong"),
    [
        (10, [4, 6], 2, False),
        (10, [4, 5], 2, True),
        (10, [4, 5], 3, False),  # one part is not in the file
        (10, [4, 9], 3, True),  # but what is there may not be more
        (100000, [50001, 50000], 2, False),  # rounded
    ],
)
def test_a_total_that_does_not_add_up(total, parts, expected, wrong):
    assert differs(total, parts, expected) is wrong


# ---- places ----


def test_what_would_bring_a_point_inside():
    assert mistake(114.6, 23.66, geo.in_city) is None
    assert mistake(23.66, 114.6, geo.in_city) == "swapped"
    assert mistake(-114.6, 23.66, geo.in_city) == "lost_sign"
    assert mistake(113.26, 23.13, geo.in_city) is None


def test_many_points_at_once_agree_with_one_at_a_time():
    points = [(114.6, 23.66), (23.66, 114.6), (113.26, 23.13), (float("nan"), 23.0)]
    lon, lat = zip(*points, strict=True)
    found = outside(lon, lat, geo.bounds()).tolist()
    assert found == [False, True, True, False]
    assert found[:3] == [not geo.in_city(*p) for p in points[:3]]


SPOTS = [(114.60 + n / 50, 23.66 + n / 70) for n in range(8)]


@pytest.mark.parametrize("truth", ["WGS84", "GCJ02", "BD09"])
@pytest.mark.parametrize("declared", ["WGS84", "GCJ02", "BD09"])
def test_the_system_a_source_is_really_in_is_found(truth, declared):
    written = [geo.from_wgs84(*p, truth) for p in SPOTS]
    read = [geo.to_wgs84(*p, declared) for p in written]
    found = better_system(read, SPOTS, declared)
    assert (found.crs if found else declared) == truth


def test_few_points_and_mere_scatter_prove_no_other_system():
    off = [(lon + 0.005, lat + 0.003) for lon, lat in SPOTS]
    assert better_system(off[:3], SPOTS[:3], "WGS84") is None
    rough = [(lon + 0.03 * (-1) ** n, lat - 0.02) for n, (lon, lat) in enumerate(SPOTS)]
    assert better_system(rough, SPOTS, "WGS84") is None


# ---- amending ----

JSON = b'[{"service_code": "01", "lat": 23.5, "address": {"street": "x"}}]'
XML = b'<service_requests xmlns="urn:o"><request><status>opn</status></request></service_requests>'
CSV = "统计表,,\n地区,数值,备注\n源城区,1O,\n".encode("gb18030")


def test_a_field_of_a_json_row():
    done = amend("open311", JSON, 1, "service_code", "02")
    assert done.old == "01"
    assert b'"service_code": "02"' in done.payload
    assert b'"lat": 24.1' in amend("open311", JSON, 1, "lat", "24.1").payload
    assert b'"street": "y"' in amend("open311", JSON, 1, "address.street", "y").payload
    assert b'"new": "z"' in amend("open311", JSON, 1, "new", "z").payload


def test_a_field_of_an_xml_row():
    done = amend("open311", XML, 1, "status", "open")
    assert done.old == "opn"
    assert b"open<" in done.payload
    assert amend("open311", XML, 1, "lat", "23").old is None


def test_a_cell_of_a_table_row_by_its_heading():
    done = amend("table", CSV, 3, "数值", "10")
    assert done.old == "1O"
    assert "源城区,10," in done.payload.decode()


def test_one_line_of_many():
    lines = b'{"resourceType": "X", "id": "a"}\n{"resourceType": "X", "id": "b"}\n'
    done = amend("fhir", lines, 2, "id", "c")
    assert done.payload.split(b"\n")[0] == lines.split(b"\n")[0]
    assert b'"c"' in done.payload


@pytest.mark.parametrize(
    ("connector", "payload", "row", "field", "words"),
    [
        ("cap", b"<alert/>", 1, "x", "row by row"),
        ("gtfs-rt", b"", 1, "x", "row by row"),
        ("open311", JSON, 0, "x", "counted from 1"),
        ("open311", JSON, 2, "x", "no row 2"),
        ("open311", XML, 2, "x", "no row 2"),
        ("open311", JSON, 1, "address", "several values"),
        ("open311", JSON, 1, "a.b", "no field"),
        ("table", CSV, 3, "面积", "no heading"),
        ("table", CSV, 30, "数值", "no row 30"),
        ("table", b"PK\x03\x04\x00\xff\xff", 1, "x", "workbook"),
        ("open311", b"{broken", 1, "x", "JSON"),
    ],
)
def test_what_cannot_be_put_right_is_said(connector, payload, row, field, words):
    with pytest.raises(PayloadError, match=words):
        amend(connector, payload, row, field, "1")


def test_arrays_and_single_values_agree(catalogue):
    rng = np.random.default_rng(4416)
    for indicator in catalogue.indicators.values():
        num, den = rng.normal(0, 1e4, 50), np.abs(rng.normal(0, 50, 50)).round()
        many = out_of_range(indicator, Grain.HOUR, num, den)
        one = [
            value_out_of_range(indicator, Grain.HOUR, float(n), float(d))
            for n, d in zip(num, den, strict=True)
        ]
        assert many.tolist() == one, indicator.code
