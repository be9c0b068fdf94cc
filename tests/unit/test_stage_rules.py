"""What the stage's rules ask for, what would lower it, hold times, and who decides what."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from data.catalogue import CatalogueError, load
from data.catalogue.alarm_entries import StageRule
from data.settings import settings
from data.stage import (
    HELD_MAX,
    Code,
    Decided,
    Ground,
    Held,
    Proposed,
    Refusal,
    Response,
    decide,
    is_open,
    judge,
    lowering,
    started,
    step,
    stopped,
    wants_anew,
)
from data.vocabulary import LANGUAGES, Role
from tests.conftest import NOW

NAMES = {"zh": "规则", "en": "Rule"}


def rule(code, stage, **more):
    return StageRule(code=code, name=NAMES, stage=stage, **more)


def ground(key, county="441602", priority=2, *, of="heat", cause="", minutes=0):
    return Ground(
        str(key), of, county, priority, NOW - timedelta(minutes=minutes), NAMES, NAMES, cause
    )


# ---- rules ----


def test_without_a_rule_that_fires_the_stage_is_one():
    found = judge([rule("pair", 2, count=2)], [ground(1)])
    assert (found.minimum, found.fired) == (1, ())
    assert lowering(found) is None


def test_the_gravest_rule_decides_and_every_firing_rule_is_named_with_its_rows():
    rules = [rule("pair", 2, count=2), rule("red", 3, priority=1)]
    found = judge(rules, [ground(1), ground(2), ground(3, priority=1)])
    assert found.minimum == 3
    assert [(f.rule.code, [g.key for g in f.grounds]) for f in found.fired] == [
        ("red", ["3"]), ("pair", ["3", "1", "2"]),
    ]  # fmt: skip


def test_only_the_named_alarm_rules_count_and_only_so_grave():
    found = judge(
        [rule("r", 3, rules=("rain",), priority=2)], [ground(1), ground(2, of="rain", priority=3)]
    )
    assert found.minimum == 1
    assert judge([rule("r", 3, rules=("rain",), priority=2)], [ground(1, of="rain")]).minimum == 3


def test_counties_are_counted_once_and_the_city_is_none():
    three = rule("spread", 3, count=2, counties=2)
    assert judge([three], [ground(1), ground(2)]).minimum == 1
    assert judge([three], [ground(1), ground(2, county=None)]).minimum == 1
    assert judge([three], [ground(1), ground(2, county="441621")]).minimum == 3


def test_a_condition_of_its_own_counts_its_own_rows_and_no_alarms():
    own = StageRule(
        code="rain", name=NAMES, stage=4, count=2, counties=2,
        condition={"kind": "warning", "events": ["暴雨"], "level": 1},
    )  # fmt: skip
    assert judge([own], [ground(1, priority=1), ground(2, "441621", 1)]).minimum == 1
    rows = {"rain": [ground("a", "441602", 4), ground("b", "441621", 4)]}
    assert judge([own], [], rows).minimum == 4


def test_alarms_of_one_cause_are_one_thing_in_many_counties():
    rain = [ground(n, c, 1, cause="warning:7") for n, c in enumerate(["a", "b", "c"])]
    assert judge([rule("three", 4, count=3)], rain).minimum == 1
    assert judge([rule("three", 4, counties=3)], rain).minimum == 4
    assert judge([rule("three", 4, count=3)], [*rain, ground(8), ground(9)]).minimum == 4


def test_alarms_of_the_system_count_only_where_they_are_named():
    lost = Ground("1", "screen_lost", None, 1, NOW, NAMES, NAMES, system=True)
    assert judge([rule("red", 3, priority=1)], [lost]).minimum == 1
    assert judge([rule("red", 3, rules=("screen_lost",))], [lost]).minimum == 3


# ---- the one change ----


def test_one_alarm_less_is_the_one_change():
    rows = [ground(1, priority=1), ground(2), ground(3)]
    found = judge([rule("red", 3, priority=1), rule("pair", 2, count=2)], rows)
    change = lowering(found)
    assert (change.single, change.smallest, change.leads_to) == (True, True, 2)
    assert [g.key for g in change.grounds] == ["1"]


def test_two_that_must_end_together_are_named_and_no_single_change_is_claimed():
    found = judge([rule("red", 3, priority=1), rule("pair", 2, count=2)],
                  [ground(1, priority=1), ground(2, priority=1), ground(3)])  # fmt: skip
    change = lowering(found)
    assert (change.single, change.smallest) == (False, True)
    assert {g.key for g in change.grounds} == {"1", "2"}
    assert change.leads_to == 1  # the pair goes with them


def test_the_end_of_a_cause_is_one_change_even_of_many_alarms():
    rain = [ground(n, priority=1, cause="warning:7") for n in range(5)]
    change = lowering(judge([rule("red", 3, priority=1)], rain))
    assert (change.single, change.cause, len(change.grounds), change.leads_to) == (
        True,
        "warning:7",
        5,
        1,
    )


def test_a_county_that_falls_silent_is_cheaper_than_many_alarms():
    rows = [ground(n, "441602") for n in range(9)] + [ground("x", "441621"), ground("y", "441622")]
    change = lowering(judge([rule("spread", 3, count=4, counties=3)], rows))
    assert change.single
    assert change.grounds[0].key in {"x", "y"}


def test_an_alarm_that_two_rules_share_is_found():
    rules = [
        rule("a", 3, rules=("heat", "rain"), count=3),
        rule("b", 3, rules=("rain", "bus"), count=3),
    ]
    rows = [ground(1), ground(2), ground(3, of="rain"), ground(4, of="bus"), ground(5, of="bus")]
    change = lowering(judge(rules, rows))
    assert (change.single, [g.key for g in change.grounds]) == (True, ["3"])


def test_a_flood_of_alarms_is_answered_at_once_without_a_false_claim():
    rules = [rule("a", 3, rules=("heat",), count=2), rule("b", 3, rules=("rain",), count=3)]
    rows = [ground(n, of="heat" if n % 2 else "rain") for n in range(4000)]
    change = lowering(judge(rules, rows))
    assert (change.single, change.smallest, change.leads_to) == (False, False, 1)


# ---- hold times ----


@pytest.fixture
def levels(catalogue):
    return catalogue.stage.levels


def run(levels, minimums, *, every=20, start=NOW, proposed=1):
    """Look every so many seconds; return what was proposed after each look."""
    waits, found, at = {}, [], start
    for minimum in minimums:
        done = step(proposed, waits, minimum, levels, at)
        proposed, waits = done.proposed, done.waits
        found.append(proposed)
        at += timedelta(seconds=every)
    return found


def test_a_stage_is_proposed_after_its_hold_time_and_not_before(levels):
    found = run(levels, [3] * 10)
    assert found == [1] * 6 + [3] * 4  # 120 s are six steps of 20 s


def test_the_gravest_stage_waits_for_nothing(levels):
    assert run(levels, [5]) == [5]


def test_a_break_begins_the_hold_time_anew(levels):
    assert run(levels, [3, 3, 3, 1, 3, 3, 3, 3, 3, 3, 3])[-2:] == [1, 3]


def test_a_stage_is_let_go_after_its_own_hold_time(levels):
    found = run(levels, [2] * 60, every=120, proposed=3)
    assert found.index(2) * 120 == levels[3].down_s
    assert found[-1] == 2
    gone = run(levels, [1] * 60, every=120, proposed=3)
    assert gone.index(1) * 120 == levels[3].down_s  # the shorter one of stage 2 ran beside it


def test_a_clock_that_jumps_ahead_skips_no_hold_time(levels):
    first = step(3, {}, 1, levels, NOW)
    jumped = step(3, first.waits, 1, levels, NOW + timedelta(hours=1))
    assert jumped.proposed == 3
    assert jumped.waits[3].held == HELD_MAX


@pytest.mark.parametrize("then", [NOW - timedelta(hours=1), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_clock_that_is_set_back_loses_no_hold_time_and_makes_no_age_negative(levels, then):
    waits = step(3, {}, 1, levels, NOW).waits
    for n in range(1, 4):
        waits = step(3, waits, 1, levels, NOW + timedelta(seconds=20 * n)).waits
    back = step(3, waits, 1, levels, then)
    assert back.waits[3].held == timedelta(seconds=60)
    assert step(3, back.waits, 1, levels, then + timedelta(seconds=20)).waits[3].held == timedelta(
        seconds=80
    )


def test_held_time_is_never_negative():
    assert Held(NOW + timedelta(hours=1), NOW, True).held == timedelta()


# ---- deciding ----


def test_a_higher_proposal_is_open_until_somebody_decided():
    assert is_open(Proposed(1, 2), None)
    assert is_open(Proposed(5, 3), Decided(4, 2))
    assert not is_open(Proposed(5, 3), Decided(6, 2))  # kept, with a reason
    assert not is_open(Proposed(5, 2), Decided(4, 2))
    assert not is_open(Proposed(5, 1), Decided(4, 2))  # lower: nobody is called
    assert not is_open(None, None)


def test_a_proposal_that_was_not_taken_is_made_anew_for_another_reason_only():
    kept, before = Decided(6, 1), Proposed(5, 3, frozenset({"red"}))
    assert not wants_anew(before, kept, 3, {"red"})
    assert wants_anew(before, kept, 3, {"red", "spread"})
    assert wants_anew(before, kept, 4, {"red"})
    assert not wants_anew(before, Decided(6, 3), 3, {"red", "spread"})  # taken
    assert not wants_anew(before, Decided(4, 1), 3, {"red", "spread"})  # still asked
    assert not wants_anew(None, None, 1, set())


@pytest.mark.parametrize(
    ("stage", "role", "reason", "expected"),
    [
        (3, Role.OPERATOR, "", 3),
        (3, Role.LEADER, "", 3),
        (2, Role.LEADER, "险情已控制", 2),
        (4, Role.LEADER, "上游来水加大", 4),
        (2, Role.LEADER, " ", Code.MISSING_FIELD),
        (2, Role.OPERATOR, "x", Code.WRONG_ROLE),
        (4, Role.OPERATOR, "x", Code.WRONG_ROLE),
        (3, Role.STEWARD, "", Code.WRONG_ROLE),
        (0, Role.LEADER, "x", Code.UNKNOWN_CHOICE),
        (6, Role.LEADER, "x", Code.UNKNOWN_CHOICE),
        (True, Role.LEADER, "x", Code.UNKNOWN_CHOICE),
        ("3", Role.LEADER, "x", Code.UNKNOWN_CHOICE),
        (2, Role.LEADER, "x" * 501, Code.TOO_LONG),
    ],
)
def test_who_may_set_which_stage(stage, role, reason, expected):
    found = decide(stage, reason, role, Proposed(5, 3), Decided(4, 2))
    assert (found.code if isinstance(found, Refusal) else found) == expected


def test_the_duty_officer_never_lowers_even_to_what_is_proposed():
    found = decide(2, "险情解除", Role.OPERATOR, Proposed(5, 2), Decided(4, 3))
    assert isinstance(found, Refusal)
    assert decide(2, "", Role.LEADER, Proposed(5, 2), Decided(4, 3)) == 2


# ---- response levels ----


def test_a_response_level_begins_with_its_document_and_changes_only_to_another(catalogue):
    flood = catalogue.stage.plans["flood"]
    stands = Response(1, "flood", 4, "441600", NOW - timedelta(hours=2))

    def code(level=4, basis="河防指〔2026〕5号", at=NOW, before=None, changes=False, plan=flood):
        found = started(plan, level, basis, at, NOW, before, changes=changes)
        return found and found.code

    assert code() is None
    assert code(level=0) == Code.UNKNOWN_CHOICE
    assert code(plan=None) == Code.UNKNOWN_CHOICE
    assert code(basis=" ") == Code.MISSING_FIELD
    assert code(basis="x" * 201) == Code.TOO_LONG
    assert code(at=NOW + timedelta(hours=1)) == Code.IN_THE_FUTURE
    assert code(at=NOW - timedelta(days=40)) == Code.TOO_OLD
    assert code(before=stands) == Code.IN_FORCE_ALREADY
    assert code(before=stands, changes=True) == Code.SAME_LEVEL
    assert code(level=3, before=stands, changes=True) is None
    assert code(level=3, before=None, changes=True) == Code.ENDED
    assert code(level=3, before=stands, changes=True, at=NOW - timedelta(hours=3)) == Code.NOT_LATER


def test_a_response_level_ends_with_a_reason_and_once():
    stands = Response(1, "flood", 4, "441600", NOW - timedelta(hours=2))
    assert stopped(stands, "汛情解除", NOW, NOW) is None
    assert stopped(None, "汛情解除", NOW, NOW).code == Code.ENDED
    assert stopped(stands, "", NOW, NOW).code == Code.MISSING_FIELD
    assert stopped(stands, "汛情解除", NOW - timedelta(hours=3), NOW).code == Code.NOT_LATER


# ---- the catalogue ----


@pytest.fixture
def folder(tmp_path):
    """A copy of the catalogue to spoil."""
    shutil.copytree(settings().catalogue, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def test_a_folder_without_the_file_has_the_levels_and_nothing_else(folder, catalogue):
    (folder / "stage.yaml").unlink()
    found = load(folder).stage
    assert found.levels == catalogue.stage.levels
    assert not found.rules
    assert not found.plans


def test_what_ships_has_every_word_in_both_languages(catalogue):
    for level in catalogue.stage.levels.values():
        for lang in LANGUAGES:
            assert level.name[lang]
            assert level.sentence[lang]
            assert level.advice[lang]
    assert {plan.department for plan in catalogue.stage.plans.values()} <= set(
        catalogue.departments
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("down_s: 1800", "down_s: 0", "level 2: down_s 0 would let the stage flap"),
        ("- stage: 2", "- stage: 3", "must be the stages 1 to 5"),
        ("code: any_red", "code: orange_pair", "rules: orange_pair stands twice"),
        ("count: 4, counties: 3", "count: 4, counties: 30", "orange_spread version 1: counties: 30 of 8"),
        ("count: 4, counties: 3", "coutn: 4", "entry orange_spread"),
        ("key: typhoon", "key: flood", "plans: flood stands twice"),
        ("department: water", "department: sea", "plan flood: no such department: sea"),
        ("priority: 1, name: {zh: 出现一级告警", "rules: [nobody], name: {zh: 出现一级告警", "any_red version 1: rules: no such alarm rule: nobody"),
        ("priority: 1, name: {zh: 出现一级告警", "rules: [bus_crowded], priority: 1, name: {zh: 出现一级告警", "priority: none of its alarm rules"),
        ("events: [暴雨, 台风, 山洪, 洪水], level: 1}", "events: [暴雨], level: 1}\n  priority: 2", "storm_red_wide version 1: priority: is of alarms"),
        ("counties: 3\n  condition", "count: 2\n  condition", "count: 2 can never be"),
        ("{kind: warning, events: [暴雨, 台风, 山洪, 洪水], level: 1}", "{kind: threshold, indicator: XX-99, side: above, limit: 1}", "condition.indicator: no such name: XX-99"),
        ("plans:", "plan:", "must hold exactly levels, rules, plans"),
    ],
)  # fmt: skip
def test_a_wrong_stage_file_is_named_with_its_entry(folder, old, new, said):
    path = folder / "stage.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load(folder)
    assert said in str(error.value)
