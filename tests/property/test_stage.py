"""The stage for any alarms, rules and clocks: what lowers it does, and nothing makes it flap."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.catalogue.alarm_entries import StageLevel, StageRule
from data.stage import Ground, judge, lowering, step
from data.stage.change import without

NOW = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)
NAMES = {"zh": "规则", "en": "Rule"}
CODES = ("heat", "rain", "bus")


@st.composite
def rule_sets(draw):
    found = []
    for n in range(draw(st.integers(1, 4))):
        named = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=2))
        found.append(
            StageRule(
                code=f"r{n}", name=NAMES, stage=draw(st.sampled_from([2, 3, 4, 5])), rules=tuple(named),
                priority=draw(st.integers(1, 4)), count=draw(st.integers(1, 4)),
                counties=draw(st.integers(0, 3)),
            )
        )  # fmt: skip
    return found


@st.composite
def grounds(draw, most=14):
    return [
        Ground(
            str(n), draw(st.sampled_from(CODES)), draw(st.sampled_from([None, "a", "b", "c", "d"])),
            draw(st.integers(1, 4)), NOW - timedelta(minutes=draw(st.integers(0, 90))), NAMES, NAMES,
            draw(st.sampled_from(["", "", "warning:1", "source:2"])),
        )
        for n in range(draw(st.integers(0, most)))
    ]  # fmt: skip


@given(rule_sets(), grounds())
def test_removing_what_is_named_lowers_the_minimum(rules, rows):
    found = judge(rules, rows)
    change = lowering(found)
    assert (change is None) == (found.minimum == 1)
    if change is None:
        return
    keys = {g.key for g in change.grounds}
    after = judge(rules, [g for g in rows if g.key not in keys])
    assert after.minimum < found.minimum
    assert after.minimum == change.leads_to == without(found, keys)


@given(rule_sets(), grounds(most=8))
def test_no_smaller_set_would_do_where_that_is_claimed(rules, rows):
    found = judge(rules, rows)
    change = lowering(found)
    if change is None or not change.smallest:
        return
    for chosen in range(2 ** len(rows)):
        gone = {g.key for n, g in enumerate(rows) if chosen >> n & 1}
        if len(gone) < len(change.grounds):
            assert without(found, gone) == found.minimum


@given(rule_sets(), grounds())
def test_where_no_single_change_is_named_none_would_do(rules, rows):
    found = judge(rules, rows)
    change = lowering(found)
    if change is None or change.single:
        return
    causes = {g.cause for g in rows if g.cause}
    singles = [{g.key} for g in rows]
    singles += [{g.key for g in rows if g.cause == cause} for cause in causes]
    assert all(without(found, gone) == found.minimum for gone in singles)


@given(rule_sets(), grounds(), grounds())
def test_more_alarms_never_lower_the_minimum(rules, rows, more):
    fresh = [Ground(f"+{g.key}", *list(vars(g).values())[1:]) for g in more]
    assert judge(rules, [*rows, *fresh]).minimum >= judge(rules, rows).minimum


@given(rule_sets(), grounds())
def test_a_graver_or_added_rule_never_lowers_it(rules, rows):
    assert judge(rules, rows).minimum >= judge(rules[:-1], rows).minimum


levels = st.lists(st.tuples(st.integers(0, 300), st.integers(60, 600)), min_size=4, max_size=4).map(
    lambda pairs: {
        n: StageLevel(stage=n, name=NAMES, sentence=NAMES, advice=NAMES, up_s=up, down_s=down)
        for n, (up, down) in enumerate([(0, 0), *pairs], 1)
    }
)
looks = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 90)), min_size=1, max_size=120)


def walked(levels, looks, jumps=()):
    """Return (elapsed seconds, minimum, proposed) of every look. jumps: the clock's, by look."""
    proposed, waits, found, elapsed = 1, {}, [], 0
    shown = NOW
    for n, (minimum, wait) in enumerate(looks):
        elapsed += wait
        shown += timedelta(seconds=wait + dict(jumps).get(n, 0))
        done = step(proposed, waits, minimum, levels, shown)
        proposed, waits = done.proposed, done.waits
        assert all(h.held >= timedelta() for h in waits.values())
        found.append((elapsed, minimum, proposed))
    return found


@given(levels, looks)
def test_the_proposal_never_flaps(levels, looks):
    """What was raised stays for its hold time, what was let go is not raised before the next."""
    found = walked(levels, looks)
    for stage in range(2, 6):
        turns, was = [], False
        for at, _minimum, proposed in found:
            if (proposed >= stage) != was:
                was = proposed >= stage
                turns.append((at, was, proposed))
        for (before, _was, _p), (after, up, proposed) in itertools.pairwise(turns):
            least = levels[proposed].up_s if up else levels[stage].down_s
            assert after - before >= least


@given(levels, looks)
def test_a_stage_is_raised_or_let_go_only_if_the_rules_ask_for_it_at_that_look(levels, looks):
    before = 1
    for _at, minimum, proposed in walked(levels, looks):
        assert proposed <= max(before, minimum)
        assert proposed >= min(before, minimum)
        before = proposed


@given(
    levels,
    looks,
    st.dictionaries(
        st.integers(0, 119), st.sampled_from([3600, -3600, -1_700_000_000]), max_size=3
    ),
)
def test_a_clock_that_jumps_raises_and_lowers_nothing_early(levels, looks, jumps):
    """Each stage still needs its hold time in real seconds; at most one look's worth is given."""
    found = walked(levels, looks, jumps.items())
    before = 1
    for n, (at, _minimum, proposed) in enumerate(found):
        if proposed > before:
            asked = next((at for at, low, _p in reversed(found[: n + 1]) if low < proposed), 0)
            assert at - asked + 120 * len(jumps) >= levels[proposed].up_s
        before = proposed
