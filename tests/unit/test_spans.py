"""Days, weeks and months as places of a chart, and where a definition changed."""

from __future__ import annotations

from datetime import date

import pytest

from data.catalogue import catalogue
from data.catalogue.entries import SeriesBreak
from data.review.one_indicator import (
    Frame,
    Row,
    aim_of_row,
    between,
    breaks_of,
    charts,
    version_on,
    versions_of,
)
from data.review.period_figure import figure
from data.review.spans import Span, place, span_of, spans
from data.vocabulary import Grain
from data.vocabulary.review_terms import Doubt

KEPT = catalogue().indicators["PS-24"]
WEEK = Grain.WEEK


@pytest.mark.parametrize(
    ("day", "grain", "first", "last", "written"),
    [
        (date(2027, 1, 2), WEEK, date(2026, 12, 28), date(2027, 1, 3), "2026-W53"),
        (date(2024, 12, 31), WEEK, date(2024, 12, 30), date(2025, 1, 5), "2025-W01"),
        (date(2026, 2, 28), Grain.MONTH, date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
        (date(2026, 2, 28), Grain.DAY, date(2026, 2, 28), date(2026, 2, 28), "2026-02-28"),
    ],
)
def test_a_period_knows_its_ends_and_its_name(day, grain, first, last, written):
    span = span_of(day, grain)
    assert (span.first, span.last, span.written) == (first, last, written)
    assert span.step(1).step(-1) == span


def test_months_step_over_years():
    assert Span(Grain.MONTH, date(2026, 12, 1)).step(1).first == date(2027, 1, 1)
    assert Span(Grain.MONTH, date(2026, 1, 1)).step(-13).first == date(2024, 12, 1)


def test_every_day_between_is_in_exactly_one_period():
    every = spans(date(2026, 1, 1), date(2027, 1, 10), WEEK)
    assert every[0].first == date(2025, 12, 29)
    assert [b.first for b in every[1:]] == [a.step(1).first for a in every[:-1]]
    assert place(every, date(2026, 1, 4)) == 0
    assert place(every, date(2026, 1, 5)) == 1
    assert place(every, date(2030, 1, 1)) == len(every)


class Kept:
    """A row of `indicator_version`."""

    def __init__(self, number, since, **entry):
        self.version, self.valid_from = number, since
        self.entry = KEPT.model_dump(mode="json") | entry


def test_versions_end_where_the_next_begins_and_say_what_changed():
    found = versions_of([Kept(1, date(2020, 1, 1)), Kept(2, date(2026, 3, 4), factor=1.0)])
    assert [v["until"] for v in found] == ["2026-03-04", None]
    assert [v["changed"] for v in found] == [[], ["factor"]]
    assert [version_on(found, d) for d in (date(2019, 1, 1), date(2026, 3, 4))] == [1, 2]


def weeks_of(count):
    return [Span(WEEK, date(2026, 1, 5)).step(i) for i in range(count)]


def test_limits_begin_anew_with_the_first_whole_week_after_a_change():
    every = weeks_of(20)
    versions = versions_of([Kept(1, date(2020, 1, 1)), Kept(2, date(2026, 3, 4))])
    (line,) = breaks_of(KEPT, versions, every)
    frame = Frame(KEPT, every, [line], 20)
    assert every[line["at"]].first == date(2026, 3, 9)
    assert frame.cuts() == [line["at"]]
    assert [i for i in range(20) if frame.mixed(i)] == [line["at"] - 1]
    assert between([line], date(2026, 3, 1), date(2026, 3, 8))
    assert not between([line], date(2026, 3, 4), date(2026, 3, 8))


def test_what_was_bridged_cuts_nothing():
    gap = SeriesBreak(
        on=date(2026, 3, 4), why={"zh": "a", "en": "a"}, bridged={"zh": "b", "en": "b"}
    )
    (line,) = breaks_of(KEPT.model_copy(update={"breaks": (gap,)}), [], weeks_of(20))
    frame = Frame(KEPT, weeks_of(20), [line], 20)
    assert frame.cuts() == []
    assert not any(frame.mixed(i) for i in range(20))
    assert not between([line], date(2026, 1, 1), date(2026, 12, 31))


def test_weeks_that_are_not_over_are_in_no_limits():
    row = Row("x", [(90.0 + i % 3, 100.0) for i in range(20)], [False] * 20, [7] * 20)
    (drawn,) = charts([row], Frame(KEPT, weeks_of(20), [], 15))
    assert (drawn.n, drawn.points) == (15, 15)
    (nothing,) = charts([row], Frame(KEPT, weeks_of(20), [], 0))
    assert nothing.n == 0


def test_a_share_needs_as_many_days_as_are_usual_and_a_sum_needs_all():
    frame = Frame(KEPT, weeks_of(4), [], 4)
    row = Row("x", [(9.0, 10.0)] * 4, [False] * 4, [5, 5, 5, 3])
    assert [row.figure(frame, i)["doubt"] for i in range(4)] == [None, None, None, Doubt.PARTIAL]
    calls = Frame(catalogue().indicators["PS-09"], weeks_of(4), [], 4)
    counts = Row("x", [(9.0, None)] * 4, [False] * 4, [7, 7, 7, 6])
    assert [counts.figure(calls, i)["doubt"] for i in range(4)] == [None] * 3 + [Doubt.PARTIAL]


@pytest.mark.parametrize(
    ("counts", "hidden", "doubt"),
    [
        (None, False, Doubt.NO_DATA),
        ((0.0, 0.0), False, Doubt.ZERO_DENOMINATOR),
        ((5.0, 10.0), True, Doubt.HIDDEN),
        ((5.0, 10.0), False, None),
    ],
)
def test_a_figure_without_a_value_says_why(counts, hidden, doubt):
    found = figure(KEPT, counts, told=7, of=7, hidden=hidden)
    assert found["doubt"] is doubt
    assert (found["value"] is None) is (doubt is not None)
    assert (found["n"] is None) is (doubt is not None) or doubt is Doubt.ZERO_DENOMINATOR
    if doubt is None:
        assert found["low"] < 50 < found["high"]


@pytest.mark.parametrize(
    ("kind", "limits", "ends"),
    [
        ("floor", {"levels": {"4": 98, "2": 85}, "low": {}}, (98, None)),
        ("ceiling", {"levels": {"4": 10, "3": 25}, "low": {}}, (None, 10)),
        ("range", {"levels": {"4": 93}, "low": {"4": 60}}, (60, 93)),
        ("band", {"levels": {}, "low": {}}, (None, None)),
        ("none", {}, (None, None)),
    ],
)
def test_a_kept_target_is_drawn_at_its_mildest_limit(kind, limits, ends):
    aim = aim_of_row(kind, limits, "x", "2026-01-01")
    assert (aim["low"], aim["high"]) == ends
