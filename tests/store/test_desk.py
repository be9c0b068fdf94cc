"""The desk's queue: who sees what, what narrows it, how it is ordered and counted."""

from __future__ import annotations

import pytest

from data import models as m
from data.catalogue import catalogue
from data.queries.cases import open_counts
from data.queries.desk import desk_counts, desk_numbers, desk_rows, last_told
from data.queries.desk_filter import Reader
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING, NOTHING, scope_of
from data.vocabulary import Role
from data.vocabulary.desk import DeskView
from tests.conftest import NOW
from tests.store.desk_cases import case_id, put
from tests.store.support import TOWNS, YUANCHENG, ZIJIN

CITY = Reader(1, Role.OPERATOR, EVERYTHING)


def reader(role: Role = Role.OPERATOR, *, area: str | None = None, department: str | None = None):
    scope = scope_of(catalogue(), role=role, department=department, area=area)
    return Reader(7, role, scope, department)


def seen(store, who=CITY, **view):
    """Return the numbers that somebody sees in a view, in its order."""
    with store.read() as conn:
        keys = read_keys(conn)
        found = desk_rows(conn, catalogue(), keys, who, DeskView(**view), now=NOW)
        same = desk_numbers(conn, keys, who, DeskView(**view), now=NOW, limit=500)
        counts = desk_counts(conn, keys, who, DeskView(**view), now=NOW)
    assert [r["no"] for r in found] == same
    assert counts["total"] == len(found)
    return same


def a(*words: str) -> frozenset[str]:
    return frozenset(words)


# ---- scope ----


def test_a_county_account_never_gets_another_countys_row(store):
    own, town, other = put(store), put(store, area=TOWNS[0]), put(store, area=ZIJIN)
    county = reader(area=YUANCHENG)
    assert set(seen(store)) == {own, town, other}
    assert set(seen(store, county)) == {own, town}
    assert seen(store, county, area=ZIJIN) == []
    assert seen(store, county, q=other) == []
    assert seen(store, reader(area=TOWNS[0])) == [town]


def test_a_number_that_is_asked_for_is_held_to_the_scope_too(store):
    put(store)
    other = put(store, area=ZIJIN)
    with store.read() as conn:
        keys = read_keys(conn)
        found = desk_rows(
            conn, catalogue(), keys, reader(area=YUANCHENG), DeskView(), now=NOW, numbers=[other]
        )
    assert found == []


def test_a_department_gets_what_it_leads_and_where_it_has_a_task(store):
    leads, helps, strange = put(store), put(store, category="fire"), put(store, category="dispute")
    with store.write() as conn:
        task = {
            "case_id": case_id(store, helps), "activity": "排水", "asked_at": NOW,
            "department_id": read_keys(conn).departments["water"],
        }  # fmt: skip
        conn.execute(m.case_task.insert().values(task))
    water = reader(Role.DEPARTMENT, department="water")
    assert set(seen(store, water)) == {leads, helps}
    assert strange not in seen(store, water, dept="politics_law")


def test_counts_never_tell_of_cases_outside_the_scope(store):
    put(store)
    put(store, area=ZIJIN, due=-3)
    with store.read() as conn:
        counts = desk_counts(conn, read_keys(conn), reader(area=YUANCHENG), DeskView(), now=NOW)
    assert counts["total"] == 1
    assert counts["overdue"] == 0
    assert counts["county"] == {YUANCHENG: 1}


def test_who_reaches_nothing_sees_nothing(store):
    put(store)
    assert seen(store, Reader(9, Role.VIEWER, NOTHING)) == []
    lost = reader(Role.DEPARTMENT, department="no_such")
    assert seen(store, lost) == []


# ---- what narrows ----


def test_closed_cases_are_not_on_the_desk(store):
    put(store, closed=True)
    assert seen(store) == []


@pytest.mark.parametrize(
    ("left", "hours"),
    [("overdue", -0.1), ("hour", 0.5), ("today", 5.0), ("later", 30.0), ("none", None)],
)
def test_each_case_is_in_exactly_one_word_for_time_left(store, left, hours):
    by_hours = {h: put(store, due=h) for h in (-0.1, 0.5, 5.0, 30.0, None)}
    assert seen(store, left=a(left)) == [by_hours[hours]]
    with store.read() as conn:
        counts = desk_counts(conn, read_keys(conn), CITY, DeskView(), now=NOW)
    assert counts["left"] == dict.fromkeys(("overdue", "hour", "today", "later", "none"), 1)


def test_places_domains_departments_states_and_levels_narrow(store):
    flood = put(store, area=TOWNS[0])
    crash = put(store, category="traffic_crash", state="handling", area=ZIJIN)
    assert seen(store, domain="transport") == [crash]
    assert seen(store, area=YUANCHENG) == [flood]
    assert seen(store, area=TOWNS[0]) == [flood]
    assert seen(store, dept="traffic_police") == [crash]
    assert seen(store, state=a("handling")) == [crash]
    assert seen(store, level=a("2")) == [flood]
    assert set(seen(store, level=a("2", "4"))) == {flood, crash}
    assert seen(store, area="999999") == []
    assert seen(store, domain="no_such") == []


@pytest.mark.parametrize("q", ["漏水", "新江路2号", "hl-77", "夜间 漏水", "Leak"])
def test_words_are_found_in_number_title_address_and_body(store, q):
    put(store)
    wanted = put(
        store, "HL-77", title="堤防漏水 leak", address="新江路2号", body="市民反映夜间渗水",
    )  # fmt: skip
    assert seen(store, q=q) == [wanted]


