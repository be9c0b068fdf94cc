"""What an address means by `at=`: an instant to look back to, as people and programs write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from data.vocabulary import LOCAL

SLACK = timedelta(seconds=60)
"""Clocks of screens and servers differ; so much of the future is taken for now."""
_EPOCH = re.compile(r"-?\d{9,14}(\.\d{1,6})?")
_ZONE = re.compile(r"(T\d{2}:?\d{2}(?::?\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$")
"""A plus sign in an address is read as a space."""


class AtFault(StrEnum):
    """Why an instant cannot be looked at."""

    UNREADABLE = "unreadable"
    FUTURE = "future"
    TOO_EARLY = "too_early"
    UNKNOWN = "unknown"
    """The store cannot say what it holds."""


def instant_of(text: str) -> datetime | None:
    """Return the instant a text means, in UTC; local time unless it names a zone; None: unreadable.

    Taken are `2026-11-20T14:05`, with seconds, with a space instead of the T, the day alone (its
    midnight), any of them with a zone (`Z`, `+08:00`), and epoch seconds or milliseconds.
    """
    written = _ZONE.sub(r"\1+\2", text.strip())
    if not written or len(written) > 40 or not written.isascii():
        return None
    try:
        if _EPOCH.fullmatch(written):
            number = float(written)
            return datetime.fromtimestamp(number / (1000 if abs(number) >= 1e11 else 1), UTC)
        found = datetime.fromisoformat(written)
        zoned = found if found.tzinfo else found.replace(tzinfo=LOCAL)
        return zoned.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError, OSError):
        return None


def read_at(text: str, *, first: datetime | None, now: datetime) -> datetime | AtFault:
    """Return the instant asked for, or why it cannot be looked at.

    first: the earliest instant of which anything is known, None if nothing is known at all.
    An instant up to a minute ahead is taken for now.
    """
    at = instant_of(text)
    if at is None:
        return AtFault.UNREADABLE
    if at > now + SLACK:
        return AtFault.FUTURE
    if first is None or at < first:
        return AtFault.TOO_EARLY
    return min(at, now)


def written(at: datetime) -> str:
    """Return an instant as addresses carry it: local time, seconds only where there are any."""
    local = at.astimezone(LOCAL)
    return f"{local:%Y-%m-%dT%H:%M:%S}" if local.second else f"{local:%Y-%m-%dT%H:%M}"
