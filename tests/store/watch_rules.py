"""Rules of kind "watch" for tests."""

from __future__ import annotations

from data.catalogue.alarm_entries import AlarmRule

WORDS = {"zh": "…", "en": "…"}


def rule(measure, minutes=2):
    """Return a rule that watches one thing of the system."""
    return AlarmRule(
        code=f"watch_{measure}",
        name=WORDS,
        priority=2,
        where="city",
        condition={"kind": "watch", "measure": measure, "minutes": minutes},
        answer=WORDS,
        why=WORDS,
    )
