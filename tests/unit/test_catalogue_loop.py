"""Clocks, duties, procedures and the ladder are whole, and a wrong entry is named."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from data.catalogue import CatalogueError, load
from data.catalogue.loop_entries import LEVELS
from data.settings import settings
from data.vocabulary import LANGUAGES, ClockKind, Closing, Colour
from tests.clock_times import at

TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path):
    """A copy of the catalogue to spoil."""
    shutil.copytree(settings().catalogue, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def spoil(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(folder, name, text):
    with (folder / name).open("a", encoding="utf-8") as end:
        end.write(text)


# ---- what ships ----


def test_every_category_has_a_duty_with_clocks_at_every_level(catalogue):
    for category in catalogue.categories.values():
        for level in LEVELS.values():
            duty = catalogue.duty_of(category.code, level, TODAY)
            assert duty.lead == category.department, category.code
            for code in duty.clocks.all().values():
                assert catalogue.clock(code, TODAY).seconds > 0
            assert len(duty.ref) <= 40


@pytest.mark.parametrize(
    ("category", "days"),
    [("hotline_consult", 2), ("hotline_help", 10), ("hotline_complaint", 15)],
)
def test_the_hotline_has_its_working_days(catalogue, category, days):
    clock = catalogue.clock(catalogue.duty_of(category, 3, TODAY).clocks.total, TODAY)
    assert (clock.kind, clock.amount, clock.unit) == (ClockKind.WORKING_HOURS, days, "days")
    assert (clock.count_from, clock.ends) == ("next_day", "end_of_day")
    assert "12345" in clock.basis["zh"]


def test_the_stages_of_the_platforms_have_their_minutes(catalogue):
    clocks = catalogue.duty_of("road_blocked", 2, TODAY).clocks
    assert catalogue.clock(clocks.verify, TODAY).seconds == 30 * 60
    assert catalogue.clock(clocks.check, TODAY).seconds == 30 * 60
    police = catalogue.duty_of("police_order", 2, TODAY).clocks
    assert catalogue.clock(police.accept, TODAY).seconds == 30
    town = catalogue.duty_of("road_blocked", 3, TODAY)
    assert catalogue.clock(town.clocks.verify, TODAY).seconds == 120 * 60
    assert town.ref == "road_blocked/town@1"


def test_procedures_name_departments_times_and_conditions(catalogue):
    assert len(catalogue.loop.sops) >= 6
    for versions in catalogue.loop.sops.values():
        steps = versions[-1].steps
        assert len({step.department for step in steps}) >= 2
        assert any(step.condition for step in steps)
    assert catalogue.sop("hazmat").steps[0].no == 1


def test_a_procedure_starts_by_its_rule(catalogue):
    assert catalogue.sop_for("flood_risk", 1).code == "flood_risk"
    assert catalogue.sop_for("flood_risk", 2).code == "flood_risk"
    assert catalogue.sop_for("flood_risk", 3) is None, "not grave enough"
    assert catalogue.sop_for("police_help", 1) is None
    assert catalogue.sop("rainstorm").started_by == "hand"


def test_the_ladder_has_every_kind_of_rung(catalogue):
    rungs = catalogue.ladder
    assert {r.when for r in rungs} == {"before_due", "overdue", "overdue_repeated", "progress_gap"}
    assert {r.colour for r in rungs} == {Colour.BLUE, Colour.YELLOW, Colour.RED}


def test_every_way_of_closing_is_there_and_most_need_a_check(catalogue):
    kinds = catalogue.loop.closings
    assert set(kinds) == set(Closing)
    assert {k for k in kinds if not kinds[k].needs_check} == {Closing.SPECIAL, Closing.FORCED}


def test_everything_has_words_in_every_language(catalogue):
    loop = catalogue.loop
    texts = [t for v in loop.clocks.values() for c in v for t in (c.name, c.basis)]
    texts += [d.basis for v in loop.duties.values() for d in v]
    texts += [t for r in loop.ladder for t in (r.name, r.next_step, r.basis)]
    texts += [t for c in loop.closings.values() for t in (c.name, c.definition)]
    for sop in (s for v in loop.sops.values() for s in v):
        texts += [sop.name, sop.basis, *(step.name for step in sop.steps)]
        texts += [step.condition for step in sop.steps if step.condition]
    for text in texts:
        assert all(text[lang].strip() for lang in LANGUAGES), text


def test_codes_fit_their_columns(catalogue):
    loop = catalogue.loop
    assert max(map(len, (*loop.clocks, *loop.sops, *(r.code for r in loop.ladder)))) <= 40


# ---- versions ----


def test_a_new_version_of_a_clock_holds_from_its_day(folder):
    add(folder, "clocks.yaml", """
- {code: hotline_consult, version: 2, valid_from: 2027-01-01, kind: working_hours, amount: 1, unit: days, name: {zh: 热线咨询, en: Hotline enquiry}, basis: {zh: 新, en: New}}
""")  # fmt: skip
    found = load(folder)
    assert found.clock("hotline_consult", date(2026, 12, 31)).version == 1
    assert found.clock("hotline_consult", date(2027, 1, 1)).version == 2
    assert found.clock("hotline_consult", date(1999, 1, 1)).version == 1
    assert found.clock("hotline_consult", at("2027-01-01 00:30")).version == 2, "the local day"
    assert found.clock_version("hotline_consult", 1).amount == 2
    assert found.clock_version("hotline_consult", 9) is None
    assert found.clock_version("nothing", 1) is None


def test_a_new_version_of_a_duty_holds_at_its_level_alone(folder):
    add(folder, "duties.yaml", """
