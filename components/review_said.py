"""What is said when somebody else was faster."""

from __future__ import annotations

from collections.abc import Sequence

from components.formats import day_time
from components.i18n import _
from components.review_words import promise_action_word
from data.vocabulary.meeting import PromiseEvent


def overtaken_words(since: Sequence[PromiseEvent]) -> str:
    """Return who did what since the page was drawn; what was typed stays in its form."""
    done = _("; ").join(
        f"{e['by']} {day_time(e['at'])} {promise_action_word(e['action'])}" for e in since
    )
    return _(
        "Not saved: somebody was faster ({done}). What you typed is kept; please choose again."
    ).format(done=done)
