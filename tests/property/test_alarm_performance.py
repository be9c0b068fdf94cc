"""Rates, floods and standing alarms, whatever the log: against counts one by one."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from data.alarms import rates
from data.alarms.log_frames import ALARMS, SPANS, TOLD, Log
from data.alarms.performance import performance
from data.vocabulary.alarm_log import Load

END = 4 * 3600.0
INSTANTS = st.lists(st.integers(-600, int(END) - 1).map(float), max_size=80)
STATES = ("unacknowledged", "acknowledged", "returned_unacknowledged", "shelved")


def in_sight(at: list[float], now: float) -> int:
    return sum(now - 600 < x <= now for x in at)


def floods_by_looking(at: list[float]) -> list[tuple[float, float | None]]:
    found, begun = [], None
    for now in np.arange(-600.0, END + 1, 30.0):  # all of them are multiples of it
        here = in_sight(at, now)
        if begun is None and here >= 10:
            begun = now
        elif begun is not None and here < 5:
            found.append((max(begun, 0.0), now))
            begun = None
    if begun is not None:
        found.append((max(begun, 0.0), None))
    return [(b, e) for b, e in found if e is None or e > 0]


@given(st.lists(st.integers(0, 240).map(lambda n: n * 30.0 - 600), max_size=60))
def test_floods_are_those_that_are_seen_by_looking_again_and_again(at):
    seen = floods_by_looking(at)
    assert [(f.start, f.end) for f in rates.floods(at, 0.0, END)] == seen


@given(INSTANTS)
def test_floods_lie_one_after_the_other_and_hold_ten_at_least(at):
    found = rates.floods(at, 0.0, END)
    for f in found:
        assert f.peak >= 10
        assert f.alarms >= 10
        assert 0.0 <= f.start < END
        assert f.end is None or f.start < f.end <= END
    for one, other in itertools.pairwise(found):
        assert one.end is not None
        assert one.end <= other.start
    share = rates.in_flood(found, 0.0, END)
    assert share is not None
    assert 0.0 <= share <= 100.0


@given(INSTANTS, st.sampled_from([600.0, 3600.0, 86400.0]))
def test_stretches_hold_every_alarm_of_the_period_once(at, width):
    counts = rates.counted(np.array(at), 0.0, END, width)
    assert counts.sum() == sum(0 <= x < END for x in at)
    assert len(counts) == math.ceil(END / width)


@st.composite
def logs(draw):
    at = draw(INSTANTS)
    told = [(t, i, f"r{i % 13}", f"44160{i % 3}", 1 + i % 4) for i, t in enumerate(at)]
    alarms, spans = [], []
    for t, i, rule, place, priority in told:
        waits = draw(st.one_of(st.just(math.nan), st.integers(0, 9000).map(float)))
        lasts = draw(st.one_of(st.just(math.nan), st.integers(0, 9000).map(float)))
        outcome = draw(st.sampled_from([None, "acted_on", "false_alarm", "real_no_action"]))
        alarms.append((i, f"{rule}|{place}|", rule, place, priority, t, t + waits, t + lasts,
                       outcome, draw(st.booleans())))  # fmt: skip
        spans.append((i, rule, place, draw(st.sampled_from(STATES)), True, t, t + lasts))
    return Log(
        0.0, END, 0.0,
        pd.DataFrame(told, columns=list(TOLD)), pd.DataFrame(alarms, columns=list(ALARMS)),
        pd.DataFrame(spans, columns=list(SPANS)), within={f"r{i}": 1800.0 for i in range(7)},
    )  # fmt: skip


SHARES = ("ten_over", "hour_over", "flood_share", "top_ten", "in_time", "acted_on", "false_alarm")


@given(logs())
def test_every_figure_is_in_its_bounds_and_the_parts_add_up(log):
    found = performance(log)
    assert found.load is not Load.UNKNOWN
    assert found.whole.alarms == sum(p.alarms for p in found.positions[1:])
    assert found.whole.alarms == sum(r.alarms for r in found.rules)
    assert found.whole.alarms == sum(n for _, n in found.days)
    for place in found.positions:
        for f in place.figures:
            assert f.value is None or (math.isfinite(f.value) and f.value >= 0), f
            if f.key in SHARES and f.value is not None:
                assert f.value <= 100.0 + 1e-9
            if f.parts and f.value is not None:
                assert math.isclose(f.value, 100 * f.parts[0] / f.parts[1])
    spread = [p.value for p in found.priorities if p.value is not None]
    assert not spread or math.isclose(sum(spread), 100.0)
    for rule in found.rules:
        assert rule.acted_on + rule.real + rule.false + rule.unsaid <= len(log.alarms)


@given(logs())
def test_standing_is_what_counting_every_minute_says(log):
    shown = log.spans[log.spans["state"] != "shelved"]
    ends = shown["end"].fillna(END)
    seen = [((shown["start"] <= t) & (ends > t)).sum() for t in np.arange(0.5, END, 60.0)]
    found = next(f for f in performance(log).whole.figures if f.key == "standing")
    assert abs(found.value - np.mean(seen)) <= max(len(shown), 1) * 60.0 / END * 2
