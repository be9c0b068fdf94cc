"""A case by hand: numbered, masked, placed; and every way in which it is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.commands.cases import Actor, Code, Done, Draft, Refusal, report
from data.panels.desk import LAST
from data.queries.keys import read_keys
from data.queries.sources import source_rows
from data.vocabulary import CaseAct, Role
from tests.conftest import NOW
from tests.store.acting import DEPARTMENT_ONLY, OPERATOR, Loop
from tests.store.payloads import alert, feed
from tests.store.support import (
    YUANCHENG,
    ZIJIN,
    contents,
    count,
    local,
    panel,
    rows_of,
    take,
)

WRITTEN = (m.cases, m.case_event, m.case_clock, m.case_link, m.audit, m.panel_snapshot)


def tries(store, actor=OPERATOR, now=NOW, **draft):
    given = {"category": "flood_risk", "title": "堤防渗漏", "area": YUANCHENG} | draft
    with store.write() as conn:
        return report(conn, catalogue(), read_keys(conn), Draft(**given), actor, now)


def only(store):
    (row,) = rows_of(store, m.cases)
    return row


def test_cases_of_a_local_day_are_numbered_from_one(store):
    late = local("2026-11-18T23:59")
    found = [tries(store, now=late).case_no for _ in range(2)]
    found.append(tries(store, now=late + timedelta(minutes=2)).case_no)
    assert found == ["ZZ202611180001", "ZZ202611180002", "ZZ202611190001"]


def test_a_case_by_hand_is_led_here_and_names_who_made_it(store):
    tries(store, body="巡查发现", level=2, channel="patrol")
    row = only(store)
    assert (row.run_id, row.channel, row.level, row.state) == (0, "patrol", 2, "reported")
    assert row.led_since == row.recorded_at == NOW
    assert row.duty_version == catalogue().duty_of("flood_risk", 2, NOW).ref
    (event,) = rows_of(store, m.case_event)
    assert (event.seq, event.action, event.actor_id, event.holder) == (1, "report", 1, "centre")
    assert {c.kind for c in rows_of(store, m.case_clock)} == {"total", "verify"}


def test_what_names_a_person_is_masked_before_it_is_kept(store):
    tries(
        store,
        title="联系人：李四，电话13812348000",
        body="身份证441602199001011234，微信：abc12345",
    )
    row = only(store)
    kept = f"{row.title} {row.body} {rows_of(store, m.case_event)[0].note}"
    assert "13812348000" not in kept
    assert "441602199001011234" not in kept
    assert "李四" not in kept


def test_a_point_or_an_address_tells_the_area(store):
    spot = (114.70, 23.73)
    done = tries(store, area=None, lon=spot[0], lat=spot[1])
    assert isinstance(done, Done), done
    assert only(store).lon == spot[0]
    assert isinstance(tries(store, area=None, address="紫金县紫城镇"), Done)
    codes = {v: k for k, v in read_keys_of(store).areas.items()}
    assert codes[rows_of(store, m.cases)[1].county_id] == ZIJIN


def read_keys_of(store):
    with store.read() as conn:
        return read_keys(conn)


@pytest.mark.parametrize(
    ("draft", "code", "field"),
    [
        ({"category": "nothing"}, Code.UNKNOWN_CHOICE, "category"),
        ({"area": "999999"}, Code.UNKNOWN_CHOICE, "area"),
        ({"area": "441600"}, Code.UNKNOWN_CHOICE, "area"),
        ({"area": None}, Code.MISSING_FIELD, "area"),
        ({"area": None, "address": "广州市天河区"}, Code.OUTSIDE_CITY, "area"),
        ({"title": "  "}, Code.MISSING_FIELD, "title"),
        ({"title": "长" * 201}, Code.TOO_LONG, "title"),
        ({"body": "长" * 100_000}, Code.TOO_LONG, "body"),
        ({"address": "长" * 201}, Code.TOO_LONG, "address"),
        ({"level": 5}, Code.UNKNOWN_CHOICE, "level"),
        ({"channel": "pigeon"}, Code.UNKNOWN_CHOICE, "channel"),
        ({"warning": "none"}, Code.UNKNOWN_CHOICE, "warning"),
        ({"lon": 114.7}, Code.MISSING_FIELD, "lat"),
        ({"lon": 115.4, "lat": 24.1}, Code.OTHER_COUNTY, "lon"),
        ({"lon": float("nan"), "lat": 23.7}, Code.BAD_VALUE, "lon"),
        ({"due_at": NOW - timedelta(minutes=1)}, Code.BEFORE_REPORTED, "due_at"),
        ({"reported_at": NOW + timedelta(hours=1)}, Code.IN_THE_FUTURE, "reported_at"),
        ({"reported_at": NOW - timedelta(days=900)}, Code.NOT_LATER, "reported_at"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_with_its_field_and_leaves_nothing(
    store, draft, code, field
):
    before = contents(store, *WRITTEN)
    refused = tries(store, **draft)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params["field"]) == (code, field)
    assert contents(store, *WRITTEN) == before


@pytest.mark.parametrize(
    ("lon", "lat", "mistake"),
    [(23.73, 114.70, "swapped"), (-114.70, 23.73, "lost_sign"), (0.0, 0.0, None)],
)
def test_a_point_outside_the_city_says_which_mistake_it_looks_like(store, lon, lat, mistake):
    refused = tries(store, lon=lon, lat=lat)
    assert (refused.code, refused.params["mistake"]) == (Code.OUTSIDE_CITY, mistake)
    assert count(store, m.cases) == 0


def test_only_the_centre_reports_and_only_in_its_area(store):
    assert tries(store, actor=DEPARTMENT_ONLY).code is Code.WRONG_ROLE
    county = Actor(7, "紫金席", Role.OPERATOR, None, ZIJIN)
    assert tries(store, actor=county).code is Code.OTHER_AREA
    assert isinstance(tries(store, actor=county, area=ZIJIN), Done)


def test_a_case_made_from_a_warning_is_linked_to_it(store):
    take(store, "warnings", feed(alert("A1")))
    (told,) = rows_of(store, m.external_alert)
    assert isinstance(tries(store, warning=told.identifier, channel="warning"), Done)
    (link,) = rows_of(store, m.case_link)
    assert (link.kind, link.ref) == ("warning", told.identifier)


def test_the_desk_is_no_source_that_could_fall_silent(store):
    tries(store)
    with store.read() as conn:
        keys = read_keys(conn)
        shown = source_rows(conn, catalogue(), keys, now=NOW + timedelta(days=30), waiting=False)
    assert "desk" not in {row["key"] for row in shown}


def test_a_case_by_hand_is_on_the_wall_and_tells_the_desks(store):
    done = tries(store)
    assert [r["case_no"] for r in panel(store, "queue")["rows"]] == [done.case_no]
    p = m.panel_snapshot
    (desk,) = rows_of(store, p, p.c.panel == "desk")
    assert json.loads(desk.payload) == {"seq": 1, "cases": [done.case_no]}


def test_the_desk_panel_tells_the_last_cases_once_each(store):
    loop = Loop(store)
    for n in range(3):
        loop.does(CaseAct.NOTE, note=str(n))
    p = m.panel_snapshot
    (desk,) = rows_of(store, p, p.c.panel == "desk")
    told = json.loads(desk.payload)
    assert told == {"seq": 4, "cases": [loop.no]}
    assert len(told["cases"]) <= LAST
