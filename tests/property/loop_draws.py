"""What is drawn for the machine of the loop: who acts, with which fields, where it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from data.cases.loop import (
    Code,
)
from data.cases.rules import TIES
from data.vocabulary import CallBack, Closing, Level, Role
from tests.loop_walk import (
    CHECKER,
    COUNTY_OPERATOR,
    HEALTH,
    LEADER,
    OPERATOR,
    OTHER_OPERATOR,
    PLATFORM,
    SECOND_LEADER,
    START,
    VIEWER,
    WATER,
    A,
)

BOTH_SIDES = [replace(WATER, role=Role.OPERATOR), replace(HEALTH, role=Role.LEADER)]
"""The same persons with another role later: what they did themselves stays theirs."""
ACTORS = [OPERATOR, CHECKER, LEADER, SECOND_LEADER, WATER, HEALTH, COUNTY_OPERATOR, OTHER_OPERATOR,
          VIEWER, PLATFORM, *BOTH_SIDES]  # fmt: skip
STANDING = frozenset(
    {
        Code.NOT_ALLOWED_IN_STATE,
        Code.WRONG_ROLE,
        Code.OTHER_AREA,
        Code.OTHER_DEPARTMENT,
        Code.ENDED,
        Code.ALREADY_PENDING,
        Code.NOTHING_PENDING,
        Code.ALREADY_DONE,
        Code.OWN_CHECK,
        Code.OWN_APPROVAL,
    }
)
"""Why an act may be refused whatever its fields are."""
WITH_REASON = frozenset(
    {
        A.REJECT,
        A.REPORT_BACK,
        A.CHECK_BAD,
        A.FORCE_CLOSE,
        A.REOPEN,
        A.ASK_RETURN,
        A.ASK_EXTENSION,
        A.ASK_SUSPENSION,
        A.DENY,
        A.SUPERVISE,
        A.APPEAL,
        A.DECIDE_APPEAL,
        A.NOTE,
    }
)
STRAIGHT = (
    (OPERATOR, A.VERIFY, {}),
    (OPERATOR, A.OPEN, {}),
    (OPERATOR, A.DISPATCH, {"department": "water", "due_at": START + timedelta(days=9)}),
    (WATER, A.ACCEPT, {}),
    (WATER, A.START, {}),
    (WATER, A.REPORT_BACK, {"note": "已修复"}),
    (CHECKER, A.CHECK_GOOD, {}),
    (OPERATOR, A.CLOSE, {}),
)
LATER = {"reason": "等待配件", "review_at": START + timedelta(days=4)}
ASIDE = {
    "suspended": (*STRAIGHT[:5], (WATER, A.ASK_SUSPENSION, LATER), (LEADER, A.GRANT, {})),
    "returning": (*STRAIGHT[:3], (WATER, A.ASK_RETURN, {"reason": "非本单位职责"})),
    "rework": (*STRAIGHT[:6], (CHECKER, A.CHECK_BAD, {"note": "未修好"})),
    "rejected": ((OPERATOR, A.REJECT, {"reason": "查无此事"}),),
    "appealed": (
        *STRAIGHT[:5],
        (LEADER, A.SUPERVISE, {"colour": 2, "note": "进展缓慢"}),
        (WATER, A.APPEAL, {"card": 1, "reason": "等待配件"}),
    ),
}
BEGINNINGS = [*(STRAIGHT[:n] for n in range(9)), *ASIDE.values()]
"""Anywhere on the straight way or a step aside of it, so that the far states are reached."""
ENDINGS = frozenset({A.REJECT, A.MERGE, A.FORCE_CLOSE})
"""They end most walks too soon, so they are chosen apart."""
DEPARTMENTS = st.sampled_from(["water", "health", "fire"])
TEXT = st.sampled_from(["理由", "a" * 500, "一句话"])
DAYS = st.integers(-1, 20).map(lambda n: timedelta(days=n))
LUCK = st.randoms(use_true_random=True)
"""Fair dice: hypothesis prefers the first of a list, and the far states would stay unseen."""
STEPS = st.integers(0, 3 * 86400).map(lambda n: timedelta(seconds=n))


def fields_of(act, draw, now, case):
    """Return fields that are likely right for an act; times sometimes are not."""
    due = case.due_at or now
    card = case.cards[-1].id if case.cards else 1
    made = _on_the_way(draw, now) | _asked(draw, now, due) | _beside(draw, card)
    return made.get(act, dict)()


def _on_the_way(draw, now):
    return {
        A.OPEN: lambda: {"due_at": now + draw(DAYS)} if draw(st.booleans()) else {},
        A.DISPATCH: lambda: {
            "department": draw(DEPARTMENTS),
            "co_departments": draw(st.lists(DEPARTMENTS, max_size=2)),
            "reason": draw(TEXT),
            "due_at": now + draw(DAYS),
        },
        A.REPORT_BACK: lambda: {"note": draw(TEXT)},
        A.CHECK_BAD: lambda: {"note": draw(TEXT)},
        A.CLOSE: lambda: {
            "kind": draw(st.sampled_from([Closing.NORMAL, Closing.ERROR, Closing.SPECIAL])),
            "reason": draw(TEXT),
        },
        **{act: lambda: {"reason": draw(TEXT)} for act in (A.REJECT, A.FORCE_CLOSE, A.REOPEN)},
    }


def _asked(draw, now, due):
    return {
        A.ASK_RETURN: lambda: {"reason": draw(TEXT)},
        A.ASK_EXTENSION: lambda: {"reason": draw(TEXT), "until": max(due, now) + draw(DAYS)},
        A.ASK_SUSPENSION: lambda: {"reason": draw(TEXT), "review_at": now + draw(DAYS)},
        A.GRANT: lambda: {"until": due + draw(DAYS)} if draw(st.integers(0, 4)) == 0 else {},
        A.DENY: lambda: {"note": draw(TEXT)},
    }


def _beside(draw, card):
    return {
        A.SUPERVISE: lambda: {
            "colour": draw(st.integers(1, 3)),
            "note": draw(TEXT),
            "level": draw(st.sampled_from(Level)),
        },
        A.APPEAL: lambda: {"card": card, "reason": draw(TEXT)},
        A.DECIDE_APPEAL: lambda: {"card": card, "upheld": draw(st.booleans()), "reason": "定"},
        A.MERGE: lambda: {"parent": "C2"},
        A.LINK: lambda: {"kind": draw(st.sampled_from(TIES)), "other": "C2", "ref": "W1"},
        A.NOTE: lambda: {"note": draw(TEXT)},
        A.CALL_BACK: lambda: {"result": draw(st.sampled_from(CallBack)), "reason": "说明"},
        A.ASSIGN_TASK: lambda: {"department": draw(DEPARTMENTS), "activity": "查看"},
        A.MOVE_TASK: lambda: {"task": 1, "department": draw(DEPARTMENTS), "move": "started"},
        A.START_SOP: lambda: {"sop": "flood"},
        A.STEP_SOP: lambda: {"sop": "flood", "step": 1, "move": "done"},
        A.SOURCE_SAID: lambda: {"said": "closed"},
    }


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(),
                     st.just("x" * 5000), st.datetimes(), st.lists(st.integers(), max_size=2),
                     st.dictionaries(st.text(max_size=2), st.integers(), max_size=2))  # fmt: skip
NAMES = st.sampled_from(
    ["note", "reason", "department", "co_departments", "level", "due_at", "kind", "colour", "card",
     "until", "review_at", "result", "pending", "upheld", "detail", "rule", "task", "x"]
)  # fmt: skip
