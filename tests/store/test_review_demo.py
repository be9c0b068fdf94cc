"""The demo city has meetings behind it: promises kept, broken and late, remarks, frozen weeks."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from data import models as m
from data.catalogue import catalogue
from data.cli.meeting import LATE, LATE_RECORDS, STORIES, come_late, freeze_past, hold_meetings
from data.collector.upkeep import freeze_week
from data.panels import weekly as weekly_page
from data.queries.keys import read_keys
from data.queries.review.meeting import minutes
from data.vocabulary import LOCAL
from tests.conftest import NOW
from tests.reviews import CITY, WEEK, review, row
from tests.store.meeting import ON_TIME, mondays, weekly
from tests.store.payloads import request, requests
from tests.store.support import count, observed, put, rows_of, take

FROZEN = "2026-W45"
"""The newest week that the demonstration freezes."""
CITY_COUNTY = catalogue().counties()[2].code


def held(store):
    for story in STORIES:
        area = CITY if story.county is None else catalogue().counties()[story.county].code
        weekly(store, story.code, dict.fromkeys(mondays(60), (80.0, 100.0)), area)
    waiting = request("1", at=NOW - timedelta(days=20), service_code="ZD-01",
                      expected_datetime=(NOW - timedelta(days=2)).isoformat())  # fmt: skip
    take(store, "yuepingan", requests(waiting))
    with store.write() as conn:
        return hold_meetings(conn, catalogue(), read_keys(conn), now=NOW)


def build(conn, facts, keys, week, area, now):
    return review(row(ON_TIME, 81.2, week=week), week=week, area=area)


def test_past_meetings_left_promises_and_remarks(store):
    assert held(store) == (len(STORIES) + 1, 2)
    with store.read() as conn:
        told = minutes(conn, catalogue(), read_keys(conn), WEEK, CITY, NOW, review())
    states = Counter(p["state"] for p in told["promises"])
    assert states == {"open": 4, "kept": 1}
    assert Counter(r.state for r in rows_of(store, m.promise))["broken"] == 1
    assert [p["overdue"] for p in told["promises"]] == [True, False, False, False, False]
    assert any(p["case_no"] for p in told["promises"])
    days = {r.day for r in rows_of(store, m.remark)}
    assert None in days
    assert any(day and day < NOW.date() for day in days)


def test_nothing_was_done_after_now(store):
    held(store)
    for table in (m.promise_event, m.remark, m.audit):
        assert all(r.at <= NOW for r in rows_of(store, table))


def test_the_last_weeks_are_frozen_as_they_are_counted(store):
    with store.write() as conn:
        assert freeze_past(conn, catalogue(), read_keys(conn), build, now=NOW) == 2
    packs = rows_of(store, m.review_pack)
    assert [p.week for p in packs] == [date(2026, 10, 26), date(2026, 11, 2)]
    assert {p.frozen_at for p in packs} == {NOW}


def test_the_collector_freezes_the_week_once(store):
    for _ in range(2):
        freeze_week(store, catalogue(), NOW, build)
    assert [p.week for p in rows_of(store, m.review_pack)] == [date(2026, 11, 9)]


def test_the_collector_goes_on_when_a_page_cannot_be_made(store):
    freeze_week(store, catalogue(), NOW, lambda *_: None)
    assert count(store, m.review_pack) == 0


def test_a_county_that_was_cut_off_tells_its_week_after_it_was_frozen(store):
    at = datetime(2026, 11, 2, 9, tzinfo=LOCAL)
    put(store, observed(LATE, CITY_COUNTY, at, 20.0, 2.0), now=NOW - timedelta(days=7))
    later = NOW + timedelta(minutes=1)
    with store.write() as conn:
        keys = read_keys(conn)
        assert freeze_past(conn, catalogue(), keys, weekly_page.build, now=NOW) == 1
        assert come_late(conn, catalogue(), keys, now=later) == LATE_RECORDS
    with store.read() as conn:
        keys = read_keys(conn)
        page = weekly_page.build(conn, catalogue(), keys, FROZEN, CITY, later)
        told = minutes(conn, catalogue(), keys, FROZEN, CITY, later, page)["frozen"]
        after = weekly_page.build(conn, catalogue(), keys, WEEK, CITY, later)
        (earlier,) = minutes(conn, catalogue(), keys, WEEK, CITY, later, after)["earlier"]
    (city, county) = sorted(told["restated"], key=lambda r: r["area"])
    assert (city["code"], city["area"], city["was"], city["late_records"], city["reason"]) == (
        LATE, CITY, 10.0, LATE_RECORDS, "late",
    )  # fmt: skip
    assert city["now"] > 20
    assert (county["area"], county["late_records"]) == (CITY_COUNTY, LATE_RECORDS)
    assert earlier["week"] == FROZEN
    assert [r["now"] for r in earlier["restated"]] == [city["now"]]
