"""How the closed loop is spoken of: its words, and why an act was refused."""

from __future__ import annotations

from components.loop_terms import (
    act_word,
    asked_word,
    call_back_word,
    closing_word,
    colour_word,
    holder_word,
    link_word,
    role_word,
    state_word,
)
from components.refusal_words import field_word, refusal_words

__all__ = [
    "act_word",
    "asked_word",
    "call_back_word",
    "closing_word",
    "colour_word",
    "field_word",
    "holder_word",
    "link_word",
    "refusal_words",
    "role_word",
    "state_word",
]
