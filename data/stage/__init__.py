"""The stage of the city: which one its rules ask for, why, and what would lower it. Pure."""

from data.stage.change import Change, lowering
from data.stage.decide import Code, Decided, Proposed, Refusal, decide, is_open, wants_anew
from data.stage.hold import HELD_MAX, Held, Step, step
from data.stage.judge import CALM, Fired, Ground, Judged, judge
from data.stage.respond import Response, started, stopped

__all__ = [
    "CALM",
    "HELD_MAX",
    "Change",
    "Code",
    "Decided",
    "Fired",
    "Ground",
    "Held",
    "Judged",
    "Proposed",
    "Refusal",
    "Response",
    "Step",
    "decide",
    "is_open",
    "judge",
    "lowering",
    "started",
    "step",
    "stopped",
    "wants_anew",
]
