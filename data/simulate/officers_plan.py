"""What the made-up officers do on a case and when, known from its number and its limit. Pure.

A plan is complete when it is made, future included: who drives it does what is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from data.simulate import officers_words as words
from data.simulate.randomness import share
from data.vocabulary import CallBack, CaseAct

LED = 2 / 3
"""Of the matters: the others stay with their platform, so that both kinds are seen."""
LATE = 0.06
SCRIPTED_DIGITS = 7
"""Numbers of scenarios have as many digits: their story is the platform's to tell."""
BRIEF = timedelta(hours=4)
"""In a shorter case everything is done faster."""
SHORTEST = timedelta(minutes=10)
"""From the start of the work to the end of a case."""

OPERATOR, CHECKER, LEADER, RULE = "operator", "checker", "leader", "rule"
"""Who acts in a step; any other word is the code of a department."""


class Turn(StrEnum):
    """What makes a case more than the straight way."""

    STRAIGHT = "straight"
    REWORK = "rework"
    RETURNED = "returned"
    WANDERS = "wanders"
    EXTENDED = "extended"
    SUSPENDED = "suspended"


SHARES = {
    Turn.REWORK: 0.06,
    Turn.RETURNED: 0.07,
    Turn.WANDERS: 0.01,
    Turn.EXTENDED: 0.05,
    Turn.SUSPENDED: 0.03,
}


@dataclass(frozen=True)
class Matter:
    """What a plan is made of. due_at: the first one, before anything moved it.

    department, co: of the duty. steps: departments of the procedure's steps, with whether the
    step has a condition. by_rule: a rule starts it. others: departments it may wrongly go to.
    by_hand: an officer reported it, so it is verified and opened first; the rule's procedure
    then starts by itself.
    """

    no: str
    reported_at: datetime
    due_at: datetime
    department: str
    co: tuple[str, ...] = ()
    sop: str | None = None
    by_rule: bool = False
    steps: tuple[tuple[str, bool], ...] = ()
    others: tuple[str, ...] = ()
    called: bool = False
    by_hand: bool = False


@dataclass(frozen=True)
class Step:
    """One act that is due. fields: as the rules want them; "task" counts from 0 in the case."""

    at: datetime
    act: CaseAct
    by: str
    fields: Mapping[str, Any] = field(default_factory=dict)


Plan = tuple[Step, ...]


def is_led(no: str) -> bool:
    """Return whether the officers lead a matter of this number; a scenario's they never do."""
    scripted = len(no.rpartition("-")[2]) >= SCRIPTED_DIGITS
    return not scripted and share(0, "led", no) < LED


def turn_of(no: str) -> Turn:
    """Return what happens on the way of a case."""
    draw = share(0, "turn", no)
    for turn, part in SHARES.items():
        if draw < part:
            return turn
        draw -= part
    return Turn.STRAIGHT


def ends_at(matter: Matter) -> datetime:
    """Return when a case is closed: most within 60 to 90 % of their limit, some late."""
    late, draw = share(0, "late", matter.no) < LATE, share(0, "end", matter.no)
    part = 1.05 + 0.4 * draw if late else 0.6 + 0.3 * draw
    return matter.reported_at + (matter.due_at - matter.reported_at) * part


def plan(matter: Matter, *, turn: Turn | None = None, end: datetime | None = None) -> Plan:
    """Return everything that is done on a case, in order.

    turn, end: instead of those drawn from its number; the last act is at `end`.
    """
    course = _Course(matter, turn or turn_of(matter.no), end or ends_at(matter))
    course.go()
    return tuple(sorted(course.steps, key=lambda step: step.at))


