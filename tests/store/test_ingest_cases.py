"""Requests become cases: every change an event, every count a question to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.ingest.bulk import begin_run
from data.queries.cases import flow_since, open_matters
from data.queries.keys import read_keys
from tests.conftest import NOW
from tests.store.payloads import SPOTS, request, requests
from tests.store.support import CITY, YUANCHENG, ZIJIN, hour, local, rows_of, sums, take, values

T0 = NOW - timedelta(minutes=15)


def later(minutes):
    return (T0 + timedelta(minutes=minutes)).isoformat()


def move(request_id, minutes, **more):
    """Return the same request as it stands some minutes later."""
    return request(request_id, at=T0, updated_datetime=later(minutes), **more)


def test_a_case_is_new_then_moves_then_is_closed_and_every_step_is_an_event(store):
    steps = [
        move("1", 0),
        move("1", 2, status_notes="已派单"),
        move("1", 4, status_notes="处置中"),
        move("1", 6, status_notes="待核查"),
        move("1", 8, status="closed"),
    ]
    for turn, step in enumerate(steps):
        done = take(store, "yuepingan", requests(step), now=NOW + timedelta(seconds=turn))
        assert (done.counts.new, done.counts.changed) == ((1, 0) if turn == 0 else (0, 1))
    events = rows_of(store, m.case_event)
    assert [e.seq for e in events] == [1, 2, 3, 4, 5]
    assert [e.to_stage for e in events] == [
        "opened",
        "dispatched",
        "handling",
        "checking",
        "closed",
    ]
    assert [e.from_stage for e in events] == [None, "opened", "dispatched", "handling", "checking"]
    assert events[0].action == "reported"
    assert [e.at for e in events] == [T0 + timedelta(minutes=n) for n in (0, 2, 4, 6, 8)]
    (case,) = rows_of(store, m.cases)
    assert (case.stage, case.version, case.closed_at) == ("closed", 5, T0 + timedelta(minutes=8))
    assert case.case_no == "yuepingan-1"


def test_an_event_keeps_what_was_before(store):
    take(store, "yuepingan", requests(move("1", 0, priority="4")))
    take(store, "yuepingan", requests(move("1", 2, priority="1")))
    event = rows_of(store, m.case_event)[-1]
    assert (event.action, event.before) == ("corrected", {"level": "4"})


def test_an_older_message_is_outdated_and_does_not_undo(store):
    take(store, "yuepingan", requests(move("1", 8, status="closed")))
    done = take(store, "yuepingan", requests(move("1", 2, status_notes="处置中")))
    assert (done.counts.outdated, done.counts.changed) == (1, 0)
    assert rows_of(store, m.cases)[0].stage == "closed"
    assert len(rows_of(store, m.case_event)) == 1


def test_nothing_new_about_a_case_is_no_event(store):
    take(store, "yuepingan", requests(move("1", 0)))
    done = take(store, "yuepingan", requests(move("1", 5)))
    assert (done.counts.same, done.counts.changed) == (1, 0)
    assert len(rows_of(store, m.case_event)) == 1


def test_a_reopened_case_is_open_again(store):
    take(store, "yuepingan", requests(move("1", 2, status="closed")))
    take(store, "yuepingan", requests(move("1", 5)))
    assert rows_of(store, m.cases)[0].closed_at is None
    assert [e.to_stage for e in rows_of(store, m.case_event)] == ["closed", "opened"]


def test_the_same_number_at_two_sources_is_two_cases(store):
    take(store, "yuepingan", requests(request("1")))
    take(store, "approvals", requests(request("1", "BL-01")))
    assert {c.case_no for c in rows_of(store, m.cases)} == {"yuepingan-1", "approvals-1"}


def test_personal_data_is_masked_before_it_is_stored(store):
    text = "请回电 13800138000，身份证441602199001011234"
    take(store, "yuepingan", requests(request("1", description=text, address="建设路 13800138000")))
    (case,) = rows_of(store, m.cases)
    assert "13800138000" not in case.title + case.address
    assert "199001" not in case.title
    assert "138****8000" in case.title


def test_a_case_lies_where_its_text_says_then_where_its_point_lies(store):
    town = next(a for a in catalogue().areas.values() if a.parent == ZIJIN)
    rows = [
        request("1", area=YUANCHENG),
        request("2", area="none", address=f"紫金县{town.name['zh']}某村"),
        request("3", area="none", address="龙川县人民路"),
        request("4", area="none", address="河源某处"),
        request("5", lat=0.5, long=0.5, address=""),
    ]
    done = take(store, "yuepingan", requests(*rows))
    with store.read() as conn:
        codes = read_keys(conn).area_codes()
    found = {c.ext_id: (codes[c.area_id], codes[c.county_id]) for c in rows_of(store, m.cases)}
    assert found == {
        "1": (YUANCHENG, YUANCHENG),
        "2": (town.code, ZIJIN),
        "3": ("441622", "441622"),
    }
    assert [p.reason for p in done.problems] == ["outside_area", "outside_area"]


def test_a_point_of_another_place_is_not_drawn_even_where_the_text_is_known(store):
    take(
        store,
        "yuepingan",
        requests(request("1", area="none", lat=31.2, long=121.5, address="紫金县")),
    )
    (case,) = rows_of(store, m.cases)
    assert (case.lon, case.lat) == (None, None)


def test_the_deadline_is_the_sources_own_or_that_of_the_category(store):
    due = T0 + timedelta(hours=1)
    take(
        store, "yuepingan", requests(move("1", 0, expected_datetime=due.isoformat()), move("2", 0))
    )
    limit = catalogue().categories["police_order"].limit_h
    found = {c.ext_id: c.due_at for c in rows_of(store, m.cases)}
    assert found == {"1": due, "2": T0 + timedelta(hours=limit)}


def test_a_long_text_is_cut_and_a_bad_priority_is_that_of_the_category(store):
    take(
        store,
        "yuepingan",
        requests(request("1", "119-01", description="长" * 900, priority="urgent")),
    )
    (case,) = rows_of(store, m.cases)
    assert (len(case.title), case.level) == (200, catalogue().categories["fire"].level)


# ---- indicators made of cases ----


def of(store, indicator, at=None):
    at = at or hour()
    return {area: v for (area, start), v in values(store, indicator).items() if start == at}


def test_received_counts_by_county_and_says_zero_where_it_heard_nothing(store):
    rows = [request("1"), request("2"), request("3", area=ZIJIN), request("4", "119-01")]
    take(store, "yuepingan", requests(*rows))
    found = of(store, "PS-01")
    assert (found[YUANCHENG], found[ZIJIN]) == ((2, None), (1, None))
    assert len(found) == 8
    assert sum(n for n, _ in found.values()) == 3
    assert of(store, "PS-14")[YUANCHENG] == (1, None)
    assert sums(store, "hour", "PS-01", CITY, hour()) == (3, None, 8)


def test_a_poll_without_news_still_says_zero_for_the_new_hour(store):
    file = requests(request("1"))
    take(store, "yuepingan", file)
    assert take(store, "yuepingan", file, now=NOW + timedelta(hours=1)).status == "duplicate"
    assert of(store, "PS-01", hour(1)) == dict.fromkeys(of(store, "PS-01", hour(1)), (0, None))
    assert of(store, "PS-01", hour())[YUANCHENG] == (1, None)


def test_a_silent_source_leaves_gaps_and_no_zeros(store):
    take(store, "yuepingan", requests(request("1")))
    back = NOW + timedelta(hours=5)
    take(store, "yuepingan", requests(request("2", at=back)), now=back)
    hours = {at for _, at in values(store, "PS-01")}
    assert hours == {hour(-1), hour(), hour(4), hour(5)}


def test_the_hours_before_a_source_was_known_are_not_made_up(store):
    """Old cases that trickle in at the first poll must not look like all that there were."""
    old = request("1", at=NOW - timedelta(days=3))
    take(store, "yuepingan", requests(old, request("2")))
    assert {at for _, at in values(store, "PS-01")} == {hour(-1), hour()}


def test_a_case_that_comes_late_changes_its_own_hour(store):
    take(store, "yuepingan", requests(request("1")))
    then = NOW + timedelta(hours=5)
    take(store, "yuepingan", requests(request("2")), now=then)
    assert of(store, "PS-01", hour())[YUANCHENG] == (2, None)
    assert sums(store, "day", "PS-01", YUANCHENG, "2026-11-18")[0] == 2


def test_open_and_overdue_are_gauges_of_this_minute(store):
    due = (NOW - timedelta(minutes=1)).isoformat()
    rows = [
        request("1", "ZZ-01"),
        request("2", "ZZ-01", status="closed"),
        request("3", "ZZ-02", expected_datetime=due),
        request("4", "ZZ-02"),
    ]
    take(store, "yuepingan", requests(*rows))
    assert of(store, "PS-31", NOW)[YUANCHENG] == (1, None)
    assert of(store, "PS-32", NOW)[YUANCHENG] == (1, None)
    assert of(store, "PS-32", NOW)[ZIJIN] == (0, None)


def test_on_time_is_over_what_fell_due_and_never_over_what_came_in(store):
    """Due 10:05, closed 10:04; due 10:06, still open; due tomorrow, closed already."""
    due = hour() + timedelta(minutes=5)
    rows = [
        request("1", "ZZ-01", at=hour(), status="closed", expected_datetime=due.isoformat(),
                updated_datetime=(due - timedelta(minutes=1)).isoformat()),
        request("2", "ZZ-01", at=hour(), expected_datetime=(due + timedelta(minutes=1)).isoformat()),
        request("3", "ZZ-01", at=hour(), status="closed", expected_datetime=(due + timedelta(days=1)).isoformat()),
        request("4", "ZZ-01", at=hour(), status="closed", expected_datetime=due.isoformat(),
                updated_datetime=(due + timedelta(minutes=1)).isoformat()),
    ]  # fmt: skip
    take(store, "yuepingan", requests(*rows))
    assert of(store, "PS-24")[YUANCHENG] == (1, 3)
    assert of(store, "PS-24")[ZIJIN] == (0, 0)


def test_what_falls_due_without_any_message_is_counted_when_its_hour_comes(store):
    due = hour(1) + timedelta(minutes=5)
    file = requests(request("1", "ZZ-01", expected_datetime=due.isoformat()))
    take(store, "yuepingan", file)
    take(store, "yuepingan", file, now=due)
    assert of(store, "PS-24", hour(1))[YUANCHENG] == (0, 0)
    take(store, "yuepingan", file, now=due + timedelta(minutes=1))
    assert of(store, "PS-24", hour(1))[YUANCHENG] == (0, 1)


def test_what_fell_due_while_nobody_asked_is_counted_afterwards(store):
    due = hour(2) + timedelta(minutes=5)
    file = requests(request("1", "ZZ-01", expected_datetime=due.isoformat()))
    take(store, "yuepingan", file)
    take(store, "yuepingan", file, now=hour(6))
    assert of(store, "PS-24", hour(2)).get(YUANCHENG) == (0, 1)


def test_share_and_mean_have_the_right_denominators(store):
    rows = [request(str(n), code) for n, code in enumerate(("01", "03", "03", "02"))]
    closed = request(
        "9",
        "01",
        at=hour(),
        status="closed",
        updated_datetime=(hour() + timedelta(minutes=15)).isoformat(),
    )
    take(store, "hotline", requests(*rows, closed))
    assert of(store, "GS-35")[YUANCHENG] == (2, 5)
    assert of(store, "GS-36")[YUANCHENG] == (0.25, 1)
    assert of(store, "GS-29")[YUANCHENG] == (1, None)


def test_a_corrected_category_leaves_its_old_count(store):
    take(store, "yuepingan", requests(move("1", 0)))
    take(store, "yuepingan", requests(move("1", 2) | {"service_code": "119-01"}))
    assert of(store, "PS-01")[YUANCHENG] == (0, None)
    assert of(store, "PS-14")[YUANCHENG] == (1, None)


# ---- the queue ----


def test_the_gravest_matter_comes_first_then_the_one_with_least_time(store):
    rows = [
        request("far", "ZD-05", expected_datetime=(NOW + timedelta(hours=9)).isoformat()),
        request("near", "ZD-05", expected_datetime=(NOW + timedelta(hours=1)).isoformat()),
        request("red", "ZD-04", expected_datetime=(NOW + timedelta(hours=20)).isoformat()),
        request("call", "110-01"),
        request("done", "ZD-04", status="closed"),
    ]
    take(store, "yuepingan", requests(*rows))
    with store.read() as conn:
        found = [c.case_no.removeprefix("yuepingan-") for c in open_matters(conn)]
    assert found == ["red", "near", "far"]


def test_the_loop_of_today_counts_what_was_closed_due_and_on_time(store):
    midnight = local("2026-11-18T00:00")
    before = (midnight - timedelta(hours=1)).isoformat()
    rows = [
        request(
            "1",
            "ZD-05",
            at=midnight,
            status="closed",
            expected_datetime=hour().isoformat(),
            updated_datetime=hour(-1).isoformat(),
        ),
        request("2", "ZD-05", at=midnight, expected_datetime=hour().isoformat()),
        request(
            "3",
            "ZD-05",
            at=midnight - timedelta(hours=2),
            status="closed",
            expected_datetime=before,
            updated_datetime=before,
        ),
        request("4", "ZD-05", at=midnight, expected_datetime=hour(3).isoformat()),
    ]
    take(store, "yuepingan", requests(*rows))
    with store.read() as conn:
        flows = flow_since(conn, midnight, NOW)
        county = read_keys(conn).areas[YUANCHENG]
    assert (flows[county].closed, flows[county].due, flows[county].on_time) == (1, 2, 1)


@pytest.mark.parametrize("crs", ["GCJ02", "BD09"])
def test_positions_of_another_datum_are_brought_to_ours(store, crs):
    from data.connectors.connector import Options
    from data.connectors.open311 import parse
    from data.ingest import cases

    source = catalogue().sources["yuepingan"].model_copy(update={"crs": crs})
    parsed = parse(requests(request("1")), Options(tz="Asia/Shanghai"))
    with store.write() as conn:
        keys = read_keys(conn)
        run = begin_run(conn, keys, "yuepingan", {}, now=NOW)
        cases.store_requests(
            conn, parsed.records, cases.Intake(source, catalogue(), keys, run, NOW)
        )
    (case,) = rows_of(store, m.cases)
    lon, lat = SPOTS[YUANCHENG]
    assert 0.001 < abs(case.lon - lon) < 0.02
    assert 0.001 < abs(case.lat - lat) < 0.02
