"""A pack comes out as it went in, says when it was touched, and hides what is hidden since."""

from __future__ import annotations

from datetime import date

import pytest

from data.review.masking import masked
from data.review.packing import (
    BrokenPackError,
    Content,
    canonical,
    changes,
    changes_in_sparks,
    definitions_of,
    pack,
    unpack,
)
from data.vocabulary.review_terms import Doubt
from tests.reviews import BEFORE, CITY, WEEK, cells, message, review, row

LATE, SHARE, SMALL = "GS-16", "GS-07", "HE-23"
"""A gauge, a share with decimals, a count of persons."""
EDIT = {"key": "signal:GS-07", "text": {"zh": "按时率回升"}, "by": "陈立国", "at": 1.0}


def content(told, catalogue):
    return Content(told, [EDIT], definitions_of(told, catalogue.indicators))


def test_what_was_frozen_comes_out_as_it_was(catalogue):
    told = review(
        row(SHARE, 81.25),
        matrix=[cells(LATE, {"441602": 3.0})],
        departments=[{"key": "dsb", "cards": {1: 2, 3: 1}}],
    )
    first = content(told, catalogue)
    payload, sha256 = pack(first)
    assert unpack(payload, sha256) == first
    assert set(first.definitions) == {SHARE, LATE}
    assert first.definitions[SHARE]["version"] == catalogue.indicators[SHARE].version


def test_the_same_content_has_the_same_text(catalogue):
    one = content(review(row(SHARE, 81.25)), catalogue)
    other = Content(dict(reversed(one.review.items())), one.edits, one.definitions)
    assert canonical(one) == canonical(other)


def test_a_touched_byte_is_noticed(catalogue):
    payload, sha256 = pack(content(review(row(SHARE, 81.25)), catalogue))
    touched = bytes([*payload[:40], payload[40] ^ 1, *payload[41:]])
    with pytest.raises(BrokenPackError):
        unpack(touched, sha256)
    with pytest.raises(BrokenPackError):
        unpack(payload, "0" * 64)


def test_a_number_that_is_none_is_not_frozen(catalogue):
    with pytest.raises(ValueError, match="JSON"):
        pack(content(review(row(SHARE, float("nan"))), catalogue))


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (81.24, 81.16, False),
        (81.24, 81.26, True),
        (81.2, None, True),
        (None, 81.2, True),
        (None, None, False),
        (0.0, -0.01, False),
    ],
)
def test_a_number_is_restated_when_it_looks_otherwise(catalogue, was, now, told):
    assert catalogue.indicators[SHARE].decimals == 1
    found = changes(content(review(row(SHARE, was)), catalogue), review(row(SHARE, now)))
    assert bool(found) is told
    assert [(c.was, c.now) for c in found] == ([(was, now)] if told else [])


def test_the_areas_below_are_compared_where_both_show_them(catalogue):
    before = content(
        review(row(LATE, 5.0), matrix=[cells(LATE, {"441602": 3.0, "441621": 2.0})]), catalogue
    )
    now = review(row(LATE, 5.0), matrix=[cells(LATE, {"441602": 4.0})])
    assert [(c.area, c.was, c.now) for c in changes(before, now)] == [("441602", 3.0, 4.0)]


def test_an_indicator_that_is_gone_is_told(catalogue):
    found = changes(content(review(row(LATE, 5.0)), catalogue), review())
    assert [(c.code, c.now) for c in found] == [(LATE, None)]


def test_last_weeks_pack_is_compared_with_this_weeks_sparkline(catalogue):
    before = content(review(row(SHARE, 81.2, week=BEFORE), week=BEFORE), catalogue)
    later = review(row(SHARE, 82.0, spark=(80.4, 82.0), first="2026-11-02"))
    (one,) = changes_in_sparks(before, later, 0)
    assert (one.was, one.now) == (81.2, 80.4)
    assert changes_in_sparks(before, later, 2) == []
    mixed = review(row(SHARE, 82.0, spark=(None, 82.0), first="2026-11-02"))
    assert changes_in_sparks(before, mixed, 0) == []


def shut_here(code, area, week):
    return (code, area, week) == (SMALL, CITY, date(2026, 11, 9))


def test_what_is_hidden_since_is_hidden_in_the_pack_too(catalogue):
    told = review(
        row(SMALL, 12.0, spark=(20.0, 12.0), first="2026-11-02"),
        row(SHARE, 81.2, spark=(80.0, 81.2), first="2026-11-02"),
        matrix=[cells(SMALL, {"441602": 12.0, CITY: 12.0})],
        messages=[message("a", SMALL), message("b", SHARE)],
    )
    shown = masked(told, frozenset({SMALL}), shut_here)
    small, share = shown["rows"]
    assert (small["now"]["value"], small["now"]["doubt"]) == (None, Doubt.HIDDEN)
    assert small["spark"]["values"] == [None, None]
    assert share == told["rows"][1]
    assert [c["figure"]["value"] for c in shown["matrix"][0]["cells"]] == [12.0, None]
    assert [m["key"] for m in shown["messages"]] == ["b"]
    assert told["rows"][0]["now"]["value"] == 12.0


def test_a_week_of_the_sparkline_that_is_hidden_hides_the_row(catalogue):
    told = review(row(SMALL, 30.0, week=WEEK, spark=(12.0, 30.0), first="2026-11-02"))
    shown = masked(told, frozenset({SMALL}), lambda c, a, w: w == date(2026, 11, 2))
    assert shown["rows"][0]["now"]["value"] is None


def test_without_small_counts_nothing_is_asked():
    told = review(row(SHARE, 81.2))

    def never(*_):
        raise AssertionError

    assert masked(told, frozenset({SMALL}), never) is told
