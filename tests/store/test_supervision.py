"""Rates are over what fell due; cards are raised once, explain themselves and end with the case."""

from __future__ import annotations

from datetime import timedelta

from data import models as m
from data.catalogue import catalogue
from data.commands.supervision import look
from data.queries.keys import read_keys
from data.queries.supervision_board import supervision_board
from data.vocabulary.supervision import Period
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import rows_of, take

PERIOD = Period(NOW - timedelta(days=7), NOW + timedelta(days=1))
ZIJIN = {"address": "河源市紫金县紫城镇"}


def case(number, *, reported_h, due_h, closed_h=None, code="ZD-01", **more):
    """Return one request; hours before now, below 0 after."""
    told = {
        "at": NOW - timedelta(hours=reported_h),
        "service_code": code,
        "expected_datetime": (NOW - timedelta(hours=due_h)).isoformat(),
        "status_notes": "处置中",
    }
    if closed_h is not None:
        done = (NOW - timedelta(hours=closed_h)).isoformat()
        told |= {"status": "closed", "updated_datetime": done}
    return request(str(number), **(told | more))


def told(store, *cases, now=NOW):
    take(store, "yuepingan", requests(*cases), now=now)


def board(store, by="department", **more):
    with store.read() as conn:
        return supervision_board(conn, catalogue(), read_keys(conn), by, PERIOD, NOW, **more)


def line(store, key, by="department"):
    return next(x for x in board(store, by)["lines"] if x["key"] == key)


def looked(store, now=NOW):
    with store.write() as conn:
        return look(conn, catalogue(), read_keys(conn), now)


def test_the_rate_is_over_cases_that_fell_due_never_over_received(store):
    told(
        store,
        case(1, reported_h=30, due_h=10, closed_h=12),
        case(2, reported_h=30, due_h=10, closed_h=5),
        case(3, reported_h=30, due_h=10),
        case(4, reported_h=2, due_h=-20),
    )
    found = line(store, "emergency")
    assert (found["due"], found["on_time"], found["late"], found["overdue"]) == (3, 1, 1, 1)
    assert (found["open"], found["inside"]) == (2, 1)
    assert found["low"] < 1 / 3 < found["high"]


def test_what_was_never_owed_is_in_no_rate(store):
    told(store, case(1, reported_h=30, due_h=10, closed_h=12), case(2, reported_h=30, due_h=10))
    with store.write() as conn:
        conn.execute(m.cases.update().where(m.cases.c.ext_id == "2").values(state="merged"))
    assert line(store, "emergency")["due"] == 1


def test_a_case_set_aside_is_neither_on_time_nor_overdue(store):
    told(store, case(1, reported_h=30, due_h=10, status_notes="挂账"))
    found = line(store, "emergency")
    assert (found["due"], found["overdue"], found["inside"]) == (0, 0, 1)


def test_open_cases_count_in_the_time_to_the_end(store):
    told(
        store,
        case(1, reported_h=30, due_h=-10, closed_h=20),
        case(2, reported_h=30, due_h=-10, closed_h=10),
        case(3, reported_h=30, due_h=-10),
    )
    found = line(store, "emergency")
    assert (found["reported"], found["ended"]) == (3, 2)
    assert found["median"] == 20 * 3600
    assert found["p90"] is None


def test_by_county_and_by_category_the_same_cases_add_up(store):
    told(
        store,
        case(1, reported_h=30, due_h=10, closed_h=12),
        case(2, reported_h=30, due_h=10, code="ZD-02", **ZIJIN),
    )
    for by in ("department", "county", "category"):
        found = board(store, by)
        assert sum(x["due"] for x in found["lines"]) == found["whole"]["due"] == 2


def test_an_overdue_case_gets_one_card_that_says_why_and_what_is_next(store):
    told(store, case(1, reported_h=30, due_h=2))
    assert looked(store).raised == 1
    assert looked(store, NOW + timedelta(seconds=30)).raised == 0
    (card,) = board(store)["cards"]
    assert (card["rule"], card["colour"], card["state"]) == ("overdue", 2, "active")
    assert card["evidence"]["over_s"] == 7200
    assert card["next_step_at"] > NOW.timestamp()
    assert [e["action"] for e in card["history"]] == ["raised"]
    assert rows_of(store, m.cases)[0].supervised == 2


def test_a_card_moves_no_case_so_that_nobodys_act_is_refused_for_it(store):
    told(store, case(1, reported_h=30, due_h=2))
    before = rows_of(store, m.cases)[0].version
    looked(store)
    assert rows_of(store, m.cases)[0].version == before


def test_a_card_ends_with_its_case_but_an_open_appeal_is_still_decided(store):
    told(store, case(1, reported_h=30, due_h=2), case(2, reported_h=30, due_h=2))
    looked(store)
    first, second = sorted(rows_of(store, m.supervision_card), key=lambda r: r.case_id)
    with store.write() as conn:
        mine = m.supervision_card.c.id == second.id
        conn.execute(m.supervision_card.update().where(mine).values(state="appealed"))
        conn.execute(m.cases.update().values(closed_at=NOW))
    assert looked(store, NOW + timedelta(seconds=5)).ended == 1
    states = {r.id: r.state for r in rows_of(store, m.supervision_card)}
    assert states == {first.id: "ended", second.id: "appealed"}


def test_a_platform_that_has_gone_quiet_raises_no_card(store):
    told(store, case(1, reported_h=30, due_h=2))
    assert looked(store, NOW + timedelta(hours=3)).raised == 0
    with store.read() as conn:
        later = NOW + timedelta(hours=3)
        found = supervision_board(conn, catalogue(), read_keys(conn), "county", PERIOD, later)
    assert {"zh": "粤平安综治", "en": "Ping'an public safety"} in found["late"]


def test_a_filter_is_in_the_figures_and_in_the_cards(store):
    told(store, case(1, reported_h=30, due_h=2), case(2, reported_h=30, due_h=2, **ZIJIN))
    looked(store)
    with store.read() as conn:
        zijin = read_keys(conn).areas["441621"]
    found = board(store, where=[m.cases.c.county_id == zijin])
    assert found["whole"]["due"] == 1
    assert [c["county"]["en"] for c in found["cards"]] == ["Zijin"]
