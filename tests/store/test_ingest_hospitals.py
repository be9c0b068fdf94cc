"""Hospitals: what is absent is not zero, and a ratio needs both of its counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.queries.keys import read_keys
from tests.conftest import NOW
from tests.shared_samples import payload
from tests.store.payloads import bundle, location, report
from tests.store.support import CITY, YUANCHENG, ZIJIN, hour, rows_of, sums, take, values

SITES = bundle(location("h1", YUANCHENG), location("h2", YUANCHENG), location("h3", ZIJIN))


@pytest.fixture
def with_sites(store):
    take(store, "health_sites", SITES)
    return store


def beds(key, place, occupied, staffed, **when):
    return report(key, place, "beds", {"beds-occupied": occupied, "beds-staffed": staffed}, **when)


def of(store, indicator, at=None):
    return {
        area: v
        for (area, start), v in values(store, indicator).items()
        if start == (at or hour(-1))
    }


def test_places_are_known_by_position_by_code_or_by_name(store):
    coded = location("h4", ZIJIN, identifier=[{"system": "x", "value": "441622"}])
    named = {"resourceType": "Location", "id": "h5", "name": "龙川县人民医院"}
    nowhere = {"resourceType": "Location", "id": "h6", "name": "某医院"}
    take(store, "health_sites", bundle(location("h1", YUANCHENG), coded, named, nowhere))
    with store.read() as conn:
        codes = read_keys(conn).area_codes()
    found = {f.location_id: codes.get(f.area_id) for f in rows_of(store, m.facility)}
    assert found == {"h1": YUANCHENG, "h4": "441622", "h5": "441622", "h6": None}


def test_a_place_that_moves_is_moved_and_one_no_longer_listed_is_kept(with_sites):
    done = take(
        with_sites, "health_sites", bundle(location("h1", ZIJIN), location("h2", YUANCHENG))
    )
    assert (done.counts.changed, done.counts.same) == (1, 1)
    assert len(rows_of(with_sites, m.facility)) == 3


def test_hospitals_of_one_county_are_added_up_and_the_city_is_sum_over_sum(with_sites):
    take(
        with_sites,
        "health_capacity",
        bundle(beds("r1", "h1", 90, 100), beds("r2", "h2", 10, 50), beds("r3", "h3", 5, 10)),
    )
    assert of(with_sites, "HE-05") == {YUANCHENG: (100, 150), ZIJIN: (5, 10)}
    assert sums(with_sites, "hour", "HE-05", CITY, hour(-1)) == (105, 160, 2)


def test_a_count_that_is_absent_is_no_observation_and_never_zero(with_sites):
    take(
        with_sites,
        "health_capacity",
        bundle(report("r1", "h1", "visits", {"fever-clinic": None, "discharges": 0})),
    )
    assert of(with_sites, "HE-23") == {}
    assert of(with_sites, "HE-08") == {YUANCHENG: (0, None)}


def test_a_report_with_half_of_a_ratio_says_nothing_of_it(with_sites):
    take(
        with_sites, "health_capacity", bundle(beds("r1", "h1", 90, None), beds("r2", "h2", 10, 50))
    )
    assert of(with_sites, "HE-05") == {YUANCHENG: (10, 50)}


def test_more_beds_taken_than_there_are_is_refused(with_sites):
    done = take(with_sites, "health_capacity", bundle(beds("r1", "h1", 120, 100)))
    assert of(with_sites, "HE-05") == {}
    (problem,) = done.problems
    assert (problem.reason, problem.value) == ("ratio_above_one", "120.0/100.0")


def test_a_report_of_an_unknown_place_is_refused_and_the_others_stay(with_sites):
    done = take(
        with_sites, "health_capacity", bundle(beds("r1", "h9", 1, 2), beds("r2", "h3", 1, 2))
    )
    (problem,) = done.problems
    assert (problem.reason, problem.row, problem.value) == ("unknown_place", 1, "Location/h9")
    assert of(with_sites, "HE-05") == {ZIJIN: (1, 2)}


def test_a_period_of_no_known_length_is_refused(with_sites):
    odd = beds("r1", "h1", 1, 2, start="2026-11-18T01:00:00+08:00", end="2026-11-18T04:29:59+08:00")
    done = take(with_sites, "health_capacity", bundle(odd))
    assert [p.reason for p in done.problems] == ["odd_period"]
    assert of(with_sites, "HE-05") == {}


def test_a_report_of_a_whole_local_day_is_a_day(with_sites):
    day = beds("r1", "h1", 1, 2, start="2026-11-17", end="2026-11-17")
    take(with_sites, "health_capacity", bundle(day))
    assert sums(with_sites, "day", "HE-05", YUANCHENG, "2026-11-17") == (1, 2, 1)
    (row,) = rows_of(with_sites, m.observation)
    assert row.grain == 3


def test_a_corrected_report_replaces_the_first_and_keeps_it_in_the_history(with_sites):
    take(with_sites, "health_capacity", bundle(beds("r1", "h1", 90, 100)))
    done = take(
        with_sites,
        "health_capacity",
        bundle(beds("r1", "h1", 80, 100)),
        now=NOW + timedelta(hours=1),
    )
    assert done.counts.changed == 1
    assert sums(with_sites, "day", "HE-05", CITY, "2026-11-18") == (80, 100, 1)
    (old,) = rows_of(with_sites, m.observation_history)
    assert (old.num, old.superseded_at) == (90, NOW + timedelta(hours=1))


def test_a_value_that_is_corrected_back_is_corrected_back(with_sites):
    files = [bundle(beds("r1", "h1", n, 100)) for n in (90, 80, 90)]
    for turn, file in enumerate(files):
        take(with_sites, "health_capacity", file, now=NOW + timedelta(hours=turn))
    assert of(with_sites, "HE-05") == {YUANCHENG: (90, 100)}


def test_the_row_of_the_file_stays_with_the_number(with_sites):
    take(with_sites, "health_capacity", bundle(beds("r1", "h1", 1, 2), beds("r2", "h3", 3, 4)))
    assert sorted(o.row_no for o in rows_of(with_sites, m.observation)) == [1, 2]


def test_a_shared_bundle_is_read_with_its_faults(store):
    done = take(store, "health_sites", payload("fhir_bundle.json"))
    assert done.status == "ok"
    places = {f.location_id: f.lat for f in rows_of(store, m.facility)}
    assert places == {"h1": 23.74, "h2": None}
    assert "张" not in repr(rows_of(store, m.facility)) + repr(rows_of(store, m.quarantine))