class _Course:
    """A plan while it is made."""

    def __init__(self, matter: Matter, turn: Turn, end: datetime) -> None:
        if turn in (Turn.RETURNED, Turn.WANDERS) and not matter.others:
            turn = Turn.STRAIGHT
        self.matter, self.turn, self.end = matter, turn, end
        self.steps: list[Step] = []
        span = max(end - matter.reported_at, timedelta(minutes=5))
        self.pace = min(1.0, span / BRIEF)

    def go(self) -> None:
        """Write the steps from the first look to the end."""
        received = self._receive()
        started = self._sent(received)
        self.end = max(self.end, started + SHORTEST)
        back = max(self.end - self._minutes(12, 26, "check"), started + (self.end - started) * 0.8)
        self._procedure(received, back)
        self._work(started, back)
        self._asks(started, back)
        self._finish(started, back)

    def _receive(self) -> datetime:
        at = self.matter.reported_at + self._minutes(0.6, 1.8, "lead")
        if self.matter.by_hand:
            return self._opened()
        self._do(at, CaseAct.TAKE_LEAD, OPERATOR)
        self._do(at, CaseAct.ACKNOWLEDGE, OPERATOR)
        if self._draw("verified") < 0.35:
            at += self._minutes(0.6, 1.5, "verify")
            self._do(at, CaseAct.NOTE, OPERATOR, note=self._say(words.VERIFIED))
        return at

    def _opened(self) -> datetime:
        """Verify and open what was reported to the desk. The report is its first step."""
        at = self.matter.reported_at
        self._do(at, CaseAct.REPORT, OPERATOR)
        at += self._minutes(6, 14, "verify")
        self._do(at, CaseAct.VERIFY, OPERATOR, note=self._say(words.VERIFIED))
        at += self._minutes(1, 3, "open")
        self._do(at, CaseAct.OPEN, OPERATOR)
        return at

    def _sent(self, at: datetime) -> datetime:
        """Send it to whom it belongs, perhaps by a way round; return when the work begins."""
        wrong = {Turn.RETURNED: 1, Turn.WANDERS: 3}.get(self.turn, 0)
        others = self.matter.others
        first = int(self._draw("wrong") * len(others)) if others else 0
        for time in range(wrong):
            at += self._minutes(1.5, 4, f"dispatch{time}")
            at = self._returned(at, others[(first + time) % len(others)])
        if self.turn is Turn.WANDERS:
            at = max(at, self.matter.reported_at + (self.end - self.matter.reported_at) * 0.6)
        at += self._minutes(1.5, 4.5, "dispatch")
        more: dict[str, Any] = {"co_departments": self.matter.co} if self.matter.co else {}
        if wrong:
            more["reason"] = self._say(words.DISPATCH_AGAIN)
        lead = self.matter.department
        self._do(at, CaseAct.DISPATCH, OPERATOR, department=lead, **more)
        at += self._minutes(1.5, 8, "accept")
        self._do(at, CaseAct.ACCEPT, lead)
        at += self._minutes(4, 14, "start")
        self._do(at, CaseAct.START, lead)
        return at

    def _returned(self, at: datetime, wrong: str) -> datetime:
        self._do(at, CaseAct.DISPATCH, OPERATOR, department=wrong)
        at += self._minutes(6, 14, f"return{wrong}")
        told = {"reason": self._say(words.RETURN), "suggests": self.matter.department}
        self._do(at, CaseAct.ASK_RETURN, wrong, **told)
        at += self._minutes(4, 10, f"granted{wrong}")
        self._do(at, CaseAct.GRANT, LEADER, note=self._say(words.RETURNED))
        return at

    def _procedure(self, at: datetime, back: datetime) -> None:
        sop, steps = self.matter.sop, self.matter.steps
        if sop is None:
            return
        at += timedelta(seconds=20)
        if not (self.matter.by_rule and self.matter.by_hand):
            by = RULE if self.matter.by_rule else OPERATOR
            self._do(at, CaseAct.START_SOP, by, sop=sop)
        first = max(s.at for s in self.steps if s.act is CaseAct.START) + timedelta(seconds=30)
        for no, (department, condition) in enumerate(steps, 1):
            done = first + (back - first) * (no / (len(steps) + 1))
            skip = condition and self._draw(f"skip{no}") < 0.3
            more = {"note": words.SKIPPED[0]} if skip else {}
            mine = department == self.matter.department
            move = "skipped" if skip else "done"
            self._do(
                done, CaseAct.STEP_SOP, department if mine else OPERATOR,
                sop=sop, step=no, move=move, **more,
            )  # fmt: skip

    def _work(self, started: datetime, back: datetime) -> None:
        for task, department in enumerate(self.matter.co):
            marks = (0.06, 0.12, 0.55 + 0.3 * self._draw(f"task{task}"))
            for move, mark in zip(("arrived", "started", "ended"), marks, strict=True):
                at = started + (back - started) * (mark + 0.01 * task)
                more = {"result": self._say(words.TASK)} if move == "ended" else {}
                told = {"task": task, "department": department, "move": move, **more}
                self._do(at, CaseAct.MOVE_TASK, department, **told)
        if self._draw("progress") < 0.4:
            at = started + (back - started) * 0.47
            self._do(at, CaseAct.NOTE, self.matter.department, note=self._say(words.PROGRESS))

    def _asks(self, started: datetime, back: datetime) -> None:
        """Ask for more time, or for a pause; the leader takes a while to decide."""
        span, own = back - started, self.matter.department
        asked, decided = started + span * 0.3, started + span * 0.42
        if self.turn is Turn.EXTENDED:
            until = self.matter.due_at + (self.matter.due_at - self.matter.reported_at) / 2
            told = {"reason": self._say(words.EXTENSION), "until": max(until, decided + span)}
            self._do(asked, CaseAct.ASK_EXTENSION, own, **told)
            self._do(decided, CaseAct.GRANT, LEADER, note=self._say(words.EXTENDED))
        elif self.turn is Turn.SUSPENDED:
            told = {"reason": self._say(words.SUSPENSION), "review_at": started + span * 0.8}
            self._do(asked, CaseAct.ASK_SUSPENSION, own, **told)
            self._do(decided, CaseAct.GRANT, LEADER, note=words.SUSPENDED[0])
            self._do(started + span * 0.7, CaseAct.RESUME, own, note=words.RESUME[0])

    def _finish(self, started: datetime, back: datetime) -> None:
        own, rest = self.matter.department, self.end - back
        if self.turn is Turn.REWORK:
            first = started + (back - started) * 0.62
            bad = first + self._minutes(4, 9, "bad")
            self._do(first, CaseAct.REPORT_BACK, own, note=self._say(words.REPORT))
            self._do(bad, CaseAct.CHECK_BAD, CHECKER, note=self._say(words.BAD))
            self._do(bad + (back - bad) * 0.3, CaseAct.START, own)
        said = words.AGAIN if self.turn is Turn.REWORK else words.REPORT
        self._do(back, CaseAct.REPORT_BACK, own, note=self._say(said))
        if self.matter.called:
            self._call(back + rest * 0.4)
        self._do(back + rest * 0.7, CaseAct.CHECK_GOOD, CHECKER, note=self._say(words.GOOD))
        self._do(self.end, CaseAct.CLOSE, CHECKER)

    def _call(self, at: datetime) -> None:
        draw = self._draw("call")
        result = next(kind for limit, kind in _CALLED if draw < limit)
        more = {"reason": words.EXCLUDED[0]} if result is CallBack.EXCLUDED else {}
        self._do(at, CaseAct.CALL_BACK, CHECKER, result=result, **more)

    def _do(self, at: datetime, act: CaseAct, by: str, **fields: Any) -> None:
        self.steps.append(Step(at.replace(microsecond=0), act, by, fields))

    def _draw(self, what: str) -> float:
        return share(0, what, self.matter.no)

    def _say(self, phrases: tuple[str, ...]) -> str:
        return words.one(phrases, self._draw(phrases[0]))

    def _minutes(self, low: float, high: float, what: str) -> timedelta:
        return timedelta(minutes=(low + (high - low) * self._draw(what)) * self.pace)


_CALLED = (
    (0.76, CallBack.SATISFIED),
    (0.83, CallBack.DISSATISFIED),
    (0.93, CallBack.UNREACHED),
    (0.98, CallBack.REFUSED),
    (1.01, CallBack.EXCLUDED),
)
"""As the hotline's own calls, see detours."""
