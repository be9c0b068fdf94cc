"""Who shares, how much came, which debts the figures suggest."""

import pytest

from data.settings import Settings
from data.sharing.rules import complete, percent, proposals, sharing, silo
from data.sharing.words import Silo
from data.vocabulary import SourceState
from tests import samples_sources as samples
from tests.samples import NOW


@pytest.mark.parametrize("state", ["fresh", "late", "failed"])
def test_a_department_shares_while_the_last_values_of_one_source_hold(state):
    assert silo(states=["silent", state], indicators=3) is Silo.OPEN


@pytest.mark.parametrize("states", [["silent"], ["never", "silent"]])
def test_a_department_whose_sources_all_stopped_has_gone_quiet(states):
    assert silo(states=states, indicators=3) is Silo.QUIET


def test_a_department_without_a_source_is_a_silo_only_if_it_owns_indicators():
    assert silo(states=[], indicators=1) is Silo.NONE
    assert silo(states=[], indicators=0) is Silo.UNLISTED
    assert {s.value for s in SourceState} >= {"silent", "never", "failed", "late", "fresh"}


def test_the_share_counts_only_departments_that_something_is_expected_of():
    assert sharing(samples.departments()) == {"part": 1, "whole": 3}
    assert sharing([]) == {"part": 0, "whole": 0}


def test_a_share_of_periods_is_a_sum_over_a_sum():
    assert complete([samples.cell(1, 1), samples.cell(0, 99)]) == {"part": 1, "whole": 100}


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, None), (0, 5, 0.0), (5, 5, 100.0), (99999, 100000, 99.9), (6, 5, 100.0)],
)
def test_a_share_is_100_only_when_nothing_is_missing_and_nothing_of_nothing(part, whole, shown):
    assert percent({"part": part, "whole": whole}) == shown


def suggested(*lines, departments=(), debts=()):
    return [p["key"] for p in proposals(lines, departments, debts, now=NOW)]


def test_a_source_silent_for_a_day_is_proposed_and_one_silent_for_an_hour_is_not():
    assert suggested(samples.silent()) == ["silent.hotline.dsb."]
    assert suggested(samples.silent(last_ok_at=NOW - 3600)) == []
    assert suggested(samples.silent(state="never", last_ok_at=None)) == ["never.hotline.dsb."]


def test_a_unit_with_gaps_or_long_zeros_is_proposed():
    zeros = samples.unit(complete={"part": 24, "whole": 24}, findings=[samples.finding()])
    assert suggested(samples.line(units=[zeros])) == ["zeros.beds.health.441621"]
    full = samples.unit("441602", complete={"part": 24, "whole": 24})
    gaps = samples.line(units=[samples.unit(), full])
    assert suggested(gaps) == ["gaps.beds.health.441621"]
    few = samples.unit(complete={"part": 1, "whole": 4})
    assert suggested(samples.line(units=[few, full])) == []


def test_gaps_of_every_unit_are_one_debt_of_the_source():
    units = [samples.unit(a) for a in ("441602", "441621")]
    assert suggested(samples.line(units=units)) == ["gaps.beds.health."]


def test_a_department_without_a_source_is_proposed():
    assert suggested(departments=samples.departments()) == ["no_source..psb."]


def test_what_is_on_the_board_is_not_proposed_again():
    taken = samples.debt(kind="silent", source="hotline", department="dsb")
    assert suggested(samples.silent(), debts=[taken]) == []
    assert suggested(samples.silent(), debts=[{**taken, "area": "441602"}]) != []


def test_acting_is_on_in_the_demo_and_off_elsewhere_unless_said():
    assert Settings(demo=True).stewarding is True
    assert Settings(demo=False).stewarding is False
    assert Settings(demo=False, steward=True).stewarding is True
    assert Settings(demo=True, steward=False).stewarding is False
