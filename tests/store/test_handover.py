"""A handover is made once when a shift ends, stays as it was, and is signed by two persons."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from data import models as m
from data.cases.shifts import after, before, shift_at
from data.catalogue import catalogue
from data.commands.handover import HandoverError, Signer, make_due, sign
from data.queries.handover import gather, handovers
from data.queries.keys import read_keys
from data.vocabulary import LOCAL, Role
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import CITY, rows_of, take

SHIFTS = catalogue().loop.shifts
GOES = Signer(1, "王敏", Role.OPERATOR, None)
COMES = Signer(2, "张伟强", Role.OPERATOR, None)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("now", "key", "start"),
    [
        ("2026-11-18T08:00", "day", "2026-11-18T08:00"),
        ("2026-11-18T19:59", "day", "2026-11-18T08:00"),
        ("2026-11-18T23:00", "night", "2026-11-18T20:00"),
        ("2026-11-19T03:00", "night", "2026-11-18T20:00"),
    ],
)
def test_every_moment_is_in_exactly_one_shift(now, key, start):
    shift = shift_at(SHIFTS, at(now))
    assert (shift.key, shift.start) == (key, at(start))
    assert after(SHIFTS, before(SHIFTS, shift)) == shift


def matters(store, *cases):
    told = [
        request(str(n), at=NOW - timedelta(hours=30), service_code="ZD-01", status_notes="处置中",
                expected_datetime=(NOW + timedelta(hours=due)).isoformat(), priority=level)
        for n, (due, level) in enumerate(cases, 1)
    ]  # fmt: skip
    take(store, "yuepingan", requests(*told))


def gathered(store, now=NOW):
    with store.read() as conn:
        keys = read_keys(conn)
        return gather(conn, catalogue(), keys, CITY, shift_at(SHIFTS, now), now)


def test_what_is_grave_late_or_due_next_is_handed_over_with_the_reason(store):
    matters(store, (-1, "4"), (3, "3"), (200, "1"), (200, "4"))
    body = gathered(store)
    assert [c["case_no"] for c in body["cases"]] == ["yuepingan-3", "yuepingan-2", "yuepingan-1"]
    assert [c["why"] for c in body["cases"]] == [["grave"], ["due_next"], ["overdue"]]
    assert (body["totals"]["open"], body["totals"]["overdue"]) == (4, 1)


def test_a_source_that_is_not_heard_is_named(store):
    matters(store, (3, "3"))
    quiet = [q["name"]["en"] for q in gathered(store, NOW + timedelta(hours=2))["quiet"]]
    assert "Ping'an public safety" in quiet


def made(store, now):
    with store.write() as conn:
        return make_due(conn, catalogue(), read_keys(conn), now)


MORNING = at("2026-11-18T08:01")


def test_it_is_made_once_when_a_shift_ends_and_stays_as_it_was(store):
    matters(store, (3, "1"))
    assert len(made(store, MORNING)) == 1
    assert made(store, MORNING + timedelta(minutes=1)) == []
    with store.write() as conn:
        conn.execute(m.cases.update().values(closed_at=MORNING, title="other"))
    with store.read() as conn:
        (row,) = handovers(conn, catalogue(), read_keys(conn), CITY)
    assert (row["shift"]["en"], row["ends_at"]) == (
        "Night shift",
        at("2026-11-18T08:00").timestamp(),
    )
    assert row["body"]["cases"][0]["title"] != "other"


def test_of_a_shift_long_gone_nothing_is_made(store):
    assert made(store, at("2026-11-18T15:00")) == []


def put(store, number, signer, **more):
    with store.write() as conn:
        sign(conn, catalogue(), read_keys(conn), number, signer, now=MORNING, **more)


def test_whoever_goes_signs_first_and_whoever_comes_is_another_person(store):
    (number,) = made(store, MORNING)
    with pytest.raises(HandoverError, match="out_first"):
        put(store, number, COMES, coming=True)
    put(store, number, GOES, coming=False)
    with pytest.raises(HandoverError, match="same_person"):
        put(store, number, GOES, coming=True)
    put(store, number, COMES, coming=True)
    with pytest.raises(HandoverError, match="signed_already"):
        put(store, number, COMES, coming=True)
    (row,) = rows_of(store, m.handover)
    assert (row.out_name, row.in_name, row.agreed) == ("王敏", "张伟强", True)
    assert [a.act for a in rows_of(store, m.audit)] == ["handover.out", "handover.in"]


def test_an_objection_says_why(store):
    (number,) = made(store, MORNING)
    put(store, number, GOES, coming=False)
    with pytest.raises(HandoverError, match="note_missing"):
        put(store, number, COMES, coming=True, agreed=False)
    put(store, number, COMES, coming=True, agreed=False, note="两件超期未说明")
    (row,) = rows_of(store, m.handover)
    assert (row.agreed, row.in_note) == (False, "两件超期未说明")


@pytest.mark.parametrize(
    "signer",
    [Signer(3, "x", Role.VIEWER, None), Signer(4, "y", Role.OPERATOR, "441621")],
)
def test_only_a_duty_officer_or_leader_of_the_area_signs(store, signer):
    (number,) = made(store, MORNING)
    with pytest.raises(HandoverError, match="no_right"):
        put(store, number, signer, coming=False)
