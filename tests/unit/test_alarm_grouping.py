"""What belongs together, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data.alarms.grouping import Facts, Member, Tie, area_of, facts_of, group, why
from data.catalogue import catalogue

NOW = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES = {
    "late": Facts("transport"),
    "jam": Facts("transport"),
    "calls": Facts("public_safety"),
    "rain": Facts("public_safety"),
    "storm": Facts(None, False, frozenset({"rain", "late", "calls"}), timedelta(minutes=60)),
    "burst": Facts("public_safety", True),
}
NEAR, FAR = (114.69, 23.73), (114.75, 23.73)


def member(id_: int, rule: str, area: str = "441602", minutes: float = 0, **more: object) -> Member:
    base = Member(id_, rule, area, "", 2, NOW + minutes * MINUTE)
    return replace(base, **more)  # type: ignore[arg-type]


def together(*fresh: Member, standing: tuple[Member, ...] = ()) -> list[set[int]]:
    return [{j.member.id for j in g.members} for g in group(fresh, standing, RULES)]


def test_one_cause_ties_alarms_wherever_and_whenever() -> None:
    one = member(1, "rain", "441621", cause="warning:7")
    other = member(2, "calls", "441622", 300, cause="warning:7")
    assert together(one, other, member(3, "late", "441622", 301)) == [{1, 2}]


def test_one_alarm_alone_is_no_situation() -> None:
    assert together(member(1, "rain", cause="warning:7")) == []


def test_one_place_and_subject_within_minutes_is_one_situation() -> None:
    assert together(member(1, "late"), member(2, "jam", minutes=14)) == [{1, 2}]
    assert together(member(1, "late"), member(2, "jam", minutes=16)) == []
    assert together(member(1, "late"), member(2, "jam", "441621")) == []


def test_other_subjects_are_not_tied_by_place_and_time_alone() -> None:
    assert together(member(1, "late"), member(2, "calls")) == []


def test_one_of_the_gravest_is_not_folded_by_place_and_time_alone() -> None:
    grave = member(2, "jam", minutes=1, priority=1)
    assert together(member(1, "late"), grave) == []
    assert together(member(1, "late", cause="x"), replace(grave, cause="x")) == [{1, 2}]


def test_a_combination_ties_its_parts_across_subjects_and_folds_those_that_stood() -> None:
    stood = (member(1, "late", minutes=-20), member(2, "calls", minutes=-90))
    found = group([member(3, "storm"), member(4, "rain", minutes=1)], stood, RULES)
    (one,) = found
    assert {j.member.id for j in one.members} == {1, 3, 4}
    assert {j.tie for j in one.members if j.member.id != 3} == {Tie.COMBINATION}


def test_bursts_near_each_other_are_one_thing_across_counties() -> None:
    here = member(1, "burst", "441602", point=NEAR)
    beside = member(2, "burst", "441625", 10, point=(114.70, 23.73))
    away = member(3, "burst", "441624", 11, point=FAR)
    assert together(here, beside, away) == [{1, 2}]


def test_a_situation_of_place_and_time_does_not_grow_for_ever() -> None:
    many = [member(n, "late", minutes=10 * n) for n in range(30)]
    sizes = [len(found) for found in together(*many)]
    assert max(sizes) <= 14
    assert sum(sizes) >= 29


def test_what_a_person_took_out_stays_out_and_pulls_nobody() -> None:
    out = member(1, "late", tie=Tie.APART)
    assert together(member(2, "jam", minutes=1), standing=(out,)) == []


def test_an_alarm_joins_the_situation_that_stands() -> None:
    stood = (member(1, "late", situation=9, tie=Tie.PLACE), member(2, "jam", situation=9))
    (found,) = group([member(3, "late", minutes=5)], stood, RULES)
    assert found.id == 9
    assert [j.member.id for j in found.members if j.new] == [3]


def test_the_gravest_leads_and_of_those_the_earliest() -> None:
    fresh = [
        member(1, "late", priority=3),
        member(2, "jam", minutes=2, priority=2),
        member(3, "late", minutes=1, priority=2),
    ]
    (found,) = group(fresh, (), RULES)
    assert found.lead.id == 3


def test_a_situation_over_counties_is_of_the_city() -> None:
    assert area_of(["441602", "441602"], "441600") == "441602"
    assert area_of(["441602", "441621"], "441600") == "441600"


@pytest.mark.parametrize("tie", list(Tie))
def test_every_tie_says_why(tie: Tie) -> None:
    for cause in ("warning:7", "source:hotline", "case:1", ""):
        said = why(tie, cause)
        assert said["zh"]
        assert said["en"]


def test_ten_thousand_alarms_need_no_pairs() -> None:
    areas = [a.code for a in catalogue().counties()]
    many = [
        member(n, "late", areas[n % len(areas)], n / 600, cause="warning:1" if n % 2 else "")
        for n in range(10_000)
    ]
    found = group(many, (), RULES)
    assert sum(len(g.members) for g in found) == 10_000


def test_the_parts_of_a_combination_are_the_rules_that_look_at_the_same() -> None:
    facts = facts_of(catalogue().alarms.values())
    combined = {code: f.parts for code, f in facts.items() if f.parts}
    assert combined
    for code, parts in combined.items():
        assert code not in parts
