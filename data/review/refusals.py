"""Why something that people add to a review was refused. Words for it are the screens' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

NAME_LIMIT, TEXT_LIMIT, NOTE_LIMIT, EDIT_LIMIT, REMARK_LIMIT = 60, 300, 500, 600, 1000
"""Letters of a name, of what is promised, of a note, of a message, of a remark."""


class Code(StrEnum):
    """Why nothing was changed. Permanent."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    """There is no such thing, or it is none of what can be chosen."""
    ONE_OF_TWO = "one_of_two"
    """A promise is of an indicator or of a case, and of one of them only."""
    OUTSIDE = "outside"
    """The place is not within the area of the review."""
    NOT_HERE = "not_here"
    """The area does not have this indicator."""
    PAST = "past"
    NOT_LATER = "not_later"
    TOO_FAR = "too_far"
    IN_THE_FUTURE = "in_the_future"
    ENDED = "ended"
    """The case is closed, or the promise decided."""
    STILL_OPEN = "still_open"
    ALREADY = "already"
    """It is so already: carried this week, frozen, withdrawn."""
    NOT_OVER = "not_over"
    """The week is not over."""
    NOT_COUNTED = "not_counted"
    """The page of the week could not be made."""
    WRONG_ROLE = "wrong_role"
    OTHER_AREA = "other_area"
    OTHER_DEPARTMENT = "other_department"
    NOT_YOURS = "not_yours"


TRIED = frozenset({Code.WRONG_ROLE, Code.OTHER_AREA, Code.OTHER_DEPARTMENT, Code.NOT_YOURS})
"""Refusals that the audit keeps: somebody tried what is not theirs."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field. params, by code: limit, length; choices; than (a week)."""

    code: Code
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Nothing was changed. fields: every field that is wrong, in the order of the form.

    Without fields the act as a whole is refused. params, by code: roles (wrong_role);
    area; department; state (ended, still_open); at (already); week (not_over).
    """

    code: Code
    params: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Problem] = field(default_factory=dict)


def refused(fields: Mapping[str, Problem]) -> Refusal | None:
    """Return the refusal of a form with wrong fields, None if none is."""
    first = next(iter(fields.items()), None)
    if first is None:
        return None
    name, problem = first
    return Refusal(problem.code, {"field": name, **problem.params}, dict(fields))


def plain(text: str | None, limit: int, *, lines: bool = False) -> str | Problem:
    """Return a text without what is invisible, or what is wrong: nothing, or too much.

    lines: line ends are kept; else they become spaces.
    """
    told = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c if c.isprintable() or (lines and c == "\n") else " " for c in told)
    found = shown.strip() if lines else " ".join(shown.split())
    if not found:
        return Problem(Code.MISSING)
    if len(found) > limit:
        return Problem(Code.TOO_LONG, {"limit": limit, "length": len(found)})
    return found
