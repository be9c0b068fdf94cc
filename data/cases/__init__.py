"""Rules of the closed loop: its steps, and in `loop` what may be done to a case. Pure."""

from data.vocabulary import Stage

STEPS = {
    Stage.REPORTED: 1,
    Stage.OPENED: 1,
    Stage.DISPATCHED: 2,
    Stage.HANDLING: 3,
    Stage.CHECKING: 4,
    Stage.CLOSED: 5,
}
"""Place of each stage in the five-step bar: open, dispatch, handle, check, close."""
