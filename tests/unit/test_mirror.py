"""What a platform's words mean, and what a made-up request goes through."""

from __future__ import annotations

import numpy as np
import pytest

from data.cases.mirror import call_back_told, counted, holder_of, state_told
from data.simulate.detours import Detour, detours, way
from data.vocabulary import CallBack, CaseState, Holder

STATES = {"返工": CaseState.REWORK, "处置中": CaseState.HANDLING, "不予受理": CaseState.REJECTED}


@pytest.mark.parametrize(
    ("words", "closed", "state"),
    [
        ("返工处置中", False, CaseState.REWORK),
        ("处置中", True, CaseState.CLOSED),
        ("不予受理", True, CaseState.REJECTED),
        ("不予受理", False, CaseState.OPENED),
        ("", False, CaseState.OPENED),
    ],
)
def test_the_first_word_found_decides_and_open_or_closed_is_believed(words, closed, state):
    assert state_told(words, STATES, closed=closed) is state


def test_every_state_is_in_exactly_one_court():
    assert {holder_of(s) for s in CaseState} == {
        Holder.CENTRE, Holder.DEPARTMENT, Holder.SUSPENDED, Holder.NOBODY,
    }  # fmt: skip


def test_sent_back_is_counted_only_from_a_department():
    assert counted(CaseState.HANDLING, CaseState.OPENED) == ("returns", "transfers")
    assert counted(CaseState.REPORTED, CaseState.OPENED) == ()
    assert counted(CaseState.REWORK, CaseState.REWORK) == ()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("非常满意", CallBack.SATISFIED),
        ("不满意", CallBack.DISSATISFIED),
        ("Not satisfied", CallBack.DISSATISFIED),
        ("三次无人接听", CallBack.UNREACHED),
        ("拒绝评价", CallBack.REFUSED),
        ("不予回访", CallBack.EXCLUDED),
        ("", None),
        ("已短信告知", None),
    ],
)
def test_a_call_back_is_told_in_the_words_of_a_hotline(words, kind):
    assert call_back_told(words) is kind


def test_a_detour_lies_within_its_step_and_scripted_requests_go_straight():
    times = np.array([[0, 100, 300, 9000, 12000]] * 4000)
    salt = np.arange(4000)
    found = detours(times, salt)
    assert set(found.kind) == set(Detour)
    for kind, away, back in zip(found.kind, found.away, found.back, strict=True):
        moments = [at for _, at in way(tuple(times[0]), kind, away, back)]
        assert moments == sorted(moments)
    assert not detours(times, salt - 5000).kind.any()
