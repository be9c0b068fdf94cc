"""The closed loop of a week: totals that reconcile, departments, late cases, towns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from data import models as m
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import local, take
from tests.store.weeks import CITY, reviewed

MONDAY = local("2026-11-09T00:00")
"""Of the newest whole week, 2026-W46."""
LATER = MONDAY + timedelta(days=8)
ZIJIN = {"address": "河源市紫金县紫城镇"}


def at(day, hour=12):
    """Return an instant of a day of the week, 1 Monday; 8 is the Monday after."""
    return MONDAY + timedelta(days=day - 1, hours=hour)


def case(number, reported, closed=None, *, due=None, code="ZD-01", **more):
    """Return a request of the platform; days of the week."""
    told = {
        "at": reported,
        "service_code": code,
        "expected_datetime": (due or at(20)).isoformat(),
        "status_notes": "处置中",
    }
    if closed is not None:
        told |= {"status": "closed", "updated_datetime": closed.isoformat(), "status_notes": "办结"}
    return request(str(number), **(told | more))


def told(store, *cases, now=NOW):
    take(store, "yuepingan", requests(*cases), now=now)


def totals(store, week="2026-W46", area=CITY, now=NOW):
    found = reviewed(store, week, area, now=now)["totals"]
    come = found["before"] + found["new"] + found["reopened"]
    assert come - found["closed"] == found["open"]
    return found


def test_what_was_open_came_and_ended_makes_what_is_open(store):
    told(
        store,
        case(1, at(-3)),
        case(2, at(-3), at(2)),
        case(3, at(-9), at(-2)),
        case(4, at(1)),
        case(5, at(3), at(5)),
        case(6, at(3), at(8)),
        case(7, at(8)),
    )
    found = totals(store)
    counts = {k: found[k] for k in ("before", "new", "reopened", "closed", "open")}
    assert counts == {"before": 2, "new": 3, "reopened": 0, "closed": 2, "open": 3}
    assert (found["last_new"], found["last_closed"], found["last_open"]) == (2, 1, 2)


def test_a_county_has_its_own_and_the_city_has_all(store):
    told(store, case(1, at(1)), case(2, at(2), at(3), **ZIJIN))
    assert totals(store)["new"] == 2
    assert totals(store, area="441621")["new"] == 1
    assert totals(store, area="441621100")["closed"] == 1
    assert totals(store, area="441622")["new"] == 0


def test_a_case_that_came_back_is_reopened_and_not_new(store):
    told(store, case(1, at(-3), at(-1)), now=at(0))
    told(store, case(1, at(-3), status="open", updated_datetime=at(2).isoformat()), now=at(2, 13))
    found = totals(store)
    assert (found["before"], found["new"], found["reopened"], found["open"]) == (0, 0, 1, 1)
    assert (found["last_new"], found["last_closed"]) == (1, 1)


def test_a_case_that_came_back_after_the_week_was_ended_in_it(store):
    told(store, case(1, at(1), at(3)), now=at(4))
    told(store, case(1, at(1), status="open", updated_datetime=at(9).isoformat()), now=at(9, 13))
    found = totals(store)
    assert (found["new"], found["closed"], found["open"]) == (1, 1, 0)
    found = totals(store, "2026-W47")
    assert (found["before"], found["reopened"], found["open"]) == (0, 1, 1)


@pytest.mark.parametrize("state", ["merged", "rejected", "closed"])
def test_whichever_way_a_case_ended_it_is_closed(store, state):
    told(store, case(1, at(1), at(3)))
    with store.write() as conn:
        conn.execute(update(m.cases).values(state=state, closing="forced"))
    assert totals(store)["closed"] == 1


def test_times_that_run_backwards_still_reconcile(store):
    told(store, case(1, at(3), at(5)), case(2, at(-2), at(2)))
    with store.write() as conn:
        first = update(m.cases).where(m.cases.c.ext_id == "1")
        conn.execute(first.values(closed_at=at(-5)))
    found = totals(store)
    assert (found["before"], found["new"], found["closed"], found["open"]) == (1, 1, 2, 0)


def test_new_and_closed_by_day_add_up(store):
    told(store, case(1, at(1)), case(2, at(2), at(6)), case(3, at(7, 23), at(8)))
    review = reviewed(store)
    assert review["days"][0] == ("2026-11-09", 1, 0)
    assert review["days"][6] == ("2026-11-15", 1, 0)
    assert sum(new for _, new, _ in review["days"]) == review["totals"]["new"]
    assert sum(closed for *_, closed in review["days"]) == review["totals"]["closed"] == 1


def test_limits_that_fell_into_the_week_and_were_kept(store):
    told(
        store,
        case(1, at(1), at(2), due=at(3)),
        case(2, at(1), at(6), due=at(3)),
        case(3, at(1), due=at(4)),
        case(4, at(1), due=at(12)),
    )
    found = totals(store)
    assert (found["due"], found["on_time"], found["late"]) == (3, 1, 1)


def test_departments_stand_as_they_stood_when_the_week_ended(store):
    told(store, case(1, at(1), at(8), due=at(3)), case(2, at(1), at(2), due=at(3)))
    (line,) = reviewed(store)["departments"]
    assert (line["key"], line["due"], line["on_time"]) == ("emergency", 2, 1)
    assert (line["open"], line["overdue"]) == (1, 1)


def test_late_cases_stand_by_level_then_by_how_late(store):
    told(
        store,
        case(1, at(1), due=at(5)),
        case(2, at(1), due=at(2)),
        case(3, at(1), due=at(6)),
        case(4, at(1), due=at(9)),
        case(5, at(1), due=at(20)),
    )
    with store.write() as conn:
        for number, level in (("1", 3), ("2", 3), ("3", 1), ("4", 2), ("5", 2)):
            conn.execute(update(m.cases).where(m.cases.c.ext_id == number).values(level=level))
    review = reviewed(store)
    assert [(c["no"][-1], c["late"]) for c in review["late"]] == [
        ("3", True), ("2", True), ("1", True), ("4", False),
    ]  # fmt: skip
    (message,) = [x for x in review["messages"] if x["rule"] == "cases_overdue"]
    assert (message["level"], message["fields"]["count"]) == (1, 1)


def test_a_limit_that_was_moved_is_told_with_the_one_before(store):
    told(store, case(1, at(1), due=at(2)), now=at(1, 13))
    told(store, case(1, at(1), due=at(4), updated_datetime=at(2).isoformat()), now=at(2, 13))
    with store.write() as conn:
        conn.execute(update(m.cases).values(extensions=1))
    (found,) = reviewed(store)["late"]
    assert found["due"] == at(4).timestamp()
    assert found["was_due"] == at(2).timestamp()


def test_a_department_below_the_others_beyond_chance_is_told(store):
    good = [case(n, at(1), at(2), due=at(3), code="ZD-02") for n in range(60)]
    bad = [case(n, at(1), at(5), due=at(3)) for n in range(100, 140)]
    told(store, *good, *bad)
    review = reviewed(store)
    keys = {line["key"] for line in review["departments"]}
    assert len(keys) == 2
    (message,) = [x for x in review["messages"] if x["rule"] == "department_late"]
    assert (message["fields"]["on_time"], message["fields"]["due"]) == (0, 40)
    assert message["fields"]["others"] == 100.0
    assert message["key"] == f"department_late:{message['fields']['department']}"
