"""Whether what was sent is plain: no depth that nobody means, no letters that no store keeps."""

from __future__ import annotations

import math
from typing import Any

DEEPEST = 20
MOST_PARTS = 40_000
LONGEST_NUMBER = 10**15


def unplain(value: Any) -> str:
    """Return why a JSON value is refused, "" for a plain one.

    Refused: more than 20 levels, more than 40 000 parts, U+0000 and lone surrogates (PostgreSQL
    takes neither), numbers that are none or larger than any of ours.
    """
    waiting, seen = [(value, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            return "too deep"
        if seen > MOST_PARTS:
            return "too many parts"
        if isinstance(part, str):
            if bad_text(part):
                return "letters that no store keeps"
        elif isinstance(part, dict):
            waiting += [(key, depth + 1) for key in part]
            waiting += [(child, depth + 1) for child in part.values()]
        elif isinstance(part, list):
            waiting += [(child, depth + 1) for child in part]
        elif isinstance(part, int | float) and not _sane(part):
            return "a number out of range"
    return ""


def bad_text(text: str) -> bool:
    """Return whether a text holds U+0000 or half of a letter."""
    if text.isascii():
        return "\x00" in text
    return "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text)


def _sane(number: float) -> bool:
    return math.isfinite(number) and abs(number) <= LONGEST_NUMBER
