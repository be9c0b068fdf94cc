"""A frame and the same rows one by one get the same verdicts, whatever they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalogue import catalogue
from data.ingest.frame_check import check_frame
from data.ingest.observations import check
from data.queries.keys import Keys
from data.vocabulary import Grain, Observed
from tests.conftest import NOW

FACTS = catalogue()
KEYS = Keys(
    areas={code: n for n, code in enumerate(FACTS.areas, 1)},
    indicators={code: n for n, code in enumerate(FACTS.indicators, 1)},
    sources={}, departments={}, domains={}, categories={}, county_of={},
)  # fmt: skip
NUMBERS = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 3.0, 100.0, 1e12, float("inf"), float("-inf")]),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
STARTS = st.one_of(
    st.sampled_from(
        [
            datetime(2026, 11, 15, 16, tzinfo=UTC),  # Monday in Heyuan
            datetime(2026, 10, 31, 16, tzinfo=UTC),  # the first of a month
            datetime(2025, 12, 31, 16, tzinfo=UTC),
            datetime(1988, 6, 30, 15, tzinfo=UTC),  # summer time was kept then
            NOW.replace(minute=0, second=0),
            NOW + timedelta(minutes=5),
            NOW + timedelta(days=1),
        ]
    ),
    st.integers(-3000, 100).map(lambda n: NOW.replace(minute=0) + timedelta(minutes=7 * n)),
)
ROWS = st.lists(
    st.builds(
        Observed,
        indicator=st.sampled_from([*list(FACTS.indicators)[:12], "XX-00", ""]),
        area=st.sampled_from([*list(FACTS.areas)[:6], "999999"]),
        grain=st.sampled_from(list(Grain)),
        period_start=STARTS,
        numerator=st.one_of(NUMBERS, st.just(float("nan"))),
        denominator=st.one_of(st.none(), NUMBERS),
        row=st.integers(2, 10_000),
    ),
    max_size=40,
)


def frame(rows):
    return pd.DataFrame(
        {
            "indicator": pd.Series([r.indicator for r in rows], dtype="category"),
            "area": pd.Series([r.area for r in rows], dtype="category"),
            "grain": np.array([int(r.grain) for r in rows], dtype=np.int64),
            "period_start": pd.to_datetime(
                [int(r.period_start.timestamp()) for r in rows], unit="s", utc=True
            ),
            "numerator": np.array([r.numerator for r in rows], dtype=float),
            "denominator": np.array(
                [np.nan if r.denominator is None else r.denominator for r in rows], dtype=float
            ),
            "row": np.array([r.row for r in rows], dtype=np.int64),
        }
    )


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_the_verdicts_are_the_same(rows):
    good, bad = check(rows, FACTS, KEYS, now=NOW)
    columns, verdicts = check_frame(frame(rows), FACTS, KEYS, now=NOW)
    assert sorted(columns.rows(), key=str) == sorted(
        [(*r[:3], r[3].astimezone(UTC), *r[4:]) for r in good], key=str
    )
    told = [(p.reason, p.row, p.field, p.value, p.detail) for p in verdicts.problems]
    wanted = [(p.reason, p.row, p.field, p.value, p.detail) for p in bad]
    assert sorted(told, key=str) == sorted(wanted, key=str)
    assert verdicts.refused == len(bad)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_the_facts_come_in_the_order_of_their_keys(rows):
    columns, _ = check_frame(frame(rows), FACTS, KEYS, now=NOW)
    keys = [r[:4] for r in columns.rows()]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
