"""Reading: pages, filters, roll-ups, what was known then, tables, and who may."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import quote

import pytest

from data import models as m
from data.catalogue import catalogue
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store.api_client import AT_COUNTER, HALLS, Caller, caller, case, event, value
from tests.store.payloads import alert, feed, request, requests
from tests.store.support import (
    CALLS,
    CITY,
    TOWNS,
    WARNINGS,
    YUANCHENG,
    ZIJIN,
    hour,
    observed,
    put,
    take,
)

__all__ = ["caller"]

STAYS = next(i.code for i in catalogue().indicators.values() if i.small_count)


# ---- the catalogue ----


def test_every_area_indicator_and_source_is_listed_page_by_page(caller: Caller):
    facts = catalogue()
    assert [a["code"] for a in caller.items("areas?limit=7")] == sorted(facts.areas)
    assert {i["code"] for i in caller.items("indicators?limit=5")} == set(facts.indicators)
    shown = {s["key"] for s in caller.items("sources?limit=3")}
    assert shown == {k for k, s in facts.sources.items() if not s.waits}


def test_lists_are_narrowed(caller: Caller):
    towns = caller.items(f"areas?parent={ZIJIN}&level=3")
    assert towns
    assert {a["parent"] for a in towns} == {ZIJIN}
    assert {i["domain"] for i in caller.items("indicators?domain=health")} == {"health"}
    assert [i["code"] for i in caller.items(f"indicators?source={HALLS}")] == ["GS-41", "GS-42"]
    assert caller.items("sources?department=dsb")


def test_what_did_not_change_is_not_sent_again(caller: Caller):
    for path in ("areas", "indicators", "sources", "openapi.json"):
        first = caller.get(path)
        again = caller.get(path, If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.data) == (304, b""), path
        assert caller.get(path, If_None_Match='"other"').status_code == 200


def test_a_definition_of_then_is_the_version_that_held_then(caller: Caller):
    listed = {i["code"]: i for i in caller.items("indicators?as_of=2026-11-18")}
    assert listed[CALLS]["version"] == 1
    assert listed[CALLS]["grain"] == "hour"


# ---- observations ----


def test_a_value_comes_with_everything_that_it_means(caller: Caller):
    caller.push("observations", [value(ZIJIN, 4)])
    (item,) = caller.items(f"observations?indicator={AT_COUNTER}")
    assert item == {
        "indicator": AT_COUNTER, "area": ZIJIN, "grain": "hour",
        "period_start": "2026-11-18T09:00:00+08:00", "period_end": "2026-11-18T10:00:00+08:00",
        "complete": True, "value": 40.0, "numerator": 4.0, "denominator": 10.0,
        "unit": {"zh": "%", "en": "%"}, "state": "ok", "suppressed": False, "source": HALLS,
        "definition_version": 1, "rolled": False, "facts": None,
        "recorded_at": "2026-11-18T10:20:00+08:00", "revision": 0, "run_id": 1, "row": 1,
    }  # fmt: skip


def test_a_ratio_of_a_parent_is_the_sum_over_the_sum(caller: Caller):
    caller.push("observations", [value(YUANCHENG, 1, 2), value(ZIJIN, 1, 98)])
    for grain in ("hour", "day", "week", "month"):
        (item,) = caller.items(f"observations?indicator={AT_COUNTER}&area={CITY}&grain={grain}")
        assert (item["numerator"], item["denominator"], item["value"]) == (2, 100, 2.0)
        assert (item["rolled"], item["facts"], item["run_id"]) == (True, 2, None)
        assert item["complete"] == (grain == "hour")


def test_nothing_over_nothing_is_no_value_and_not_zero(caller: Caller):
    caller.push("observations", [value(ZIJIN, 0, 0)])
    (item,) = caller.items(f"observations?indicator={AT_COUNTER}")
    assert (item["value"], item["state"]) == (None, "no_denominator")


def many(store):
    rows = [
        observed(CALLS, area, hour(-n), n, None)
        for n in range(1, 9)
        for area in (YUANCHENG, ZIJIN, "441622")
    ]
    put(store, *rows)


@pytest.mark.parametrize("grain", ["native", "hour", "day"])
def test_pages_hold_every_value_once(caller: Caller, grain):
    many(caller.store)
    whole = caller.items(f"observations?grain={grain}&limit=1000")
    paged = caller.items(f"observations?grain={grain}&limit=5")
    assert paged == whole
    places = [(i["indicator"], i["area"], i["period_start"]) for i in whole]
    assert len(set(places)) == len(places) == {"native": 24, "hour": 32, "day": 4}[grain]


def test_values_are_narrowed_by_place_time_and_what_they_are(caller: Caller):
    many(caller.store)
    put(caller.store, observed("PS-24", TOWNS[0], "2026-11-17T00:00", 1, 2, Grain.DAY))
    base = f"observations?indicator={CALLS}"
    assert len(caller.items(f"{base}&area={ZIJIN}")) == 8
    assert len(caller.items(f"{base}&area={CITY}")) == 0
    assert len(caller.items(f"{base}&area={CITY}&descendants=true")) == 24
    start, end = quote(hour(-4).isoformat()), quote(hour(-2).isoformat())
    assert len(caller.items(f"{base}&from={start}&to={end}")) == 6
    assert len(caller.items(f"{base}&from={start}&to={end}&grain=hour&area={ZIJIN}")) == 2
    assert len(caller.items("observations?domain=health")) == 0
    assert len(caller.items(f"observations?source={HALLS}")) == 0
    assert len(caller.items(f"observations?area={YUANCHENG}&descendants=true")) == 9
    assert caller.items("observations?grain=minute") == []


def test_what_was_known_then_is_what_is_told_of_then(caller: Caller):
    caller.push("observations", [value(ZIJIN, 4), value(YUANCHENG, 1)])
    caller.now = NOW + timedelta(minutes=10)
    caller.push("observations", [value(ZIJIN, 6), value("441622", 2)])
    caller.now = NOW + timedelta(minutes=20)

    def known(minutes):
        at = quote((NOW + timedelta(minutes=minutes)).isoformat())
        found = caller.items(f"observations?indicator={AT_COUNTER}&as_of={at}&limit=2")
        return {i["area"]: (i["numerator"], i["revision"], i["run_id"]) for i in found}

    assert known(-1) == {}
    assert known(5) == {ZIJIN: (4, 0, 1), YUANCHENG: (1, 0, 1)}
    assert known(10) == known(60) == {ZIJIN: (6, 1, 2), YUANCHENG: (1, 0, 1), "441622": (2, 0, 2)}


def facts_of_every_kind(store, *, at=NOW):
    """Sums, ratios, gauges and lone areas; minutes, hours, days, weeks and a month; two counties."""
    rows = [
        observed(CALLS, area, hour(-n), n + len(area)) for n in range(1, 30)
        for area in (YUANCHENG, ZIJIN)
    ]  # fmt: skip
    rows += [
        observed(CALLS, "441622", f"2026-11-{d:02d}T00:00", d, None, Grain.DAY) for d in (9, 17)
    ]
    rows += [
        observed("PS-24", TOWNS[0], f"2026-11-{d:02d}T00:00", d, 40, Grain.DAY) for d in (1, 16)
    ]
    rows += [observed("PS-24", TOWNS[1], "2026-11-09T00:00", 3, 7, Grain.WEEK)]
    rows += [observed("PS-24", "441622", "2026-11-01T00:00", 9, 11, Grain.MONTH)]
    for minutes in (61, 62, 3):
        start = (NOW - timedelta(minutes=minutes)).replace(second=0)
        rows += [
            observed("GS-28", a, start, minutes, None, Grain.MINUTE) for a in (YUANCHENG, ZIJIN)
        ]
        rows.append(observed(WARNINGS, CITY, start, minutes, None, Grain.MINUTE))
    for indicator in (CALLS, "PS-24", "GS-28", WARNINGS):
        mine = [r for r in rows if r.indicator == indicator]
        put(store, *mine, now=at, as_of=at)


ROLLED = ("numerator", "denominator", "value", "facts", "period_start", "indicator", "area")


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month"])
def test_a_rollup_of_just_now_is_the_rollup_that_is_kept(caller: Caller, grain):
    facts_of_every_kind(caller.store)
    caller.now = NOW + timedelta(minutes=1)
    query = f"observations?grain={grain}&from=2026-11-01&limit=7"
    kept = [{n: i[n] for n in ROLLED} for i in caller.items(query)]
    then = [
        {n: i[n] for n in ROLLED} for i in caller.items(f"{query}&as_of={quote(NOW.isoformat())}")
    ]
    assert then == kept
    assert len({i["indicator"] for i in kept}) >= 2
    narrow = f"{query}&area={CITY},{TOWNS[0]}&indicator={CALLS},PS-24"
    assert [i["value"] for i in caller.items(f"{narrow}&as_of={quote(NOW.isoformat())}")] == [
        i["value"] for i in caller.items(narrow)
    ]


def test_a_rollup_of_then_is_made_of_what_was_known_then(caller: Caller):
    put(caller.store, observed(CALLS, ZIJIN, hour(-2), 4), observed(CALLS, YUANCHENG, hour(-2), 1))
    later = NOW + timedelta(minutes=5)
    put(caller.store, observed(CALLS, ZIJIN, hour(-2), 7), as_of=later, now=later)
    caller.now = NOW + timedelta(minutes=9)
    query = f"observations?grain=day&area={CITY}&indicator={CALLS}&from=2026-11-18"
    (now_,) = caller.items(query)
    (then,) = caller.items(f"{query}&as_of={quote(NOW.isoformat())}")
    assert (now_["value"], then["value"], then["rolled"]) == (8, 5, True)


@pytest.mark.parametrize("query", ["", "&from=2026-01-01"])
def test_a_rollup_of_then_needs_a_beginning_that_is_still_kept(caller: Caller, query):
    at = quote((NOW - timedelta(minutes=1)).isoformat())
    answer = caller.get(f"observations?grain=day&as_of={at}{query}")
    assert (answer.status_code, answer.json["field"]) == (400, "from")


def test_a_value_taken_back_is_shown_as_such_without_numbers(caller: Caller):
    caller.push("observations", [value(ZIJIN, 4)])
    with caller.store.write() as conn:
        conn.execute(m.observation.update().values(flag=9))
    (item,) = caller.items(f"observations?indicator={AT_COUNTER}")
    assert (item["state"], item["value"], item["numerator"]) == ("voided", None, None)


# ---- small counts ----


def small(store):
    put(
        store, observed(STAYS, YUANCHENG, hour(-1), 2, 50), observed(STAYS, ZIJIN, hour(-1), 40, 50)
    )


@pytest.mark.parametrize("grain", ["native", "hour", "day", "week", "month"])
def test_small_counts_are_told_by_a_word_and_no_number(caller: Caller, grain):
    small(caller.store)
    items = {i["area"]: i for i in caller.items(f"observations?indicator={STAYS}&grain={grain}")}
    hidden = items[YUANCHENG]
    assert (hidden["state"], hidden["suppressed"]) == ("suppressed", True)
    assert {hidden[n] for n in ("value", "numerator", "denominator", "facts")} == {None}
    table = caller.get(f"observations?indicator={STAYS}&grain={grain}&area={YUANCHENG}&format=csv")
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert (row["value"], row["numerator"], row["suppressed"]) == ("", "", "true")


def test_two_times_side_by_side_do_not_tell_a_small_count(caller: Caller):
    put(caller.store, observed(STAYS, YUANCHENG, hour(-1), 30, 50))
    put(caller.store, observed(STAYS, YUANCHENG, hour(-1), 2, 50), now=NOW + timedelta(minutes=5),
        as_of=NOW + timedelta(minutes=5))  # fmt: skip
    caller.now = NOW + timedelta(minutes=30)
    then = quote((NOW + timedelta(minutes=1)).isoformat())
    for item in caller.items(f"observations?indicator={STAYS}&as_of={then}"):
        assert (item["suppressed"], item["numerator"]) == (True, None)


# ---- cases ----


def test_cases_are_listed_narrowed_and_paged(caller: Caller):
    rows = [request(str(n), "ZD-01", area) for n, area in enumerate((YUANCHENG, ZIJIN, ZIJIN), 1)]
    take(caller.store, "yuepingan", requests(*rows, request("4", "110-02", status="closed")))
    take(caller.store, "hotline", requests(request("5", "01", address="某小区3栋502")))
    everything = caller.items("cases?limit=2")
    assert [c["case_no"] for c in everything] == [
        "yuepingan-1", "yuepingan-2", "yuepingan-3", "yuepingan-4", "hotline-5",
    ]  # fmt: skip

    def numbers(query):
        return [c["case_no"].rpartition("-")[2] for c in caller.items(f"cases?{query}")]

    assert numbers(f"area={ZIJIN}") == ["2", "3"]
    assert numbers(f"area={CITY}&descendants=false") == []
    assert numbers(f"area={CITY}") == ["1", "2", "3", "4", "5"]
    assert numbers("open=false") == numbers("stage=closed") == ["4"]
    assert numbers("matter=true") == ["1", "2", "3"]
    assert numbers("source=hotline") == numbers("domain=services") == ["5"]
    assert numbers("severity=1,2,3,4") == ["1", "2", "3", "4", "5"]
    assert numbers("category=work_accident&open=true") == ["1", "2", "3"]
    assert numbers(f"from={quote(NOW.isoformat())}") == []
    assert numbers("department=dsb") == ["5"]


def test_a_case_about_a_person_tells_no_title_and_no_place(caller: Caller):
    take(caller.store, "hotline", requests(request("5", "01", address="某小区3栋502")))
    take(caller.store, "yuepingan", requests(request("1", "ZD-01", description="打13800138000")))
    person, matter = caller.items("cases")
    assert {person[n] for n in ("title", "address", "lon", "lat")} == {None}
    assert (matter["title"], matter["lon"]) == ("打138****8000", 114.6)


def test_a_case_of_then_stands_where_it_was_known_to_stand(caller: Caller):
    caller.push("cases", [case("1"), case("2")])
    for minutes, name in ((10, "arrived"), (20, "closed")):
        caller.now = NOW + timedelta(minutes=minutes)
        caller.push("events", [event("1", name, minutes - 1)])
    caller.push("cases", [case("3")])
    caller.now = NOW + timedelta(minutes=30)

    def stages(minutes, query=""):
        at = quote((NOW + timedelta(minutes=minutes)).isoformat())
        found = caller.items(f"cases?as_of={at}&limit=1{query}")
        return {c["case_no"].rpartition("-")[2]: c["stage"] for c in found}

    assert stages(-1) == {}
    assert stages(0) == {"1": "opened", "2": "opened"}
    assert stages(10) == {"1": "handling", "2": "opened"}
    assert stages(20) == {"1": "closed", "2": "opened", "3": "opened"}
    assert stages(10, "&open=true") == {"1": "handling", "2": "opened"}
    assert stages(20, "&open=true") == {"2": "opened", "3": "opened"}
    assert stages(10, "&stage=handling") == {"1": "handling"}
    at = quote((NOW + timedelta(minutes=10)).isoformat())
    (then, _) = caller.items(f"cases?as_of={at}")
    assert (then["version"], then["closed_at"], then["run_id"]) == (2, None, 2)


def test_a_corrected_case_of_then_has_its_old_words_and_times(caller: Caller):
    caller.push("cases", [case("1", "DT-01", description="旧")])
    later = NOW + timedelta(minutes=10)
    caller.now = later
    caller.push("cases", [case("1", "DT-02", ZIJIN, description="新",
                               updated_datetime=later.isoformat(),
                               expected_datetime=(NOW + timedelta(days=9)).isoformat())])  # fmt: skip
    (now_,) = caller.items("cases")
    caller.now = NOW + timedelta(minutes=30)
    (then,) = caller.items(f"cases?as_of={quote(NOW.isoformat())}")
    assert (now_["area"], now_["category"]) == (ZIJIN, "hotline_consult")
    assert (then["area"], then["category"]) == (YUANCHENG, "window_service")
    assert then["due_at"] != now_["due_at"]
    assert caller.items(f"cases?as_of={quote(NOW.isoformat())}&area={ZIJIN}") == []


# ---- alerts ----


def test_warnings_are_listed_and_told_as_they_were_known(caller: Caller):
    expires = NOW + timedelta(hours=5)
    take(
        caller.store, "warnings", feed(alert("A1", expires=expires, sent=NOW - timedelta(hours=1)))
    )
    cancel = alert("A2", msg_type="Cancel", references=(("A1", NOW - timedelta(hours=1)),))
    later = NOW + timedelta(minutes=10)
    take(caller.store, "warnings", feed(cancel), now=later)
    caller.now = NOW + timedelta(minutes=20)
    listed = {a["identifier"]: a for a in caller.items("alerts?limit=1")}
    assert (listed["A1"]["in_force"], listed["A1"]["ended_at"]) == (
        False, "2026-11-18T10:20:00+08:00",
    )  # fmt: skip
    assert listed["A1"]["areas"] == [ZIJIN]
    assert caller.items("alerts?open=true") == []
    then = quote((NOW + timedelta(minutes=5)).isoformat())
    (known,) = caller.items(f"alerts?as_of={then}&open=true")
    assert (known["identifier"], known["in_force"], known["ended_at"]) == ("A1", True, None)
    assert caller.items(f"alerts?as_of={quote((NOW - timedelta(days=1)).isoformat())}") == []
    assert len(caller.items(f"alerts?area={ZIJIN}")) >= 1
    assert caller.items(f"alerts?area={YUANCHENG}&severity=2") == []
    assert len(caller.items(f"alerts?area={CITY}&descendants=true&severity=2")) >= 1
    assert WARNINGS
