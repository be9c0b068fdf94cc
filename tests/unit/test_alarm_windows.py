"""A window covers what it names; a wish that makes no sense or meets another is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.alarms.windows import (
    KnownNames,
    Scope,
    Window,
    WindowFault,
    WindowKind,
    WindowWish,
    refused,
)
from tests.conftest import NOW

HOUR = timedelta(hours=1)
KNOWN = KnownNames({"flood", "silence"}, {"441600", "441602"}, {"weather"})
SCOPE = Scope(rule="flood", area="441602")
WISH = WindowWish("planned", SCOPE, NOW + HOUR, NOW + 3 * HOUR, "排水管网检修")
STANDING = Window(7, WindowKind.PLANNED, SCOPE, NOW + HOUR, NOW + 2 * HOUR, "…", "王")


def fault(wish=WISH, standing=(), now=NOW):
    found = refused(wish, KNOWN, standing, now)
    return found and found.fault


def test_a_good_wish_is_not_refused():
    assert fault() is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "holiday"}, WindowFault.UNKNOWN_KIND),
        ({"scope": Scope()}, WindowFault.NO_SCOPE),
        ({"scope": Scope(rule="nothing")}, WindowFault.UNKNOWN_RULE),
        ({"scope": Scope(area="1")}, WindowFault.UNKNOWN_AREA),
        ({"scope": Scope(object="x")}, WindowFault.UNKNOWN_OBJECT),
        ({"ends_at": NOW + HOUR}, WindowFault.END_BEFORE_START),
        ({"ends_at": NOW}, WindowFault.END_BEFORE_START),
        ({"starts_at": NOW - 3 * HOUR, "ends_at": NOW - HOUR}, WindowFault.PAST),
        ({"starts_at": NOW - HOUR}, WindowFault.PAST),
        ({"ends_at": NOW + timedelta(days=33)}, WindowFault.TOO_LONG),
        (
            {"starts_at": NOW + timedelta(days=400), "ends_at": NOW + timedelta(days=401)},
            WindowFault.TOO_FAR,
        ),
        ({"reason": "  "}, WindowFault.REASON_MISSING),
        ({"reason": "长" * 501}, WindowFault.REASON_TOO_LONG),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_its_reason(change, expected):
    assert fault(replace(WISH, **change)) is expected


def test_an_overlap_of_the_same_kind_and_scope_names_the_other():
    found = refused(WISH, KNOWN, [STANDING], NOW)
    assert found is not None
    assert (found.fault, found.what, found.other) == (WindowFault.OVERLAPS, "7", STANDING)


def test_another_kind_or_scope_is_no_overlap_nor_is_one_that_begins_as_it_ends():
    assert fault(standing=[replace(STANDING, kind=WindowKind.SERVICE)]) is None
    assert fault(standing=[replace(STANDING, scope=Scope(rule="flood"))]) is None
    assert fault(standing=[replace(STANDING, ends_at=WISH.starts_at, starts_at=NOW)]) is None


def test_a_clock_back_in_1970_refuses_instead_of_taking_a_window_of_fifty_years():
    assert fault(now=NOW.replace(year=1970)) is WindowFault.TOO_FAR


@given(
    named=st.tuples(*(st.sampled_from([None, "a", "b"]) for _ in range(3))),
    asked=st.tuples(*(st.sampled_from(["a", "b"]) for _ in range(3))),
)
def test_covers_is_what_all_named_share(named, asked):
    rule, area, thing = named
    areas = frozenset({area}) if area else None
    window = replace(STANDING, scope=Scope(rule, area, thing), areas=areas)
    expected = all(n is None or n == a for n, a in zip(named, asked, strict=True))
    assert window.covers(*asked) is expected
