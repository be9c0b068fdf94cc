"""A case that comes without a due time gets that of its duty; one that has it keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data import models as m
from data.cases.clocks import due_at
from data.catalogue import catalogue
from data.ingest.case_due import due_by_duty
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import TOWNS, count, local, rows_of, take

REPORTED = local("2026-09-29 16:00")
"""A Tuesday; the National Day is off from 1 to 7 October, and 10 October is worked."""


def due_of(store, code, **more):
    told = request("HL-1", code, at=REPORTED, **more)
    take(store, "hotline", requests(told), now=NOW)
    return rows_of(store, m.cases)[0].due_at


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ("01", "2026-10-08 17:30"),  # 2 working days
        ("02", "2026-10-19 17:30"),  # 10 working days
        ("03", "2026-10-26 17:30"),  # 15 working days
    ],
)
def test_the_hotline_has_its_own_working_days(store, code, due):
    assert due_of(store, code) == local(due)
    assert count(store, m.case_clock) == 0, "a clock is kept of cases that are led here"


def test_a_time_that_the_platform_gives_stands(store):
    given = local("2026-10-01 12:00")
    assert due_of(store, "01", expected_datetime=given.isoformat()) == given


def test_what_was_counted_once_stays_when_it_is_told_again(store):
    kept = due_of(store, "01")
    moved = kept + timedelta(days=1)
    with store.write() as conn:
        conn.execute(m.cases.update().values(due_at=moved))
    later = {"updated_datetime": (REPORTED + timedelta(hours=1)).isoformat()}
    assert due_of(store, "01", status_notes="处置中", **later) == moved
    row = rows_of(store, m.cases)[0]
    assert row.state == "handling"
    latest = {"updated_datetime": (REPORTED + timedelta(hours=2)).isoformat()}
    assert due_of(store, "02", **latest) == local("2026-10-19 17:30"), "another kind, another limit"


def test_counting_once_a_day_is_as_counting_each():
    facts, limits = catalogue(), {}
    areas = [facts.areas[code].level for code in ("441600", "441602", TOWNS[0])]
    for category in facts.categories:
        for level in areas:
            for hours in (0, 3, 9, 13, 20, 41):
                start = datetime(2026, 9, 28, 16, 0, 1, tzinfo=UTC) + timedelta(hours=hours)
                rule = facts.clock(facts.duty_of(category, level, start).clocks.total, start)
                counted = due_by_duty(facts, category, level, start, limits)
                assert counted == due_at(rule, start, facts.calendar), (category, start)


def test_an_unknown_category_is_not_guessed():
    with pytest.raises(KeyError):
        due_by_duty(catalogue(), "no_such", 1, NOW, {})