@pytest.mark.parametrize("q", ["100%", "a_b", "\\"])
def test_signs_of_a_pattern_are_only_letters(store, q):
    put(store, title="积水 1005 处 axb")
    wanted = put(store, title=f"积水 {q} 处")
    assert seen(store, q=q) == [wanted]


def test_the_court_of_who_reads(store):
    centre = put(store)
    working = put(store, holder="department", state="handling")
    asked = put(store, holder="approver", state="handling", category="fire")
    turn = a("turn")
    assert seen(store, only=turn) == [centre]
    assert set(seen(store, reader(Role.LEADER), only=turn)) == {centre, asked}
    assert seen(store, reader(Role.DEPARTMENT, department="water"), only=turn) == [working]
    assert seen(store, reader(Role.VIEWER), only=turn) == []


def test_unseen_waiting_for_approval_and_acted_on(store):
    plain = put(store, acknowledged_at=NOW)
    asked, mine = put(store, acknowledged_at=NOW), put(store)
    with store.write() as conn:
        approval = {
            "case_id": case_id(store, asked), "kind": "extension", "asked_at": NOW,
            "asked_name": "刘", "reason": "缺料", "wanted": {},
        }  # fmt: skip
        conn.execute(m.case_approval.insert().values(approval))
        note = {
            "case_id": case_id(store, mine), "seq": 2, "at": NOW, "recorded_at": NOW,
            "actor": "王", "actor_id": 1, "action": "note", "run_id": 0,
        }  # fmt: skip
        conn.execute(m.case_event.insert().values(note))
    assert seen(store, only=a("unseen")) == [mine]
    assert seen(store, only=a("asked")) == [asked]
    assert seen(store, only=a("mine")) == [mine]
    assert seen(store, only=a("mine", "asked")) == []
    assert plain in seen(store)
    with store.read() as conn:
        rows = desk_rows(conn, catalogue(), read_keys(conn), CITY, DeskView(), now=NOW)
    assert {r["no"]: r["asked"] for r in rows}[asked] == ["extension"]


def test_what_looks_told_twice_is_shown_till_somebody_says_it_is_not(store):
    place = {"lon": 114.7, "lat": 23.74}
    first, again = put(store, **place), put(store, ago=1, lon=114.7004, lat=23.7402)
    put(store, lon=114.8, lat=23.74)  # elsewhere
    put(store, category="fire", **place)  # something else
    put(store, ago=40, **place)  # long ago
    assert set(seen(store, only=a("twice"))) == {first, again}
    with store.write() as conn:
        link = {
            "case_id": case_id(store, first), "other_case_id": case_id(store, again),
            "kind": "not_the_same", "at": NOW, "by_name": "王",
        }  # fmt: skip
        conn.execute(m.case_link.insert().values(link))
    assert seen(store, only=a("twice")) == []


# ---- order, counts, amount ----


def test_the_order_is_level_then_time_left_and_no_limit_last(store):
    blue_late = put(store, category="dispute", due=-9)
    no_limit, soon, late = put(store, due=None), put(store, due=1), put(store, due=-1)
    red = put(store, category="hazmat", due=90)
    assert seen(store) == [red, late, soon, no_limit, blue_late]
    assert seen(store, sort="left") == [blue_late, late, soon, red, no_limit]


def test_newest_and_last_moved_first(store):
    old, new = put(store, ago=9, updated_at=NOW), put(store, ago=1)
    assert seen(store, sort="newest") == [new, old]
    assert seen(store, sort="moved") == [old, new]


def test_a_facet_is_counted_without_its_own_narrowing(store):
    put(store, state="handling")
    put(store)
    put(store, due=-1)
    view = DeskView(state=a("opened"), left=a("overdue"))
    with store.read() as conn:
        counts = desk_counts(conn, read_keys(conn), CITY, view, now=NOW)
    assert counts["total"] == counts["overdue"] == 1
    assert counts["state"] == {"opened": 1}  # of those overdue
    assert counts["left"] == {"overdue": 1, "today": 1}  # of those opened


def test_only_so_many_are_given_and_the_rest_is_counted(store):
    numbers = [put(store) for _ in range(5)]
    with store.read() as conn:
        keys = read_keys(conn)
        first = desk_rows(conn, catalogue(), keys, CITY, DeskView(), now=NOW, limit=2)
        rest = desk_rows(conn, catalogue(), keys, CITY, DeskView(), now=NOW, limit=9, offset=2)
        counts = desk_counts(conn, keys, CITY, DeskView(), now=NOW)
    assert [r["no"] for r in [*first, *rest]] == numbers
    assert len(first) == 2
    assert counts["total"] == 5


def test_before_anything_was_published_nothing_was_told(store):
    with store.read() as conn:
        assert last_told(conn, "441600") == {"seq": 0, "cases": []}


def test_a_suspended_case_is_never_over_whenever_its_limit_passed(store):
    late = put(store, due=-3.0)
    aside = put(store, due=-3.0, state="suspended", stage="handling")
    assert seen(store, left=a("overdue")) == [late]
    assert seen(store, left=a("later")) == [aside]
    with store.read() as conn:
        counts = desk_counts(conn, read_keys(conn), CITY, DeskView(), now=NOW)
        of_the_wall = open_counts(conn, NOW)
    assert counts["overdue"] == 1
    assert sum(n.overdue for n in of_the_wall) == 1
