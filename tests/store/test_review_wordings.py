"""Wordings of messages and remarks: the newest stands, everything is kept, not everybody may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from data import models as m
from data.commands.review import Code, Done, Refusal
from tests.reviews import BEFORE
from tests.store.meeting import COUNTY, DSB, LEADER, OPERATOR, SECOND, VIEWER, ZIJIN, Room
from tests.store.support import count, rows_of


@pytest.fixture
def room(store):
    return Room(store)


def test_the_newest_wording_stands_by_language_and_says_whose_it_is(room, now):
    room.edits("按时率回升")
    room.edits("按时率连续两周回升", SECOND, now=now + timedelta(minutes=1))
    room.edits("On time rose", lang="en", now=now + timedelta(minutes=2))
    (edit,) = room.minutes()["edits"]
    assert edit["text"] == {"zh": "按时率连续两周回升", "en": "On time rose"}
    assert (edit["by"], edit["at"]) == ("王敏", (now + timedelta(minutes=2)).timestamp())
    assert count(room.store, m.review_edit) == 3


def test_a_wording_is_taken_back_to_what_the_rule_says(room):
    room.edits("按时率回升")
    room.edits(None)
    assert room.minutes()["edits"] == []
    assert [e.text for e in rows_of(room.store, m.review_edit)] == ["按时率回升", None]
    told = [(e.before["text"], e.after["text"]) for e in rows_of(room.store, m.audit)]
    assert told == [(None, "按时率回升"), ("按时率回升", None)]


def test_what_stands_already_is_not_written_again(room):
    assert room.edits(None) == Done(0)
    room.edits("按时率回升")
    assert room.edits("  按时率回升 ") == Done(0)
    assert count(room.store, m.review_edit) == 1


def test_each_week_and_area_has_its_own(room):
    room.edits("按时率回升")
    assert room.minutes(BEFORE)["edits"] == []
    assert room.minutes(area=ZIJIN)["edits"] == []


@pytest.mark.parametrize(
    ("text", "more", "field", "code"),
    [
        ("", {}, "text", Code.MISSING),
        ("长" * 601, {}, "text", Code.TOO_LONG),
        ("x", {"lang": "fr"}, "lang", Code.UNKNOWN),
        ("x", {"key": ""}, "key", Code.MISSING),
        ("x", {"key": "k" * 121}, "key", Code.TOO_LONG),
        ("x", {"key": "a\nb"}, "key", Code.UNKNOWN),
    ],
)
def test_a_wrong_wording_says_what_is_wrong(room, text, more, field, code):
    assert room.edits(text, **more).fields[field].code is code


@pytest.mark.parametrize(
    ("actor", "code"),
    [(VIEWER, Code.WRONG_ROLE), (DSB, Code.WRONG_ROLE), (COUNTY, Code.OTHER_AREA)],
)
def test_only_leaders_and_operators_of_the_area_word_messages(room, actor, code):
    assert room.edits("x", actor).code is code
    assert room.says("x", actor).code is code
    assert count(room.store, m.review_edit) == count(room.store, m.remark) == 0


def test_a_week_that_has_not_begun_has_no_messages(room):
    assert room.edits("x", week="2026-W48").code is Code.IN_THE_FUTURE


def test_what_was_written_stays(room):
    room.edits("按时率回升")
    with pytest.raises(DBAPIError), room.store.write() as conn:
        conn.execute(m.review_edit.update().values(text="x"))


# ---- remarks ----


def test_a_remark_is_told_newest_first_with_its_day(room, now):
    room.says("系统升级停机半日", day="2026-11-12")
    room.says("已恢复\n数据补齐", LEADER)
    newest, oldest = room.remarks()
    assert (newest["text"], newest["day"], newest["by"]) == ("已恢复\n数据补齐", None, "陈立国")
    assert (oldest["text"], oldest["day"], oldest["at"]) == (
        "系统升级停机半日", "2026-11-12", now.timestamp(),
    )  # fmt: skip
    assert room.remarks(ZIJIN) == []


@pytest.mark.parametrize(
    ("text", "more", "field", "code"),
    [
        (" ", {}, "text", Code.MISSING),
        ("长" * 1001, {}, "text", Code.TOO_LONG),
        ("x", {"day": "12/11"}, "day", Code.UNKNOWN),
        ("x", {"day": "2026-11-19"}, "day", Code.IN_THE_FUTURE),
    ],
)
def test_a_wrong_remark_says_what_is_wrong(room, text, more, field, code):
    assert room.says(text, **more).fields[field].code is code


@pytest.mark.parametrize("more", [{"code": "XX-1"}, {"area": "1"}])
def test_a_remark_is_about_what_there_is(room, more):
    assert room.says("x", **more).code is Code.UNKNOWN


def test_a_remark_is_withdrawn_by_its_author_or_a_leader_and_stays_in_the_store(room):
    first, second = room.says("一").id, room.says("二").id
    assert room.takes_back(first, SECOND).code is Code.NOT_YOURS
    assert isinstance(room.takes_back(first, OPERATOR), Done)
    assert isinstance(room.takes_back(second, LEADER), Done)
    assert room.takes_back(first, OPERATOR).code is Code.ALREADY
    assert [(r["withdrawn"], r["text"]) for r in room.remarks()] == [(True, ""), (True, "")]
    assert [r.text for r in rows_of(room.store, m.remark)] == ["一", "二"]


def test_a_county_leader_withdraws_what_was_said_of_the_county_only(room):
    city, county = room.says("一").id, room.says("二", area=ZIJIN).id
    refused = room.takes_back(city, COUNTY)
    assert isinstance(refused, Refusal)
    assert refused.code is Code.OTHER_AREA
    assert isinstance(room.takes_back(county, COUNTY), Done)
    assert room.takes_back(99, LEADER).code is Code.UNKNOWN
