"""What the made-up officers will do on a case: known beforehand, in shares, possible by the rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.cases.clocks import due_at
from data.catalogue import catalogue
from data.commands.demo_accounts import HANDLERS
from data.simulate import limits
from data.simulate.kinds import kinds
from data.simulate.officers_plan import LED, Matter, Turn, ends_at, is_led, plan, turn_of
from data.simulate.rhythm import midnight
from data.vocabulary import CaseAct
from tests.conftest import NOW

A = CaseAct
LIMIT = timedelta(hours=8)
NUMBERS = [f"yuepingan-YPA-2026111{n % 9}-{n:06d}" for n in range(3000)]
FLOOD = Matter(
    no="yuepingan-YPA-20261118-000042", reported_at=NOW, due_at=NOW + LIMIT, department="water",
    co=("emergency", "weather"), sop="flood_risk", by_rule=True,
    steps=(("water", False), ("weather", False), ("emergency", True)),
    others=("health", "dsb", "transport"), called=True,
)  # fmt: skip


def numbered(no):
    return replace(FLOOD, no=no)


def test_the_same_case_has_the_same_plan():
    assert plan(FLOOD) == plan(replace(FLOOD))
    assert plan(FLOOD) != plan(numbered(NUMBERS[0]))


def test_two_thirds_are_led_and_no_matter_of_a_scenario():
    led = sum(is_led(no) for no in NUMBERS) / len(NUMBERS)
    assert led == pytest.approx(LED, abs=0.04)
    assert not any(is_led(f"yuepingan-YPA-20261118-1406{n:03d}") for n in range(300))


def test_turns_and_lateness_come_in_their_shares():
    turns = Counter(turn_of(no) for no in NUMBERS)
    assert turns[Turn.REWORK] / len(NUMBERS) == pytest.approx(0.06, abs=0.015)
    assert turns[Turn.RETURNED] / len(NUMBERS) == pytest.approx(0.07, abs=0.015)
    assert 0 < turns[Turn.WANDERS] < turns[Turn.SUSPENDED] < turns[Turn.EXTENDED]
    parts = [(ends_at(numbered(no)) - NOW) / LIMIT for no in NUMBERS]
    assert sum(part > 1 for part in parts) / len(parts) == pytest.approx(0.06, abs=0.015)
    assert all(0.6 <= part <= 0.9 or part > 1.04 for part in parts)


@pytest.mark.parametrize("turn", list(Turn))
@pytest.mark.parametrize("hours", [0.2, 2, 8, 72])
def test_every_plan_ends_with_a_check_and_a_closing(turn, hours):
    matter = replace(FLOOD, due_at=NOW + timedelta(hours=hours))
    steps = plan(matter, turn=turn)
    assert [s.act for s in steps][:2] == [A.TAKE_LEAD, A.ACKNOWLEDGE]
    assert [s.act for s in steps][-2:] == [A.CHECK_GOOD, A.CLOSE]
    assert [s.at for s in steps] == sorted(s.at for s in steps)
    order = [s.act for s in steps if s.act in (A.DISPATCH, A.ACCEPT, A.START, A.REPORT_BACK)]
    assert order[-2 if turn is not Turn.REWORK else -4] in (A.START, A.ACCEPT)
    assert order.index(A.ACCEPT) < order.index(A.START) < order.index(A.REPORT_BACK)
    signed = {s.act: s.at for s in steps if s.act in (A.DISPATCH, A.ACCEPT)}
    assert signed[A.ACCEPT] - signed[A.DISPATCH] <= timedelta(minutes=8)


@pytest.mark.parametrize(
    ("turn", "act", "times"),
    [
        (Turn.REWORK, A.CHECK_BAD, 1),
        (Turn.RETURNED, A.ASK_RETURN, 1),
        (Turn.WANDERS, A.ASK_RETURN, 3),
        (Turn.EXTENDED, A.ASK_EXTENSION, 1),
        (Turn.SUSPENDED, A.RESUME, 1),
    ],
)
def test_each_turn_shows_its_own_acts(turn, act, times):
    acts = [s.act for s in plan(FLOOD, turn=turn)]
    assert acts.count(act) == times
    assert act not in [s.act for s in plan(FLOOD, turn=Turn.STRAIGHT)]
    asked = sum(acts.count(a) for a in (A.ASK_RETURN, A.ASK_EXTENSION, A.ASK_SUSPENSION))
    assert acts.count(A.GRANT) == asked


@pytest.mark.parametrize("turn", list(Turn))
def test_what_was_reported_to_the_desk_is_verified_and_opened(turn):
    acts = [s.act for s in plan(replace(FLOOD, by_hand=True), turn=turn)]
    assert acts[:3] == [A.REPORT, A.VERIFY, A.OPEN]
    assert A.TAKE_LEAD not in acts
    assert A.START_SOP not in acts, "its rule starts it"


def test_with_nobody_else_nothing_is_sent_wrong():
    acts = [s.act for s in plan(replace(FLOOD, others=()), turn=Turn.WANDERS)]
    assert A.ASK_RETURN not in acts


def test_every_matter_has_a_ready_handler():
    facts = catalogue()
    leads = {
        facts.duty_of(code, level, NOW).lead
        for code, category in facts.categories.items() if category.matter
        for level in (1, 2, 3)
    }  # fmt: skip
    assert leads <= set(HANDLERS)
    assert {c.department for c in facts.categories.values() if c.matter} <= set(HANDLERS)


def test_tickets_of_the_hotline_are_due_as_the_clocks_count():
    """On a Friday, a Saturday, before the National Day and on a make-up Sunday, by the second."""
    facts = catalogue()
    days = [datetime(2026, 9, d, tzinfo=UTC).toordinal() for d in (18, 19, 20, 30)]
    for number in limits.legal_kinds():
        for day in days:
            created = np.array([midnight(day) + s for s in (0, 1, 30_600, 50_000, 86_399)])
            usual = created + 1
            due = limits.due_of(np.full(len(created), number), created, usual)
            for level in (1, 2, 3):
                duty = facts.duty_of(kinds()[number].category, level, NOW)
                rule = facts.clock(duty.clocks.total, NOW)
                for start, end in zip(created.tolist(), due.tolist(), strict=True):
                    at = due_at(rule, datetime.fromtimestamp(start, UTC), facts.calendar)
                    assert int(at.timestamp()) == end, (rule.code, start)


def test_other_requests_keep_their_own_limit():
    number = next(n for n, k in enumerate(kinds()) if k.category == "dispute")
    created, usual = np.array([midnight(NOW.toordinal())]), np.array([7])
    assert limits.due_of(np.array([number]), created, usual).tolist() == [7]
