"""Exercises: a real past day shifted in time, played in a store of its own, and scored. Pure."""

from data.exercise.plan import PREFIX, Exercise, PlanError, planned
from data.exercise.score import Drilled, Mark, Score, Step, score

__all__ = [
    "PREFIX",
    "Drilled",
    "Exercise",
    "Mark",
    "PlanError",
    "Score",
    "Step",
    "planned",
    "score",
]
