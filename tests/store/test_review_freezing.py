"""A week is frozen once, by a person or the clock; later pages say what is another number since."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data import models as m
from data.catalogue import catalogue
from data.commands.review import Code, Done, Refusal, freeze_due
from data.queries.keys import read_keys
from data.queries.review.packs import pack
from data.vocabulary import LOCAL, Grain
from tests.reviews import BEFORE, CITY, RUNNING, WEEK, cells, review, row
from tests.store.meeting import COUNTY, FEVER, LEADER, ON_TIME, OPERATOR, ZIJIN, Room
from tests.store.support import count, observed, put, rows_of

LATE, CALLS = "GS-16", "PS-01"


@pytest.fixture
def room(store):
    return Room(store)


def shown(*rows, **more):
    return review(*(rows or (row(ON_TIME, 81.2),)), **more)


def kept(room, week=WEEK, area=CITY):
    with room.store.read() as conn:
        return pack(conn, catalogue(), read_keys(conn), week, area)


def test_a_frozen_week_is_kept_with_its_wordings_and_definitions(room, now):
    room.edits("按时率回升")
    done = room.freezes(shown())
    assert isinstance(done, Done)
    found = kept(room)
    assert (found.sha256, found.frozen_by, found.frozen_at) == (done.sha256, "陈立国", now)
    assert found.content.review == shown()
    assert [e["text"]["zh"] for e in found.content.edits] == ["按时率回升"]
    entry = found.content.definitions[ON_TIME]
    assert (entry["version"], entry["entry"]["code"]) == (1, ON_TIME)
    (audit,) = [a for a in rows_of(room.store, m.audit) if a.act == "review.freeze"]
    assert audit.after["sha256"] == done.sha256


def test_a_week_is_frozen_once(room, now):
    room.freezes(shown())
    refused = room.freezes(shown())
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params["at"]) == (Code.ALREADY, now)
    assert isinstance(room.freezes(shown(area=ZIJIN), area=ZIJIN), Done)


@pytest.mark.parametrize(
    ("told", "week", "code"),
    [
        (shown(week=RUNNING), RUNNING, Code.NOT_OVER),
        (shown(week="2026-W48"), "2026-W48", Code.IN_THE_FUTURE),
        (None, WEEK, Code.NOT_COUNTED),
        (shown(week=BEFORE), WEEK, Code.NOT_COUNTED),
        (shown(area=ZIJIN), WEEK, Code.NOT_COUNTED),
        (shown(whole=False), WEEK, Code.NOT_COUNTED),
        (review(), WEEK, Code.NOT_COUNTED),
    ],
)
def test_only_a_week_that_is_over_and_counted_is_frozen(room, told, week, code):
    assert room.freezes(told, week=week).code is code
    assert count(room.store, m.review_pack) == 0


def test_only_a_leader_of_the_area_freezes(room):
    assert room.freezes(shown(), OPERATOR).code is Code.WRONG_ROLE
    assert room.freezes(shown(), COUNTY).code is Code.OTHER_AREA
    assert isinstance(room.freezes(shown(area=ZIJIN), COUNTY, area=ZIJIN), Done)


@pytest.mark.parametrize("what", ["update", "delete"])
def test_a_pack_cannot_be_changed(room, what):
    room.freezes(shown())
    table = m.review_pack
    statement = table.update().values(sha256="0" * 64) if what == "update" else table.delete()
    with pytest.raises(DBAPIError), room.store.write() as conn:
        conn.execute(statement)


def test_a_pack_that_was_touched_around_the_store_is_told(room):
    room.freezes(shown())
    assert room.minutes()["frozen"]["intact"] is True
    with room.store.write() as conn:
        off = ("drop trigger review_pack_no_update" if room.store.sqlite
               else "alter table review_pack disable trigger all")  # fmt: skip
        conn.execute(text(off))
        conn.execute(m.review_pack.update().values(payload=b"other"))
    frozen = room.minutes()["frozen"]
    assert (frozen["intact"], frozen["restated"]) == (False, [])
    assert kept(room).content is None


def test_a_week_that_nobody_froze_has_no_pack(room):
    assert kept(room) is None
    assert room.minutes()["frozen"] is None


# ---- was and now ----


def late_calls(room, *hours, rev=0):
    """Let calls of the week come in after it was frozen."""
    after = room.now + timedelta(hours=1)
    rows = [observed(CALLS, ZIJIN, f"2026-11-10T{h:02d}:00", 1 + rev) for h in hours]
    put(room.store, *rows, as_of=after, now=after)


def test_a_later_page_says_was_and_now_with_the_late_records(room):
    put(room.store, observed(CALLS, ZIJIN, "2026-11-10T01:00", 3), now=room.now)
    room.freezes(shown(row(CALLS, 81.0), row(ON_TIME, 81.2)))
    late_calls(room, 5, 6, 7)
    (told,) = room.minutes(review=shown(row(CALLS, 84.0), row(ON_TIME, 81.2)))["frozen"]["restated"]
    assert (told["code"], told["was"], told["now"]) == (CALLS, 81.0, 84.0)
    assert (told["late_records"], told["reason"], told["decimals"]) == (3, "late", 0)


def test_records_that_were_corrected_are_no_late_ones(room):
    put(room.store, observed(CALLS, ZIJIN, "2026-11-10T05:00", 3), now=room.now)
    room.freezes(shown(row(CALLS, 81.0), matrix=[cells(CALLS, {ZIJIN: 81.0, "441622": 4.0})]))
    late_calls(room, 5, rev=1)
    now = shown(row(CALLS, 80.0), matrix=[cells(CALLS, {ZIJIN: 80.0, "441622": 3.0})])
    found = {r["area"]: r for r in room.minutes(review=now)["frozen"]["restated"]}
    assert [found[a]["late_records"] for a in (CITY, ZIJIN, "441622")] == [1, 1, 0]
    assert {r["reason"] for r in found.values()} == {"corrected"}


def test_another_definition_is_the_reason(room, monkeypatch):
    room.freezes(shown(row(CALLS, 81.0)))
    facts = catalogue()
    changed = facts.indicators[CALLS].model_copy(update={"version": 2})
    monkeypatch.setitem(facts.indicators, CALLS, changed)
    (told,) = room.minutes(review=shown(row(CALLS, 84.0)))["frozen"]["restated"]
    assert told["reason"] == "definition"


def test_of_small_counts_neither_number_is_told(room):
    room.freezes(shown(row(FEVER, 22.0)))
    now = shown(row(FEVER, 23.0))
    (told,) = room.minutes(review=now)["frozen"]["restated"]
    assert (told["was"], told["now"], told["late_records"], told["reason"]) == (
        None, None, 0, "hidden",
    )  # fmt: skip


def test_a_small_count_that_is_hidden_now_is_hidden_in_its_pack(room):
    at = datetime(2026, 11, 10, 9, tzinfo=LOCAL)
    put(room.store, observed(FEVER, ZIJIN, at, 3, None, Grain.HOUR), now=room.now)
    room.freezes(shown(row(FEVER, 3.0, area=ZIJIN), row(ON_TIME, 81.2), area=ZIJIN), area=ZIJIN)
    small, share = kept(room, area=ZIJIN).content.review["rows"]
    assert (small["now"]["value"], small["now"]["doubt"]) == (None, "hidden")
    assert share["now"]["value"] == 81.2


def test_what_looks_the_same_is_not_restated(room):
    room.freezes(shown(row(ON_TIME, 81.24)))
    assert room.minutes(review=shown(row(ON_TIME, 81.16)))["frozen"]["restated"] == []


def test_this_weeks_page_says_what_changed_of_last_weeks(room):
    put(room.store, observed(CALLS, ZIJIN, "2026-11-10T01:00", 3), now=room.now)
    room.freezes(shown(row(CALLS, 81.0)))
    late_calls(room, 5, 6)
    later = review(row(CALLS, 90.0, spark=(70.0, 80.4, 90.0), first="2026-11-02"), week=RUNNING)
    told = room.minutes(RUNNING, later)
    assert told["frozen"] is None
    (last,) = told["earlier"]
    assert last["week"] == WEEK
    (one,) = last["restated"]
    assert (one["was"], one["now"], one["late_records"]) == (81.0, 80.4, 2)


def test_an_answer_is_kept_only_while_the_page_is_the_same(room):
    room.freezes(shown(row(CALLS, 81.0)))
    for mark, now, expected in (("a", 81.0, 0), ("a", 84.0, 0), ("b", 84.0, 1)):
        told = room.minutes(review=shown(row(CALLS, now), mark=mark))
        assert len(told["frozen"]["restated"]) == expected


# ---- by the clock ----

MONDAY = datetime(2026, 11, 23, 9, tzinfo=LOCAL)


class Built:
    """Builds a page and counts how often."""

    def __init__(self, *told):
        self.told, self.asked = told, []

    def __call__(self, conn, facts, keys, week, area, now):
        self.asked.append((week, area))
        return review(*self.told, week=week, area=area) if self.told else None


def due(room, now, build):
    with room.store.write() as conn:
        return freeze_due(conn, catalogue(), read_keys(conn), now, build)


def test_the_clock_freezes_the_week_when_its_pages_leave(room):
    build = Built(row(ON_TIME, 81.2))
    assert isinstance(due(room, MONDAY - timedelta(minutes=1), build), Done)
    assert build.asked == [(WEEK, CITY)]
    assert isinstance(due(room, MONDAY, build), Done)
    assert due(room, MONDAY + timedelta(minutes=1), build) is None
    packs = rows_of(room.store, m.review_pack)
    assert [(p.week, p.frozen_name, p.frozen_by) for p in packs] == [
        (date(2026, 11, 9), "system", None), (date(2026, 11, 16), "system", None),
    ]  # fmt: skip


def test_the_clock_leaves_what_a_person_froze(room):
    room.freezes(shown(week=RUNNING), LEADER, week=RUNNING, now=MONDAY - timedelta(hours=2))
    build = Built(row(ON_TIME, 81.2))
    assert due(room, MONDAY, build) is None
    assert build.asked == []


def test_a_page_that_cannot_be_counted_is_not_frozen_by_the_clock(room):
    assert due(room, MONDAY, Built()).code is Code.NOT_COUNTED
    assert count(room.store, m.review_pack) == 0


def test_reminders_know_what_was_done(room):
    now = MONDAY + timedelta(days=3)
    states = [r["state"] for r in room.minutes(RUNNING, now=now)["reminders"]]
    assert states == ["late", "done", "due"]
    due(room, now, Built(row(ON_TIME, 81.2)))
    room.made(week=RUNNING, due="2026-W50", now=now)
    states = [r["state"] for r in room.minutes(RUNNING, now=now)["reminders"]]
    assert states == ["done", "done", "done"]
