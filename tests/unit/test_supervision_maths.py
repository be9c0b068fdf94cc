"""Time to the end with open cases censored, sure shares, and the ladder's grounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases.ladder import Watched, cards
from data.catalogue import catalogue
from data.indicators.interval import wilson
from data.indicators.survival import survival
from data.vocabulary import CaseState, Colour, Holder

NOW = datetime(2026, 11, 18, 4, tzinfo=UTC)


def test_without_open_ones_the_median_is_the_plain_one():
    told = survival([1, 2, 3, 4, 5], [True] * 5)
    assert (told.n, told.ended, told.median, told.p90) == (5, 5, 3.0, 5.0)


def test_open_cases_lengthen_the_time_instead_of_being_left_out():
    ended = survival([1, 2, 3, 4], [True] * 4)
    with_open = survival([1, 2, 3, 4, 4, 4, 4], [True] * 4 + [False] * 3)
    assert ended.median == 2.0
    assert with_open.median == 4.0
    assert with_open.p90 is None  # three of seven are open: the curve stops above a tenth


def test_the_curve_is_that_of_the_textbook():
    """Freireich 1963, 6-MP group: the median remission is 23 weeks, S stops at 0.448."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    told = survival([*ended, *censored], [True] * 9 + [False] * 12)
    assert (told.n, told.ended, told.median, told.p90) == (21, 9, 23.0, None)


def test_of_nothing_nothing_is_said():
    assert survival([], []).median is None
    assert wilson(0, 0) is None


@given(st.lists(st.tuples(st.floats(0, 1e7), st.booleans()), min_size=1, max_size=60))
def test_quantiles_are_times_that_happened_and_in_order(rows):
    told = survival([d for d, _ in rows], [e for _, e in rows])
    ends = {d for d, e in rows if e}
    assert told.median is None or told.median in ends
    if told.p90 is not None:
        assert told.median is not None
        assert told.median <= told.p90 <= told.longest


def test_ten_of_eleven_is_not_ninety_one_per_cent():
    low, high = wilson(10, 11)
    assert low == pytest.approx(0.6226, abs=1e-4)
    assert high == pytest.approx(0.9838, abs=1e-4)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_and_stays_a_share(part, more):
    whole = part + more
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1


# ---- the ladder ----


def case(left_h=None, whole_h=10.0, **more):
    due = NOW + timedelta(hours=left_h) if left_h is not None else None
    start = (due or NOW) - timedelta(hours=whole_h)
    told = {"state": CaseState.HANDLING, "holder": Holder.DEPARTMENT, "department": "water"}
    return Watched(id=1, start=start, due_at=due, **(told | more))


def raised(*watched, before=None):
    return [(c.rung.code, c.colour) for c in cards(watched, catalogue().ladder, before or {}, NOW)]


@pytest.mark.parametrize(
    ("left_h", "codes"),
    [
        (5, []),
        (1.9, [("due_soon", Colour.BLUE)]),
        (-0.1, [("overdue", Colour.YELLOW)]),
        (-5.1, [("overdue_long", Colour.RED)]),
        (None, []),
    ],
)
def test_a_delay_meets_its_rung_and_only_the_gravest_speaks(left_h, codes):
    assert raised(case(left_h)) == codes


def test_a_rung_speaks_once_for_a_case():
    assert raised(case(-0.1, carded=frozenset({"overdue"}))) == []


def test_after_a_grave_card_no_milder_one_follows():
    assert raised(case(-0.1, carded=frozenset({"overdue_long"}), marked=Colour.RED)) == []
    assert raised(case(-6, carded=frozenset({"overdue"}), marked=Colour.YELLOW)) == [
        ("overdue_long", Colour.RED)
    ]


@pytest.mark.parametrize(
    "kept", [{"trusted": False}, {"appealed": True}, {"holder": Holder.SUSPENDED}]
)
def test_no_card_from_what_is_late_itself_nor_while_an_appeal_or_a_suspension_stands(kept):
    assert raised(case(-20, **kept)) == []


def test_repeated_delay_is_one_card_for_all_of_them():
    before = {"water/overdue_three": 3, "water/overdue_twice": 3}
    assert raised(case(-0.1), case(-0.2), before=before)[0] == ("overdue_three", Colour.RED)
    assert [c for c, _ in raised(case(-0.1), case(-0.2), before=before)].count("overdue_three") == 1


def test_slow_steps_are_seen_before_the_limit():
    assert raised(case(4, steps=(1, 4)))[0] == ("progress_far_behind", Colour.RED)
    assert raised(case(4, steps=(3, 4))) == []


def test_a_card_says_its_grounds():
    (found,) = cards([case(-0.5)], catalogue().ladder, {}, NOW)
    assert found.evidence["over_s"] == 1800
    assert found.evidence["due_at"] == (NOW - timedelta(minutes=30)).isoformat()
