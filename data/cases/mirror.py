"""What a platform's words mean for a case that is kept as the platform tells it. Pure.

The platform runs such a case: its state is taken as told, whatever came before. Decision 0016.
"""

from __future__ import annotations

from collections.abc import Mapping

from data.vocabulary import ENDED, CallBack, CaseState, Holder

DEPARTMENTS = frozenset(
    {CaseState.DISPATCHED, CaseState.ACCEPTED, CaseState.HANDLING, CaseState.REWORK}
)
AT_WORK = DEPARTMENTS | {CaseState.SUSPENDED}


def state_told(words: str, states: Mapping[str, CaseState], *, closed: bool) -> CaseState:
    """Return the state that a request's status and notes tell; the first word found decides."""
    found = next((state for word, state in states.items() if word in words), CaseState.OPENED)
    if closed:
        return found if found in ENDED else CaseState.CLOSED
    return CaseState.OPENED if found in ENDED else found


def holder_of(state: CaseState) -> Holder:
    """Return in whose court a case in this state is."""
    if state in ENDED:
        return Holder.NOBODY
    if state is CaseState.SUSPENDED:
        return Holder.SUSPENDED
    return Holder.DEPARTMENT if state in DEPARTMENTS else Holder.CENTRE


def counted(before: CaseState, after: CaseState) -> tuple[str, ...]:
    """Return the counters of a case that this step raises."""
    if before is after:
        return ()
    if after is CaseState.REWORK:
        return ("rework",)
    if after is CaseState.SUSPENDED:
        return ("suspensions",)
    if after is CaseState.OPENED and before in AT_WORK:
        return ("returns", "transfers")
    return ()


_CALL_BACKS = (
    (CallBack.EXCLUDED, ("不予回访", "不回访", "剔除", "无需回访", "excluded", "not called")),
    (CallBack.UNREACHED, ("未接通", "无人接听", "未联系上", "联系不上", "关机", "空号", "停机",
                          "unreached", "not reached", "no answer")),
    (CallBack.REFUSED, ("拒访", "拒绝", "不愿", "不作评价", "未评价", "refused", "declined")),
    (CallBack.DISSATISFIED, ("不满意", "dissatisfied", "unsatisfied", "not satisfied")),
    (CallBack.SATISFIED, ("满意", "satisfied")),
)  # fmt: skip
"""Most particular first: 不满意 holds 满意."""


def call_back_told(words: str) -> CallBack | None:
    """Return what a call-back gave, as hotlines write it; None if the words say nothing known."""
    low = words.strip().lower()
    return next((kind for kind, told in _CALL_BACKS if any(w in low for w in told)), None)