- {category: hotline_city, levels: [town], version: 2, valid_from: 2026-06-01, lead: market, clocks: {total: workdays_3}, basis: {zh: 新, en: New}}
""")  # fmt: skip
    found = load(folder)
    assert found.duty_of("hotline_city", 3, TODAY).lead == "market"
    assert found.duty_of("hotline_city", 3, date(2026, 5, 31)).lead == "city_mgmt"
    assert found.duty_of("hotline_city", 2, TODAY).lead == "city_mgmt"


def test_without_a_duty_of_its_own_a_level_falls_back_upward(folder):
    path = folder / "duties.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("levels: [city, county, town]", "levels: [city]"), encoding="utf-8"
    )
    found = load(folder)
    for level in (1, 2, 3):
        assert found.duty_of("dispute", 1, TODAY).category == "dispute"
        assert found.duty_of("fire", level, TODAY).levels == ("city",)
    assert found.duty_of("flood_risk", 3, TODAY).levels == ("town",)


def test_an_unknown_name_is_a_key_error(catalogue):
    for ask in (
        lambda: catalogue.clock("nothing", TODAY),
        lambda: catalogue.duty_of("nothing", 1, TODAY),
        lambda: catalogue.sop("nothing"),
        lambda: catalogue.sop("hazmat", 99),
    ):
        with pytest.raises(KeyError):
            ask()


# ---- a bad file ----


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("clocks.yaml", "kind: continuous, amount: 0.5", "kind: sometimes, amount: 0.5", "clocks.yaml, entry sign_30s"),
        ("clocks.yaml", "amount: 0.5", "amount: 0", "clocks.yaml, entry sign_30s"),
        ("clocks.yaml", "code: move_5m", "code: sign_30s", "clocks.yaml: sign_30s has a version twice"),
        ("clocks.yaml", "{code: sign_30s,", "{code: sign_30s, colour: 1,", "clocks.yaml, entry sign_30s"),
        ("duties.yaml", "lead: psb", "lead: nobody", "entry police_criminal version 1: no such department: nobody"),
        ("duties.yaml", "co: [politics_law]", "co: [nobody]", "no such department: nobody"),
        ("duties.yaml", "lead: psb, co: [politics_law]", "lead: psb, co: [psb]", "a department stands twice"),
        ("duties.yaml", "accept: sign_30s", "accept: no_clock", "no such clock: no_clock"),
        ("duties.yaml", "sop: hazmat", "sop: none_such", "no such sop: none_such"),
        ("duties.yaml", "category: police_criminal", "category: police_crime", "no such category: police_crime"),
        ("duties.yaml", "levels: [city, county, town]", "levels: [village]", "duties.yaml, entry police_criminal"),
        ("duties.yaml", "category: police_criminal, levels: [city,", "category: police_criminal, levels: [", "category police_criminal has no duty at the level of the city"),
        ("sops.yaml", "step: 2, department: weather", "step: 3, department: weather", "steps are numbered 1, 2, 3"),
        ("sops.yaml", "department: weather", "department: wether", "entry flood_risk version 1: no such department: wether"),
        ("sops.yaml", "categories: [flood_risk]", "categories: [flood]", "entry flood_risk version 1: no such category: flood"),
        ("sops.yaml", "started_by: rule\n", "started_by: hand\n", "started_by rule, and only this"),
        ("ladder.yaml", "answer_within: workdays_1", "answer_within: soon", "ladder.yaml, entry overdue version 1: no such clock: soon"),
        ("ladder.yaml", "threshold: 0.2", "threshold: 20", "the threshold lies between 0 and 1"),
        ("ladder.yaml", "colour: 1", "colour: 7", "ladder.yaml, entry due_soon"),
        ("ladder.yaml", "within_days: 30", "version: 1", "names within_days"),
        ("closings.yaml", "code: forced", "code: normal", "normal has a version twice|stands twice"),
        ("city.yaml", "calendar_country: CN", "calendar_country: XX", "city.yaml: no calendar of the country XX"),
        ("closings.yaml", "roles: [operator, leader]", "roles: []", "closings.yaml, entry normal"),
    ],
)  # fmt: skip
def test_a_bad_entry_is_named(folder, name, old, new, said):
    spoil(folder, name, old, new)
    with pytest.raises(CatalogueError, match=said):
        load(folder)


def test_versions_must_begin_one_after_the_other(folder):
    add(folder, "clocks.yaml", """
- {code: same_day, version: 2, kind: working_hours, amount: 1, unit: days}
""")  # fmt: skip
    with pytest.raises(CatalogueError, match="same_day: each version must begin after the one"):
        load(folder)


@pytest.mark.parametrize("name", ["clocks", "duties", "sops", "ladder", "closings"])
def test_a_missing_or_empty_file_is_named(folder, name):
    path = folder / f"{name}.yaml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(CatalogueError, match=f"{name}.yaml: is no list of entries"):
        load(folder)
    path.unlink()
    with pytest.raises(CatalogueError, match=f"{name}.yaml"):
        load(folder)
