"""Limits and labels equal those of NHSRplotthedots and qicharts2, to 1e-6."""

import json

import numpy as np
import pytest

from data.indicators.spc import Method, chart, moving_ranges
from data.indicators.spc.labels import label
from data.indicators.spc.rules import _marked, _runs, _trend
from data.vocabulary import Direction
from data.vocabulary.review_terms import ChartKind, Signal
from tests.shared_samples import sample_bytes
from tests.spc_samples import COSTS, ORDERS, column, reference

NHS = (
    ("ptd_england_4h_performance_target95", Direction.HIGHER, Method.MDC),
    ("ptd_england_attendances_neutral", Direction.NEUTRAL, Method.MDC),
    ("ptd_rnorm20_screened", Direction.HIGHER, Method.MDC),
    ("ptd_rnorm20_outlier10_screened", Direction.HIGHER, Method.MDC),
    ("ptd_rnorm20_outlier10_unscreened", Direction.HIGHER, Method.UNSCREENED),
)
POINT_TYPES = {
    "common_cause": Signal.COMMON,
    "special_cause_improvement": Signal.IMPROVEMENT,
    "special_cause_concern": Signal.CONCERN,
    "special_cause_neutral_high": Signal.NEUTRAL,
    "special_cause_neutral_low": Signal.NEUTRAL,
}


def same(line, wanted):
    np.testing.assert_allclose(line, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "direction", "method"), NHS)
def test_making_data_count_as_nhsrplotthedots(name, direction, method):
    rows = reference(name)
    found = chart(column(rows, "y"), direction=direction, method=method)
    same(found.centre, column(rows, "mean_col"))
    same(found.lower, column(rows, "lpl"))
    same(found.upper, column(rows, "upl"))
    labels = [label(*point) for point in zip(found.rules, found.toward, strict=True)]
    assert labels == [r["special_cause_type"] for r in rows]
    assert found.signals == [POINT_TYPES[r["point_type"]] for r in rows]


@pytest.mark.parametrize(
    ("name", "baseline"),
    [
        ("author_stored_montgomery_6.5_i", 20),
        ("qic_montgomery_6.5_i_freeze20", 20),
        ("qic_england_attendances_i", None),
    ],
)
def test_individuals_as_qicharts2(name, baseline):
    rows = reference(name)
    found = chart(column(rows, "y"), baseline=baseline, method=Method.SHEWHART)
    same(found.centre, column(rows, "cl"))
    same(found.lower, column(rows, "lcl"))
    same(found.upper, column(rows, "ucl"))
    outside = [
        value > high or value < low
        for value, low, high in zip(found.values, found.lower, found.upper, strict=True)
    ]
    assert outside == [r["sigma.signal"].lower() == "true" for r in rows]


@pytest.mark.parametrize(
    "name", ["author_stored_montgomery_6.5_mr", "qic_montgomery_6.5_mr_freeze20"]
)
def test_moving_ranges_as_qicharts2(name):
    rows = reference(name)
    found = moving_ranges(column(rows, "y.sum"), baseline=20)
    same(found.values, column(rows, "y"))
    same(found.centre, column(rows, "cl"))
    same(found.upper, column(rows, "ucl"))


@pytest.mark.parametrize("name", ["author_stored_montgomery_tbl7.4_p", "qic_montgomery_tbl7.4_p"])
def test_shares_as_qicharts2(name):
    rows = reference(name)
    found = chart(column(rows, "y.sum"), kind=ChartKind.P, denominators=column(rows, "n"))
    same(found.values, column(rows, "y"))
    same(found.centre, column(rows, "cl"))
    same(found.lower, column(rows, "lcl"))
    same(found.upper, column(rows, "ucl"))


def vectors(name):
    return json.loads(sample_bytes("spc/ptd_rule_vectors.json"))[name]


def test_seven_on_one_side_completes_where_the_vectors_say():
    for case in vectors("seven_points_one_side_of_mean"):
        side = np.array([case["in"]])
        done = _runs(side > 0, 7) | _runs(side < 0, 7)
        assert done[0].tolist() == [bool(x) for x in case["out"]]


def test_seven_up_or_down_marks_what_the_vectors_say():
    for case in vectors("seven_point_trend"):
        points = np.array([case["in"]], float)
        up, down = points[:, 1:] > points[:, :-1], points[:, 1:] < points[:, :-1]
        ends = [i for i, x in enumerate(case["out"]) if x]
        wanted = [any(end - 6 <= i <= end for end in ends) for i in range(len(case["in"]))]
        assert (_trend(up) | _trend(down))[0].tolist() == wanted
        assert _trend(up).any() == (1 in case["out"])


def test_a_run_is_marked_back_to_its_first_point():
    for case in vectors("mark_back_all_seven_points"):
        ends = np.array([case["in_completion"]], bool)
        assert _marked(ends, 7)[0].tolist() == [bool(x) for x in case["out"]]


def test_the_textbook_without_samples():
    """Montgomery gives 300.5, 279.78 and 321.22, and weeks 39 and 40 outside."""
    found = chart(COSTS, baseline=20, method=Method.SHEWHART)
    assert found.centre[0] == 300.5
    assert (found.lower[0], found.upper[0]) == (
        pytest.approx(279.78331466965284, abs=1e-9),
        pytest.approx(321.21668533034716, abs=1e-9),
    )
    assert [i + 1 for i, v in enumerate(found.values) if v > found.upper[i]] == [39, 40]
    shares = chart([d for d, _ in ORDERS], kind=ChartKind.P, denominators=[n for _, n in ORDERS])
    assert shares.centre[0] == pytest.approx(234 / 2450)
    assert shares.upper[0] == pytest.approx(0.18368571343549223, abs=1e-12)
    assert shares.lower[1] == 0.0
