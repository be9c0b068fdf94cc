"""Promises: who may make and close them, what is wrong with each field, two leaders at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from data import models as m
from data.catalogue import catalogue
from data.commands.review import Asked, Code, Conflict, Done, Refusal, act_on_promise, may
from data.queries.keys import read_keys
from data.queries.review.promises import promise_of
from data.store import Store
from tests.reviews import BEFORE, CITY, WEEK
from tests.store.acting import Loop
from tests.store.meeting import (
    COUNTY,
    DSB,
    FEVER,
    LEADER,
    ON_TIME,
    OPERATOR,
    OTHER,
    VIEWER,
    WATER,
    ZIJIN,
    Room,
    weekly,
)
from tests.store.support import rows_of


@pytest.fixture
def room(store):
    return Room(store)


def test_a_promise_is_kept_with_who_made_it_and_when(room, now):
    number = room.made(of_area=CITY)
    (row,) = rows_of(room.store, m.promise)
    assert (row.id, row.version, row.state, row.expected) == (number, 1, "open", "higher")
    assert (row.made_name, row.made_at, row.owner) == ("陈立国", now, "叶国平")
    assert (str(row.made_week), str(row.due_week)) == ("2026-11-09", "2026-11-30")
    (event,) = rows_of(room.store, m.promise_event)
    assert (event.action, event.detail) == ("made", {"due": "2026-11-30"})
    (entry,) = rows_of(room.store, m.audit)
    assert (entry.act, entry.object, entry.actor) == ("promise.made", f"promise {number}", "陈立国")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"text": "  "}, "text", Code.MISSING),
        ({"text": "长" * 301}, "text", Code.TOO_LONG),
        ({"owner": ""}, "owner", Code.MISSING),
        ({"owner": "名" * 61}, "owner", Code.TOO_LONG),
        ({"department": ""}, "department", Code.MISSING),
        ({"department": "nobody"}, "department", Code.UNKNOWN),
        ({"due": ""}, "due", Code.MISSING),
        ({"due": "soon"}, "due", Code.UNKNOWN),
        ({"due": "2025-W53"}, "due", Code.UNKNOWN),
        ({"due": WEEK}, "due", Code.PAST),
        ({"due": "2028-W01"}, "due", Code.TOO_FAR),
        ({"code": "XX-99"}, "code", Code.UNKNOWN),
        ({"expected": ""}, "expected", Code.MISSING),
        ({"expected": "sideways"}, "expected", Code.UNKNOWN),
        ({"of_area": "999999"}, "of_area", Code.UNKNOWN),
        ({"of_area": ZIJIN}, "of_area", Code.NOT_HERE),
        ({"code": ""}, "code", Code.ONE_OF_TWO),
        ({"case_no": "ZZ202611180001"}, "code", Code.ONE_OF_TWO),
        ({"code": "", "case_no": "ZZ1"}, "case_no", Code.UNKNOWN),
    ],
)
def test_each_field_says_what_is_wrong_with_it(room, fields, field, code):
    refused = room.promises(**fields)
    assert isinstance(refused, Refusal)
    assert refused.fields[field].code is code
    assert rows_of(room.store, m.promise) == []


def test_every_wrong_field_is_told_at_once(room):
    refused = room.promises(text="", owner="", due="", department="", expected="")
    assert set(refused.fields) == {"text", "owner", "due", "department", "expected"}


def test_this_week_is_early_enough_and_a_year_not_too_far(room):
    assert isinstance(room.promises(due="2026-W47"), Done)
    assert isinstance(room.promises(due="2027-W47"), Done)


def test_of_small_counts_it_is_not_told_whether_an_area_has_them(room):
    assert isinstance(room.promises(code=FEVER, of_area=ZIJIN, expected="lower"), Done)


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"week": "2026-W48"}, Code.IN_THE_FUTURE), ({"week": "W46"}, Code.UNKNOWN),
     ({"area": "1"}, Code.UNKNOWN)],
)  # fmt: skip
def test_it_is_made_in_a_review_there_is(room, fields, code):
    assert room.promises(**fields).code is code


def test_a_case_is_promised_to_be_closed(store):
    loop = Loop(store)
    room = Room(store, loop.now)
    number = room.made(code="", expected="", case_no=loop.no)
    row = next(r for r in rows_of(store, m.promise) if r.id == number)
    assert (row.case_no, row.expected, row.indicator_id) == (loop.no, "closed", None)
    (line,) = room.minutes()["promises"]
    assert (line["case_no"], line["case_state"], line["case_closed"]) == (loop.no, "reported", None)
    assert (line["code"], line["verdict"]) == (None, "unknown")


def test_a_case_elsewhere_is_unknown_and_a_closed_one_has_ended(store):
    loop = Loop(store)
    room = Room(store, loop.now)
    told = {"code": "", "expected": "", "case_no": loop.no}
    assert room.promises(area=ZIJIN, **told).fields["case_no"].code is Code.UNKNOWN
    with store.write() as conn:
        conn.execute(m.cases.update().values(closed_at=loop.now, state="closed"))
    assert room.promises(**told).fields["case_no"].code is Code.ENDED


@pytest.mark.parametrize(
    ("actor", "area", "code"),
    [
        (OPERATOR, CITY, Code.WRONG_ROLE),
        (DSB, CITY, Code.WRONG_ROLE),
        (VIEWER, CITY, Code.WRONG_ROLE),
        (COUNTY, CITY, Code.OTHER_AREA),
        (COUNTY, "441622", Code.OTHER_AREA),
    ],
)
def test_only_a_leader_of_the_area_promises_and_who_tried_is_audited(room, actor, area, code):
    refused = room.promises(actor, area=area)
    assert isinstance(refused, Refusal)
    assert refused.code is code
    assert [(e.actor, e.outcome) for e in rows_of(room.store, m.audit)] == [(actor.name, code)]


def test_a_county_leader_promises_for_the_county_and_a_city_leader_too(room):
    weekly(room.store, ON_TIME, {"2026-11-09": (8.0, 10.0)}, ZIJIN)
    assert isinstance(room.promises(COUNTY, area=ZIJIN), Done)
    assert isinstance(room.promises(LEADER, area=ZIJIN), Done)
    assert room.promises(COUNTY, area=ZIJIN, of_area=CITY).fields["of_area"].code is Code.OUTSIDE


# ---- what is done about it ----


@pytest.mark.parametrize(
    ("act", "state", "due"),
    [
        ("carried", "open", "2026-11-30"),
        ("kept", "kept", "2026-11-30"),
        ("broken", "broken", "2026-11-30"),
        ("withdrawn", "withdrawn", "2026-11-30"),
        ("note", "open", "2026-11-30"),
        ("moved", "open", "2026-12-14"),
    ],
)
def test_what_is_done_stands_on_the_promise(room, act, state, due):
    number = room.made()
    more = {"due": "2026-W51"} if act == "moved" else {}
    done = room.acts(number, act, version=1, **more)
    assert done == Done(number, 2, state)
    (row,) = rows_of(room.store, m.promise)
    assert (row.version, row.state, str(row.due_week)) == (2, state, due)
    assert [e.act for e in rows_of(room.store, m.audit)] == ["promise.made", f"promise.{act}"]


def test_a_history_replays_to_the_row(room, now):
    number = room.made()
    for act, more in (
        ("carried", {}), ("moved", {"due": "2026-W51"}), ("kept", {}), ("reopened", {}),
        ("note", {}), ("broken", {}),
    ):  # fmt: skip
        assert isinstance(room.acts(number, act, **more), Done)
    (row,) = rows_of(room.store, m.promise)
    with room.store.read() as conn:
        kept = promise_of(conn, number)
    assert (kept.now.version, kept.now.state.value, kept.now.due) == (
        row.version, row.state, row.due_week,
    )  # fmt: skip
    assert kept.now.carried == 1
    actions = ["made", "carried", "moved", "kept", "reopened", "note", "broken"]
    assert [e["action"] for e in kept.history] == actions


@pytest.mark.parametrize(
    ("act", "more", "field", "code"),
    [
        ("kept", {"note": " "}, "note", Code.MISSING),
        ("note", {"note": "长" * 501}, "note", Code.TOO_LONG),
        ("moved", {}, "due", Code.MISSING),
        ("moved", {"due": "2026-W49"}, "due", Code.ALREADY),
        ("moved", {"due": "2026-W40"}, "due", Code.PAST),
    ],
)
def test_an_act_says_which_field_is_wrong(room, act, more, field, code):
    assert room.acts(room.made(), act, **more).fields[field].code is code


def test_what_cannot_be_done_is_refused(room):
    number = room.made()
    assert room.acts(number, "reopened").code is Code.STILL_OPEN
    assert isinstance(room.acts(number, "carried"), Done)
    assert room.acts(number, "carried").code is Code.ALREADY
    assert isinstance(room.acts(number, "kept"), Done)
    assert room.acts(number, "broken").code is Code.ENDED
    assert room.acts(number, "made").code is Code.UNKNOWN
    assert room.acts(999, "kept").code is Code.UNKNOWN
    assert room.acts(number, "reopened", week=BEFORE).code is Code.PAST


def test_a_department_notes_on_its_own_promises_only(room):
    number = room.made()
    assert isinstance(room.acts(number, "note", DSB), Done)
    assert room.acts(number, "note", WATER).code is Code.OTHER_DEPARTMENT
    assert room.acts(number, "kept", DSB).code is Code.WRONG_ROLE
    assert room.acts(number, "note", OPERATOR).code is Code.WRONG_ROLE
    assert room.acts(number, "kept", COUNTY).code is Code.OTHER_AREA


def test_who_saw_an_older_version_is_told_what_happened_since(room):
    number = room.made()
    room.acts(number, "note", version=1, note="已约谈")
    found = room.acts(number, "kept", OTHER, version=1)
    assert isinstance(found, Conflict)
    assert (found.version, found.state) == (2, "open")
    assert [(s["action"], s["note"], s["by"]) for s in found.since] == [
        ("note", "已约谈", "陈立国")
    ]
    assert rows_of(room.store, m.promise)[0].state == "open"


def test_of_two_leaders_at_once_one_decides_and_the_other_sees_it(room):
    number, found, gate = room.made(), [], threading.Barrier(2)

    def one(actor, act):
        own = Store(room.store.url)
        gate.wait(10)
        with own.write() as conn:
            asked = Asked(act, WEEK, "会议决定", 1)
            keys = read_keys(conn)
            found.append(act_on_promise(conn, catalogue(), keys, number, asked, actor, room.now))
        own.dispose()

    wanted = ((LEADER, "kept"), (OTHER, "broken"))
    threads = [threading.Thread(target=one, args=w) for w in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(type(x).__name__ for x in found) == ["Conflict", "Done"]
    (done,) = [x for x in found if isinstance(x, Done)]
    (conflict,) = [x for x in found if isinstance(x, Conflict)]
    (row,) = rows_of(room.store, m.promise)
    assert (row.version, row.state) == (2, done.state) == (conflict.version, conflict.state)


@pytest.mark.parametrize("what", ["update", "delete"])
def test_what_was_done_cannot_be_changed(room, what):
    room.made()
    table = m.promise_event
    statement = table.update().values(note="x") if what == "update" else table.delete()
    with pytest.raises(DBAPIError), room.store.write() as conn:
        conn.execute(statement)


# ---- what a meeting follows ----


def followed(room, week=WEEK, **more):
    return [p["id"] for p in room.minutes(week, **more)["promises"]]


def test_a_meeting_follows_what_is_open_and_what_it_decided(room, now):
    past = now - timedelta(weeks=2)
    early = room.made(week="2026-W44", due="2026-W45", now=past)
    decided = room.made(week="2026-W44", due="2026-W50", now=past)
    room.acts(decided, "kept", week=BEFORE, now=now - timedelta(weeks=1))
    new = room.made()
    assert followed(room, "2026-W44") == [early, decided]
    assert followed(room, BEFORE) == [early, decided]
    assert followed(room) == [early, new]
    lines = {p["id"]: p for p in room.minutes()["promises"]}
    assert (lines[early]["overdue"], lines[new]["overdue"]) == (True, False)


def test_a_promise_is_overdue_once_its_due_week_is_over(room, now):
    room.made(due="2026-W47")
    (line,) = room.minutes()["promises"]
    assert line["overdue"] is False
    (line,) = room.minutes(now=now + timedelta(days=5))["promises"]
    assert line["overdue"] is True


def test_another_area_follows_its_own(room):
    room.made()
    assert followed(room, area=ZIJIN) == []


@pytest.mark.parametrize(
    ("actor", "area", "can"),
    [
        (LEADER, CITY, {"promise", "freeze", "edit", "remark"}),
        (COUNTY, CITY, set()),
        (COUNTY, ZIJIN, {"promise", "freeze", "edit", "remark"}),
        (OPERATOR, ZIJIN, {"edit", "remark"}),
        (DSB, CITY, {"note"}),
        (VIEWER, CITY, set()),
    ],
)
def test_a_page_asks_what_its_reader_may_do(actor, area, can):
    assert may(catalogue(), actor, area) == can


@pytest.mark.parametrize("week", ["0001-W01", "2011-W01", "2026-W47", "2031-W10", "9998-W52"])
def test_a_week_nobody_met_about_has_minutes_that_say_so(room, week):
    told = room.minutes(week)
    assert (told["edits"], told["frozen"], told["earlier"]) == ([], None, [])
    assert [r["kind"] for r in told["reminders"]] == ["preread", "meeting", "followup"]
