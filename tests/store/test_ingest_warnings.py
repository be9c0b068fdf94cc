"""Warnings from outside: raised, replaced, cancelled, in whatever order they arrive."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from data import models as m
from data.queries.warnings import in_force
from tests.conftest import NOW
from tests.shared_samples import payload
from tests.store.payloads import alert, feed
from tests.store.support import CITY, YUANCHENG, ZIJIN, rows_of, take, values

T0, T1, T2 = (NOW - timedelta(minutes=n) for n in (30, 20, 10))
RAISED = alert("A1", sent=T0, expires=NOW + timedelta(hours=3), colour="Yellow")
UPDATED = alert("A2", sent=T1, msg_type="Update", references=(("A1", T0),), colour="Red",
                expires=NOW + timedelta(hours=6))  # fmt: skip
CANCELLED = alert("A3", sent=T2, msg_type="Cancel", references=(("A2", T1),))


def headings(store, now=NOW):
    with store.read() as conn:
        return [w.headline.rsplit(" ", 1)[-1] for w in in_force(conn, now=now)]


def counted(store, now=NOW):
    """Return the number of warnings in force as the indicator says it, by area."""
    minute = now.replace(second=0)
    return {area: num for (area, at), (num, _) in values(store, "PS-33").items() if at == minute}


def test_alert_update_and_cancel_are_one_warning_that_ends(store):
    take(store, "warnings", feed(RAISED), now=T0)
    assert headings(store, T0) == ["A1"]
    take(store, "warnings", feed(UPDATED), now=T1)
    assert headings(store, T1) == ["A2"]
    assert counted(store, T1)[ZIJIN] == 1
    take(store, "warnings", feed(CANCELLED))
    assert headings(store) == []
    assert counted(store) == dict.fromkeys(counted(store), 0)
    ended = {r.identifier: (r.ended_at, r.ended_by) for r in rows_of(store, m.external_alert)}
    assert ended == {"A1": (T1, "A2"), "A2": (T2, "A3"), "A3": (None, None)}


@pytest.mark.parametrize("order", list(itertools.permutations((RAISED, UPDATED, CANCELLED))))
def test_the_order_of_arrival_does_not_matter(store, order):
    for turn, message in enumerate(order):
        take(store, "warnings", feed(message), now=NOW + timedelta(seconds=turn))
    assert headings(store) == []
    ended = {r.identifier: r.ended_by for r in rows_of(store, m.external_alert)}
    assert ended == {"A1": "A2", "A2": "A3", "A3": None}


def test_a_message_of_one_file_ends_another_of_the_same_file(store):
    take(store, "warnings", feed(CANCELLED, UPDATED, RAISED))
    assert headings(store) == []


@pytest.mark.parametrize("first", [0, 1])
def test_a_later_issue_under_the_same_identifier_replaces_the_earlier(store, first):
    files = [
        feed(alert("A1", sent=T0, colour="Blue", expires=NOW + timedelta(hours=3))),
        feed(alert("A1", sent=T1, msg_type="Update", references=(("A0", T0),), colour="Red",
                   expires=NOW + timedelta(hours=3))),
    ]  # fmt: skip
    take(store, "warnings", files[first])
    take(store, "warnings", files[1 - first])
    with store.read() as conn:
        assert [w.level for w in in_force(conn, now=NOW)] == [1]


def test_a_cancel_of_another_sender_ends_nothing(store):
    other = alert(
        "A3", sent=T2, msg_type="Cancel", references=(("A1", T0),), sender="x@else.example"
    )
    take(store, "warnings", feed(RAISED, other))
    assert headings(store) == ["A1"]


@pytest.mark.parametrize("status", ["Test", "Exercise", "Draft", "System"])
def test_a_test_is_kept_and_never_counted(store, status):
    take(store, "warnings", feed(alert("T1", status=status, expires=NOW + timedelta(hours=3))))
    assert len(rows_of(store, m.external_alert)) == 1
    assert headings(store) == []
    assert counted(store)[CITY] == 0


def test_a_test_that_cancels_does_not_end_a_real_warning(store):
    test = alert("A3", sent=T2, msg_type="Cancel", status="Test", references=(("A1", T0),))
    take(store, "warnings", feed(RAISED, test))
    assert headings(store) == ["A1"]


def test_a_warning_ends_by_itself_when_it_expires(store):
    take(store, "warnings", feed(RAISED))
    end = NOW + timedelta(hours=3)
    assert headings(store, end - timedelta(seconds=1)) == ["A1"]
    assert headings(store, end) == []
    take(store, "warnings", feed(RAISED), now=end)
    assert counted(store, end)[CITY] == 0


def test_a_warning_for_later_holds_from_its_time(store):
    start = NOW + timedelta(hours=1)
    take(store, "warnings", feed(alert("A1", sent=T0, effective=start)))
    assert headings(store) == []
    assert headings(store, start) == ["A1"]


def test_a_warning_without_end_holds_until_it_is_cancelled(store):
    take(store, "warnings", feed(alert("A1", sent=T0)))
    assert headings(store, NOW + timedelta(days=30)) == ["A1"]


def test_a_warning_counts_for_its_county_and_once_for_the_city(store):
    two = feed(RAISED, alert("B1", sent=T0, geocode="441602", colour="Red"))
    take(store, "warnings", two)
    found = counted(store)
    assert (found[ZIJIN], found[YUANCHENG], found[CITY]) == (1, 1, 2)
    assert len(found) == 9
    grave = {a: n for (a, _), (n, _) in values(store, "PS-34").items()}
    assert (grave[ZIJIN], grave[YUANCHENG], grave[CITY]) == (0, 1, 1)


def test_a_warning_for_the_city_counts_for_every_county(store):
    take(store, "warnings", feed(alert("A1", sent=T0, geocode="441600")))
    assert set(counted(store).values()) == {1}


def test_a_warning_for_another_city_is_kept_and_not_shown(store):
    take(store, "warnings", feed(alert("A1", sent=T0, geocode="440100", area="广州市")))
    assert headings(store) == []
    assert len(rows_of(store, m.external_alert)) == 1


def test_a_place_is_known_by_its_name_or_its_outline(store):
    named = alert("A1", sent=T0, geocode="", area="紫金县、龙川县")
    take(store, "warnings", feed(named))
    take(store, "warnings", payload("rainstorm.atom.xml"))
    with store.read() as conn:
        (found,) = in_force(conn, now=NOW)
    assert found.areas == {"441621", "441622"}


def test_a_response_level_is_shown_and_is_no_warning_count(store):
    take(store, "warnings", feed(RAISED, alert("R1", sent=T0, geocode="441600", response="III")))
    assert sorted(headings(store)) == ["A1", "R1"]
    assert counted(store)[CITY] == 1


def test_the_gravest_warning_comes_first(store):
    colours = ("Blue", "Red", "Yellow", "Orange")
    take(store, "warnings", feed(*(alert(c, sent=T0, colour=c) for c in colours)))
    assert headings(store) == ["Red", "Orange", "Yellow", "Blue"]


def test_an_empty_feed_says_that_all_is_quiet(store):
    take(store, "warnings", feed())
    assert counted(store) == dict.fromkeys(counted(store), 0)
    assert len(counted(store)) == 9
