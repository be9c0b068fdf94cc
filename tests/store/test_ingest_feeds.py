"""Stations, relays and bed tables in the store: facts, duplicates, and what is not ours."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.connectors.connector import Options
from data.connectors.openaq import parse as parse_openaq
from data.ingest.choose import source_for
from data.ingest.run import ingest
from data.ingest.stations import station_facts
from data.queries.keys import read_keys
from data.queries.sources import source_rows
from data.queries.warnings import in_force
from tests.conftest import NOW
from tests.shared_samples import payload, sample_bytes
from tests.store.payloads import bundle, location
from tests.store.support import (
    CITY,
    FACTS,
    YUANCHENG,
    ZIJIN,
    contents,
    hour,
    rows_of,
    sums,
    take,
    utc,
    values,
)

AIR = payload("cnemc.csv")
EIGHT = utc("2026-11-18T00:00:00")
"""The hour from 08:00 to 09:00, which the platform labels 09:00."""

SITES = bundle(location("h1", YUANCHENG), location("h3", ZIJIN))
ALL = (*FACTS, m.latest)


def given(store, source, raw, *, now=NOW, **changes):
    """Ingest with a source whose entry is changed."""
    facts = catalogue()
    entry = facts.sources[source].model_copy(update=changes)
    return ingest(store, facts, entry, raw, origin="file:///test", now=now)


def of(store, indicator, at):
    found = values(store, indicator).items()
    return {area: pair for (area, start), pair in found if start == at}


def reasons(outcome):
    return {(p.reason, p.refused) for p in outcome.problems}


# ---- stations ----


def test_a_county_is_the_sum_of_its_stations_without_the_control_station(store):
    done = take(store, "air_quality", AIR)
    assert of(store, "EC-01", EIGHT) == {YUANCHENG: (99, 2), ZIJIN: (120, 1)}
    assert of(store, "EC-02", EIGHT) == {YUANCHENG: (69, 2), ZIJIN: (41, 1)}
    assert of(store, "EC-08", EIGHT) == {YUANCHENG: (2, 2), ZIJIN: (0, 1)}
    assert of(store, "EC-09", EIGHT) == {YUANCHENG: (2, None), ZIJIN: (1, None)}
    assert sums(store, "hour", "EC-01", CITY, EIGHT) == (219, 3, 2)
    assert reasons(done) == {("pm25_above_pm10", False), ("outside_area", False)}


def test_a_missing_value_leaves_its_station_out_of_that_mean_only(store):
    take(store, "air_quality", AIR)
    assert of(store, "EC-06", EIGHT) == {YUANCHENG: (6, 1)}
    assert of(store, "EC-04", EIGHT) == {YUANCHENG: (189, 2)}


def test_the_real_file_gives_the_citys_mean(store):
    done = take(store, "air_quality", sample_bytes(
        "air_quality/cnemc_guangdong_2022-01-01T08_excerpt.csv"))  # fmt: skip
    at = utc("2021-12-31T23:00:00")
    assert done.counts.new > 0
    assert sums(store, "hour", "EC-01", CITY, at)[:2] == (99, 2)
    assert sums(store, "hour", "EC-02", CITY, at)[:2] == (69, 2)
    (elsewhere,) = (p for p in done.problems if p.reason == "outside_area")
    assert (elsewhere.value, elsewhere.refused) == ("47", False)


@pytest.mark.parametrize(
    ("source", "name"),
    [("air_quality", "cnemc.csv"), ("cma_warnings", "cma_list.json"),
     ("openaq", "openaq_hours.json")],
)  # fmt: skip
def test_the_same_file_again_changes_nothing(store, source, name):
    take(store, source, payload(name))
    before = contents(store, *ALL)
    later = NOW + timedelta(seconds=20)
    assert take(store, source, payload(name), now=later).status == "duplicate"
    spaced = payload(name) + b"\n"
    again = take(store, source, spaced, now=later)
    assert (again.status, again.counts.new, again.counts.changed) == ("ok", 0, 0)
    after = contents(store, *ALL)
    for table in before:
        if table != "latest":
            assert after[table] == before[table], table


def test_a_corrected_hour_replaces_the_first_and_keeps_it_in_the_history(store):
    take(store, "air_quality", AIR)
    take(
        store,
        "air_quality",
        AIR.replace(b",45,31,38,", b",46,31,38,"),
        now=NOW + timedelta(hours=1),
    )
    assert of(store, "EC-01", EIGHT)[YUANCHENG] == (100, 2)
    (old,) = rows_of(store, m.observation_history)
    assert old.num == 99


def test_one_column_a_station_needs_the_places_of_its_stations(store):
    wide = b"date,hour,type,1697A,1698A,2000A\n20261118,9,AQI,54,45,99\n"
    lost = take(store, "air_quality", wide)
    assert [(p.reason, p.refused) for p in lost.problems] == [("outside_area", True)]
    given(store, "air_quality", wide + b"\n", places={"1697A": YUANCHENG, "1698A": ZIJIN})
    assert of(store, "EC-01", EIGHT) == {YUANCHENG: (54, 1), ZIJIN: (45, 1)}


def test_a_table_without_positions_counts_for_the_city_and_never_beside_its_counties(store):
    head = "timepoint,stationcode,area,aqi,longitude,latitude\n"
    bare = f"{head}2026-11-18 09:00,1A,河源市,50,,\n2026-11-18 09:00,2A,河源市,70,,\n"
    take(store, "air_quality", bare.encode())
    assert of(store, "EC-01", EIGHT) == {CITY: (120, 2)}


def test_a_station_without_position_among_others_is_refused(store):
    head = "timepoint,stationcode,area,aqi,longitude,latitude\n"
    mixed = f"{head}2026-11-18 09:00,1A,河源市,50,,\n2026-11-18 09:00,2A,河源市,70,114.69,23.72\n"
    done = take(store, "air_quality", mixed.encode())
    assert of(store, "EC-01", EIGHT) == {YUANCHENG: (70, 1)}
    assert reasons(done) == {("unknown_place", True)}


def test_a_station_of_ours_placed_elsewhere_is_refused(store):
    text = "timepoint,stationcode,area,aqi,longitude,latitude\n2026-11-18 09:00,1A,河源市,50,113.2,23.1\n"
    done = take(store, "air_quality", text.encode())
    assert reasons(done) == {("unknown_place", True)}
    assert of(store, "EC-01", EIGHT) == {}


def test_openaq_converts_as_its_source_declares(store):
    done = take(store, "openaq", payload("openaq_hours.json"))
    assert of(store, "EC-21", EIGHT) == {YUANCHENG: (31.5, 1)}
    assert of(store, "EC-23", EIGHT)[YUANCHENG][0] == pytest.approx(98.1, abs=0.1)
    assert of(store, "EC-22", EIGHT) == {}
    assert ("negative_value", True) in reasons(done)


def test_a_period_of_no_known_length_is_refused():
    odd = json.loads(payload("openaq_hours.json"))
    odd["results"] = odd["results"][:1]
    odd["results"][0]["period"]["datetimeTo"] = {"utc": "2026-11-18T00:15:00Z"}
    parsed = parse_openaq(json.dumps(odd).encode(), Options())
    facts = catalogue()
    observed, problems = station_facts(
        parsed.records, source=facts.sources["openaq"], catalogue=facts
    )
    assert (observed, [p.reason for p in problems]) == ([], ["odd_period"])


# ---- warnings of relays ----

DETAIL = payload("cma_detail.jsonp").decode()


def signal(**fields):
    inner = json.loads(DETAIL[DETAIL.index("{") : DETAIL.rindex("}") + 1])
    return ("cb(" + json.dumps({**inner, **fields}, ensure_ascii=False) + ")").encode()


def lifted(**more):
    own = "44162141600000_20261118090000"
    return signal(head="紫金县解除暴雨橙色预警信号", identifier=own, references=own,
                  ISSUETIME="2026-11-18 09:00:00", RELIEVETIME="", **more)  # fmt: skip


def holding(store, now=NOW):
    with store.read() as conn:
        return [(w.event, w.level, sorted(w.areas)) for w in in_force(conn, now=now)]


def test_a_signal_of_a_relay_is_in_force_where_its_adcode_says(store):
    done = take(store, "cma_warnings", DETAIL.encode())
    assert done.counts.new == 1
    assert holding(store) == [("暴雨", 2, [ZIJIN])]
    start = NOW.replace(second=0)
    assert of(store, "PS-35", start)[ZIJIN] == (1, None)
    assert of(store, "PS-36", start)[CITY] == (1, None)


def test_it_ends_by_itself_when_its_time_is_over(store):
    take(store, "cma_warnings", DETAIL.encode())
    assert holding(store, utc("2026-11-18T11:31:00")) == []


def test_a_lifting_that_names_nothing_ends_the_signal_of_its_issuer_and_type(store):
    other = signal(SIGNALTYPE="雷电", TYPECODE="09", identifier="44162141600000_20261118073001",
                   head="紫金县发布雷电橙色预警信号")  # fmt: skip
    take(store, "cma_warnings", DETAIL.encode())
    take(store, "cma_warnings", other)
    take(store, "cma_warnings", lifted())
    assert [event for event, _, _ in holding(store)] == ["雷电"]


def test_a_lifting_that_comes_first_ends_it_too(store):
    take(store, "cma_warnings", lifted())
    take(store, "cma_warnings", DETAIL.encode())
    assert holding(store) == []


def test_an_upgrade_replaces_the_lower_signal(store):
    own = "44162141600000_20261118090000"
    up = signal(msgType="Update", SIGNALLEVEL="红色", LEVELCODE="04", identifier=own, references=own,
                head="紫金县暴雨橙色预警升级为红色", ISSUETIME="2026-11-18 09:00:00")  # fmt: skip
    take(store, "cma_warnings", DETAIL.encode())
    take(store, "cma_warnings", up)
    assert [(event, level) for event, level, _ in holding(store)] == [("暴雨", 1)]


def test_a_list_and_the_detail_of_the_same_signal_are_one(store):
    take(store, "cma_warnings", payload("cma_list.json"))
    done = take(store, "cma_warnings", DETAIL.encode())
    assert (done.counts.new, done.counts.same) == (0, 1)
    assert len(rows_of(store, m.external_alert)) == 3
    assert sorted(holding(store)) == [("暴雨", 2, [ZIJIN]), ("雷电", 4, [CITY])]
    assert [e for e, _, _ in holding(store, utc("2026-11-18T11:31:00"))] == ["雷电"]


def test_what_a_complete_list_no_longer_holds_is_over(store):
    take(store, "cma_warnings", payload("cma_list.json"))
    value = json.loads(payload("cma_list.json"))
    value["result"] = {"count": "1", "data": value["result"]["data"][:1]}
    take(store, "cma_warnings", json.dumps(value).encode(), now=NOW + timedelta(minutes=1))
    assert [e for e, _, _ in holding(store, NOW + timedelta(minutes=2))] == ["暴雨"]


def test_a_list_that_is_only_a_part_ends_nothing(store):
    take(store, "cma_warnings", payload("cma_list.json"))
    value = json.loads(payload("cma_list.json"))
    value["result"]["data"] = value["result"]["data"][:1]
    take(store, "cma_warnings", json.dumps(value).encode(), now=NOW + timedelta(minutes=1))
    assert len(holding(store, NOW + timedelta(minutes=2))) == 2


def test_a_broken_relay_changes_nothing_that_holds(store):
    take(store, "cma_warnings", DETAIL.encode())
    done = take(store, "cma_warnings", b'{"status":"error","errMsg":"busy"}')
    assert (done.status, done.error) == ("failed", "the relay answers with an error: busy")
    assert len(holding(store)) == 1


# ---- beds ----


def test_beds_of_have_are_counted_where_the_hospital_lies(store):
    take(store, "beds_have", payload("edxl_have_1.xml"))
    take(store, "beds_have", payload("edxl_have_2.xml"))
    at = hour(-2)
    assert of(store, "HE-41", at) == {YUANCHENG: (4, None), ZIJIN: (3, None)}
    assert of(store, "HE-42", at) == {YUANCHENG: (96, 100), ZIJIN: (7, 10)}
    assert of(store, "HE-43", at) == {YUANCHENG: (16, 20), ZIJIN: (7, 10)}
    assert sums(store, "hour", "HE-42", CITY, at) == (103, 110, 2)
    assert "张三" not in repr(contents(store, m.facility, m.quarantine, m.observation))


def test_a_hospital_is_placed_by_the_register_or_by_its_entry(store):
    bare = payload("edxl_have_1.xml").replace(b"23.74 114.68", b"").replace("源城区".encode(), b"")
    lost = take(store, "beds_have", bare)
    assert ("unknown_place", True) in reasons(lost)
    take(store, "health_sites", SITES)
    given(store, "beds_have", bare + b"\n")
    assert of(store, "HE-42", hour(-2)) == {YUANCHENG: (96, 100)}


def test_a_day_of_nhsn_is_a_local_day_and_absent_beds_are_left_out(store):
    places = {"12345": YUANCHENG, "99999": ZIJIN}
    done = given(store, "beds_nhsn", payload("nhsn.csv"), places=places)
    assert sums(store, "day", "HE-44", CITY, "2026-11-16") == (100, 125, 1)
    assert sums(store, "day", "HE-44", CITY, "2026-11-17") == (25, 50, 1)
    assert sums(store, "day", "HE-45", CITY, "2026-11-17") is None
    assert {("bad_date", True), ("ratio_above_one", True)} <= reasons(done)


def test_a_hospital_nobody_placed_is_quarantined(store):
    done = take(store, "beds_nhsn", payload("nhsn.csv"))
    assert ("unknown_place", True) in reasons(done)
    assert of(store, "HE-44", hour()) == {}
    assert any(q.reason == "unknown_place" for q in rows_of(store, m.quarantine))


# ---- sources that wait for an address ----


def shown(store):
    with store.read() as conn:
        return {
            r["key"]: r["state"]
            for r in source_rows(conn, catalogue(), read_keys(conn), now=NOW, waiting=False)
        }


def test_a_source_without_an_address_is_not_shown_until_it_brings_something(store):
    assert not {"air_quality", "openaq", "cma_warnings", "beds_have", "beds_nhsn"} & set(
        shown(store)
    )
    take(store, "air_quality", AIR)
    assert shown(store)["air_quality"] == "fresh"


def test_a_source_that_fails_is_shown(store):
    take(store, "air_quality", b"a,b")
    assert "air_quality" in shown(store)


@pytest.mark.parametrize(
    ("connector", "name", "key"),
    [("cnemc", "cnemc.csv", "air_quality"), ("openaq", "openaq_hours.json", "openaq"),
     ("cma-warning", "cma_list.json", "cma_warnings"), ("edxl-have", "edxl_have_1.xml", "beds_have"),
     ("nhsn", "nhsn.csv", "beds_nhsn")],
)  # fmt: skip
def test_a_file_given_by_hand_finds_its_source(connector, name, key):
    assert source_for(catalogue(), connector, None, payload(name)).key == key
