"""A rule that names what is not there, or can never or always hold, is refused with a reason."""

from __future__ import annotations

import shutil

import pytest
import yaml

from data.catalogue import CatalogueError, load
from data.catalogue.alarm_checks import wrong_in
from data.settings import settings
from data.vocabulary import LANGUAGES
from tests.alarm_rules import body, rule, threshold


def wrong(catalogue, condition, **more):
    return [str(w) for w in wrong_in(rule(condition, **more), catalogue)]


def test_the_city_has_rules_of_every_kind_in_every_language(catalogue):
    kinds = {r.condition.kind for r in catalogue.alarms.values()}
    assert kinds == {
        "threshold", "baseline", "spc", "silence", "warning", "cases", "combination", "watch",
    }  # fmt: skip
    for one in catalogue.alarms.values():
        for words in (one.name, one.answer, one.why):
            assert all(words[language].strip() for language in LANGUAGES), one.code


def test_every_domain_on_the_wall_has_rules(catalogue):
    assert {r.domain for r in catalogue.alarms.values()} >= set(catalogue.wall_domains())


def test_few_rules_are_red(catalogue):
    """EEMUA 191: about one in twenty of the highest priority; warnings bring their own colour."""
    red = [r for r in catalogue.alarms.values() if r.priority == 1]
    assert len(red) <= len(catalogue.alarms) / 5


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"domain": "weather"}, "domain: no such name: weather; known: public_safety"),
        ({"owner": "nobody"}, "owner: no such name: nobody"),
        ({"category": "ufo"}, "category: no such name: ufo"),
        ({"areas": ["999999"]}, "areas: no such name: 999999"),
        ({"areas": ["441600"]}, "areas: 441600 is no county; allowed: 441602"),
        ({"areas": ["441602", "441602"]}, "an area stands twice"),
        ({"notify": ["pigeon"]}, "notify: no such name: pigeon"),
    ],
)
def test_a_name_that_is_not_there_is_refused(catalogue, more, named):
    assert any(named in said for said in wrong(catalogue, threshold(), **more))


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        (threshold(indicator="XX-99"), "condition.indicator: no such name: XX-99"),
        (threshold(clear=60), "condition.clear: 60 is under the limit"),
        (threshold(side="above", limit=50, clear=60), "condition.clear: 60 is above the limit"),
        (threshold(side="above", limit=101), "101 can never be reached; TR-01 can be 0 to 100"),
        (threshold(limit=0), "a value below 0 can never be"),
        (threshold(limit=101), "101 always holds"),
        (threshold(side="above", limit=0), "0 always holds"),
        (threshold(limit=99, clear=101), "101 is never come back to"),
        (threshold(indicator="PS-01", limit=3), "now: a running total begins at 0 each time"),
        (threshold(indicator="PS-01", limit=3, window="today"), "allowed: hour"),
        (threshold(indicator="HE-04", limit=3, window="today"), "a gauge is not added over time"),
        (threshold(indicator="HE-44", limit=50, window="hour"), "is told by the day"),
        (threshold(indicator="GS-61", side="above", limit=5, window="today"), "allowed: now"),
        ({"kind": "baseline", "indicator": "TR-01", "side": "below"}, "neither sigmas nor percent"),
        (
            {"kind": "baseline", "indicator": "TR-01", "side": "below", "percent": 120},
            "allowed: at most 100",
        ),
        (
            {"kind": "baseline", "indicator": "GS-62", "side": "above", "sigmas": 3},
            "no normal band",
        ),
        ({"kind": "spc", "indicator": "TR-01", "signals": []}, "condition.signals"),
        ({"kind": "spc", "indicator": "GS-62", "grain": "day"}, "allowed: week"),
        ({"kind": "silence", "source": "radio"}, "condition.source: no such name: radio"),
        (
            {"kind": "silence", "source": "bus_static", "late_after": 30},
            "30 min is no longer than the rhythm of bus_static; allowed: more than 60 min",
        ),
        ({"kind": "warning", "events": [" "]}, "an empty word stands in every event"),
        ({"kind": "cases", "measure": "open", "categories": ["ufo"]}, "no such name: ufo"),
        ({"kind": "cases", "measure": "burst"}, "one report is no burst"),
        ({"kind": "cases", "measure": "open", "radius_m": 100}, "is for burst, not for open"),
        ({"kind": "watch", "measure": "store"}, "where: the system itself has no counties"),
    ],
)
def test_a_condition_that_cannot_be_right_is_refused(catalogue, condition, named):
    assert any(named in said for said in wrong(catalogue, condition)), wrong(catalogue, condition)


def test_a_combination_of_the_same_twice_or_of_too_many_is_refused(catalogue):
    twice = {"kind": "combination", "of": [threshold(), threshold(limit=70)]}
    assert any("the same condition stands twice" in s for s in wrong(catalogue, twice))
    rain = {"kind": "warning", "events": ["暴雨"]}
    many = {"kind": "combination", "of": [threshold(), rain], "at_least": 3}
    assert any("3 of 2 never hold" in s for s in wrong(catalogue, many))
    deep = {"kind": "combination", "of": [threshold(indicator="XX-99"), rain]}
    assert any(s.startswith("condition.of.0.indicator") for s in wrong(catalogue, deep))


def test_what_is_right_is_not_refused(catalogue):
    assert wrong(catalogue, threshold(clear=75), areas=["441602"], owner="transport") == []
    assert wrong(catalogue, threshold(limit=0.5, side="above")) == []


def with_rules(tmp_path, rows):
    folder = tmp_path / "city"
    shutil.copytree(settings().catalogue, folder)
    (folder / "alarms.yaml").write_text(yaml.safe_dump(rows, allow_unicode=True), "utf-8")
    return folder


def test_a_city_without_the_file_has_no_rules(tmp_path):
    folder = with_rules(tmp_path, [])
    (folder / "alarms.yaml").unlink()
    (folder / "stage.yaml").write_text(_no_rules(folder), "utf-8")
    assert load(folder).alarms == {}


def _no_rules(folder):
    """Stages alone: their rules name alarm rules."""
    told = yaml.safe_load((folder / "stage.yaml").read_text("utf-8"))
    told["rules"] = []
    return yaml.safe_dump(told, allow_unicode=True)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([body(threshold()), body(threshold())], "alarms.yaml, rule one: code: stands twice"),
        ([body(threshold(), priority=7)], "alarms.yaml, rule one: priority: Input should be 1"),
        ([body(threshold(sideways=1))], "alarms.yaml, rule one: condition.threshold.sideways"),
        ([body({"kind": "magic"})], "alarms.yaml, rule one: condition"),
        ([body(threshold(indicator="XX"))], "rule one: condition.indicator: no such name: XX"),
        (["text"], "alarms.yaml, rule text"),
        ({"a": 1}, "alarms.yaml: is no list of rules"),
    ],
)
def test_a_file_that_is_wrong_names_rule_and_field(tmp_path, rows, named):
    with pytest.raises(CatalogueError) as caught:
        load(with_rules(tmp_path, rows))
    assert named in str(caught.value)
