"""The page of one indicator: what the chart holds, and what it says plainly it cannot conclude."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert

from components.i18n import use
from components.indicator_data import as_csv, data_table
from data import models as m
from data.catalogue import catalogue
from data.catalogue.entries import SeriesBreak
from data.commands.review import Actor, Said, remark, withdraw_remark
from data.panels.indicator import chosen_period, indicator_page
from data.panels.indicator_series import Wanted, grains_of
from data.queries import indicator_page as ask
from data.queries.keys import read_keys
from data.vocabulary import LOCAL, Grain, Role
from data.vocabulary.review_terms import Assurance, Doubt, Signal, SpcRule
from tests.conftest import NOW
from tests.store.weeks import CITY, COUNTIES, LAST, WEEK, hear, reviewed, row, waves, weeks

KEPT, CALLS, FEVER, STOCK = "PS-24", "PS-09", "HE-10", "GS-28"
"""A share with a target, a count, a protected count, a gauge."""
LONG = 60
TOWN = "441602001"
LEADER = Actor(1, "陈立国", Role.LEADER, None, None)


def even(n=LONG, centre=100.0):
    return {area: waves(n, centre) for area in COUNTIES}


def shares(n, part=90.0, whole=100.0):
    return {area: [(round(x), whole) for x in waves(n, part, 1.5)] for area in COUNTIES}


def page(store, code=KEPT, area=CITY, *, facts=None, now=NOW, **more):
    with store.read() as conn:
        wanted = Wanted(code, area, **more)
        return indicator_page(conn, facts or catalogue(), read_keys(conn), wanted, now)


def changed(code, **more):
    facts = catalogue()
    other = facts.indicators[code].model_copy(update=more)
    return replace(facts, indicators={**facts.indicators, code: other})


def version(store, code, number, since, **more):
    """Write another version of a definition into the store."""
    with store.write() as conn:
        keys = read_keys(conn)
        entry = catalogue().indicators[code].model_dump(mode="json") | more
        conn.execute(
            insert(m.indicator_version),
            {"indicator_id": keys.indicators[code], "version": number, "valid_from": since,
             "fingerprint": f"{number}" * 8, "entry": entry},
        )  # fmt: skip


# ---- the chart ----


def test_the_chart_ends_with_the_week_that_runs_and_the_newest_whole_one_is_chosen(store):
    weeks(store, KEPT, shares(LONG))
    found = page(store)
    assert found["points"][-1]["period"] == "2026-W47"
    assert found["points"][-1]["doubt"] is Doubt.NO_DATA
    assert found["points"][found["chosen"]]["period"] == found["period"] == WEEK
    assert (found["before"], found["after"]) == ("2026-W45", "2026-W47")
    assert found["evidence"] == f"{KEPT}.{CITY}.26W46"


def test_the_chosen_week_says_what_the_weekly_review_says(store):
    hear(store, "yuepingan")
    weeks(store, KEPT, shares(LONG))
    found, told = page(store), row(reviewed(store), KEPT)
    for field in ("now", "last", "year", "lunar", "signal", "rules", "strength", "assurance"):
        assert found[field] == told[field], field
    assert found["aim"]["low"] == 95.0
    at = found["points"][found["chosen"]]
    assert at["value"] == pytest.approx(told["now"]["value"], abs=0.001)
    assert at["upper"] == pytest.approx(told["spark"]["upper"][-1], abs=0.01)


def test_a_point_outside_its_limits_is_marked_with_its_rule(store):
    calls = even()
    calls["441622"] = [*calls["441622"][:-1], 900.0]
    weeks(store, CALLS, calls)
    found = page(store, CALLS)
    at = found["points"][found["chosen"]]
    assert (at["signal"], at["rules"]) == (Signal.CONCERN, [SpcRule.OUTSIDE])
    line = next(x for x in found["below"] if x["area"] == "441622")
    assert line["signal"] is Signal.CONCERN
    assert len(line["spark"]["values"]) == 26


def test_an_earlier_week_is_judged_by_what_came_up_to_it(store):
    calls = even()
    calls["441622"] = [*calls["441622"][:-1], 900.0]
    weeks(store, CALLS, calls)
    found = page(store, CALLS, day=date(2026, 11, 8))
    assert found["period"] == "2026-W45"
    assert found["signal"] is Signal.COMMON
    assert found["points"][found["chosen"] + 1]["centre"] is None
    assert found["points"][found["chosen"]]["centre"] is not None


def test_more_weeks_do_not_move_the_limits_of_the_weekly_page(store):
    weeks(store, KEPT, shares(200))
    few, many = page(store, weeks=26), page(store, weeks=200)
    assert len(few["points"]) == 26
    assert len(many["points"]) == 200
    at, same = few["points"][few["chosen"]], many["points"][many["chosen"]]
    assert (at["lower"], at["upper"]) == (same["lower"], same["upper"])
    assert at["upper"] == pytest.approx(row(reviewed(store), KEPT)["spark"]["upper"][-1], abs=0.01)


def test_days_and_months_are_the_same_counts(store):
    weeks(store, KEPT, shares(30))
    days = page(store, grain="day", weeks=10)
    assert days["points"][days["chosen"]]["doubt"] is Doubt.NO_DATA  # nothing of yesterday
    known = [p for p in days["points"] if p["value"] is not None]
    assert known[-1]["period"] == "2026-11-15"
    assert known[-1]["den"] == pytest.approx(len(COUNTIES) * 100 / 7)
    assert grains_of(catalogue().indicators[KEPT]) == ["day", "week", "month"]


def test_the_lunar_year_before_is_drawn_where_its_days_are_alike(store):
    weeks(store, CALLS, even(LONG + 52))
    found = page(store, CALLS)
    drawn = [p for p in found["points"] if p["then"] is not None]
    assert drawn
    assert all(0 < p["matched"] <= 7 for p in drawn)
    assert found["lunar"]["then"]["value"] == pytest.approx(800, rel=0.1)
    assert found["bases"]["lunar"]["pairs"]


# ---- what cannot be concluded ----


def test_fewer_than_twelve_weeks_give_no_limits(store):
    weeks(store, KEPT, shares(9))
    found = page(store)
    assert Doubt.TOO_FEW in found["doubts"]
    assert all(p["centre"] is None for p in found["points"])
    assert found["assurance"] is Assurance.TOO_FEW


def test_a_zero_denominator_is_no_rate_and_not_nought(store):
    told = shares(LONG)
    for area in COUNTIES:
        told[area][-1] = (0.0, 0.0)
    weeks(store, KEPT, told)
    found = page(store)
    assert found["now"]["value"] is None
    assert found["now"]["doubt"] is Doubt.ZERO_DENOMINATOR
    assert Doubt.ZERO_DENOMINATOR in found["doubts"]
    assert found["points"][found["chosen"]]["value"] is None


def test_equal_values_have_no_limits(store):
    weeks(store, CALLS, {area: [5.0] * LONG for area in COUNTIES})
    found = page(store, CALLS)
    assert Doubt.ALL_EQUAL in found["doubts"]
    assert found["signal"] is Signal.COMMON


def test_a_missing_week_is_a_gap_and_is_said(store):
    told = shares(LONG)
    for area in COUNTIES:
        told[area][-4] = None
    weeks(store, KEPT, told)
    found = page(store)
    assert Doubt.GAP in found["doubts"]
    hole = found["points"][found["chosen"] - 3]
    assert (hole["value"], hole["doubt"]) == (None, Doubt.NO_DATA)


def test_a_new_definition_begins_the_limits_anew_and_stops_comparison(store):
    weeks(store, KEPT, shares(LONG))
    version(store, KEPT, 2, date(2026, 10, 26), definition={"zh": "新口径", "en": "new"})
    found = page(store)
    (line,) = found["breaks"]
    assert (line["on"], line["kind"], line["bridged"]) == ("2026-10-26", "definition", None)
    assert found["points"][line["at"]]["first"] == "2026-10-26"
    assert found["points"][line["at"] - 1]["centre"] is not None
    assert found["points"][found["chosen"]]["centre"] is None, "three weeks give no limits"
    assert found["year"]["doubt"] is Doubt.BREAK
    assert found["year"]["change"] is None
    assert [v["version"] for v in found["versions"]] == [1, 2]
    assert found["versions"][1]["changed"] == ["definition"]
    assert found["versions"][0]["until"] == "2026-10-26"
    assert found["points"][-2]["version"] == 2


def test_the_week_in_which_a_definition_changed_belongs_to_neither_side(store):
    weeks(store, KEPT, shares(LONG))
    version(store, KEPT, 2, date(2026, 10, 28))
    found = page(store)
    (line,) = found["breaks"]
    mixed = found["points"][line["at"] - 1]
    assert mixed["first"] == "2026-10-26"
    assert mixed["doubt"] is Doubt.BREAK


def test_a_bridged_break_is_drawn_and_limits_go_on(store):
    weeks(store, KEPT, shares(LONG))
    gap = SeriesBreak(on=date(2026, 10, 26), why={"zh": "换站", "en": "stations"},
                      bridged={"zh": "并行三月", "en": "three months side by side"})  # fmt: skip
    found = page(store, facts=changed(KEPT, breaks=(gap,)))
    assert [b["kind"] for b in found["breaks"]] == ["series"]
    assert found["points"][found["chosen"]]["centre"] is not None


def test_an_area_without_the_indicator_says_so_and_has_no_chart(store):
    weeks(store, KEPT, shares(LONG))
    found = page(store, area=TOWN)
    assert found["points"] == []
    assert found["doubts"][0] is Doubt.NOT_HERE
    assert found["now"]["doubt"] is Doubt.NOT_HERE
    assert found["sides"] is True
    assert found["above"] == [CITY, "441602"]


@pytest.mark.parametrize(
    ("day", "doubt"), [(date(2027, 1, 3), Doubt.FUTURE), (date(2020, 1, 5), Doubt.BEFORE_DATA)]
)
def test_a_week_without_data_says_why(store, day, doubt):
    weeks(store, KEPT, shares(LONG))
    found = page(store, day=day)
    assert found["chosen"] == -1
    assert found["now"]["doubt"] is doubt
    assert doubt in found["doubts"]


def test_a_silent_source_is_said(store):
    weeks(store, KEPT, shares(LONG))
    hear(store, "yuepingan", at=NOW - timedelta(days=3))
    assert Doubt.STALE in page(store)["doubts"]


# ---- small counts ----


def test_small_counts_are_in_no_point_no_area_and_no_file(store):
    few = {area: [40.0 + (i % 3) for i in range(LONG)] for area in COUNTIES}
    few["441602"] = [3.0] * LONG
    weeks(store, FEVER, few)
    found = page(store, FEVER, area="441602")
    assert {p["doubt"] for p in found["points"][:-1]} == {Doubt.HIDDEN}
    assert all(p["value"] is None and p["num"] is None for p in found["points"])
    assert found["hidden"] == LONG
    with use("zh"):
        table = as_csv(data_table(found)).decode()
    assert "3.0" not in table
    assert "不公布" in table
    city = page(store, FEVER)
    line = next(x for x in city["below"] if x["area"] == "441602")
    assert line["figure"]["value"] is None
    assert line["figure"]["doubt"] is Doubt.HIDDEN
    assert all(v is None for v in line["spark"]["values"])


# ---- what people say ----


def test_a_remark_with_a_day_is_on_the_page_until_it_is_withdrawn(store):
    weeks(store, KEPT, shares(LONG))
    with store.write() as conn:
        said = Said(KEPT, CITY, "系统升级", "2026-11-10")
        done = remark(conn, catalogue(), read_keys(conn), said, LEADER, NOW)
    (line,) = page(store)["remarks"]
    assert (line["by"], line["text"], line["day"]) == ("陈立国", "系统升级", "2026-11-10")
    assert page(store, area="441602")["remarks"] == []
    with store.write() as conn:
        withdraw_remark(conn, catalogue(), read_keys(conn), done.id, LEADER, NOW)
    (line,) = page(store)["remarks"]
    assert (line["withdrawn"], line["text"]) == (True, "")


# ---- the questions ----


def test_periods_that_are_not_whole_are_counted(store):
    weeks(store, CALLS, {"441602": [7.0, 7.0]})
    with store.write() as conn:
        keys = read_keys(conn)
        d = m.rollup_day.c
        conn.execute(
            m.rollup_day.delete().where(
                d.area_id == keys.areas["441602"], d.bucket == date(2026, 11, 12)
            )
        )
    fact = catalogue().indicators[CALLS]
    with store.read() as conn:
        keys = read_keys(conn)
        asked = ask.Asked(fact, ["441602"], Grain.WEEK, date(2026, 11, 2), LAST)
        assert ask.short(conn, keys, asked) == {("441602", LAST): 6}
        month = ask.Asked(fact, ["441602"], Grain.MONTH, date(2026, 11, 1), date(2026, 11, 1))
        assert ask.short(conn, keys, month) == {("441602", date(2026, 11, 1)): 13}


def test_the_reach_of_an_indicator_is_its_first_and_last_period(store):
    weeks(store, CALLS, {"441602": [7.0, 7.0, 7.0]})
    fact = catalogue().indicators[CALLS]
    with store.read() as conn:
        keys = read_keys(conn)
        found = ask.reach(conn, keys, fact, "441602", Grain.WEEK)
        assert (found.first, found.last) == (date(2026, 10, 26), date(2026, 11, 15))
        assert ask.reach(conn, keys, fact, "441621", Grain.WEEK) is None


def test_targets_are_those_of_the_area_before_those_of_the_city(store):
    fact = catalogue().indicators[KEPT]
    with store.write() as conn:
        keys = read_keys(conn)
        conn.execute(
            insert(m.target),
            {"indicator_id": keys.indicators[KEPT], "area_id": keys.areas["441602"],
             "kind": "floor", "limits": {"levels": {"4": 80.0}, "low": {}}, "set_by": "x",
             "valid_from": date(2026, 1, 1), "fingerprint": "f"},
        )  # fmt: skip
    with store.read() as conn:
        keys = read_keys(conn)
        (own,) = ask.targets(conn, keys, fact, "441602")
        assert own.limits["levels"] == {"4": 80.0}
        assert [r.area_id for r in ask.targets(conn, keys, fact, CITY)] == [None]


def test_the_chosen_period_of_another_grain_is_the_one_that_holds_its_day(store):
    weeks(store, KEPT, shares(LONG))
    with store.read() as conn:
        keys = read_keys(conn)
        wanted = Wanted(KEPT, CITY, "month", day=date(2026, 10, 4))
        assert chosen_period(conn, catalogue(), keys, wanted, NOW) == "2026-10"


def test_on_a_monday_the_week_before_is_the_newest(store):
    weeks(store, KEPT, shares(LONG))
    monday = datetime(2026, 11, 16, 0, 30, tzinfo=LOCAL)
    assert page(store, now=monday)["period"] == WEEK
    assert page(store, now=monday - timedelta(hours=1))["period"] == "2026-W45"


def test_a_new_definition_cuts_the_series_also_where_the_old_one_is_not_kept(store):
    weeks(store, FEVER, {area: [200.0 + (i % 5) for i in range(LONG)] for area in COUNTIES})
    found = page(store, FEVER)
    (line,) = found["breaks"]
    assert line["on"] == catalogue().indicators[FEVER].valid_from.isoformat()
    assert [v["version"] for v in found["versions"]] == [2]
    assert found["points"][found["chosen"]]["centre"] is None
